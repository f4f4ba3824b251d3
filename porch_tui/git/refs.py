"""The names porch keeps under `refs/porch/`, and the few ways refs are written outside a landing.

A commit without a ref is gone after `git gc --prune=now`; so every commit a run speaks of has one.
Landing moves refs too, in `landing`, and nowhere else is a branch of the person's moved.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from porch_tui.errors import RepositoryError
from porch_tui.git.git_files import common_dir_of
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git

MUST_NOT_EXIST = ""
"""As the old value of `git update-ref`."""


class RunRefs(Struct, frozen=True):
    """The refs of one run, by what they keep alive."""

    run: str

    @property
    def prefix(self) -> str:
        return f"refs/porch/{self.run}/"

    @property
    def base(self) -> str:
        """The target when the run began."""
        return f"{self.prefix}base"

    def head(self, task: str) -> str:
        """The frozen commit of a task."""
        return f"{self.prefix}head/{task}"

    def candidate(self, number: int) -> str:
        """A merge commit on the train."""
        return f"{self.prefix}cand/{number}"

    def probe(self, task: str, commit: str) -> str:
        """A merge that was made to find out with whom a task fails; it will not land."""
        return f"{self.prefix}probe/{task}/{commit}"

    def resolution(self, task: str) -> str:
        """A commit whose tree holds the resolution record."""
        return f"{self.prefix}resolve/{task}"

    def landed(self, number: int) -> str:
        """What landed, for undo and audit."""
        return f"{self.prefix}landed/{number}"

    def blocked(self, task: str) -> str:
        """What would have landed of a task, had the person's checkout let it."""
        return f"{self.prefix}blocked/{task}"

    def attempt(self, task: str, attempt: int) -> str:
        """Prefix of what an attempt left behind when its worktree was begun again."""
        return f"{self.prefix}attempt/{task}/{attempt}"

    def left(self, task: str, attempt: int) -> str:
        """What was uncommitted in an attempt's worktree when it ended, and was not taken over."""
        return f"{self.prefix}left/{task}/{attempt}"

    def shelf(self, owner: str) -> str:
        """Prefix of what `porch clean --shelve` set aside of a task, or of a worktree that is of none."""
        return f"{self.prefix}left/{owner}/shelved"

    def clone(self, task: str, when: str) -> str:
        """Prefix of what was in a clone beside its branch, and of that: at an attempt's end, on a shelf."""
        return f"{self.prefix}clone/{task}/{when}"

    def stash(self, oid: str) -> str:
        """A stash that was made while the run lived."""
        return f"{self.prefix}stash/{oid}"

    def rescue(self, when: str) -> str:
        """A safety copy of the person's state. Porch never deletes these."""
        return f"{self.prefix}rescue/{when}"


def read(repository: Repository, name: str) -> str | None:
    """The object id a full ref name points at, or None."""
    found = loose(repository.common_dir, name)
    if found is None and is_missing(repository.common_dir, name):
        return None
    return found or read_in(repository.git, name)


def read_in(git: Git, name: str) -> str | None:
    """`read`, in the repository that git is run in."""
    found = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", name, check=False)
    return found.stdout.decode().strip() or None


def keep(repository: Repository, ref: str, oid: str) -> None:
    """Point `ref` at `oid`, whatever it pointed at before, so that gc leaves the object alone."""
    repository.git.run("update-ref", ref, oid)


BEGUN = "porch: begin "
"""How the reflog of a branch starts that porch made; `porch <run>` or `porch <run>/<task>` follows."""


def run_in(reason: str) -> str:
    """Return the run in `porch <run>/<task>`, `porch <run> validation` and the like."""
    return reason.removeprefix("porch ").partition("/")[0].partition(" ")[0]


def run_that_began(repository: Repository, branch: str) -> str:
    """Return the run a branch was begun for: a later run, or a person, may use the name again.

    Empty if porch did not make it, or there is no such branch.
    """
    first = first_reflog_message(repository, branch)
    return run_in(first.removeprefix(BEGUN)) if first.startswith(BEGUN) else ""


def first_reflog_message(repository: Repository, branch: str) -> str:
    """Return the oldest message in the reflog of a branch; empty without one."""
    asked = ("reflog", "show", "--format=%gs", f"refs/heads/{branch}", "--")
    lines = os.fsdecode(repository.git.run(*asked, check=False).stdout).splitlines()
    return lines[-1] if lines else ""


