"""Asks the plan's resolver about a conflict, once, in a worktree of its own.

A shim owns it, like an attempt: it outlives the engine, and the next one adopts it or collects its result.
The proposal is kept beside the person's record, and changes nothing.
"""

from __future__ import annotations

import json
import os
import threading
import time
from functools import partial
from itertools import count
from pathlib import Path

from msgspec import Struct

from porch_tui.agents.prompt import Call, plain_call
from porch_tui.core.conflict.conflict import Conflict, ConflictRecord, Settled, Step
from porch_tui.core.conflict.resolver_prompt import Question, prompt
from porch_tui.core.conflict.view import document
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Resolver, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus
from porch_tui.core.model.wording import listed
from porch_tui.core.rules.effects import ProposeResolution
from porch_tui.engine.effects.resolving import as_conflict_view, missing, with_proposal
from porch_tui.engine.effects.tools import Tools
from porch_tui.executors.exit_text import exit_text
from porch_tui.executors.fence import Fence
from porch_tui.executors.orders import Orders, reporter, wait_for_end, why_lost
from porch_tui.git.merge import candidates, conflict_worktree
from porch_tui.git.merge.resolution import conflict_of
from porch_tui.git.worktree import fenced_git
from porch_tui.git.worktree.copying import copy_files
from porch_tui.journal import durable
from porch_tui.journal.resolutions import (
    Proposed,
    fingerprint,
    read_proposal,
    read_resolution,
    write_proposal,
)
from porch_tui.journal.rundir import OUTPUT
from porch_tui.process import assignment, control, liveness, spawn
from porch_tui.process.assignment import Assignment, cwd_of
from porch_tui.process.environment import task_environment

RESOLVE = "resolve"
QUESTION = "conflict.json"
GRACE_S = 5.0
END_WITHIN_S = 10.0
"""How long a cancelled resolver may take to end; what cannot be ended is left to the next engine."""
MOST_AT_ONCE = 2
"""Many tasks may conflict with one; they are not all asked about at the same time."""
POLL_S = 0.2


class _Case(Struct, frozen=True):
    """One conflict the resolver is asked about, and its context."""

    effect: ProposeResolution
    state: RunState
    tools: Tools
    resolver: Resolver
    conflict: Conflict

    @property
    def worktree(self) -> Path:
        """Where the resolver works."""
        folder = self.tools.repository.worktrees_dir / self.tools.rundir.run
        return folder / f"resolve-{self.effect.task}"

    def record(self) -> ConflictRecord:
        """What the person has chosen so far."""
        return read_resolution(self.tools.rundir, self.effect.task)

    def proposed(self, step: Step, note: str) -> Proposed:
        """The answer; without a step there is none."""
        record = ConflictRecord().with_step(step) if step else ConflictRecord()
        return Proposed(fingerprint(self.conflict), self.resolver.author, record, note)


def propose_resolution(
    effect: ProposeResolution, state: RunState, tools: Tools, slots: threading.Semaphore, orders: Orders
) -> e.ResolutionProposed | None:
    """Return the resolver's answer; None if cancelled. Raises GitError, JournalError, ShimError."""
    resolver = state.plan.resolver
    assert resolver is not None  # else it would not be wanted
    report = partial(e.ResolutionProposed, effect.task, effect.head, effect.onto, resolver.author)
    conflicted = candidates.preview(tools.repository, tools.rundir.scratch, effect.onto, effect.head)
    if conflicted is None:
        return report(False, f"it merges without conflicts by now: porch requeue {effect.task}")
    conflict = conflict_of(tools.repository, conflicted, effect.onto, effect.head)
    case = _Case(effect, state, tools, resolver, conflict)
    known = read_proposal(tools.rundir, effect.task)
    if known is None or known.conflict != fingerprint(conflict):
        while not slots.acquire(timeout=POLL_S):
            if orders.is_stopped:
                return None
        try:
            known = _ask(case, orders)
        finally:
            slots.release()
        if known is None:
            return None
        write_proposal(tools.rundir, effect.task, known)
    conflict_worktree.remove_worktree(tools.repository, case.worktree)
    left = missing(tools.repository, conflict, with_proposal(conflict, case.record(), known))
    is_something = bool(known.record.steps) and not known.is_void
    notes = (*left, known.note) if is_something else (known.note,)
    return report(is_something and not left, "; ".join(filter(None, notes)))


def end_unwanted(tools: Tools, state: RunState) -> None:
    """End resolvers whose conflict is over, and remove their worktrees.

    They are left by a killed engine if a person has decided the conflict before the next one started.
    """
    for directory in tools.rundir.proposings():
        task = TaskId(json.loads((directory / QUESTION).read_bytes())["task"])
        entry = state.entries.get(task)
        if entry is not None and entry.status in (EntryStatus.CONFLICTED, EntryStatus.RESOLVING):
            continue
        is_over = True
        if isinstance(liveness.find(directory), liveness.Alive):
            control.stop(directory, GRACE_S)
            is_over = not isinstance(liveness.wait(directory, END_WITHIN_S), liveness.Alive)
        worktree = cwd_of(directory)
        if is_over and worktree.exists():
            conflict_worktree.remove_worktree(tools.repository, worktree)


