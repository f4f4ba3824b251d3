"""How a run begins: its plan is checked against the repository, and its first event written."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct

from porch_tui.core.analysis.analysis import Analysis, Mode, analyse
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Isolation, Plan, RunId, Sha
from porch_tui.core.rules.settle import MOST_VALIDATIONS, mostly_waits
from porch_tui.core.scheduling.slots import Why, first_slots, to_be_had
from porch_tui.engine import forecast
from porch_tui.engine.effects.hooks import HOOKS
from porch_tui.engine.effects.verdict_cache import conditions
from porch_tui.errors import PlanValueError, RepositoryError
from porch_tui.executors.checkout import worktree_path
from porch_tui.git import refs
from porch_tui.git.discovery import remember_main
from porch_tui.git.merge import commits
from porch_tui.git.refs import RunRefs
from porch_tui.git.repository import Repository
from porch_tui.git.worktree import clones, hooks, layout, preflight
from porch_tui.git.worktree.copying import why_not_copied
from porch_tui.git.worktree.preflight import TargetAndBase
from porch_tui.journal import rundir as rundirs
from porch_tui.journal import verdicts
from porch_tui.journal.lease import Lease
from porch_tui.journal.log import Journal
from porch_tui.journal.rundir import RunDir
from porch_tui.process.inherited_state import most_open_files
from porch_tui.process.machine import cores, free_memory, proc_trouble

FILES_OF_ENGINE, FILES_OF_ATTEMPT = 18, 4
"""Descriptors needed at the same time, found by experiment."""


class RunOverrides(Struct, frozen=True):
    """What the command line overrides."""

    slots: int | None = None
    mode: Mode | None = None
    """None: as the analysis recommends."""
    allow_red_base: bool = False
    is_fresh: bool = False
    """Use no verdicts of earlier runs."""


class Prepared(Struct, frozen=True):
    """A plan that was checked against its repository."""

    repository: Repository
    plan: Plan
    plan_path: str
    run: RunId
    pinned: TargetAndBase
    analysis: Analysis
    overrides: RunOverrides
    warnings: tuple[str, ...]

    @property
    def mode(self) -> Mode:
        """How it will run."""
        return self.overrides.mode or self.analysis.mode

    def check_places(self) -> None:
        """Raise PorchError if a worktree or branch the run needs cannot be made; changes nothing."""
        check_places(self.repository, self.plan, self.run, self.pinned)


def prepare(
    repository: Repository, plan: Plan, plan_path: str, overrides: RunOverrides, is_to_run: bool = False
) -> Prepared:
    """Check everything that could keep the plan from running, and forecast the run. Raises PorchError.

    With `is_to_run` its worktrees, branches and signatures are checked as well. Nothing is changed.
    """
    pinned = preflight.resolve_target_and_base(repository, plan.target, plan.base)
    refuse_uncopyable(repository, plan, pinned)
    warnings = preflight.check_repository(repository) + preflight.symbolic_target_warning(plan.target, pinned)
    if plan.runs_hooks:
        warnings += hooks.hook_warnings(repository, HOOKS)
    if is_to_run and commits.wants_signatures(repository):
        commits.check_signing(repository)
    if is_to_run:
        refuse_without_proc()
    taken = {rundir.run for rundir in rundirs.all_runs(repository.common_dir)}
    run = rundirs.run_id(plan.name, datetime.now(UTC), taken)
    if is_to_run:
        check_places(repository, plan, run, pinned)
    machine = forecast.machine(repository, plan, overrides.slots)
    return Prepared(repository, plan, plan_path, run, pinned, analyse(plan, machine), overrides, warnings)


def refuse_uncopyable(repository: Repository, plan: Plan, pinned: TargetAndBase) -> None:
    """Raise PlanValueError, naming all of them, for `copy:` entries that cannot be copied."""
    found = (why_not_copied(repository.main, pinned.base, name) for name in plan.copy)
    mistakes = [(("copy", at), why.removeprefix("copy: ")) for at, why in enumerate(found) if why]
    if mistakes:
        raise PlanValueError(*mistakes)


def refuse_without_proc() -> None:
    """Raise RepositoryError where the processes of a task could not be found and ended."""
    if trouble := proc_trouble():
        raise RepositoryError(f"tasks cannot run here: {trouble}")


def check_places(repository: Repository, plan: Plan, run: RunId, pinned: TargetAndBase) -> None:
    """Raise PorchError, naming all of them, if worktrees or branches of the plan cannot be made."""
    if any(spec.isolation is Isolation.CLONE for spec in plan.tasks):
        clones.refuse_unclonable(repository)
    layout.check_layout(
        repository,
        {
            spec.id: worktree_path(repository.root, plan.worktree_of(spec.id, repository.name, run))
            for spec in plan.tasks
        },
        {spec.id: plan.branch_of(spec.id, run) for spec in plan.tasks},
        pinned.base,
        {rundir.run for rundir in rundirs.all_runs(repository.common_dir)},
    )


def open_run(prepared: Prepared) -> RunDir:
    """Create the run's directory and write its first event. No engine works on it yet."""
    rundir = rundirs.create(prepared.repository.common_dir, prepared.run)
    with Lease.take(rundir):
        remember_main(prepared.repository)
        refs.keep(prepared.repository, RunRefs(prepared.run).base, prepared.pinned.base)
        journal = Journal.create(rundir.journal)
        journal.append([_opened(prepared)], "porch run")
        journal.close()
    return rundir


