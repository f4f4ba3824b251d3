"""A world for the core to talk to: it performs effects late, badly, twice, or not at all.

It keeps its own truth, of which the core only hears reports: commits are sets
of patches, some pairs of tasks do not merge, some merge and break, and the
target is what was really landed on it. Everything random comes from one seed.
Nothing here decides what should happen; that is what is being tested.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import combinations, product
from random import Random

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.budget import Spent
from porch_tui.core.model.plan import Kind, Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules import effects as f
from porch_tui.core.scheduling.budgets import budget_of
from porch_tui.core.scheduling.disk import Space
from porch_tui.core.scheduling.slots import Reading
from tests.builders import BASE, BASE_TREE, OPENED_AT
from tests.core.fake_places import Climate, Places

Content = frozenset[str]
"""The patches a commit contains, each named `<task>.<attempt>`; others' are `other<n>.0`."""

RED, BROKEN, FLAKE = 1, 2, 75
"""Exit codes of the validation. Only what is good can flake, and nothing broken ever passes."""


class Habits(Struct, frozen=True):
    """How unkind a world is; probabilities unless said otherwise."""

    clash: float = 0.0
    """That two tasks do not merge."""
    breakage: float = 0.0
    """That two tasks merge and do not work together."""
    bad: float = 0.0
    """That what an attempt makes does not work alone."""
    failure: float = 0.0
    idle: float = 0.0
    """That an attempt changes nothing."""
    flake: float = 0.0
    fault: float = 0.0
    """That the machinery breaks under an effect."""
    lie: float = 0.0
    """Of what lands: that something else is said first."""
    block: float = 0.0
    """That the person's files are in the way of a landing."""
    move: float = 0.0
    """A step: that somebody else moves the target."""
    rewrite: float = 0.0
    """Of those moves: that it rewrites history."""
    twice: float = 0.0
    """That a report comes a second time, later."""
    late: float = 0.0
    """That a cancelled effect reports nevertheless."""
    crash: float = 0.0
    """A record: that the engine dies behind it."""
    command: float = 0.0
    """A step: that a person asks for something."""
    is_red: bool = False
    """The base fails its validation."""
    has_fixed_dates: bool = True
    """What is landed has the ids of its candidates."""

    @property
    def is_kind(self) -> bool:
        """Whether tasks only ever meet each other: nothing else interferes."""
        unkind = (self.failure, self.flake, self.fault, self.lie, self.block, self.move, self.command)
        return not any(unkind) and not self.is_red


Outcome = e.AttemptSucceeded | e.AttemptFailed | e.AttemptStopped | e.AttemptLimited


@dataclass(slots=True)
class Process:
    """An attempt's process and its exit record, which outlive the engine."""

    base: Sha
    outcome: Outcome | None = None
    place: str = ""
    """Empty: it is the engine's machine."""


@dataclass(order=True, slots=True)
class Due:
    """Something an effect does at a moment; what it returns is reported."""

    at: float
    number: int
    effect: f.Effect | None = field(compare=False)
    act: Callable[[], e.AnyEvent | None] = field(compare=False)
    outlives: bool = field(compare=False, default=False)
    """It happens whatever becomes of the engine."""


