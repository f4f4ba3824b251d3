"""The refs porch keeps below `refs/porch/`, and how refs are read and written outside a landing.

A commit without a ref is gone after `git gc --prune=now`, so every commit a run mentions has one. A branch of
the person's is moved only in `landing`.

Refs and HEADs are read from git's own files where possible: that needs no process, and is no race, because
git replaces each of these files by renaming a new one in. Where refs are stored in another way (reftable),
nothing is found there and git is asked.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from porch_tui.git.git_files import common_dir_of, content
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git

BEGUN = "porch: begin "
"""The reflog of a branch that porch made starts with this, then `porch <run>` or `porch <run>/<task>`."""

_SYMBOLIC = "ref: "
_LONGEST_CHAIN = 5
"""Git follows as many symbolic refs in a row."""
_SHARED = ("refs/heads/", "refs/tags/", "refs/porch/")
_QUICKLY_READ = 1 << 22
"""In a larger `packed-refs` git finds a ref sooner: its lines are sorted."""
_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


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
        """A merge commit in the merge queue."""
        return f"{self.prefix}cand/{number}"

    def probe(self, task: str, commit: str) -> str:
        """A merge built to find out with whom a task fails; it will not land."""
        return f"{self.prefix}probe/{task}/{commit}"

    def resolution(self, task: str) -> str:
        """A commit whose tree holds the resolution record."""
        return f"{self.prefix}resolve/{task}"

    def landed(self, number: int) -> str:
        """What landed, for undo and audit."""
        return f"{self.prefix}landed/{number}"

    def blocked(self, task: str) -> str:
        """What a task would have landed, if the person's checkout had allowed it."""
        return f"{self.prefix}blocked/{task}"

    def attempt(self, task: str, attempt: int) -> str:
        """Prefix of what an attempt left behind when its worktree was reset."""
        return f"{self.prefix}attempt/{task}/{attempt}"

    def left(self, task: str, attempt: int) -> str:
        """What was uncommitted in an attempt's worktree when it ended, and was not collected."""
        return f"{self.prefix}left/{task}/{attempt}"

    def so_far(self, task: str, attempt: int) -> str:
        """What a running attempt elsewhere has done so far, for predictions; it goes when that ends."""
        return f"{self.prefix}so-far/{task}/{attempt}"

    def new_so_far(self, task: str, attempt: int) -> str:
        """The same, while it arrives."""
        return f"{self.prefix}so-far/{task}/{attempt}.new"

    def lost(self, task: str, attempt: int) -> str:
        """What an attempt has left that counted as lost by then. It is never merged."""
        return f"{self.prefix}lost/{task}/{attempt}"

    def evidence(self, hypothesis: str, task: str) -> str:
        """What a theory left, in a commit that has the numbers of all in its message. Kept for good."""
        return f"{self.prefix}evidence/{hypothesis}/{task}"

    def shelf(self, owner: str) -> str:
        """Prefix of what `porch clean --shelve` set aside of a task, or of a worktree without a task."""
        return f"{self.prefix}left/{owner}/shelved"

    def clone(self, task: str, when: str) -> str:
        """Prefix of what was in a clone besides its branch: at an attempt's end, or on a shelf."""
        return f"{self.prefix}clone/{task}/{when}"

    def stash(self, oid: str) -> str:
        """A stash that was made during the run."""
        return f"{self.prefix}stash/{oid}"

    def rescue(self, when: str) -> str:
        """A safety copy of the person's state. Porch never deletes these."""
        return f"{self.prefix}rescue/{when}"


def read(repository: Repository, name: str) -> str | None:
    """Return the object id that a full ref name points at, or None."""
    oid = loose(repository.common_dir, name)
    if oid is None and is_missing(repository.common_dir, name):
        return None
    return oid or read_in(repository.git, name)


def read_in(git: Git, name: str) -> str | None:
    """Return the object id that a name such as `main^{commit}` stands for where `git` runs, or None."""
    done = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", name, check=False)
    return done.stdout.decode().strip() or None


