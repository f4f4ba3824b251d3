"""`porch run --headless`: one plain line for each change, as a build's log shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from porch_tui.core.merge_queue.undo import undoing
from porch_tui.core.model import events as e
from porch_tui.core.model.budget import Spent, used_up
from porch_tui.core.model.commands import command_line
from porch_tui.core.model.derived import once
from porch_tui.core.model.index import may_retry_automatically
from porch_tui.core.model.plan import Kind, Sha, TaskId
from porch_tui.core.model.state import RunState, proposal_record
from porch_tui.core.model.status import ON_TRAIN, TaskStatus
from porch_tui.core.model.wording import counted, listed
from porch_tui.core.rules.settle import is_frozen
from porch_tui.core.scheduling.budgets import budget_of
from porch_tui.core.scheduling.progress import failed_as_expected
from porch_tui.core.tasks.delegated_work import is_not_paused, may_continue
from porch_tui.core.tasks.graph import dependents
from porch_tui.present.amounts import clock, duration, offset, short, size
from porch_tui.present.budget_text import advice, budget_words, used_text
from porch_tui.present.cells import cut, left, squeezed
from porch_tui.present.clean import clean
from porch_tui.present.explain import ended_text, how_to_answer
from porch_tui.present.hypothesis_text import hypothesis_line
from porch_tui.present.outcome import has_escaped, in_words, results
from porch_tui.present.place_text import lost_line, place_line

RUN, QUEUE = "(run)", "(queue)"
"""In the place of a task's name; no task can be called that."""
NAME_CELLS = 20
LINE_CELLS = 240
"""A line of a log may be longer than a screen, not than a paragraph."""


def progress_line(state: RunState, record: e.Record) -> str | None:
    """Return the line for a record, without a newline; None if it says nothing new.

    `state` is the run's state after the record, or later: a reader that folds
    several records at once may pass the last state for all of them.
    """
    what = _text(state, record.event, record.cause)
    if what is None:
        return None
    room = _name_room(state)
    who = left(squeezed(clean(_who(record.event)), room), room)
    return cut(f"{offset(record.at - state.opened_at)}  {who}  {clean(what)}".rstrip(), LINE_CELLS)


@once("specs")
def _name_room(state: RunState) -> int:
    return min(max(map(len, [*state.specs, *state.hypotheses, QUEUE])), NAME_CELLS)


def _who(event: e.AnyEvent) -> str:
    """Return the task that an event is about, or what stands in the place of its name."""
    if isinstance(event, e.AttemptEvent | e.LostAttemptEvent):
        return event.attempt.task
    if isinstance(event, e.ValidationEvent | e.ValidateJobsChanged):
        return QUEUE
    if isinstance(event, e.HypothesisEvent):
        return event.hypothesis
    return getattr(event, "task", None) or RUN


def _text(state: RunState, event: e.AnyEvent, cause: str) -> str | None:
    """Return what happened; None for what is not shown."""
    if isinstance(event, e.RunEvent):
        return _run_text(state, event)
    if isinstance(event, e.AttemptEvent):
        return _attempt_text(state, event)
    if isinstance(event, e.ValidationEvent):
        return _validation_text(state, event)
    if isinstance(event, e.EntryEvent):
        return _entry_text(state, event, cause)
    if isinstance(event, e.HypothesisEvent):
        return hypothesis_line(state, event)
    if isinstance(event, e.PlaceEvent):
        return place_line(event)
    if isinstance(event, e.LostAttemptEvent):
        return lost_line(event)
    match event:
        case e.RevertAdded():
            return f"{event.spec.id}: added to the plan, as asked: {event.spec.title}"
        case e.TasksAdded():
            return f"added to the plan, as asked: {listed([spec.id for spec in event.specs])}"
        case e.PlanReloaded():
            new = f"; added: {listed([spec.id for spec in event.added])}" if event.added else ""
            what = listed([spec.id for spec in event.changed]) or "nothing"
            return f"taken over from the plan file: {what}{new}"
        case e.TaskApproved():
            return f"approved by {event.by} at {short(event.head)}, goes into the merge queue"
        case e.WorktreeRemoved() if state.specs[event.task].kind is Kind.CHECK:
            return None
        case e.WorktreeRemoved():
            return "its worktree was removed; its branch stays"
        case e.WorktreeKept():
            return f"its worktree stays: {event.why}"
        case e.TaskCancelled() if event.why:
            return f"not started: {event.why}"
        case e.TaskCancelled():
            return f"cancelled before it started{_waiting_behind(state, event.task)}"
        case e.TaskRetried():
            what = "prompt" if event.prompt else "command"
            edited = f", with another {what}" if event.command else ""
            return f"retried, {'as its plan says' if event.is_automatic else 'as asked'}{edited}"
        case e.AdHocValidationImpossible():
            return event.why
        case e.AdHocValidationRequested() | e.AdHocValidationBuilt() | e.ConflictsPredicted():
            return None
        case _:
            assert_never(event)


