"""Several theories of one prompt or command, without writing them out: `tries` of a task, before decoding."""

from __future__ import annotations

from typing import Any

from porch_tui.planfile.each.expansion import LONGEST_ID, filled_value
from porch_tui.planfile.each.item_templates import Items, Unquotable
from porch_tui.planfile.text.source import Made, Source

KEYS = frozenset({"tries", "agents"})
"""That make several theories of a task."""


def expand_tries(values: dict[str, Any], source: Source) -> None:
    """Replace each task that has `tries` or `agents` by that many; `source` learns where those are from."""
    tasks: dict[str, Any] = {}
    for name, task in values["tasks"].items():
        if not isinstance(task, dict) or not KEYS & task.keys():
            tasks[name] = task
        elif name in source.made:
            path = source.place_of(name)
            source.refuse_key(path, "found 'tries' in an entry of 'each'; expected one of the two")
        else:
            tasks |= _tries(name, task, values["tasks"].keys(), source)
    values["tasks"] = tasks


def _tries(name: str, task: dict[str, Any], taken: Any, source: Source) -> dict[str, Any]:
    """Return the theories that a task makes; itself if something is wrong with it."""
    own = {key: value for key, value in task.items() if key not in KEYS}
    if task.get("kind") != "hypothesis":
        key = "tries" if "tries" in task else "agents"
        text = f"found '{key}' in a task that is no theory; expected kind: hypothesis with it"
        source.refuse_key(source.task_path(name, key), text)
        return {name: own}
    if "agents" in task and "agent" in source.written("tasks", name):
        source.refuse_key(("tasks", name), "found 'agent' and 'agents'; expected one of them")
    agents = task.get("agents", ())
    count = task.get("tries", len(agents))
    made: dict[str, Any] = {}
    source.groups[name] = []
    for number in range(1, count + 1):
        id = f"{name}-{number}"
        if id in taken or len(id) > LONGEST_ID:
            why = "is the id of a task" if id in taken else f"has more than {LONGEST_ID} characters"
            source.refuse_key(("tasks", name), f"makes '{id}', which {why}; expected another id")
            continue
        part = Items((str(number),), number)
        try:
            filled = {key: filled_value(key, value, part) for key, value in own.items()}
        except Unquotable as why:
            source.refuse_key(("tasks", name), f"found {why}")
            continue
        made[id] = filled | ({"agent": agents[(number - 1) % len(agents)]} if agents else {})
        source.made[id] = Made(("tasks", name), "", "")
        source.groups[name].append(id)
    return made
