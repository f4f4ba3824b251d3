"""How a run begins: its plan is checked against the repository, and its first event written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from porch_tui.core.files.facts import Facts
from porch_tui.core.forecast.analysis import Analysis, analyse, predicted
from porch_tui.core.forecast.estimates import Guess
from porch_tui.core.forecast.verdict import Mode
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import called
from porch_tui.core.model.plan import Isolation, Plan, RunId, Sha, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.core.relations.pairs import LineOf
from porch_tui.core.scheduling.slots import Why, first_slots, to_be_had
from porch_tui.engine import forecast
from porch_tui.engine.effects.hooks import HOOKS
from porch_tui.engine.place_checks import (
    place_mistakes,
    tools_here,
    unknown_needs,
    unknown_places,
    with_validations_placed,
)
from porch_tui.engine.programs import missing_programs
from porch_tui.errors import PlanValueError, RepositoryError
from porch_tui.executors.checkout import worktree_path
from porch_tui.git import refs
from porch_tui.git.discovery import remember_main
from porch_tui.git.merge import commits
from porch_tui.git.refs import RunRefs
from porch_tui.git.repository import Repository
from porch_tui.git.worktree import clones, hooks, preflight
from porch_tui.git.worktree.copying import why_not_copied
from porch_tui.git.worktree.preflight import TargetAndBase
from porch_tui.journal import rundir as rundirs
from porch_tui.journal.lease import Lease
from porch_tui.journal.log import Journal
from porch_tui.journal.rundir import RunDir
from porch_tui.process.inherited_state import most_open_files
from porch_tui.process.machine import cores, free_memory, proc_trouble

if TYPE_CHECKING:
    from porch_tui.core.forecast.complexity import Assessment
    from porch_tui.engine.place_warnings import Warned

FILES_OF_ENGINE, FILES_OF_ATTEMPT = 20, 4
"""Descriptors needed at the same time, found by experiment."""


class RunOverrides(Struct, frozen=True):
    """What the command line overrides."""

    slots: int | None = None
    mode: Mode | None = None
    """None: as the analysis recommends."""
    allow_red_base: bool = False
    is_fresh: bool = False
    """Use no verdicts of earlier runs."""
    is_insecure: bool = False
    """Places may be reached without encryption."""


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
    facts: Facts = Facts()
    """Of the base; empty unless they were asked for."""
    about_places: tuple[Warned, ...] = ()
    """What goes otherwise than meant, perhaps, on other machines."""

    @property
    def mode(self) -> Mode:
        """How it will run: in parallel also where no one can tell whether that pays, as on other machines."""
        if self.overrides.mode is None and self.plan.runs_elsewhere:
            return Mode.PARALLEL
        found = self.overrides.mode or self.analysis.mode
        return Mode.PARALLEL if found is Mode.CANNOT_TELL else found

    @property
    def why(self) -> str:
        """Why it runs like that, or where it does, if that is not only here."""
        if not self.plan.runs_elsewhere:
            return self.analysis.reasons[0]
        return f"on {listed([called(spec.name) for spec in self.plan.places])}"

    def check_places(self) -> None:
        """Raise PorchError, naming all of them, if worktrees or branches of the run cannot be made."""
        check_places(self.repository, self.plan, self.run, self.pinned.base)


def check_places(repository: Repository, plan: Plan, run: RunId, base: str) -> None:
    """Raise PorchError, naming all of them, if worktrees or branches of the plan's tasks cannot be made."""
    if any(spec.isolation is Isolation.CLONE for spec in plan.tasks):
        clones.refuse_unclonable(repository)
    own = [spec.id for spec in plan.tasks if not spec.is_shared]
    places = {task: plan.worktree_of(task, repository.name, run) for task in own}
    preflight.check_layout(
        repository,
        {task: worktree_path(repository.root, place) for task, place in places.items()},
        {task: plan.branch_of(task, run) for task in places},
        base,
        {rundir.run for rundir in rundirs.all_runs(repository.common_dir)},
    )


def check_additions(
    repository: Repository, state: RunState, plan: Plan, new: Sequence[TaskSpec] | None = None
) -> None:
    """Raise PorchError if the tasks of a plan cannot be done as tasks of a run; all that is in the way.

    `new` are those that the run does not have yet; None: all.
    """
    of_run = replace(state.plan, tasks=plan.tasks, agents=plan.agents)
    if missing := missing_programs(of_run, repository, state.run):
        raise PlanValueError(*missing)
    if strange := [*unknown_places(plan, state.plan), *unknown_needs(plan, state.plan)]:
        raise PlanValueError(*strange)
    of_run = of_run if new is None else replace(of_run, tasks=tuple(new))
    check_places(repository, of_run, state.run, state.target.tip)