def _run_text(state: RunState, event: e.RunEvent) -> str | None:
    match event:
        case e.RunOpened():
            tasks, slots = counted(len(event.plan.tasks), "task"), counted(event.slots, "slot")
            verdict = f"; {event.verdict}" if event.verdict else ""
            return f"{event.run}: {tasks}, {slots}, {event.target} at {short(event.tip)}{verdict}"
        case e.EngineTookOver():
            return f"the engine with pid {event.pid} on {event.host} took over and continues"
        case e.EngineDismissed():
            return "stopping: the engine ends once no task runs; porch resume continues"
        case e.RunPaused():
            count = sum(1 for tree in state.validations.in_flight if is_frozen(state, tree))
            frozen = f", {counted(count, 'validation')} frozen" if count else ""
            return f"paused: nothing starts until porch resume-tasks{frozen}"
        case e.RunResumed():
            return "continues: tasks may start again"
        case e.SlotsChanged():
            blocked = "nothing starts while anything runs"
            slots = blocked if event.starts_blocked else f"{counted(event.slots, 'task')} at once from now on"
            return f"{slots}: {event.reason}" if event.reason else slots
        case e.MemoryMeasured() if event.short:
            return f"nothing starts on {event.place} while anything runs: {event.short}"
        case e.MemoryMeasured():
            where = f" on {event.place}" if event.place else ""
            return f"tasks may declare {size(event.memory_bytes)} of memory together{where} from now on"
        case e.DiskMeasured():
            where = f" on {event.place}" if event.place else ""
            room = f"the disk{where} has room again"
            return f"no task starts{where}: {event.why}" if event.why else room
        case e.AgentLimited():
            until = clock(state.agent_limits[event.agent].until)
            return f"{event.agent} waits until {until}: {event.text}"
        case e.AgentReleased():
            return f"{event.agent} continues: its account may be used again"
        case e.BudgetReached():
            return _budget_text(state, event.task, event.spent)
        case e.BudgetRaised():
            whose = "its" if event.task else "the run's"
            return f"{whose} budget is {budget_words(budget_of(state, event.task))} now, as asked"
        case e.ValidateJobsChanged():
            return f"{counted(event.jobs, 'validation')} at once from now on: {event.why}"
        case e.RedBaseAllowed():
            return f"{state.target.name} may fail its validation: what makes nothing worse lands"
        case e.PersonCalled():
            return None  # what it is about has a line of its own
        case e.Noticed():
            return f"look: {event.text}"
        case e.SharedInspected():
            changed = listed(event.changed, "more files") or "nothing changed there"
            return f"looked at the worktree that checks share: {changed}"
        case e.CommandRefused():
            return f"refused: porch {event.command}: {event.why}"
        case e.RunClosed():
            return f"closed: {in_words(results(state))}"
        case e.TargetMoved():
            then = ": merging on top of that" if event.is_descendant else ", rewriting history"
            return f"{state.target.name} was moved to {short(event.tip)}{then}"
        case _:
            assert_never(event)