def keep(repository: Repository, ref: str, oid: str) -> None:
    """Point `ref` at `oid`, whatever it pointed at before, so that gc leaves the object alone."""
    repository.git.run("update-ref", ref, oid)


def delete(repository: Repository, expected: Mapping[str, str]) -> None:
    """Delete refs (branches too) in one transaction: all of them, each at its expected oid, or none."""
    if expected:
        lines = [f"delete {ref} {oid}\n" for ref, oid in expected.items()]
        repository.git.run("update-ref", "--stdin", stdin=os.fsencode("".join(lines)))


def begin_branch(repository: Repository, branch: str, oid: str, owner: str) -> None:
    """Create a branch at a commit, marked as one of porch's; `owner` is "porch <run>/<task>"."""
    command = ("update-ref", "--create-reflog", "-m", f"{BEGUN}{owner}", f"refs/heads/{branch}", oid)
    repository.git.run(*command, "", is_repeatable=False)  # empty: there must be none yet


def run_that_began(repository: Repository, branch: str) -> str:
    """Return the run a branch was created for: a later run, or a person, may use the name again.

    Empty if porch did not create it, or if there is no such branch.
    """
    first = first_reflog_message(repository, branch)
    return run_in(first.removeprefix(BEGUN)) if first.startswith(BEGUN) else ""


def first_reflog_message(repository: Repository, branch: str) -> str:
    """Return the oldest message in the reflog of a branch; empty without one."""
    command = ("reflog", "show", "--format=%gs", f"refs/heads/{branch}", "--")
    lines = os.fsdecode(repository.git.run(*command, check=False).stdout).splitlines()
    return lines[-1] if lines else ""


def run_in(reason: str) -> str:
    """Return the run in `porch <run>/<task>`, `porch <run> validation` and the like."""
    return reason.removeprefix("porch ").partition("/")[0].partition(" ")[0]


def branches(repository: Repository) -> list[str]:
    """Return the names of all local branches, without `refs/heads/`."""
    listed = repository.git.text("for-each-ref", "--format=%(refname)", "refs/heads").splitlines()
    return [ref.removeprefix("refs/heads/") for ref in listed]


def below(repository: Repository, prefix: str) -> dict[str, str]:
    """Return the full name of every ref below a prefix, which ends in `/`, with its object id; sorted."""
    if is_missing(repository.common_dir, prefix):
        return {}
    listed = repository.git.text("for-each-ref", "--format=%(refname) %(objectname)", prefix)
    return dict(line.split(" ", 1) for line in listed.splitlines())


def broken(repository: Repository, prefix: str = "refs/porch/") -> dict[str, str]:
    """Return every ref below a prefix whose object or tree is gone, with its object id.

    Such a ref makes the person's own `git gc` and `git fetch` fail.
    """
    oids = below(repository, prefix)
    if not oids:
        return {}
    names = "".join(f"{oid}\n{oid}^{{tree}}\n" for oid in oids.values()).encode()
    done = repository.git.run("cat-file", "--batch-check=%(objecttype)", stdin=names, check=False)
    answers = done.stdout.decode("ascii", "replace").splitlines()
    if len(answers) != 2 * len(oids):
        return {}
    return {
        ref: oid
        for (ref, oid), itself, tree in zip(oids.items(), answers[::2], answers[1::2], strict=True)
        if itself.endswith(" missing") or (itself == "commit" and tree.endswith(" missing"))
    }


class PackedRefs:
    """The refs in `packed-refs`, read when the first one is asked for."""

    def __init__(self, common_dir: Path) -> None:
        self._file = common_dir / "packed-refs"
        self._oids: dict[str, str] | None = None

    def oid(self, ref: str) -> str | None:
        """Return the object id of a full ref name; a loose ref of that name takes precedence."""
        if self._oids is None:
            try:
                lines = self._file.read_text("utf-8", "surrogateescape").split("\n")
            except OSError:
                lines = []
            pairs = (line.partition(" ") for line in lines if line[:1] not in ("", "#", "^"))
            self._oids = {name: oid for oid, _, name in pairs}
        return self._oids.get(ref)


