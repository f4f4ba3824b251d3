"""Why a task is where it is, and what would move it: one sentence and one command."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import assert_never

from msgspec import Struct

from porch_tui.core.merge_queue.order import fails_alone
from porch_tui.core.merge_queue.undo import is_needless, undoing
from porch_tui.core.merge_queue.verdicts import CANNOT_TELL, NO_PROGRAM, base_trouble, is_base_red
from porch_tui.core.model import events as e
from porch_tui.core.model.commands import command_line
from porch_tui.core.model.hypothesis import is_to_land
from porch_tui.core.model.index import awaits_review
from porch_tui.core.model.place import PlaceStatus
from porch_tui.core.model.plan import HypothesisName, TaskId
from porch_tui.core.model.state import Attempt, QueueEntry, RunState, TaskState
from porch_tui.core.model.status import ON_TRAIN, TAKEN_OUT_BY_PERSON, EntryStatus, TaskStatus
from porch_tui.core.model.wording import MANY, listed
from porch_tui.core.scheduling.budgets import exhausted
from porch_tui.core.scheduling.holding import why_held
from porch_tui.core.scheduling.notice import is_about_the_wait
from porch_tui.core.scheduling.progress import is_hopeless
from porch_tui.core.scheduling.readiness import in_the_way_of, waits
from porch_tui.core.scheduling.waiting import Wait, WaitKind
from porch_tui.core.tasks.delegated_work import is_not_paused, may_continue
from porch_tui.present.amounts import clock
from porch_tui.present.budget_text import advice, budget_reason, need_of_run, needs_own_budget
from porch_tui.present.hypothesis_text import (
    is_rival,
    needs_of_hypotheses,
    theory_reason,
    waits_for_winner,
)
from porch_tui.present.outcome import GOOD, Outcome, QueueWord, has_escaped, outcome, queue_words
from porch_tui.present.place_text import where_text
from porch_tui.present.statuses import is_frozen_for

CUT_OFF = frozenset({e.FailureKind.TIMEOUT, e.FailureKind.LOST})
ENDED_BY_PORCH = frozenset({TaskStatus.FAILED, TaskStatus.CANCELLED})
"""Where what a command had started elsewhere may be left behind."""
ALLOW_RED = "porch resume --allow-red-base"
MEND_VALIDATION = "install it, or mend validate in the plan, and run it again"
ENTRIES_BY_PERSON = TAKEN_OUT_BY_PERSON | {EntryStatus.RESOLVING}
WAY_BACK = re.compile(r"bring it back \((git branch \S+ [0-9a-f]+)\)")
"""How a reason says that a branch is gone: the journal has it in no other way."""


class Need(Struct, frozen=True):
    """Something a person has to see to."""

    task: TaskId | None
    """None: the run as a whole."""
    why: str
    next: str
    """The command to type for it."""
    is_waiting: bool = False
    """The task runs, and waits for the person's answer."""
    is_by_person: bool = False
    """A person has made it so, who need not be called for it."""

    @property
    def text(self) -> str:
        """Who needs what, as a sentence."""
        return f"{self.task}: {self.why}" if self.task else self.why


