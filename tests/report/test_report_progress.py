"""What a headless run says: a line for each change, and nothing for noise."""

from __future__ import annotations

from typing import get_args

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.budget import Budget, Spent
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceName, Resources
from porch_tui.core.model.plan import HypothesisName, LaneName, Sha, TaskId
from porch_tui.core.rules.evolve import evolve
from porch_tui.present.amounts import clock
from porch_tui.report.progress import progress_line
from tests.report import hostile
from tests.report.tale import OPENED_AT, Tale, a_plan, five_tasks, oid, spec

PARSER, LEXER = TaskId("parser"), TaskId("lexer")
BOX = PlaceName("box")
SLOW = HypothesisName("slow")
FIRST, SECOND = e.AttemptId(PARSER, 1), e.AttemptId(PARSER, 2)
TREE = oid("tree ['parser']")
SHA = oid("sha")

TOLD: dict[e.AnyEvent, str | None] = {
    e.EngineTookOver(77, "box"): "(run)    the engine with pid 77 on box took over and continues",
    e.EngineDismissed(): ("(run)    stopping: the engine ends once no task runs; porch resume continues"),
    e.RunPaused(): "(run)    paused: nothing starts until porch resume-tasks",
    e.RunResumed(): "(run)    continues: tasks may start again",
    e.SlotsChanged(1): "(run)    1 task at once from now on",
    e.SlotsChanged(
        6, is_auto=True, reason="cores were idle"
    ): "(run)    6 tasks at once from now on: cores were idle",
    e.SlotsChanged(
        6, is_auto=True, starts_blocked=True, reason="memory is short"
    ): "(run)    nothing starts while anything runs: memory is short",
    e.Noticed(
        "your own checkout changed: f", TaskId("parser")
    ): "parser   look: your own checkout changed: f",
    e.Noticed("somebody stashed"): "(run)    look: somebody stashed",
    e.MemoryMeasured(5 << 30): "(run)    tasks may declare 5.4GB of memory together from now on",
    e.DiskMeasured("9 MiB are free"): "(run)    no task starts: 9 MiB are free",
    e.DiskMeasured(""): "(run)    the disk has room again",
    e.AgentReleased("codex"): "(run)    codex continues: its account may be used again",
    e.AttemptLimited(
        FIRST, "usage limit reached"
    ): "parser   continues when its agent may: usage limit reached",
    e.AttemptLost(FIRST, "was not heard of for 1h"): (
        "parser   attempt 1 was not heard of for 1h; it begins again"
    ),
    e.PlaceUp(BOX, BOX, "b1", Resources(8, 16)): "(run)    box is up: 8 slots, 16 cores",
    e.PlaceSilent(BOX, 5.0, "connection reset"): (
        "(run)    box is out of reach: connection reset; what runs there goes on"
    ),
    e.PlaceSilent(BOX, None, "no route to host"): "(run)    box cannot be reached: no route to host",
    e.LeaseExpired(BOX, 5.0): (
        "(run)    box stayed out of reach until its lease was over: nothing runs there any more"
    ),
    e.PlaceGone(BOX, "it was taken away"): "(run)    box is gone: it was taken away",
    e.LostAttemptEnded(FIRST, "succeeded", SHA): (
        "parser   attempt 1, which counted as lost, succeeded; its commits are kept, and not merged"
    ),
    e.LostWorkKept(FIRST): None,
    e.DiskMeasured("9 MiB are free", BOX): "(run)    no task starts on box: 9 MiB are free",
    e.ValidateJobsChanged(
        4, "a validation keeps a core busy 3% of its time"
    ): "(queue)  4 validations at once from now on: a validation keeps a core busy 3% of its time",
    e.RedBaseAllowed(): "(run)    main may fail its validation: what makes nothing worse lands",
    e.CommandRefused(
        "retry parser", "parser is running"
    ): "(run)    refused: porch retry parser: parser is running",
    e.RunClosed(): "(run)    closed: 0 of 2 tasks landed",
    e.TargetMoved(SHA, SHA, True): "(run)    main was moved to d8f4590: merging on top of that",
    e.TargetMoved(SHA, SHA, False): "(run)    main was moved to d8f4590, rewriting history",
    e.RevertAdded(
        spec("revert-parser", title='Revert "Do parser"')
    ): '(run)    revert-parser: added to the plan, as asked: Revert "Do parser"',
    e.TasksAdded((spec("docs"), spec("man"))): "(run)    added to the plan, as asked: docs, man",
    e.TaskApproved(PARSER, SHA, "Ada"): "parser   approved by Ada at d8f4590, goes into the merge queue",
    e.PlanReloaded((spec("parser"),)): "(run)    taken over from the plan file: parser",
    e.PlanReloaded((), (spec("docs"),)): "(run)    taken over from the plan file: nothing; added: docs",
    e.WorktreeRemoved(PARSER): "parser   its worktree was removed; its branch stays",
    e.WorktreeKept(PARSER, "uncommitted: a"): "parser   its worktree stays: uncommitted: a",
    e.TaskCancelled(PARSER): "parser   cancelled before it started; waiting for it: lexer",
    e.TaskCancelled(PARSER, "2 of t failed"): "parser   not started: 2 of t failed",
    e.SharedInspected("shared-t@c0", 2, ("a.txt",)): (
        "(run)    looked at the worktree that checks share: a.txt"
    ),
    e.TaskRetried(PARSER, True): "parser   retried, as its plan says",
    e.TaskRetried(PARSER, False): "parser   retried, as asked",
    e.TaskRetried(PARSER, False, command=("x",), prompt="y"): (
        "parser   retried, as asked, with another prompt"
    ),
    e.TaskRetried(PARSER, False, command=("x",)): "parser   retried, as asked, with another command",
    e.AttemptScheduled(FIRST, SHA, 0): None,
    e.AttemptReturned(FIRST, LaneName("a.1")): None,
    e.AttemptStarted(FIRST, 12): "parser   started",
    e.AttemptStarted(SECOND, 12): "parser   started (attempt 2)",
    e.AttemptPaused(FIRST): "parser   paused",
    e.AttemptResumed(FIRST): "parser   continues",
    e.AttemptPaused(FIRST, "memory is short: 2% of it is free"): (
        "parser   paused automatically: memory is short: 2% of it is free; continues on its own"
    ),
    e.AttemptPaused(FIRST, "its budget is used up", e.PauseCause.BUDGET): (
        "parser   paused automatically: its budget is used up"
    ),
    e.AttemptResumed(FIRST, "there is memory again"): "parser   continues: there is memory again",
    e.AttemptNoticed(FIRST, "silent: no output for 10 min"): "parser   silent: no output for 10 min",
    e.AttemptNoticed(FIRST, ""): "parser   back to normal",
    e.AttemptWaits(FIRST, "may I?"): ("parser   waits for you: may I?; porch logs parser; porch stop parser"),
    e.AttemptWaits(FIRST, ""): "parser   waits for you; porch logs parser; porch stop parser",
    e.AttemptAnswered(FIRST): "parser   is answered, and goes on",
    e.FinishRequested(FIRST): "parser   finishing",
    e.FinishIgnored(FIRST): (
        "parser   its setup or its checks run, which end on their own; porch stop parser stops it"
    ),
    e.AttemptSucceeded(
        FIRST, SHA, e.Used(3.0), ("a",)
    ): "parser   done in 3.0s at d8f4590, goes into the merge queue; it wrote outside its declared paths: a",
    e.AttemptFailed(
        FIRST, e.Failure(e.FailureKind.TIMEOUT, "timed out after 30m")
    ): "parser   timed out: timed out after 30m; waiting for it: lexer",
    e.AttemptFailed(
        FIRST, e.Failure(e.FailureKind.EXIT, "exit 3", 3), left_running=(("sh", 1), ("sleep", 2))
    ): "parser   failed: exit 3; ended 3 processes still running: sh, sleep (2); waiting for it: lexer",
    e.PersonCalled(e.CallKind.NEED, ("parser",)): None,
    e.AttemptEscaped(FIRST, "was at work in your own checkout"): None,
    e.EscapeAccepted(FIRST): "parser   what it wrote outside its worktree is accepted, as asked",
    e.CollectionRequested(FIRST): "parser   collecting its work again",
    e.StopRequested(FIRST): "parser   stopping",
    e.AttemptStopped(FIRST): "parser   stopped; waiting for it: lexer",
    e.EntryQueued(PARSER, SHA): None,
    e.CandidateBuilt(PARSER, SHA, SHA, (), SHA, TREE): None,
    e.CandidateConflicted(
        PARSER, SHA, SHA, (), ("a.py", "b.py"), (LEXER,), "x"
    ): "parser   conflict with lexer in a.py, b.py: needs attention, everything else continues",
    e.CandidateConflicted(PARSER, SHA, SHA, (), (), (), "directory rename suggested"): (
        "parser   conflict with what is on main: directory rename suggested:"
        " needs attention, everything else continues"
    ),
    e.NothingToLand(PARSER): "parser   nothing to land: merged, it changes nothing",
    e.ResolutionProposed(
        PARSER, SHA, SHA, "claude", True
    ): "parser   claude proposes a resolution: porch conflicts parser",
    e.ResolutionProposed(PARSER, SHA, SHA, "claude", False, "exit 3"): (
        "parser   claude has no resolution: exit 3"
    ),
    e.ProposalRefused(PARSER): "parser   proposal refused",
    e.ResolutionFailed(PARSER, TREE, (), "validation fails: exit 1"): (
        "parser   its automatic resolution failed: validation fails: exit 1; the conflict waits for you"
    ),
    e.ResolutionGiven(PARSER, "r1"): None,
    e.ConflictResolved(PARSER): "parser   conflict resolved, back in the merge queue",
    e.ResolutionRefused(PARSER, "markers left"): "parser   resolution refused: markers left",
    e.ProbeBuilt(PARSER, SHA, LEXER, SHA, TREE): None,
    e.CulpritFound(
        PARSER, True, (LEXER,), "passes alone, fails on top of lexer: exit 1"
    ): "parser   culprit found: passes alone, fails on top of lexer: exit 1",
    e.EntryRejected(
        PARSER, TREE, (LEXER,), "validation fails on top of lexer: exit 1"
    ): "parser   rejected: validation fails on top of lexer: exit 1; waiting for it: lexer",
    e.Landed(PARSER, SHA, SHA, SHA, TREE): "parser   landed as d8f4590",
    e.LandingBlocked(
        PARSER, (".env",), "it is in the way", True
    ): "parser   cannot land yet: it is in the way (.env); retried when that changes",
    e.LandingBlocked(
        PARSER, (), "a rebase is under way", False
    ): "parser   cannot land yet: a rebase is under way; then porch requeue parser",
    e.LandingUnblocked(PARSER): "parser   the checkout has changed, trying to land again",
    e.EntryFaulted(
        PARSER, "no space left"
    ): "parser   taken out of the merge queue, something broke: no space left; waiting for it: lexer",
    e.EntryRequeued(PARSER): "parser   back in the merge queue: as asked",
    e.EntryWithdrawn(
        PARSER
    ): "parser   withdrawn from the merge queue, its branch stays; waiting for it: lexer",
    e.EntryValidationStopped(PARSER): (
        "parser   out of the merge queue until porch requeue parser: its validation was stopped,"
        " its branch stays; waiting for it: lexer"
    ),
    e.EntryHeld(PARSER): "parser   held: not merged until porch release parser; waiting for it: lexer",
    e.EntryHeld(PARSER, "look at this"): (
        "parser   held: look at this; not merged until porch release parser; waiting for it: lexer"
    ),
    e.EntryReleased(PARSER): "parser   released: back in the queue at its old place",
    e.EntryMoved(PARSER, (PARSER, LEXER)): "parser   moved to the front of the queue",
    e.EntryMoved(PARSER, (LEXER, PARSER)): "parser   moved behind lexer",
    e.HeadMoved(PARSER, SHA): "parser   its branch has moved: d8f4590 is merged instead",
    e.UndoRequested(PARSER): None,
    e.LandingUndone(
        PARSER, SHA, SHA, TREE
    ): "parser   undone: main is back at d8f4590, its branch stays; waiting for it: lexer",
    e.UndoRefused(PARSER, "it was pushed"): "parser   could not be undone: it was pushed",
    e.ValidationScheduled(TREE, 1, SHA, (PARSER,)): "(queue)  validating parser",
    e.ValidationScheduled(TREE, 2, SHA, ()): "(queue)  validating main, from the start",
    e.ValidationDropped(TREE, 1): None,
    e.ValidationStopped(TREE, 1): (f"(queue)  tree {TREE[:7]}: validation cancelled (no verdict)"),
    e.AdHocValidationRequested(PARSER, (LEXER,), (SHA, SHA)): None,
    e.AdHocValidationBuilt(PARSER, (LEXER,), (SHA, SHA), SHA, TREE): None,
    e.AdHocValidationImpossible(
        PARSER, (LEXER,), (SHA, SHA), ("a.py",), "does not merge on top of lexer: conflict in a.py"
    ): "parser   does not merge on top of lexer: conflict in a.py",
    e.ConflictsPredicted(((LEXER, PARSER),)): None,
    e.JudgementScheduled(SLOW, 1, PARSER, SHA): "slow     judging parser",
    e.JudgementScheduled(SLOW, 1, None, SHA): "slow     judging the base",
    e.JudgementDropped(SLOW, 1): None,
    e.HypothesisDecided(SLOW, PARSER, "it passes"): "slow     decided: parser wins; it passes",
    e.HypothesisDecided(
        SLOW, None, "chosen by Ada", "Ada"
    ): "slow     decided: no theory wins; chosen by Ada",
    e.EvidenceKept(
        SLOW, (e.Evidence(PARSER, "refs/x", 1, 2, 3),)
    ): "slow     kept what 1 theory left under refs",
    e.EvidenceKept(SLOW, ()): None,
}
"""Every kind of event whose line needs nothing but the plan."""

