"""What the fake world does for each effect, and what it then says.

Every effect is "make it so": asked again, after a crash or twice, the world
finds what it did before. What must never happen in the real world however the
core misbehaves is asserted here, because here it would happen.
"""

from __future__ import annotations

from typing import assert_never

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Integrity, TaskId, Want
from porch_tui.core.model.state import proposal_record
from porch_tui.core.rules import effects as f
from tests.core.fake_world import Content, World, owner


def perform(world: World, effect: f.Effect) -> None:
    """Begin an effect; its reports come later."""
    match effect:
        case f.RunAttempt() | f.StopAttempt() if effect.attempt in world.places.given:
            world.places.order(effect)
        case f.RunAttempt():
            _run(world, effect)
        case f.RunLane():
            world.returned.difference_update(world.lanes[effect.lane])
            world.later(0.3, effect, lambda: _run_next(world, effect))
        case f.FreezeAttempt():
            world.held.add(effect.attempt)
        case f.StopAttempt():
            world.later(1, effect, lambda: _stop(world, effect.attempt))
        case f.FinishAttempt():
            world.later(0.5, effect, lambda: _finish(world, effect.attempt))
        case f.KeepLostWork():
            world.later(0.5, effect, lambda: e.LostWorkKept(effect.attempt))
        case f.BuildCandidate():
            world.later(0.5, effect, lambda: _build(world, effect))
        case f.ValidateCandidate():
            assert world.tree_of(effect.commit) == effect.tree, "what is tested is not what is named"
            world.places.validate(effect, lambda: _validate(world, effect))
        case f.RunJudge():
            world.later(2, effect, lambda: _judge(world, effect))
        case f.KeepEvidence():
            world.later(0.5, effect, lambda: e.EvidenceKept(effect.hypothesis, ()))
        case f.FreezeValidation() | f.FreezeProposal() | f.FreezeJudge():
            world.frozen.add(effect)
        case f.LandTrain():
            assert not world.is_landing, "two landings at once"
            world.later(1.5, effect, lambda: _land(world, effect))
        case f.RollBackLanding():
            assert not world.is_landing, "an undo beside a landing"
            world.later(1.5, effect, lambda: _take_back(world, effect))
        case f.AwaitCheckout():
            world.later(1, effect, lambda: e.LandingUnblocked(effect.task))
        case f.ApplyResolution():
            world.later(4, effect, lambda: _resolve(world, effect))
        case f.ProposeResolution():
            world.later(6, effect, lambda: _propose(world, effect))
        case f.BuildProbe():
            world.later(0.5, effect, lambda: _probe(world, effect))
        case f.InspectShared():
            world.later(1, effect, lambda: e.SharedInspected(effect.place, effect.attempts))
        case f.RemoveWorktree():
            world.later(1, effect, lambda: _remove(effect))
        case f.BuildAdHocValidation():
            world.later(0.5, effect, lambda: _build_trial(world, effect))
        case _:
            assert_never(effect)


def _remove(effect: f.RemoveWorktree) -> e.AnyEvent:
    is_kept = sum(map(ord, effect.task)) % 3 == 0
    return e.WorktreeKept(effect.task, "in use") if is_kept else e.WorktreeRemoved(effect.task)


def _run(world: World, effect: f.RunAttempt) -> None:
    attempt = effect.attempt
    world.returned.discard(attempt)
    if attempt not in world.processes and world.begin_process(attempt, effect.base).outcome is not None:
        world.later(0.5, effect, lambda: world.processes[attempt].outcome)
        return
    assert world.processes[attempt].base == effect.base, f"{attempt} was begun from another base"
    if world.chance(0.1) and not world.is_interactive(attempt.task):  # it ended before anybody saw it run
        world.later(2, effect, lambda: _end(world, effect))
        return
    world.later(0.3, effect, lambda: _started(world, effect))


def _started(world: World, effect: f.RunAttempt) -> e.AnyEvent:
    world.later(8, effect, lambda: _end(world, effect))
    return e.AttemptStarted(effect.attempt, pid=100)


