"""What each task of a plan uses: by its declared paths, its commands and the scripts they run, its prompt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from porch_tui.core.files.facts import Facts
from porch_tui.core.model.plan import CommandLine, Isolation, Kind, Plan, TaskSpec
from porch_tui.core.relations.relations import Level
from porch_tui.core.uses.calls import Area, Use
from porch_tui.core.uses.databases import numbered_migration
from porch_tui.core.uses.file_calls import LITTER
from porch_tui.core.uses.walk import read_command


class Mention(Struct, frozen=True):
    """A use, and where the task says so."""

    use: Use
    level: Level
    key: str
    """Of the plan: `paths`, `run`, `prompt`, `checks` or `setup`."""


class TaskUses(Struct, frozen=True):
    """What is known of a task before it runs."""

    spec: TaskSpec
    writes: tuple[Mention, ...]
    """Paths that would be merged; none of a check's."""
    reads: tuple[Mention, ...]
    """Paths of the repository."""
    outside: tuple[Mention, ...]
    """Paths that are the same for all tasks."""
    shared: tuple[Mention, ...]
    """What else the machine has once."""
    opaque: tuple[str, ...]
    """What is not known of its commands, as `what frobnicate does`; an agent's name stands for it."""

    @property
    def is_understood(self) -> bool:
        """Whether all it writes is known from its commands."""
        return not self.opaque

    @property
    def is_declared(self) -> bool:
        """Whether the plan says what it will write."""
        return self.spec.kind is not Kind.CHECK and bool(self.spec.paths)


class Read(Struct, frozen=True):
    """What a command was found to use."""

    uses: tuple[Use, ...]
    opaque: tuple[str, ...]
    unread: frozenset[str]


class Reader:
    """Reads the commands of a plan; one that several tasks have is read once."""

    def __init__(self, plan: Plan, facts: Facts) -> None:
        self._plan = plan
        self._facts = facts
        self._read: dict[CommandLine, Read] = {}

    def task(self, spec: TaskSpec) -> TaskUses:
        """Return what a task uses."""
        mentions, opaque = list(self._mentions(spec)), tuple(self._opaque(spec))
        is_merged = spec.kind is not Kind.CHECK
        is_clone = spec.isolation is Isolation.CLONE
        writes, reads, outside, shared = list[Mention](), list[Mention](), list[Mention](), list[Mention]()
        for one in mentions:
            use = one.use
            if use.area is Area.OUTSIDE:
                outside.append(one)
            elif use.area is not Area.FILE:
                if not (use.area is Area.GIT and is_clone):
                    shared.append(one)
            elif one.key in ("setup", "checks") or LITTER.search(use.name):
                continue
            elif not use.writes:
                reads.append(one)
            elif is_merged:
                writes.append(one)
                if number := numbered_migration(use.name):
                    same = Use(Area.STATE, number, True, use.quote, use.file, use.line)
                    shared.append(Mention(same, one.level, one.key))
        return TaskUses(spec, tuple(writes), tuple(reads), tuple(outside), tuple(shared), opaque)

    def unread(self, spec: TaskSpec) -> frozenset[str]:
        """Return the files whose texts would say more."""
        found = frozenset[str]().union(*(self._of(command).unread for _, command in self._commands(spec)))
        return found.difference(self._facts.scripts)

    def _commands(self, spec: TaskSpec) -> Iterator[tuple[str, CommandLine]]:
        yield from (("setup", command) for command in self._plan.setup)
        if spec.agent is None:
            yield "run", spec.command
        yield from (("checks", command) for command in spec.checks)

    def _mentions(self, spec: TaskSpec) -> Iterator[Mention]:
        if spec.kind is not Kind.CHECK:
            for path in spec.paths:
                yield Mention(Use(Area.FILE, path, True, path), Level.DECLARED, "paths")
        if spec.agent is not None:
            from porch_tui.core.uses.prompts import Known, read_prompt  # not needed for commands

            for use in read_prompt(spec.prompt, Known(self._facts.sizes, self._facts.definitions)):
                yield Mention(use, Level.TEXT, "prompt")
        for key, command in self._commands(spec):
            for use in self._of(command).uses:
                yield Mention(use, Level.TEXT, key)

    def _opaque(self, spec: TaskSpec) -> Iterator[str]:
        if spec.agent is not None:
            yield spec.agent
        else:
            yield from self._of(spec.command).opaque

    def _of(self, command: CommandLine) -> Read:
        found = self._read.get(command)
        if found is None:
            found = _read_alone(command, self._plan.env)
            if not found.unread.isdisjoint(self._facts.scripts):
                found = _read(command, dict(self._plan.env), self._facts.scripts)
            self._read[command] = found
        return found


@lru_cache(maxsize=20_000)  # a plan is read once for the scripts it needs, and once with their texts
def _read_alone(command: CommandLine, variables: tuple[tuple[str, str], ...]) -> Read:
    """Return what a command uses as far as it says so itself."""
    return _read(command, dict(variables), {})


def _read(command: CommandLine, variables: Mapping[str, str], texts: Mapping[str, str]) -> Read:
    uses = read_command(command, variables, texts)
    return Read(tuple(uses.found.values()), tuple(uses.opaque), frozenset(uses.unread))


def task_uses(plan: Plan, facts: Facts) -> tuple[TaskUses, ...]:
    """Return what each task uses, in plan order."""
    reader = Reader(plan, facts)
    return tuple(reader.task(spec) for spec in plan.tasks)


def wanted_texts(plan: Plan, facts: Facts) -> frozenset[str]:
    """Return the tracked files whose texts would say more of the commands, and are not among the facts."""
    reader = Reader(plan, facts)
    found = frozenset[str]().union(*map(reader.unread, plan.tasks))
    return found & facts.sizes.keys()


def wanted_symbols(plan: Plan) -> frozenset[str]:
    """Return the names in prompts that may be functions or classes of the repository."""
    from porch_tui.core.uses.prompts import symbols_in

    return frozenset[str]().union(*(symbols_in(spec.prompt) for spec in plan.tasks if spec.agent))


def names_of(mentions: Iterable[Mention]) -> Mapping[str, Mention]:
    """Return mentions by what they mention; one that writes counts for one that reads."""
    found: dict[str, Mention] = {}
    for one in mentions:
        if one.use.name not in found or (one.use.writes and not found[one.use.name].use.writes):
            found[one.use.name] = one
    return found
