"""What must hold of every record, and of how every run ends, in the fake world's own terms."""

from __future__ import annotations

from itertools import combinations

from porch_tui.core.judging.scores import MOST_TIMES
from porch_tui.core.judging.scores import Finding as Verdict
from porch_tui.core.merge_queue.ad_hoc_validation import Finding, current, finding, unjudged
from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.merge_queue.train import landable, suspects, train, trees_worth_validating
from porch_tui.core.merge_queue.verdicts import is_base_red
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.hypothesis import is_to_land, rivals
from porch_tui.core.model.index import awaits_review, index
from porch_tui.core.model.plan import Kind, Sha, TaskId, TaskSpec, Want
from porch_tui.core.model.state import QueueEntry, RunState, active
from porch_tui.core.model.status import DONE, ON_TRAIN, TAKEN_OUT, EntryStatus, TaskStatus
from porch_tui.core.rules import effects as f
from porch_tui.core.rules.effects import of_attempts, wanted
from porch_tui.core.rules.ending import is_at_rest
from porch_tui.core.rules.settle import is_frozen, settle
from porch_tui.core.scheduling.holding import why_held
from porch_tui.core.scheduling.judging import in_flight
from porch_tui.core.scheduling.placing import has_slot_at, vacancies
from porch_tui.core.scheduling.progress import (
    concluded,
    hypotheses,
    is_answered,
    is_unanswerable,
    scores_of,
)
from porch_tui.core.scheduling.readiness import is_ready, waits
from porch_tui.core.scheduling.slots import most_slots
from porch_tui.core.scheduling.startable import startable
from porch_tui.core.scheduling.taken import taken
from porch_tui.core.scheduling.validating import is_reached
from porch_tui.core.scheduling.waiting import WaitKind
from porch_tui.present.outcome import has_escaped
from tests.core.fake_world import World
from tests.core.place_invariants import (
    capacity_of,
    check_lost,
    check_lost_work,
    check_slots,
    check_validation_place,
)


def check_derived(state: RunState, *, is_thorough: bool) -> None:
    """Assert that what was carried along from state to state is what looking at everything gives."""
    assert index(state) == index.__wrapped__(state), "who stands where is not what the state says"
    assert startable(state) == startable.__wrapped__(state), "who may start is not what the state says"
    assert taken(state) == taken.__wrapped__(state), "what is used is not what the state says"
    assert vacancies(state) == vacancies.__wrapped__(state), "where slots are free is not what the state says"
    live = of_attempts.__wrapped__(state)
    assert of_attempts(state) == live, "what is wanted for attempts is not what the state says"
    if not is_thorough:
        return
    afresh = replace(state)
    for ask in (active, taken, train, landable, in_order, suspects, trees_worth_validating, wanted):
        assert ask(state) == ask(afresh), f"{ask.__name__} was carried along and is not true any more"
    assert settle(state) == settle(afresh), "what is due depends on what was asked before"
    for turns in startable(state).values():
        answers = {is_ready(state, state.specs[turn[-1]]) for turn in turns}
        assert len(answers) == 1, f"of {turns} some may start and others not"


def check_waiting(state: RunState) -> None:
    """Assert that only what runs, and has called, waits for a person; and what is over calls no one."""
    for task in state.tasks.values():
        for attempt in task.attempts:
            is_last = attempt is task.attempt
            is_running = is_last and task.status is TaskStatus.RUNNING
            assert (attempt.waits_since is not None) == (is_running and attempt.call is not None)
            may_call = is_last and task.status in (TaskStatus.RUNNING, TaskStatus.PAUSED)
            assert attempt.call is None or may_call, f"{attempt.id} is over, and calls"


def check_settled(state: RunState, world: World) -> None:
    """Assert that where nothing is due, nothing is left to be merged that a person has to look at first."""
    for entry in in_order(state):
        is_free = not has_escaped(state.tasks[entry.task]) or entry.task in world.landing
        assert is_free, f"{entry.task} is queued, and no one has looked"


def check_effect(state: RunState, effect: f.Effect) -> None:
    """Assert that this effect was right to begin in that state."""
    if isinstance(effect, f.LandTrain):
        for link in effect.links:
            assert not has_escaped(state.tasks[link.task]), f"{link.task} lands, and no one has looked"


