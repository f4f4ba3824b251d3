"""What is known of a plan before anything runs: relations, expected times, and whether parallel pays.

The report tells afterwards how it came out. Times are seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct, field

from porch_tui.core.files.facts import Facts
from porch_tui.core.forecast import verdict
from porch_tui.core.forecast.estimates import (
    Estimate,
    EstimateFrom,
    Guess,
    History,
    estimates,
    judge_step,
    step,
)
from porch_tui.core.forecast.in_sequence import in_sequence
from porch_tui.core.forecast.judges import judging
from porch_tui.core.forecast.simulation import Course, Setting, Slots, simulate
from porch_tui.core.forecast.verdict import Forecast, Mode
from porch_tui.core.model.copying import replace
from porch_tui.core.model.events import SoftOrder
from porch_tui.core.model.forecast import Costs, Predicted, PredictedTask
from porch_tui.core.model.plan import Hypothesis, Plan, TaskId, TaskSpec
from porch_tui.core.model.wording import counted, listed
from porch_tui.core.relations.pairs import LineOf, Relations, relations
from porch_tui.core.relations.relations import Cause, Pair, Relation
from porch_tui.core.relations.soft_orders import soft_orders
from porch_tui.core.tasks import graph

COMPARED = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
"""Numbers of slots that are compared."""
COMPARED_UP_TO = 300
"""For larger plans that would take longer than it helps."""
SEARCHED_UP_TO = 20
"""For larger plans a rule tells from where parallel pays: every run would wait for the search."""
LARGE = 200
"""Larger plans are simulated once, and everything else is worked out from that."""
CLOSE = 1.03
"""The best number of slots is the smallest that takes at most this many times the shortest time."""


class Machine(Struct, frozen=True):
    """What is known of where the plan will run."""

    slots: int
    """How many run at once, or at first if the number adapts."""
    cores: int = 2
    most_slots: int = 0
    """How far the number grows; 0: it is fixed."""
    memory_bytes: int = 0
    """What tasks may declare together; 0: not known."""
    costs: Costs = Costs()
    history: History = field(default_factory=History)
    jobs: int = 1
    """Validations at once."""
    is_base_known: bool = False
    """An earlier run has validated the base."""


class Times(Struct, frozen=True):
    """Predicted wall times of the whole run; ranges are equal at both ends where nothing is guessed."""

    serial_s: float
    """With one slot, as `porch run --serial` has it."""
    parallel_s: float
    serial_range_s: tuple[float, float]
    parallel_range_s: tuple[float, float]
    overhead_s: float
    """What all tasks together cost porch: worktrees, starting, merging and landing."""
    task_overhead_s: float
    """What one does."""
    slots: int
    """How many run at once in `parallel_s`, at first if the number adapts."""
    substantial: int = 0
    """How many tasks take longer than ten times what one costs porch."""
    validation_s: float | None = None
    """One validation; None: the plan has none."""
    validations: int = 0
    """How many of them side by side takes."""
    judging_s: float | None = None
    """All judging together, one at a time; None: the plan has no hypothesis."""
    break_even_s: float | None = None
    """From which length of the guessed tasks on parallel pays, if that decides; else None."""
    by_slots: tuple[tuple[int, float], ...] = ()
    """Wall times with fixed numbers of slots; empty: not compared."""
    best_slots: int | None = None
    """The smallest number with which the plan takes hardly longer than with the best."""
    guessed: tuple[str, ...] = ()
    """What was guessed, in words."""
    not_counted: tuple[str, ...] = ()
    """What also takes time, without an estimate."""

    @property
    def speedup(self) -> float:
        """How many times faster parallel is; 1 where nothing is to do."""
        return self.serial_s / self.parallel_s if self.parallel_s else 1.0


class Analysis(Struct, frozen=True):
    """What `porch check` says."""

    estimates: Mapping[TaskId, Estimate]
    wave_of: Mapping[TaskId, int]
    """From 1."""
    waves: tuple[tuple[TaskId, ...], ...]
    relations: Relations
    soft_orders: tuple[SoftOrder, ...]
    critical_path: tuple[TaskId, ...]
    times: Times
    mode: Mode
    reasons: tuple[str, ...]
    parallel: Course
    """How the run is expected to go side by side."""
    serial: Course
    """And one by one."""
    setting: Setting
    """What both rest on."""

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """How each two tasks are related, as far as that is listed."""
        return self.relations.pairs

    @property
    def course(self) -> Course:
        """How the run is expected to go if the verdict is followed."""
        return self.serial if self.mode is Mode.SERIAL else self.parallel

    @property
    def is_guess(self) -> bool:
        """Whether it is guessed of every task how long it takes."""
        return bool(self.estimates) and all(
            one.source is EstimateFrom.DEFAULT for one in self.estimates.values()
        )

    @property
    def cost(self) -> dict[TaskId, float]:
        """Expected seconds of each task."""
        return {task: one.seconds for task, one in self.estimates.items()}


def no_guess(spec: TaskSpec) -> Guess:
    """Return the guess about a task when nothing at all is known of the repository."""
    return Guess()


def analyse(
    plan: Plan,
    machine: Machine,
    guess: Callable[[TaskSpec], Guess] = no_guess,
    *,
    compares_slots: bool = False,
    facts: Facts | None = None,
    line_of: LineOf | None = None,
) -> Analysis:
    """Return what is known about the plan before anything runs. The plan's `after` must be free of cycles.

    Without `facts` the texts of scripts are not known; `line_of` finds the plan's lines for quotes.
    """
    expected = estimates(plan, machine.history, guess, machine.cores)
    cost = {task: one.seconds for task, one in expected.items()}
    related = relations(plan, facts, line_of)
    orders = soft_orders(plan, related.pairs, cost)
    waves = graph.waves(plan)
    study = _Study(plan, machine, expected, orders, waves)
    times = study.times(compares_slots=compares_slots)
    mode, times, reasons = _verdict(study, times, waves, related.pairs)
    return Analysis(
        expected,
        {task: number for number, wave in enumerate(waves, 1) for task in wave},
        waves,
        related,
        orders,
        graph.critical_path(plan, cost),
        times,
        mode,
        reasons,
        study.parallel,
        study.serial,
        study.likely,
    )


def predicted(analysis: Analysis, mode: Mode) -> Predicted:
    """Return what is expected of a run in this mode, to be kept with it."""
    times, setting = analysis.times, analysis.setting
    is_serial = mode is Mode.SERIAL
    course = analysis.serial if is_serial else analysis.parallel
    tasks = (
        PredictedTask(
            task,
            round(course.starts[task], 3),
            round(course.landed[task], 3),
            one.times,
            one.source is EstimateFrom.DEFAULT,
        )
        for task, one in analysis.estimates.items()
    )
    return Predicted(
        verdict=analysis.mode.value,
        wall_s=course.wall_s,
        range_s=times.serial_range_s if is_serial else times.parallel_range_s,
        serial_s=times.serial_s,
        parallel_s=times.parallel_s,
        tasks=tuple(tasks),
        validation=setting.validation,
        validation_setup=setting.validation_setup,
        costs=setting.costs,
        judges=setting.judges,
        break_even_s=times.break_even_s,
        best_slots=times.best_slots,
    )


class _Study:
    """The plan simulated under several assumptions."""

    def __init__(
        self,
        plan: Plan,
        machine: Machine,
        expected: Mapping[TaskId, Estimate],
        orders: tuple[SoftOrder, ...],
        waves: tuple[tuple[TaskId, ...], ...],
    ) -> None:
        self.plan, self.machine, self.expected = plan, machine, expected
        self._sequence = [task for wave in waves for task in wave]
        history = machine.history
        validations = step(plan.validate, plan.estimates.validate_s, history.validation)
        setups = step(plan.setup, plan.estimates.setup_s, history.validation_setup or history.setup)
        self.costs = machine.costs if plan.copy else replace(machine.costs, copy_s=0.0)
        judges = [judge_step(one, history.judges.get(one.name)) for one in plan.hypotheses]
        times = (
            {task: one.times for task, one in expected.items()},
            {task: one.low or one.times for task, one in expected.items()},
            {task: one.high or one.times for task, one in expected.items()},
        )
        self.likely, self.low, self.high = (
            Setting(
                plan=plan,
                times=assumed,
                cores=machine.cores,
                memory_bytes=machine.memory_bytes,
                orders=orders,
                validation=validation,
                validation_setup=setup,
                jobs=machine.jobs,
                is_base_known=machine.is_base_known,
                costs=self.costs,
                judges={one.name: works[end] for one, works in zip(plan.hypotheses, judges, strict=True)},
            )
            for end, (assumed, validation, setup) in enumerate(zip(times, validations, setups, strict=True))
        )
        self.slots = Slots(machine.slots, machine.most_slots)
        self.serial = self._one_by_one(self.likely)
        self.parallel = simulate(self.likely, self.slots)
        is_range = any(works[0] != works[1] for works in (validations, *judges))
        self.is_guessed = is_range or any(one.low is not None for one in expected.values())
        self.guessed_tasks = [task for task, one in expected.items() if one.source is EstimateFrom.DEFAULT]

    def forecast(self, setting: Setting) -> Forecast:
        """Return the forecast under other assumptions."""
        wall_s = self._one_by_one(setting).wall_s, simulate(setting, self.slots).wall_s
        return self._forecast(setting, *wall_s)

    def _forecast(self, setting: Setting, serial_s: float, parallel_s: float) -> Forecast:
        threshold_s = verdict.SUBSTANTIAL * self.costs.task_s
        substantial = sum(one.alone_s > threshold_s for one in setting.times.values())
        return Forecast(serial_s, parallel_s, substantial, self.costs.task_s * len(self.plan.tasks))

    @property
    def expectation(self) -> Forecast:
        """The forecast under the likely assumptions."""
        return self._forecast(self.likely, self.serial.wall_s, self.parallel.wall_s)

    def pays_from(self, task_s: float) -> bool:
        """Say whether parallel pays if each guessed task takes so long."""
        guessed = {
            task: replace(one.times, run=one.times.run.lasting(task_s))
            for task, one in self.expected.items()
            if one.source is EstimateFrom.DEFAULT
        }
        return self.forecast(replace(self.likely, times={**self.likely.times, **guessed})).pays

    def times(self, *, compares_slots: bool) -> Times:
        """Return the predicted times."""
        plan, machine, costs = self.plan, self.machine, self.costs
        serial, parallel = self._ranges()
        best, by_slots = _compared(self.likely) if compares_slots else (None, ())
        return Times(
            serial_s=self.serial.wall_s,
            parallel_s=self.parallel.wall_s,
            serial_range_s=serial,
            parallel_range_s=parallel,
            overhead_s=costs.task_s * len(plan.tasks),
            task_overhead_s=costs.task_s,
            slots=machine.slots,
            substantial=self.expectation.substantial,
            validation_s=self.likely.validation.alone_s if plan.has_validation else None,
            validations=self.parallel.validations,
            judging_s=self._judging_s(),
            by_slots=by_slots,
            best_slots=best,
            guessed=tuple(self._guessed()),
            not_counted=tuple(_not_counted(plan, costs)),
        )

    def _judging_s(self) -> float | None:
        setting, theories = self.likely, Counter(spec.of for spec in self.plan.tasks)
        setup = setting.validation_setup
        works = [(one, theories[one.name], setting.judges[one.name]) for one in self.plan.hypotheses]
        return sum(judging(*each, setup, self.costs).alone_s for each in works) if works else None

    def _ranges(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return between which times serial and parallel lie."""
        serial_s, parallel_s = self.serial.wall_s, self.parallel.wall_s
        if not self.is_guessed:
            return (serial_s, serial_s), (parallel_s, parallel_s)
        low, high = self.low, self.high
        if len(self.plan.tasks) > LARGE:
            low_s, high_s = (self._one_by_one(end).wall_s / serial_s for end in (low, high))
            return (serial_s * low_s, serial_s * high_s), (parallel_s * low_s, parallel_s * high_s)
        low_s, high_s = simulate(low, self.slots).wall_s, simulate(high, self.slots).wall_s
        return (self._one_by_one(low).wall_s, self._one_by_one(high).wall_s), (low_s, high_s)

    def _one_by_one(self, setting: Setting) -> Course:
        """Simulate `porch run --serial`: one slot, and no order because of paths."""
        if len(self.plan.tasks) > LARGE:
            return in_sequence(setting, self._sequence)
        return simulate(replace(setting, orders=()), Slots(1))

    def ends(self, times: Times) -> tuple[Forecast, Forecast]:
        """Return the forecasts if everything that is guessed is short, and if it is long."""
        serial, parallel = times.serial_range_s, times.parallel_range_s
        low = self._forecast(self.low, serial[0], parallel[0])
        return low, self._forecast(self.high, serial[1], parallel[1])

    def _guessed(self) -> Iterator[str]:
        plan, history = self.plan, self.machine.history
        if self.guessed_tasks:
            guessed, tasks = len(self.guessed_tasks), len(plan.tasks)
            what = "all tasks" if guessed == tasks else counted(guessed, "task")
            yield f"{what}, without estimate or earlier run"
        fresh = [spec for spec in plan.tasks if spec.id not in history.tasks]
        if fresh and plan.setup and history.setup is None and plan.estimates.setup_s is None:
            yield f"setup of {counted(len(fresh), 'task')}"
        checked = sum(bool(spec.checks) for spec in fresh)
        if checked and plan.estimates.checks_s is None:
            yield f"checks of {counted(checked, 'task')}"
        if plan.validate and history.validation is None and plan.estimates.validate_s is None:
            yield "validation, which no earlier run has timed"
        if judges := [one.name for one in plan.hypotheses if self._is_judge_guessed(one)]:
            yield f"the judge of {listed(judges)}"

    def _is_judge_guessed(self, hypothesis: Hypothesis) -> bool:
        return hypothesis.name not in self.machine.history.judges and hypothesis.estimate_s is None