def _run_next(world: World, effect: f.RunLane) -> e.AnyEvent | None:
    """Run the next one of a lane, see one run that takes long, or give one back that has not begun."""
    lane = world.lanes[effect.lane]
    if not lane:
        return None
    world.later(0.3, effect, lambda: _run_next(world, effect))
    attempt = lane[0]
    if attempt not in world.processes:
        if attempt in world.held:
            return None
        last = lane[-1]
        if last not in world.processes and str(last) != effect.lane and world.chance(0.4):
            world.returned.add(last)
            return e.AttemptReturned(lane.pop(), effect.lane)
        world.begin_process(attempt, effect.base, may_fail=False)
        return e.AttemptStarted(attempt, pid=100) if world.chance(0.3) else None
    process = world.processes[attempt]
    if process.outcome is None and attempt in world.held and world.chance(0.8):
        return None
    process.outcome = process.outcome or world.outcome_of(attempt, process)
    del lane[0]
    return process.outcome


def _stop(world: World, attempt: e.AttemptId) -> e.AnyEvent | None:
    """End an attempt; what was returned has not begun and may be started again, so it has no end."""
    return None if attempt in world.returned else world.end_process(attempt).outcome


def _finish(world: World, attempt: e.AttemptId) -> e.AnyEvent:
    """End what a person has finished, as if its command had; not if its setup or its checks run just then."""
    process = world.processes.get(attempt)
    if process is None or attempt in world.held or world.visits.random() < 0.3:
        return e.FinishIgnored(attempt)
    process.outcome = process.outcome or world.outcome_of(attempt, process)
    return process.outcome


def _end(world: World, effect: f.RunAttempt) -> e.AnyEvent | None:
    if effect.attempt in world.held and world.chance(0.8):  # else it had ended before it was frozen
        world.later(2, effect, lambda: _end(world, effect))
        return None
    process = world.processes[effect.attempt]
    is_visited = world.is_interactive(effect.attempt.task) and world.visits.random() < 0.7
    if process.outcome is None and is_visited:
        return None  # no one has left it yet
    if process.outcome is None:
        process.outcome = world.outcome_of(effect.attempt, process)
    if effect.collections and isinstance(process.outcome, e.AttemptFailed):
        process.outcome = e.AttemptSucceeded(effect.attempt, process.base)  # a person has seen to it
    return process.outcome


def _build(world: World, effect: f.BuildCandidate) -> e.AnyEvent:
    if world.chance(world.habits.fault):
        return e.EntryFaulted(effect.task, "no space left on device")
    if effect.takes_branch and world.chance(0.3):
        return _mend(world, effect)
    onto, head = world.commits[effect.onto], world.commits[effect.head]
    clashing = world.clash(onto, head)
    is_resolved = effect.resolution is not None and world.records[effect.resolution]
    world.unattended.discard(effect.head)
    if clashing and not is_resolved:
        partners = tuple(TaskId(name) for name in sorted(clashing) if not name.startswith("other"))
        return e.CandidateConflicted(
            effect.task,
            effect.head,
            effect.onto,
            effect.on_top_of,
            ("file",),
            partners,
            "CONFLICT (contents)",
        )
    content = onto | head
    commit = effect.onto
    if not head <= onto:
        commit = world.commit([effect.onto, effect.head], content, effect.task)
    resolved = ("file",) if clashing else ()
    if clashing and effect.resolution == proposal_record(effect.task):
        world.unattended.add(effect.head)
    return e.CandidateBuilt(
        effect.task, effect.head, effect.onto, effect.on_top_of, commit, world.tree(content), resolved
    )


