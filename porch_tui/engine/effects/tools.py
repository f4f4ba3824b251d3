"""What performers work with: the repository, the run's directory, and the run's facts in git's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.core.model.events import AttemptId
from porch_tui.core.model.plan import Isolation, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.engine.effects.configuring import ConfigurationGuard
from porch_tui.executors.attempt import worktree_of
from porch_tui.executors.executor import Job, Offer
from porch_tui.git import refs
from porch_tui.git.objects import Admission, admitting
from porch_tui.git.refs import RunRefs
from porch_tui.git.repository import Repository
from porch_tui.git.worktree import homing
from porch_tui.journal.rundir import RunDir


class Tools(Struct, frozen=True):
    """One run's tools. Values that never change while an engine lives."""

    repository: Repository
    rundir: RunDir
    offer: Offer
    configuration: ConfigurationGuard
    admission: Admission | None = None
    """While objects are being made: see `making`."""

    @classmethod
    def of_run(
        cls, repository: Repository, rundir: RunDir, offer: Offer, state: Callable[[], RunState]
    ) -> Tools:
        """Return a run's tools; what is offered through them passes the guard of the configuration."""
        guard = ConfigurationGuard(repository, rundir, offer, state)
        return cls(repository, rundir, guard.offer, guard)

    @contextmanager
    def making(self) -> Iterator[Tools]:
        """Give tools whose git makes objects that are in the repository once `keep` has given them a ref."""
        with admitting(self.repository.common_dir) as admission:
            repository = replace(self.repository, objects=admission.folder)
            yield replace(self, repository=repository, admission=admission)

    def publish(self) -> None:
        """Have what was made be in the repository, safe from any gc until `making` ends."""
        if self.admission is not None:
            self.admission.publish()

    def keep(self, ref: str, oid: str) -> None:
        """Have `ref` lead to a commit, which may have been made just now."""
        self.publish()
        refs.keep(self.repository, ref, oid)

    @property
    def refs(self) -> RunRefs:
        """The names of the run's refs."""
        return RunRefs(self.rundir.run)

    def worktree(self, state: RunState, task: TaskId) -> Path:
        """Return the task's worktree."""
        return worktree_of(self.repository, state, task)

    def bring_home(self, state: RunState, task: TaskId) -> None:
        """See to it that the task's branch is where it is in its clone, if it has one. Raises PorchError."""
        attempt = state.tasks[task].attempt
        if state.specs[task].isolation is Isolation.CLONE and attempt is not None:
            job = self.job(state, attempt.id)
            homing.bring_home(self.repository, job.worktree, job.branch, job.strays)

    def job(self, state: RunState, attempt: AttemptId) -> Job:
        """Return the job of an attempt that the state knows."""
        known = next(one for one in state.tasks[attempt.task].attempts if one.id == attempt)
        plan = state.plan
        return Job(
            run=state.run,
            attempt=attempt,
            spec=state.specs[attempt.task],
            base=known.base,
            slot=known.slot,
            directory=self.rundir.attempt(str(attempt)),
            worktree=self.worktree(state, attempt.task),
            branch=plan.branch_of(attempt.task, state.run),
            head_ref=self.refs.head(str(attempt)),
            left_ref=self.refs.left(attempt.task, attempt.number),
            strays=self.refs.clone(attempt.task, str(attempt.number)),
            pins=self.refs.attempt(attempt.task, attempt.number - 1),
            setup=plan.setup,
            copy=plan.copy,
            goes_on=known.goes_on,
            pool_keep=plan.warm_keep,
            env=dict(plan.env),
            collections=known.collections,
        )