def compared_slots(analysis: Analysis) -> tuple[int | None, tuple[tuple[int, float], ...]]:
    """Return the best number of slots and the wall times of several, as `Times` has them."""
    times = analysis.times
    return (times.best_slots, times.by_slots) if times.by_slots else _compared(analysis.setting)


def _compared(setting: Setting) -> tuple[int | None, tuple[tuple[int, float], ...]]:
    tasks = len(setting.plan.tasks)
    if not 1 < tasks <= COMPARED_UP_TO:
        return None, ()
    numbers = sorted({*(one for one in COMPARED if one < tasks), min(tasks, COMPARED[-1])})
    serial = replace(setting, orders=())  # one at a time none is needed
    by_slots = tuple(
        (slots, simulate(setting if slots > 1 else serial, Slots(slots)).wall_s) for slots in numbers
    )
    shortest_s = min(took_s for _, took_s in by_slots)
    return next(slots for slots, took_s in by_slots if took_s <= CLOSE * shortest_s), by_slots


def _not_counted(plan: Plan, costs: Costs) -> Iterator[str]:
    """Yield what will take time as well, and is in no estimate."""
    if plan.copy and not costs.copy_s:
        yield "copied files, which no earlier run has timed"
    if reviewed := sum(spec.needs_review for spec in plan.tasks):
        yield f"reviews of {counted(reviewed, 'task')}"
    if plan.runs_hooks:
        yield "the hooks of git merge"
    if plan.runs_elsewhere:
        yield "what other machines do (all times are of this one)"