def _budget_text(state: RunState, task: TaskId | None, spent: Spent) -> str:
    """Return that a budget is used up, and what to type: as it was then, raised since or not."""
    budget = state.plan.budget if task is None else state.specs[task].budget
    amounts = used_up(budget_of(state, task), spent) or used_up(budget, spent)
    whose = "its" if task else "the run's"
    return f"{whose} budget is used up: {used_text(amounts)}; {advice(task, budget, amounts)}"


def _escape_advice(state: RunState, task: TaskId) -> str:
    """Return what a person can do about work that landed although it wrote outside its worktree."""
    return f"porch release {task} accepts that, {command_line(undoing(state, task))} takes it back"


def _attempt_text(state: RunState, event: e.AttemptEvent) -> str | None:
    task = event.attempt.task
    match event:
        case e.AttemptScheduled() | e.AttemptReturned():
            return None
        case e.AttemptStarted():
            number = f" (attempt {event.attempt.number})" if event.attempt.number > 1 else ""
            attempt = next((one for one in state.tasks[task].attempts if one.id == event.attempt), None)
            if attempt is None or (attempt.base == state.target.base and not attempt.keep_worktree):
                return f"started{number}"
            where = "in its existing worktree" if attempt.keep_worktree else f"on {short(attempt.base)}"
            return f"started{number} {where}"
        case e.AttemptNoticed():
            return event.notice or "back to normal"
        case e.AttemptWaits():
            said = f": {event.text}" if event.text else ""
            return f"waits for you{said}; {how_to_answer(state, task)}"
        case e.AttemptAnswered():
            return "is answered, and goes on"
        case e.AttemptEscaped():
            # what was noticed says the rest
            is_there = task in state.target.landed
            return f"is on {state.target.name}: {_escape_advice(state, task)}" if is_there else None
        case e.EscapeAccepted():
            return "what it wrote outside its worktree is accepted, as asked"
        case e.AttemptPaused():
            is_asked = event.what_for is e.PauseCause.BUDGET
            then = "" if is_asked else "; continues on its own"
            why = f" automatically: {event.reason}{then}" if event.reason else ""
            return "; ".join(filter(None, (f"paused{why}", is_not_paused(state.specs[task]))))
        case e.AttemptResumed():
            return f"continues: {event.reason}" if event.reason else "continues"
        case e.AttemptSucceeded():
            return _success_text(state, event)
        case e.AttemptFailed():
            return _failure_text(state, event)
        case e.AttemptLimited():
            return f"continues when its agent may: {event.text}"
        case e.AttemptLost():
            return f"attempt {event.attempt.number} {event.why}; it begins again"
        case e.FinishRequested():
            return "finishing"
        case e.FinishIgnored():
            return f"its setup or its checks run, which end on their own; porch stop {task} stops it"
        case e.StopRequested():
            return "stopping immediately" if event.kill_now else "stopping"
        case e.CollectionRequested():
            return "collecting its work again"
        case e.AttemptStopped():
            left = may_continue(state.specs[task])
            return f"stopped{f'; {left}' if left else ''}{_waiting_behind(state, task)}"
        case _:
            assert_never(event)


def _success_text(state: RunState, event: e.AttemptSucceeded) -> str:
    task = event.attempt.task
    if state.tasks[task].status is TaskStatus.CANCELLED:
        return f"succeeded after it had been stopped{_waiting_behind(state, task)}"
    took = f" in {duration(event.used.wall_s)}" if event.used.wall_s else ""
    paths = event.undeclared_paths
    stray = f"; it wrote outside its declared paths: {listed(paths)}" if paths else ""
    ended = f"; {left}" if (left := ended_text(event.left_running)) else ""
    if state.specs[task].kind is Kind.HYPOTHESIS:
        return f"done{took} at {short(event.head)}, waits for its judge{stray}{ended}"
    if state.specs[task].kind is Kind.CHANGE:
        # in a later state it may have been approved already
        base = next((one.base for one in state.tasks[task].attempts if one.id == event.attempt), None)
        is_kept = state.specs[task].needs_review and event.head != base
        then = f"waits for your review: porch diff {task}" if is_kept else "goes into the merge queue"
        behind = _waiting_behind(state, task) if is_kept else ""
        return f"done{took} at {short(event.head)}, {then}{stray}{ended}{behind}"
    return f"passed{took}{stray}{ended}"


