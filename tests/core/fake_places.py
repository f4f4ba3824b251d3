"""Places of the fake world: other machines that vanish, come back late or on another boot, and run full.

The name of a place may lead to another machine from one moment to the next, and back; the one before goes on
with what it was given. A machine keeps its processes and what came of them whatever becomes of the engine,
and ends what its lease no longer covers on its own, as late as it may. The near side of the real program is
in here as well: it connects again and again, orders again whatever is wanted, and gives a connection up
before it says that a place is silent. What must never happen on any machine is asserted here, because here
it would happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.place import PlaceName, PlaceSpec, Resources, boot_on, is_other_machine
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules import effects as f
from porch_tui.core.scheduling.auto_pause import auto_pause
from porch_tui.core.scheduling.slots import room

if TYPE_CHECKING:
    from tests.core.fake_world import Process, World

GRACE_S = 5.0
MARGIN_S = 2.0
"""What the core adds to short leases: a host has killed everything just before both are over."""


class Climate(Struct, frozen=True):
    """How often places get into trouble; probabilities of a step."""

    cut: float = 0.0
    reboot: float = 0.0
    move: float = 0.0
    """Of a place where something runs: that its name leads to another machine."""
    gone: float = 0.0
    full: float = 0.0
    change: float = 0.0
    """That it has other slots, or that a worker joins a cluster."""
    impatience: float = 0.0
    """That a person gives up what runs on a silent place."""


@dataclass(slots=True)
class Machine:
    """What is behind the name of a place, now or at another time."""

    name: str
    boots: int = 1
    renewals: int = 0
    """How often its leases were prolonged after they had begun to run out."""
    attempts: dict[e.AttemptId, None] = field(default_factory=dict)
    """Those it has begun, or never will."""

    @property
    def boot(self) -> str:
        """As the core is given it."""
        return boot_on(self.name, f"boot-{self.boots}")


@dataclass(slots=True)
class Place:
    """A name, the machine it leads to, and the connection to that."""

    name: PlaceName
    member_of: PlaceName
    lease_s: float
    slots: int
    tools: tuple[str, ...] = ()
    machines: list[Machine] = field(default_factory=lambda: [Machine("m1")])
    """All it has ever led to."""
    machine: Machine = field(init=False)
    """The one it leads to now."""
    is_cut: bool = False
    """Nothing goes through, in either direction."""
    is_gone: bool = False
    was_empty: bool = False
    """It was known that nothing ran there when it went."""
    is_full: bool = False
    connection: int = 0
    """Its number: what belongs to an earlier one is void."""
    is_connected: bool = False
    """For the near side: it may not have noticed yet that it is cut."""

    def __post_init__(self) -> None:
        self.machine = self.machines[0]


class Places:
    """All places of a run."""

    def __init__(self, world: World, specs: tuple[PlaceSpec, ...], rng: Random, climate: Climate) -> None:
        self.world, self.rng, self.climate = world, rng, climate
        self._clusters = [spec for spec in specs if spec.is_cluster]
        self.known: dict[PlaceName, Place] = {}
        self.wanted: dict[e.AttemptId, f.RunAttempt] = {}
        """What the near side orders whenever it connects."""
        self.unwanted: dict[e.AttemptId, f.StopAttempt] = {}
        self.given: dict[e.AttemptId, PlaceName] = {}
        """Where the journal says that attempts run."""
        self.boots: dict[e.AttemptId, str] = {}
        """Of their machines there."""
        self.given_up: set[e.AttemptId] = set()
        """Those that a person had run elsewhere before they could be known to be over."""
        self.unacknowledged: dict[e.AttemptId, e.AnyEvent] = {}
        self._specs, self._workers = specs, 0

    def settle_down(self, climate: Climate, rng: Random) -> None:
        """Begin: have the near side look for all of them."""
        self.climate, self.rng = climate, rng
        for spec in self._specs:
            if spec.name and not spec.is_cluster:
                slots, tools = rng.randint(1, 3), rng.choice(((), ("docker",)))
                self.known[spec.name] = Place(spec.name, spec.name, spec.lease, slots, tools)
        for cluster in self._clusters:
            self._another_worker(cluster)
        self.connect_all()

    def note(self, state: RunState, event: e.AttemptScheduled | e.AttemptLost) -> None:
        """Remember where the journal has an attempt, and which of them a person has given up."""
        if isinstance(event, e.AttemptLost):
            if event.why.startswith("was given up"):
                self.given_up.add(event.attempt)
        elif event.place:
            self.given[event.attempt] = event.place
            self.boots[event.attempt] = state.places[event.place].boot
        else:  # it may have been given back by a lane
            self.given.pop(event.attempt, None)

    # --- what the near side does

    def order(self, effect: f.RunAttempt | f.StopAttempt) -> None:
        """Order an attempt, or its end, now or as soon as its place is connected."""
        place = self.known[self.given[effect.attempt]]
        if isinstance(effect, f.RunAttempt):
            assert effect.place == place.name, f"{effect.attempt} is asked of another place"
            self.wanted[effect.attempt] = effect
            self._send(place, effect, self._begin)
        else:
            self.unwanted[effect.attempt] = effect
            self._send(place, effect, self._end_now)

    def validate(self, effect: f.ValidateCandidate, act: Callable[[], e.AnyEvent | None]) -> None:
        """Have a state validated; over another connection, or on another boot, there is no verdict."""
        if not effect.place:
            self.world.later(3, effect, act)
            return
        place = self.known[effect.place]
        connection = place.connection

        def arrive() -> e.AnyEvent | None:
            if place.connection != connection or effect.boot != place.machine.boot:
                return None
            if place.is_cut:
                self.world.later(1, effect, arrive)
                return None
            return act()

        if place.is_connected:
            self.world.later(3, effect, arrive)

    def cancel(self, effect: f.Effect) -> None:
        """Order something no more."""
        if isinstance(effect, f.RunAttempt):
            self.wanted.pop(effect.attempt, None)
        elif isinstance(effect, f.StopAttempt):
            self.unwanted.pop(effect.attempt, None)

    def engine_died(self) -> None:
        """Let the leases of all places run that were connected."""
        self.wanted.clear()
        self.unwanted.clear()
        for place in self.known.values():
            if place.is_connected:
                self._let_leases_run(place)
            place.is_connected = False
            place.connection += 1

    def connect_all(self) -> None:
        """Have a new engine look for all places; the last one may have died before it wrote what is gone."""
        for place in self.known.values():
            if place.is_gone:
                self.world.later(2, None, partial(self._gone, place))
            else:
                self._connect(place)

    def _send(
        self, place: Place, effect: f.RunAttempt | f.StopAttempt, act: Callable[[Place, f.Effect], None]
    ) -> None:
        """Send an order over the present connection; without one it is sent with the next.

        What another machine was given by this name is not asked of the one that answers now.
        """
        if not place.is_connected or self._is_elsewhere(place, effect.attempt):
            return
        connection = place.connection

        def arrive() -> None:
            if place.connection != connection or not place.is_connected:
                return
            if place.is_cut:
                self.world.later(1, effect, arrive)
            else:
                act(place, effect)

        self.world.later(0.3, effect, arrive)

    def _connect(self, place: Place) -> None:
        place.connection += 1
        connection = place.connection

        def greet() -> e.AnyEvent | None:
            if place.connection != connection or place.is_gone:
                return None
            if place.is_cut:
                self.world.later(4, None, greet)
                return None
            place.is_connected = True
            place.machine.renewals += 1
            for attempt in place.machine.attempts:
                if attempt in self.unacknowledged:
                    self._tell(place, attempt)
            for run in [one for one in self.wanted.values() if one.place == place.name]:
                self._send(place, run, self._begin)
            for stop in [one for one in self.unwanted.values() if self.given[one.attempt] == place.name]:
                self._send(place, stop, self._end_now)
            self._greet_again(place)
            return self._greeting(place)

        self.world.later(2, None, greet)

    def _greet_again(self, place: Place) -> None:
        """Say again that a place is up as long as that is no news, since another machine was there before."""
        connection = place.connection
        orders = (*self.wanted, *self.unwanted)
        if not any(self.given[one] == place.name and self._is_elsewhere(place, one) for one in orders):
            return

        def say() -> e.AnyEvent | None:
            if place.connection != connection or not place.is_connected:
                return None
            self._greet_again(place)
            return self._greeting(place)

        self.world.later(place.lease_s / 8, None, say)

    def _is_elsewhere(self, place: Place, attempt: e.AttemptId) -> bool:
        return is_other_machine(self.boots[attempt], place.machine.boot)

    def _greeting(self, place: Place) -> e.PlaceUp:
        resources = Resources(place.slots, place.slots, tools=place.tools)
        return e.PlaceUp(place.name, place.member_of, place.machine.boot, resources)

    def _notice(self, place: Place) -> None:
        """Have the near side give up the connection, some time after it was cut."""
        connection = place.connection

        def give_up() -> e.AnyEvent | None:
            if place.connection != connection or not (place.is_cut or place.is_gone):
                return None
            if self.rng.random() < 0.5:  # only one direction was cut: what prolongs leases went through
                self._let_leases_run(place)
            place.is_connected = False
            self._connect(place)
            return e.PlaceSilent(place.name, None, "no answer")

        self.world.later(2, None, give_up)

    # --- what a place does

    def _begin(self, place: Place, effect: f.Effect) -> None:
        assert isinstance(effect, f.RunAttempt)
        attempt, world = effect.attempt, self.world
        if effect.boot != place.machine.boot:
            return  # the machine was started again since it was given the attempt: the core finds that lost
        process = world.processes.get(attempt)
        if process is None:
            process = world.begin_process(attempt, effect.base)
            process.place = place.name
            place.machine.attempts[attempt] = None
            if process.outcome is None:
                self._tell_later(place, e.AttemptStarted(attempt, None))
                self._run(place, process, attempt)
        assert process.place == place.name, f"{attempt} runs on {place.name} and on {process.place}"
        assert attempt in place.machine.attempts, f"{attempt} runs on two machines called {place.name}"
        # an order to stop may have overtaken it
        assert process.base in (effect.base, ""), f"{attempt} was begun from another base"
        if effect.collections and isinstance(process.outcome, e.AttemptFailed):
            process.outcome = e.AttemptSucceeded(attempt, process.base)
        if process.outcome is not None:
            self._ended(place, attempt)

    def _run(self, place: Place, process: Process, attempt: e.AttemptId) -> None:
        def end() -> None:
            if process.outcome is not None:
                return
            if attempt in self.world.held and self.world.chance(0.8):
                self.world.later(2, None, end, outlives=True)
                return
            process.outcome = self.world.outcome_of(attempt, process)
            self._ended(place, attempt)

        self.world.later(8, None, end, outlives=True)

    def _end_now(self, place: Place, effect: f.Effect) -> None:
        assert isinstance(effect, f.StopAttempt)
        place.machine.attempts[effect.attempt] = None
        process = self.world.end_process(effect.attempt)
        process.place = place.name
        self._ended(place, effect.attempt)

    def _ended(self, place: Place, attempt: e.AttemptId) -> None:
        outcome = self.world.processes[attempt].outcome
        assert outcome is not None
        self.unacknowledged[attempt] = outcome
        if attempt in place.machine.attempts:
            self._tell(place, attempt)

    def _tell(self, place: Place, attempt: e.AttemptId) -> None:
        self._tell_later(place, self.unacknowledged[attempt])

    def _tell_later(self, place: Place, report: e.AnyEvent) -> None:
        """Have the host report something over this connection; over the next one, it says its ends again."""
        if not place.is_connected:
            return
        connection = place.connection

        def arrive() -> e.AnyEvent | None:
            if place.connection != connection or not place.is_connected:
                return None
            if place.is_cut:
                self.world.later(1, None, arrive)
                return None
            return report

        self.world.later(0.5, None, arrive)

    def _let_leases_run(self, place: Place) -> None:
        """From now on nothing prolongs the leases on a machine, until it is connected again."""
        machine = place.machine
        machine.renewals += 1
        renewals, now = machine.renewals, self.world.now
        for attempt in self._alive(machine):
            late_s = self.rng.choice((0.0, 0.99)) * (GRACE_S + MARGIN_S)

            def kill(attempt: e.AttemptId = attempt) -> None:
                if machine.renewals == renewals:
                    self._lose(place, attempt)

            self.world.at(now + place.lease_s + late_s, kill, outlives=True)

    def _lose(self, place: Place, attempt: e.AttemptId) -> None:
        process = self.world.processes[attempt]
        if process.outcome is None:
            process.outcome = e.AttemptFailed(attempt, e.Failure(e.FailureKind.LOST, "it was ended"))
            self._ended(place, attempt)

    def _alive(self, machine: Machine) -> list[e.AttemptId]:
        return [one for one in machine.attempts if self.world.processes[one].outcome is None]

    # --- what befalls places

    def pass_a_step(self) -> Iterator[e.AnyEvent]:
        """Have something happen to a place, now and then; yield what is reported of it at once."""
        if not self.known or self.climate == Climate():
            return
        place = self.rng.choice(list(self.known.values()))
        toss, climate = self.rng.random, self.climate
        if place.is_gone:
            return
        if toss() < climate.cut and not place.is_cut:
            self._cut(place)
        if toss() < climate.reboot:
            place.machine.boots += 1
            for attempt in self._alive(place.machine):
                self._lose(place, attempt)
            self._cut(place)
        if climate.move and self._alive(place.machine) and toss() < climate.move:
            self._move(place)
        if toss() < climate.full:
            place.is_full = not place.is_full
            yield e.DiskMeasured("9 MiB are free" if place.is_full else "", place.name)
        if toss() < climate.change and place.is_connected and not place.is_cut:
            place.slots, place.tools = self.rng.randint(0, 3), self.rng.choice(((), ("docker",)))
            yield self._greeting(place)
        if toss() < climate.change and self._clusters and len(self.known) < 6:
            self._another_worker(self.rng.choice(self._clusters))
        if toss() < climate.gone and sum(not one.is_gone for one in self.known.values()) > 1:
            yield self._take_away(place)

    def feel(self, state: RunState, at: float) -> Iterator[e.AnyEvent]:
        """Yield what follows from how busy a place is."""
        up = [name for name, place in self.known.items() if place.is_connected]
        if not up or self.rng.random() < 0.9:
            return
        name = self.rng.choice(up)
        reading = self.world.reading(at + self.rng.choice((0.0, 40.0)))
        for offered in (
            room(state, reading, dict.fromkeys(state.active, 2), name),
            auto_pause(state, reading, name),
        ):
            if offered is not None:
                yield offered

    def impatience(self, state: RunState) -> TaskId | None:
        """Return a task that a person has run elsewhere now, whether or not that makes sense."""
        if not state.active or self.rng.random() >= self.climate.impatience:
            return None
        return self.rng.choice(state.active)

    def heal(self) -> Iterator[e.AnyEvent]:
        """Let every place that is not gone come back, with room for everything, and stay.

        A cluster whose last worker is gone gets another: what only those can run waits for one for ever.
        """
        self.climate = Climate()
        peopled = {place.member_of for place in self.known.values() if not place.is_gone}
        for cluster in self._clusters:
            if cluster.name not in peopled:
                self._another_worker(cluster)
        for place in self.known.values():
            place.is_cut, place.slots, place.tools = False, max(1, place.slots), ("docker",)
            if place.is_full:
                place.is_full = False
                yield e.DiskMeasured("", place.name)
            if place.is_connected:
                yield self._greeting(place)

    def is_true(self, report: e.AnyEvent) -> bool:
        """Say whether a report of a place is still what its near side would say."""
        match report:
            case e.PlaceUp():
                place = self.known[report.place]
                return place.is_connected and self._greeting(place) == report
            case e.PlaceSilent():
                return not self.known[report.place].is_connected
            case e.PlaceGone():
                return self.known[report.place].is_gone
            case e.DiskMeasured() if report.place:
                return self.known[report.place].is_full == bool(report.why)
            case _:
                return True

    def _cut(self, place: Place) -> None:
        if not place.is_cut and place.is_connected:
            self._let_leases_run(place)
            self._notice(place)
        place.is_cut = True
        lasts = self.rng.choice((0.5, 5.0, place.lease_s / 8, place.lease_s))

        def heal() -> None:
            place.is_cut = False
            if place.is_connected:  # it was never noticed
                place.machine.renewals += 1

        self.world.later(lasts, None, heal, outlives=True)

    def _move(self, place: Place) -> None:
        """Have the name of a place lead to another machine, which may have had it before."""
        others = [one for one in place.machines if one is not place.machine]
        if place.is_connected:
            self._let_leases_run(place)
        if not others or self.rng.random() < 0.5:
            place.machines.append(Machine(f"m{len(place.machines) + 1}"))
            others = place.machines[-1:]
        place.machine = self.rng.choice(others)
        if not place.is_connected:
            return
        place.is_connected, place.connection = False, place.connection + 1
        connection = place.connection

        def notice() -> e.AnyEvent | None:
            if place.connection != connection:
                return None
            self._connect(place)
            return e.PlaceSilent(place.name, None, "the connection was closed")

        self.world.later(2, None, notice)

    def _take_away(self, place: Place) -> e.PlaceGone:
        others = [one for one in place.machines if one is not place.machine]
        is_empty = self.rng.random() < 0.5 and not any(map(self._alive, others))
        if place.is_connected and not is_empty:
            self._let_leases_run(place)
        place.is_gone, place.is_connected, place.connection = True, False, place.connection + 1
        place.was_empty = is_empty
        if is_empty:
            for attempt in self._alive(place.machine):
                self._lose(place, attempt)
        elif self.rng.random() < 0.3:  # it was out of reach only, for whoever said that it is gone
            self.world.later(place.lease_s / 4, None, partial(self._come_back, place), outlives=True)
        return self._gone(place)

    def _come_back(self, place: Place) -> None:
        place.is_gone = False
        self._connect(place)

    def _gone(self, place: Place) -> e.PlaceGone:
        return e.PlaceGone(place.name, "it was taken away", place.was_empty)

    def _another_worker(self, spec: PlaceSpec) -> None:
        self._workers += 1
        name = PlaceName(f"{spec.name}/w{self._workers}")
        place = Place(name, spec.name, spec.lease, self.rng.randint(1, 3), ("docker",))
        self.known[place.name] = place
        self._connect(place)
