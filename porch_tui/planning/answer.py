"""A plan in an agent's answer: found between prose, decoded, and each thing that is wrong with it named.

What it says is judged here as far as one answer can be judged alone; the rest is up to the reader of plan
files and to `porch check` (see `criticism`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from porch_tui.core.model.wording import one_line
from porch_tui.planfile.text.composer import compose, printable
from porch_tui.planfile.text.mistakes import Findings, Refused
from porch_tui.planfile.text.nodes import ListNode, MapNode, Node, Scalar
from porch_tui.planning.draft import DraftTask

KEYS = ("id", "title", "prompt", "paths", "after", "checks", "estimate", "reason", "locks")
"""What a task of an answer may say."""
_OF_ALL = ("tasks", "notes", "goal", "name")
_LISTS = ("paths", "after", "checks", "locks")
_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n]*\n(.*?)(?:^[ \t]*\1|\Z)", re.DOTALL | re.MULTILINE)
_TASKS = re.compile(r"^(?:tasks|\"tasks\")\s*:", re.MULTILINE)
_TIME = re.compile(
    r"(?i)(?:about|~|≈)?\s*(\d+(?:\.\d+)?)(?:\s*(?:-|–|to)\s*(\d+(?:\.\d+)?))?\s*"
    r"(h|hours?|hrs?|m|min|mins|minutes?|s|secs?|seconds?)?"
)
_UNITS_S = {"h": 3600, "m": 60, "s": 1}


class Answer(Struct, frozen=True):
    """What an answer says."""

    tasks: tuple[DraftTask, ...] = ()
    notes: str = ""
    mistakes: tuple[str, ...] = ()
    """A sentence for each, for the one who answered."""

    @property
    def is_plan(self) -> bool:
        """Whether there is anything in it that is meant as a plan."""
        return bool(self.tasks)


def answer_of(candidates: Iterable[Any]) -> Answer:
    """Return the first candidate with a plan in it, else what is wrong with the first that might have one.

    Candidates are texts, or documents that were decoded already.
    """
    wrong: Answer | None = None
    for candidate in candidates:
        for document, mistakes in _documents(candidate):
            if document is None:
                wrong = wrong or Answer(mistakes=mistakes)
            elif (answer := _answer(document)).is_plan:
                return answer
            else:
                wrong = wrong or answer
    expected = "expected one JSON or YAML document with `tasks`, and no other text"
    return wrong or Answer(mistakes=(f"found no plan in the answer; {expected}",))


def _documents(candidate: Any) -> Iterator[tuple[Mapping[str, Any] | None, tuple[str, ...]]]:
    """Yield documents that may be the plan, each instead with what keeps it from being decoded."""
    if isinstance(candidate, Mapping) and "tasks" in candidate:
        yield candidate, ()
    if not isinstance(candidate, str):
        return
    fenced = [found[2] for found in _FENCED.finditer(candidate)]
    texts = [candidate, *reversed(fenced), *_objects(candidate)]
    texts += [candidate[found.start() :] for found in _TASKS.finditer(candidate)]
    for text in texts:
        if not re.search(r"\btasks\b|^\s*[\[{-]", text):
            continue
        is_alone = text is candidate and not text.lstrip().startswith(("{", "tasks:"))
        if is_alone:  # prose, of which YAML makes anything
            continue
        document, mistakes = _decoded(text)
        if isinstance(document, list):
            document = {"tasks": document}
        if isinstance(document, Mapping) and "tasks" in document:
            yield document, ()
        elif mistakes and text is not candidate:
            yield None, mistakes


def _objects(text: str) -> Iterator[str]:
    """Yield the JSON objects that stand in a text, as far as they have `tasks` in them."""
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError):
            at = text.find("{", at + 1)
            continue
        if isinstance(value, dict) and "tasks" in value:
            yield text[at:end]
        at = text.find("{", end)


def _decoded(text: str) -> tuple[Any, tuple[str, ...]]:
    """Return the value of a JSON or YAML text, and why there is none."""
    try:
        return json.loads(text), ()
    except (json.JSONDecodeError, RecursionError):
        pass
    found = Findings()
    try:
        root = compose(printable(text).encode("utf-8", "replace"), found)
    except Refused:
        root = None
    if root is None or found.mistakes:
        return None, tuple(f"line {one.place.line}: {one.text}" for one in found.mistakes)
    return _plain(root), ()


def _plain(node: Node) -> Any:
    match node:
        case Scalar():
            return node.text if isinstance(node.value, int | float) else node.value
        case ListNode():
            return [_plain(item) for item in node.items]
        case MapNode():
            return {key: _plain(entry.node) for key, entry in node.entries.items()}


def _answer(document: Mapping[str, Any]) -> Answer:
    mistakes = [
        f"unknown key {key!r} beside tasks; expected only tasks and notes"
        for key in document
        if key not in _OF_ALL
    ]
    entries = document["tasks"]
    if isinstance(entries, Mapping):  # as in a plan file, by id
        entries = [
            {"id": id, **entry} if isinstance(entry, Mapping) else entry for id, entry in entries.items()
        ]
    if not isinstance(entries, list) or not entries:
        return Answer(mistakes=(*mistakes, "tasks: expected a list of at least one task"))
    tasks = [_task(entry, number, mistakes) for number, entry in enumerate(entries, 1)]
    seen = set[str]()
    for task in tasks:
        if task.id in seen:
            mistakes.append(f"task {task.id}: the id is there twice; expected another one")
        seen.add(task.id)
    notes = document.get("notes")
    return Answer(tuple(tasks), notes if isinstance(notes, str) else "", tuple(mistakes))


def _task(entry: Any, number: int, mistakes: list[str]) -> DraftTask:
    """Return a task as far as it can be understood; what is wrong goes to `mistakes`."""
    if not isinstance(entry, Mapping):
        mistakes.append(
            f"task {number}: found {one_line(str(entry), 60)}; expected an object with {', '.join(KEYS[:8])}"
        )
        return DraftTask(f"task-{number}", f"task {number}")
    name = str(entry.get("id") or f"task-{number}")
    where = f"task {name}"
    mistakes += [
        f"{where}: unknown key {str(key)!r}; expected only {', '.join(KEYS)}"
        for key in entry
        if key not in KEYS
    ]
    for key in ("id", "prompt"):
        if not str(entry.get(key) or "").strip():
            mistakes.append(f"{where}: no {key}; each task needs one")
    lists = {key: _texts(entry.get(key), f"{where}: {key}", mistakes) for key in _LISTS}
    texts = {key: _text(entry.get(key), f"{where}: {key}", mistakes) for key in ("title", "prompt", "reason")}
    return DraftTask(
        id=name,
        title=" ".join(texts["title"].split()) or name,
        prompt=texts["prompt"],
        reason=" ".join(texts["reason"].split()),
        estimate=_estimate(entry.get("estimate"), where, mistakes),
        paths=lists["paths"],
        after=lists["after"],
        checks=lists["checks"],
        locks=lists["locks"],
    )


def _text(value: Any, where: str, mistakes: list[str]) -> str:
    if value is None or isinstance(value, str | int | float):
        return "" if value is None else str(value)
    mistakes.append(f"{where}: expected text")
    return ""


def _texts(value: Any, where: str, mistakes: list[str]) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in values):
        mistakes.append(f"{where}: expected a list of texts")
        return ()
    return tuple(one for one in values if one.strip())


def _estimate(value: Any, where: str, mistakes: list[str]) -> str:
    """Return a time as a plan writes it; of a range the middle. A bare number is minutes."""
    if value is None or value == "":
        return ""
    found = _TIME.fullmatch(str(value).strip())
    if found is None:
        if re.fullmatch(r"(\d+h)?(\d+m)?(\d+s)?", str(value).strip()):
            return str(value).strip()
        mistakes.append(
            f"{where}: estimate: found {one_line(str(value), 40)}; expected a time such as 10m or 1h30m"
        )
        return ""
    middle = (float(found[1]) + float(found[2])) / 2 if found[2] else float(found[1])
    seconds = round(middle * _UNITS_S[(found[3] or "m")[0].lower()])
    if seconds <= 0:
        return ""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return "".join(f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if count)