def loose(common_dir: Path, ref: str) -> str | None:
    """Return the object id in a loose ref's file, which takes precedence over packed refs; None otherwise."""
    try:
        text = _ref_text(common_dir / ref)
    except OSError:
        return None
    return text if _OID.fullmatch(text) else None


def is_missing(common_dir: Path, ref: str) -> bool:
    """Whether a full name that all worktrees share is certainly no ref, neither loose nor packed.

    If the name ends in `/`: whether certainly none is below it. Git packs a ref before it deletes the loose
    one, so looking for them in the other order misses none.
    """
    if not ref.startswith(_SHARED) or (common_dir / "reftable").exists():
        return False
    packed = common_dir / "packed-refs"
    try:
        with suppress(FileNotFoundError, NotADirectoryError):
            os.lstat(common_dir / ref)
            return False
        with suppress(FileNotFoundError):
            is_large = packed.stat().st_size > _QUICKLY_READ
            line = f" {ref}" if ref.endswith("/") else f" {ref}\n"
            return not is_large and line.encode("utf-8", "surrogateescape") not in packed.read_bytes()
    except OSError:  # no one knows
        return False
    return True


def may_be_symbolic(common_dir: Path, ref: str) -> bool:
    """Whether a ref may lead to another one; packed refs never do."""
    try:
        return _ref_text(common_dir / ref).startswith(_SYMBOLIC)
    except OSError:
        return (common_dir / "reftable").exists()


def head(git_dir: Path, common_dir: Path, packed: PackedRefs) -> tuple[str | None, str | None]:
    """Return the commit that the HEAD in a git directory leads to, and the branch, if it is on one.

    Raises OSError without a HEAD.
    """
    text, ref = _ref_text(git_dir / "HEAD"), None
    for _ in range(_LONGEST_CHAIN):
        if not text.startswith(_SYMBOLIC):
            break
        ref = text.removeprefix(_SYMBOLIC).strip()
        try:
            text = _ref_text(common_dir / ref)
        except OSError:
            text = packed.oid(ref) or ""
    commit = text if _OID.fullmatch(text) else None
    return commit, ref.removeprefix("refs/heads/") if ref else None


def head_commit(git_dir: Path) -> str | None:
    """Return the commit checked out in the worktree with this git directory, if its files say so."""
    common_dir = common_dir_of(git_dir)
    try:
        return head(git_dir, common_dir, PackedRefs(common_dir))[0]
    except OSError:
        return None


def branch_of_head(git_dir: Path) -> str | None:
    """Return the branch that the HEAD in a git directory names, if its files say so; it need not exist."""
    try:
        text = _ref_text(git_dir / "HEAD")
    except OSError:
        return None
    start = f"{_SYMBOLIC}refs/heads/"
    is_known = text.startswith(start) and not text.endswith("/.invalid")  # as reftable has it
    return text.removeprefix(start) if is_known else None


def may_lead_to(git_dir: str, common_dir: Path, branch: str) -> bool:
    """Whether the HEAD in a git directory may lead to a branch.

    Asked about every worktree before each landing, so it reads two small files and nothing else.
    """
    text = content(f"{git_dir}/HEAD")
    if text is None:
        return os.path.lexists(f"{git_dir}/HEAD")  # unreadable; or there is no such worktree any more
    if not text.startswith(_SYMBOLIC):
        return os.path.islink(f"{git_dir}/HEAD")  # noqa: PTH114
    ref = text.removeprefix(_SYMBOLIC).strip()
    if ref == f"refs/heads/{branch}":
        return True
    # a packed ref has no file, and is not symbolic
    target = content(f"{common_dir}/{ref}") or ""
    return target.startswith(_SYMBOLIC) or os.path.islink(f"{common_dir}/{ref}")  # noqa: PTH114


def _ref_text(file: Path) -> str:
    """Return the content of a ref or a HEAD; old repositories have it as a symbolic link."""
    if file.is_symlink() and (leads := str(file.readlink())).startswith("refs/"):
        return f"{_SYMBOLIC}{leads}"
    return file.read_text("utf-8", "surrogateescape").strip()
