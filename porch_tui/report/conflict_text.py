"""A conflict as text: what each side did to the base, hunk by hunk, and what is chosen so far.

Never bare "ours" and "theirs": the target, with what landed in it, and the task by its name. What
collides are two changes, so each side is shown as its difference from the base.
"""

from __future__ import annotations

from collections.abc import Sequence

from porch_tui.core.conflict.conflict import Choice, ConflictKind, Decision, PathConflict, Subject
from porch_tui.core.conflict.offers import OfferSource, for_what_is_open
from porch_tui.core.conflict.view import ConflictView
from porch_tui.core.model.wording import counted, listed
from porch_tui.present.clean import clean
from porch_tui.report.sections.sides import difference, lines_of

MOST_LINES = 24
"""Of one side of a hunk; the rest is counted, and `--edit` shows it."""


def conflicts_text(views: Sequence[ConflictView]) -> str:
    """Return every conflict with its hunks, for people."""
    if not views:
        return "no task is in conflict\n"
    return "\n".join("\n".join(_task_lines(one)) + "\n" for one in views)


def what_is_left(one: ConflictView) -> str:
    """Return what is left to choose and how, or that nothing is, in a few lines."""
    if not one.missing:
        return f"{one.task}: every conflict is decided\n"
    lines = [f"{one.task}: {len(one.missing)} of {len(one.conflict.paths)} files left"]
    lines += [f"  {clean(point)}" for point in one.missing]
    lines.append(f"  porch resolve {one.task} --take main|task|both|both-reversed|base PATH[:HUNK]")
    lines.append(f"  porch resolve {one.task} --edit PATH, or --with FILE PATH[:HUNK]")
    for word, offers in one.offers.items():
        if for_what_is_open(one.conflict.paths, one.record, offers):
            lines.append(f"  porch resolve {one.task} --take {word} (or with PATH[:HUNK])")
    return "\n".join(lines) + "\n"


def _task_lines(one: ConflictView) -> list[str]:
    partners = f" with {listed(one.partners)}" if one.partners else ""
    lines = [f"{one.task}: conflict{partners} in {counted(len(one.conflict.paths), 'file')}"]
    main = f"{one.target} ({', '.join(one.partners)})" if one.partners else one.target
    for path in one.conflict.paths:
        lines += ["", *_path_lines(path, one, main)]
    return [*lines, "", *what_is_left(one).splitlines()]


def _path_lines(path: PathConflict, one: ConflictView, main: str) -> list[str]:
    decisions = one.record.decisions()
    whole = decisions.get((path.path, path.stages))
    name = clean(path.path)
    kind = "words only" if not path.stages and path.kind is ConflictKind.OTHER else path.kind.value
    lines = [f"{name}  ({kind})"]
    if whole is not None:
        return [*lines, f"  whole file: {_decision(whole)}{_earlier(one, path, path.stages, whole)}"]
    stages = {stage.number for stage in path.stages}
    if not path.hunks:
        sides = {2: f"{main} has it", 3: f"{one.task} has it", 1: "so had the base"}
        there = ", ".join(side for number, side in sides.items() if number in stages)
        choices = "|".join(path.choices) + (" or --as NAME" if {2, 3} & stages else "")
        lines.append(f"  whole file: not decided; {there}; take {choices}")
    # another name, where that is one of the obvious ways out
    if path.origin:
        lines.append(f"  without the renamed directory: --as {clean(path.origin)} {name}")
    elif stages == {2, 3}:
        lines.append(f"  to keep both: --as NAME {name}")
    lines += _offer_lines(one, path, path.stages)
    for number, hunk in enumerate(path.hunks, 1):
        decision = decisions.get((path.path, hunk))
        chosen = f"{_decision(decision)}{_earlier(one, path, hunk, decision)}"
        lines.append(f"  hunk {number} of {len(path.hunks)}: {chosen}")
        lines += _offer_lines(one, path, hunk) if decision is None else []
        lines += [f"    {main}:", *_side(hunk.base, hunk.main)]
        lines += [f"    {one.task}:", *_side(hunk.base, hunk.task)]
    return lines


def _offer_lines(one: ConflictView, path: PathConflict, subject: Subject) -> list[str]:
    """Return what is put forward for a hunk or a whole path, in full where it was written."""
    lines = []
    for word, offers in one.offers.items():
        offer = offers.get((path.path, subject))
        if offer is None:
            continue
        where = offer.task if offer.run == one.run else offer.run
        source = f" from {where}" if where else ""
        by = f" by {clean(offer.decision.author)}" if offer.decision.author else ""
        lines.append(f"    {word}{source}{by}: {_decision(offer.decision)}")
        if offer.decision.choice is Choice.TEXT:
            lines += _cut([f"      + {line}" for line in map(clean, lines_of(offer.decision.text))])
    return lines


def _earlier(one: ConflictView, path: PathConflict, subject: Subject, decision: Decision | None) -> str:
    """Say whether a decision is one that has been applied before in this run, and still fits."""
    offer = one.offers.get(OfferSource.REMEMBERED, {}).get((path.path, subject))
    is_same = offer is not None and (offer.run, offer.task, offer.decision) == (one.run, one.task, decision)
    return ", as resolved before: it still fits" if is_same else ""


def _side(base: bytes, side: bytes) -> list[str]:
    """Return what a side did to the base: lines that went, came and stayed."""
    lines = [f"      {change.value} {clean(line)}" for change, line in difference(base, side)]
    return _cut(lines) or ["      (no lines)"]


def _cut(lines: list[str]) -> list[str]:
    if len(lines) <= MOST_LINES:
        return lines
    return [*lines[:MOST_LINES], f"      … {len(lines) - MOST_LINES} more lines"]


def _decision(decision: Decision | None) -> str:
    if decision is None:
        return "not decided"
    if decision.choice is Choice.AS:
        return f"as {clean(decision.name)}"
    return "written by hand" if decision.choice is Choice.TEXT else str(decision.choice)
