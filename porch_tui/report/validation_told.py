"""A validation's beginning and end, as a line of progress tells them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import ON_TRAIN
from porch_tui.present.amounts import duration, short


def validation_told(state: RunState, event: e.ValidationEvent) -> str | None:
    """Return what is told of it; None if nothing is."""
    match event:
        case e.ValidationScheduled():
            if event.is_probe and any(one.tree == event.tree for one in state.ad_hoc_validations):
                return f"validating {_prefix(state, event.tasks, event.is_probe)}, as asked"
            if event.is_probe:
                what = _prefix(state, event.tasks, event.is_probe)
                return f"validating {what}, {_purpose(state, event.tasks[-1])}"
            return f"validating {_prefix(state, event.tasks)}{_again(state, event)}"
        case e.ValidationPassed():
            return (
                f"{_judged(state, event.tree)}: validation passed{_took(event.used)}{_known(event.from_run)}"
            )
        case e.ValidationFailed():
            how = f"{event.text}{_known(event.from_run)}"
            return f"{_judged(state, event.tree)}: validation failed{_took(event.used)}: {how}"
        case e.ValidationDropped():
            return None
        case e.ValidationStopped():
            return f"tree {short(event.tree)}: validation stopped, as asked: no verdict, nobody is blamed"
        case _:
            assert_never(event)


def _again(state: RunState, event: e.ValidationScheduled) -> str:
    """Return why it is not the first time: it failed, or was called off or stopped before it could tell."""
    if event.number == 1:
        return ""
    return (
        ", once more before anybody is blamed"
        if event.tree in state.validations.verdicts
        else ", from the beginning"
    )


def _prefix(state: RunState, tasks: Sequence[TaskId], is_probe: bool = False) -> str:
    if is_probe and len(tasks) == 1:
        return f"{tasks[0]} by itself"
    return " + ".join(tasks) if tasks else f"{state.target.name} itself"


def _purpose(state: RunState, task: TaskId) -> str:
    """Return what a validation by which nothing lands is for."""
    is_early = state.entries[task].status in ON_TRAIN
    return "before its turn, since nothing else is to do" if is_early else f"to know with whom {task} fails"


def _judged(state: RunState, tree: Sha) -> str:
    verdict = state.validations.verdicts.get(tree)
    return _prefix(state, verdict.tasks, verdict.is_probe) if verdict else f"tree {short(tree)}"


def _took(used: e.Used) -> str:
    return f" in {duration(used.wall_s)}" if used.wall_s else ""


def _known(run: str) -> str:
    return f", known from run {run}" if run else ""
