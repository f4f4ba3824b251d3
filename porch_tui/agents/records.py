"""What a program that ran in a terminal has written down of its conversation, where it keeps that.

Its output is for people, so its usage, its last words and what continues it are read there. The files are
foreign: whatever is in them, reading them never raises.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from porch_tui.agents.output import LONGEST_LINE, OutputReader, at, meets
from porch_tui.agents.preset import Records
from porch_tui.core.model.agent_report import AgentReport

TIME = "timestamp"
"""The key of a record under which all programs that were seen have when it was written."""
_VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")


class Conversation(Struct, frozen=True):
    """Which records are wanted."""

    worktree: str
    """Where the program ran."""
    session: str
    """What porch has called it; empty: the program chose that."""
    since: float
    """Unix time; earlier records are of an attempt before."""


def filled(path: str) -> Path:
    """Return a path in which `${VARIABLE:-~/.name}` and `~/.name` stand for what they are here."""
    return Path(_VARIABLE.sub(lambda found: os.environ.get(found[1]) or found[2], path)).expanduser()


def read(records: Records, wanted: Conversation) -> AgentReport:
    """Return what the records of a conversation say; what they do not say is unknown."""
    reader, seen = OutputReader(records.output), set[str]()
    for file in _files(records, wanted):
        for number, record in enumerate(_of_file(file)):
            if number > 0 and _is_earlier(record, wanted.since):  # the first says whose records these are
                continue
            found = at(records.once, record) if records.once else ()
            if found and str(found[0]) in seen:
                continue
            seen.update(map(str, found))
            reader.read(record)
    return reader.report()


def _files(records: Records, wanted: Conversation) -> list[Path]:
    """Return the files of a conversation, the last one that was written to last."""
    pattern = str(filled(records.files)).replace("{session}", glob.escape(wanted.session))
    times = dict[Path, float]()
    for name in glob.glob(pattern):  # noqa: PTH207, of an absolute pattern
        with suppress(OSError):  # it is gone
            times[Path(name)] = Path(name).stat().st_mtime
    rule = {path: _expected(value, wanted) for path, value in records.first.items()}
    recent = sorted((time, file) for file, time in times.items() if time >= wanted.since)
    return [file for _, file in recent if meets(rule, next(_of_file(file), None))]


def _expected(value: Any, wanted: Conversation) -> Any:
    places = {"{worktree}": wanted.worktree, "{session}": wanted.session}
    return places.get(value, value) if isinstance(value, str) else value


def _of_file(file: Path) -> Iterator[Any]:
    with suppress(OSError), file.open("rb") as opened:
        while line := opened.readline(LONGEST_LINE):
            with suppress(msgspec.DecodeError, RecursionError, UnicodeDecodeError):  # else it is no record
                yield msgspec.json.decode(line)


def _is_earlier(record: Any, since: float) -> bool:
    text = record.get(TIME) if isinstance(record, dict) else None
    try:
        return isinstance(text, str) and datetime.fromisoformat(text).timestamp() < since
    except (ValueError, OverflowError, OSError):
        return False