def _failure_text(state: RunState, event: e.AttemptFailed) -> str:
    task = event.attempt.task
    status = state.tasks[task].status
    if status is TaskStatus.CANCELLED:
        return f"stopped{_waiting_behind(state, task)}"
    is_said = event.failure.kind is e.FailureKind.ASKED  # by the text
    kind = "" if is_said else f"{event.failure.kind.value.replace('-', ' ')}: "
    # in a later state the retry may have begun, and no longer count as possible
    is_again = may_retry_automatically(state, task) or (
        state.specs[task].retries > 0 and status is not TaskStatus.FAILED
    )
    rest = "; retried automatically" if is_again else _waiting_behind(state, task)
    ended = f"; {left}" if (left := ended_text(event.left_running)) else ""
    is_expected = status is TaskStatus.FAILED and failed_as_expected(state, task)
    expected = f", as expected: {state.specs[task].expected_failure}" if is_expected else ""
    return f"{kind}{event.failure.text}{expected}{ended}{rest}"


def _entry_text(state: RunState, event: e.EntryEvent, cause: str) -> str | None:
    match event:
        case e.EntryQueued() | e.CandidateBuilt() | e.ProbeBuilt() | e.ResolutionGiven() | e.UndoRequested():
            return None
        case e.CandidateConflicted():
            partner = listed(event.partners) or f"what is on {state.target.name}"
            places = f" in {listed(event.paths)}" if event.paths else f": {event.text}"
            return f"conflict with {partner}{places}: needs attention, everything else continues"
        case e.NothingToLand():
            return "nothing to land: merged, it changes nothing"
        case e.ResolutionProposed():
            return _proposal_text(event)
        case e.ProposalRefused():
            return "proposal refused"
        case e.ConflictResolved():
            entry = state.entries.get(event.task)
            author = entry.proposal.author if entry and entry.proposal else ""
            is_automatic = entry is not None and entry.resolution == proposal_record(event.task)
            by = f" as {author} proposes" if is_automatic else ""
            return f"conflict resolved{by}, back in the merge queue"
        case e.ResolutionFailed():
            return f"its automatic resolution failed: {event.why}; the conflict waits for you"
        case e.ResolutionRefused():
            return f"resolution refused: {event.why}"
        case e.EntryRejected():
            return f"rejected: {event.why}{_waiting_behind(state, event.task)}"
        case e.Landed():
            others = _validated_with(state, event.task)
            beside = f", validated with {listed(others)}" if others else ""
            landed = f"landed as {short(event.commit)}{beside}"
            if event.task in state.target.landed and has_escaped(state.tasks[event.task]):
                return f"{landed}, but it wrote outside its worktree: {_escape_advice(state, event.task)}"
            return landed
        case e.LandingBlocked():
            places = f" ({listed(event.paths)})" if event.paths else ""
            after = "retried when that changes" if event.is_retried else f"then porch requeue {event.task}"
            return f"cannot land yet: {event.why}{places}; {after}"
        case e.LandingUnblocked():
            return "the checkout has changed, trying to land again"
        case e.EntryFaulted():
            broke = "" if cause == "settle" else "something broke: "
            return f"taken out of the merge queue, {broke}{event.why}{_waiting_behind(state, event.task)}"
        case e.EntryRequeued():
            reason = "what it was built on is gone" if cause == "settle" else "as asked"
            return f"back in the merge queue: {reason}"
        case e.CulpritFound():
            return f"culprit found: {event.why}"
        case e.EntryWithdrawn():
            return f"withdrawn from the merge queue, its branch stays{_waiting_behind(state, event.task)}"
        case e.EntryValidationStopped():
            out = f"out of the merge queue until porch requeue {event.task}: its validation was stopped"
            return f"{out}, its branch stays{_waiting_behind(state, event.task)}"
        case e.EntryHeld():
            why = f"{event.why}; " if event.why else ""
            held = f"held: {why}not merged until porch release {event.task}"
            return f"{held}{_waiting_behind(state, event.task)}"
        case e.EntryReleased():
            return "released: back in the queue at its old place"
        case e.EntryMoved():
            at = event.line.index(event.task)
            return f"moved behind {event.line[at - 1]}" if at else "moved to the front of the queue"
        case e.HeadMoved():
            return f"its branch has moved: {short(event.head)} is merged instead"
        case e.LandingUndone():
            undone = f"undone: {state.target.name} is back at {short(event.onto)}, its branch stays"
            return f"{undone}{_waiting_behind(state, event.task)}"
        case e.UndoRefused():
            return f"could not be undone: {event.why}"
        case _:
            assert_never(event)


