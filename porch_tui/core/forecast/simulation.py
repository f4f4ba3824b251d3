"""How long a plan takes: the run simulated as the engine would work on it, where nothing fails.

A task gets its worktree, is set up, runs and is checked; then it is merged, validated with what is ahead of
it on the train, and lands. Theories are judged, and one of them is merged. What that takes is given
(`Costs`, `TaskTimes`); here is in which order it happens, and what waits for what: slots, cores, memory,
locks, `after`, priorities and soft orders. One slot is what `porch run --serial` does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from heapq import heappop, heappush
from math import ceil

from msgspec import Struct, field

from porch_tui.core.forecast.judges import Decided, Judges
from porch_tui.core.forecast.processors import Processors
from porch_tui.core.model.events import SoftOrder
from porch_tui.core.model.forecast import Costs, TaskTimes, Work
from porch_tui.core.model.plan import HypothesisName, Integrity, Kind, Plan, TaskId, TaskSpec
from porch_tui.core.tasks import graph

GROW_EVERY_S = 0.5
"""How often an adapting number of slots is looked at."""
GROWTH = 1.5
GROWS_WHILE_IDLE = 0.15
"""It grows by so much while more than this share of the cores is idle."""
MORE_JOBS = 4
"""Validations at once as soon as one has mostly waited."""


class Setting(Struct, frozen=True):
    """What is simulated."""

    plan: Plan
    times: Mapping[TaskId, TaskTimes]
    cores: int
    memory_bytes: int = 0
    """What tasks may declare together; 0: not known."""
    orders: tuple[SoftOrder, ...] = ()
    validation: Work = Work()
    """The commands of one validation."""
    validation_setup: Work = Work()
    """Once in each worktree that validations use."""
    jobs: int = 1
    """Validations at once."""
    is_base_known: bool = False
    """What the plan's validation says of the base is known from an earlier run."""
    costs: Costs = Costs()
    judges: Mapping[HypothesisName, Work] = field(default_factory=dict)
    """What judging once takes."""


class Slots(Struct, frozen=True):
    """How many attempts run at once."""

    count: int
    most: int = 0
    """How far the number grows while cores are idle; 0: it stays."""


class Begun(Struct, frozen=True):
    """How far a run has come. Tasks that will not run any more, or have landed, are over."""

    over: frozenset[TaskId] = frozenset()
    queued: tuple[TaskId, ...] = ()
    """Done and not landed, in the order of the merge queue."""
    running: Mapping[TaskId, float] = field(default_factory=dict)
    """Seconds since each began, without pauses."""
    validated_s: float = 0.0
    """For how long what is queued has been validated; 0: it is not."""
    ended: tuple[TaskId, ...] = ()
    """Theories that are done, and of which it is not decided which one wins."""
    judged: Mapping[HypothesisName, float] = field(default_factory=dict)
    """How many judgements are done, the one under way in part."""


class Course(Struct, frozen=True):
    """How the simulated run went. Times are seconds from its beginning."""

    wall_s: float
    starts: Mapping[TaskId, float]
    """When each task began, its worktree included."""
    ends: Mapping[TaskId, float]
    """When it was done."""
    landed: Mapping[TaskId, float]
    """When its work was on the target; a check's, when it was done; once it has lost."""
    validations: int


def simulate(setting: Setting, slots: Slots, begun: Begun = Begun()) -> Course:  # noqa: B008 - frozen
    """Return the course of the run from its beginning, or from where it is now."""
    return _Run(setting, slots, begun).course()