def check_record(before: RunState, event: e.AnyEvent, after: RunState, world: World) -> None:
    """Assert that this event was right to be written down in that state."""
    _check_flight(before, event, world)
    check_lost(before, event, world)
    match event:
        case e.AttemptScheduled():
            _check_admission(before, event, after, world)
            _check_order(before, event)
        case e.EntryQueued():
            _check_work(before, event, world)
        case e.ValidationScheduled():
            _check_validation(before, event, after)
        case (
            e.RevertAdded()
            | e.TasksAdded()
            | e.AdHocValidationBuilt()
            | e.ValidationPassed()
            | e.ValidationFailed()
            | e.ValidationDropped()
            | e.ValidationStopped()
        ):
            _check_asked(before, event, after, world)
        case e.CulpritFound():
            _check_finding(before, event, world)
        case e.NothingToLand():
            head = world.commits[before.entries[event.task].head]
            assert head <= world.commits[before.target.tip], f"{event.task} had something to land"
        case e.EntryRejected():
            _check_guilt(before, event, world)
        case e.ResolutionProposed():
            entry = before.entries[event.task]
            assert (entry.head, entry.onto) == (event.head, event.onto), f"{event.task}: of another conflict"
            assert entry.proposal is None, f"{event.task} was asked about twice"
        case e.ResolutionFailed():
            _check_guilt(before, event, world)
            assert event.tree not in (before.target.tip_tree, after.entries[event.task].tree)
        case e.Landed():
            assert event in world.landings, f"{event.task} never landed"
            assert event.task not in before.target.landed, f"{event.task} landed twice"
            assert after.target.tip == event.commit, "the tip did not follow the landing"
            _check_nothing_returns(event, world)
        case e.LandingUndone():
            assert event in world.undone, f"{event.task} was never undone"
            assert after.target.tip == event.onto, "the tip did not follow the undo"
        case e.TargetMoved() | e.SlotsChanged() | e.AttemptPaused() | e.AttemptResumed():
            _check_run(before, event, after)
        case e.EntryHeld() | e.EntryMoved():
            _check_line(before, event, after)
        case e.NothingToLand() | e.CandidateBuilt() if event.task not in world.landing:
            assert not has_escaped(before.tasks[event.task]), f"{event.task} continues, and no one has looked"
        case e.JudgementScheduled() | e.HypothesisDecided():
            _check_hypothesis(before, event)
        case e.FinishRequested():
            _check_finish(before, event, world)
        case e.RedBaseAllowed():
            world.is_red_base_allowed = True
        case _:
            pass


def _check_finish(before: RunState, event: e.FinishRequested, world: World) -> None:
    task = event.attempt.task
    attempt = before.tasks[task].attempt
    assert world.is_interactive(task), f"no one can type into {task}, and it is finished"
    is_first = attempt is not None and attempt.id == event.attempt and not attempt.is_finishing
    assert is_first, f"{event.attempt} is finished twice, or is over"


def _check_work(before: RunState, event: e.EntryQueued, world: World) -> None:
    """Assert that what joins the queue is what the task's last attempt left, and may join it."""
    attempt = before.tasks[event.task].attempt
    assert attempt is not None
    process = world.processes.get(attempt.id)
    assert process is not None, f"{attempt.id} never began, and is queued"
    outcome = process.outcome
    assert isinstance(outcome, e.AttemptSucceeded) and outcome.head == event.head, "stale work queued"
    assert is_to_land(before, event.task), f"{event.task} has not won, and is queued"
    is_free = before.tasks[event.task].approval or event.head == attempt.base
    assert is_free or not before.specs[event.task].needs_review, f"{event.task}: no one has reviewed it"


def _check_hypothesis(before: RunState, event: e.JudgementScheduled | e.HypothesisDecided) -> None:
    match event:
        case e.JudgementScheduled():
            _check_judgement(before, event)
        case e.HypothesisDecided() if not event.by:
            _check_winner(before, event)
        case _:
            pass


