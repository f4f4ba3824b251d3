"""One seeded run of the core against the fake world: the engine's loop, a person, crashes.

The loop is architecture 3.6's `absorb` and nothing more; whatever it has to
know beyond that (one landing at a time, never called off, and whose it is; the
target is not looked at while a landing is unreported; after a crash all that landed
is written down before anything else is due) is a promise the real engine must keep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.budget import Budget
from porch_tui.core.model.copying import replace
from porch_tui.core.model.index import awaits_review
from porch_tui.core.model.plan import Order, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import ON_TRAIN, TaskStatus
from porch_tui.core.model.transitions import ENTRY, TASK
from porch_tui.core.rules import admit as admission
from porch_tui.core.rules import decide as decision
from porch_tui.core.rules import effects as f
from porch_tui.core.rules import settle as settling
from porch_tui.core.rules.evolve import begin, evolve, replay
from porch_tui.core.scheduling import agent_limits, disk, leases, slots
from porch_tui.core.scheduling import auto_pause as shortage
from tests.builders import OPENED_AT, record
from tests.core.fake_performers import perform
from tests.core.fake_person import approval, done_with, more_budget, more_work, other_plan, unfinished, wish
from tests.core.fake_world import World
from tests.core.fortune import random_climate, random_habits, random_opening, with_places
from tests.core.invariants import (
    check_arrival,
    check_derived,
    check_effect,
    check_end,
    check_maximal,
    check_record,
    check_settled,
    check_waiting,
)

Cell = tuple[str, type[e.Event], object]
"""Which table, which event, and the status it met."""


GROWTH = 0.01
"""A step: that a person adds tasks."""
MOST_TASKS = 30
MOST_WITH_PLACES, STEPS_WITH_PLACES = 4, 15
"""Tasks, and steps for each: many short stories of places say more than a few long ones."""


class Crash(Exception):
    """The engine died."""


@dataclass(slots=True)
class Tale:
    """What one simulated run was like."""

    cells: Counter[Cell] = field(default_factory=Counter)
    records: int = 0
    crashes: int = 0
    dropped: int = 0
    """Reports that came too late."""
    lost: int = 0
    """Attempts that were lost with their places."""
    journal: list[e.Record] = field(default_factory=list)
    """All that was written; of several tales together, nothing."""

    def __iadd__(self, other: Tale) -> Tale:
        self.cells += other.cells
        self.records += other.records
        self.crashes += other.crashes
        self.dropped += other.dropped
        self.lost += other.lost
        return self


class Engine:
    """The engine's loop, with a list for a journal."""

    def __init__(self, world: World, opened: e.RunOpened, rng: Random) -> None:
        self.world, self.rng, self.tale = world, rng, Tale()
        self.journal = [record(opened)]
        self.state: RunState = begin(self.journal[0])
        self.reread: RunState = begin(self.journal[0])
        """What the journal folds to up to the last crash, made of nothing but records."""
        self.read = 1
        self.issued: set[f.Effect] = set()
        self.settled: tuple[RunState, frozenset[TaskId]] | None = None
        """The state of which it is known that nothing is due, beside which landing."""
        self.crash = world.habits.crash

    def begin(self) -> None:
        """Do what is due at the very start."""
        self.write([])
        self.act()

    def absorb(self, message: e.AnyEvent | c.AnyCommand) -> None:
        """Let one message change the run, and have the world do what is then wanted."""
        self.take_in(message)
        self.act()

    def take_in(self, message: e.AnyEvent | c.AnyCommand) -> None:
        """Let one message change the run."""
        if isinstance(message, c.Command):
            events = decision.decide(self.state, message, self.world.landing)
        else:
            events = admission.admit(self.state, message)
            self.tale.dropped += not events
        before = self.state
        self.write(events)
        if isinstance(message, e.AttemptSucceeded | e.ConflictsPredicted):
            check_arrival(before, self.state)

    def write(self, events: Sequence[e.AnyEvent]) -> None:
        """Write events and everything that is due because of them; the engine may die behind any of them."""
        landing = self.world.landing
        if not events and self._is_settled(landing):
            return
        bound = 100 + 20 * len(self.state.tasks)
        for _ in range(bound):
            for event in events:
                self._append(event)
            events = settling.settle(self.state, landing)
            if not events:
                check_settled(self.state, self.world)
                self.settled = self.state, landing
                return
        raise AssertionError(f"settle comes to no end: {events}")

    def _is_settled(self, landing: frozenset[TaskId]) -> bool:
        """Say whether it is known that nothing is due: asked again, it says the same (`check_derived`)."""
        return self.settled is not None and self.settled[0] is self.state and self.settled[1] == landing

    def _append(self, event: e.AnyEvent) -> None:
        written = record(event, len(self.journal) + 1, self.world.moment(self.journal[-1].at))
        before = self.state
        if isinstance(event, e.AttemptScheduled | e.AttemptLost):
            self.world.places.note(before, event)
        after = evolve(before, written)
        self._visit(before, event)
        self.journal.append(written)
        self.state = after
        if len(self.journal) % 8 == 0:  # what is carried along wrongly stays wrong
            check_derived(after, is_thorough=len(self.journal) % 32 == 0)
        check_waiting(after)
        check_record(before, event, after, self.world)
        if self.rng.random() < self.crash:
            raise Crash

    def _visit(self, state: RunState, event: e.AnyEvent) -> None:
        self.tale.records += 1
        self.tale.lost += isinstance(event, e.AttemptLost)
        task = event.attempt.task if isinstance(event, e.AttemptEvent) else getattr(event, "task", None)
        if task is None:
            return
        if type(event) in TASK:
            self.tale.cells["task", type(event), state.tasks[task].status] += 1
        if type(event) in ENTRY:
            entry = state.entries.get(task)
            self.tale.cells["entry", type(event), entry.status if entry else None] += 1

    def act(self) -> None:
        """Begin what is wanted and not begun; call off what is begun and no longer wanted."""
        wanted = f.wanted(self.state)
        for effect in sorted(self.issued - wanted, key=repr):
            self.issued.discard(effect)
            self.world.cancel(effect)
        for effect in sorted(wanted - self.issued, key=repr):
            if not (isinstance(effect, f.LandTrain | f.RollBackLanding) and self.world.is_landing):
                self.issued.add(effect)
                check_effect(self.state, effect)
                if isinstance(effect, f.RunLane):
                    lives = self.state.active_attempts.values()
                    self.world.lanes[effect.lane] = [one.id for one in lives if one.lane == effect.lane]
                perform(self.world, effect)

    def look_at_target(self) -> bool:
        """Take in that somebody else moved the target, if so and if no landing of ours is unreported."""
        tip = self.world.target
        if tip == self.state.target.tip or self.world.is_landing or self.state.closed_at is not None:
            return False
        is_descendant = self.state.target.tip in self.world.ancestors[tip]
        self.take_in(e.TargetMoved(tip, self.world.tree_of(tip), is_descendant))
        return True

    def look_ahead(self) -> None:
        """Take in who is in whose way: in line, if the plan orders by that, and where others are to begin."""
        if self.world.foresight.random() < 0.5:
            is_ordered = self.state.plan.order is Order.FEWEST_CONFLICTS
            line = [entry.task for entry in self.state.entries.values() if entry.status in ON_TRAIN]
            tasks = self.state.tasks
            pending = [task for task in tasks if tasks[task].status is TaskStatus.PENDING]
            self.absorb(
                self.world.predicted(line if is_ordered else (), pending, (*line, *self.state.active))
            )

    def feel(self) -> None:
        """Take in how busy the machine is."""
        reading = self.world.reading(self.journal[-1].at + self.world.weather.choice((0.0, 3.0, 40.0)))
        rss = dict.fromkeys(self.state.active, 2)
        steps = slots.adapted(self.state, reading, rss), slots.room(self.state, reading, rss)
        for offered in (
            *steps,
            disk.measured(self.state, [self.world.space()]),
            shortage.auto_pause(self.state, reading),
        ):
            if offered is not None:
                self.absorb(offered)
        if self.world.weather.random() < 0.05:
            self.absorb(e.Noticed(self.world.weather.choice(("somebody stashed", "your checkout changed"))))
        at = self.journal[-1].at
        for event in (*agent_limits.releases(self.state, at), self.world.bill(self.state, at)):
            if event is not None:
                self.absorb(event)
        begun = [task.attempt.id for task in self.state.tasks.values() if task.attempt]
        if (escape := self.world.escape(begun)) is not None:
            self.absorb(escape)
        self._feel_places()
        noticed = self.world.notice(self.state.active)
        if noticed is not None:
            attempt = self.state.tasks[noticed.attempt.task].attempt
            self.absorb(replace(noticed, attempt=attempt.id) if attempt else noticed)
        if (called := self.world.call(self.state.active)) is not None:
            self.absorb(called)

    def _feel_places(self) -> None:
        """Take in what has happened to places, and whose leases are over."""
        places = self.world.places
        for report in places.pass_a_step():
            self.absorb(report)
        for name, known in self.state.places.items():
            if leases.is_counting(known) and leases.over_at(known) <= OPENED_AT + self.world.now:
                self.absorb(e.LeaseExpired(name, known.since))
        for offered in places.feel(self.state, self.journal[-1].at):
            self.absorb(offered)
        if (task := places.impatience(self.state)) is not None:
            self.absorb(c.RunElsewhere("impatience", task))

    def wait_for_leases(self) -> bool:
        """Let time pass to the moment at which the next lease is over; say whether there is one."""
        counting = [known for known in self.state.places.values() if leases.is_counting(known)]
        if not counting or self.state.closed_at is not None:
            return False
        over_at = min(leases.over_at(known) for known in counting)
        self.world.now = max(self.world.now, over_at - OPENED_AT)
        return True

    def die(self) -> None:
        """Lose everything but the journal and the world."""
        self.tale.crashes += 1
        for each in self.journal[self.read :]:
            self.reread = evolve(self.reread, each)
        self.read = len(self.journal)
        assert self.reread == self.state, "replay does not give the state that was"
        self.issued.clear()
        self.world.survive_crash()

    def reopen(self) -> None:
        """Find out what landed or was undone while no one recorded it, then go on."""
        if self.state.closed_at is None:
            self._append(e.EngineTookOver(pid=1, host="here"))
        kinds = {type(move) for move in self.world.moves}
        known = Counter(repr(each.event) for each in self.journal if type(each.event) in kinds)
        for move in self.world.moves:
            known[repr(move)] -= 1
            if known[repr(move)] < 0:
                for event in admission.admit(self.state, move):
                    self._append(event)
        if not self.look_at_target():
            self.write([])
        self.act()