class _Run:
    """One simulated run. Tasks are known by their numbers in the plan."""

    def __init__(self, setting: Setting, slots: Slots, begun: Begun) -> None:
        self._plan, self._costs, self._times = setting.plan, setting.costs, setting.times
        self._cpu = Processors(setting.cores)
        self._ready = _Ready(setting)
        self._slots, self._most = slots.count, slots.most
        self._running = 0
        self._is_growing = False
        self._checkouts, self._waiting = max(2, setting.cores), deque[int]()
        """How many worktrees may still be filled at once, and who waits for that."""
        self._phases: dict[int, list[Work]] = {}
        self._starts: dict[TaskId, float] = {}
        self._ends: dict[TaskId, float] = {}
        self._landed: dict[TaskId, float] = {}
        setup, jobs = setting.validation_setup, setting.jobs
        self._judges = Judges(
            self._plan, setting.judges, self._cpu, setup=setup, costs=setting.costs, jobs=jobs
        )
        self._queue = _Queue(setting, self._cpu, self._judges)
        self._begin(begun)

    def _begin(self, begun: Begun) -> None:
        tasks = self._plan.tasks
        place = {spec.id: number for number, spec in enumerate(tasks)}
        for number, spec in enumerate(tasks):
            if spec.id in begun.over or spec.id in begun.queued:
                self._judges.forget(number)
                self._ready.take(number)
            if spec.id in begun.over:
                self._ready.satisfy(number)
        self._judges.resume(begun.judged)
        for task in (*begun.running, *begun.ended):
            self._ready.take(place[task])
        for task in begun.ended:
            self._judges.add(place[task])
        self._queue.resume([place[task] for task in begun.queued], begun.validated_s)
        for task, since_s in begun.running.items():
            self._running += 1
            self._judges.note_start(place[task])
            self._ready.hold(place[task])
            self._phases[place[task]] = _left(self._phases_of(tasks[place[task]]), since_s)
            self._starts[task] = 0.0
            self._step(place[task])

    def course(self) -> Course:
        """Go on until nothing is left to do."""
        self._queue.look()
        self._start_due()
        while (what := self._cpu.next()) is not None:
            match what:
                case int():
                    self._step(what)
                case ("filled", int() as number):
                    self._next_checkout()
                    self._step(number)
                case "look":
                    self._grow()
                case ("judged", str() as name):
                    if (decided := self._judges.absorb(HypothesisName(name))) is not None:
                        self._decide(decided)
                case _:
                    for number in self._queue.absorb(what):
                        self._land(number)
            self._start_due()
        wall_s = max((*self._landed.values(), *self._ends.values()), default=0.0)
        return Course(wall_s, self._starts, self._ends, self._landed, self._queue.validations)

    # --- attempts

    def _phases_of(self, spec: TaskSpec) -> list[Work]:
        """Return what an attempt does behind its checkout, last to first."""
        times, half_s = self._times[spec.id], self._costs.start_s / 2
        steps = [Work(half_s), times.setup, times.run, times.checks, Work(half_s)]
        return [step for step in reversed(steps) if step.alone_s > 0]

    def _start_due(self) -> None:
        if not self._judges.want_quiet:
            self._start_tasks()
        self._judges.begin(is_quiet=not self._running and not self._queue.is_validating)

    def _start_tasks(self) -> None:
        while self._running < self._slots and (number := self._ready.next_ready()) is not None:
            spec = self._plan.tasks[number]
            self._running += 1
            self._starts[spec.id] = self._cpu.now
            self._phases[number] = self._phases_of(spec)
            self._queue.note_base(number)
            self._judges.note_start(number)
            self._waiting.append(number)
            self._fill()
        is_binding = self._most > self._slots and self._ready.has_waiting
        if is_binding and not self._is_growing and self._cpu.idle > GROWS_WHILE_IDLE:
            self._is_growing = True
            self._cpu.begin(Work(wait_s=GROW_EVERY_S), "look")

    def _fill(self) -> None:
        while self._checkouts and self._waiting:
            self._checkouts -= 1
            number = self._waiting.popleft()
            is_shared = self._plan.tasks[number].is_shared  # that one is made once
            took_s = 0.0 if is_shared else self._costs.worktree_s + self._costs.copy_s
            self._cpu.begin(Work(took_s), ("filled", number))

    def _next_checkout(self) -> None:
        self._checkouts += 1
        self._fill()

    def _step(self, number: int) -> None:
        """Begin the next phase of an attempt, or end it."""
        phases = self._phases[number]
        if phases:
            self._cpu.begin(phases.pop(), number)
            return
        del self._phases[number]
        self._running -= 1
        spec = self._plan.tasks[number]
        self._ends[spec.id] = self._cpu.now
        self._ready.release(number)
        if self._judges.add(number):
            return
        if spec.kind is Kind.CHANGE and self._times[spec.id].lands:
            self._queue.add(number)
        else:
            self._land(number)

    def _decide(self, decided: Decided) -> None:
        for number in decided.others if decided.lands else (decided.winner, *decided.others):
            self._land(number)
        if decided.lands:
            self._queue.add(decided.winner)
        self._queue.look()  # validations may go on

    def _land(self, number: int) -> None:
        self._landed[self._plan.tasks[number].id] = self._cpu.now
        self._ready.satisfy(number)

    def _grow(self) -> None:
        """Give more slots while cores are idle, as the engine does."""
        self._is_growing = False
        if self._running >= self._slots and self._cpu.idle > GROWS_WHILE_IDLE:
            busy = max(1 - self._cpu.idle, 0.01)
            fitting = min(int(self._running / busy), ceil(self._running * GROWTH))
            self._slots = min(max(self._slots + 1, fitting), self._most)