def _ask(case: _Case, orders: Orders) -> Proposed | None:
    """Run the resolver, or adopt it, or collect its result; None if cancelled."""
    key, rundir = fingerprint(case.conflict), case.tools.rundir
    places = (rundir.proposing(case.effect.task, key, number) for number in count(1))
    # one that an earlier engine has stopped is started again
    directory = next(place for place in places if not _was_stopped(liveness.find(place)))
    if isinstance(liveness.find(directory), liveness.NotStarted):
        while orders.is_frozen and not orders.is_stopped:  # the run is paused
            time.sleep(POLL_S)
        if orders.is_stopped:
            return None
        _start(case, directory)
    who = f"the resolver asked about {case.effect.task}"
    found = wait_for_end(directory, orders, reporter(who, case.tools.offer))
    if _was_stopped(found):
        conflict_worktree.remove_worktree(case.tools.repository, case.worktree)
        return None
    if not isinstance(found, liveness.Ended):
        return case.proposed((), why_lost(found, directory, dict(case.state.plan.env)))
    if not found.exit.has_succeeded:
        log = directory / OUTPUT
        return case.proposed((), f"{exit_text(found.exit, log)}; its output is in {log}")
    return _collect(case, directory)


def _was_stopped(found: liveness.Liveness) -> bool:
    return isinstance(found, liveness.Ended) and found.exit.cause is liveness.Cause.STOPPED


def _start(case: _Case, directory: Path) -> None:
    effect, state, repository = case.effect, case.state, case.tools.repository
    record = case.record()
    question = _question(case, record)
    begun = conflict_worktree.create(
        repository,
        case.worktree,
        state.run,
        sides=(effect.onto, effect.head),
        conflict=case.conflict,
        record=record,
    )
    copy_files(repository.main, repository.at(case.worktree), state.plan.copy)
    directory.mkdir(durable.PRIVATE_FOLDER, parents=True, exist_ok=True)
    text = json.dumps(question.document(document(question.view), begun), indent=1)
    durable.replace(directory / QUESTION, text.encode())
    additions = {
        **dict(state.plan.env),
        "PORCH_RUN": state.run,
        "PORCH_TASK": effect.task,
        "PORCH_TARGET": state.target.name,
        "PORCH_PARTNERS": " ".join(question.view.partners),
        "PORCH_WORKTREE": str(case.worktree),
        "PORCH_CONFLICT": str(directory / QUESTION),
    }
    agent = next((one for one in state.plan.agents if one.name == case.resolver.agent), None)
    call = Call(case.resolver.command)
    if agent is not None:
        call = plain_call(agent, prompt(question, str(directory / QUESTION)), str(case.worktree))
    agents = {agent.name: agent for agent in state.plan.agents}
    agent = agents.get(case.resolver.agent or "")
    fence = Fence(case.resolver.wrap, directory, case.worktree, repository.common_dir, agent)
    fence.prepare()
    step = fence.around(assignment.Step(RESOLVE, call.command, stdin=call.stdin))
    env = task_environment(os.environ, additions)
    timeout_s = case.resolver.timeout_s
    spawn.start(Assignment(directory, (step,), case.worktree, env, timeout_s, GRACE_S, fence.orders))


def _question(case: _Case, record: ConflictRecord) -> Question:
    effect, state, tools = case.effect, case.state, case.tools
    entry = state.entries[effect.task]
    conflict, repository = case.conflict, tools.repository
    view = as_conflict_view(repository, tools.rundir, state, entry, conflict=conflict, record=record)
    titles = {task: state.specs[task].title for task in (effect.task, *entry.partners) if task in state.specs}
    base = repository.git.text("merge-base", effect.onto, effect.head)
    ours, theirs = (
        conflict_worktree.side_diff(repository, base, side, conflict) for side in (effect.onto, effect.head)
    )
    return Question(view, titles, ours, theirs)


def _collect(case: _Case, directory: Path) -> Proposed:
    worktree = cwd_of(directory)
    fence = Fence(case.resolver.wrap, directory, worktree, case.tools.repository.common_dir)
    fenced_git.disarm(fence.private_git, worktree)
    fenced_git.bring_home(case.tools.repository, fence.private_git)
    begun = json.loads((directory / QUESTION).read_bytes())["commit"]
    found = conflict_worktree.read_back(case.tools.repository, worktree, begun, case.conflict, case.record())
    others = conflict_worktree.other_changes(case.tools.repository.at(worktree), begun, case.conflict)
    notes = [] if found else [f"it ended well, but resolved nothing; its output is in {directory / OUTPUT}"]
    if others:
        notes.append(f"not taken, as it is not in conflict: {listed(others)}")
    author = case.resolver.author
    step = tuple(Settled(one.path, one.subject, replace(one.decision, author=author)) for one in found)
    return case.proposed(step, "; ".join(notes))
