"""The fences of a plan: what `wrap` and `validate_wrap` name, and what they write themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from porch_tui.core.model.plan import BWRAP, CommandLine, Wrap
from porch_tui.planfile.keys.plan_keys import PlanDocument, WrapEntry
from porch_tui.planfile.text.mistakes import KeyPath, one_of, shown
from porch_tui.planfile.text.source import Source
from porch_tui.planfile.values.commands import check_program

NONE = "none"
PLACEHOLDERS = ("worktree", "git", "name")
_BRACED = re.compile(r"(?<![{$])\{([a-z_]+)\}(?!\})")
"""A word in single braces; programs have templates of their own, such as `{{.ID}}` or `${HOME}`."""
_WITH_RUN, _WITH_PRESET = ("end", "hold", "release"), ("writable", "network")


class Wraps:
    """Finds the wraps that a plan uses."""

    def __init__(self, document: PlanDocument, source: Source) -> None:
        self._source = source
        self._own = {name: self._wrap(name, entry) for name, entry in document.wraps.items()}

    def find(self, value: str | list[str] | UnsetType, path: KeyPath) -> Wrap | None:
        """Return what is written at `path`: a name, or a fence's own words; None for no fence."""
        if value is UNSET or value == NONE:
            return None
        if not isinstance(value, str):
            return Wrap("", self._words(path, value))
        if value in self._own:
            return self._own[value]
        written = self._source.written("wraps")
        if value == BWRAP and value not in written:
            return Wrap(BWRAP)
        if value not in written:
            known = [*written, *(one for one in (BWRAP, NONE) if one not in written)]
            near = self._source.found.near(value, known)
            self._source.refuse(path, f"found {shown(value)}; expected a wrap: {one_of(known)}{near}")
        return None

    def _wrap(self, name: str, entry: list[str] | WrapEntry) -> Wrap:
        path = ("wraps", name)
        if name == NONE:
            self._source.refuse_key(path, f"found '{NONE}', which means no fence; expected another name")
        if not isinstance(entry, WrapEntry):
            return Wrap(name, self._words(path, entry))
        written = self._source.written(*path)
        way = "run" if entry.run is not UNSET else "preset"
        if len(written & {"run", "preset"}) != 1:
            found = "both 'run' and 'preset'" if "run" in written else "neither 'run' nor 'preset'"
            self._source.refuse_key(path, f"found {found}; expected one of them")
        for key in sorted(written & {*(_WITH_PRESET if way == "run" else _WITH_RUN)}):
            needed = "preset" if way == "run" else "run"
            self._source.refuse((*path, key), f"found '{key}' with '{way}'; it belongs to '{needed}'")
        if len(written & {"hold", "release"}) == 1 or ("hold" in written and "end" not in written):
            self._source.refuse_key(
                path,
                "expected 'hold' and 'release' together, and with 'end': what is frozen must be ended too",
            )
        run, end, hold, release = (
            () if words is UNSET else self._words((*path, key), words)
            for key, words in (
                ("run", entry.run), ("end", entry.end), ("hold", entry.hold), ("release", entry.release),
            )
        )  # fmt: skip
        for at, place in enumerate(entry.writable):
            if not place.startswith(("/", "~/")):
                self._source.refuse(
                    (*path, "writable", at), f"found {shown(place)}; expected a path that begins with / or ~/"
                )
        return Wrap(name, run, end, hold, release, tuple(entry.writable), entry.network)

    def _words(self, path: KeyPath, words: Sequence[str]) -> CommandLine:
        if not words[0].strip() or _BRACED.search(words[0]):
            self._source.refuse((*path, 0), "expected the program of the fence as the first word")
        else:
            check_program(self._source, (*path, 0), words, "a fence")
        for at, word in enumerate(words):
            for name in _BRACED.findall(word):
                if name not in PLACEHOLDERS:
                    near = self._source.found.near(name, PLACEHOLDERS)
                    known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
                    text = f"found the placeholder {{{name}}}; expected only {known} in braces{near}"
                    self._source.refuse((*path, at), text)
        return tuple(words)
