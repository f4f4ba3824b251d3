"""The places of a plan: what `place`, `validate_on` and --on name, and the entries of `places`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import UNSET, UnsetType

from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import HERE, HERE_WORD, PlaceName, PlaceSpec, Scheme
from porch_tui.core.model.plan import CommandLine, Plan
from porch_tui.planfile.keys.place_keys import PlaceEntry
from porch_tui.planfile.keys.plan_keys import PlanDocument
from porch_tui.planfile.text.mistakes import KeyPath, shown
from porch_tui.planfile.text.source import Source
from porch_tui.planfile.values.commands import check_program
from porch_tui.planfile.values.place_text import BATCH, DASK, NoPlace, place_at, suggestions
from porch_tui.planfile.values.value_parsing import seconds

ON_THIS_MACHINE, ANYWHERE = "here", "any"
"""What `validate_on` says besides places."""
RESERVED = {HERE_WORD, ON_THIS_MACHINE, ANYWHERE, "local", "ssh", *DASK, *BATCH}
"""Names that no entry of `places` may have."""
SHORTEST_LEASE_S = 10.0
"""A connection that hangs is noticed within that time; a lease must not be over before."""

_BRACED = re.compile(r"(?<![{$])\{([a-z_]+)\}(?!\})")
"""A word in single braces; programs have templates of their own, such as `{{.ID}}` or `${HOME}`."""
_NAME = "name"
_COMMANDS = ("up", "run", "down")


class Places:
    """Finds the places that a plan uses."""

    def __init__(self, document: PlanDocument, source: Source) -> None:
        self._source = source
        self._targets: dict[tuple[Scheme, str], PlaceName] = {}
        """By what each is, its name: one place has one name."""
        self._own: dict[str, PlaceSpec | None] = {}
        for name, entry in document.places.items():
            self._own[name] = self._entry(name, entry)
        self._used: dict[PlaceName, PlaceSpec] = {}

    def find(
        self, value: str | list[str] | UnsetType, path: KeyPath, *words_besides: str
    ) -> tuple[PlaceName, ...]:
        """Return the names of the places that are written at `path`; mistakes go to the source.

        `words_besides` may be meant by a word that is no place.
        """
        words = [] if value is UNSET else [value] if isinstance(value, str) else value
        found: list[PlaceName] = []
        for at, word in enumerate(words):
            here = path if isinstance(value, str) else (*path, at)
            spec = self._named(word, here, words_besides)
            if spec is None:
                continue
            if spec.name in found:
                self._source.refuse(here, f"found {shown(word)} twice; expected each place once")
                continue
            found.append(spec.name)
            self._used[spec.name] = spec
        return tuple(found)

    def for_validations(
        self, value: str | list[str], *, runs_hooks: bool, asks_for_history: bool
    ) -> tuple[PlaceName, ...] | None:
        """Return where validations run; None: on this machine, the only place.

        `any` means there and on every place that is used.

        Hooks are on the engine's machine only, and so is then what they are part of. So are tags and
        branches: what asks git for more than one commit goes elsewhere only where that is said.
        """
        path: KeyPath = ("validate_on",)
        if value == ANYWHERE:
            if not self._are_others:
                return None
            if runs_hooks or asks_for_history:
                return (HERE,)
            return (HERE, *(name for name in self._used if name != HERE))
        if isinstance(value, str):
            found = self.find(
                HERE_WORD if value == ON_THIS_MACHINE else value, path, ON_THIS_MACHINE, ANYWHERE
            )
        elif ANYWHERE in value:
            text = f"found '{ANYWHERE}' among places; expected it alone, or only places"
            self._source.refuse((*path, value.index(ANYWHERE)), text)
            return None
        else:
            found = self.find([HERE_WORD if word == ON_THIS_MACHINE else word for word in value], path)
        if runs_hooks and set(found) - {HERE}:
            text = "found other places with hooks: run; expected here, the only machine that has your hooks"
            self._source.refuse(path, text)
        return found

    def used(self, tasks_on: Iterable[PlaceName]) -> tuple[PlaceSpec, ...]:
        """Return the places that are named, and the engine's machine if a task may run there.

        None if that is the only one, and nothing is said of it.
        """
        is_here = HERE in tasks_on
        found = tuple(spec for spec in self._used.values() if is_here or spec.name != HERE)
        return () if found == (PlaceSpec(HERE, Scheme.HERE),) else found

    @property
    def _are_others(self) -> bool:
        return any(name != HERE for name in self._used)

    def _named(self, word: str, path: KeyPath, besides: Sequence[str]) -> PlaceSpec | None:
        names = self._source.written("places")
        if word in names:
            return self._own.get(word)  # None: what is written there is wrong
        try:
            spec = place_at(word)
        except NoPlace as why:
            near = self._source.found.near(word, suggestions(word, [*names, *besides]))
            if not near and re.fullmatch(r"[\w.-]+", word):
                near = f"; for a host write ssh:{word}"
            self._source.refuse(path, f"found {shown(word)}{why}{near}")
            return None
        return spec if self._is_one(spec, path, word) else None

    def _is_one(self, spec: PlaceSpec, path: KeyPath, word: str) -> bool:
        """Note that a place has another name already, and say whether it has none."""
        address = spec.address.partition("//")[2] if spec.scheme is Scheme.DASK else spec.address
        known = self._targets.setdefault((spec.scheme, address.lower()), spec.name)
        if known != spec.name:
            what = f"which is '{known}' in 'places'" if known in self._own else f"the same place as '{known}'"
            self._source.refuse(path, f"found {shown(word)}, {what}; expected one name for it")
        return known == spec.name

    def _entry(self, name: str, entry: str | PlaceEntry) -> PlaceSpec | None:
        path = ("places", name)
        if name == HERE_WORD and isinstance(entry, PlaceEntry):
            return self._this_machine(entry, path)
        if name in RESERVED:
            text = f"found '{name}', which means something already; expected another name"
            self._source.refuse_key(path, text)
            return None
        if isinstance(entry, str):
            return self._at(name, entry, path)
        written = self._source.written(*path)
        if written - {*PlaceEntry.__struct_fields__}:
            return None  # a key is misspelt
        if len(written & {"at", "run"}) != 1:
            found = "both 'at' and 'run'" if "at" in written else "neither 'at' nor 'run'"
            self._source.refuse_key(path, f"found {found}; expected one of them")
            return None
        if entry.at is not UNSET:
            for key in sorted(written & {"up", "down"}):
                self._source.refuse((*path, key), f"found '{key}' with 'at'; it belongs to 'run'")
            spec = self._at(name, entry.at, (*path, "at"))
        else:
            if "down" in written and "up" not in written:
                text = "found 'down' without 'up'; porch takes away only what it has made"
                self._source.refuse((*path, "down"), text)
            up, run, down = (self._words((*path, key), getattr(entry, key)) for key in _COMMANDS)
            spec = PlaceSpec(PlaceName(name), Scheme.PIPE, up=up, run=run, down=down)
        if spec is None:
            return None
        return self._with_details(replace(spec, lease_s=self._lease(entry, path)), entry, path)

    def _this_machine(self, entry: PlaceEntry, path: KeyPath) -> PlaceSpec:
        for key in sorted(self._source.written(*path) & {"at", "run", "up", "down", "lease"}):
            text = f"found '{key}' of {HERE_WORD}, which is this machine; expected only 'slots' and 'has'"
            self._source.refuse_key((*path, key), text)
        return self._with_details(PlaceSpec(HERE, Scheme.HERE), entry, path)

    def _with_details(self, spec: PlaceSpec, entry: PlaceEntry, path: KeyPath) -> PlaceSpec:
        slots = None if entry.slots is UNSET else entry.slots
        has = tuple(dict.fromkeys(entry.has))
        return replace(spec, slots=slots, has=has, line=self._source.line_of(path))

    def _at(self, name: str, text: str, path: KeyPath) -> PlaceSpec | None:
        if text == HERE_WORD:
            self._source.refuse(
                path, f"found {HERE_WORD}, this machine, which has no other name; leave it out"
            )
            return None
        try:
            spec = place_at(text)
        except NoPlace as why:
            near = self._source.found.near(text, suggestions(text, ()))
            self._source.refuse(path, f"found {shown(text)}{why}{near}")
            return None
        spec = replace(spec, name=PlaceName(name), line=self._source.line_of(path))
        return spec if self._is_one(spec, path, text) else None

    def _lease(self, entry: PlaceEntry, path: KeyPath) -> float | None:
        if entry.lease is UNSET:
            return None
        lease_s = seconds(entry.lease)
        if lease_s < SHORTEST_LEASE_S:
            text = f"found {entry.lease}, after which a short outage would end all work there; expected"
            self._source.refuse((*path, "lease"), f"{text} {SHORTEST_LEASE_S:g}s or more")
        return lease_s

    def _words(self, path: KeyPath, words: Sequence[str] | UnsetType) -> CommandLine:
        if words is UNSET:
            return ()
        if _BRACED.search(words[0]):
            self._source.refuse((*path, 0), "expected a program as the first word")
        else:
            check_program(self._source, (*path, 0), words, "a command")
        for at, word in enumerate(words):
            for name in _BRACED.findall(word):
                if name != _NAME:
                    near = self._source.found.near(name, (_NAME,))
                    text = f"found the placeholder {{{name}}}; expected only {{{_NAME}}} in braces{near}"
                    self._source.refuse((*path, at), text)
        return tuple(words)


def with_interactive_here(plan: Plan) -> Plan:
    """Return a plan whose interactive tasks run on the engine's machine, if they may run there at all.

    On others no one can type into them.
    """
    tasks = [
        replace(task, place=(HERE,)) if task.is_interactive and HERE in plan.places_of(task) else task
        for task in plan.tasks
    ]
    return replace(plan, tasks=tuple(tasks)) if plan.runs_elsewhere else plan


def with_programs(plan: Plan) -> Plan:
    """Return a plan whose tasks need the programs of their agents and fences too, if they may run elsewhere.

    On the engine's machine these are looked for before a run begins.
    """
    if not plan.runs_elsewhere:
        return plan
    tasks = []
    for task in plan.tasks:
        agent = plan.agent_of(task)
        words = (*(agent.command[:1] if agent else ()), *(task.wrap.programs if task.wrap else ()))
        programs = [word for word in words if "/" not in word]
        is_only_here = {*plan.places_of(task)} == {HERE}
        needs = task.needs if is_only_here else tuple(dict.fromkeys((*task.needs, *programs)))
        tasks.append(task if needs == task.needs else replace(task, needs=needs))
    return replace(plan, tasks=tuple(tasks))
