"""What is said of hypotheses, their judgements and theories: for rows, lines of a log and sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from porch_tui.core.judging.scores import Finding, Score, number
from porch_tui.core.model import events as e
from porch_tui.core.model.hypothesis import HypothesisState, has_won, is_lost, theories
from porch_tui.core.model.plan import HypothesisName, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.wording import counted
from porch_tui.core.scheduling.judging import in_flight
from porch_tui.core.scheduling.progress import concluded, scores_of
from porch_tui.present.amounts import duration


def hypothesis_line(state: RunState, event: e.HypothesisEvent) -> str | None:
    """Return what an event of a hypothesis says in the log of a run; None for what is not shown."""
    match event:
        case e.JudgementScheduled():
            return f"judging {event.theory or 'the base'}"
        case e.JudgementEnded():
            took = f" in {duration(event.used.wall_s)}" if event.used.wall_s else ""
            who = judged(state, event)
            if event.why:
                return f"{who}: {event.why}{took}"
            return f"{who}: {'passes' if event.value is None else number(event.value)}{took}"
        case e.JudgementDropped():
            return None
        case e.HypothesisDecided():
            return f"decided: {event.winner or 'no theory'} wins; {event.why}"
        case e.EvidenceKept():
            left = counted(len(event.kept), "theory", "theories")
            return f"kept what {left} left under refs" if event.kept else None
        case _:
            assert_never(event)


BASE = "the base"


def finding_text(state: RunState, name: HypothesisName) -> str:
    """Return what a hypothesis has come to, as a sentence without its full stop."""
    known, found = state.hypotheses[name], concluded(state, name)
    if known.decided_at is not None:
        who = f"{known.winner} has won" if known.winner else "No theory wins"
        return f"{who}: {found.why}"
    if found.finding is Finding.OPEN:
        return "It is not decided yet"
    return f"It waits for you: {found.why}"


def left_text(known: HypothesisState, task: TaskId) -> str:
    """Return the size of what a theory has left: `3 files +10 -2`; empty if nothing is kept of it."""
    left = (known.evidence or {}).get(task)
    return f"{counted(left.files, 'file')} +{left.added} -{left.removed}" if left else ""


def against_base(score: Score, base: Score) -> float | None:
    """Return a median as a share of the base's; None where one of them is not known, or the base's is 0."""
    if score.median is None or not base.median:
        return None
    return score.median / base.median


def judged(state: RunState, event: e.OfJudgement) -> str:
    """Return what a judgement is about: a theory, or the base."""
    known = state.hypotheses[event.hypothesis].judgements
    theory = next((one.theory for one in known if one.number == event.number), None)
    return theory or BASE


def score_word(state: RunState, task: TaskId) -> str:
    """Return what is known of a theory, for its row: its median, `passes`, why not; empty: nothing."""
    of = state.specs[task].of
    score = None if of is None else scores_of(state, of).get(task)
    return "" if score is None else score_text(score)


def score_text(score: Score) -> str:
    """Return a median, `passes`, or why there is none; empty if nothing is known."""
    if score.why:
        return score.why
    if score.median is not None:
        return number(score.median)
    return "passes" if score.passes else ""


def theory_reason(state: RunState, task: TaskId) -> str | None:
    """Return why a theory that has succeeded is where it is; None where it is as any other task."""
    of, known = state.specs[task].of, state.tasks[task]
    if of is None or known.is_active or known.status in (TaskStatus.PENDING, TaskStatus.FAILED):
        return None
    if is_lost(state, task):
        winner = state.hypotheses[of].winner
        return f"{winner} has won {of}" if winner else f"{of} was decided without a winner"
    if known.status is not TaskStatus.SUCCEEDED or task in state.entries:
        return None
    if has_won(state, task):
        return None
    found = concluded(state, of)
    if found.finding is not Finding.OPEN:
        return found.why
    if any(one.theory == task for _, one in in_flight(state)):
        return f"is being judged for {of}"
    score = scores_of(state, of).get(task)
    if score is not None and score.why:
        return f"cannot win {of}: {score.why}"
    return f"waits until all theories of {of} have ended, or for its judge"


def is_rival(state: RunState, task: TaskId) -> bool:
    """Say whether a person need not see to a theory: its hypothesis is under way, decided, or asks itself."""
    of = state.specs[task].of
    if of is None or has_won(state, task):
        return False
    known = state.tasks[task]
    if known.is_active:
        return False
    return concluded(state, of).finding is not Finding.NONE_SUCCEEDED


def waits_for_person(state: RunState, name: HypothesisName) -> bool:
    """Say whether a person has to decide a hypothesis."""
    is_decided = state.hypotheses[name].decided_at is not None
    return not is_decided and concluded(state, name).finding not in (Finding.OPEN, Finding.WINNER)


def needs_of_hypotheses(state: RunState) -> Iterator[tuple[str, str]]:
    """Yield what a person has to decide: why, and what to type for it."""
    for name in state.hypotheses:
        if not waits_for_person(state, name):
            continue
        found = concluded(state, name)
        done = [task for task in theories(state)[name] if state.tasks[task].status is TaskStatus.SUCCEEDED]
        choice = f"porch choose {done[0] if len(done) == 1 else 'THEORY'}, or " if done else ""
        yield f"{name}: {found.why}", f"{choice}porch choose {name} --none; porch report shows all numbers"


def waits_for_winner(state: RunState, name: HypothesisName) -> str:
    """Return that a task waits for the winner of a hypothesis, and why there is none."""
    known, found = state.hypotheses[name], concluded(state, name)
    if known.winner is not None:
        return f"waits for {known.winner}, the winner of {name}"
    if known.decided_at is not None:
        return f"waits for a winner of {name}, which was decided without one"
    if found.finding in (Finding.OPEN, Finding.WINNER):
        return f"waits for the winner of {name}"
    return f"waits for the winner of {name}, and {found.why}"
