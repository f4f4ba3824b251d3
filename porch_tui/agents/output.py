"""Reads what an agent prints: whether it failed by its own word, what it cost, how to continue it.

Agents exit with 0 although their account was refused, so the exit code alone says little. The output is
foreign: whatever is in it, reading it never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import chain
from typing import Any

import msgspec

from porch_tui.agents.preset import OutputFormat, Rule, Take
from porch_tui.core.model.agent_report import AgentReport, AgentUsage

LONGEST_LINE = 16 * 1024 * 1024
"""Bytes; what is longer is no record of an agent (the largest that were seen had 3 MB)."""
_TEXTS = ("session", "model", "message", "question", "error")
_AMOUNTS = ("input_tokens", "cached_tokens", "output_tokens", "cost_usd", "turns")
_SUFFIXES = {"k": 1_000, "m": 1_000_000}


class OutputReader:
    """Reads the output of one attempt as it comes, in pieces of any size."""

    def __init__(self, output: OutputFormat) -> None:
        self._output = output
        self._rest = b""
        self._amounts: dict[str, float] = {}
        self._texts: dict[str, str] = {}
        self._takes: dict[str | None, list[tuple[str, tuple[Take, ...]]]] = {}
        """What is looked for, by the type of a record."""
        self._pieces: dict[str, str] = {}
        """Texts that the next record may continue."""

    def feed(self, piece: bytes) -> None:
        """Read another piece."""
        self._rest += piece
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            self._read_line(line)
        if len(self._rest) > LONGEST_LINE:
            self._rest = b""

    def report(self) -> AgentReport:
        """Return what the output so far says."""
        counts = {
            name: round(self._amounts[name]) if name in self._amounts else None
            for name in ("input_tokens", "cached_tokens", "output_tokens", "turns")
        }
        usage = AgentUsage(**counts, cost_usd=self._amounts.get("cost_usd"))
        return AgentReport(usage, **self._texts)

    def _read_line(self, line: bytes) -> None:
        if self._output.format == "text":
            self.read(line.decode("utf-8", "replace"))
        elif line.startswith(b"{"):
            with suppress(msgspec.DecodeError, RecursionError, UnicodeDecodeError):  # else it is no record
                self.read(msgspec.json.decode(line))

    def read(self, record: Any) -> None:
        """Read a decoded record, or a line of text."""
        kind = kind_of(record)
        if (takes := self._takes.get(kind)) is None:
            takes = self._takes[kind] = self._takes_of(kind)
        pieces = self._pieces
        self._pieces = {}
        for name, ones in takes:
            for value in _values(ones, record):
                if isinstance(value, str) and any(one.is_piece for one in ones):
                    value = self._pieces[name] = pieces.get(name, "") + value  # noqa: PLW2901
                self._note(name, value)

    def _note(self, name: str, value: Any) -> None:
        if name == "done":
            self._texts.pop("error", None)
        elif name in _AMOUNTS:
            self._amounts[name] = self._amounts.get(name, 0) + _amount(value)
        elif isinstance(value, str | int) and str(value).strip():
            self._texts[name] = str(value).strip()

    def _takes_of(self, kind: str | None) -> list[tuple[str, tuple[Take, ...]]]:
        """Return the takes for records of a type, by what they tell."""
        found = []
        for name in (*_TEXTS, "done", *_AMOUNTS):
            if ones := tuple(one for one in getattr(self._output, name) if may_meet(one.when, kind)):
                found.append((name, ones))
        return found


def _values(takes: tuple[Take, ...], record: Any) -> Iterator[Any]:
    """Yield what the takes find in a record, or in a line of text."""
    for one in takes:
        if isinstance(record, str):
            if found := re.search(one.take, record):
                yield found[1] if found.re.groups else True
            continue
        if meets(one.when, record):
            yield from at(one.take, record) if one.take else (True,)


def meets(rule: Rule, record: Any) -> bool:
    """Say whether all that a rule names is found in a record."""
    return all(any(_is(value, found) for found in at(path, record)) for path, value in rule.items())


def kind_of(record: Any) -> str | None:
    """Return the type that a record names; None if it names none."""
    kind = record.get("type") if isinstance(record, dict) else None
    return kind if isinstance(kind, str) else None


def may_meet(rule: Rule, kind: str | None) -> bool:
    """Say whether a record of this type can meet a rule; most rules are for one type."""
    return kind is None or "type" not in rule or _is(rule["type"], kind)


def _is(expected: object, value: object) -> bool:
    if isinstance(expected, str) and expected.startswith("~"):
        return isinstance(value, str) and re.search(expected[1:], value) is not None
    return value == expected and isinstance(value, bool) == isinstance(expected, bool)


def at(path: str, value: Any) -> Sequence[Any]:
    """Return the values at a path; none if it leads nowhere."""
    found = [value]
    for key in _keys(path):
        if key == "*":
            groups = (
                one.values() if isinstance(one, dict) else one
                for one in found
                if isinstance(one, dict | list)
            )
            found = [*chain.from_iterable(groups)]
        else:
            found = [one[key] for one in found if isinstance(one, dict) and key in one]
    return found


@cache
def _keys(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def _amount(value: object) -> float:
    """Return a number, also one that is written for people (`2.4k`)."""
    if isinstance(value, bool):
        return 1
    if isinstance(value, int | float):
        return value
    found = re.fullmatch(r"([\d.,]+)\s*([kmKM]?)", str(value).strip())
    try:
        return float(found[1].replace(",", "")) * _SUFFIXES.get(found[2].lower(), 1) if found else 0
    except ValueError:
        return 0