def _propose(world: World, effect: f.ProposeResolution) -> e.AnyEvent | None:
    """Ask the resolver, which says the same about the same conflict every time, and is wrong at times."""
    hold = f.FreezeProposal(effect.task, effect.head, effect.onto)
    if hold in world.frozen and world.chance(0.8):  # else it was over by then
        world.later(2, effect, lambda: _propose(world, effect))
        return None
    name = proposal_record(effect.task)
    conflict = f"{effect.onto} {effect.head}"
    world.records[name] = world.records.setdefault(conflict, world.foresight.random() < 0.7)
    why = "" if world.records[name] else "exit 1"
    return e.ResolutionProposed(effect.task, effect.head, effect.onto, "claude", world.records[name], why)


def _probe(world: World, effect: f.BuildProbe) -> e.AnyEvent:
    if world.chance(world.habits.fault):
        return e.CulpritFound(effect.task, None, (), "no space left on device")
    if effect.onto is None:
        return e.ProbeBuilt(effect.task, effect.head, None, effect.head, world.tree_of(effect.head))
    content = world.commits[effect.onto] | world.commits[effect.head]
    commit = world.commit([effect.onto, effect.head], content, effect.task)
    return e.ProbeBuilt(effect.task, effect.head, effect.on_top_of, commit, world.tree(content))


def _build_trial(world: World, effect: f.BuildAdHocValidation) -> e.AnyEvent:
    if world.chance(world.habits.fault):
        return e.AdHocValidationImpossible(
            effect.task, effect.on_top_of, effect.heads, (), "no space left on device"
        )
    commit = effect.heads[0]
    for head in effect.heads[1:]:
        ground, work = world.commits[commit], world.commits[head]
        if world.clash(ground, work):
            return e.AdHocValidationImpossible(
                effect.task, effect.on_top_of, effect.heads, ("file",), "does not merge"
            )
        commit = world.commit([commit, head], ground | work, effect.task)
    return e.AdHocValidationBuilt(effect.task, effect.on_top_of, effect.heads, commit, world.tree_of(commit))


def _mend(world: World, effect: f.BuildCandidate) -> e.AnyEvent:
    """Have a person commit to the task's branch."""
    patch = f"{effect.task}.{len(world.commits)}"
    head = world.commit([effect.head], world.commits[effect.head] | {patch}, patch)
    return e.HeadMoved(effect.task, head)


def _validate(world: World, effect: f.ValidateCandidate) -> e.AnyEvent | None:
    hold = f.FreezeValidation(effect.tree, effect.number)
    if hold in world.frozen and world.chance(0.8):  # else it was over by then
        world.later(2, effect, lambda: _validate(world, effect))
        return None
    code: int | None = world.exit_code(world.trees[effect.tree])
    if code == 0 and world.chance(world.habits.flake):
        code = world.rng.choice((75, 125, None))
    if code == 0:
        return e.ValidationPassed(effect.tree, effect.number)
    return e.ValidationFailed(effect.tree, effect.number, f"exit {code}", code)


def _judge(world: World, effect: f.RunJudge) -> e.AnyEvent | None:
    """Find out what a commit is worth; the same judge, looked at again, has found the same."""
    hold = f.FreezeJudge(effect.hypothesis, effect.number)
    if hold in world.frozen and world.chance(0.8):  # else it was over by then
        world.later(2, effect, lambda: _judge(world, effect))
        return None
    key = effect.hypothesis, effect.number
    if key not in world.judged:
        world.judged[key] = _judgement(world, effect)
    return world.judged[key]


def _judgement(world: World, effect: f.RunJudge) -> e.AnyEvent:
    name, number = effect.hypothesis, effect.number
    if world.chance(world.habits.fault):
        return e.JudgementDropped(name, number)
    worth = world.worth(effect.head)
    if world.chance(world.habits.flake):
        return e.JudgementEnded(name, number, why="it could not be run")
    if world.plan.hypotheses[0].want is Want.PASS:
        return e.JudgementEnded(name, number, why="" if worth > 3 else "exit 1")
    return e.JudgementEnded(name, number, worth)


