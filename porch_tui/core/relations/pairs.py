"""How each two tasks of a plan are related: what the plan says and what they use, compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from math import comb

from msgspec import Struct

from porch_tui.core.files.facts import Facts
from porch_tui.core.files.folders import folders_above
from porch_tui.core.files.globs import WILD, may_meet
from porch_tui.core.model.plan import Kind, Plan, TaskId, shown
from porch_tui.core.model.wording import listed
from porch_tui.core.relations.coupling import Coupling
from porch_tui.core.relations.meeting import Mask, Meeting, Paths, in_order, places, rivals
from porch_tui.core.relations.relations import Cause, Evidence, Level, Pair, Quote, Relation
from porch_tui.core.relations.task_uses import Mention, TaskUses, names_of, task_uses
from porch_tui.core.tasks import graph
from porch_tui.core.uses.tool_calls import OWN_CACHE

LISTED_IN_FULL = 60
"""Plans of more tasks list only the pairs that are ordered or conflicting: 10,000 tasks have 50 million."""
MOST_LISTED = 20_000
"""More pairs than this are only counted: when all of 1,000 tasks use one port, those are half a million."""
MOST_EVIDENCE = 8
"""Of one pair."""

LineOf = Callable[[TaskId, str, int], int]
"""The line in the plan file of a task's key; the number is a line of a text that stands there, from 1."""


class SharedThing(Struct, frozen=True):
    """What worktrees do not separate, and the tasks that use it."""

    name: str
    tasks: tuple[TaskId, ...]


class Relations(Struct, frozen=True):
    """How the tasks of a plan are related."""

    pairs: tuple[Pair, ...]
    """In plan order; of more than `LISTED_IN_FULL` tasks those that are conflicting, or ordered directly."""
    counts: Mapping[Relation, int]
    """Of all pairs, listed or not."""
    shared: tuple[SharedThing, ...]
    """What at least two tasks use, if one of them changes it."""
    uses: tuple[TaskUses, ...] = ()
    """What each task uses, in plan order."""

    @property
    def left_out(self) -> int:
        """How many conflicting pairs are not listed, since there are too many."""
        listed_pairs = sum(pair.relation is Relation.CONFLICTING for pair in self.pairs)
        return self.counts[Relation.CONFLICTING] - listed_pairs


def relations(plan: Plan, facts: Facts | None = None, line_of: LineOf | None = None) -> Relations:
    """Return how each two tasks are related, each pair with its evidence, the strongest first."""
    return _Comparison(plan, facts or Facts(), line_of).relations()


