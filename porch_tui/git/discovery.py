"""Find the repository in which porch is started, or explain why it cannot be used.

The main worktree is where git's own files lead to, not where `core.worktree` or `core.bare` send git at this
moment: a task may have changed those, and the commands of a run must still find it. Such a setting is refused
by `preflight`, and during a run by `landing.checkout`. Only `remember_main` changes anything.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git import refs
from porch_tui.git.configuration import BARE, EXTENSION, WORKTREE, is_on, read_settings
from porch_tui.git.git_files import common_dir_of, content, linked_git_dir
from porch_tui.git.refs import PackedRefs
from porch_tui.git.repository import OLDEST_GIT, Repository, version_in
from porch_tui.git.runner import Completed, Git, GitError
from porch_tui.git.working_tree import WorkingTree, linked_working_tree, original_of
from porch_tui.git.worktree_list import linked_worktrees

_QUESTIONS = (
    "rev-parse", "--path-format=absolute", "--is-bare-repository", "--git-common-dir", "--git-dir",
    "--show-toplevel", "HEAD^{commit}",
)  # fmt: skip
_MAIN = "main-worktree"
"""In porch's own folder: where the main worktree was when a run began. Not every layout has a record."""


def discover(start: Path) -> Repository:
    """Find the repository that `start` is in; from a linked worktree too, and a task's clone.

    Raises `RepositoryError` for: git missing or too old, no repository, another user's repository, a bare
    one without a worktree, one without a commit.
    """
    return begin_to_discover(start)()


def begin_to_discover(start: Path) -> Callable[[], Repository]:
    """Ask git, and return at once: the returned function waits for the answers, and does as `discover` does.

    Call it exactly once. Every command begins here, and has modules to import meanwhile.
    """
    here = Git(start if start.is_dir() else start.parent)
    answer = here.start(*_QUESTIONS)
    try:
        version = here.start("--version")
    except BaseException:
        answer()
        raise

    def found() -> Repository:
        try:
            about_git = version()
        finally:
            about_here = answer()
        return _discovered(here, about_here, version_in(os.fsdecode(about_git.stdout)))

    return found


def _discovered(here: Git, found: Completed, version: tuple[int, int, int]) -> Repository:
    if version < OLDEST_GIT:
        raise RepositoryError(
            f"porch merges without a checkout, which git supports since {'.'.join(map(str, OLDEST_GIT))}; "
            f"the git on PATH is {'.'.join(map(str, version))}. Install a newer git."
        )
    return _ordinary(found) or _any_layout(here)


def remember_main(repository: Repository) -> None:
    """Note where the main worktree is, if git does not: with a separate git directory, or a linked `.git`."""
    if repository.is_bare or repository.common_dir.resolve() == repository.root / ".git":
        return
    repository.own_dir.mkdir(mode=0o700, exist_ok=True)
    (repository.own_dir / _MAIN).write_text(f"{repository.root}\n", "utf-8", "surrogateescape")


def _ordinary(found: Completed) -> Repository | None:
    """Return the repository by what git has answered to `_QUESTIONS`, if its layout is the usual one.

    None from a linked worktree or a clone, for whatever is refused later, and for a path with a newline.
    """
    match os.fsdecode(found.stdout).splitlines():
        case ["false", named, git_dir, top, _] if found.code == 0 and named == git_dir:
            root, common_dir = Path(top).resolve(), Path(named)
            if original_of(common_dir) is None and _leads_to(root, common_dir):
                return Repository(root, common_dir, common_dir, root.name or "repository")
    return None


def _any_layout(here: Git) -> Repository:
    """Return the repository by asking step by step, so that a refusal can say what is wrong."""
    common_dir = _common_dir(here)
    original = original_of(common_dir)
    if original is not None and original.is_dir():
        return discover(original)
    own = (one for one in _above(here.cwd) if common_dir_of(one.git_dir) == common_dir.resolve())
    around = next(own, None)
    settings = dict(read_settings(common_dir / "config"))
    if is_on(settings, EXTENSION):
        settings |= read_settings(common_dir / "config.worktree")
    # with an index it has files: `core.bare` was set later
    is_bare = is_on(settings, BARE) and not (common_dir / "index").exists()
    tree = _of_bare(common_dir, around) if is_bare else _main(common_dir, around)
    git_dir = common_dir if tree.git_dir.resolve() == common_dir.resolve() else tree.git_dir
    root = tree.path.resolve()
    repository = Repository(root, common_dir, git_dir, root.name or "repository")
    has_commit = refs.read_in(repository.git, "HEAD^{commit}") is not None
    if not has_commit and not repository.git.text("for-each-ref", "--count=1", "refs/heads"):
        raise RepositoryError(
            f"every task starts from a commit, and {repository.root} has none yet. "
            "Make a first commit (git add …; git commit), then try again."
        )
    return repository