def _check_judgement(before: RunState, event: e.JudgementScheduled) -> None:
    """Assert that this judge is needed, and disturbed by nothing if it measures."""
    known, asked = before.hypotheses[event.hypothesis], hypotheses(before)[event.hypothesis]
    assert known.decided_at is None and not before.is_paused
    alike = [one for one in known.judgements if (one.theory, one.head) == (event.theory, event.head)]
    assert all(one.ended_at is not None for one in alike), f"{event.theory} is judged twice at once"
    most = asked.repeat * (MOST_TIMES if asked.want.is_measured else 1)
    assert len(alike) < most, f"{event.theory} is judged more often than the plan says"
    if event.theory is not None:
        assert before.tasks[event.theory].head == event.head, "what is judged is not what was left"
    if asked.want.is_measured:
        running = [task for task in before.active if before.tasks[task].status is not TaskStatus.PAUSED]
        assert not running and not before.validations.in_flight and not in_flight(before), "measured in noise"


def _check_winner(before: RunState, event: e.HypothesisDecided) -> None:
    """Assert that the winner is better than the base and every other, by what was found."""
    assert event.winner is not None
    asked, found = hypotheses(before)[event.hypothesis], scores_of(before, event.hypothesis)
    best, base = found.pop(event.winner), found.pop(None)
    assert best.passes >= asked.repeat and not best.why, f"{event.winner} was not found to be good"
    if asked.want is Want.PASS:
        assert base.why, "the base passes as well"
        return
    sign = 1 if asked.want is Want.MIN else -1
    for other in (base, *(one for one in found.values() if not one.why)):
        assert best.median is not None and other.median is not None
        assert sign * best.median < sign * other.median, f"{event.winner} does not beat {other.theory}"


def _check_undisturbed(before: RunState) -> None:
    asked = hypotheses(before)
    measured = [name for name, _ in in_flight(before) if asked[name].want.is_measured]
    assert not measured, f"{measured[0]} is being measured"


def _check_validation(before: RunState, event: e.ValidationScheduled, after: RunState) -> None:
    """Assert that this validation is about the train, or keeps no task waiting."""
    _check_undisturbed(before)
    flights = after.validations.in_flight.values()
    moving = [one for one in flights if not one.place and not is_frozen(after, one.tree)]
    assert len(moving) <= after.validations.jobs, "more validations than jobs"
    check_validation_place(after, event)
    stands = tuple(entry.task for entry in train(after).entries[: len(event.tasks)])
    beside = [(entry.task,) for entry in suspects(after)]
    assert event.is_probe or event.tasks in (stands, *beside), "a validation reorders the train"
    is_asked = any(trial.tree == event.tree for trial in after.ad_hoc_validations)
    assert is_asked or not before.is_paused, "a validation begins while the run is paused"
    if event.is_probe and not is_asked:
        _check_probe(event, after)


def _check_run(
    before: RunState,
    event: e.TargetMoved | e.SlotsChanged | e.AttemptPaused | e.AttemptResumed,
    after: RunState,
) -> None:
    """Assert that what others, or the machine, do to the run was right."""
    match event:
        case e.AttemptPaused() | e.AttemptResumed() if event.reason:
            _check_easing(before, event)
        case e.TargetMoved():
            is_anybody_moving = any(entry.status in ON_TRAIN for entry in after.entries.values())
            assert event.is_descendant or not is_anybody_moving, "history was rewritten, and no one asks"
        case e.SlotsChanged() if event.is_auto:
            assert 1 <= event.slots <= max(before.slots.count, most_slots(before)), (
                "an impossible number of slots"
            )
            assert event.reason, "the number changed automatically, without a reason"
        case _:
            pass


def _check_easing(before: RunState, event: e.AttemptPaused | e.AttemptResumed) -> None:
    """Assert that short memory stops no task for good, and nothing automatic overrules a person."""
    task = before.tasks[event.attempt.task]
    assert task.attempt is not None
    why = why_held(before, event.attempt.task, task.attempt)
    if isinstance(event, e.AttemptResumed):
        assert task.attempt.auto_pause_reason, f"{event.attempt} goes on although a person paused it"
        is_for_memory = task.attempt.pause_cause is e.PauseCause.MEMORY
        assert is_for_memory or why is None, f"{event.attempt} goes on and may not"
        has_slot = has_slot_at(before, taken(before), task.attempt.place)
        assert is_for_memory or has_slot, f"{event.attempt} goes on without a slot"
        return
    if event.what_for is not e.PauseCause.MEMORY:
        assert event.what_for is why, f"{event.attempt} is paused for nothing"
        return
    there = (before.tasks[one] for one in taken(before).at(task.attempt.place).tasks)
    running = [one for one in there if one.status is TaskStatus.RUNNING]
    assert len(running) > 1, f"{event.attempt} was the last that ran"
    assert not task.attempt.is_exempt, f"{event.attempt} is paused although a person let it go on"