def simulate(seed: int, *, has_places: bool = False) -> Tale:
    """Run a random plan in a random world to its end, asserting throughout; the same seed, the same run."""
    rng = Random(f"places {seed}" if has_places else seed)
    habits = random_habits(rng)
    if has_places:
        opened = with_places(random_opening(rng, habits.is_red, MOST_WITH_PLACES), rng)
    else:
        opened = random_opening(rng, habits.is_red)
    world = World(opened, habits, rng)
    if has_places:
        world.places.settle_down(random_climate(rng), rng)
    engine = Engine(world, opened, rng)
    _survive(engine, engine.begin)
    for _ in range((STEPS_WITH_PLACES if has_places else 30) * len(opened.plan.tasks)):
        _survive(engine, lambda: _step(engine))
    _make_peace(engine)
    assert replay(engine.journal) == engine.state
    check_end(engine.state, world)
    if habits.is_kind:
        check_maximal(engine.state, world)
    engine.tale.journal = engine.journal
    return engine.tale


def _survive(engine: Engine, act: Callable[[], object]) -> None:
    """Do it; if the engine dies of it, open the run again, as often as it takes."""
    try:
        act()
    except Crash:
        engine.die()
        _survive(engine, engine.reopen)


def _step(engine: Engine) -> None:
    world, habits = engine.world, engine.world.habits
    if world.chance(habits.command):
        engine.absorb(wish(engine.state, world))
    if habits.command and len(engine.state.tasks) < MOST_TASKS and world.growth.random() < GROWTH:
        wishes = more_work, more_work, other_plan
        engine.absorb(world.growth.choice(wishes)(engine.state, world))
    if habits.command and world.thrift.random() < 0.1:
        engine.absorb(more_budget(engine.state, world))
    is_done = habits.command and world.visits.random() < 0.1
    if is_done and (finished := done_with(engine.state, world)) is not None:
        engine.absorb(finished)
    if world.chance(habits.move):
        world.move_target()
    if world.chance(habits.crash):
        raise Crash
    engine.look_ahead()
    engine.feel()
    if world.due:
        report = world.next_report()
        if report is not None:
            engine.absorb(report)
        engine.act()
    if world.chance(0.3) or not world.due:
        engine.look_at_target()
        engine.act()