def _proposal_text(event: e.ResolutionProposed) -> str:
    if not event.is_complete:
        return f"{event.author} has no resolution: {event.why}"
    besides = f" ({event.why})" if event.why else ""
    return f"{event.author} proposes a resolution{besides}: porch conflicts {event.task}"


def _validated_with(state: RunState, task: TaskId) -> list[TaskId]:
    """Return the tasks that were validated together with this one, in the state that let it land."""
    covering = [
        verdict.tasks
        for verdict in state.validations.verdicts.values()
        if verdict.has_passed and not verdict.is_probe and task in verdict.tasks
    ]
    shortest = min(covering, key=len, default=())
    return [other for other in shortest if other != task]


def _waiting_behind(state: RunState, task: TaskId) -> str:
    """Return which tasks wait for one that will not land without a person."""
    behind = dependents(state.plan, task) if state.specs[task].of is None else ()  # a rival may land
    return f"; waiting for it: {listed(behind)}" if behind else ""


def _validation_text(state: RunState, event: e.ValidationEvent) -> str | None:
    """Return what happened; None for what is not shown."""
    match event:
        case e.ValidationScheduled():
            what = _combination(state, event.tasks, event.is_probe)
            return f"validating {what}{_purpose(state, event)}"
        case e.ValidationPassed():
            what = _validated(state, event.tree)
            return f"{what}: validation passed{_took_text(event.used)}{_known(event.from_run)}"
        case e.ValidationFailed():
            how = f"{event.text}{_known(event.from_run)}"
            return f"{_validated(state, event.tree)}: validation failed{_took_text(event.used)}: {how}"
        case e.ValidationDropped():
            return None
        case e.ValidationStopped():
            return f"tree {short(event.tree)}: validation cancelled (no verdict)"
        case _:
            assert_never(event)


def _purpose(state: RunState, event: e.ValidationScheduled) -> str:
    """Return the purpose of a validation by which nothing lands, or why another runs again."""
    if event.is_probe:
        if any(one.tree == event.tree for one in state.ad_hoc_validations):
            return ", as asked"
        task = event.tasks[-1]
        if state.entries[task].status in ON_TRAIN:
            return ", ahead of its turn, as nothing else is waiting"
        return f", to find out what {task} fails with"
    if event.number == 1:
        return ""
    has_failed = event.tree in state.validations.verdicts  # else it was cancelled before it had a verdict
    return ", again before anything is blamed" if has_failed else ", from the start"


def _combination(state: RunState, tasks: Sequence[TaskId], is_probe: bool) -> str:
    if is_probe and len(tasks) == 1:
        return f"{tasks[0]} alone"
    return " + ".join(tasks) if tasks else state.target.name


def _validated(state: RunState, tree: Sha) -> str:
    verdict = state.validations.verdicts.get(tree)
    return _combination(state, verdict.tasks, verdict.is_probe) if verdict else f"tree {short(tree)}"


def _took_text(used: e.Used) -> str:
    return f" in {duration(used.wall_s)}" if used.wall_s else ""


def _known(run: str) -> str:
    return f", known from run {run}" if run else ""
