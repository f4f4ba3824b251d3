"""Finds out what a list of tasks is written in, by its content, and reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

from porch_tui.errors import PlanError
from porch_tui.planfile.read import refusing
from porch_tui.planfile.text.composer import decoded, printable
from porch_tui.planfile.text.mistakes import Findings, Place
from porch_tui.planning.lists import markdown, spec_kit
from porch_tui.planning.lists.json_lists import EXPECTED, read_json
from porch_tui.planning.lists.task_list import ListedTask, TaskList

MOST_SHOWN = 8
FORMATS = ("auto", "markdown", "json")


def read_list(content: bytes, file: str, format: str = "auto") -> TaskList:
    """Return the tasks in a file; PlanMistakes with every mistake and its line.

    `format` is one of FORMATS; `auto` goes by the content.
    """
    with refusing(file) as found:
        text = printable(decoded(content.replace(b"\x00", b""), found)) if content.strip() else ""
        if not text.strip():
            raise found.refuse(Place(1, 1), (), f"found nothing; {EXPECTED}")
        is_json = format == "json" or (
            format == "auto" and text.lstrip()[0] in "[{" and not text.lstrip().startswith("[ ]")
        )
        read = _read_json(text, found) if is_json else _read_markdown(text, found)
        _check(read, found)
    return read


def _read_json(text: str, found: Findings) -> TaskList:
    try:
        return read_json(json.loads(text), found)
    except json.JSONDecodeError as error:
        raise found.refuse(
            Place(error.lineno, error.colno),
            (),
            f"found something that is not JSON ({error.msg}); {EXPECTED}",
        ) from None
    except RecursionError:
        raise PlanError("it is nested too deep for a list of tasks") from None


def _read_markdown(text: str, found: Findings) -> TaskList:
    document = markdown.document_of(text)
    if not document.items:
        raise found.refuse(
            Place(1, 1),
            (),
            "found no tasks; expected a list: `- [ ] task`, bullets or numbers, or a heading for each task",
        )
    done = sum(item.is_done for item in document.items)
    if done == len(document.items):
        place = Place(document.items[0].line, 1)
        raise found.refuse(place, (), f"found {done} tasks, all ticked; expected at least one that is open")
    notes = (f"Left out, because they are ticked: {done} of {len(document.items)} tasks.",) if done else ()
    if spec_kit.is_spec_kit(document.items):
        tasks = spec_kit.ordered(document.items, text.split("\n"))
        title = re.sub(r"(?i)^tasks:\s*", "", document.title)
        return TaskList(title, tasks, "tasks.md of spec-kit", (*notes, *spec_kit.notes(document.items)))
    return TaskList(document.title, markdown.tasks_of(document), document.kind, notes)


def _check(read: TaskList, found: Findings) -> None:
    """Note keys that are there twice, and dependencies on what is no task of the list."""
    lines: dict[str, ListedTask] = {}
    for task in read.tasks:
        if not re.search(r"\w", f"{task.title}{task.details}"):
            found.mistake(_place(task), (), "found a task without words; expected what is to be done")
        if task.key in lines:
            where = f", in line {lines[task.key].line}" if task.line else ""
            found.mistake(_place(task), (), f"found a second task {task.key}{where}; expected another label")
        lines.setdefault(task.key, task)
    for task in read.tasks:
        for key in task.after:
            if key not in lines:
                near = found.near(key, lines)
                found.mistake(
                    _place(task),
                    (),
                    f"task {task.key} depends on {key}, and no task of the list is called so{near}",
                )

    if not found.mistakes:
        _check_order(read.tasks, found)


def _check_order(tasks: Sequence[ListedTask], found: Findings) -> None:
    """Note tasks that wait for each other in a circle."""
    order = TopologicalSorter({task.key: task.after for task in tasks})
    try:
        order.prepare()
    except CycleError as error:
        circle = [str(key) for key in error.args[1]][::-1]
        place = _place(next(task for task in tasks if task.key == circle[0]))
        said = " -> ".join(circle[:MOST_SHOWN]) + (" -> …" if len(circle) > MOST_SHOWN else "")
        found.mistake(place, (), f"found tasks that wait for each other: {said}; expected an order")


def _place(task: ListedTask) -> Place:
    return Place(max(1, task.line), 1)