def reason(state: RunState, task_id: TaskId) -> str:
    """Return why the task is where it is, in one line; empty when there is nothing to say."""
    task = state.tasks[task_id]
    entry = state.entries.get(task_id)
    if (how := theory_reason(state, task_id)) is not None:
        return how
    if entry is not None:
        # deriving the whole queue would say nothing more of what has landed
        return "" if entry.status is EntryStatus.LANDED else _entry_reason(state, entry)
    if task.status is TaskStatus.PENDING:
        text = next((_wait_text(state, task_id, wait) for wait in waits(state, state.specs[task_id])), "")
        met = in_the_way_of(state, task_id)
        return f"{text}; others go first: {listed(met)} changed what it will write" if text and met else text
    attempt = task.attempt
    if attempt is not None and task.is_active:
        paused = _pause_text(state, task_id, attempt)
        reach = is_not_paused(state.specs[task_id]) if task.status is TaskStatus.PAUSED else ""
        texts = (where_text(state, attempt), call_text(task), paused, reach, _present_notice(task))
        return "; ".join(filter(None, texts))
    if task.status is TaskStatus.SUCCEEDED and is_to_land(state, task_id):
        is_over = state.closed_at is not None
        if awaits_review(state, task_id) and not is_over:
            escape = attempt.escape if attempt else ""
            return "; ".join(filter(None, ("done, waits for your review", escape)))
        return "done, never merged: the run was closed" if is_over else "done, waits for the merge queue"
    if attempt is None:
        return task.cancelled_because if task.status is TaskStatus.CANCELLED else ""
    failure = attempt.failure.text if attempt.failure else ""
    if outcome(state, task_id) is Outcome.EXPECTED_FAILURE:
        failure = f"{failure}, as expected: {state.specs[task_id].expected_failure}"
    if attempt.lost_because and task.status is TaskStatus.CANCELLED:
        return task.cancelled_because or f"attempt {attempt.id.number} {attempt.lost_because}"
    is_said = attempt.failure is not None and attempt.failure.kind is e.FailureKind.ESCAPED
    is_cut_off = attempt.failure is None or attempt.failure.kind in CUT_OFF
    left = may_continue(state.specs[task_id]) if is_cut_off and task.status in ENDED_BY_PORCH else ""
    escape = "" if is_said else attempt.escape
    return "; ".join(filter(None, (failure, left, escape, ended_text(attempt.left_running))))


def worktree_text(task: TaskState) -> str:
    """Return what became of the worktree of a task that has landed; empty if nothing did."""
    if task.worktree_removed_at is not None:
        return "worktree removed"
    return "worktree kept" if task.worktree_kept else ""


def ended_text(left_running: Sequence[tuple[str, int]]) -> str:
    """Return what was left running, as `ended 3 processes still running: sh, sleep (2)`; empty if nothing."""
    if not left_running:
        return ""
    count = sum(number for _, number in left_running)
    names = [name if number == 1 else f"{name} ({number})" for name, number in left_running]
    return f"ended {count} {'process' if count == 1 else 'processes'} still running: {listed(names)}"


def needs(state: RunState) -> tuple[Need, ...]:
    """Return what needs a person: the run, then its tasks in plan order.

    Nothing, once the run is closed: it takes no command.
    """
    if state.closed_at is not None:
        return ()
    of_run = need_of_run(state)
    of_tasks = [Need(None, *one) for one in (*_needs_of_places(state), *needs_of_hypotheses(state))]
    of_tasks += [need for task in state.tasks if (need := _need(state, task)) is not None]
    return (Need(None, *of_run), *of_tasks) if of_run else tuple(of_tasks)


def _needs_of_places(state: RunState) -> Iterator[tuple[str, str]]:
    """Yield why places were never reached that tasks could run on; what is silent now may answer again."""
    never = {
        place: known.why
        for place, known in state.places.items()
        if known.status is PlaceStatus.SILENT and known.resources is None and known.why
    }
    unfinished = [
        state.specs[task] for task, known in state.tasks.items() if known.status is TaskStatus.PENDING
    ]
    for place, why in never.items():
        entry = state.places[place].member_of
        if any(entry in state.plan.places_of(spec) for spec in unfinished):
            yield f"{place} cannot be reached: {why}", f"porch doctor --on {place}"


