"""A plan file with edits in it: written into its text, and proven by reading that text again."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from porch_tui.core.advice.edits import Edit, Key, joined, values_of, with_edits
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Plan, TaskId, TaskSpec
from porch_tui.errors import PlanError
from porch_tui.planfile.editing.edited_text import CannotWrite, PlanText, with_insertions
from porch_tui.planfile.read import PlanFile, plan_from
from porch_tui.planfile.text.mistakes import Findings, KeyPath
from porch_tui.planfile.text.source import Source


class EditedPlan(Struct, frozen=True):
    """What a plan file would be with edits in it."""

    content: bytes
    written: tuple[Edit, ...]
    left: tuple[tuple[Edit, str], ...]
    """What its author has to write, and why."""


def edited(read: PlanFile, edits: Sequence[Edit]) -> EditedPlan:
    """Return the file with as many of the edits as can be written by adding characters alone.

    With them it is a valid plan that differs from the old one in nothing else.
    """
    content, left = _written(read, edits)
    written = tuple(edit for edit in edits if edit not in dict(left))
    if has_effect(read, content, written):
        return EditedPlan(content, written, tuple(left))
    return _one_by_one(read, edits)


def _one_by_one(read: PlanFile, edits: Sequence[Edit]) -> EditedPlan:
    """Return the same, each edit tried with those that went well before it."""
    written: list[Edit] = []
    left: list[tuple[Edit, str]] = []
    content = read.content
    for edit in edits:
        tried, trouble = _written(read, [*written, edit])
        if trouble:
            left += [one for one in trouble if one[0] == edit]
        elif has_effect(read, tried, [*written, edit]):
            written.append(edit)
            content = tried
        else:
            left.append((edit, "adding it does not give a valid plan with this change alone"))
    return EditedPlan(content, tuple(written), tuple(left))


def has_effect(read: PlanFile, content: bytes, edits: Sequence[Edit]) -> bool:
    """Say whether `content` is a valid plan: the one that was read, with the edits and nothing else."""
    try:
        now = plan_from(content, read.file, Path(read.file).stem, read.items, on=read.on)
    except PlanError:
        return False
    return _without_lines(now.plan) == _without_lines(with_edits(read.plan, edits))


def _without_lines(plan: Plan) -> Plan:
    tasks = tuple(replace(spec, line=0) for spec in plan.tasks)
    return replace(plan, tasks=tasks, places=tuple(replace(spec, line=0) for spec in plan.places))


def _written(read: PlanFile, edits: Sequence[Edit]) -> tuple[bytes, list[tuple[Edit, str]]]:
    """Return the file's bytes with the edits, and those that cannot be written, each with its reason."""
    mark = codecs.BOM_UTF8 if read.content.startswith(codecs.BOM_UTF8) else b""
    text = read.content.removeprefix(mark).decode()
    plan_text, specs = PlanText(text), {spec.id: spec for spec in read.plan.tasks}
    insertions, left = [], dict[tuple[TaskId, Key], str]()
    for (at, key), tasks in _by_place(read, edits).items():
        try:
            add, whole = _one_value(read, at, key, tasks, specs)
            insertions.append(plan_text.insertion(at, key, add, whole))
        except CannotWrite as reason:
            left |= dict.fromkeys(((task, key) for task in tasks), str(reason))
    refused = [(edit, left[edit.task, edit.key]) for edit in edits if (edit.task, edit.key) in left]
    return mark + with_insertions(text, insertions).encode(), refused


def _by_place(
    read: PlanFile, edits: Sequence[Edit]
) -> dict[tuple[KeyPath, Key], dict[TaskId, tuple[str, ...]]]:
    """Return what is added to which tasks, by where they are written: those of `each` are in one place."""
    source = Source(read.root, Findings(), made=read.made)
    found: dict[tuple[KeyPath, Key], dict[TaskId, tuple[str, ...]]] = {}
    for (task, key), add in joined(edits).items():
        found.setdefault((source.place_of(task), key), {})[task] = add
    return found


def _one_value(
    read: PlanFile,
    at: KeyPath,
    key: Key,
    added: Mapping[TaskId, tuple[str, ...]],
    specs: Mapping[TaskId, TaskSpec],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is added at a place, and all that is there then. CannotWrite if its tasks differ."""
    tasks = [task for task, made in read.made.items() if made.place == at] or list(added)
    values = {(added.get(TaskId(task), ()), values_of(specs[TaskId(task)], key)) for task in tasks}
    if len(values) > 1:
        raise CannotWrite("its entry of 'each' makes other tasks too")
    ((add, now),) = values
    return add, (*now, *add)
