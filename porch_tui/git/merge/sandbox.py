"""Folders in which git merges by the attributes of one commit, and with the files that merge drivers need.

`git merge-tree` takes `.gitattributes` from the files of the worktree it runs in: modified ones, of another
commit, or none; each gives other results than `git merge` would (measured with git 2.39). So it runs where
only the right ones are. Merge drivers run there too, and may leave files behind.

A driver is a command line that git runs at the top of a worktree. One that is kept in the repository, such
as `./tools/merge.sh %O %A %B`, or that reads files there, needs these files. For it the whole commit is
checked out, as in the checkout in which `git merge` runs.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from porch_tui.git.changes import COMPARE, REGULAR, parse_changes
from porch_tui.git.configuration import effective
from porch_tui.git.locks import exclusive
from porch_tui.git.objects import known_tree
from porch_tui.git.repository import Repository
from porch_tui.git.runner import NO_VARIABLES, Git
from porch_tui.git.working_tree import WorkingTree

_EMPTY_SHA1 = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_EMPTY_SHA256 = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
_MERGING = "merging"
_LONGEST_MERGE_S = 600.0
"""A driver that takes longer hangs."""
_KNOWN_TREES = 1000

_DRIVER = re.compile(r"(?P<kind>merge)\.(?P<name>.*)\.driver", re.DOTALL)
_FILTER = re.compile(r"(?P<kind>filter)\.(?P<name>.*)\.(?:clean|process)", re.DOTALL)
_ATTRIBUTE = re.compile(r"(?<!\S)(?:merge|filter)=\S+")
_WORD = re.compile(r"[^\s;|&<>()\"'`=]+")
_NEED_NO_FILES = {":", "cat", "cp", "exit", "false", "git", "mergiraf", "true", "weave-driver"}
"""Programs that need only the three versions they are given; of all others that is unknown."""
_FROM_NODE_MODULES = {"bunx", "node", "npm", "npx", "pnpm", "yarn"}

_last: dict[Path, Path] = {}
"""By scratch folder. A guess: only `attribute_sandbox` knows."""

_attribute_files: dict[str, list[tuple[str, str]]] = {}
"""By tree: what is in one never changes."""


def attribute_sandbox(
    repository: Repository, scratch: Path, commit: str, environment: Mapping[str, str] = NO_VARIABLES
) -> Git:
    """Return git in a folder under `scratch` that holds exactly the `.gitattributes` files of `commit`.

    Made once for each set of such files, almost always one a run; safe to call from many threads.
    `environment` says where objects are, if not in the repository alone.
    """
    git = repository.main.git_with(environment)
    files = _attribute_files_of(git, commit)
    hashed = b"\0".join(os.fsencode(path) + b"\0" + oid.encode() for path, oid in files)
    folder = scratch / f"attributes-{hashlib.sha256(hashed).hexdigest()[:16]}"
    if not folder.is_dir():
        scratch.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=scratch, prefix="filling-"))
        for path, oid in files:
            (aside / path).parent.mkdir(parents=True, exist_ok=True)
            (aside / path).write_bytes(git.run("cat-file", "blob", oid).stdout)
        try:
            aside.rename(folder)
        except OSError:
            shutil.rmtree(aside)
            if not folder.is_dir():  # another thread filling it first is fine; anything else is not
                raise
    _last[scratch] = folder
    return _git_in(repository, scratch, folder, environment)


def last_sandbox(repository: Repository, scratch: Path) -> Git | None:
    """Return the sandbox that was right last time; None if there was none, or it is gone."""
    folder = _last.get(scratch)
    return _git_in(repository, scratch, folder, NO_VARIABLES) if folder and folder.is_dir() else None


def needs_files(repository: Repository, sandbox: Git) -> bool:
    """Whether merging there asks for a driver that may need files: see `merging_sandbox`."""
    return bool(_needy_drivers(repository, sandbox.cwd))


@contextmanager
def merging_sandbox(
    repository: Repository,
    scratch: Path,
    commit: str,
    sandbox: Git,
    environment: Mapping[str, str] = NO_VARIABLES,
) -> Iterator[Git]:
    """Yield git in a folder in which to merge into `commit`: with all its files if drivers may need them.

    Otherwise that is the `sandbox` with its attributes. There is one folder with files, so one merge at a
    time runs in it.
    """
    commands = _needy_drivers(repository, sandbox.cwd)
    if not commands:
        yield sandbox
        return
    place = scratch / _MERGING
    with exclusive(scratch / "merging.lock", "merge with a driver of the repository", _LONGEST_MERGE_S):
        tree = _checked_out(repository, place, commit, environment)
        if tree is None:
            yield sandbox
            return
        for name in _untracked_names(repository.root, tree.path, commands):
            (tree.path / name).symlink_to(repository.root / name)
        # drivers run as in a checkout, without GIT_DIR
        yield Git(tree.path, {**repository.main.object_environment, **environment})


def clear_away(scratch: Path) -> None:
    """Delete the files that were checked out for drivers, a whole worktree. No merge may be running."""
    shutil.rmtree(scratch / _MERGING, ignore_errors=True)


def _checked_out(
    repository: Repository, place: Path, commit: str, environment: Mapping[str, str]
) -> WorkingTree | None:
    """Check a commit out in a worktree of which git has no record, and leave nothing else there.

    None if git cannot, for want of a filter, say: then a driver has to do without.
    """
    tree, admin = place / "tree", place / "git"
    if not (admin / "commondir").exists():
        shutil.rmtree(place, ignore_errors=True)
        for folder in (tree, admin / "info"):
            folder.mkdir(parents=True)
        for name in ("config.worktree", "info/sparse-checkout"):
            if (repository.common_dir / name).is_file():
                shutil.copyfile(repository.common_dir / name, admin / name)
        (tree / ".git").write_text(f"gitdir: {admin}\n", "utf-8", "surrogateescape")
        (admin / "commondir").write_text(f"{repository.common_dir}\n", "utf-8", "surrogateescape")
    (admin / "index.lock").unlink(missing_ok=True)
    (admin / "HEAD").write_text(f"{commit}\n")
    git = WorkingTree(tree, admin).git_with({"GIT_LFS_SKIP_SMUDGE": "1", **environment})
    read = git.run("read-tree", "--reset", "-u", "--no-recurse-submodules", commit, check=False)
    if read.code != 0 or git.run("clean", "-ffdxq", check=False).code != 0:
        return None
    return WorkingTree(tree, admin)


def _git_in(repository: Repository, scratch: Path, folder: Path, environment: Mapping[str, str]) -> Git:
    named = {
        "GIT_DIR": str(repository.common_dir),
        "GIT_WORK_TREE": str(folder),
        "GIT_INDEX_FILE": str(scratch / "no-index"),  # never the person's index
    }
    return Git(folder, repository.main.object_environment | dict(environment) | named)


def _attribute_files_of(git: Git, commit: str) -> list[tuple[str, str]]:
    """Return path and object id of every regular `.gitattributes`, in git's order."""
    tree = known_tree(commit) or commit
    if tree in _attribute_files:
        return _attribute_files[tree]
    empty = _EMPTY_SHA256 if len(commit) == 64 else _EMPTY_SHA1  # git knows the empty tree without having it
    listed = git.lines_z(*COMPARE, empty, commit, "--", ":(glob)**/.gitattributes")
    files = [
        (one.path, one.after.oid)
        for one in parse_changes(listed)
        if one.after
        and one.after.mode in REGULAR
        and {"..", ".git"}.isdisjoint(PurePosixPath(one.path.lower()).parts)
    ]
    if len(_attribute_files) >= _KNOWN_TREES:
        _attribute_files.clear()
    _attribute_files[tree] = files
    return files