def _need(state: RunState, task_id: TaskId) -> Need | None:
    how = outcome(state, task_id)
    entry, task = state.entries.get(task_id), state.tasks[task_id]
    if how is Outcome.LANDED and task.attempt is not None and task.attempt.escape:
        act = f"porch release {task_id} accepts that; {command_line(undoing(state, task_id))} takes it back"
        return Need(task_id, f"landed, but {task.attempt.escape}", act)
    if needs_own_budget(state, task_id):
        act = advice(task_id, state.specs[task_id].budget, exhausted(state, task_id))
        return Need(task_id, budget_reason(state, task_id), act)
    if how is Outcome.WAITING and (why := _why_nowhere(state, task_id)):
        act = (
            "mend that there, then porch resume" if state.plan.places else "install it, then porch run again"
        )
        return Need(task_id, why, f"{act}; porch stop {task_id} gives it up")
    if how in GOOD or how is Outcome.WAITING or is_needless(state, task_id) or is_rival(state, task_id):
        return None
    if entry is not None and entry.status in ON_TRAIN:
        if not is_base_red(state):
            return None
        why = f"{base_trouble(state)}, so nothing is blamed and nothing lands"
        code = state.validations.verdicts[state.target.tip_tree].exit_code
        otherwise = "what is in the way, and run it again" if code in CANNOT_TELL else ALLOW_RED
        act = f"fix {state.target.name}, or {otherwise}" if code not in NO_PROGRAM else MEND_VALIDATION
        return Need(task_id, why, f"{act}; porch logs {task_id} --validation shows why")
    why = reason(state, task_id)
    match how:
        case None:
            if task.waits is not None:
                return Need(task_id, call_text(task), how_to_answer(state, task_id), is_waiting=True)
            if task.attempt is None or not (why := _present_notice(task)):
                return None
            act = task.attempt.notice_advice or f"porch logs {task_id}; porch stop {task_id}"
        case Outcome.HELD:
            act = f"porch release {task_id}" + (f", or porch retry {task_id}" if has_escaped(task) else "")
        case Outcome.REVIEW:
            act = f"porch diff {task_id}; {after_review(state, task_id)}"
        case Outcome.CONFLICT:
            is_proposed = entry is not None and entry.has_proposal
            act = f"porch resolve {task_id}{' --take proposed' if is_proposed else ''}"
        case Outcome.UNDONE:
            act = f"porch requeue {task_id}, or porch retry {task_id}"
        case Outcome.REJECTED | Outcome.WITHDRAWN | Outcome.VALIDATION_STOPPED if entry:
            act = _after_rejection(state, entry)
        case Outcome.BLOCKED if entry and not entry.is_retried:
            act = _requeue(entry)
        case Outcome.BLOCKED:
            files = listed(entry.conflicts, "more files") if entry else ""
            first = f"commit, stash or move {files}" if files else "see to what is said there"
            kept = f"git branch validated-{task_id} refs/porch/{state.run}/blocked/{task_id}"
            # no `porch requeue`: an engine tries again as soon as that is done, and a new one at once
            act = f"{first} ({kept} keeps it for a merge by hand)"
        case _ if task.is_uncollected:
            act = f"porch requeue {task_id} then takes its work over; porch retry {task_id} runs it again"
        case _ if task.attempt and task.attempt.failure and task.attempt.failure.kind is e.FailureKind.ASKED:
            act = f'porch retry {task_id} --keep --say "ANSWER"; porch logs {task_id}'
        case _:
            why = f"{how}: {why}" if why else str(how)
            act = f"porch logs {task_id}; {_retry(state, task_id)}"
    return Need(task_id, why, act, is_by_person=_is_by_person(task, entry))


def _is_by_person(task: TaskState, entry: QueueEntry | None) -> bool:
    """Say whether a person has stopped a task, or taken its work out of the queue or up again."""
    if entry is not None:
        is_held = entry.status is EntryStatus.HELD and not entry.reason
        return is_held or entry.status in ENTRIES_BY_PERSON
    return task.status is TaskStatus.CANCELLED and not task.cancelled_because


def _why_nowhere(state: RunState, task_id: TaskId) -> str:
    """Return why no place of the run can run a task that has all else it needs; empty if one can."""
    spec = state.specs[task_id]
    if not spec.needs and all(known.status is not PlaceStatus.GONE for known in state.places.values()):
        return ""
    found = list(waits(state, spec))
    is_only = [wait.kind for wait in found] == [WaitKind.NOWHERE]
    return found[0].text if is_only else ""


def after_review(state: RunState, task_id: TaskId) -> str:
    """Return what to type once a person has looked at work that waits for their review."""
    return f"porch approve {task_id}, or {_retry(state, task_id)}"


def call_text(task: TaskState) -> str:
    """Return that a task's attempt waits for a person, and what it says; empty if it does not."""
    if task.waits is None:
        return ""
    return f"waits for you: {task.waits}" if task.waits else "waits for you"


