"""Tasks for a run that there is already, read as if its plan file had them.

They take over what that file says for all its tasks (`defaults`, `agents`, `wraps`, `places`), may name the
run's tasks, and are checked by the same rules. A plan file that adds tasks may have those of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Plan
from porch_tui.planfile.each.items import NO_ITEMS, ItemSource
from porch_tui.planfile.read import PlanFile, content_of, decoded, refusing
from porch_tui.planfile.text.composer import compose
from porch_tui.planfile.text.mistakes import Findings, Place, Refused, shown
from porch_tui.planfile.text.nodes import Entry, ListNode, MapNode, Node, Scalar, moved
from porch_tui.planfile.text.source import Source, inherited
from porch_tui.planfile.warnings import warn_of_tasks

OF_TASKS = frozenset({"name", "goal", "defaults", "agents", "wraps", "places", "tasks", "each"})
"""The keys that may differ from the run's plan file."""
FIELDS: Mapping[str, str] = {
    "validate_timeout": "validate_timeout_s",
    "history": "squash",
    "hooks": "runs_hooks",
    "place": "on",
}
"""Of a Plan, where they are not called like the key."""
NOT_TAKEN_OVER = frozenset({"tasks", "each", "name", "goal", "resolver", "budget"})
"""Keys of the run's plan file that mean nothing for tasks that are added."""


class Receiver(Struct, frozen=True):
    """The run that tasks are added to."""

    plan: Plan
    """With all its tasks, and the branch it lands on as `target`."""
    content: bytes
    """Its plan file as it was when the run began; empty if that is not known."""
    file: str
    """What mistakes call that file."""


def read_additions(path: Path, run: Receiver, items: ItemSource) -> PlanFile:
    """Return the tasks of a plan file as those of a run; the plan has no others. PlanError as `read_plan`."""
    file = str(path)
    with refusing(file) as found:
        return _added(compose(content_of(path), found), run, file, found, items)


def addition_of(task: str, options: Mapping[str, str | list[str]], run: Receiver) -> PlanFile:
    """Return a task that options of the command line describe as one of a run; the plan has no other.

    `options` has words or YAML by option: `--after`, and `--set KEY` for any other key.
    PlanMistakes, each with its option, if anything in it is wrong.
    """
    with refusing("") as found:
        entries = {}
        for option, value in options.items():
            place = Place(0, 0, option)
            key = option.removeprefix("--set ").removeprefix("--")
            entries[key] = Entry(place, _option(place, value, found))
        own = MapNode(Place(0, 0, "ID"), entries)
        tasks = MapNode(own.place, {task: Entry(own.place, own)})
        return _added(MapNode(own.place, {"tasks": Entry(own.place, tasks)}), run, "", found, NO_ITEMS)


def other_settings(plan: Plan, of_run: Plan) -> list[str]:
    """Return the keys of the whole plan that have other values than the run has."""
    keys = {field: key for key, field in FIELDS.items()}
    found = []
    for field in Plan.__struct_fields__:
        value = getattr(plan, field)
        is_open = field == "target" and value is None
        if field not in OF_TASKS and not is_open and value != getattr(of_run, field):
            found.append(keys.get(field, field))
    own = {spec.name: replace(spec, line=0) for spec in of_run.places}
    if any(own.get(spec.name, spec) != replace(spec, line=0) for spec in plan.places):
        found.append("places")
    return found


def _option(place: Place, value: str | list[str], found: Findings) -> Node:
    """Return an option's value: words as they are, or what YAML makes of the text of `--set`."""
    if isinstance(value, list):
        return ListNode(place, tuple(Scalar(place, word, word) for word in value))
    if not place.source.startswith("--set"):
        return Scalar(place, value, value)
    text = Findings()
    try:
        node = compose(value.encode(), text)
    except Refused:
        node = Scalar(place, value, value)
    for mistake in text.mistakes:
        found.mistake(place, (), mistake.text)
    return moved(node, lambda _: place)


def _added(root: Node, run: Receiver, file: str, found: Findings, items: ItemSource) -> PlanFile:
    """Return a plan of the tasks written at `root`."""
    merged = _merged(root, run) if isinstance(root, MapNode) else root
    source = Source(merged, found, frozenset(spec.id for spec in run.plan.tasks), groups=groups_of(run.plan))
    for task in source.written("tasks"):
        if task in source.others:
            source.refuse_key(
                ("tasks", task), f"the run has a task {shown(task)} already; expected another id"
            )
    plan = decoded(source, run.plan.name, items, source.others)
    if not found.mistakes:
        _check_against(plan, run.plan, source)
        _check_settings(plan, run.plan, root, source)
        warn_of_tasks(plan.tasks, (*run.plan.tasks, *plan.tasks), source)
    return PlanFile(plan, found.warnings, file, merged, made=source.made)


def groups_of(plan: Plan) -> dict[str, list[str]]:
    """Return the ids of the tasks of each group of a plan."""
    groups: dict[str, list[str]] = {}
    for spec in plan.tasks:
        if spec.group:
            groups.setdefault(spec.group, []).append(spec.id)
    return groups


def _check_against(plan: Plan, of_run: Plan, source: Source) -> None:
    """Note agents that are others than those the run knows by their names."""
    known = {agent.name: agent for agent in of_run.agents}
    for agent in plan.agents:
        if known.get(agent.name, agent) != agent:
            text = f"the run has another agent {shown(agent.name)}; expected another name, or the same agent"
            source.refuse_key(("agents", agent.name), text)


def _check_settings(plan: Plan, of_run: Plan, root: Node, source: Source) -> None:
    """Note settings of the whole run that are others than it has: they would not be obeyed."""
    assert isinstance(root, MapNode)  # else there are mistakes
    for key in root.entries.keys() - OF_TASKS:
        field = FIELDS.get(key, key)
        if getattr(plan, field, None) != getattr(of_run, field, None):
            text = (
                "the run has another value; expected the same or none: tasks that are added share the run's"
            )
            source.refuse_key((key,), text)


def _merged(new: MapNode, run: Receiver) -> MapNode:
    """Return what is written at `new` with what the run's plan file says for all its tasks."""
    own = _root_of(run)
    entries = {key: entry for key, entry in own.entries.items() if key not in NOT_TAKEN_OVER}
    for key, entry in new.entries.items():
        there = entries.get(key)
        if there is None or not (isinstance(there.node, MapNode) and isinstance(entry.node, MapNode)):
            entries[key] = entry
            continue
        kept = (
            dict(there.node.entries)
            if key != "defaults"
            else inherited(entry.node.entries, there.node.entries)
        )
        entries[key] = replace(entry, node=replace(entry.node, entries=kept | entry.node.entries))
    return MapNode(new.place, entries)


def _root_of(run: Receiver) -> MapNode:
    """Return the values of the run's plan file, their places in that file; none if it is not known."""
    nothing = MapNode(Place(1, 1), {})
    if not run.content:
        return nothing
    root = compose(run.content, Findings())
    return (
        MapNode(
            root.place,
            {
                key: Entry(entry.place, moved(entry.node, lambda place: replace(place, source=run.file)))
                for key, entry in root.entries.items()
                if key not in NOT_TAKEN_OVER
            },
        )
        if isinstance(root, MapNode)
        else nothing
    )
