"""A folder in which git sees the merge attributes of one commit, and nothing else.

`git merge-tree` takes `.gitattributes` from the files of the worktree it runs in: dirty ones, of
another commit, or none; each gives other verdicts than `git merge` would (measured with git 2.39).
So it runs where only the right ones are. Merge drivers run there too, and may litter; where one may need
files of the repository, the whole commit is checked out for it, as in the checkout that `git merge` runs in.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from msgspec import Struct

from porch_tui.git import objects
from porch_tui.git.configuration import Effective, effective
from porch_tui.git.locks import exclusive
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git
from porch_tui.git.working_tree import WorkingTree

_REGULAR = (b"100644", b"100755")
_EMPTY_SHA1 = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_EMPTY_SHA256 = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
_NONE: Mapping[str, str] = MappingProxyType({})


def attribute_sandbox(
    repository: Repository, scratch: Path, commit: str, environment: Mapping[str, str] = _NONE
) -> Git:
    """Git in a folder under `scratch` that holds exactly the `.gitattributes` files of `commit`.

    Made once for each set of such files, almost always one a run; safe to call from many threads.
    `environment` says where objects are, if not in the repository alone.
    """
    git = repository.main.git_with(environment)
    found = _attribute_files(git, commit)
    key = hashlib.sha256(b"\0".join(path + b"\0" + oid for path, oid in found)).hexdigest()[:16]
    folder = scratch / f"attributes-{key}"
    if not folder.is_dir():
        _fill(git, scratch, folder, found)
    _last[scratch] = folder
    return _git_in(repository, scratch, folder, environment)


def last_sandbox(repository: Repository, scratch: Path) -> Git | None:
    """The sandbox that was right last time; None if there was none, or it is gone."""
    folder = _last.get(scratch)
    return _git_in(repository, scratch, folder, _NONE) if folder is not None and folder.is_dir() else None


def needs_files(repository: Repository, sandbox: Git) -> bool:
    """Whether merging there asks for a driver that may need files: see `merging_sandbox`."""
    return bool(drivers(repository).in_force(repository, sandbox.cwd))


@contextmanager
def merging_sandbox(
    repository: Repository,
    scratch: Path,
    commit: str,
    sandbox: Git,
    environment: Mapping[str, str] = _NONE,
) -> Iterator[Git]:
    """Give git in a folder in which to merge into `commit`: with all of its files if drivers may need them.

    Else that is the `sandbox` with its attributes. There is one folder with files, so one merge at a time
    happens in it.
    """
    commands = drivers(repository).in_force(repository, sandbox.cwd)
    if not commands:
        yield sandbox
        return
    place = scratch / _MERGING
    with exclusive(scratch / "merging.lock", "merge with a driver of the repository", _LONGEST_MERGE_S):
        tree = _checked_out(repository, place, commit, environment)
        if tree is None:
            yield sandbox
            return
        for name in borrowed(repository.root, tree.path, commands):
            (tree.path / name).symlink_to(repository.root / name)
        # as drivers have it in a checkout, without GIT_DIR
        yield Git(tree.path, {**repository.main.object_environment, **environment})


def _checked_out(
    repository: Repository, place: Path, commit: str, environment: Mapping[str, str]
) -> WorkingTree | None:
    """Check a commit out in a worktree that git has no record of, and leave nothing else there.

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
        (admin / "HEAD").write_text(f"{commit}\n")
        (admin / "commondir").write_text(f"{repository.common_dir}\n", "utf-8", "surrogateescape")
    (admin / "index.lock").unlink(missing_ok=True)
    (admin / "HEAD").write_text(f"{commit}\n")
    git = WorkingTree(tree, admin).git_with({"GIT_LFS_SKIP_SMUDGE": "1", **environment})
    read = git.run("read-tree", "--reset", "-u", "--no-recurse-submodules", commit, check=False)
    if read.code != 0 or git.run("clean", "-ffdxq", check=False).code != 0:
        return None
    return WorkingTree(tree, admin)


def clear_away(scratch: Path) -> None:
    """Delete the files that were checked out for drivers: as much as a worktree has. No merge may go on."""
    shutil.rmtree(scratch / _MERGING, ignore_errors=True)


_MERGING = "merging"
_LONGEST_MERGE_S = 600.0
"""A driver that takes longer hangs."""

_last: dict[Path, Path] = {}
"""By scratch folder. A guess: only `attribute_sandbox` knows."""


def _git_in(repository: Repository, scratch: Path, folder: Path, environment: Mapping[str, str]) -> Git:
    return Git(
        folder,
        repository.main.object_environment
        | dict(environment)
        | {
            "GIT_DIR": str(repository.common_dir),
            "GIT_WORK_TREE": str(folder),
            "GIT_INDEX_FILE": str(scratch / "no-index"),  # never the person's index as a second opinion
        },
    )