class _Ready:
    """Tasks that wait for others, for locks, cores and memory; the most urgent first."""

    def __init__(self, setting: Setting) -> None:
        tasks = setting.plan.tasks
        tail = graph.tails(setting.plan, {task: one.alone_s for task, one in setting.times.items()})
        place = {spec.id: number for number, spec in enumerate(tasks)}
        self._specs, self._cores, self._memory_bytes = tasks, setting.cores, setting.memory_bytes
        self._rank = [(-spec.priority, -tail[spec.id], number) for number, spec in enumerate(tasks)]
        ahead = [{place[earlier] for earlier in after} for after in graph.after_of(tasks).values()]
        for order in setting.orders:
            ahead[place[order.later]].add(place[order.earlier])
        self._missing = [len(earlier) for earlier in ahead]
        self._behind: list[list[int]] = [[] for _ in tasks]
        for number, earlier in enumerate(ahead):
            for one in earlier:
                self._behind[one].append(number)
        self._taken: set[int] = set()
        """What is not to be started: it runs, or is over."""
        ranked = zip(self._rank, self._missing, strict=True)
        self._heap = sorted(rank for rank, missing in ranked if not missing)
        self._parked: dict[str, list[tuple[int, float, int]]] = {}
        """Tasks that met a lock that was held, or too few cores or too little memory, by what that was."""
        self._locks: set[str] = set()
        self._cpus, self._bytes = 0.0, 0

    @property
    def has_waiting(self) -> bool:
        """Whether a task waits for nothing but a slot."""
        return bool(self._heap)

    def take(self, number: int) -> None:
        """Never start this task."""
        self._taken.add(number)

    def next_ready(self) -> int | None:
        """Take the first task that may start, with all it needs; None if none may."""
        while self._heap:
            rank = heappop(self._heap)
            number = rank[-1]
            if number in self._taken:
                continue
            if obstacle := self._obstacle(self._specs[number]):
                self._parked.setdefault(obstacle, []).append(rank)
                continue
            self.hold(number)
            return number
        return None

    def _obstacle(self, spec: TaskSpec) -> str:
        for lock in spec.locks:
            if lock in self._locks:
                return f"lock {lock}"
        # what wants more than there is runs when nothing else wants any
        if spec.cpus and self._cpus and self._cpus + spec.cpus > self._cores:
            return "room"
        need = self._bytes + (spec.memory_bytes or 0)
        is_short = spec.memory_bytes and self._bytes and 0 < self._memory_bytes < need
        return "room" if is_short else ""

    def hold(self, number: int) -> None:
        """Take what a task needs."""
        spec = self._specs[number]
        self._locks.update(spec.locks)
        self._cpus += spec.cpus or 0.0
        self._bytes += spec.memory_bytes or 0

    def release(self, number: int) -> None:
        """Give back what a task needed, and let those try that met it."""
        spec = self._specs[number]
        self._locks.difference_update(spec.locks)
        self._cpus -= spec.cpus or 0.0
        self._bytes -= spec.memory_bytes or 0
        freed = [f"lock {lock}" for lock in spec.locks]
        if spec.cpus or spec.memory_bytes:
            freed.append("room")
        for one in freed:
            for rank in self._parked.pop(one, ()):
                heappush(self._heap, rank)

    def satisfy(self, number: int) -> None:
        """Make ready what came after a task."""
        for later in self._behind[number]:
            self._missing[later] -= 1
            if not self._missing[later]:
                heappush(self._heap, self._rank[later])


