"""What to change in a plan, and what runs have taught about it, as sections of a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from porch_tui.core.advice.edits import Edit, Key
from porch_tui.core.advice.lessons import Lesson
from porch_tui.core.model.wording import all_of
from porch_tui.present.fix_command import fix_command
from porch_tui.report.forms.page import Item, Listing, Section

SHOWN = 20
"""More edits than this are counted; `porch check --fix` shows them all."""


def advice_sections(edits: Sequence[Edit], lessons: Iterable[Lesson], plan_path: str) -> Iterator[Section]:
    """Yield what to change in a plan, and what else its runs have taught; nothing where there is nothing."""
    lines = advice_lines(edits)
    items = [Item(f"{line}.") for line in lines[:SHOWN]]
    items += [Item(f"and {len(lines) - SHOWN} more.")] if len(lines) > SHOWN else []
    # what has an edit is in its reason
    items += [Item(f"An earlier run: {one.text}.") for one in lessons if not one.edits]
    if edits:
        items.append(Item("To see this in the file, and have it written", fix_command(plan_path)))
    if items:
        yield Section("Advice", (Listing(tuple(items)),))


def lessons_section(lessons: Sequence[Lesson], plan_path: str) -> Iterator[Section]:
    """Yield what a run has taught about its plan; nothing if that is nothing."""
    if lessons:
        items = [Item(f"{one.text}.") for one in lessons[:SHOWN]]
        items += [Item(f"and {len(lessons) - SHOWN} more.")] if len(lessons) > SHOWN else []
        if any(one.edits for one in lessons):
            items.append(Item("To see what the plan would say, and have it written", fix_command(plan_path)))
        yield Section("What this run taught", (Listing(tuple(items)),))


def advice_lines(edits: Iterable[Edit]) -> list[str]:
    """Return the edits in words, each with its reason, and without its full stop."""
    return [f"{what}. {one.reason}" for what, one in by_reason(edits).items()]


def by_reason(edits: Iterable[Edit]) -> dict[str, Edit]:
    """Return what to do, in words, with an edit that it is about.

    It is one thing where several tasks need the same for the same reason.
    """
    tasks: dict[tuple[Key, tuple[str, ...], str], list[Edit]] = {}
    for edit in edits:
        tasks.setdefault((edit.key, edit.add, edit.reason), []).append(edit)
    return {
        f"{all_of([one.task for one in same])}: add {written(key, add)}": same[0]
        for (key, add, _), same in tasks.items()
    }


def written(key: Key, add: Sequence[str]) -> str:
    """Return what is added as a plan has it."""
    return f"{key.value}: {add[0]}" if key is Key.CHECKS else f"{key.value}: [{', '.join(add)}]"