def _common_dir(here: Git) -> Path:
    try:
        return Path(here.text("rev-parse", "--path-format=absolute", "--git-common-dir"))
    except GitError as error:
        if "dubious ownership" in error.stderr:
            raise RepositoryError(
                f"the repository at {here.cwd} belongs to another user, so git refuses to work in it. "
                f"If you trust it: git config --global --add safe.directory {here.cwd}"
            ) from error
        lost = next((one for one in _above(here.cwd) if not one.git_dir.exists()), None)
        if lost is not None:
            raise RepositoryError(
                f"{lost.path} is a worktree of a repository that was moved or deleted: there is no "
                f"{lost.git_dir}. In the repository, where it is now: git worktree repair {lost.path}"
            ) from error
        if "not a git repository" in error.stderr:
            raise RepositoryError(
                f"porch works in a git repository, and {here.cwd} is not in one. "
                "Go into one, name one with -C DIR, or make one with `git init`; "
                "`porch demo` shows porch at work in one of its own."
            ) from error
        nearest = next(_above(here.cwd), None)  # a missing core.worktree makes git refuse everything
        if nearest is None or not nearest.git_dir.is_dir():
            raise
        return common_dir_of(nearest.git_dir)


def _above(start: Path) -> Iterator[WorkingTree]:
    """Yield every folder at or above `start` that has a `.git`, the nearest first."""
    for folder in (start, *start.parents):
        git_dir = linked_git_dir(folder)
        if git_dir is not None:
            yield WorkingTree(folder, git_dir)


def _leads_to(folder: Path, git_dir: Path) -> bool:
    """Whether the `.git` in a folder is this git directory, a link to it, or a file that names it."""
    linked = linked_git_dir(folder)
    return linked is not None and linked.resolve() == git_dir.resolve()


def _of_bare(common_dir: Path, around: WorkingTree | None) -> WorkingTree:
    """Return the worktree of a bare repository that porch takes for the main one.

    That is the one porch was started in, else the one with the branch of the repository's HEAD, else the
    only one.
    """
    packed = PackedRefs(common_dir)
    linked = tuple(linked_worktrees(common_dir, packed))
    theirs = [one for one in linked if not one.is_ours and one.path.is_dir()]
    _, branch = refs.head(common_dir, common_dir, packed)
    here = [one for one in theirs if around and one.path.resolve() == around.path.resolve()]
    of_head = [one for one in theirs if one.branch == branch]
    chosen = here or of_head or (theirs if len(theirs) == 1 else [])
    if chosen:
        return linked_working_tree(chosen[0].path, common_dir)
    if theirs:
        raise RepositoryError(
            f"{common_dir} is a bare repository with {len(theirs)} worktrees. Start porch in the one whose "
            f"branch the work should land on, for example {theirs[0].path}."
        )
    if gone := [str(one.path) for one in linked if not one.is_ours]:
        raise RepositoryError(
            f"{common_dir} is a bare repository, and its worktrees are gone: {', '.join(gone)}. If they were "
            f"moved: git --git-dir={common_dir} worktree repair FOLDER, with the new place of each."
        )
    raise RepositoryError(
        f"{common_dir} is a bare repository: it has no worktree to land into and to look at. Make one "
        f"(git --git-dir={common_dir} worktree add FOLDER BRANCH) and run porch there, or clone it."
    )


def _main(common_dir: Path, around: WorkingTree | None) -> WorkingTree:
    """Return the main worktree, looked for where it most certainly is first."""
    settings = read_settings(common_dir / "config")
    is_around = around is not None and around.git_dir.resolve() == common_dir.resolve()
    places = [around.path] if around and is_around else []
    if common_dir.name == ".git":
        places.append(common_dir.parent)
    places += [common_dir / named for named in settings.get(WORKTREE, ())]  # of a submodule: git writes it
    if (remembered := content(common_dir / "porch" / _MAIN)) is not None:
        places.append(Path(remembered))
    for path in places:
        if _leads_to(path, common_dir):
            return WorkingTree(path.resolve(), common_dir)
    if is_on(settings, BARE):  # something has made an index in a bare repository
        return _of_bare(common_dir, around)
    raise RepositoryError(
        f"porch needs the main worktree of {common_dir}, and git does not record where it is. "
        "Start porch there instead of in a linked worktree or the git directory."
    )