def begin_branch(repository: Repository, branch: str, oid: str, owner: str) -> None:
    """Create a branch at a commit, known as one of porch's; `owner` is "porch <run>/<task>"."""
    command = ("update-ref", "--create-reflog", "-m", f"{BEGUN}{owner}")
    repository.git.run(*command, f"refs/heads/{branch}", oid, MUST_NOT_EXIST, is_repeatable=False)


def freeze(repository: Repository, ref: str, oid: str) -> None:
    """Create `ref` at `oid`; the same again is fine, anything else a `RepositoryError`."""
    if repository.git.run("update-ref", ref, oid, MUST_NOT_EXIST, check=False).code == 0:
        return
    found = read(repository, ref)
    if found is None:
        repository.git.run("update-ref", ref, oid, MUST_NOT_EXIST)
    elif found != oid:
        raise RepositoryError(
            f"{ref} should be frozen at {oid}, but is at {found} already. What is frozen never moves: "
            "use another name, or delete the ref first."
        )


def below(repository: Repository, prefix: str) -> tuple[str, ...]:
    """The full names of the refs in a folder of refs, sorted."""
    return tuple(repository.git.text("for-each-ref", "--format=%(refname)", f"{prefix}/").splitlines())


def in_run(repository: Repository, run: str) -> dict[str, str]:
    """Every ref of a run with its object id, sorted by name."""
    listed = repository.git.text("for-each-ref", "--format=%(refname) %(objectname)", RunRefs(run).prefix)
    return dict(line.split(" ", 1) for line in listed.splitlines())


def broken(repository: Repository, prefix: str = "refs/porch/") -> dict[str, str]:
    """Every ref below a prefix whose object is gone, or the tree of whose commit is, with its object id.

    Such a ref makes the person's own `git gc` and `git fetch` fail.
    """
    listed = repository.git.text("for-each-ref", "--format=%(refname) %(objectname)", prefix)
    oids = dict(line.split(" ", 1) for line in listed.splitlines())
    if not oids:
        return {}
    asked = "".join(f"{oid}\n{oid}^{{tree}}\n" for oid in oids.values())
    told = repository.git.run("cat-file", "--batch-check=%(objecttype)", stdin=asked.encode(), check=False)
    answers = told.stdout.decode("ascii", "replace").splitlines()
    if len(answers) != 2 * len(oids):
        return {}
    return {
        ref: oid
        for (ref, oid), itself, tree in zip(oids.items(), answers[::2], answers[1::2], strict=True)
        if itself.endswith(" missing") or (itself == "commit" and tree.endswith(" missing"))
    }


def delete(repository: Repository, expected: Mapping[str, str]) -> None:
    """Delete refs (branches too) in one transaction: all of them, each at its expected oid, or none."""
    if expected:
        lines = [f"delete {ref} {oid}\n" for ref, oid in expected.items()]
        repository.git.run("update-ref", "--stdin", stdin=os.fsencode("".join(lines)))


def delete_run(repository: Repository, run: str) -> None:
    """Delete all refs of a run but the safety copies of the person's state."""
    rescue = RunRefs(run).rescue("")
    delete(
        repository, {ref: oid for ref, oid in in_run(repository, run).items() if not ref.startswith(rescue)}
    )


_SYMBOLIC = "ref: "
_LONGEST_CHAIN = 5
"""As many symbolic refs in a row as git follows."""

_LONGEST_REF = 4096
_SHARED = ("refs/heads/", "refs/tags/", "refs/porch/")
_QUICKLY_READ = 1 << 22
"""Of a larger file git knows sooner what is in it: its lines are sorted."""

_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class PackedRefs:
    """The refs in `packed-refs`, read when the first one is asked for."""

    def __init__(self, common_dir: Path) -> None:
        self._file = common_dir / "packed-refs"
        self._oids: dict[str, str] | None = None

    def oid(self, ref: str) -> str | None:
        """The object id of a full ref name, unless there is a loose ref of that name."""
        if self._oids is None:
            try:
                lines = self._file.read_text("utf-8", "surrogateescape").split("\n")
            except OSError:
                lines = []
            pairs = (line.partition(" ") for line in lines if line[:1] not in ("", "#", "^"))
            self._oids = {name: oid for oid, _, name in pairs}
        return self._oids.get(ref)


