"""An engine at work on a run: opened in one way for new, crashed and resumed runs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.place import HERE, Scheme
from porch_tui.core.model.plan import Agent, Sha
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.rules.evolve import replay
from porch_tui.engine import forecast
from porch_tui.engine.effect_runner import LocalEffectRunner
from porch_tui.engine.effects.proposing import end_unwanted
from porch_tui.engine.effects.target import moves_since
from porch_tui.engine.effects.tools import Tools
from porch_tui.engine.engine import Engine, OnWritten
from porch_tui.engine.new_run import refuse_without_proc
from porch_tui.engine.watchers.agent_watch import AgentWatch
from porch_tui.engine.watchers.attention_watch import AttentionWatch
from porch_tui.engine.watchers.budget_watch import BudgetWatch
from porch_tui.engine.watchers.conflict_watch import ConflictWatch
from porch_tui.engine.watchers.demand_watch import DemandWatch, TakesDemand
from porch_tui.engine.watchers.disk_watch import DiskWatch
from porch_tui.engine.watchers.lease_watch import LeaseWatch
from porch_tui.engine.watchers.load_watch import LoadWatch
from porch_tui.engine.watchers.outside_changes import OutsideChangesWatch
from porch_tui.engine.watchers.stall_detector import StallDetector
from porch_tui.engine.watchers.usage_recorder import UsageRecorder, with_sampled
from porch_tui.engine.watchers.watcher import Watcher
from porch_tui.errors import JournalError, RepositoryError
from porch_tui.executors.executor import Executor, Offer
from porch_tui.executors.local import LocalExecutor
from porch_tui.executors.spare_worktrees import SpareWorktrees
from porch_tui.git import objects, refs
from porch_tui.git.landing import recovery
from porch_tui.git.merge import sandbox
from porch_tui.git.repository import Repository
from porch_tui.git.worktree import base_checkout
from porch_tui.journal import rundir as rundirs
from porch_tui.journal.lease import Lease
from porch_tui.journal.log import Journal, read
from porch_tui.journal.rundir import RunDir
from porch_tui.process.inherited_state import raise_file_limit
from porch_tui.process.machine import Gauge


class EngineSession(Struct, frozen=True):
    """An engine at work on a run, and what it works with."""

    engine: Engine
    runner: LocalEffectRunner
    tools: Tools


@contextmanager
def open_engine(rundir: RunDir, repository: Repository, on_written: OnWritten) -> Iterator[EngineSession]:
    """Take the lease of a run and create an engine that knows all that happened meanwhile.

    Raises JournalError if another engine has the lease or the journal cannot be read. Leaving releases
    everything and stops nothing.
    """
    refuse_without_proc()
    raise_file_limit()
    with Lease.take(rundir), ExitStack() as stack:
        rundirs.sweep(rundir)
        objects.sweep(repository.common_dir)
        records = list(read(rundir.journal))
        state = replay(records)
        if state is None:
            raise JournalError(
                f"run {rundir.run} never began: its journal is empty; start again with porch run"
            )
        journal = Journal.open(rundir.journal)
        stack.callback(journal.close)
        engine = Engine(rundir, journal, state, {record.cause for record in records}, on_written)
        repository = repository.of_run(state.root)
        tools = Tools.of_run(repository, rundir, engine.offer, lambda: engine.state)
        executor = _executor(with_sampled(tools.offer, rundir), engine, repository)
        stack.callback(executor.close)
        stalls = StallDetector(engine.offer, lambda: engine.state)
        budgets = BudgetWatch(engine.offer, lambda: engine.state)

        def on_samples(samples: Mapping[str, Sample]) -> None:
            stalls.look(samples)
            budgets.look(samples)

        def agent_of(attempt: e.AttemptId) -> Agent | None:
            return engine.state.plan.agent_of(engine.state.specs[attempt.task])

        usage = UsageRecorder(executor.directories, executor.samples, on_samples, agent_of)
        conflicts = ConflictWatch(tools, lambda: engine.state, lambda: usage.latest)
        disk = DiskWatch(tools, lambda: engine.state, executor.disks)
        load = LoadWatch(engine.offer, lambda: engine.state, lambda: usage.latest, Gauge().read)
        outside = OutsideChangesWatch(tools, lambda: engine.state)
        agents = AgentWatch(engine.offer, lambda: engine.state)
        attention = AttentionWatch(engine.offer, lambda: engine.state, executor.directories)
        elsewhere = _watchers_of_places(engine, executor)
        watchers: tuple[Watcher, ...] = (usage, conflicts, disk, load, outside, agents, attention, *elsewhere)
        for watcher in watchers:
            stack.callback(watcher.end)
        start = state.target.tip if state.target.landed else state.target.base
        waiting = sum(task.status is TaskStatus.PENDING for task in state.tasks.values())
        base_checkout.begin(repository, start, waiting)
        stack.callback(base_checkout.end, repository)
        tools.configuration.look()
        _catch_up(engine, tools, records)
        disk.look()
        engine.drain()  # before anything starts
        for watcher in watchers:
            watcher.begin()
        runner = LocalEffectRunner(tools, executor)
        runner.end_unwanted(engine.state, before=state)
        yield EngineSession(engine, runner, tools)
        end_unwanted(tools, engine.state)
        outside.end()
        engine.drain()
        forecast.remember(repository, engine.state)
        sandbox.clear_away(rundir.scratch)


def _watchers_of_places(engine: Engine, executor: Executor) -> Iterator[Watcher]:
    """Yield what watches in a run with other machines than this one."""
    places = engine.state.plan.places
    if places:
        yield LeaseWatch(engine.offer, lambda: engine.state)
    if isinstance(executor, TakesDemand) and any(spec.scheme is Scheme.BATCH for spec in places):
        yield DemandWatch(executor.want, lambda: engine.state)


def _executor(offer: Offer, engine: Engine, repository: Repository) -> Executor:
    """Return what runs attempts where the plan wants them."""
    plan = engine.state.plan
    if all(spec.name == HERE for spec in plan.places):
        return LocalExecutor(offer, SpareWorktrees())
    from porch_tui.places.near.by_place import PlacesExecutor  # most runs need no other machine

    return PlacesExecutor(offer, engine.offer, plan, repository, engine.state.places, run=engine.state.run)


def _catch_up(engine: Engine, tools: Tools, records: Sequence[e.Record]) -> None:
    """Learn what happened to the target while no engine ran; finish a landing that was interrupted."""
    is_new, repository = len(records) == 1, tools.repository
    if not is_new:
        engine.take_over(os.getpid(), os.uname().nodename)
    state = engine.state
    if state.closed_at is not None:
        return
    if not is_new:
        # a killed git has left locks of refs, and a gc refs of merges whose objects are gone: made again
        branches = (state.plan.branch_of(task, state.run) for task in state.tasks)
        recovery.clear_ref_locks(repository, state.run, branches, records[0].at)
        with suppress(RepositoryError):
            for folder in ("cand", "probe"):
                refs.delete(repository, refs.broken(repository, f"{tools.refs.prefix}{folder}/"))
    recovery.recover(repository)
    tip = refs.read(repository, f"refs/heads/{state.target.name}")
    if tip is not None and tip != state.target.tip:
        moved = recovery.moved(repository, state.target.tip, tip)
        engine.absorb(tuple(moves_since(state, tools, Sha(tip), moved.is_descendant)))