def _verdict(
    study: _Study, times: Times, waves: tuple[tuple[TaskId, ...], ...], related: tuple[Pair, ...]
) -> tuple[Mode, Times, tuple[str, ...]]:
    plan = study.plan
    if why := verdict.structural(plan, waves, study.slots.count):
        return Mode.SERIAL, times, (why,)
    forecast = study.expectation
    grounds = verdict.grounds(forecast, study.costs.task_s)
    compared = f"one by one {_seconds(*times.serial_range_s, times.serial_s)}, "
    compared += f"side by side {_seconds(*times.parallel_range_s, times.parallel_s)}"
    unknown = _why_not_known(study, forecast, times) if study.is_guessed else None
    if unknown is not None:
        text, even_s = unknown
        reasons = (text, compared, *_cautions(related))
        return Mode.CANNOT_TELL, replace(times, break_even_s=even_s), reasons
    if not forecast.pays:
        near = "it would gain next to nothing" if times.speedup < verdict.WORTH_IT else "it would not pay"
        return Mode.SERIAL, times, (f"{near}: {compared}", *grounds)
    is_guess = len(study.guessed_tasks) == len(plan.tasks)
    how_much = "faster, by guesses alone" if is_guess else f"{times.speedup:.1f} times faster"
    faster = f"{how_much}: {compared}"
    ready = f"up to {max(map(len, waves))} tasks are ready at once"
    return Mode.PARALLEL, times, (faster, *grounds, ready, *_cautions(related))


