"""What people type into of interactive tasks: terminals and their sizes, and what does not go with them."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from msgspec import UNSET, UnsetType

from porch_tui.core.model.plan import OpenStdin, TaskId, Terminal
from porch_tui.planfile.keys.task_keys import TaskEntry
from porch_tui.planfile.text.mistakes import KeyPath, shown
from porch_tui.planfile.text.source import Source

SMALLEST, LARGEST = 2, 1000
"""Columns and rows that a terminal may have."""
MOST_REPEATS = 3
"""Repetitions in a pattern for rows: with more, a long row that almost fits takes too long."""


def check_terminal(task: TaskId, entry: TaskEntry, terminal: Terminal | None, source: Source) -> None:
    """Note what does not go with a terminal, or needs one."""
    if terminal is None:
        if "size" in source.written(*source.place_of(task)):
            text = (
                "found size without a terminal; expected tty: true as well, in the task or where its agent is"
            )
            source.refuse(source.task_path(task, "size"), text)
        return
    if entry.shared:
        text = "found tty: true and shared: true; expected one of them: a terminal is a task's own"
        source.refuse(source.task_path(task, "shared"), text)


def check_open_stdin(
    task: TaskId, entry: TaskEntry, open_stdin: OpenStdin | None, terminal: Terminal | None, source: Source
) -> None:
    """Note what does not go with an open standard input."""
    if open_stdin is None:
        return
    if terminal is not None:
        found = f"found stdin_open: true and tty: true for task '{task}'"
        text = f"{found}; expected one of them: a terminal is typed into anyway"
        source.refuse(source.task_path(task, "stdin_open"), text)
    elif entry.shared:
        text = "found stdin_open: true and shared: true; expected one of them: who asks holds up the others"
        source.refuse(source.task_path(task, "shared"), text)


def has_timeout_for_people(task: TaskId, source: Source) -> bool:
    """Say whether an interactive task has a timeout that is meant for it: a person may come back tomorrow.

    One of `defaults` is for tasks that no one types into, unless tasks are made interactive there too.
    """
    own = source.written(*source.place_of(task))
    by_defaults = source.written("defaults") - own
    return "timeout" in own or ("timeout" in by_defaults and bool(by_defaults & {"tty", "stdin_open"}))


def terminal_of(size: str | UnsetType, path: KeyPath, source: Source) -> Terminal:
    """Return a terminal of a size such as `120x36`, or of the usual one; `path` is where it is written."""
    if size is UNSET:
        return Terminal()
    cols, rows = map(int, size.split("x"))
    if not (SMALLEST <= cols <= LARGEST and SMALLEST <= rows <= LARGEST):
        expected = f"columns and rows from {SMALLEST} to {LARGEST}, such as 120x36"
        source.refuse(path, f"found {shown(size)}; expected {expected}")
        return Terminal()
    return Terminal(cols, rows)


def pattern_of(pattern: str | UnsetType, path: KeyPath, source: Source) -> str:
    """Return a pattern for rows if it is searched quickly, whatever the rows are; else refuse it."""
    if pattern is UNSET:
        return ""
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        source.refuse(path, f"found {shown(pattern)}; expected a regular expression ({error})")
        return ""
    # the parser of `re` has no public name; a pattern of a plan is code of its author, and no secret attack
    parsed = import_module("re._parser").parse(pattern)
    try:
        repeats = _repeats(parsed)
    except _NestedError:
        repeats = MOST_REPEATS + 1
    if repeats <= MOST_REPEATS:
        return pattern
    expected = (
        f"at most {MOST_REPEATS} repetitions, and none within another, since it is searched while you wait"
    )
    source.refuse(path, f"found {shown(pattern)}; expected {expected}")
    return ""


class _NestedError(Exception):
    """A repetition, or a choice, is repeated."""


def _repeats(parsed: Any, *, is_repeated: bool = False) -> int:
    """Return how many repetitions of any length a parsed pattern has. Raises _NestedError."""
    count = 0
    for what, value in parsed:
        name = str(what)
        is_repeat = name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}
        is_any_length = is_repeat and value[0] != value[1]
        if is_repeated and (is_any_length or name in {"BRANCH", "GROUPREF", "GROUPREF_EXISTS"}):
            raise _NestedError
        count += is_any_length + (name == "GROUPREF")
        repeats_parts = is_repeated or (is_repeat and value[1] > 1)
        count += sum(_repeats(part, is_repeated=repeats_parts) for part in _parts(value))
    return count


def _parts(value: Any) -> list[Any]:
    """Return the parsed patterns within an item of one."""
    if type(value).__name__ == "SubPattern":
        return [value]
    if isinstance(value, tuple | list):
        return [part for one in value for part in _parts(one)]
    return []