def how_to_answer(state: RunState, task: TaskId) -> str:
    """Return what to type when a task waits for a person; not each can be typed into."""
    if state.specs[task].open_stdin is not None:
        return f"porch send {task} TEXT, or porch finish {task}"
    if state.specs[task].terminal is None:
        return f"porch logs {task}; porch stop {task}"
    return f"porch enter {task}, or porch send {task} TEXT"


def _present_notice(task: TaskState) -> str:
    """Return what a person should know of an attempt that is alive; empty if there is nothing, or none is."""
    if task.attempt is None or not task.is_active:
        return ""
    notice = task.attempt.notice
    return notice if task.status is TaskStatus.RUNNING or is_about_the_wait(notice) else ""


def _after_rejection(state: RunState, entry: QueueEntry) -> str:
    """Return what to type: to see why it was rejected, where there is something to see, then what to do."""
    task = entry.task
    verdict = state.validations.verdicts.get(entry.tree) if entry.tree else None
    if verdict is None:
        return _requeue(entry)
    look = f"porch logs {task} --validation"
    if verdict.exit_code in CANNOT_TELL:  # nothing is said against it: the same work is worth another look
        return f"{look}; porch requeue {task}"
    if not 0 < len(entry.partners) <= MANY:
        return f"{look}; {_retry(state, task)}"
    on_top_of = "".join(f" --on-top-of {partner}" for partner in entry.partners)
    return f"{look}; porch validate {task}{on_top_of}, or {_retry(state, task)}, which builds on that"


def _retry(state: RunState, task: TaskId) -> str:
    """Return what to type to have a task tried again; an agent should know what to do differently."""
    return f"porch retry {task}{' --say TEXT' if state.specs[task].prompt else ''}"


def _requeue(entry: QueueEntry) -> str:
    """Return what to type to have an entry merged again; first what brings its branch back, if it is gone."""
    way_back = WAY_BACK.search(entry.reason)
    first = f"{way_back[1]}; " if way_back else ""
    return f"{first}porch requeue {entry.task}"


def _entry_reason(state: RunState, entry: QueueEntry) -> str:
    word = queue_words(state)[entry.task]
    match word:
        case QueueWord.CONFLICTED | QueueWord.RESOLVING:
            paths = listed(entry.conflicts, "more") or entry.reason
            partners = f" with {listed(entry.partners)}" if entry.partners else ""
            return f"conflict{partners} in {paths}{_proposal_text(state, entry)}"
        case QueueWord.BLOCKED | QueueWord.REJECTED:
            return entry.reason
        case QueueWord.WITHDRAWN | QueueWord.VALIDATION_STOPPED | QueueWord.UNDONE:
            return taken_out_reason(entry)
        case QueueWord.HELD:
            return entry.reason or "not merged until it is released"
        case QueueWord.NOTHING_TO_LAND:
            attempt = state.tasks[entry.task].attempt
            escape = attempt.escape if attempt is not None else ""
            return escape or "changes nothing on top of the target"
        case QueueWord.LANDED:
            return ""
        case QueueWord.UNDOING:
            return "its landing is being taken back"
        case QueueWord.VALIDATING:
            flights = state.validations.in_flight.values()
            together = next(flight.tasks for flight in flights if entry.task in flight.tasks)
            others = [task for task in together if task != entry.task]
            text = f"together with {listed(others)}" if others else _fails_alone_text(state, entry)
            frozen = "is frozen: the run is paused" if is_frozen_for(state, entry.task) else ""
            return "; ".join(filter(None, (text, frozen)))
        case QueueWord.QUEUED | QueueWord.MERGING | QueueWord.LANDING:
            return base_trouble(state) if is_base_red(state) else _fails_alone_text(state, entry)
        case _:
            assert_never(word)


def taken_out_reason(entry: QueueEntry) -> str:
    """Return why an entry is out of the merge queue, or cannot land."""
    return _TAKEN_OUT.get(entry.status, entry.reason)


_TAKEN_OUT = {
    EntryStatus.WITHDRAWN: "withdrawn",
    EntryStatus.VALIDATION_STOPPED: "its validation was stopped",
    EntryStatus.UNDONE: "undone",
}