NEEDS_A_STATE = {
    e.RunOpened,
    e.AgentLimited,
    e.BudgetReached,
    e.BudgetRaised,
    e.ValidationPassed,
    e.ValidationFailed,
    e.JudgementEnded,
}
"""Told in the runs below."""


@pytest.fixture
def two_tasks() -> Tale:
    return Tale(a_plan(spec("parser"), spec("lexer", after=["parser"])))


@pytest.mark.parametrize("event", TOLD, ids=lambda event: type(event).__name__)
def test_each_event_is_one_plain_line_or_noise(two_tasks: Tale, event: e.AnyEvent) -> None:
    line = progress_line(two_tasks.state, e.Record(9, OPENED_AT + 12.34, "test", event))

    assert line == (None if TOLD[event] is None else f"+ 12.3s  {TOLD[event]}")


def test_no_kind_of_event_is_forgotten() -> None:
    assert set(get_args(e.AnyEvent)) == {type(event) for event in TOLD} | NEEDS_A_STATE


def test_a_limit_of_an_account_is_one_line_with_the_moment_it_ends(two_tasks: Tale) -> None:
    limited = e.Record(9, OPENED_AT, "test", e.AgentLimited("codex", "usage limit reached", OPENED_AT + 60))

    line = progress_line(evolve(two_tasks.state, limited), limited)

    assert line == f"+  0.0s  (run)    codex waits until {clock(OPENED_AT + 60)}: usage limit reached"


