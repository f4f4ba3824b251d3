"""Lists in JSON: task-master's `tasks.json`, and issues as `gh issue list --json` prints them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from porch_tui.core.model.copying import replace
from porch_tui.core.model.wording import listed
from porch_tui.planfile.text.mistakes import Findings, Place
from porch_tui.planning.lists.task_list import ListedTask, TaskList, dependencies

_OVER = {"done", "completed", "closed", "cancelled", "canceled", "deferred"}
EXPECTED = (
    "expected Markdown, task-master's tasks.json, or issues as"
    " `gh issue list --json number,title,body,labels` prints them"
)


def read_json(document: Any, found: Findings) -> TaskList:
    """Return the list in a decoded document; what keeps it from being one goes to `found`, with Refused."""
    if issues := _issues(document):
        return _of_issues(issues, found)
    if (tasks := _tasks(document)) is not None:
        return _of_task_master(tasks, found)
    raise found.refuse(Place(1, 1), (), f"found JSON that is no list of tasks; {EXPECTED}")


def _tasks(document: Any) -> list[Any] | None:
    """Return task-master's tasks, of all tags; None if it is none of its files."""
    if not isinstance(document, dict):
        return None
    if isinstance(document.get("tasks"), list):
        return list(document["tasks"])
    tags = [
        one["tasks"]
        for one in document.values()
        if isinstance(one, dict) and isinstance(one.get("tasks"), list)
    ]
    return [task for tag in tags for task in tag] if tags else None


def _issues(document: Any) -> list[Any]:
    if isinstance(document, dict):
        document = document.get("issues")
    is_list = isinstance(document, list) and all(isinstance(one, dict) for one in document)
    has_numbers = is_list and all(("number" in one or "iid" in one) and "title" in one for one in document)
    return list(document) if has_numbers else []


def _of_task_master(entries: Sequence[Any], found: Findings) -> TaskList:
    tasks, over = [], list[str]()
    for at, entry in enumerate(entries):
        if not isinstance(entry, dict) or not _text(entry, "title") or "id" not in entry:
            found.mistake(Place(1, 1), ("tasks", at), "found no task; expected an object with id and title")
        elif _text(entry, "status").lower() in _OVER:
            over.append(str(entry["id"]))
        else:
            tasks.append(_task(entry))
    return _without_over("task-master's tasks.json", tasks, over, found)


def _task(entry: Mapping[str, Any]) -> ListedTask:
    subtasks = [one for one in _list(entry, "subtasks") if isinstance(one, dict)]
    subtasks = [one for one in subtasks if _text(one, "status").lower() not in _OVER]
    steps = [f"- {_text(one, 'title')}{_below(one)}" for one in subtasks if _text(one, "title")]
    parts = [_text(entry, "description"), _text(entry, "details")]
    if steps:
        parts.append("Steps:\n" + "\n".join(steps))
    own = str(entry["id"])
    # what a subtask comes after is a task of this file, or another step of the same task
    named = [
        *_list(entry, "dependencies"),
        *(key for one in subtasks for key in _list(one, "dependencies") if "." in str(key)),
    ]
    after = dict.fromkeys(str(key).partition(".")[0] for key in named)
    after.pop(own, None)
    why = f"task {own} of the list" + (f", with its {len(steps)} subtasks as steps" if steps else "")
    return ListedTask(
        own,
        _text(entry, "title"),
        0,
        "\n\n".join(filter(None, parts)),
        tuple(after),
        why,
        _text(entry, "testStrategy"),
    )


def _below(subtask: Mapping[str, Any]) -> str:
    texts = (_text(subtask, "description"), _text(subtask, "details"))
    return "".join(f"\n  {line}" for text in texts if text for line in text.split("\n"))


def _of_issues(entries: Sequence[Mapping[str, Any]], found: Findings) -> TaskList:
    tasks, over = [], list[str]()
    for at, entry in enumerate(entries):
        number = str(entry.get("number", entry.get("iid")))
        title = _text(entry, "title")
        if not title:
            found.mistake(Place(1, 1), (at, "title"), "found no title; expected the title of the issue")
        elif _text(entry, "state").lower() in _OVER:
            over.append(number)
        else:
            body = _text(entry, "body") or _text(entry, "description")
            tasks.append(ListedTask(number, title, 0, body, why=f"issue #{number}{_labels(entry)}"))
    after = dependencies(tasks)
    known = {task.key for task in tasks}
    # an issue may name any other of the project: one that is not in the list is closed, or somebody else's
    named = [replace(task, after=tuple(set(keys) & known)) for task, keys in zip(tasks, after, strict=True)]
    ordered = [replace(task, after=tuple(sorted(task.after, key=[*known].index))) for task in named]
    return _without_over("issues", ordered, over, found)


def _labels(entry: Mapping[str, Any]) -> str:
    names = [_text(one, "name") if isinstance(one, dict) else str(one) for one in _list(entry, "labels")]
    return f" ({listed(names)})" if names else ""


def _without_over(kind: str, tasks: Sequence[ListedTask], over: Sequence[str], found: Findings) -> TaskList:
    if not tasks and not found.mistakes:
        what = f"found {len(over)} tasks, all done" if over else "found an empty list"
        raise found.refuse(Place(1, 1), (), f"{what}; expected at least one that is open")
    notes = (f"Left out, because they are done: {', '.join(over)}.",) if over else ()
    left = tuple(replace(task, after=tuple(key for key in task.after if key not in over)) for task in tasks)
    return TaskList("", left, kind, notes)


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    return value.strip() if isinstance(value, str) else ""


def _list(entry: Mapping[str, Any], key: str) -> Iterator[Any]:
    value = entry.get(key)
    return iter(value if isinstance(value, list) else ())
