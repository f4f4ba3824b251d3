"""Find the repository porch is asked to work in, or say why it cannot be.

Finding only: what a run needs of the repository is `preflight`, and nothing here changes anything.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git.runner import Git, GitError, told
from porch_tui.git.working_tree import WorkingTree, clone_working_tree, linked_working_tree, original_of

OLDEST_GIT = (2, 38)
"""The first with `git merge-tree --write-tree`."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository with a main worktree and at least one commit."""

    root: Path
    """The main worktree, also when porch was started in a linked one."""
    common_dir: Path
    """What all worktrees share: objects, refs, porch's own folder."""
    name: str

    @property
    def main(self) -> WorkingTree:
        """The main worktree."""
        return WorkingTree(self.root, self.common_dir)

    @property
    def git(self) -> Git:
        """Git in the main worktree."""
        return self.main.git

    def at(self, path: Path) -> WorkingTree:
        """The main worktree, a linked one, or a task's clone, at `path`: verified, and safe to change.

        Raises `NotItsFolderError` if what lies there is none of them.
        """
        if path.resolve() == self.root:
            return self.main
        if (path / ".git").is_dir():
            return clone_working_tree(path, self.root)
        return linked_working_tree(path, self.common_dir)

    @property
    def own_dir(self) -> Path:
        """Where porch keeps its locks and runs, out of every worktree's sight."""
        return self.common_dir / "porch"

    @property
    def worktrees_dir(self) -> Path:
        """Where the worktrees lie that are no task's: beside the repository, on its file system.

        Its name does not begin with a dot: what serves or watches files often leaves out whatever has such a
        folder anywhere above it (npm's `send` does), so that tests would fail there which pass elsewhere.
        """
        return self.root.parent / f"{self.name}.porch"


def git_version() -> tuple[int, int, int]:
    """The version of the git on PATH. Raises `RepositoryError` when there is none."""
    said = told("--version")
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", said)
    if found is None:
        raise RepositoryError(
            f"`git --version` said {said.strip()!r}, which holds no version. Check the git on PATH."
        )
    return int(found[1]), int(found[2]), int(found[3] or 0)


def discover(start: Path) -> Repository:
    """Find the repository `start` lies in; from a linked worktree too, and a task's clone.

    Raises `RepositoryError` for: git missing or too old, no repository, somebody else's
    repository, a bare one, one without a commit.
    """
    _require_version()
    here = Git(start if start.is_dir() else start.parent)
    return _ordinary(here) or _whatever(here)


def _ordinary(here: Git) -> Repository | None:
    """Return the repository by asking git once, if all is as it mostly is; every command of porch begins so.

    None from a linked worktree or a clone, for whatever is to be refused, and for a path with a newline.
    """
    asked = here.run(
        "rev-parse", "--path-format=absolute", "--is-bare-repository", "--git-common-dir", "--git-dir",
        "--show-toplevel", "HEAD^{commit}", check=False,
    )  # fmt: skip
    match os.fsdecode(asked.stdout).splitlines():
        case ["false", common_dir, git_dir, top, _] if asked.code == 0 and common_dir == git_dir:
            if original_of(Path(git_dir)) is not None:
                return None
            root = Path(top).resolve()
            return Repository(root, Path(common_dir), root.name or "repository")
    return None


def _whatever(here: Git) -> Repository:
    """Return the repository by asking step by step, so that a refusal can say what is in the way."""
    common_dir = _common_dir(here)
    original = original_of(common_dir)
    if original is not None and original.is_dir():
        return discover(original)
    _refuse_bare(here, common_dir)
    root = _main_worktree(here, common_dir)
    repository = Repository(root, common_dir, root.name or "repository")
    _refuse_unborn(repository)
    return repository


def _require_version() -> None:
    version = git_version()
    if version < OLDEST_GIT:
        raise RepositoryError(
            f"porch merges without a checkout, which git can since {'.'.join(map(str, OLDEST_GIT))}; "
            f"the git on PATH is {'.'.join(map(str, version))}. Install a newer git."
        )


def _common_dir(here: Git) -> Path:
    try:
        return Path(here.text("rev-parse", "--path-format=absolute", "--git-common-dir"))
    except GitError as error:
        if "dubious ownership" in error.stderr:
            raise RepositoryError(
                f"the repository at {here.cwd} belongs to another user, so git refuses to work in it. "
                f"If you trust it: git config --global --add safe.directory {here.cwd}"
            ) from error
        if "not a git repository" in error.stderr:
            raise RepositoryError(
                f"porch works inside a git repository, and {here.cwd} is in none. "
                "Go into one, name one with -C DIR, or make one with `git init`."
            ) from error
        raise


def _refuse_bare(here: Git, common_dir: Path) -> None:
    asked = here.run("--git-dir", common_dir, "rev-parse", "--is-bare-repository", check=False)
    if asked.stdout.strip() == b"true":
        raise RepositoryError(
            f"{common_dir} is a bare repository: it has no main worktree to land into and to look at. "
            "Clone it, and run porch in the clone."
        )


def _main_worktree(here: Git, common_dir: Path) -> Path:
    git_dir = here.text("rev-parse", "--absolute-git-dir")
    if Path(git_dir).resolve() == common_dir.resolve():
        top = here.run("rev-parse", "--path-format=absolute", "--show-toplevel", check=False)
        if top.code == 0:
            return Path(os.fsdecode(top.stdout).removesuffix("\n")).resolve()
    configured = here.run("config", "--file", common_dir / "config", "--get", "core.worktree", check=False)
    if configured.code == 0:
        return (common_dir / os.fsdecode(configured.stdout).removesuffix("\n")).resolve()
    if common_dir.name == ".git":
        return common_dir.parent.resolve()
    raise RepositoryError(
        f"porch needs the main worktree of {common_dir}, and git does not record where it is. "
        "Start porch there instead of in a linked worktree or the git directory."
    )


def _refuse_unborn(repository: Repository) -> None:
    if repository.git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", check=False).code == 0:
        return
    if not repository.git.text("for-each-ref", "--count=1", "refs/heads"):
        raise RepositoryError(
            f"every task starts from a commit, and {repository.root} has none yet. "
            "Make a first commit (git add …; git commit), then try again."
        )
