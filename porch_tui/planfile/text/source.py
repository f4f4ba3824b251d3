"""The file behind a decoded plan: where each of its values is, and what is wrong with it.

Knows which keys of `defaults` a task takes over, and nothing else about plans.
"""

from __future__ import annotations

from collections.abc import Collection, KeysView, Mapping
from typing import TypeVar

from msgspec import Struct, field

from porch_tui.planfile.text.mistakes import Findings, KeyPath
from porch_tui.planfile.text.nodes import ListNode, MapNode, Node, Scalar, entry_at

Value = TypeVar("Value")


class Made(Struct, frozen=True):
    """Where a task is from that an entry of `each` makes, or a task with `tries`."""

    place: KeyPath
    """Of what is written."""
    group: str
    """The name of the entry of `each`; empty: it is one of several tries."""
    item: str
    max_fail: int | None = None


class Source(Struct, frozen=True):
    """The values of one plan file with their places, and what was found wrong with them."""

    root: Node
    found: Findings
    others: frozenset[str] = frozenset()
    """Tasks that there are besides: those of the run that this is added to."""
    made: dict[str, Made] = field(default_factory=dict)
    """The tasks of `each` by id; filled in while the plan is decoded."""
    groups: dict[str, list[str]] = field(default_factory=dict)
    """The ids of those tasks by the name of their group, and of the groups there are besides."""

    @property
    def tasks(self) -> Collection[str]:
        """The ids of all tasks there will be."""
        written = self.written("tasks")
        if not (self.others or self.made):
            return written
        return {*written, *self.others, *self.made} - self.groups.keys()

    def has_task(self, name: str) -> bool:
        """Say whether there will be a task of this id."""
        return name in self.made or name in self.others or name in self.written("tasks")

    def place_of(self, task: str) -> KeyPath:
        """Return where a task is written."""
        made = self.made.get(task)
        return ("tasks", task) if made is None else made.place

    def refuse(self, path: KeyPath, text: str) -> None:
        """Note a mistake in the value at `path`."""
        self.found.mistake(entry_at(self.root, path).node.place, path, text)

    def refuse_key(self, path: KeyPath, text: str) -> None:
        """Note a mistake that concerns the whole entry at `path`."""
        self.found.mistake(entry_at(self.root, path).place, path, text)

    def warn(self, path: KeyPath, text: str) -> None:
        """Note a warning about the value at `path`."""
        self.found.warn(entry_at(self.root, path).node.place, text)

    def line_of(self, path: KeyPath) -> int:
        """Return the line of the key at `path`, from 1."""
        return entry_at(self.root, path).place.line

    def written(self, *path: str | int) -> KeysView[str]:
        """Return the keys written in the mapping at `path`, right or wrong; none if there is no mapping."""
        node = self.root
        for part in path:  # by hand: it is asked a dozen times for each task
            if isinstance(node, MapNode) and part in node.entries:
                node = node.entries[str(part)].node
            elif isinstance(node, ListNode) and isinstance(part, int) and part < len(node.items):
                node = node.items[part]
            else:
                return {}.keys()
        return node.entries.keys() if isinstance(node, MapNode) else {}.keys()

    def keys_of_task(self, task: str) -> frozenset[str]:
        """Return the keys a task has, of its own and by `defaults`."""
        own = self.written(*self.place_of(task))
        found = frozenset(own) | inherited(own, dict.fromkeys(self.written("defaults"))).keys()
        return found | {"agent"} if "agents" in found else found  # of several tries each has one

    def task_path(self, task: str, key: str) -> KeyPath:
        """Return where a task's value for `key` is written: in the task, or in `defaults`."""
        place = self.place_of(task)
        if key == "agent" and "agents" in self.written(*place):
            return (*place, "agents")
        is_own = key in self.written(*place) or key not in self.written("defaults")
        return (*place, key) if is_own else ("defaults", key)

    def item_path(self, path: KeyPath, item: str) -> KeyPath:
        """Return the path of the first `item` in the list at `path`."""
        node = entry_at(self.root, path).node
        if isinstance(node, ListNode):
            for at, each in enumerate(node.items):
                if isinstance(each, Scalar) and each.text == item:
                    return (*path, at)
        return path


def inherited(own: Collection[str], defaults: Mapping[str, Value]) -> dict[str, Value]:
    """Return what a task with the keys `own` takes from `defaults`.

    `run`, and `agent` with `prompt`, are two ways to say one thing: a task that
    says it one way takes nothing of the other.
    """
    covered = {*own}
    if "run" in covered:
        covered |= {"agent", "agents", "prompt"}
    if covered & {"agent", "agents", "prompt"}:
        covered.add("run")
    if "agents" in covered:
        covered.add("agent")
    return {key: value for key, value in defaults.items() if key not in covered}