def _check_flight(before: RunState, event: e.AnyEvent, world: World) -> None:
    """Assert that nothing but its answer, or a report, changes what is landing; and that it is heard."""
    in_line = {entry.task for entry in before.entries.values() if entry.status in ON_TRAIN}
    under_way = world.landing & in_line
    match event:
        case e.EntryHeld() | e.EntryWithdrawn() | e.EntryMoved() | e.TaskRetried() | e.EntryRequeued():
            assert event.task not in under_way, f"{type(event).__name__}: {event.task} is landing"
        case e.RunClosed() | e.UndoRequested():
            assert not under_way, f"{type(event).__name__}: {', '.join(under_way)} landing"
        case _:
            pass


def _check_line(before: RunState, event: e.EntryHeld | e.EntryMoved, after: RunState) -> None:
    """Assert that who is held or moved stands there, and stops nothing that is landing.

    What a person has to look at is put off if it is only about to land, and so is who lands together with it.
    """
    was, now = ([entry.task for entry in in_order(state)] for state in (before, after))
    landing, lands = ([entry.task for entry in landable(state)] for state in (before, after))
    is_put_off = event.task in landing and isinstance(event, e.EntryHeld) and bool(event.why)
    assert is_put_off or lands[: len(landing)] == landing, f"{event.task} goes before what is landing"
    match event:
        case e.EntryHeld():
            # not the same order: with one fewer on their way the others may conflict with fewer
            assert sorted({*was} - {event.task}) == sorted(now), f"{event.task} is held, and in line"
        case e.EntryMoved():
            assert tuple(now[: len(event.line)]) == event.line, f"{event.task} is not where it was put"
            assert sorted(was) == sorted(now), f"{event.task} was moved, and others are lost"
    for task in now:
        assert not set(after.specs[task].after) & set(now), f"{task} is in line with what it comes after"


def _check_probe(event: e.ValidationScheduled, after: RunState) -> None:
    """Assert that this optional validation keeps no task waiting."""
    task = event.tasks[-1]
    if after.entries[task].status is EntryStatus.READY:
        assert event.commit == after.entries[task].head, f"{task} is not looked at alone"
        assert trees_worth_validating(after) <= set(after.validations.in_flight), (
            f"a prefix waits, and {task} is tried"
        )
    else:
        assert not after.active, f"{task} is bisected while tasks run"
        assert not in_order(after), f"{task} is bisected while others wait"


def check_arrival(before: RunState, after: RunState) -> None:
    """Assert that a task's success disturbs no prefix of the train that is being validated."""
    trees = train(before).trees
    now = [entry.task for entry in in_order(after)]
    for flight in before.validations.in_flight.values():
        tasks = [entry.task for entry in in_order(before)][: len(flight.tasks)]
        if flight.tree in trees and tuple(tasks) == flight.tasks:
            assert now[: len(tasks)] == tasks, "a late arrival pushes itself before what is being validated"
            assert flight.tree in after.validations.in_flight, "a late arrival drops a validation in flight"


