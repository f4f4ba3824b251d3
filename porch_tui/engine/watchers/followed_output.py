"""Whether one attempt waits for a person, read from the files in its directory while they grow.

All that is decided by are places in its output: an engine that comes later reads the same files, and comes
to the same.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from porch_tui.emulator.attention import SAY_NOTHING, Attention, Call, Kind, Titles, Waiting, cleaned
from porch_tui.engine.watchers.last_rows import NOTHING, Patterns, found_in_lines, found_in_rows
from porch_tui.process.supervisor.calls import NewCalls
from porch_tui.process.supervisor.spool import OUTPUT, TTY_IN, TTY_SIZES, TTY_TYPED

BLOCK_BYTES = 256 * 1024
BEFORE_BYTES = 64 * 1024
"""Read before the place where something was last typed: a sequence may have begun there."""
IDLE_S, FIRST_IDLE_S = 0.5, 5.0
"""How long a program has nothing to do before it waits; the second before its first work, and without output.

An agent may say that it is ready, and load for half a minute before it begins with its prompt.
"""
QUIET_S = 2.0
"""Without output, before the last rows are searched."""


class Row:
    """A row in which a pattern was found, and how long the log was then."""

    __slots__ = ("end", "text")

    def __init__(self, text: str, end: int) -> None:
        self.text, self.end = text, end


class FollowedOutput:
    """Follows one attempt. For one thread."""

    def __init__(
        self,
        directory: Path,
        *,
        has_terminal: bool,
        has_open_stdin: bool = False,
        patterns: Patterns = NOTHING,
        titles: Titles = SAY_NOTHING,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`has_terminal`: its command runs in one, once it begins. `has_open_stdin`: people write to that.

        `patterns`: what is found in its rows while it waits; `titles`: what its titles say.
        """
        self._log, self._sizes, self._typed = (directory / name for name in (OUTPUT, TTY_SIZES, TTY_TYPED))
        self._input = directory / TTY_IN
        self._directory = str(directory)
        self._may_have_terminal, self._has_open_stdin = has_terminal, has_open_stdin
        self._patterns = patterns if any(patterns) else None
        self._titles, self._clock = titles, clock
        self._row: Row | None = None
        """Where a pattern was found, and nothing was typed since."""
        self._searched: int | None = None
        """How long the log was when the rows were last searched; None: not yet."""
        self._grown_at: float | None = None
        """When it began to grow since."""
        self._begins: tuple[int, ...] = ()
        """Where in the log the terminal begins, then where it ends, as far as that is known."""
        self._sizes_bytes = 0
        self._attention: Attention | None = None
        self._waiting = Waiting(has_terminal=False)
        self._calls = NewCalls(self._directory)
        self._idle_since: float | None = None

    @property
    def call(self) -> str | None:
        """What it waits with, cleaned, empty if it does not say; None: it does not, or `is_unsure`."""
        if self._waiting.is_waiting:
            return None if self._is_briefly_idle else self._waiting.text
        return self._row.text if self._row is not None else None

    @property
    def is_unsure(self) -> bool:
        """Whether it takes a moment until it is known that it waits: an earlier engine may have known."""
        is_unsearched = self._patterns is not None and self._is_typed_into and self._searched is None
        return self._is_briefly_idle or (is_unsearched and self.call is None)

    @property
    def began(self) -> tuple[int, int] | None:
        """Which wait this is: see `Waiting`."""
        return self._waiting.began or ((self._row.end, 0) if self._row is not None else None)

    @property
    def _is_typed_into(self) -> bool:
        """Whether its command runs, and people can type into that."""
        return self._input.exists() if self._has_open_stdin else len(self._begins) == 1

    @property
    def _is_briefly_idle(self) -> bool:
        if self._idle_since is None:
            return False
        idle_s = self._clock() - self._idle_since
        if self._waiting.has_worked:
            return idle_s < IDLE_S
        return min(idle_s, self._quiet_s()) < FIRST_IDLE_S

    def look(self, budget_bytes: int) -> int:
        """Take in what is new, of the output at most about so many bytes; return how many it were."""
        if self._may_have_terminal and len(self._begins) < 2:
            self._follow_terminal()
        size = _size_of(self._log)
        typed, typed_ns = self._last_typed()
        if self._attention is None:
            self._begin(typed)
        read = self._read(size, budget_bytes)
        for said in self._calls.take():
            self._waiting.hear(Call(Kind(said.kind), cleaned(said.text), min(said.at, size), said.time_ns))
        if typed is not None:
            self._waiting.typed(typed, typed_ns)
        self._search(size, typed)
        if not self._waiting.is_idle:
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = self._clock()
        return read

    # --- which part of the output

    def _follow_terminal(self) -> None:
        """Notice that the terminal begins or ends: what was said before that waits for no one any more."""
        if (size := _size_of(self._sizes)) == self._sizes_bytes:
            return
        self._sizes_bytes = size
        begins = _terminal_of(self._sizes)
        if begins != self._begins:
            self._begins, self._attention = begins, None

    def _begin(self, typed: int | None) -> None:
        origin = self._begins[-1] if self._begins else 0
        self._waiting = Waiting(has_terminal=len(self._begins) == 1, titles=self._titles)
        self._waiting.typed(origin)
        self._attention = Attention(max(origin, (typed or 0) - BEFORE_BYTES))
        self._calls = NewCalls(self._directory)
        self._row, self._searched, self._grown_at = None, None, None

    def _search(self, size: int, typed: int | None) -> None:
        """Look for the patterns in the last rows, once nothing was printed for a while."""
        if self._row is not None and self._waiting.is_answered(self._row.end):
            self._row = None
        if self._patterns is None or size == self._searched:
            return
        if not self._is_typed_into:
            self._row = None
            return
        now = self._clock()
        self._grown_at = now if self._grown_at is None else self._grown_at
        quiet_s = self._quiet_s()
        if quiet_s >= QUIET_S:
            patterns = self._patterns
            if patterns.has_questions and self._is_being_typed(typed):
                patterns = patterns._replace(has_questions=False)
            if self._begins:
                found = found_in_rows(patterns, self._log, self._sizes, self._begins[0], size)
            else:
                found = found_in_lines(patterns, self._log, size)
            self._searched, self._grown_at = size, None
            if found is None or self._waiting.is_answered(size):
                self._row = None
            elif self._row is None or self._row.text != found:
                self._row = Row(found, size)  # the same again, drawn once more, is the same wait
        elif now - quiet_s - self._grown_at >= QUIET_S:
            self._row, self._searched = None, self._searched or -1  # it goes on, and no one was needed

    def _is_being_typed(self, typed: int | None) -> bool:
        """Say whether the terminal's last row has what a person has typed: that asks them nothing."""
        if typed is None or not self._begins:
            return False  # what is written to an open standard input is not echoed
        with suppress(OSError), self._log.open("rb", buffering=0) as log:
            return b"\n" not in os.pread(log.fileno(), BLOCK_BYTES, typed)
        return False

    def _quiet_s(self) -> float:
        """Return for how long nothing was printed, by the file: so another engine knows it too."""
        with suppress(OSError):
            return time.time() - self._log.stat().st_mtime
        return 0.0

    def _read(self, size: int, budget_bytes: int) -> int:
        assert self._attention is not None
        attention, read = self._attention, 0
        if size < attention.offset:
            attention.skip(0)  # the command has emptied its log
        if size == attention.offset:
            return 0
        with suppress(OSError), self._log.open("rb", buffering=0) as log:
            while attention.offset < size and read < budget_bytes:
                if (behind_gap := _behind_gap(log.fileno(), attention.offset)) > attention.offset:
                    attention.skip(behind_gap)
                block = os.pread(log.fileno(), min(BLOCK_BYTES, size - attention.offset), attention.offset)
                if not block:
                    break
                read += len(block)
                for call in attention.feed(block):
                    self._waiting.hear(call)
        return read

    # --- the files

    def _last_typed(self) -> tuple[int | None, int]:
        """Return how long the log was when something was last typed, and when that was."""
        if not self._begins and not self._has_open_stdin:
            return None, 0
        with suppress(OSError, ValueError), self._typed.open("rb", buffering=0) as file:
            return int(file.read(20)), os.fstat(file.fileno()).st_mtime_ns
        return None, 0


def _size_of(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _is_number(word: bytes) -> bool:
    return word.isdigit() and len(word) < 16


def _behind_gap(log: int, offset: int) -> int:
    """Return where a log goes on that may have lost its middle there."""
    with suppress(OSError):  # at the end, or on a file system that does not know
        return os.lseek(log, offset, os.SEEK_DATA)
    return offset


def _terminal_of(sizes: Path) -> tuple[int, ...]:
    """Return where a terminal begins and ends in the output, from the file of its sizes: at most two."""
    begins: list[int] = []
    with suppress(OSError), sizes.open("rb") as file:
        for line in file:
            words = line.split()
            if len(words) != 3 or not line.endswith(b"\n") or not all(map(_is_number, words)):
                continue
            at, cols, _ = map(int, words)
            if not begins and cols:
                begins.append(at)
            elif begins and not cols:
                return begins[0], at
    return tuple(begins)