def prepare(
    repository: Repository,
    plan: Plan,
    plan_path: str,
    overrides: RunOverrides,
    is_to_run: bool = False,
    *,
    line_of: LineOf | None = None,
    reads_files: bool = False,
) -> Prepared:
    """Check everything that could keep the plan from running, and forecast the run. Raises PorchError.

    With `is_to_run` its worktrees, branches and signatures are checked as well. Nothing is changed. With
    `reads_files` tasks are compared and estimated by what the repository's files say too, and numbers of
    slots are compared, which takes longer; `line_of` finds the plan's lines for what is quoted of it.
    """
    pinned = preflight.resolve_target_and_base(repository, plan.target, plan.base)
    uncopyable = (why_not_copied(repository.main, pinned.base, name) for name in plan.copy)
    if mistakes := [(("copy", at), why.removeprefix("copy: ")) for at, why in enumerate(uncopyable) if why]:
        raise PlanValueError(*mistakes)
    plan = with_validations_placed(plan, repository, pinned.base)
    taken = {rundir.run for rundir in rundirs.all_runs(repository.common_dir)}
    run = rundirs.run_id(plan.name, datetime.now(UTC), taken)
    in_the_way = place_mistakes(plan, repository, is_insecure=overrides.is_insecure)
    if missing := [*in_the_way, *missing_programs(plan, repository, run)]:
        raise PlanValueError(*missing)
    warnings = preflight.check_repository(repository) + preflight.symbolic_target_warning(plan.target, pinned)
    if plan.runs_hooks:
        warnings += hooks.hook_warnings(repository, HOOKS)
    if is_to_run:
        if commits.wants_signatures(repository):
            commits.check_signing(repository)
        refuse_without_proc()
    facts = Facts()
    if reads_files:
        from porch_tui.codebase.plan_facts import facts_of_plan

        facts = facts_of_plan(repository, pinned.base, plan)
    guess = _guess_by(facts if reads_files else None, repository, pinned.base)
    where = repository, plan, overrides.slots, pinned.base_tree
    machine = forecast.machine(*where, is_fresh=overrides.is_fresh)
    analysis = analyse(plan, machine, guess, facts=facts, line_of=line_of, compares_slots=reads_files)
    about_places: tuple[Warned, ...] = ()
    if plan.runs_elsewhere:
        from porch_tui.engine.place_warnings import place_warnings

        about_places = place_warnings(plan, repository, pinned.base)
    prepared = Prepared(
        repository, plan, plan_path, run, pinned, analysis, overrides, warnings, facts, about_places
    )
    if is_to_run:
        prepared.check_places()
    return prepared


def _guess_by(facts: Facts | None, repository: Repository, commit: str) -> Callable[[TaskSpec], Guess]:
    """Return what guesses the times of tasks by the facts of a commit.

    None: by those that porch check has read, so that both say the same; nothing else is read for that.
    """

    @cache
    def assessment() -> Assessment:
        # a task with an estimate or a history needs none, and then nothing is imported
        from porch_tui.codebase.cache import facts as kept_facts
        from porch_tui.core.forecast.complexity import Assessment

        return Assessment(facts or kept_facts(repository, commit) or Facts())

    return lambda spec: assessment().guess(spec)


def refuse_without_proc() -> None:
    """Raise RepositoryError where the processes of a task could not be found and ended."""
    if trouble := proc_trouble():
        raise RepositoryError(f"tasks cannot run here: {trouble}")


def open_run(prepared: Prepared, plan_file: bytes = b"") -> RunDir:
    """Create the run's directory and write its first event. No engine works on it yet.

    `plan_file` is what the plan was read from.
    """
    rundir = rundirs.create(prepared.repository.common_dir, prepared.run)
    with Lease.take(rundir):
        if plan_file:
            rundir.plan.write_bytes(plan_file)
        remember_main(prepared.repository)
        refs.keep(prepared.repository, RunRefs(prepared.run).base, prepared.pinned.base)
        journal = Journal.create(rundir.journal)
        journal.append([_opened(prepared)], "porch run")
        journal.close()
    return rundir


def _opened(prepared: Prepared) -> e.RunOpened:
    repository, pinned, analysis = prepared.repository, prepared.pinned, prepared.analysis
    slots, slots_reason, is_slots_auto = _slots(prepared)
    return e.RunOpened(
        run=prepared.run,
        plan=prepared.plan,
        plan_path=prepared.plan_path,
        root=str(repository.root),
        target=pinned.target,
        base=Sha(pinned.base),
        base_tree=Sha(pinned.base_tree),
        tip=Sha(pinned.tip),
        tip_tree=Sha(pinned.tip_tree),
        slots=slots,
        slots_reason=slots_reason,
        validate_jobs=analysis.setting.jobs,
        cores=cores(),
        memory_bytes=to_be_had(*free_memory()),
        estimates=tuple(analysis.cost.items()),
        # one at a time nothing overlaps: each task is merged before the next starts
        soft_orders=() if prepared.mode is Mode.SERIAL else analysis.soft_orders,
        allow_red_base=prepared.overrides.allow_red_base,
        is_fresh=prepared.overrides.is_fresh,
        verdict=f"{prepared.mode}: {'; '.join(analysis.reasons)}",
        is_slots_auto=is_slots_auto,
        predicted=predicted(analysis, prepared.mode),
        tools=tools_here(prepared.plan),
    )


def _slots(prepared: Prepared) -> tuple[int, str, bool]:
    """Return how many attempts run at once from the start, why, and whether that adapts to the machine."""
    if prepared.mode is Mode.SERIAL:
        asked = prepared.overrides.mode is Mode.SERIAL
        return 1, "asked for: one at a time" if asked else Why.SERIAL.value, False
    if prepared.overrides.slots:
        return prepared.analysis.times.slots, "as asked for", False
    if prepared.plan.slots:
        return prepared.analysis.times.slots, Why.PLAN.value, False
    wanted = first_slots(len(prepared.plan.tasks), cores())
    possible = max(1, (most_open_files() - FILES_OF_ENGINE) // FILES_OF_ATTEMPT)
    return min(wanted, possible), Why.LIMIT.value if possible < wanted else Why.ADAPTS.value, True