def _check_admission(before: RunState, event: e.AttemptScheduled, after: RunState, world: World) -> None:
    task = event.attempt.task
    _check_undisturbed(before)
    assert not before.is_paused, f"{task} starts while the run is paused"
    capacity = capacity_of(before, event)
    assert not capacity.disk_short, f"{task} starts although the disk has no room"
    auto_pause = [one.attempt for one in before.tasks.values() if one.status is TaskStatus.PAUSED]
    assert event.attempt not in world.processes, f"{event.attempt} runs twice"
    waiting = [one for one in auto_pause if one and one.pause_cause is e.PauseCause.MEMORY]
    assert all(one.place != event.place for one in waiting), f"{task} starts while others wait for memory"
    check_slots(after, event, capacity)
    former = before.tasks[task].attempt
    assert not event.keep_worktree or (former and former.base == event.base), (
        f"{task} goes on from another base"
    )
    latest = [attempt for task in after.active if (attempt := after.tasks[task].attempt) is not None]
    # one whose work is collected again runs nothing, whatever slot and locks it had when it ran
    here = [attempt for attempt in latest if attempt.place == event.place]
    elsewhere = [attempt for attempt in latest if attempt.place != event.place and not attempt.collections]
    running = [attempt for attempt in here if not attempt.collections]
    lanes = {(attempt.slot, attempt.lane or attempt.id) for attempt in running}
    assert len(lanes) == len({slot for slot, _ in lanes}), f"one slot, two attempts: {lanes}"
    alike = {(one.base, one.place, one.slot) for one in latest if event.lane and one.lane == event.lane}
    assert len(alike) <= 1, f"a lane in two places: {alike}"
    assert event.attempt.number == len(before.tasks[task].attempts) + 1
    active = [after.specs[attempt.id.task] for attempt in running]
    for one, other in combinations([*active, *(after.specs[one.id.task] for one in elsewhere)], 2):
        assert not set(one.locks) & set(other.locks), f"{one.id} and {other.id} share a lock"
    spec = after.specs[task]
    for takes_any, need, room in (
        (spec.cpus, [other.cpus or 0 for other in active], capacity.cores),
        (spec.memory_bytes, [other.memory_bytes or 0 for other in active], capacity.memory_bytes),
    ):
        is_alone = sum(1 for each in need if each) == 1
        is_known = room > 0 or not event.place  # of a place its memory may not be known
        assert not takes_any or is_alone or not is_known or sum(need) <= room, (
            f"{task} was started without room for it"
        )


def _check_order(before: RunState, event: e.AttemptScheduled) -> None:
    spec = before.specs[event.attempt.task]
    if spec.reverts is not None:
        standing = [before.entries[task].landed for task in before.target.landed if task in before.entries]
        assert event.base == spec.reverts and spec.reverts in standing, f"{spec.id} reverts what is not there"
        return
    for earlier in spec.after:
        entry = before.entries.get(earlier)
        if before.specs[earlier].kind is Kind.CHECK:
            assert before.tasks[earlier].status is TaskStatus.SUCCEEDED
        else:
            assert entry is not None and entry.status in DONE, f"{spec.id} starts before {earlier} landed"
    for name in spec.after_hypotheses:
        assert is_answered(before, name), f"{spec.id} starts before {name} is answered"
    if event.keep_worktree:
        return  # from the base its worktree has
    if spec.is_shared and event.attempt.number == 1 and (first := _first_alike(before, spec)):
        assert event.base == first, f"{spec.id} shares a worktree and begins at another commit"
        return
    if spec.of is not None and before.hypotheses[spec.of].decided_at is None:
        alike = (before.tasks[task].attempt for task in rivals(before, spec.id))
        if bases := {attempt.base for attempt in alike if attempt is not None}:
            assert {event.base} == bases, f"{spec.id} cannot be compared with its rivals"
            return
    is_first = not spec.comes_later and event.attempt.number == 1
    is_soft = spec.id in before.soft_orders or before.tasks[spec.id].added_at is not None
    has_met = bool(before.predictions.met.get(spec.id, frozenset()) & set(before.target.landed))
    assert event.base == (
        before.target.base if is_first and not is_soft and not has_met else before.target.tip
    )


def _first_alike(before: RunState, spec: TaskSpec) -> Sha | None:
    """Return where the first of the checks began that share a worktree with this one."""
    alike = (
        before.tasks[other.id].attempts
        for other in before.specs.values()
        if (other.is_shared, other.group, other.after) == (True, spec.group, spec.after)
        and before.tasks[other.id].added_at == before.tasks[spec.id].added_at
    )
    return next((attempts[0].base for attempts in alike if attempts), None)


