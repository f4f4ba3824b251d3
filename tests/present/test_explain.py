"""Why a task is where it is, in a row, in a sentence, and as what to type next."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.budget import Budget, Spent
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Agent, HypothesisName, Kind, Resolver, Sha, TaskId, Terminal
from porch_tui.core.model.state import RunState
from porch_tui.present.amounts import clock
from porch_tui.present.explain import needs, reason
from porch_tui.present.outcome import all_is_well, in_words, results
from porch_tui.present.status_label import is_noticed, queue_detail, task_label
from tests.builders import (
    OPENED_AT,
    asking,
    attempt,
    board,
    conflict,
    fold,
    hypothesis,
    judge,
    land,
    opened,
    plan,
    queue,
    running,
    settled,
    start,
    succeed,
    task,
    theory,
    unvalidated,
    with_machine,
)

A = TaskId("a")
FAILED = [
    (e.FailureKind.EXIT, "exit 3", "FAIL exit 3", "failed: exit 3"),
    (e.FailureKind.CHECK, "check: ruff exit 1", "CHECK ruff exit 1", "check-failed: check: ruff exit 1"),
    (e.FailureKind.TIMEOUT, "timed out after 30m", "TIMED OUT", "timed-out: timed out after 30m"),
    (e.FailureKind.LOST, "its shim was killed", "LOST", "lost: its shim was killed"),
    (e.FailureKind.NOT_STARTED, "no such program", "NOT STARTED", "failed: no such program"),
    (e.FailureKind.NO_CHANGE, "it changed nothing", "NO CHANGE", "failed: it changed nothing"),
    (e.FailureKind.ESCAPED, "it wrote to /etc", "LEFT ITS WORKTREE", "failed: it wrote to /etc"),
]


def failed(kind: e.FailureKind, text: str, state: RunState | None = None) -> RunState:
    return fold(state or running("a"), e.AttemptFailed(attempt("a"), e.Failure(kind, text)))


EXPECTED = plan(replace(task("a"), expected_failure="the feed is down until Friday"))


@pytest.mark.parametrize(
    "kind",
    [
        e.FailureKind.EXIT,
        e.FailureKind.CHECK,
        e.FailureKind.TIMEOUT,
        e.FailureKind.NO_CHANGE,
        e.FailureKind.AGENT,
    ],
)
def test_a_failure_that_the_plan_expects_needs_no_person_and_says_why(kind: e.FailureKind) -> None:
    state = failed(kind, "exit 3", start(opened(EXPECTED), A))

    assert word(state) == "failed"
    assert reason(state, A) == "exit 3, as expected: the feed is down until Friday"
    assert () == needs(state) and all_is_well(state)
    assert in_words(results(state)) == "1 failed as expected"


@pytest.mark.parametrize(
    "failure",
    [
        e.Failure(e.FailureKind.LOST, "its shim was killed"),
        e.Failure(e.FailureKind.NOT_STARTED, "no such program"),
        e.Failure(e.FailureKind.UNCOLLECTABLE, "no space left"),
        e.Failure(e.FailureKind.EXIT, "exit 1", 1, is_setup=True),
    ],
)
def test_that_a_task_is_expected_to_fail_hides_no_failure_of_another_kind(failure: e.Failure) -> None:
    state = fold(start(opened(EXPECTED), A), e.AttemptFailed(attempt("a"), failure))

    assert [A] == [need.task for need in needs(state)] and not all_is_well(state)
    assert "as expected" not in word(state) + reason(state, A)


def word(state: RunState, name: str = "a") -> str:
    return task_label(state, TaskId(name), OPENED_AT).word


def next_of(state: RunState) -> list[str]:
    return [need.next for need in needs(state)]


def test_an_agent_that_asked_is_answered_where_it_stopped() -> None:
    state = failed(e.FailureKind.ASKED, 'it asked: "A or B?"')

    assert "ASKED" == word(state)
    assert [('it asked: "A or B?"', 'porch retry a --keep --say "ANSWER"; porch logs a')] == [
        (need.why, need.next) for need in needs(state)
    ]


@pytest.mark.parametrize(("kind", "text", "in_a_row", "why"), FAILED)
def test_how_an_attempt_failed_is_said_in_a_row_and_in_full(
    kind: e.FailureKind, text: str, in_a_row: str, why: str
) -> None:
    state = failed(kind, text)

    assert (in_a_row, text) == (word(state), reason(state, A))
    assert [(why, "porch logs a; porch retry a")] == [(need.why, need.next) for need in needs(state)]


def test_work_that_could_not_be_collected_is_not_run_again_for_it() -> None:
    state = failed(e.FailureKind.UNCOLLECTABLE, "the disk is full")

    assert word(state) == "NOT COLLECTED"
    assert next_of(state) == ["porch requeue a then takes its work over; porch retry a runs it again"]


def test_a_task_that_is_retried_automatically_needs_nobody() -> None:
    state = failed(
        e.FailureKind.EXIT, "exit 3", start(opened(unvalidated(task("a", retries=1)), slots=1), "a")
    )

    assert ("again after exit 3", ()) == (word(state), needs(state))


def waiting() -> Iterator[tuple[str, RunState, str, str]]:
    """Yield what the task `b` waits for: the state, its word in a row, and the reason in full."""
    after = start(opened(unvalidated("a", task("b", after=["a"]))), "a")
    yield "a task", after, "waits for a", "waits for a"
    yield "one that failed", failed(e.FailureKind.EXIT, "exit 3", after), *("waits for a, which failed",) * 2
    locked = start(opened(unvalidated(task("a", locks=("db",)), task("b", locks=("db",)))), "a")
    yield "a lock", locked, *("waits for a, which holds the lock db",) * 2
    full = start(opened(unvalidated("a", "b"), slots=1), "a")
    yield "a slot", full, "waits for a slot", "the only slot is taken"
    paused = fold(opened(unvalidated("a", "b")), e.RunPaused())
    yield "a person", paused, "run is paused", "the run is paused"
    disk = with_machine(opened(unvalidated("a", "b")), disk_short="9 MiB are free")
    yield "the disk", disk, *("waits for disk: 9 MiB are free",) * 2
    yield "nothing", opened(unvalidated("a", "b")), "ready", ""


@pytest.mark.parametrize(
    ("state", "in_a_row", "why"), [pytest.param(*rest, id=name) for name, *rest in waiting()]
)
def test_what_a_pending_task_waits_for_is_said(state: RunState, in_a_row: str, why: str) -> None:
    assert (in_a_row, why) == (word(state, "b"), reason(state, TaskId("b")))


def judged(*names: str) -> RunState:
    return judge(opened(plan(*names)), "t0", True)


def in_conflict(*events: e.AnyEvent) -> RunState:
    """Return a run whose task `a` is in conflict, and whose plan has a resolver; then what happened to it."""
    a_plan = replace(plan("a"), resolver=Resolver(("claude",), "claude", auto=False))
    return fold(conflict(queue(judge(opened(a_plan), "t0", True), "a"), "a"), *events)


def boarded(*events: e.AnyEvent) -> RunState:
    """Return a run whose tasks `a` and `b` have candidates; then what happened."""
    return fold(board(judged("a", "b"), "a", "b"), *events)


def a_landed(*events: e.AnyEvent) -> RunState:
    return fold(land(judge(board(judged("a"), "a"), "t0+a", True), "a"), *events)


PROPOSED = e.ResolutionProposed(A, Sha("h:a"), Sha("c0"), "claude", is_complete=True)
GONE = "its branch porch/x/a is gone; bring it back (git branch porch/x/a 1234abcd)"
KEPT = "(git branch validated-a refs/porch/run-1/blocked/a keeps it for a merge by hand)"
CASES: list[tuple[str, Callable[[], RunState], str, str, str]] = [
    # what, the state, the word in a row, the reason, what to type
    ("asked", in_conflict, "CONFLICT", "; claude is asked for a resolution", "porch resolve a"),
    (
        "asked, paused",
        lambda: in_conflict(e.RunPaused()),
        "CONFLICT",
        "which is frozen: the run is paused",
        "porch resolve a",
    ),
    (
        "proposed",
        lambda: in_conflict(PROPOSED),
        "CONFLICT",
        "; claude proposes a resolution: porch conflicts a",
        "porch resolve a --take proposed",
    ),
    (
        "no proposal",
        lambda: in_conflict(replace(PROPOSED, is_complete=False, why="exit 3")),
        "CONFLICT",
        "; claude has no resolution: exit 3",
        "porch resolve a",
    ),
    (
        "in conflict with another",
        lambda: conflict(queue(judged("a"), "a"), "a", ("b",)),
        "CONFLICT",
        "conflict with b in src/app.py",
        "porch resolve a",
    ),
    ("validated", lambda: settled(boarded()), "testing 0s", "together with b", ""),
    (
        "frozen",
        lambda: fold(settled(boarded()), e.RunPaused()),
        "test paused",
        "is frozen: the run is paused",
        "",
    ),
    (
        "held",
        lambda: boarded(e.EntryHeld(A)),
        "held",
        "not merged until it is released",
        "porch release a",
    ),
    ("withdrawn", lambda: boarded(e.EntryWithdrawn(A)), "withdrawn", "withdrawn", "porch requeue a"),
    (
        "without a verdict",
        lambda: boarded(e.EntryValidationStopped(A)),
        "test stopped",
        "its validation was stopped",
        "porch requeue a",
    ),
    (
        "its branch is gone",
        lambda: boarded(e.EntryFaulted(A, GONE)),
        "REJECTED",
        GONE,
        "git branch porch/x/a 1234abcd; porch requeue a",
    ),
    (
        "files are in the way",
        lambda: boarded(e.LandingBlocked(A, ("f",), "your changes are in the way", is_retried=True)),
        "BLOCKED",
        "your changes are in the way",
        f"commit, stash or move f {KEPT}",
    ),
    (
        "a merge is under way",
        lambda: boarded(e.LandingBlocked(A, (), "a merge is under way", is_retried=True)),
        "BLOCKED",
        "a merge is under way",
        f"see to what is said there {KEPT}",
    ),
    (
        "the target is gone",
        lambda: boarded(e.LandingBlocked(A, (), "the branch main is gone", is_retried=False)),
        "BLOCKED",
        "the branch main is gone",
        "porch requeue a",
    ),
    ("landed", a_landed, "landed c0+a", "", ""),
    (
        "landed, and wrote elsewhere",
        lambda: a_landed(e.AttemptEscaped(attempt("a"), "wrote to /etc")),
        "landed c0+a",
        "",
        "porch release a accepts that; porch undo a takes it back",
    ),
    (
        "being undone",
        lambda: a_landed(e.UndoRequested(A)),
        "undoing",
        "its landing is being taken back",
        "",
    ),
    (
        "the target fails",
        lambda: board(judge(opened(plan("a")), "t0", False, False), "a"),
        "queued",
        "main itself fails its validation",
        "fix main, or porch resume --allow-red-base; porch logs a --validation shows why",
    ),
    (
        "noticed",
        lambda: fold(running("a"), e.AttemptNoticed(attempt("a"), "silent for 10 min")),
        "run 0s",
        "silent for 10 min",
        "porch logs a; porch stop a",
    ),
    (
        "noticed, with advice",
        lambda: fold(running("a"), e.AttemptNoticed(attempt("a"), "waits for input", "porch attach")),
        "run 0s",
        "waits for input",
        "porch attach",
    ),
    (
        "it calls",
        lambda: fold(
            start(opened(plan(task("a", terminal=Terminal()))), "a"),
            e.AttemptWaits(attempt("a"), "may I?\x1b[2J"),
        ),
        "WAITS FOR YOU: may I?␛[2J",
        "waits for you: may I?\x1b[2J",
        "porch enter a, or porch send a TEXT",
    ),
    (
        "it calls without a terminal",
        lambda: fold(running("a"), e.AttemptWaits(attempt("a"), "")),
        "WAITS FOR YOU",
        "waits for you",
        "porch logs a; porch stop a",
    ),
    (
        "paused automatically",
        lambda: fold(running("a"), e.AttemptPaused(attempt("a"), "memory is short")),
        "paused",
        "memory is short; it continues on its own",
        "",
    ),
    (
        "paused at its budget",
        lambda: settled(fold(thrifty(), e.BudgetReached(A, Spent(2_100_000)))),
        "OVER BUDGET",
        "its budget is used up: 2.1M of 2M tokens",
        "porch budget a +2M raises it; porch stop a gives it up",
    ),
    (
        "paused at the run's budget",
        lambda: settled(fold(thrifty(), e.BudgetReached(None, Spent(usd=7.5)))),
        "paused",
        "the run's budget is used up: $7.50 of $5.00",
        "",
    ),
    (
        "paused until its account may be used",
        lambda: settled(fold(thrifty(), e.AgentLimited("pi", "limit reached", OPENED_AT + 60))),
        f"until {clock(OPENED_AT + 60)}",
        f"waits for pi's usage limit until {clock(OPENED_AT + 60)}: limit reached",
        "",
    ),
    (
        "a check that wrote elsewhere",
        lambda: fold(
            succeed(start(opened(unvalidated(task("a", kind=Kind.CHECK))), "a"), "a"),
            e.AttemptEscaped(attempt("a"), "wrote to /etc"),
        ),
        "held",
        "wrote to /etc",
        "porch release a, or porch retry a",
    ),
    (
        "cancelled",
        lambda: fold(opened(unvalidated("a")), e.TaskCancelled(A)),
        "stopped",
        "",
        "porch logs a; porch retry a",
    ),
    (
        "closed",
        lambda: fold(succeed(running("a"), "a"), e.RunClosed()),
        "queued",
        "done, never merged: the run was closed",
        "",
    ),
]


def thrifty() -> RunState:
    """Return a run whose only task is of an agent, and has a budget as the run has."""
    one = replace(task("a"), agent="pi", budget=Budget(tokens=2_000_000))
    agents = (Agent("pi", ("pi",), "pi"),)
    return start(opened(replace(unvalidated(one), agents=agents, budget=Budget(usd=5.0))), "a")


def test_the_run_s_budget_is_one_need_of_the_whole_run() -> None:
    state = settled(fold(thrifty(), e.BudgetReached(None, Spent(usd=7.5))))

    (need,) = needs(state)

    assert (need.task, need.text) == (None, "the run's budget is used up: $7.50 of $5.00")
    assert need.next == "porch budget +5usd raises it; porch stop --all stops the run"


@pytest.mark.parametrize(
    ("make", "in_a_row", "why", "act"), [pytest.param(*rest, id=name) for name, *rest in CASES]
)
def test_row_reason_and_advice_agree(make: Callable[[], RunState], in_a_row: str, why: str, act: str) -> None:
    state = make()

    assert in_a_row == word(state)
    assert reason(state, A).endswith(why) and bool(reason(state, A)) == bool(why)
    assert [act] * bool(act) == [need.next for need in needs(state) if need.task == A]
    for entry in state.entries.values():
        assert queue_detail(state, entry) or not reason(state, entry.task)


def test_what_was_left_running_is_counted_and_noticed() -> None:
    lost = e.Failure(e.FailureKind.LOST, "its shim was killed")
    left = (("sh", 1), ("sleep", 2))
    state = fold(running("a"), e.AttemptFailed(attempt("a"), lost, left_running=left))

    assert reason(state, A).endswith("ended 3 processes still running: sh, sleep (2)")
    assert is_noticed(state, A) and not is_noticed(running("a"), A)


def test_what_comes_after_a_hypothesis_that_was_decided_without_a_winner_waits_for_one():
    slow = HypothesisName("slow")
    plan = asking(theory("a"), task("z", after_hypotheses=["slow"]), hypothesis())
    state = fold(opened(plan), e.HypothesisDecided(slow, None, "chosen by Ada", "Ada"))

    assert reason(state, TaskId("z")) == "waits for a winner of slow, which was decided without one"