def _make_peace(engine: Engine) -> None:
    """Let a person lift every pause, let nothing more get in the way, and wait until nothing happens."""
    world, engine.crash = engine.world, 0.0
    world.habits = replace(
        world.habits, crash=0.0, command=0.0, move=0.0, fault=0.0, lie=0.0, block=0.0, twice=0.0, late=0.0
    )
    world.is_disk_full, world.is_peaceful = False, True
    for report in world.places.heal():
        engine.absorb(report)
    engine.absorb(c.ResumeRun("peace"))
    for budget in (None, *engine.state.tasks):
        engine.absorb(c.RaiseBudget("peace", budget, Budget(tokens=1_000_000)))
    for task in engine.state.tasks:
        engine.absorb(c.ResumeTask("peace", task))
    quiet_steps = 0
    for _ in range(1000 + 400 * len(engine.state.tasks)):
        _step(engine)
        for agent in engine.state.agent_limits:
            engine.absorb(e.AgentReleased(agent))
        for task in engine.state.tasks if world.habits.is_kind else ():
            if awaits_review(engine.state, task):
                engine.absorb(approval(engine.state, task, "peace"))
        for task in unfinished(engine.state):
            engine.absorb(c.FinishTask("peace", task))
        is_quiet = not world.due and not engine.look_at_target() and not engine.wait_for_leases()
        quiet_steps = quiet_steps + 1 if is_quiet else 0
        if quiet_steps > 1:  # whoever looks at the machine has done so since anything happened
            return
    raise AssertionError("the run comes to no end")