def _check_guilt(before: RunState, event: e.EntryRejected | e.ResolutionFailed, world: World) -> None:
    onto = before.entries[event.task].onto
    ours = {landing.commit: landing.task for landing in world.landings}
    assert onto is not None and (onto in ours or onto in (before.target.tip, before.target.base)), (
        "judged on top of no tip"
    )
    landed = (
        before.target.landed
        if onto == before.target.tip
        else before.target.landed[: _rank(before, ours.get(onto))]
    )
    assert set(event.partners) <= set(landed), f"{event.task} is said to fail on top of what landed later"
    head = world.commits[before.entries[event.task].head]
    together, tip = world.trees[event.tree], world.commits[onto]
    assert together == tip | head, f"{event.task} is blamed for what others brought"
    verdict = before.validations.verdicts[event.tree]
    assert not verdict.has_passed and verdict.tries >= 2, "blamed at the first failure"
    if not world.habits.flake:
        assert world.exit_code(together) != 0, f"{event.task} is innocent"
        tip_code = world.exit_code(tip)
        is_another_failure = tip_code != world.exit_code(together)
        # on a red tip, what no person has resolved may not land at all
        may_blame = is_another_failure or isinstance(event, e.ResolutionFailed)
        is_tolerated = before.validations.is_red_base_allowed and may_blame
        assert tip_code == 0 or is_tolerated, f"{event.task} is blamed for a red tip"


def _check_nothing_returns(event: e.Landed, world: World) -> None:
    """Assert that no other task's undone work comes back with a landing, by way of what it started from.

    (Where others rewrite history, what landed may be gone without any undo, and come back so.)
    """
    if world.habits.rewrite:
        return
    brought = world.commits[event.commit] - world.commits[event.onto]
    for undone in world.undone:
        patches = brought & (world.commits[undone.commit] - world.commits[undone.onto])
        assert undone.task == event.task or not patches, f"{event.task} brings {undone.task} back"


def _check_asked(before: RunState, event: e.AnyEvent, after: RunState, world: World) -> None:
    """Assert that a person is given what they asked for: a revert, or the truth about a combination."""
    match event:
        case e.RevertAdded():
            assert event.spec.reverts in {landing.commit for landing in world.landings}, "a revert of nothing"
            assert [*before.tasks, event.spec.id] == list(after.tasks), "an added task is not the last one"
        case e.TasksAdded():
            assert [*before.tasks, *(spec.id for spec in event.specs)] == list(after.tasks), (
                "added tasks are not the last ones"
            )
        case e.AdHocValidationBuilt():
            heads = frozenset().union(*(world.commits[head] for head in event.heads))
            assert world.trees[event.tree] == heads, f"{event.task} is tried with something else"
        case e.ValidationDropped():
            awaited, flight = (
                [prefix.tree for prefix in unjudged(after)],
                before.validations.in_flight[event.tree],
            )
            is_out = bool(flight.place) and not is_reached(before, flight.place, flight.boot)
            is_lost = event.tree in awaited and flight.is_probe and not is_out
            assert not is_lost, "a trial somebody waits for is dropped"
        case e.ValidationStopped():
            assert before.validations.verdicts == after.validations.verdicts, (
                "a validation that was stopped has a verdict"
            )
        case _:
            _check_trials(before, after, world)


def _check_trials(before: RunState, after: RunState, world: World) -> None:
    """What a trial tells must be true, unless the validation itself lies at times."""
    for was, now in zip(before.ad_hoc_validations, after.ad_hoc_validations, strict=True):
        if now.verdict is None or now == was:
            continue
        assert was.verdict is None, f"{now.task} already had another answer"
        is_good = world.exit_code(world.trees[now.tree or Sha("")]) == 0
        assert world.habits.flake or now.verdict.has_passed == is_good, f"{now.task}: {now}"


def _check_finding(before: RunState, event: e.CulpritFound, world: World) -> None:
    """A finding must be true, unless the validation itself is wrong at times, or no one could find out."""
    if world.habits.flake or event.passes_alone is None:
        return
    head = world.commits[before.entries[event.task].head]
    assert event.passes_alone == (world.exit_code(head) == 0), f"{event.task} alone: {event.why}"
    landed = [before.entries[partner].landed for partner in event.partners]
    on_top_of = world.commits[landed[-1]] if landed and landed[-1] else head
    is_others = event.passes_alone and not event.partners
    assert is_others or world.exit_code(on_top_of | head) != 0, f"{event.task} passes there: {event.why}"


def _rank(state: RunState, task: TaskId | None) -> int:
    return state.target.landed.index(task) + 1 if task in state.target.landed else 0


