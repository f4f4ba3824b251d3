"""Reads what an agent prints: whether it failed by its own word, what it cost, how to continue it.

Agents exit with 0 although their account was refused, so the exit code alone says little. The output is
foreign: whatever is in it, reading it never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Any

import msgspec

from porch_tui.agents.preset import OutputFormat, Take
from porch_tui.core.model.agent_report import AgentReport, AgentUsage

LONGEST_LINE = 16 * 1024 * 1024
"""Bytes; what is longer is no record of an agent (the largest that were seen had 3 MB)."""
_SUFFIXES = {"k": 1_000, "m": 1_000_000}


class OutputReader:
    """Reads the output of one attempt as it comes, in pieces of any size."""

    def __init__(self, output: OutputFormat) -> None:
        self._output = output
        self._rest = b""
        self._amounts: dict[str, float] = {}
        self._texts: dict[str, str] = {}

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
            self._read(line.decode("utf-8", "replace"))
        elif line.startswith(b"{"):
            with suppress(msgspec.DecodeError, RecursionError, UnicodeDecodeError):  # else it is no record
                self._read(msgspec.json.decode(line))

    def _read(self, record: Any) -> None:
        output = self._output
        for name in ("session", "model", "message", "error"):
            for value in _values(getattr(output, name), record):
                if isinstance(value, str | int) and str(value).strip():
                    self._texts[name] = str(value).strip()
        if any(True for _ in _values(output.done, record)):
            self._texts.pop("error", None)
        for name in ("input_tokens", "cached_tokens", "output_tokens", "cost_usd", "turns"):
            for value in _values(getattr(output, name), record):
                self._amounts[name] = self._amounts.get(name, 0) + _amount(value)


def _values(takes: tuple[Take, ...], record: Any) -> Iterator[Any]:
    """Yield what the takes find in a record, or in a line of text."""
    for one in takes:
        if isinstance(record, str):
            if found := re.search(one.take, record):
                yield found[1] if found.re.groups else True
            continue
        if all(any(_is(value, found) for found in _at(path, record)) for path, value in one.when.items()):
            yield from _at(one.take, record) if one.take else (True,)


def _is(expected: object, value: object) -> bool:
    if isinstance(expected, str) and expected.startswith("~"):
        return isinstance(value, str) and re.search(expected[1:], value) is not None
    return value == expected and isinstance(value, bool) == isinstance(expected, bool)


def _at(path: str, value: Any) -> Iterator[Any]:
    """Yield the values at a path; none if it leads nowhere."""
    key, _, rest = path.partition(".")
    found: Iterable[Any] = ()
    if isinstance(value, dict):
        found = value.values() if key == "*" else [value[key]] if key in value else ()
    elif isinstance(value, list) and key == "*":
        found = value
    yield from chain.from_iterable(_at(rest, one) for one in found) if rest else found


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