def _needy_drivers(repository: Repository, folder: Path) -> tuple[str, ...]:
    """Return command lines that need files: merge drivers, and filters that run in merges, of the person.

    Only those which attribute files may select: the ones in the folder, and those that count everywhere.
    """
    settings = effective(repository).values()
    renormalizes = settings.get("merge.renormalize", "false").lower() not in ("false", "no", "off", "0")
    needy = [
        (f"{driver['kind']}={driver['name']}", command)
        for key, command in settings.items()
        if (driver := _DRIVER.fullmatch(key) or (renormalizes and _FILTER.fullmatch(key)))
        and _needs_files(command)
    ]
    if not needy:
        return ()
    home = os.environ.get("HOME", "")
    usual = Path(os.environ.get("XDG_CONFIG_HOME") or f"{home}/.config") / "git" / "attributes"
    configured = settings.get("core.attributesfile", "")
    own = Path(configured.replace("~", home, 1)) if configured else usual
    shared = (repository.common_dir / "info" / "attributes", Path("/etc/gitattributes"))
    selected = {f"merge={settings.get('merge.default', '')}"}
    for file in (*folder.rglob(".gitattributes"), *shared, own):
        with suppress(OSError):
            selected.update(_ATTRIBUTE.findall(file.read_text("utf-8", "surrogateescape")))
    return tuple(command for name, command in needy if name in selected)


def _untracked_names(root: Path, tree: Path, commands: tuple[str, ...]) -> Iterator[str]:
    """Yield what command lines name that is in the person's checkout at `root`, but is not tracked."""
    for command in commands:
        words = list(_words(command))
        if not _FROM_NODE_MODULES.isdisjoint(words):
            words.append("node_modules")
        for word in words:
            parts = PurePosixPath(word).parts
            if not parts or word.startswith("/") or ".." in parts or ".git" in parts:
                continue
            if not os.path.lexists(root / word) or os.path.lexists(tree / word):
                continue
            yield next(
                str(PurePosixPath(*parts[:count]))
                for count in range(1, len(parts) + 1)
                if not os.path.lexists(tree.joinpath(*parts[:count]))
            )


def _needs_files(command: str) -> bool:
    first = next(iter(_words(command)), ":")
    is_known = PurePosixPath(first).name in _NEED_NO_FILES
    return not is_known or any("/" in word and not word.startswith("/") for word in _words(command))


def _words(command: str) -> Iterator[str]:
    """Yield the words of a command line that may be names of files."""
    for word in _WORD.findall(command):
        if not word.startswith(("-", "%", "$")):
            yield word.removeprefix("./")