def _resolve(world: World, effect: f.ApplyResolution) -> e.AnyEvent:
    if world.chance(world.habits.fault):
        return e.EntryFaulted(effect.task, "the record cannot be read")
    if world.records[effect.record]:
        return e.ConflictResolved(effect.task)
    return e.ResolutionRefused(effect.task, "1 hunk is open")


def _land(world: World, effect: f.LandTrain) -> e.AnyEvent | None:
    if world.target != effect.onto:
        is_descendant = effect.onto in world.ancestors[world.target]
        return e.TargetMoved(world.target, world.tree_of(world.target), is_descendant)
    some_link = world.rng.choice(effect.links)
    if world.chance(world.habits.fault):
        return e.EntryFaulted(some_link.task, "index.lock exists")
    if world.chance(world.habits.block):
        is_retried = world.chance(0.7)
        return e.LandingBlocked(some_link.task, (".env",), "in the way", is_retried)
    landings = _chain(world, effect)
    world.target = landings[-1].commit
    world.moves += landings
    if world.chance(world.habits.lie):
        return _lie(world, effect, landings)
    _report(world, effect, landings)
    return None


def _take_back(world: World, effect: f.RollBackLanding) -> e.AnyEvent:
    if world.target != effect.commit:
        return e.UndoRefused(effect.task, "the target has moved")
    if world.chance(world.habits.fault) or world.chance(world.habits.block):
        return e.UndoRefused(effect.task, ".env is in the way")
    undone = e.LandingUndone(effect.task, effect.commit, effect.onto, world.tree_of(effect.onto))
    world.target = effect.onto
    world.moves.append(undone)
    if world.chance(world.habits.lie):
        world.later(20, effect, lambda: undone)
        return e.UndoRefused(effect.task, "no answer")
    return undone


def _lie(world: World, effect: f.LandTrain, landings: list[e.Landed]) -> e.AnyEvent:
    """Say that something was wrong, though it landed; the truth comes late, or never."""
    task = world.rng.choice(landings).task
    if world.chance(0.3):
        world.unreported |= {landing.commit for landing in landings}
        return e.EntryFaulted(task, "no answer")
    _report(world, effect, landings, delay=40)
    return e.LandingBlocked(task, (".env",), "in the way", is_retried=world.chance(0.7))


def _report(world: World, effect: f.LandTrain, landings: list[e.Landed], delay: float = 0.3) -> None:
    """Report the landings one after the other, so that anything may come between them."""
    first, rest = landings[0], landings[1:]

    def tell() -> e.AnyEvent:
        if rest:
            _report(world, effect, rest)
        return first

    world.later(delay, effect, tell)


def _chain(world: World, effect: f.LandTrain) -> list[e.Landed]:
    landings: list[e.Landed] = []
    onto = effect.onto
    for link in effect.links:
        content = world.commits[onto] | world.commits[link.head]
        assert world.tree(content) == link.tree, f"{link.task} would land as something no one built"
        is_in = any(
            each.head == link.head and each.commit in world.ancestors[onto] for each in world.landings
        )
        assert not is_in, f"{link.task} lands twice"
        suffix = "" if world.habits.has_fixed_dates else " signed"
        commit = world.commit([onto, link.head], content, link.task + suffix)
        landings.append(e.Landed(link.task, link.head, onto, commit, link.tree))
        onto = commit
    is_every = world.plan.integrity is Integrity.EVERY
    is_unattended = any(link.head in world.unattended for link in effect.links)
    for landing in landings if is_every else landings[-1:]:
        _check_validity(world, world.commits[effect.onto], world.trees[landing.tree], is_unattended)
    return landings


def _check_validity(world: World, before: Content, after: Content, is_unattended: bool) -> None:
    if not world.plan.has_validation:
        return
    code = world.exit_code(after)
    is_no_worse = world.is_red_base_allowed and code == world.exit_code(before) and not is_unattended
    owners = ", ".join(sorted({owner(patch) for patch in after}))
    assert code == 0 or is_no_worse, f"a state that must not land is landing: {owners}"