def test_a_budget_that_is_used_up_and_its_raise_are_a_line_each() -> None:
    agent = replace(spec("parser"), budget=Budget(tokens=2_000_000))
    tale = Tale(replace(a_plan(agent, spec("lexer")), budget=Budget(usd=5.0)))

    events = (
        e.BudgetReached(PARSER, Spent(2_040_000)),
        e.BudgetRaised(PARSER, Budget(tokens=500_000)),
        e.BudgetReached(None, Spent(usd=5.02)),
        e.BudgetRaised(None, Budget(usd=1.5)),
    )
    state, lines = tale.state, []
    for event in events:
        record = e.Record(9, OPENED_AT, "test", event)
        state = evolve(state, record)
        lines.append((progress_line(state, record) or "").split(maxsplit=3)[3])

    assert lines == [
        "its budget is used up: 2.0M of 2M tokens;"
        " porch budget parser +2M raises it; porch stop parser gives it up",
        "its budget is 2.5M tokens now, as asked",
        "the run's budget is used up: $5.02 of $5.00;"
        " porch budget +5usd raises it; porch stop --all stops the run",
        "the run's budget is $6.50 now, as asked",
    ]


def test_a_run_with_a_conflict_and_a_failure_reads_like_this() -> None:
    assert "\n".join(five_tasks().lines) == FIVE_TASKS