def check_end(state: RunState, world: World) -> None:
    """Assert that a run left alone comes to rest, with every task where somebody can explain it."""
    assert settle(state) == [] and is_at_rest(state), "not at rest"
    if state.closed_at is not None:
        return
    waiting = [trial for trial in current(state) if finding(trial) is Finding.PENDING]
    assert not waiting, f"still to be tried: {waiting}"
    alive = [str(attempt) for attempt, process in world.processes.items() if process.outcome is None]
    assert not alive, f"still running: {alive}"
    check_lost_work(state, world)
    assert state.target.tip == world.target, "the run does not know where the target is"
    for landing in world.landings:
        is_known = landing.task in state.target.landed or landing.commit in world.unreported | set(
            state.target.undone
        )
        is_tried_again = state.tasks[landing.task].head != landing.head
        # behind a landing that was lied about until its task was retried, it is found on the target only
        entry = state.entries.get(landing.task)
        is_there = entry is not None and entry.status is EntryStatus.NOTHING_TO_LAND
        # others may take off the target what is not known by then
        is_lost = bool(world.habits.rewrite) and landing.commit not in world.ancestors[world.target]
        is_recorded = is_known or is_tried_again or is_there or is_lost
        assert is_recorded, f"no record says that {landing.task} landed"
    for name, known in state.hypotheses.items():
        assert known.decided_at is None or known.evidence is not None, f"no evidence of {name}"
    for task in state.tasks:
        assert _is_explained(state, task, frozenset()), f"nothing explains where {task} is"


def _is_explained(state: RunState, task_id: TaskId, seen: frozenset[TaskId]) -> bool:
    task, entry = state.tasks[task_id], state.entries.get(task_id)
    match task.status:
        case TaskStatus.FAILED | TaskStatus.CANCELLED:
            return True
        case TaskStatus.SUCCEEDED:
            if entry is None:
                of = state.specs[task_id].of
                is_over = of is not None and not is_to_land(state, task_id)
                if is_over and of is not None:
                    return concluded(state, of).finding is not Verdict.OPEN
                return state.specs[task_id].kind is Kind.CHECK or awaits_review(state, task_id)
            if entry.status in (EntryStatus.QUEUED, EntryStatus.READY):
                return is_base_red(state)
            return entry.status is not EntryStatus.RESOLVING and not (
                entry.status is EntryStatus.BLOCKED and entry.is_retried
            )
        case TaskStatus.PENDING:
            softly = {order.earlier for order in state.soft_orders.get(task_id, ())}
            names = state.specs[task_id].after_hypotheses
            winners = {winner for name in names if (winner := state.hypotheses[name].winner) is not None}
            ahead = {*state.specs[task_id].after, *softly, *winners} - seen
            if any(is_unanswerable(state, name) for name in names):
                return True
            if any(wait.kind is WaitKind.NOWHERE for wait in waits(state, state.specs[task_id])):
                return True
            return any(
                _stays_unlanded(state, earlier) and _is_explained(state, earlier, seen | {task_id})
                for earlier in ahead
            )
        case _:
            return False


def _stays_unlanded(state: RunState, task_id: TaskId) -> bool:
    entry = state.entries.get(task_id)
    is_done_check = (
        state.specs[task_id].kind is Kind.CHECK and state.tasks[task_id].status is TaskStatus.SUCCEEDED
    )
    return not is_done_check and (entry is None or entry.status not in DONE)


def check_maximal(state: RunState, world: World) -> None:
    """Assert that no parked entry could be added to what landed: for runs without interference."""
    target = world.commits[world.target]
    for entry in state.entries.values():
        assert entry.status in DONE | TAKEN_OUT | {EntryStatus.CONFLICTED}, f"{entry.task} waits"
        if entry.status not in DONE:
            assert not _could_land(entry, target, world), f"{entry.task} could have landed"
    landed = {patch for task in state.target.landed for patch in world.commits[state.entries[task].head]}
    assert landed <= target, "what landed is not on the target"


def _could_land(entry: QueueEntry, target: frozenset[str], world: World) -> bool:
    head = world.commits[entry.head]
    return not world.clash(target, head) and world.exit_code(target | head) == 0