class World:
    """What is really so, and what is under way."""

    def __init__(self, opened: e.RunOpened, habits: Habits, rng: Random) -> None:
        plan = opened.plan
        self.plan, self.habits, self.rng = plan, habits, rng
        self.foresight = Random(len(plan.tasks))
        """Apart, so that what is predicted changes nothing else."""
        self.weather = Random(len(plan.tasks) + opened.slots)
        """How busy the machine is; apart as well."""
        self.growth = Random(10 * len(plan.tasks) + opened.slots)
        """What is added to the plan; apart as well."""
        self.thrift = Random(3 * len(plan.tasks) + opened.slots)
        """What agents cost and when their accounts must wait; apart as well."""
        self.calls = Random(5 * len(plan.tasks) + opened.slots)
        """Who waits for a person; apart as well."""
        self.visits = Random(7 * len(plan.tasks) + opened.slots)
        """When people finish what they can type into; apart as well."""
        self.is_disk_full, self.is_peaceful = False, False
        self.now, self._count = 0.0, 0
        base: Content = frozenset({"red.0"}) if habits.is_red else frozenset()
        self.commits: dict[Sha, Content] = {BASE: base}
        self.trees: dict[Sha, Content] = {BASE_TREE: base}
        self._tree_of: dict[Content, Sha] = {base: BASE_TREE}
        self.ancestors: dict[Sha, frozenset[Sha]] = {BASE: frozenset({BASE})}
        self.target = BASE
        self.moves: list[e.Landed | e.LandingUndone] = []
        """What the run itself did to the target, in order."""
        self.unreported: set[Sha] = set()
        """Commits of landings that were reported as a fault."""
        self.processes: dict[e.AttemptId, Process] = {}
        self.held: set[e.AttemptId] = set()
        self.lanes: dict[str, list[e.AttemptId]] = {}
        """What is still to be reported of each."""
        self.returned: set[e.AttemptId] = set()
        """What was returned to this engine and not started again."""
        self.frozen: set[f.Effect] = set()
        """Validations that stand still."""
        self.judged: dict[tuple[str, int], e.AnyEvent] = {}
        """What judges have found, which outlives the engine."""
        self.records: dict[str, bool] = {}
        """Resolutions on disk, and whether they are complete."""
        self.unattended: set[Sha] = set()
        """Heads whose last candidate stands by a resolution no person has looked at."""
        self.due: list[Due] = []
        names = [spec.id for spec in plan.tasks]
        self._checks = {spec.id for spec in plan.tasks if spec.kind is Kind.CHECK}
        self._interactive = {spec.id for spec in plan.tasks if spec.is_interactive}
        names += [TaskId(f"revert-{name}") for name in names]
        self.clashes = self._pairs(names, habits.clash)
        self.breakages = self._pairs(names, habits.breakage) - self.clashes
        self.bad: set[str] = set()
        self.is_red_base_allowed = opened.allow_red_base
        self.places = Places(self, plan.places, Random(len(plan.tasks)), Climate())

    # --- truth -------------------------------------------------------------

    def _pairs(self, names: list[TaskId], probability: float) -> set[frozenset[str]]:
        return {
            frozenset((one, two))
            for n, one in enumerate(names)
            for two in [*names[:n], f"other{n % 3}"]
            if self.rng.random() < probability
        }

    def is_check(self, task: TaskId) -> bool:
        """Say whether nothing of the task is merged; what is added to a run always is."""
        return task in self._checks

    def is_interactive(self, task: TaskId) -> bool:
        """Say whether people can type into the task; mostly it goes on until they finish it."""
        return task in self._interactive

    def tree_of(self, commit: Sha) -> Sha:
        """Return the tree of a commit."""
        return self.tree(self.commits[commit])

    def tree(self, content: Content) -> Sha:
        """Return the tree with this content; the same content is the same tree."""
        if content not in self._tree_of:
            sha = Sha("t" + _digest(sorted(content)))
            self._tree_of[content], self.trees[sha] = sha, content
        return self._tree_of[content]

    def commit(self, parents: Iterable[Sha], content: Content, name: str) -> Sha:
        """Return a commit with these parents and content."""
        parents = tuple(parents)
        sha = Sha("c" + _digest([*parents, name]))
        self.commits[sha] = content
        self.ancestors[sha] = frozenset({sha}).union(*(self.ancestors[parent] for parent in parents))
        return sha

    def exit_code(self, content: Content) -> int:
        """Return what the validation commands truly exit with."""
        owners = {owner(patch) for patch in content}
        if content & self.bad or any(pair <= owners for pair in self.breakages):
            return BROKEN
        return RED if "red.0" in content and not any(patch.endswith(".fix") for patch in content) else 0

    def worth(self, commit: Sha) -> float:
        """Return what a judge measures there: a small number, often the same as elsewhere."""
        return float(sum(map(ord, "".join(sorted(self.commits[commit])))) % 7)

    def clash(self, onto: Content, head: Content) -> set[str]:
        """Return the tasks of `onto` that this head does not merge with."""
        theirs = {owner(patch) for patch in head - onto}
        ours = {owner(patch) for patch in onto - head}
        return {one for one in ours for two in theirs if frozenset((one, two)) in self.clashes}

    def predicted(
        self, line: Iterable[TaskId], pending: Iterable[TaskId], working: Iterable[TaskId]
    ) -> e.ConflictsPredicted:
        """Return who in line would conflict, and who waits for what others change; not always the truth."""
        asked = {tuple(sorted(pair)) for pair in (*combinations(line, 2), *product(pending, working))}
        pairs = {
            (a, b)
            for a, b in sorted(asked)
            if (frozenset((a, b)) in self.clashes) != (self.foresight.random() < 0.3)
        }
        return e.ConflictsPredicted(tuple(sorted(pairs)))

    def space(self) -> Space:
        """Return the disk, which somebody fills and empties now and then."""
        if self.weather.random() < 0.04:
            self.is_disk_full = not self.is_disk_full and not self.is_peaceful
        return Space("/disk", 1 << 40, 0 if self.is_disk_full else 1 << 39, start_bytes=1)

    def reading(self, at: float) -> Reading:
        """Return how busy the machine is, as moody as the weather; a busy one has no memory now and then."""
        chance = self.weather
        return Reading(
            at=at,
            idle=chance.choice((0.0, 0.1, 0.5, 1.0)),
            memory_bytes=chance.choice((0, 10, 10)),
            available_bytes=chance.randint(0, 10),
            demand=chance.choice((None, 0.0, 4.0)),
            cpu_pressure=chance.choice((None, 0.0, 99.0)),
            memory_pressure=chance.choice((None, 0.0, 0.0, 20.0)),
            memory_stall=chance.choice((None, 0.0, 0.0, 0.0, 20.0)),
        )

    def bill(self, state: RunState, at: float) -> e.AgentLimited | e.BudgetReached | None:
        """Return that an account must wait, or that a budget is used up, now and then."""
        chance = self.thrift
        if self.is_peaceful or chance.random() < 0.95:
            return None
        if chance.random() < 0.5:
            return e.AgentLimited("codex", "usage limit", chance.choice((None, at + 5.0, at + 60.0)))
        task = chance.choice([None, *state.tasks])
        budget = budget_of(state, task)
        return e.BudgetReached(task, Spent(budget.tokens)) if budget.tokens else None

    def notice(self, active: tuple[TaskId, ...]) -> e.AttemptNoticed | None:
        """Return what is seen of one that runs, now and then."""
        if not active or self.weather.random() < 0.9:
            return None
        attempt = e.AttemptId(self.weather.choice(active), 1)
        return e.AttemptNoticed(
            attempt,
            self.weather.choice(("", "silent: for 10 min", "swells: it holds 9 MiB", "waits for process 7")),
        )

    def call(self, active: tuple[TaskId, ...]) -> e.AttemptWaits | e.AttemptAnswered | None:
        """Return that one that runs calls a person, or is answered, now and then."""
        chance = self.calls
        if not active or chance.random() < 0.9:
            return None
        attempt = e.AttemptId(chance.choice(active), chance.choice((1, 1, 2)))
        said = chance.choice((None, "", "may I?", "and now?"))
        return e.AttemptAnswered(attempt) if said is None else e.AttemptWaits(attempt, said)

    def escape(self, begun: list[e.AttemptId]) -> e.AttemptEscaped | None:
        """Return that an attempt, over or not, was seen outside its worktree; often one that is landing."""
        landing = [attempt for attempt in begun if attempt.task in self.landing]
        if not begun or self.habits.is_kind or self.weather.random() < (0.9 if landing else 0.99):
            return None
        return e.AttemptEscaped(self.weather.choice(landing or begun), "was at work in your checkout")

    def moment(self, last: float) -> float:
        """Return when the next record is written, in seconds since the epoch; the last one was at `last`."""
        return max(last + 0.001, OPENED_AT + self.now) if self.places.known else last + 1

    # --- what is under way ---------------------------------------------------

    def later(
        self,
        delay: float,
        effect: f.Effect | None,
        act: Callable[[], e.AnyEvent | None],
        *,
        outlives: bool = False,
    ) -> None:
        """Have something done, and what it returns reported, after about this long."""
        slowness = self.rng.uniform(4.0, 20.0) if self.rng.random() < 0.1 else self.rng.uniform(0.2, 3.0)
        self.at(self.now + delay * slowness, act, effect, outlives=outlives)

    def at(
        self,
        moment: float,
        act: Callable[[], e.AnyEvent | None],
        effect: f.Effect | None = None,
        *,
        outlives: bool = False,
    ) -> None:
        """Have something done at a moment."""
        self._count += 1
        heapq.heappush(self.due, Due(moment, self._count, effect, act, outlives))

    def next_report(self) -> e.AnyEvent | None:
        """Let the next thing happen, and return what is reported of it."""
        due = heapq.heappop(self.due)
        self.now = max(self.now, due.at)
        report = due.act()
        if report is not None and self.places.known and not self.places.is_true(report):
            return None
        if report is not None and self.rng.random() < self.habits.twice and is_repeatable(report):
            self.later(2.0, None, lambda: report if self.is_last_word(report) else None)
        return report

    @property
    def landings(self) -> list[e.Landed]:
        """All that ever landed, undone since or not."""
        return [move for move in self.moves if isinstance(move, e.Landed)]

    @property
    def undone(self) -> list[e.LandingUndone]:
        """All that was ever taken back."""
        return [move for move in self.moves if isinstance(move, e.LandingUndone)]

    @property
    def is_landing(self) -> bool:
        """Whether a landing or an undo is in flight, or not all of it is reported."""
        return any(isinstance(due.effect, f.LandTrain | f.RollBackLanding) for due in self.due)

    @property
    def landing(self) -> frozenset[TaskId]:
        """The tasks of the landing that is in flight, or of which something is still to be reported."""
        under_way = (due.effect for due in self.due if isinstance(due.effect, f.LandTrain))
        return frozenset(link.task for effect in under_way for link in effect.links)

    def is_last_word(self, report: e.AnyEvent) -> bool:
        """Say whether nothing contrary was done to the target since: one commit may land, go, land."""
        if not isinstance(report, e.Landed | e.LandingUndone):
            return self.places.is_true(report)
        return next(move for move in reversed(self.moves) if move.commit == report.commit) == report

    def cancel(self, effect: f.Effect) -> None:
        """Call an effect off; a landing cannot be."""
        match effect:
            case f.LandTrain() | f.RollBackLanding():
                return
            case f.FreezeAttempt():
                self.held.discard(effect.attempt)
            case f.FreezeValidation() | f.FreezeProposal() | f.FreezeJudge():
                self.frozen.discard(effect)
            case f.RunAttempt() | f.StopAttempt():
                self.places.cancel(effect)
        if self.rng.random() >= self.habits.late:
            self.due = [due for due in self.due if due.effect != effect]
            heapq.heapify(self.due)

    def survive_crash(self) -> None:
        """Forget what only the engine's memory held; what runs, and git's last words, go on."""
        for due in sorted(self.due):
            if isinstance(due.effect, f.LandTrain | f.RollBackLanding) and self.rng.random() < 0.5:
                due.act()
        self.due = [due for due in self.due if due.outlives]
        heapq.heapify(self.due)
        self.held.clear()
        self.frozen.clear()
        self.returned.clear()
        for attempt, process in self.processes.items():
            is_here = process.outcome is None and not process.place
            if is_here and self.rng.random() < 0.2 * self.habits.failure:
                process.outcome = e.AttemptFailed(attempt, e.Failure(e.FailureKind.LOST, "lost"))
        self.places.engine_died()
        self.places.connect_all()

    def move_target(self) -> None:
        """Have somebody else commit to the target, or rewrite its history."""
        tip = self.target
        if self.rng.random() < self.habits.rewrite:
            tip = self.rng.choice(sorted(self.ancestors[tip]))
        self._count += 1
        patch = f"other{self._count % 3}." + ("fix" if self.rng.random() < 0.5 else "0")
        self.target = self.commit([tip], self.commits[tip] | {patch}, f"other {self._count}")

    def chance(self, probability: float) -> bool:
        """Toss a coin."""
        return self.rng.random() < probability

    # --- attempts

    def begin_process(self, attempt: e.AttemptId, base: Sha, *, may_fail: bool = True) -> Process:
        """Begin an attempt; what it begins with may be missing."""
        for other, process in self.processes.items():
            is_free = process.outcome is not None or other in self.places.given_up
            assert other.task != attempt.task or is_free, f"{attempt} begins while {other} runs"
        process = self.processes[attempt] = Process(base)
        if may_fail and self.chance(self.habits.failure * 0.2):
            failure = e.Failure(e.FailureKind.NOT_STARTED, "no worktree")
            process.outcome = e.AttemptFailed(attempt, failure)
        return process

    def end_process(self, attempt: e.AttemptId) -> Process:
        """End it; what had ended on its own meanwhile may still say so."""
        process = self.processes.setdefault(attempt, Process(Sha(""), e.AttemptStopped(attempt)))
        if process.outcome is None and self.chance(0.3):
            process.outcome = self.outcome_of(attempt, process)
        elif process.outcome is None or self.chance(0.5):
            process.outcome = e.AttemptStopped(attempt)
        return process

    def outcome_of(self, attempt: e.AttemptId, process: Process) -> Outcome:
        """Return how an attempt ends that nothing interrupts."""
        if self.chance(self.habits.failure):
            if sum(map(ord, str(attempt))) % 8 == 0:  # no chance: all others would come out differently
                return e.AttemptLimited(attempt, "its account has reached a limit")
            kinds = (e.FailureKind.EXIT, e.FailureKind.CHECK, e.FailureKind.TIMEOUT, e.FailureKind.LOST)
            kind = self.rng.choice(kinds)
            # apart from all other chances, as what was seen of a task before is as good as any
            kind = e.FailureKind.UNCOLLECTABLE if self.weather.random() < 0.2 else kind
            return e.AttemptFailed(attempt, e.Failure(kind, "it failed", 1))
        if self.is_check(attempt.task) or self.chance(self.habits.idle):
            # by name, as that is no chance
            took_s = 0.001 if sum(map(ord, attempt.task)) % 5 else 0.1
            return e.AttemptSucceeded(attempt, process.base, e.Used(wall_s=took_s))
        patch = f"{attempt.task}.{attempt.number}"
        if self.chance(self.habits.bad):
            self.bad.add(patch)
        content = self.commits[process.base] | {patch}
        return e.AttemptSucceeded(attempt, self.commit([process.base], content, patch))


def owner(patch: str) -> str:
    """Return who made a patch: a task, or `other<n>`."""
    return patch.rsplit(".", 1)[0]


def is_repeatable(report: e.AnyEvent) -> bool:
    """Say whether the world may say this twice; the target's moves are read, not remembered."""
    return not isinstance(report, e.TargetMoved)


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha1("\0".join(parts).encode()).hexdigest()[:12]