def _why_not_known(study: _Study, forecast: Forecast, times: Times) -> tuple[str, float | None] | None:
    """Return why no one can tell whether parallel pays, and from which length of a task on; None: one can."""
    tasks = len(study.plan.tasks)
    if not study.guessed_tasks:
        if len({one.pays for one in (forecast, *study.ends(times))}) == 1:
            return None
        return "cannot tell: that depends on how long validation, setup and checks take", None
    if tasks > SEARCHED_UP_TO:
        pays = forecast.pays or study.pays_from(verdict.LONGEST_S)
        even_s = verdict.SUBSTANTIAL * study.costs.task_s if pays else None
    else:
        even_s = verdict.break_even_s(study.pays_from)
    known = tasks - len(study.guessed_tasks)
    if even_s is None:  # however long they take
        return None
    if known and even_s <= verdict.SHORTEST_S * 2:  # however short they are
        return None
    lows = (study.expected[task].low for task in study.guessed_tasks)
    if known and forecast.pays and all(low is not None and low.run.alone_s >= even_s for low in lows):
        return None
    what = "tasks" if not known else f"the {counted(len(study.guessed_tasks), 'guessed task')}"
    takes = "takes" if len(study.guessed_tasks) == 1 else "take"
    return (
        f"cannot tell: parallel pays if {what} {takes} longer than {_seconds(even_s, even_s, even_s)}",
        even_s,
    )


def _cautions(related: tuple[Pair, ...]) -> Iterator[str]:
    conflicting = [pair for pair in related if pair.relation is Relation.CONFLICTING]
    for cause, text in CAUTIONS.items():
        if cause is Cause.SHARED_STATE:  # a lock is the cure
            conflicting = [pair for pair in conflicting if not pair.has(Cause.LOCK)]
        if count := sum(pair.has(cause) for pair in conflicting):
            yield text.format(counted(count, "pair"))


def _seconds(low_s: float, high_s: float, likely_s: float) -> str:
    """Return a time, or a range where it is guessed, as a part of a sentence."""
    likely = f"{likely_s:.0f} s" if likely_s >= 10 else f"{likely_s:.1f} s"
    return likely if high_s - low_s < 0.5 else f"{likely} ({low_s:.0f} to {high_s:.0f})"


CAUTIONS = {
    Cause.OVERLAP: "writing the same files: {}",
    Cause.READS: "reading what the other writes (consider after): {}",
    Cause.LOCK: "taking turns for a lock: {}",
    Cause.SHARED_STATE: "sharing state that worktrees do not separate (consider a lock): {}",
}