def loose(common_dir: Path, ref: str) -> str | None:
    """The object id in a loose ref's file, which comes before packed refs; None for all else."""
    try:
        found = _said(common_dir / ref)
    except OSError:
        return None
    return found if _OID.fullmatch(found) else None


def is_missing(common_dir: Path, ref: str) -> bool:
    """Whether there surely is no ref of a full name that all worktrees share, neither loose nor packed.

    Git packs a ref before it deletes the loose one; so looking for them in the other order misses none.
    """
    if not ref.startswith(_SHARED) or (common_dir / "reftable").exists():
        return False
    try:
        os.lstat(common_dir / ref)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError:
        return False
    else:
        return False
    try:
        if (common_dir / "packed-refs").stat().st_size > _QUICKLY_READ:
            return False
        return f" {ref}\n".encode("utf-8", "surrogateescape") not in (common_dir / "packed-refs").read_bytes()
    except FileNotFoundError:
        return True
    except OSError:
        return False


def may_be_symbolic(common_dir: Path, ref: str) -> bool:
    """Whether a ref may lead to another one; packed refs never do."""
    try:
        return _said(common_dir / ref).startswith(_SYMBOLIC)
    except OSError:
        return (common_dir / "reftable").exists()


def head(git_dir: Path, common_dir: Path, packed: PackedRefs) -> tuple[str | None, str | None]:
    """The commit that the HEAD in a git directory leads to, and the branch over which, if over one.

    Raises OSError without a HEAD.
    """
    said, ref = _said(git_dir / "HEAD"), None
    for _ in range(_LONGEST_CHAIN):
        if not said.startswith(_SYMBOLIC):
            break
        ref = said.removeprefix(_SYMBOLIC).strip()
        try:
            said = _said(common_dir / ref)
        except OSError:
            said = packed.oid(ref) or ""
    commit = said if _OID.fullmatch(said) else None
    return commit, ref.removeprefix("refs/heads/") if ref else None


def branch_of_head(git_dir: Path) -> str | None:
    """The branch that the HEAD in a git directory names, if files tell; it need not exist."""
    try:
        said = _said(git_dir / "HEAD")
    except OSError:
        return None
    is_told = said.startswith(f"{_SYMBOLIC}refs/heads/") and not said.endswith(
        "/.invalid"
    )  # as reftable has it
    return said.removeprefix(f"{_SYMBOLIC}refs/heads/") if is_told else None


def may_lead_to(git_dir: str, common_dir: Path, branch: str) -> bool:
    """Whether the HEAD in a git directory may lead to a branch.

    Asked of every worktree before each landing: so it is told by two small files, and nothing else is read.
    """
    try:
        said = os.fsdecode(_content(f"{git_dir}/HEAD")).strip()
        if not said.startswith(_SYMBOLIC):
            return os.path.islink(f"{git_dir}/HEAD")  # noqa: PTH114
        ref = said.removeprefix(_SYMBOLIC).strip()
        if ref == f"refs/heads/{branch}":
            return True
        file = f"{common_dir}/{ref}"
        return _content(file).startswith(os.fsencode(_SYMBOLIC)) or os.path.islink(file)  # noqa: PTH114
    except FileNotFoundError:
        return False  # there is no such worktree, or what it is on is packed: that is no symbolic ref
    except OSError:
        return True


def _content(file: str) -> bytes:
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, _LONGEST_REF)
    finally:
        os.close(descriptor)


def head_commit(git_dir: Path) -> str | None:
    """The commit that is checked out in the worktree with this git directory, if files tell."""
    common_dir = common_dir_of(git_dir)
    try:
        return head(git_dir, common_dir, PackedRefs(common_dir))[0]
    except OSError:
        return None


def _said(file: Path) -> str:
    """The content of a ref or a HEAD; old repositories have it as a symbolic link."""
    if file.is_symlink() and (leads := str(file.readlink())).startswith("refs/"):
        return f"{_SYMBOLIC}{leads}"
    return file.read_text("utf-8", "surrogateescape").strip()
