"""An agent's output as a person reads it: what it says and runs, what came of that, what it used.

Agents that print records print one JSON document for each step they take. The `show` rules of a preset say
what a record means to a person, and `hide` lists those that say nothing new. What no rule knows stays as it
is: an error that porch does not understand is shown like any other line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import Any

import msgspec
from msgspec import Struct

from porch_tui.agents.output import LONGEST_LINE, OutputReader, at, kind_of, may_meet, meets
from porch_tui.agents.preset import OutputFormat, Rule, Show, output_of
from porch_tui.core.model.agent_report import AgentUsage
from porch_tui.core.model.plan import Agent

STEP = b"-- porch: "
"""Begins the line with which the shim announces a step, if there are several."""
RUN_STEP = STEP + b"run:"

LONGEST_SHOWN = 2000
"""Characters of a line."""
RESULT_HEAD, RESULT_TAIL = 3, 5
"""Lines that are shown of a longer result."""
_PLACE = re.compile(r"\{([^{}]+)\}")
_TELLING = ("command", "commands", "cmd", "file_path", "filePath", "path", "pattern", "query", "url", "text")
"""Keys of a tool's input, or of what it answered, whose value says what it is about."""
_GAP = re.compile("… \\d+ MiB dropped …".encode())
"""The line for what was dropped from the middle of a long log."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_STYLES = {"words": "", "command": "\x1b[1m", "result": "\x1b[2m", "note": "\x1b[2m", "error": "\x1b[31m"}
_PLAIN = "\x1b[0m"


class _Rules(Struct, frozen=True):
    """The rules that records of one type may meet."""

    show: tuple[Show, ...]
    done: tuple[Rule, ...]
    hide: tuple[Rule, ...]


def transcript_of(agent: Agent | None, *, has_colors: bool = False) -> Transcript | None:
    """Return what makes the log of an agent's attempt readable; None if it is readable as it is."""
    output = output_of(agent)
    return Transcript(output, has_colors=has_colors) if output and output.show else None


class Transcript:
    """Makes an attempt's log readable as it comes, in pieces of any size."""

    def __init__(self, output: OutputFormat, *, has_colors: bool = False, is_whole: bool = True) -> None:
        """Begin at the beginning of a log, or of a line in it: then what was used is not known."""
        self._output, self._has_colors, self._is_whole = output, has_colors, is_whole
        self._reader = OutputReader(output)
        self._rules: dict[str | None, _Rules] = {}
        """Those for records of a type."""
        self._is_run = True
        """Whether the lines are the agent's, and not those of a setup or check."""
        self._rest = b""
        self._last_error = ""
        self._open: Show | None = None
        """The rule whose piece of text has not ended its line."""
        self._skipped = tuple(f'{{"type":{json.dumps(kind)}'.encode() for kind in _silent_types(output))
        """How records begin that need not even be decoded: some agents repeat all they said in each."""

    def feed(self, piece: bytes) -> bytes:
        """Return what a person reads of another piece; its last line waits for its end."""
        self._rest += piece
        *lines, self._rest = self._rest.split(b"\n")
        shown = [found for line in lines if (found := self._line(line)) is not None]
        if len(self._rest) > LONGEST_LINE:
            shown.append(self._end_open() + self._rest)
            self._rest = b""
        return b"".join(shown)

    def end(self) -> bytes:
        """Return what is left when nothing more comes."""
        rest, self._rest = self._rest, b""
        shown = self._line(rest) if rest else None
        return (shown or b"") + self._end_open()

    def _line(self, line: bytes) -> bytes | None:
        if line.startswith(STEP):
            self._is_run = line.startswith(RUN_STEP)
        elif self._is_run and self._output.show and line.startswith(b"{"):
            if line.startswith(self._skipped):
                return None
            with suppress(msgspec.DecodeError, RecursionError, UnicodeDecodeError):  # else it is no record
                record = msgspec.json.decode(line)
                if (shown := self._record(record)) is not None:
                    return shown
        if _GAP.fullmatch(line.lstrip(b"\0")):
            self._is_whole = False
        return self._end_open() + line + b"\n"

    def _record(self, record: Any) -> bytes | None:
        """Return what a person reads of a record; None if no rule knows it."""
        self._reader.read(record)
        kind, texts, is_known = kind_of(record), list[str](), False
        if (rules := self._rules.get(kind)) is None:
            rules = self._rules[kind] = self._rules_of(kind)
        for rule in rules.show:
            if not meets(rule.when, record):
                continue
            is_known = True
            for one in at(rule.each, record) if rule.each else (record,):
                is_for_it = meets(rule.where, one) and not (rule.unless and meets(rule.unless, one))
                if is_for_it and (text := _filled(rule.text, one)).strip():
                    texts.append(self._shown(rule, text))
        if any(meets(rule, record) for rule in rules.done):
            is_known = True
            if self._is_whole and (used := _used(self._reader.report().usage)):
                texts.append(self._shown(Show("", kind="note"), f"-- {used}"))
        is_known = is_known or any(meets(rule, record) for rule in rules.hide)
        return "".join(texts).encode("utf-8", "replace") if is_known else None

    def _rules_of(self, kind: str | None) -> _Rules:
        output = self._output
        return _Rules(
            show=tuple(one for one in output.show if may_meet(one.when, kind)),
            done=tuple(one.when for one in output.done if may_meet(one.when, kind)),
            hide=tuple(one for one in output.hide if may_meet(one, kind)),
        )

    def _shown(self, rule: Show, text: str) -> str:
        text = _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\t", "    "))
        if rule.is_piece:
            before = "" if rule is self._open else self._end_open().decode()
            self._open = rule
            return before + text
        if rule.kind == "error":
            if text == self._last_error:  # some say it once in each of several records
                return ""
            self._last_error = text
        return self._end_open().decode() + "".join(
            f"{self._styled(rule, line)}\n" for line in _lines(rule, text)
        )

    def _styled(self, rule: Show, line: str) -> str:
        cut = line if len(line) <= LONGEST_SHOWN else f"{line[: LONGEST_SHOWN - 1]}…"
        style = _STYLES[rule.kind] if self._has_colors else ""
        return f"{style}{cut}{_PLAIN}" if style else cut

    def _end_open(self) -> bytes:
        was_open, self._open = self._open, None
        return b"\n" if was_open else b""