def _fails_alone_text(state: RunState, entry: QueueEntry) -> str:
    """Return that the entry is known to fail alone; empty if it is not."""
    probe = entry.probe(None)
    if probe is None or not fails_alone(state, entry):
        return ""
    return f"fails alone ({state.validations.verdicts[probe.tree].text}), so it is merged last"


def _proposal_text(state: RunState, entry: QueueEntry) -> str:
    """Return what the plan's resolver, if it has one, has made of a conflict."""
    resolver, proposal = state.plan.resolver, entry.proposal
    if resolver is None or entry.status is not EntryStatus.CONFLICTED:
        return ""
    if proposal is None:
        still = ", which is frozen: the run is paused" if state.is_paused else ""
        return f"; {resolver.author} is asked for a resolution{still}"
    if proposal.is_complete:
        return f"; {resolver.author} proposes a resolution: porch conflicts {entry.task}"
    return f"; {resolver.author} has no resolution: {proposal.why}"


def _pause_text(state: RunState, task_id: TaskId, attempt: Attempt) -> str:
    """Return why an attempt is paused automatically; empty if it is not."""
    match attempt.pause_cause:
        case None:
            return ""
        case e.PauseCause.MEMORY:
            return f"{attempt.auto_pause_reason}; it continues on its own"
    match why_held(state, task_id, attempt):
        case e.PauseCause.BUDGET:
            return budget_reason(state, task_id)
        case e.PauseCause.AGENT:
            return agent_wait(state, state.specs[task_id].agent or "")
        case _:
            return "continues as soon as a slot is free"


def _wait_text(state: RunState, task_id: TaskId, wait: Wait) -> str:
    match wait.kind:
        case WaitKind.AFTER:
            if wait.task is None:
                return waits_for_winner(state, HypothesisName(wait.text))
            return f"waits for {wait.task}{_end_of(state, wait.task)}"
        case WaitKind.ORDER:
            return f"waits for {wait.task}: {wait.text}"
        case WaitKind.SETUP:
            return f"waits for {wait.task}, which sets up the worktree they share"
        case WaitKind.LOCK:
            return f"waits for {wait.task}, which holds the lock {wait.text}"
        case WaitKind.CPUS | WaitKind.MEMORY:
            return f"waits for room: {wait.text}"
        case WaitKind.AGENT:
            return agent_wait(state, wait.text)
        case WaitKind.BUDGET:
            return budget_reason(state, task_id)
        case WaitKind.MEASUREMENT:
            return f"waits: the theories of {wait.text} are being measured"
        case (
            WaitKind.SLOT
            | WaitKind.PAUSED
            | WaitKind.SHORTAGE
            | WaitKind.DISK
            | WaitKind.PLACE
            | WaitKind.NOWHERE
        ):
            return wait.text
        case _:
            assert_never(wait.kind)


def agent_wait(state: RunState, agent: str) -> str:
    """Return until when an agent's tasks wait, and what it said."""
    limit = state.agent_limits[agent]
    return f"waits for {agent}'s usage limit until {clock(limit.until)}: {limit.text}"


def _end_of(state: RunState, task_id: TaskId | None) -> str:
    """Return what became of a task others wait for, if it will not land without a person."""
    if task_id is None:
        return ""
    how = outcome(state, task_id)
    if how is Outcome.WAITING:
        return ", which is itself waiting" if not is_hopeless(state, task_id) else ", which will not start"
    words = {
        Outcome.FAILED: "failed",
        Outcome.CHECK_FAILED: "failed its checks",
        Outcome.TIMED_OUT: "timed out",
        Outcome.EXPECTED_FAILURE: "failed as expected",
        Outcome.STOPPED: "was stopped",
        Outcome.LOST: "was lost",
        Outcome.CONFLICT: "is in conflict",
        Outcome.REJECTED: "was rejected",
        Outcome.WITHDRAWN: "was withdrawn",
        Outcome.VALIDATION_STOPPED: "is out of the merge queue, as its validation was stopped",
        Outcome.UNDONE: "was undone",
        Outcome.BLOCKED: "cannot land yet",
        Outcome.HELD: "is held in the merge queue",
        Outcome.REVIEW: "waits for your review",
    }
    return f", which {words[how]}" if how in words else ""