def _attribute_files(git: Git, commit: str) -> list[tuple[bytes, bytes]]:
    """Path and object id of every regular `.gitattributes`, in git's order; asked once of each tree.

    What is in a tree never changes.
    """
    tree = objects.known_tree(commit) or commit
    if tree in _found:
        return _found[tree]
    listed = git.lines_z(
        "diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", _empty_tree(commit), commit,
        "--", ":(glob)**/.gitattributes",
    )  # fmt: skip
    found = []
    for raw, path in zip(listed[::2], listed[1::2], strict=True):
        _, mode, _, oid, _ = raw.split(b" ")
        if mode in _REGULAR and _is_inside(path):
            found.append((path, oid))
    if len(_found) >= _KEPT:
        _found.clear()
    _found[tree] = found
    return found


_KEPT = 1000
_found: dict[str, list[tuple[bytes, bytes]]] = {}


def _empty_tree(like: str) -> str:
    """The id of the tree without entries, which git knows without having it."""
    return _EMPTY_SHA256 if len(like) == 64 else _EMPTY_SHA1


def _is_inside(path: bytes) -> bool:
    parts = PurePosixPath(os.fsdecode(path)).parts
    return not any(part == ".." or part.lower() == ".git" for part in parts)


def _fill(git: Git, scratch: Path, folder: Path, found: list[tuple[bytes, bytes]]) -> None:
    scratch.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=scratch, prefix="filling-"))
    for path, oid in found:
        file = aside / os.fsdecode(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(git.run("cat-file", "blob", oid).stdout)
    try:
        aside.rename(folder)
    except OSError:
        shutil.rmtree(aside)
        if not folder.is_dir():  # another thread filling it first is fine; anything else is not
            raise


_ASKED = re.compile(r"merge\..*|filter\..*\.(clean|process)|core\.attributesfile", re.DOTALL)
_WORD = re.compile(r"[^\s;|&<>()\"'`=]+")
_LOOKS_AT_NO_FILES = {":", "cat", "cp", "exit", "false", "git", "mergiraf", "true", "weave-driver"}
"""Programs that need nothing but the three versions they are given; of all others nobody knows."""
_FROM_NODE_MODULES = {"bunx", "node", "npm", "npx", "pnpm", "yarn"}


class Drivers(Struct, frozen=True):
    """What git is told about merging file by file."""

    commands: tuple[tuple[str, str], ...]
    """What names each in an attribute file, such as `merge=union`, with its command line."""
    default: str
    """The name of the driver for files that no attribute speaks of; empty if there is none."""
    attributes_file: str

    def in_force(self, repository: Repository, folder: Path) -> tuple[str, ...]:
        """The command lines that need files, of those that the attribute files in a folder may ask for."""
        needy = [(name, command) for name, command in self.commands if _needs_files(command)]
        if not needy:
            return ()
        text = "".join(_texts(repository, folder, self.attributes_file))
        asked = {*_WORD_OF_ATTRIBUTE.findall(text), f"merge={self.default}"}
        return tuple(command for name, command in needy if name in asked)


_WORD_OF_ATTRIBUTE = re.compile(r"(?<!\S)(?:merge|filter)=\S+")


def drivers(repository: Repository) -> Drivers:
    """What is configured now."""
    return _drivers(effective(repository))


def borrowed(root: Path, tree: Path, commands: tuple[str, ...]) -> Iterator[str]:
    """Yield what command lines name that is in the person's checkout at `root` without being tracked."""
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


@functools.lru_cache(maxsize=4)
def _drivers(configured: Effective) -> Drivers:
    found = {name: value for name, value in configured.values().items() if _ASKED.fullmatch(name)}
    commands = [
        (f"merge={name[6:-7]}", value)
        for name, value in found.items()
        if name.startswith("merge.") and name.endswith(".driver")
    ]
    if found.get("merge.renormalize", "false").lower() not in ("false", "no", "off", "0"):
        commands += [
            (f"filter={name[7:].rpartition('.')[0]}", value)
            for name, value in found.items()
            if name.startswith("filter.")
        ]
    return Drivers(tuple(commands), found.get("merge.default", ""), found.get("core.attributesfile", ""))


def _texts(repository: Repository, folder: Path, attributes_file: str) -> Iterator[str]:
    home = os.environ.get("HOME", "")
    usual = Path(os.environ.get("XDG_CONFIG_HOME") or f"{home}/.config") / "git" / "attributes"
    beside = (repository.common_dir / "info" / "attributes", Path("/etc/gitattributes"))
    own = Path(attributes_file.replace("~", home, 1)) if attributes_file else usual
    for file in (*folder.rglob(".gitattributes"), *beside, own):
        try:
            yield file.read_text("utf-8", "surrogateescape") + "\n"
        except OSError:
            continue


def _needs_files(command: str) -> bool:
    first = next(iter(_words(command)), ":")
    is_known = PurePosixPath(first).name in _LOOKS_AT_NO_FILES
    return not is_known or any("/" in word and not word.startswith(("/", "-")) for word in _words(command))


def _words(command: str) -> Iterator[str]:
    """Yield the words of a command line that may be names of files."""
    for word in _WORD.findall(command):
        if not word.startswith(("-", "%", "$")):
            yield word.removeprefix("./")
