"""A conflict as text and as JSON: what each side did to the base, hunk by hunk, and what is chosen so far.

Never bare "ours" and "theirs": the target, with what landed in it, and the task by its name. What
collides are two changes, so each side is shown as its difference from the base.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from porch_tui.core.conflict import (
    Choice,
    Conflict,
    ConflictKind,
    ConflictRecord,
    Decision,
    Hunk,
    PathConflict,
)
from porch_tui.core.explain import listed
from porch_tui.core.plan import TaskId
from porch_tui.core.splice import undecided
from porch_tui.report.clean import clean

MOST_LINES = 24
"""Of one side of a hunk; what is longer is told, and `--edit` shows it."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A task in conflict, and what a person has said to it."""

    task: TaskId
    target: str
    partners: tuple[TaskId, ...]
    conflict: Conflict
    record: ConflictRecord
    missing: tuple[str, ...]
    """What is left, a sentence a path."""


def conflicts_text(parked: Sequence[Parked]) -> str:
    """Return every conflict with its hunks, for people."""
    if not parked:
        return "no task is in conflict\n"
    return "\n".join("\n".join(_task_lines(one)) + "\n" for one in parked)


def conflicts_document(parked: Sequence[Parked]) -> list[dict[str, Any]]:
    """Return the same for programs: texts as they are, bytes that are not UTF-8 as surrogates."""
    return [
        {
            "task": one.task,
            "with": list(one.partners),
            "is_complete": not one.missing,
            "missing": list(one.missing),
            "text": one.conflict.text,
            "paths": [_path_document(path, one.record) for path in one.conflict.paths],
        }
        for one in parked
    ]


def what_is_left(one: Parked) -> str:
    """Return what is left to choose and how, or that nothing is, in a few lines."""
    if not one.missing:
        return f"{one.task}: every conflict is decided\n"
    lines = [f"{one.task}: {len(one.missing)} of {len(one.conflict.paths)} files left"]
    lines += [f"  {clean(point)}" for point in one.missing]
    lines.append(f"  porch resolve {one.task} --take main|task|both|both-reversed|base PATH[:HUNK]")
    lines.append(f"  porch resolve {one.task} --edit PATH")
    return "\n".join(lines) + "\n"


def _task_lines(one: Parked) -> list[str]:
    partners = f" with {listed(one.partners)}" if one.partners else ""
    count = len(one.conflict.paths)
    files = "1 file" if count == 1 else f"{count} files"
    lines = [f"{one.task}: conflict{partners} in {files}"]
    main = f"{one.target} ({', '.join(one.partners)})" if one.partners else one.target
    for path in one.conflict.paths:
        lines += ["", *_path_lines(path, one.record, main, one.task)]
    return [*lines, "", *what_is_left(one).splitlines()]


def _path_lines(path: PathConflict, record: ConflictRecord, main: str, task: str) -> list[str]:
    decisions = record.decisions()
    whole = decisions.get((path.path, path.stages))
    lines = [f"{clean(path.path)}  ({_kind(path)})"]
    if whole is not None:
        return [*lines, f"  whole file: {_decision(whole)}"]
    if not path.hunks:
        sides = {2: f"{main} has it", 3: f"{task} has it", 1: "so had the base"}
        there = [sides[number] for number in (2, 3, 1) if number in _numbers(path)]
        return [*lines, f"  whole file: not decided; {', '.join(there)}; {_choices(path)}"]
    for number, hunk in enumerate(path.hunks, 1):
        told = _decision(decisions.get((path.path, hunk)))
        lines.append(f"  hunk {number} of {len(path.hunks)}: {told}")
        lines += [f"    {main}:", *_side(hunk.base, hunk.main)]
        lines += [f"    {task}:", *_side(hunk.base, hunk.task)]
    return lines


def _side(base: bytes, side: bytes) -> list[str]:
    """Return what a side did to the base: lines that went, came and stayed."""
    old, new = _shown(base), _shown(side)
    lines: list[str] = []
    for word, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if word == "equal":
            lines += [f"        {line}" for line in old[a:b]]
        else:
            lines += [f"      - {line}" for line in old[a:b]] + [f"      + {line}" for line in new[c:d]]
    if len(lines) > MOST_LINES:
        return [*lines[:MOST_LINES], f"      … {len(lines) - MOST_LINES} more lines"]
    return lines or ["      (no lines)"]


def _shown(text: bytes) -> list[str]:
    lines = text.decode("utf-8", "surrogateescape").expandtabs(4).removesuffix("\n").split("\n")
    return [_indented(line.removesuffix("\r")) for line in lines] if text else []


def _indented(line: str) -> str:
    return " " * (len(line) - len(line.lstrip(" "))) + clean(line)


def _path_document(path: PathConflict, record: ConflictRecord) -> dict[str, Any]:
    decisions = record.decisions()
    whole = decisions.get((path.path, path.stages))
    return {
        "path": path.path,
        "kind": path.kind.value,
        "stages": {str(stage.number): {"mode": stage.mode, "oid": stage.oid} for stage in path.stages},
        "choice": whole.choice.value if whole else None,
        "choices": [choice.value for choice in path.choices],
        "left": list(undecided(path, record)),
        "hunks": [
            {
                "hunk": number,
                "base": _text(hunk.base),
                "main": _text(hunk.main),
                "task": _text(hunk.task),
                **_chosen(path, hunk, record),
            }
            for number, hunk in enumerate(path.hunks, 1)
        ],
    }


def _chosen(path: PathConflict, hunk: Hunk, record: ConflictRecord) -> dict[str, Any]:
    decision = record.decisions().get((path.path, hunk))
    text = _text(decision.text) if decision and decision.choice is Choice.TEXT else None
    return {"choice": decision.choice.value if decision else None, "text": text}


def _kind(path: PathConflict) -> str:
    return "words only" if not path.stages and path.kind is ConflictKind.OTHER else path.kind.value


def _numbers(path: PathConflict) -> set[int]:
    return {stage.number for stage in path.stages}


def _choices(path: PathConflict) -> str:
    return f"take {'|'.join(path.choices)}"


def _decision(decision: Decision | None) -> str:
    if decision is None:
        return "not decided"
    return "written by hand" if decision.choice is Choice.TEXT else str(decision.choice)


def _text(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
