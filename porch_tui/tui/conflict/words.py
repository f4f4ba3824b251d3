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
    return {
        Choice.MAIN: who.main,
        Choice.TASK: who.task,
        Choice.BOTH: f"both, {who.target} first",
        Choice.BOTH_REVERSED: f"both, {who.task} first",
        Choice.BASE: "the base",
        Choice.NONE: "neither",
        Choice.TEXT: f"written by {decision.author or 'hand'}",
        Choice.AS: f"as {decision.name}",
    }[decision.choice]


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
    gone, other = (
        (who.main, who.task) if any(stage.number == 3 for stage in path.stages) else (who.task, who.main)
    )
    original = f"; its own name was {path.origin}" if path.origin else ""
    renamed_folder = f"the folder it was added to was renamed{original}"
    submodule = "each side has the submodule at another commit; git does not merge submodules"
    known = {
        ConflictKind.MODIFY_DELETE: f"{gone} removed it, {other} changed it",
        ConflictKind.RENAME_DELETE: f"{gone} removed it, {other} renamed it",
        ConflictKind.RENAME_RENAME: "each gave it another name",
        ConflictKind.RENAME_COLLIDES: "two files were given this name",
        ConflictKind.FILE_DIRECTORY: "a file for one, a folder for the other",
        ConflictKind.DIRECTORY_RENAME: renamed_folder,
        ConflictKind.DIRECTORY_RENAME_UNCLEAR: renamed_folder,
        ConflictKind.SUBMODULE: submodule,
        ConflictKind.SUBMODULE_ABSENT: submodule,
        ConflictKind.BINARY: "both changed it, and it is not text",
        ConflictKind.DISTINCT_TYPES: "it has another type on each side",
    }
    if path.kind in known:
        return known[path.kind]
    if not path.stages:
        return "git says no more about it"
    if {stage.mode for stage in path.stages if stage.number > 1} == {"100644", "100755"}:
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
    numbers = {stage.number for stage in path.stages} & {2, 3}
    if numbers and path.origin:
        found.append(PathChoice(f"its own name: {path.origin}", Decision(Choice.AS, name=path.origin)))
    if numbers == {2, 3}:
        found.append(PathChoice(f"both: the one of {who.task} under another name…", None))
    elif numbers:
        found.append(PathChoice("under another name…", None))
    return tuple(found)


def _path_words(choice: Choice, path: PathConflict, who: Names, versions: Mapping[str, bytes]) -> str:
    sides = {Choice.BASE: (1, "the base"), Choice.MAIN: (2, who.main), Choice.TASK: (3, who.task)}
    if choice not in sides:
        return "remove it" if choice is Choice.NONE else "as git merged it"
    number, side = sides[choice]
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
