"""A conflict in words: who did what, and what can be chosen. Never "ours" and "theirs". Pure."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from porch_tui.core.conflict.conflict import (
    Choice,
    ConflictKind,
    ConflictRecord,
    Decision,
    PathConflict,
    Settled,
    Stage,
)
from porch_tui.core.conflict.splice import Result, result
from porch_tui.core.conflict.view import ConflictView
from porch_tui.core.model.wording import counted, listed
from porch_tui.tui.conflict.viewpoint import Offered, Viewpoint
from porch_tui.tui.conflict.word_diff import lines_of

_LINK, _SUBMODULE, _EXECUTABLE = "120000", "160000", "100755"


class Names(Struct, frozen=True):
    """What the two sides are called."""

    target: str
    main: str
    """The target, with the tasks that landed there and touched it."""
    task: str
    title: str

    @property
    def task_in_full(self) -> str:
        """The task with its title."""
        return f"{self.task}: {self.title}" if self.title not in ("", self.task) else self.task


def names(view: ConflictView, title: str) -> Names:
    """Return what the sides of a conflict are called."""
    main = f"{view.target} with {listed(view.partners)}" if view.partners else view.target
    return Names(view.target, main, view.task, title)


def choice_words(decision: Decision, who: Names) -> str:
    """Return a decision in a few words."""
    match decision.choice:
        case Choice.MAIN:
            return who.main
        case Choice.TASK:
            return who.task
        case Choice.BOTH:
            return f"both, {who.target} first"
        case Choice.BOTH_REVERSED:
            return f"both, {who.task} first"
        case Choice.BASE:
            return "the base"
        case Choice.NONE:
            return "neither"
        case Choice.TEXT:
            return f"written by {decision.author}" if decision.author else "written by hand"
        case Choice.AS:
            return f"as {decision.name}"


def source_words(offered: Offered, conflicted: ConflictView, who: Names) -> str:
    """Return where an offer comes from and what it is: `remembered from auth: both, main first`."""
    offer = offered.offer
    place = offer.task if offer.run == conflicted.run else offer.run
    source = f" from {place}" if place else f" by {offer.decision.author}" if offer.decision.author else ""
    if offer.decision.author and offer.decision.choice is Choice.TEXT:
        return f"{offered.word}{source}"  # the text itself is shown below
    return f"{offered.word}{source}: {choice_words(offer.decision, who)}"


def left_text(view: Viewpoint) -> str:
    """Return how much is left to choose: `2 hunks`, or `2 choices` if some are about whole files."""
    is_hunks_only = all(0 not in left for left in view.left)
    return counted(view.left_count, "hunk" if is_hunks_only else "choice")


def where_left(view: Viewpoint) -> str:
    """Return how much is left to choose and where the first of it is, for a message."""
    at = next(at for at, left in enumerate(view.left) if left)
    numbers = [str(number) for number in view.left[at] if number]
    where = f", hunk {listed(numbers)}" if numbers else ""
    more = sum(1 for left in view.left if left) - 1
    others = f" and {counted(more, 'more file')}" if more else ""
    return f"{left_text(view)} left: {view.paths[at].path}{where}{others} (n)"


def kind_words(path: PathConflict, who: Names) -> str:
    """Return in a sentence how a path conflicts that can only be chosen whole."""
    numbers = {stage.number for stage in path.stages}
    modes = {stage.mode for stage in path.stages if stage.number > 1}
    gone, other = (who.task, who.main) if 3 not in numbers else (who.main, who.task)
    match path.kind:
        case ConflictKind.MODIFY_DELETE:
            return f"{gone} removed it, {other} changed it"
        case ConflictKind.RENAME_DELETE:
            return f"{gone} removed it, {other} renamed it"
        case ConflictKind.RENAME_RENAME:
            return "each gave it another name"
        case ConflictKind.RENAME_COLLIDES:
            return "two files were given this name"
        case ConflictKind.FILE_DIRECTORY:
            return "a file for one, a folder for the other"
        case ConflictKind.DIRECTORY_RENAME | ConflictKind.DIRECTORY_RENAME_UNCLEAR:
            original = f"; its own name was {path.origin}" if path.origin else ""
            return f"the folder it was added to was renamed{original}"
        case ConflictKind.SUBMODULE | ConflictKind.SUBMODULE_ABSENT:
            return "each side has the submodule at another commit; git does not merge submodules"
        case ConflictKind.BINARY:
            return "both changed it, and it is not text"
        case ConflictKind.DISTINCT_TYPES:
            return "it has another type on each side"
        case ConflictKind.CONTENT | ConflictKind.OTHER:
            if not path.stages:
                return "git says no more about it"
            if modes == {"100644", "100755"}:
                return "executable on one side only"
            return "both changed it; it can only be chosen whole"


class PathChoice(Struct, frozen=True):
    """One choice for a path that can only be chosen whole."""

    text: str
    decision: Decision | None
    """None: a name is asked for first."""


def path_choices(view: Viewpoint, who: Names) -> tuple[PathChoice, ...]:
    """Return the choices; of those with the same result only the first."""
    path, seen, found = view.path, list[Result | None](), list[PathChoice]()
    for choice in path.choices:
        comes_to = result(
            path, ConflictRecord().with_step((Settled(path.path, path.stages, Decision(choice)),))
        )
        if comes_to not in seen:
            seen.append(comes_to)
            found.append(PathChoice(_path_words(choice, path, who, view.versions), Decision(choice)))
    return (*found, *_namings(path, who))


def _namings(path: PathConflict, who: Names) -> tuple[PathChoice, ...]:
    numbers = {stage.number for stage in path.stages} & {2, 3}
    if not numbers:
        return ()
    text = f"both: the one of {who.task} under another name…" if numbers == {2, 3} else "under another name…"
    by_name = PathChoice(text, None)
    if not path.origin:
        return (by_name,)
    return (PathChoice(f"its own name: {path.origin}", Decision(Choice.AS, name=path.origin)), by_name)


def _path_words(choice: Choice, path: PathConflict, who: Names, versions: Mapping[str, bytes]) -> str:
    if choice is Choice.NONE:
        return "remove it"
    if choice not in (Choice.MAIN, Choice.TASK, Choice.BASE):
        return "as git merged it"
    number = {Choice.BASE: 1, Choice.MAIN: 2, Choice.TASK: 3}[choice]
    side = {1: "the base", 2: who.main, 3: who.task}[number]
    return f"{side}: {what(next((one for one in path.stages if one.number == number), None), versions)}"


def what(stage: Stage | None, versions: Mapping[str, bytes]) -> str:
    """Return what a version of a path is: `a file, 12 lines`, `removed`."""
    if stage is None:
        return "removed"
    text = versions.get(stage.oid)
    if stage.mode == _SUBMODULE:
        return f"the submodule at {stage.oid[:7]}"
    if stage.mode == _LINK:
        return f"a link to {'…' if text is None else text.decode('utf-8', 'surrogateescape')}"
    size = "not text" if text is None else counted(len(lines_of(text)), "line")
    return f"{'an executable' if stage.mode == _EXECUTABLE else 'a'} file, {size}"