class _Comparison:
    """A plan whose tasks are compared."""

    def __init__(self, plan: Plan, facts: Facts, line_of: LineOf | None) -> None:
        self._plan = plan
        self._facts = facts
        self._line_of = line_of
        self._tasks = task_uses(plan, facts)
        self._all: Mask = (1 << len(plan.tasks)) - 1
        self._earlier, self._later = in_order(plan)
        self._rivals = rivals(plan)
        self._lines = {spec.id: spec.line for spec in plan.tasks}
        self._plain = sum(1 << number for number, task in enumerate(self._tasks) if not task.reads)
        """The tasks that read nothing: two of them whose files meet both write."""
        self._meeting = Meeting(len(plan.tasks))
        self._files = Meeting(len(plan.tasks))
        """Who has to do with the files of whom."""
        self._folders: frozenset[str] | None = None
        self._shared = self._compare()
        self._coupling = Coupling(facts)

    def relations(self) -> Relations:
        return Relations(tuple(self._listed()), self._counts(), self._shared, self._tasks)

    def _compare(self) -> tuple[SharedThing, ...]:
        self._meeting.locks(self._plan)
        shared = self._meeting.groups(self._tasks, lambda task: task.shared)
        outside, changed_outside, written, read = Paths(), Paths(), Paths(), Paths()
        for number, task in enumerate(self._tasks):
            for one in task.writes:
                written.add(one.use.name, number)
            for one in task.reads:
                read.add(one.use.name, number)
            for one in task.outside:
                outside.add(one.use.name, number)
                if one.use.writes:
                    changed_outside.add(one.use.name, number)
        changed_outside.relate(self._meeting, outside)
        outside.relate(self._meeting, changed_outside)  # what is changed may be a folder above
        for paths in (written, read):
            paths.relate(self._files, written)
        self._confirm_files()
        shared |= self._meeting_outside()
        ids = [spec.id for spec in self._plan.tasks]
        return tuple(
            SharedThing(name, tuple(ids[number] for number in places(mask)))
            for name, mask in shared.items()
            if mask & (mask - 1)
        )

    def _meeting_outside(self) -> dict[str, Mask]:
        found: dict[str, Mask] = {}
        for number, task in enumerate(self._tasks):
            for one in task.outside:
                found[one.use.name] = found.get(one.use.name, 0) | 1 << number
        changed = {one.use.name for task in self._tasks for one in task.outside if one.use.writes}
        return {f"the file {name}": mask for name, mask in found.items() if name in changed}

    def _confirm_files(self) -> None:
        """Relate those whose files meet in a way that counts."""
        for number, task in enumerate(self._tasks):
            mask = self._files.with_[number] & ~((1 << (number + 1)) - 1) & ~self._rivals[number]
            if not mask:
                continue
            if self._plain >> number & 1:
                plain = mask & self._plain
                self._meeting.relate(1 << number, plain)
                mask &= ~plain
            for other in places(mask):
                if self._has_file_evidence(task, self._tasks[other]):
                    self._meeting.relate(1 << number, 1 << other)

    def _has_file_evidence(self, a: TaskUses, b: TaskUses) -> bool:
        return next(self._overlaps(a, b), None) is not None or next(self._read_by(a, b), None) is not None

    # which pairs, and how many

    def _counts(self) -> dict[Relation, int]:
        size = len(self._tasks)
        kinds: dict[tuple[bool, bool, bool, bool], Mask] = {}
        for number, task in enumerate(self._tasks):
            kind = _knowledge(task)
            kinds[kind] = kinds.get(kind, 0) | 1 << number
        clear = {kind: sum(mask for other, mask in kinds.items() if _is_clear(kind, other)) for kind in kinds}
        ordered = sum(mask.bit_count() for mask in self._earlier)
        conflicting = independent = 0
        for number, task in enumerate(self._tasks):
            apart = self._all & ~self._earlier[number] & ~self._later[number] & ~(1 << number)
            related = self._meeting.with_[number] & apart
            conflicting += related.bit_count()
            known = clear[_knowledge(task)] | self._rivals[number]
            independent += (known & apart & ~related).bit_count()
        rest = comb(size, 2) - ordered - conflicting // 2 - independent // 2
        return {
            Relation.ORDERED: ordered,
            Relation.CONFLICTING: conflicting // 2,
            Relation.INDEPENDENT: independent // 2,
            Relation.UNKNOWN: rest,
        }

    def _listed(self) -> Iterator[Pair]:
        is_full = len(self._tasks) <= LISTED_IN_FULL
        place = {spec.id: number for number, spec in enumerate(self._plan.tasks)}
        direct = [0] * len(self._tasks)
        for task, after in graph.after_of(self._plan.tasks).items():
            for earlier in after:
                direct[place[task]] |= 1 << place[earlier]
                direct[place[earlier]] |= 1 << place[task]
        count = 0
        for number in range(len(self._tasks)):
            ahead = self._all & ~((1 << (number + 1)) - 1)
            in_order = self._earlier[number] | self._later[number]
            mask = ahead if is_full else ahead & (direct[number] | self._meeting.with_[number] & ~in_order)
            for other in places(mask):
                yield self._pair(number, other)
                count += 1
                if count >= MOST_LISTED:
                    return

    # the evidence of one pair

    def _pair(self, number: int, other: int) -> Pair:
        a, b = self._tasks[number], self._tasks[other]
        found = list(self._order(number, other))
        if self._meeting.with_[number] >> other & 1:
            found += self._common(a, b, are_rivals=bool(self._rivals[number] >> other & 1))
        found = sorted(found, key=lambda one: one.cause is not Cause.ORDER)[:MOST_EVIDENCE]
        cautions = tuple(self._cautions(a, b))
        if found:
            is_ordered = found[0].cause is Cause.ORDER
            relation = Relation.ORDERED if is_ordered else Relation.CONFLICTING
            return Pair(a.spec.id, b.spec.id, relation, (*found, *cautions))
        return self._unrelated(a, b, cautions)

    def _order(self, number: int, other: int) -> Iterator[Evidence]:
        for earlier, later in ((number, other), (other, number)):
            if self._earlier[later] >> earlier & 1:
                first, second = self._plan.tasks[earlier].id, self._plan.tasks[later]
                quote = Quote(
                    second.id,
                    listed((*second.after, *second.after_hypotheses)),
                    "after",
                    line=self._line(second.id, "after", 1),
                )
                text = f"{second.id} comes after {first}"
                yield Evidence(Level.DECLARED, Cause.ORDER, text, quotes=(quote,))

    def _common(self, a: TaskUses, b: TaskUses, *, are_rivals: bool) -> Iterator[Evidence]:
        if not are_rivals:
            yield from self._overlaps(a, b)
        for lock in sorted(set(a.spec.locks) & set(b.spec.locks)):
            quotes = tuple(
                Quote(one.spec.id, lock, "locks", line=self._line(one.spec.id, "locks", 1)) for one in (a, b)
            )
            yield Evidence(Level.DECLARED, Cause.LOCK, f"both hold the lock {lock}", lock, quotes)
        if not are_rivals:
            yield from self._read_by(a, b)
        mine, theirs = names_of(a.shared), names_of(b.shared)
        for name in mine.keys() & theirs.keys():
            if mine[name].use.writes or theirs[name].use.writes:
                yield self._both_use(a, b, mine[name], theirs[name], name)
        for one, another in product(names_of(a.outside).values(), names_of(b.outside).values()):
            if (one.use.writes or another.use.writes) and may_meet(one.use.name, another.use.name):
                name = max(one.use.name, another.use.name, key=len)
                yield self._both_use(a, b, one, another, f"the file {name}")

    def _both_use(self, a: TaskUses, b: TaskUses, mine: Mention, theirs: Mention, name: str) -> Evidence:
        quotes = self._quote(a, mine), self._quote(b, theirs)
        level = Level.DECLARED if Level.TEXT not in (mine.level, theirs.level) else Level.TEXT
        verb = "take" if name.startswith("migration number") else "use"
        article = "" if name.startswith(("the ", "git ", "what ", "everything ")) else "the "
        return Evidence(level, Cause.SHARED_STATE, f"both {verb} {article}{name}", name, quotes)

    def _overlaps(self, a: TaskUses, b: TaskUses) -> Iterator[Evidence]:
        seen: set[str] = set()
        for mine, theirs in product(a.writes, b.writes):
            one, another = mine.use.name, theirs.use.name
            if not may_meet(one, another):
                continue
            thing = another if WILD.search(one) else one
            if thing in seen:
                continue
            seen.add(thing)
            is_declared = mine.level is theirs.level is Level.DECLARED
            says = "say they write" if is_declared else "write"
            text = (
                f"both {says} {one}"
                if one == another
                else f"{a.spec.id} writes {one}, {b.spec.id} writes {another}"
            )
            level = Level.DECLARED if is_declared else Level.TEXT
            yield Evidence(level, Cause.OVERLAP, text, thing, (self._quote(a, mine), self._quote(b, theirs)))

    def _read_by(self, a: TaskUses, b: TaskUses) -> Iterator[Evidence]:
        """Yield what one reads and the other, whose work is merged, writes."""
        for producer, consumer in ((a, b), (b, a)):
            own = [one.use.name for one in consumer.writes]
            for mine, theirs in product(producer.writes, consumer.reads):
                path = theirs.use.name
                if path in own or not may_meet(mine.use.name, path) or not self._is_awaited(mine, theirs):
                    continue
                text = f"{consumer.spec.id} reads {path}, which {producer.spec.id} writes"
                quotes = self._quote(producer, mine), self._quote(consumer, theirs)
                yield Evidence(Level.TEXT, Cause.READS, text, path, quotes)

    def _is_awaited(self, written: Mention, read: Mention) -> bool:
        """Say whether a reader needs what is written: it is not there yet, or it is made into something."""
        if not self._exists(read.use.name):
            return not WILD.search(read.use.name) and "." in read.use.name
        return read.use.is_input and not WILD.search(written.use.name)

    def _exists(self, path: str) -> bool:
        """Say whether a path is there at the base; if nothing is known of that, it is."""
        sizes = self._facts.sizes
        if not sizes or path in sizes:
            return True
        if self._folders is None:
            self._folders = frozenset(folder for name in sizes for folder in folders_above(name))
        return path in self._folders

    def _cautions(self, a: TaskUses, b: TaskUses) -> Iterator[Evidence]:
        if Kind.CHECK in (a.spec.kind, b.spec.kind):
            return
        for level, cause, text, thing, mine, theirs in self._coupling.between(a, b):
            quotes = tuple(
                self._quote(task, one) for task, one in ((a, mine), (b, theirs)) if one is not None
            )
            yield Evidence(level, cause, text, thing, quotes, is_caution=True)

    def _unrelated(self, a: TaskUses, b: TaskUses, cautions: tuple[Evidence, ...]) -> Pair:
        if a.spec.of is not None and a.spec.of == b.spec.of:
            known = Evidence(Level.DECLARED, Cause.RIVALS, f"at most one theory of {a.spec.of} is merged")
            return Pair(a.spec.id, b.spec.id, Relation.INDEPENDENT, (known,))
        if _is_clear(_knowledge(a), _knowledge(b)):
            return Pair(a.spec.id, b.spec.id, Relation.INDEPENDENT, (self._independence(a, b), *cautions))
        mystery = [one for one in (a, b) if not one.is_understood and not one.is_declared]
        return Pair(a.spec.id, b.spec.id, Relation.UNKNOWN, (self._mystery(mystery), *cautions))

    def _mystery(self, tasks: list[TaskUses]) -> Evidence:
        texts = []
        for task in tasks:
            if task.spec.agent is not None:
                texts.append(f"{task.spec.id} declares no paths")
            else:
                why = " and ".join(tuple(dict.fromkeys(task.opaque))[:2])
                texts.append(f"{task.spec.id} declares no paths, and it is not known {why}")
        quotes = tuple(self._what_it_runs(task) for task in tasks)
        return Evidence(Level.TEXT, Cause.NOTHING_KNOWN, "; ".join(texts), quotes=quotes)

    def _independence(self, a: TaskUses, b: TaskUses) -> Evidence:
        if a.is_declared and b.is_declared:
            quotes = tuple(self._quote(one, one.writes[0]) for one in (a, b))
            return Evidence(
                Level.DECLARED, Cause.DISJOINT, "the paths they declare do not meet", quotes=quotes
            )
        quotes = tuple(
            self._quote(one, one.writes[0]) if one.is_declared else self._what_it_runs(one) for one in (a, b)
        )
        if Kind.CHECK in (a.spec.kind, b.spec.kind):
            text = "a check merges nothing, and nothing they use is shared"
            return Evidence(Level.TEXT, Cause.CHECK, text, quotes=quotes)
        return Evidence(
            Level.TEXT, Cause.DISJOINT, "all they write is known, and it does not meet", quotes=quotes
        )

    def _what_it_runs(self, task: TaskUses) -> Quote:
        spec = task.spec
        key = "run" if spec.agent is None else "prompt"
        text = shown(spec.command) if spec.agent is None else " ".join(spec.prompt.split())[:200]
        return Quote(spec.id, text, key, line=self._line(spec.id, key, 1))

    def _quote(self, task: TaskUses, mention: Mention) -> Quote:
        use, spec = mention.use, task.spec
        text = " ".join(use.quote.split())
        if use.file:
            return Quote(spec.id, text, mention.key, use.file, use.line)
        return Quote(spec.id, text, mention.key, line=self._line(spec.id, mention.key, use.line))

    def _line(self, task: TaskId, key: str, line: int) -> int:
        if self._line_of is not None:
            return self._line_of(task, key, line)
        return self._lines[task]


def _knowledge(task: TaskUses) -> tuple[bool, bool, bool, bool]:
    """Return what is known of a task: understood, declared, a check; it uses nothing beside its files."""
    is_check = task.spec.kind is Kind.CHECK
    # who empties a tool's cache says so
    others = [one for one in task.shared if one.use.writes or not one.use.name.startswith(OWN_CACHE)]
    return task.is_understood, task.is_declared, is_check, not (others or task.outside)


def _is_clear(one: tuple[bool, bool, bool, bool], other: tuple[bool, bool, bool, bool]) -> bool:
    """Say whether enough is known of two tasks to call them independent, when nothing relates them."""
    both_known = (one[0] or one[1]) and (other[0] or other[1])
    is_closed = (one[0] and one[3]) or (other[0] and other[3])
    return (both_known or one[2] or other[2]) and (both_known or is_closed)
