"""The names porch keeps under `refs/porch/`, and the few ways refs are written outside a landing.

A commit without a ref is gone after `git gc --prune=now`; so every commit a run speaks of has one.
Landing moves refs too, in `landing`, and nowhere else is a branch of the person's moved.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from msgspec import Struct

from porch_tui.errors import RepositoryError
from porch_tui.git import ref_files
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
    found = ref_files.loose(repository.common_dir, name)
    if found is None and ref_files.is_missing(repository.common_dir, name):
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