FIVE_TASKS = """\
+  0.0s  (run)    20261122-081500-layers: 8 tasks, 8 slots, main at 1405df6; 2.1 times faster side by side
+  0.0s  (queue)  validating main
+  0.3s  schema   started
+  0.3s  log      started
+  0.3s  mul      started
+  0.3s  div      started
+  0.3s  review   started
+  0.9s  (queue)  main: validation passed in 0.9s
+  2.0s  log      done in 2.0s at 8c9d439, goes into the merge queue
+  2.1s  (queue)  validating log
+  2.9s  (queue)  log: validation passed in 0.8s
+  3.1s  log      landed as 77ed126
+  4.0s  schema   done in 4.0s at 13849af, goes into the merge queue
+  4.1s  mul      done in 4.1s at c865140, goes into the merge queue
+  4.2s  seed     started
+  4.3s  (queue)  validating schema
+  4.3s  (queue)  validating schema + mul
+  5.0s  (queue)  schema + mul: validation passed in 0.7s
+  5.2s  schema   landed as d0716d3, validated with mul
+  5.2s  mul      landed as d38486f, validated with schema
+  5.3s  auth     started on d0716d3
+  5.5s  div      done in 5.5s at bcb8e15, goes into the merge queue
+  5.6s  div      conflict with mul in app/calc.py: needs attention, everything else continues
+  6.0s  seed     failed: exit 3; waiting for it: docs
+  6.5s  review   passed in 6.5s
+  8.0s  auth     done in 2.8s at a002699, goes into the merge queue
+  8.1s  (queue)  validating auth
+  8.8s  (queue)  auth: validation passed in 0.7s
+  9.0s  auth     landed as 0cde5c7"""