def _silent_types(output: OutputFormat) -> set[str | int | None]:
    """Return the types of records of which nothing is shown, and which count for nothing."""
    amounts = (output.input_tokens, output.cached_tokens, output.output_tokens, output.cost_usd)
    takes = chain(output.done, *amounts)
    rules = [*(one.when for one in output.show), *(one.when for one in takes)]
    hidden = {rule["type"] for rule in output.hide if [*rule] == ["type"]}
    return hidden - {rule.get("type") for rule in rules}


def _lines(rule: Show, text: str) -> Iterator[str]:
    lines = text.strip("\n").split("\n")
    match rule.kind:
        case "command":
            yield f"$ {lines[0]}"
            yield from (f"  {line}" for line in lines[1:])
        case "error":
            yield f"error: {lines[0]}"
            yield from (f"  {line}" for line in lines[1:])
        case "result":
            left_out = len(lines) - RESULT_HEAD - RESULT_TAIL
            if left_out > 1:
                lines[RESULT_HEAD:-RESULT_TAIL] = [f"… {left_out} more lines"]
            yield from (f"  {line}" for line in lines)
        case _:
            yield from lines


def _filled(template: str, record: Any) -> str:
    """Return a template with the values at its paths; empty if it leads to none."""
    found = {path: "\n".join(map(_brief, at(path, record))) for path in _PLACE.findall(template)}
    return _PLACE.sub(lambda place: found[place[1]], template).strip() if any(found.values()) else ""


def _brief(value: Any) -> str:
    """Return a value as text: of a mapping what it is about, if a key says so."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        for key in _TELLING:
            if isinstance(value.get(key), str | list):
                return _brief(value[key])
    if isinstance(value, list) and all(isinstance(one, str | dict) for one in value):
        return "\n".join(map(_brief, value))
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _used(usage: AgentUsage) -> str:
    parts = (
        f"{usage.input_tokens:,} tokens in" if usage.input_tokens else "",
        f"{usage.output_tokens:,} out" if usage.output_tokens else "",
        f"${usage.cost_usd:.2f}" if usage.cost_usd else "",
    )
    return ", ".join(filter(None, parts))
