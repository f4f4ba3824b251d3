"""Inputs of the analysis from machine and repository: slots, costs, and what earlier runs took.

History is medians of processor and waiting time, never of wall time: in a run that kept all cores busy each
task took longer than it would alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from porch_tui.core.forecast.analysis import Machine
from porch_tui.core.forecast.estimates import History
from porch_tui.core.model import events as e
from porch_tui.core.model.forecast import Costs, TaskTimes, Work
from porch_tui.core.model.plan import Hypothesis, Kind, Plan, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus, TaskStatus
from porch_tui.core.rules.settle import MOST_VALIDATE_JOBS, mostly_waits
from porch_tui.core.scheduling.slots import first_slots, largest_slots, to_be_had
from porch_tui.engine.effects.judging import JUDGE
from porch_tui.engine.effects.verdict_cache import conditions
from porch_tui.executors.attempt import CHECK, RUN, SETUP, VALIDATE
from porch_tui.git.repository import Repository
from porch_tui.git.worktree import copying
from porch_tui.git.worktree.base_checkout import tracked_files
from porch_tui.git.worktree.creation import quickest_s
from porch_tui.journal import durations, verdicts
from porch_tui.journal.durable import replace
from porch_tui.journal.durations import Took
from porch_tui.journal.verdicts import Finding
from porch_tui.process.machine import cores, free_memory

WORKTREE_S, FILE_S = 0.01, 0.00012
"""Default for one worktree, and each file in it: git 2.39 on 2 cores and ext4 checked out 715 files in 73 to
90 ms."""

COUNTED = 9
"""Of so many newest durations the median is taken."""


class Overhead(Struct, frozen=True):
    """`overhead.json`: what was measured of the repository. Seconds; None: nothing was."""

    worktree_s: float | None = None
    """Creating a worktree."""
    copied: tuple[str, ...] = ()
    copy_s: float | None = None
    """Copying these files into one."""


_OVERHEAD = msgspec.json.Decoder(Overhead)


def machine(
    repository: Repository, plan: Plan, slots: int | None, base_tree: str = "", *, is_fresh: bool = False
) -> Machine:
    """Return what the forecast is based on; `slots` overrides the plan's.

    `base_tree` is the base's, if it should be known whether it was validated; not if `is_fresh`.
    """
    known = verdicts.under(repository.common_dir, conditions(plan, repository)) if plan.has_validation else []
    is_waiting = bool(known) and mostly_waits(e.Used(known[0].wall_s, cpu_s=known[0].cpu_s))
    fixed, tasks = slots or plan.slots, len(plan.tasks)
    return Machine(
        slots=fixed or first_slots(tasks, cores()),
        cores=cores(),
        most_slots=0 if fixed else largest_slots(tasks, cores()),
        memory_bytes=to_be_had(*free_memory()),
        costs=_costs(repository, plan),
        history=_history(repository, plan, known),
        # one validation per core, or more if earlier ones mostly waited
        jobs=MOST_VALIDATE_JOBS if is_waiting else min(cores(), MOST_VALIDATE_JOBS),
        is_base_known=not is_fresh and any(one.tree == base_tree for one in known),
    )


def remember(repository: Repository, state: RunState) -> None:
    """Record for the next forecast what tasks took, and creating worktrees, if this process made any."""
    known = _overhead(repository)
    measured = Overhead(
        quickest_s(repository) or known.worktree_s,
        state.plan.copy,
        copying.quickest_s(repository.main, state.plan.copy)
        or (known.copy_s if known.copied == state.plan.copy else None),
    )
    if measured != known:
        with suppress(OSError):  # optional
            replace(_overhead_file(repository), msgspec.json.encode(measured))
    durations.remember(repository.common_dir, state.run, [*_took(state), *_judged(state)])


def _took(state: RunState) -> Iterable[Took]:
    """Yield what each task took that has succeeded."""
    for task, known in state.tasks.items():
        used = known.attempt.used if known.attempt is not None else None
        if known.status is not TaskStatus.SUCCEEDED or used is None or not used.steps:
            continue
        spec, entry = state.specs[task], state.entries.get(task)
        is_idle = entry is not None and entry.status is EntryStatus.NOTHING_TO_LAND
        lands = spec.kind is Kind.CHANGE and not is_idle
        command = durations.digest(spec.command)
        yield Took(state.run, state.plan.name, task, command, used.steps, lands)


def _judged(state: RunState) -> Iterable[Took]:
    """Yield what each judge took, once for each of the newest times it ran to its end."""
    for one in state.plan.hypotheses:
        ended = (each for each in state.hypotheses[one.name].judgements if each.ended_at is not None)
        steps = [step for each in ended for step in each.used.steps if step.name == JUDGE]
        if steps:
            command = durations.digest(one.judge)
            yield Took(state.run, state.plan.name, one.name, command, tuple(steps[-COUNTED:]), False)


def _costs(repository: Repository, plan: Plan) -> Costs:
    """Return what porch itself takes: as measured by earlier runs, as far as they did."""
    known = _overhead(repository)
    worktree_s = known.worktree_s or WORKTREE_S + FILE_S * tracked_files(repository)
    copy_s = known.copy_s if known.copied == plan.copy else None
    return Costs(worktree_s=worktree_s, copy_s=copy_s or 0.0)


def _overhead(repository: Repository) -> Overhead:
    try:
        return _OVERHEAD.decode(_overhead_file(repository).read_bytes())
    except (OSError, ValueError, msgspec.MsgspecError):
        return Overhead()


def _overhead_file(repository: Repository) -> Path:
    return repository.own_dir / "overhead.json"


def _history(repository: Repository, plan: Plan, findings: Sequence[Finding]) -> History:
    known = durations.known(repository.common_dir)
    took = [one for one in known if not _is_of_judge(one)]
    judged = [one for one in known if _is_of_judge(one)]
    validated = [one.steps for one in findings if one.has_passed and one.steps]
    by_task, by_command = defaultdict[tuple[str, str], list[Took]](list), defaultdict[str, list[Took]](list)
    by_name = defaultdict[tuple[str, str], list[Took]](list)
    for one in took:
        by_task[one.task, one.command].append(one)
        by_command[one.command].append(one)
        by_name[one.plan, one.task].append(one)
    tasks = dict[TaskId, TaskTimes]()
    for spec in plan.tasks:
        command = durations.digest(spec.command)
        found = by_task.get((spec.id, command)) or by_command.get(command)
        if found is None and spec.agent is not None:  # its prompt was edited
            found = by_name.get((plan.name, spec.id))
        if found:
            tasks[spec.id] = _times(found[:COUNTED])
    judges = ((one.name, _median(JUDGE, _of_judge(one, judged))) for one in plan.hypotheses)
    return History(
        tasks=tasks,
        setup=_median(SETUP, (one.steps for one in took)),
        validation=_median(VALIDATE, validated),
        judges={name: work for name, work in judges if work is not None},
        validation_setup=_median(SETUP, validated),
        runs=len({one.run for one in took}),
    )


def _is_of_judge(one: Took) -> bool:
    return any(step.name == JUDGE for step in one.steps)


def _of_judge(hypothesis: Hypothesis, judged: Sequence[Took]) -> Iterable[tuple[e.StepUsed, ...]]:
    command = durations.digest(hypothesis.judge)
    return (one.steps for one in judged if one.command == command)


def _times(found: Sequence[Took]) -> TaskTimes:
    """Return the medians of what a task took."""
    setup, run, checks = (_median(name, (one.steps for one in found)) for name in (SETUP, RUN, CHECK))
    return TaskTimes(setup or Work(), run or Work(), checks or Work(), lands=found[0].landed)


def _median(name: str, found: Iterable[tuple[e.StepUsed, ...]]) -> Work | None:
    """Return the medians of what steps of a name took, the newest being first; None: there was none."""
    newest = [step for steps in found for step in steps if step.name == name][:COUNTED]
    if not newest:
        return None
    from statistics import median  # with fractions and numbers: not needed before the first run has ended

    cpu_s, wait_s = median(one.cpu_s for one in newest), median(one.wait_s for one in newest)
    return Work(cpu_s, wait_s, median(one.width for one in newest))