def _opened(prepared: Prepared) -> e.RunOpened:
    pinned, analysis = prepared.pinned, prepared.analysis
    is_serial = prepared.mode is Mode.SERIAL
    return e.RunOpened(
        run=prepared.run,
        plan=prepared.plan,
        plan_path=prepared.plan_path,
        root=str(prepared.repository.root),
        target=pinned.target,
        base=Sha(pinned.base),
        base_tree=Sha(pinned.base_tree),
        tip=Sha(pinned.tip),
        tip_tree=Sha(pinned.tip_tree),
        slots=_slots(prepared),
        slots_reason=_slots_reason(prepared),
        validate_jobs=_validate_jobs(prepared),
        cores=cores(),
        memory_bytes=to_be_had(*free_memory()),
        estimates=tuple(analysis.cost.items()),
        # one at a time nothing overlaps: each task is merged before the next starts
        soft_orders=() if is_serial else analysis.soft_orders,
        allow_red_base=prepared.overrides.allow_red_base,
        is_fresh=prepared.overrides.is_fresh,
        verdict=f"{prepared.mode}: {'; '.join(analysis.reasons)}",
        is_slots_auto=_adapts(prepared),
    )


def _adapts(prepared: Prepared) -> bool:
    """Say whether neither plan nor command line sets the number of slots."""
    asked = prepared.overrides.slots or prepared.plan.slots
    return prepared.mode is not Mode.SERIAL and asked is None


def _slots(prepared: Prepared) -> int:
    """Return how many attempts run at once from the start; the forecast assumes what that may grow to."""
    if prepared.mode is Mode.SERIAL:
        return 1
    if not _adapts(prepared):
        return prepared.analysis.times.slots
    return min(first_slots(len(prepared.plan.tasks), cores()), _most_by_open_files())


def _most_by_open_files() -> int:
    """Return how many attempts can run at once within the limit of open files."""
    return max(1, (most_open_files() - FILES_OF_ENGINE) // FILES_OF_ATTEMPT)


def _validate_jobs(prepared: Prepared) -> int:
    """Return how many validations run at once: one per core, or more if earlier ones mostly waited."""
    repository = prepared.repository
    known = verdicts.latest(repository.common_dir, conditions(prepared.plan, repository))
    is_waiting = known is not None and mostly_waits(e.Used(known.wall_s, cpu_s=known.cpu_s))
    return MOST_VALIDATIONS if is_waiting else min(cores(), MOST_VALIDATIONS)


def _slots_reason(prepared: Prepared) -> str:
    if prepared.mode is Mode.SERIAL:
        asked = prepared.overrides.mode is Mode.SERIAL
        return "asked for: one at a time" if asked else "the analysis found nothing to gain by more"
    if prepared.overrides.slots:
        return "as asked for"
    if prepared.plan.slots:
        return "as the plan says"
    is_short = _most_by_open_files() < first_slots(len(prepared.plan.tasks), cores())
    return Why.LIMIT.value if is_short else "adapts to the machine"