class _Queue:
    """The merge queue: one candidate is built at a time, prefixes of the train are validated, and land."""

    def __init__(self, setting: Setting, cpu: Processors, judges: Judges) -> None:
        self._setting, self._cpu, self._costs, self._judges = setting, cpu, setting.costs, judges
        self._has_validation = setting.plan.has_validation
        self._is_every = setting.plan.integrity is Integrity.EVERY
        self._jobs = setting.jobs
        self._arrived: list[tuple[int, int, int]] = []
        """Entries without a candidate: priority, arrival, task."""
        self._arrivals = 0
        self._built: list[int] = []
        """Tasks in the order of the train; positions on it count from 1, and stay."""
        self._bases: dict[int, int] = {}
        """How many tasks had landed when each began."""
        self._is_building = self._is_landing = False
        self._landed = 0
        self._good = 0
        """The longest prefix that has passed."""
        self._is_base_good = setting.is_base_known or not self._has_validation
        self._flights: dict[object, int] = {}
        """Validations under way, with their jobs: of prefixes by their length, of the base by 0, and of
        tasks ahead of their turn by ("alone", task)."""
        self._probed: set[int] = set()
        self._passed: set[int] = set()
        """Where every commit is validated: the prefixes that passed."""
        self._set_up = self._worktrees = 0
        self.validations = 0

    @property
    def is_validating(self) -> bool:
        """Whether a validation is under way."""
        return bool(self._flights)

    def note_base(self, number: int) -> None:
        """Note that a task starts now: what comes after others builds on what has landed."""
        self._bases[number] = self._landed if self._setting.plan.tasks[number].comes_later else 0

    def resume(self, queued: list[int], validated_s: float) -> None:
        """Go on with a train that is built, and has been validated for so long."""
        self._built.extend(queued)
        if queued and validated_s and self._has_validation:
            self._is_base_good = True
            left = _left([self._setting.validation], validated_s)
            work = left[0] if left else Work()
            self._flights[len(queued)] = self._cpu.begin(work, ("passed", len(queued)))

    def add(self, number: int) -> None:
        """Queue a task that is done."""
        self._arrivals += 1
        heappush(self._arrived, (-self._setting.plan.tasks[number].priority, self._arrivals, number))
        self.look()

    def absorb(self, what: object) -> list[int]:
        """Take what has ended; return the tasks that have landed by it."""
        landed: list[int] = []
        match what:
            case ("built", int() as number):
                self._is_building = False
                self._built.append(number)
            case ("landed", int() as length):
                self._is_landing = False
                landed = self._built[self._landed : length]
                self._landed = length
            case ("prepared", flight):
                self._flights[flight] = self._cpu.begin(self._setting.validation, ("passed", flight))
            case ("passed", flight):
                self._pass(flight)
        self.look()
        return landed

    def _pass(self, flight: object) -> None:
        del self._flights[flight]
        self.validations += 1
        work = self._setting.validation
        if work.alone_s >= 1 and work.cpu_s < work.alone_s / 2:
            self._jobs = max(self._jobs, MORE_JOBS)
        if flight == 0:
            self._is_base_good = True
        elif isinstance(flight, int):
            self._passed.add(flight)
            if not self._is_every:
                self._good = max(self._good, flight)
            while self._good + 1 in self._passed:
                self._good += 1

    def look(self) -> None:
        """Begin all that is due now, at the start of a run the validation of the base."""
        if self._arrived and not self._is_building:
            self._is_building = True
            _, _, number = heappop(self._arrived)
            self._cpu.begin(Work(self._costs.merge_s), ("built", number))
        if not self._has_validation:
            self._good = len(self._built)
        else:
            self._validate()
        if self._is_base_good and self._good > self._landed and not self._is_landing:
            self._is_landing = True
            took_s = self._costs.landing_s + self._costs.link_s * (self._good - self._landed - 1)
            self._cpu.begin(Work(took_s), ("landed", self._good))

    def _validate(self) -> None:
        wanted = ([] if self._is_base_good else [0]) + self._lengths()
        early = [flight for flight in self._flights if isinstance(flight, tuple)]
        for length in [one for one in self._flights if isinstance(one, int) and 0 < one <= self._good]:
            self._drop(length)
        # what may land goes before what is only looked at early
        for flight in early[max(0, self._jobs - len(wanted)) :]:
            self._drop(flight)
        if self._judges.want_quiet:
            return
        for length in wanted:
            if len(self._flights) < self._jobs and length not in self._flights:
                self._start(length)
        if self._is_base_good and not self._is_building and not self._arrived:
            for number in self._unknown()[: max(0, self._jobs - len(self._flights))]:
                self._probed.add(number)
                self._start(("alone", number))

    def _lengths(self) -> list[int]:
        """Return the prefixes worth validating, the most useful first: see `merge_queue.train`."""
        good, end = self._good, len(self._built)
        inner = range(good + 1, end + 1)
        if self._is_every:
            return [length for length in inner if length not in self._passed]
        jobs = self._jobs
        cuts = [good + ceil((end - good) * part / jobs) for part in range(jobs, 0, -1)]
        chosen = list(dict.fromkeys(cut for cut in cuts if cut in inner))
        if len(chosen) >= jobs:
            return chosen
        return chosen + [length for length in reversed(inner) if length not in chosen][:jobs]

    def _unknown(self) -> list[int]:
        """Return the tasks on the train whose own state is another than any prefix, and not looked at yet."""
        found = []
        for at in range(self._good, min(len(self._built), self._good + self._jobs)):
            number = self._built[at]
            if number not in self._probed and self._bases.get(number, 0) != at:
                found.append(number)
        return found

    def _start(self, flight: object) -> None:
        setting, prepare_s = self._setting, self._costs.validation_s
        work = Work(prepare_s)
        if len(self._flights) >= self._worktrees:
            self._worktrees += 1
            setup = setting.validation_setup
            cpu_s = prepare_s + self._costs.worktree_s + self._costs.copy_s + setup.cpu_s
            work = Work(cpu_s, setup.wait_s)
        self._flights[flight] = self._cpu.begin(work, ("prepared", flight))

    def _drop(self, flight: object) -> None:
        self._cpu.drop(self._flights.pop(flight))


def _left(phases: list[Work], since_s: float) -> list[Work]:
    """Return what is left of phases, last to first, of which so many seconds are over."""
    left = list(phases)
    while left and since_s > 0:
        first = left.pop()
        if first.alone_s > since_s:
            left.append(first.times(1 - since_s / first.alone_s))
        since_s -= first.alone_s
    return left
