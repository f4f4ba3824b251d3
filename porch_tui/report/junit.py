"""A run as JUnit XML, for servers that collect test results: a suite for each group, a case for each task."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from porch_tui.core.model.plan import TaskId, shown
from porch_tui.core.model.state import RunState
from porch_tui.present.explain import reason
from porch_tui.present.outcome import GOOD, Outcome, outcome
from porch_tui.present.summary import waited_s, wall_s

NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 forbids, escaped or not."""
SKIPPED = frozenset(
    {
        Outcome.EXPECTED_FAILURE,
        Outcome.STOPPED,
        Outcome.WITHDRAWN,
        Outcome.VALIDATION_STOPPED,
        Outcome.UNDONE,
        Outcome.WAITING,
        Outcome.HELD,
        Outcome.REVIEW,
        Outcome.BLOCKED,
    }
)
"""Neither passed nor failed."""


def junit_document(state: RunState, logs: Mapping[TaskId, str]) -> str:
    """Return the results of all tasks; `logs` has the end of the output of those that failed.

    What is under way yet counts as skipped.
    """
    suites: dict[str, list[TaskId]] = {}
    for task, spec in state.specs.items():
        suites.setdefault(spec.group or state.plan.name, []).append(task)
    body = "".join(_suite(state, name, tasks, logs) for name, tasks in suites.items())
    totals = _totals(state, list(state.tasks))
    root = f"<testsuites name={_quoted(state.run)}{totals}>\n{body}</testsuites>\n"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}'


def _suite(state: RunState, name: str, tasks: list[TaskId], logs: Mapping[TaskId, str]) -> str:
    began = datetime.fromtimestamp(state.opened_at, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    cases = "".join(_case(state, name, task, logs.get(task, "")) for task in tasks)
    head = f"  <testsuite name={_quoted(name)}{_totals(state, tasks)} timestamp={_quoted(began)}>\n"
    return f"{head}{cases}  </testsuite>\n"


def _totals(state: RunState, tasks: list[TaskId]) -> str:
    ends = [outcome(state, task) for task in tasks]
    skipped = sum(end is None or end in SKIPPED for end in ends)
    failed = sum(end is not None and end not in GOOD and end not in SKIPPED for end in ends)
    seconds = sum(_seconds(state, task) for task in tasks)
    return f' tests="{len(tasks)}" failures="{failed}" errors="0" skipped="{skipped}" time="{seconds:.3f}"'


def _case(state: RunState, suite: str, task: TaskId, log: str) -> str:
    spec, end = state.specs[task], outcome(state, task)
    name, seconds = spec.item or task, f"{_seconds(state, task):.3f}"
    head = f'    <testcase classname={_quoted(suite)} name={_quoted(name)} time="{seconds}"'
    why, waits = reason(state, task), _waits(state, task)
    if end is None or end in SKIPPED:
        text = why or (end.value if end else "under way")
        return f"{head}>\n{waits}      <skipped message={_quoted(text)}/>\n    </testcase>\n"
    if end in GOOD:
        return f"{head}>\n{waits}    </testcase>\n" if waits else f"{head}/>\n"
    about = f"{task}: {shown(spec.command)}\n{log}"
    failure = f"<failure message={_quoted(why)} type={_quoted(end.value)}>{_text(about)}</failure>"
    return f"{head}>\n{waits}      {failure}\n    </testcase>\n"


def _waits(state: RunState, task: TaskId) -> str:
    """Return how long the attempts of a task waited for a person, as a property; empty if they did not."""
    seconds = waited_s(state.tasks[task], state.changed_at)
    if not seconds:
        return ""
    one = f'<property name="porch.waited_s" value="{seconds:.3f}"/>'
    return f"      <properties>{one}</properties>\n"


def _seconds(state: RunState, task: TaskId) -> float:
    """Return the wall time of the last attempt, without the time it was paused."""
    attempt = state.tasks[task].attempt
    return (wall_s(attempt) or 0.0) if attempt is not None else 0.0


def _text(text: str) -> str:
    """Return text as the content of an element: what XML forbids as the number of its byte or character."""
    return escape(NOT_IN_XML.sub(_number, text))


def _quoted(text: str) -> str:
    """Return text as the value of an attribute, in quotes; line ends are kept."""
    return quoteattr(NOT_IN_XML.sub(_number, text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _number(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code:02x}"
