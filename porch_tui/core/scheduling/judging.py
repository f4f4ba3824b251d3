"""When judges run, and what follows from what they find.

Judges that measure run one at a time, when all theories of their hypothesis have ended, and with nothing of
porch beside them: no attempt is running and no validation, and none starts until the last one is through. So
every theory is measured under the same conditions, and they take turns: a machine that becomes slower
slows all of them down. Judges that only say whether a theory passes run as soon as it has succeeded, since
the first that passes ends the others; only a measurement under way is not disturbed by them.
"""

from __future__ import annotations

from collections.abc import Iterator

from porch_tui.core.judging.scores import Finding, wanted_times
from porch_tui.core.model import events as e
from porch_tui.core.model.derived import once
from porch_tui.core.model.hypothesis import Judgement, theories
from porch_tui.core.model.plan import Hypothesis, HypothesisName, Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.scheduling.progress import (
    base_of,
    concluded,
    hypotheses,
    is_finished,
    scores_of,
)

_CAN_BE_ENDED = (TaskStatus.STARTING, TaskStatus.RUNNING, TaskStatus.PAUSED)


@once("tasks", "entries", "specs", "hypotheses")
def measured_now(state: RunState) -> HypothesisName | None:
    """Return the hypothesis whose theories are being measured, or are as soon as the machine is quiet."""
    return next((one.name for one in state.plan.hypotheses if _is_measured_now(state, one)), None)


def due_judgements(state: RunState) -> Iterator[e.JudgementScheduled]:
    """Yield the judgements that are worth it and not under way, the first to run first.

    Whether the run is paused or the machine busy is not looked at.
    """
    measured = measured_now(state)
    for name, one in hypotheses(state).items():
        if not one.want.is_measured or name == measured:
            yield from _due(state, one)


def schedule_judgements(state: RunState) -> list[e.AnyEvent]:
    """Return the judgements that begin now."""
    if not state.plan.hypotheses or state.is_paused:
        return []
    measured, flights = measured_now(state), in_flight(state)
    is_running = _is_anything_running(state)
    # as long as tasks run there is no quiet to be disturbed, and a theory that passes may end some of them
    if measured is not None and not (is_running and not _is_measuring(state)):
        first = next(_due(state, hypotheses(state)[measured]), None)
        is_busy = flights or state.validations.in_flight or is_running
        return [first] if first is not None and not is_busy else []
    room = state.validations.jobs - len(flights)
    passing = (
        due for one in hypotheses(state).values() if not one.want.is_measured for due in _due(state, one)
    )
    return [due for due, _ in zip(passing, range(room), strict=False)]


def in_flight(state: RunState) -> list[tuple[HypothesisName, Judgement]]:
    """Return the judgements under way."""
    return [(name, one) for name, known in state.hypotheses.items() for one in known.in_flight]


def drop_judgements(state: RunState) -> list[e.AnyEvent]:
    """Return which judgements under way are not needed: their hypothesis is decided, or the work another."""
    return [
        e.JudgementDropped(name, one.number)
        for name, one in in_flight(state)
        if state.hypotheses[name].decided_at is not None or one.head != _head(state, name, one.theory)
    ]


def decide_hypotheses(state: RunState) -> list[e.AnyEvent]:
    """Return which hypotheses their judges have decided."""
    return [
        e.HypothesisDecided(name, found.winner, found.why)
        for name, known in state.hypotheses.items()
        if known.decided_at is None and (found := concluded(state, name)).finding is Finding.WINNER
    ]


def end_rivals(state: RunState) -> list[e.AnyEvent]:
    """Where a hypothesis is decided, nothing more is done for the theories that have not won."""
    due: list[e.AnyEvent] = []
    for name, known in state.hypotheses.items():
        if known.decided_at is None:
            continue
        for task in theories(state)[name]:
            attempt, status = state.tasks[task].attempt, state.tasks[task].status
            if task == known.winner:
                continue
            if status is TaskStatus.PENDING:
                due.append(e.TaskCancelled(task))
            elif status in _CAN_BE_ENDED and attempt is not None:
                due.append(e.StopRequested(attempt.id))
    return due


def is_evidence_due(state: RunState, name: HypothesisName) -> bool:
    """Say whether nothing more happens to theories without a person, and their work was not kept yet."""
    if state.hypotheses[name].evidence is not None or concluded(state, name).finding is Finding.OPEN:
        return False
    return not any(state.tasks[task].is_active for task in theories(state)[name])


def _is_measured_now(state: RunState, hypothesis: Hypothesis) -> bool:
    known, name = state.hypotheses[hypothesis.name], hypothesis.name
    if not hypothesis.want.is_measured or known.decided_at is not None:
        return False
    if known.in_flight:
        return True
    tasks = theories(state)[name]
    is_over = all(is_finished(state, task) for task in tasks)
    return is_over and next(_due(state, hypothesis), None) is not None


def _due(state: RunState, hypothesis: Hypothesis) -> Iterator[e.JudgementScheduled]:
    """Yield what is still to be judged for a hypothesis, in turns: the base first, then theory by theory."""
    known, name = state.hypotheses[hypothesis.name], hypothesis.name
    found = scores_of(state, name)
    if known.decided_at is not None or base_of(state, name) is None:
        return
    if hypothesis.want.is_measured and len(found) == 1:
        return  # no theory has succeeded
    judging = {one.theory for one in known.in_flight}
    times = wanted_times(hypothesis, tuple(found.values()))
    wanting = [found[theory] for theory in times if theory not in judging]
    number = known.begun
    for one in sorted(wanting, key=lambda score: score.passes):
        head = _head(state, name, one.theory)
        if head is not None:
            number += 1
            yield e.JudgementScheduled(name, number, one.theory, head)


def _head(state: RunState, name: HypothesisName, theory: TaskId | None) -> Sha | None:
    return base_of(state, name) if theory is None else state.tasks[theory].head


def _is_measuring(state: RunState) -> bool:
    return any(hypotheses(state)[name].want.is_measured for name, _ in in_flight(state))


def _is_anything_running(state: RunState) -> bool:
    """Say whether an attempt is at work; what is paused uses nothing."""
    return any(state.tasks[task].status is not TaskStatus.PAUSED for task in state.active)
