"""What effects work with: the repository, the run's directory, and the run's tasks as git jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.core.model.events import AttemptId
from porch_tui.core.model.plan import LaneName, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.engine.effects.configuration_guard import ConfigurationGuard
from porch_tui.engine.effects.prompts import call_of
from porch_tui.executors.checkout import TaskCheckout, worktree_of
from porch_tui.executors.executor import Job, Offer
from porch_tui.executors.shared_checkout import SharedCheckout
from porch_tui.git import refs
from porch_tui.git.objects import NewObjects, making_objects
from porch_tui.git.refs import RunRefs
from porch_tui.git.repository import Repository
from porch_tui.journal.rundir import RunDir


class Tools(Struct, frozen=True):
    """One run's tools. They never change while an engine lives."""

    repository: Repository
    rundir: RunDir
    offer: Offer
    configuration: ConfigurationGuard
    admission: NewObjects | None = None
    """While objects are being made: see `making`."""

    @classmethod
    def of_run(
        cls, repository: Repository, rundir: RunDir, offer: Offer, state: Callable[[], RunState]
    ) -> Tools:
        """Return a run's tools; events offered through them pass the configuration guard."""
        guard = ConfigurationGuard(repository, rundir, offer, state)
        return cls(repository, rundir, guard.offer, guard)

    @contextmanager
    def making(self) -> Iterator[Tools]:
        """Yield tools whose git writes objects aside until `keep` or `publish` adds them."""
        with making_objects(self.repository.common_dir) as admission:
            repository = replace(self.repository, objects=admission.folder)
            yield replace(self, repository=repository, admission=admission)

    def publish(self) -> None:
        """Add the new objects to the repository, safe from any gc until `making` ends."""
        if self.admission is not None:
            self.admission.publish()

    def keep(self, ref: str, oid: str) -> None:
        """Point `ref` at a commit, which may be a new object."""
        self.publish()
        refs.keep(self.repository, ref, oid)

    @property
    def refs(self) -> RunRefs:
        """The names of the run's refs."""
        return RunRefs(self.rundir.run)

    def worktree(self, state: RunState, task: TaskId) -> Path:
        """Return the task's worktree."""
        return worktree_of(self.repository, state, task)

    def sync_clone(self, state: RunState, task: TaskId) -> None:
        """Fetch the task's branch from its clone, if it has one. Raises PorchError."""
        attempt = state.tasks[task].attempt
        if attempt is not None:
            self.job(state, attempt.id).checkout.sync_clone()

    def job(self, state: RunState, attempt: AttemptId) -> Job:
        """Return the job of an attempt that the state knows."""
        known = next(one for one in state.tasks[attempt.task].attempts if one.id == attempt)
        plan, spec, (task, number) = state.plan, state.specs[attempt.task], (attempt.task, attempt.number)
        agent, worktree = plan.agent_of(spec), self.worktree(state, task)
        call = call_of(self.rundir, state, attempt, str(worktree))
        checkout = (SharedCheckout if spec.is_shared else TaskCheckout)(
            self.repository,
            path=worktree,
            branch=plan.branch_of(task, state.run),
            base=known.base,
            isolation=spec.isolation,
            head_ref=self.refs.head(str(attempt)),
            leftover_ref=self.refs.left(task, number),
            clone_refs=self.refs.clone(task, str(number)),
            pins=self.refs.attempt(task, number - 1),
            copy=plan.copy,
            pool_keep=plan.warm_keep,
        )
        return Job(
            run=state.run,
            attempt=attempt,
            spec=replace(spec, command=call.command),
            slot=known.slot,
            directory=self.rundir.attempt(str(attempt)),
            checkout=checkout,
            setup=plan.setup,
            keep_worktree=known.keep_worktree,
            env=dict(plan.env),
            stdin=call.stdin,
            agent=agent,
            session=call.session,
            collections=known.collections,
            lane=known.lane,
            place=known.place,
            boot=known.boot,
            lease_s=state.places[known.place].lease_s if known.place else None,
        )

    def lane(self, state: RunState, name: LaneName) -> list[Job]:
        """Return the jobs of a lane whose ends are not known, that of its first attempt first."""
        found = [one.id for one in state.active_attempts.values() if one.lane == name and not one.collections]
        found.sort(key=lambda one: str(one) != name)
        first = self.job(state, found[0])
        jobs = [first]
        for attempt in found[1:]:  # one worktree, of which nothing is collected; commands without an agent
            spec, directory = state.specs[attempt.task], first.directory.with_name(str(attempt))
            jobs.append(replace(first, attempt=attempt, spec=spec, directory=directory))
        return jobs