def test_a_failing_validation_is_told_with_whom_and_tried_again(two_tasks: Tale) -> None:
    two_tasks.start(1, "parser").validated(1, "").succeed(2, "parser").build(2)

    two_tasks.validated(3, "parser", text="exit 1").validated(4, "parser", text="exit 1")

    assert two_tasks.lines[-4:] == [
        "+  3.0s  (queue)  parser: validation failed in 1.0s: exit 1",
        "+  3.0s  (queue)  validating parser, again before anything is blamed",
        "+  4.0s  (queue)  parser: validation failed in 1.0s: exit 1",
        "+  4.0s  parser   rejected: validation fails alone: exit 1; waiting for it: lexer",
    ]


def test_a_failure_with_retries_left_holds_nobody_up() -> None:
    tale = Tale(a_plan(spec("a", retries=1), spec("b", after=["a"]))).start(1, "a").fail(2, "a")

    assert tale.lines[-2:] == [
        "+  2.0s  a        failed: exit 3; retried automatically",
        "+  2.0s  a        retried, as its plan says",
    ]


def test_records_folded_together_may_be_told_with_the_last_state() -> None:
    tale = five_tasks()

    lines = [progress_line(tale.state, record) for record in tale.records]

    assert [line for line in lines if line is not None] == tale.lines


def test_a_retry_that_was_given_already_is_still_told_as_one() -> None:
    tale = Tale(a_plan(spec("a", retries=1), spec("b", after=["a"]))).start(1, "a").fail(2, "a").start(2, "a")
    failed = next(record for record in tale.records if isinstance(record.event, e.AttemptFailed))

    assert progress_line(tale.state, failed) == ("+  2.0s  a        failed: exit 3; retried automatically")


def test_a_check_passes_and_queues_for_nothing() -> None:
    tale = five_tasks()

    assert "+  6.5s  review   passed in 6.5s" in tale.lines


def test_hostile_text_stays_on_its_line_and_is_not_obeyed(two_tasks: Tale) -> None:
    paths, names = (hostile.PATH, hostile.PATH), (TaskId(hostile.TITLE),)
    event = e.CandidateConflicted(TaskId(hostile.TITLE), Sha("x"), Sha("y"), (), paths, names, hostile.REASON)

    line = progress_line(two_tasks.state, e.Record(9, OPENED_AT, "test", event))

    assert line is not None and "\n" not in line and hostile.obeyed(line) == []
