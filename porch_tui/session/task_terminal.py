"""The terminal of a task as whoever looks on sees it: read from the attempt's files, while they grow.

    terminal = TaskTerminal(directory)
    if terminal.look():
        draw(terminal.screen)

Nothing is asked of the task, and nothing is answered for it: any number may look on, from the same files.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from porch_tui.emulator import modes
from porch_tui.emulator.history import History
from porch_tui.emulator.lasting import LONGEST, lasting
from porch_tui.journal.rundir import OUTPUT

TYPE_CHECKING = False
if TYPE_CHECKING:  # the board is shown without an emulator, as most logs come from no terminal
    from porch_tui.emulator.replay import Replay, Size
    from porch_tui.emulator.screen import Screen

SIZES = "tty.sizes"
BUDGET_BYTES = 64 * 1024
"""What one look reads: some 10 ms of an emulator."""
REPLAY_BYTES = 1024 * 1024
"""Of more output than that, only the end is replayed."""
RECALLED_BYTES = 32 * 1024 * 1024
"""Of what comes before that, only the modes are looked for that it has set: some 100 ms."""
HELD_S = 0.15
"""A program that says that it is drawing (mode 2026) is waited for so long."""
_SEARCHED_BYTES = 4096
"""How far a line or a sequence is looked for, to begin with."""
_ABORT = b"\x18"
"""CAN: what came of a sequence is not the beginning of what follows."""


class Phase(StrEnum):
    """Whether the task has its terminal."""

    NONE = "none"
    """Not yet, or never: what is in the log is plain text."""
    LIVE = "live"
    OVER = "over"
    """What follows in the log is plain text again."""


class TaskTerminal:
    """Follows the terminal of one attempt."""

    def __init__(
        self,
        directory: Path,
        new_history: Callable[[], History] = History,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with nothing read. `new_history` makes the scrollback, another one if it is read again."""
        self.directory = directory
        self.begin: int | None = None
        """Where the terminal begins in the log, in bytes."""
        self.end: int | None = None
        """Where it ends there."""
        self.screen: Screen | None = None
        """What the terminal shows, as far as it was read; None before it begins."""
        self.is_late = False
        """Only the end of the output was replayed: the screen is right once the program has drawn again."""
        self._new_history, self._clock = new_history, clock
        self._sizes: list[Size] = []
        self._sizes_read = 0
        """Bytes of the file of sizes."""
        self._shown: Replay | None = None
        self._again: Replay | None = None
        """Replays without leaving anything out, to take the place of `_shown`."""
        self._is_rough = False
        """Something was left out of `_shown`, since there was too much of it."""
        self._log_bytes = 0
        """How long the log was at the last look."""
        self._has_new = False
        """Something was read that was not drawn yet."""
        self._held_since: float | None = None

    @property
    def phase(self) -> Phase:
        """Whether the task has its terminal, as of the last look."""
        if self.begin is None:
            return Phase.NONE
        return Phase.LIVE if self.end is None else Phase.OVER

    @property
    def offset(self) -> int:
        """How far the log was read, in bytes."""
        return self._shown.offset if self._shown else 0

    @property
    def is_behind(self) -> bool:
        """Whether there is more to read at once: the next look need not wait."""
        limit = self._log_bytes if self.end is None else min(self._log_bytes, self.end)
        return self._shown is not None and (self._again is not None or self.offset < limit)

    def look(self, budget_bytes: int = BUDGET_BYTES) -> bool:
        """Read what is new, at most about so many bytes of it; return whether there is something to draw.

        Of a flood only the end is read. Once it is over, what was left out is read after all.
        """
        has_sizes = self._read_sizes()
        if self.begin is None:
            return False
        log_bytes = self._length()
        grown, self._log_bytes = log_bytes - self._log_bytes, log_bytes
        limit = log_bytes if self.end is None else min(log_bytes, self.end)
        if self._shown is None:
            grown = 0
            self._shown = self._replay_end(limit)
        if grown > budget_bytes and limit - self._shown.offset > budget_bytes:
            self._leave_out(self._shown, limit - budget_bytes)
        self._has_new |= self._advance(self._shown, limit, budget_bytes) or has_sizes
        if self._is_rough and grown <= budget_bytes // 4:
            self._read_again(limit, budget_bytes)
        self.screen = self._shown.screen
        if not self._has_new or self._is_held():
            return False
        self._has_new = False
        return True

    def _is_held(self) -> bool:
        """Whether the program is in the middle of drawing, and not for too long."""
        assert self.screen is not None
        if modes.HELD not in self.screen.modes:
            self._held_since = None
            return False
        now = self._clock()
        if self._held_since is None:
            self._held_since = now
        if now - self._held_since < HELD_S:
            return True
        self._held_since = now
        return False

    # --- which bytes

    def _replay_end(self, limit: int) -> Replay:
        """Begin to replay what comes before `limit`, or the end of that."""
        from porch_tui.emulator.replay import Replay
        from porch_tui.emulator.screen import Screen

        assert self.begin is not None
        start = max(self.begin, limit - REPLAY_BYTES)
        self.is_late = start > self.begin
        start = self._resting_place(start) if self.is_late else start
        _, cols, rows = next(size for size in reversed(self._sizes) if size[0] <= start)
        replay = Replay(Screen(cols, rows, self._new_history()), start)
        self._recall(replay.screen, self.begin, start)
        replay.add_sizes(size for size in self._sizes if size[0] > start)
        return replay

    def _leave_out(self, replay: Replay, until: int) -> None:
        replay.feed(_ABORT)
        begin, replay.offset = replay.offset, self._resting_place(until)
        self._recall(replay.screen, begin, replay.offset)
        self._is_rough, self._again = True, None

    def _read_again(self, limit: int, budget_bytes: int) -> None:
        """Replay without leaving anything out, a piece with each look."""
        if self._again is None:
            self._again = self._replay_end(limit)
        self._advance(self._again, limit, budget_bytes)
        if self._again.offset >= limit:
            self._shown, self._again, self._is_rough, self._has_new = self._again, None, False, True

    def _recall(self, screen: Screen, begin: int, end: int) -> None:
        """Have a screen know the modes that output has set which is not replayed, or the end of it."""
        at, rest = max(begin, end - RECALLED_BYTES), b""
        while at < end:
            at = min(self._behind_gap(at), end)
            data = self._read(at, min(end - at, REPLAY_BYTES))
            if not data:
                return
            at += len(data)
            data = rest + data
            cut = data.rfind(b"\x1b", max(len(data) - LONGEST, 0)) if at < end else -1
            data, rest = (data, b"") if cut < 0 else (data[:cut], data[cut:])
            screen.feed(lasting(data))

    def _advance(self, replay: Replay, limit: int, budget_bytes: int) -> bool:
        """Feed what comes before `limit`, at most so many bytes; return whether there was anything."""
        if replay.offset >= limit:
            return False
        replay.offset = min(self._behind_gap(replay.offset), limit)
        data = self._read(replay.offset, min(limit - replay.offset, budget_bytes))
        replay.feed(data)
        return True

    def _resting_place(self, start: int) -> int:
        """Return where a line or a sequence begins, soon behind `start`: no half of one is shown."""
        data = self._read(start, _SEARCHED_BYTES)
        places = [at for at in (data.find(b"\n"), data.find(b"\x1b")) if at >= 0]
        return start + min(places, default=0)

    # --- the files

    def _read_sizes(self) -> bool:
        """Learn of new sizes and of the end; return whether there were any."""
        try:
            with (self.directory / SIZES).open("rb") as file:
                file.seek(self._sizes_read)
                content = file.read()
        except OSError:
            return False
        from porch_tui.emulator.screen import MOST_COLS, MOST_ROWS

        whole = content[: content.rfind(b"\n") + 1]
        self._sizes_read += len(whole)
        found = []
        for line in whole.splitlines():
            words = line.split()
            if len(words) != 3 or not all(word.isdigit() and len(word) < 16 for word in words):
                continue
            at, cols, rows = map(int, words)
            if self.begin is None and cols:
                self.begin = at
            if self.begin is None or self.end is not None:
                continue
            if not cols:
                self.end = at
            elif cols <= MOST_COLS and 1 <= rows <= MOST_ROWS:
                found.append((at, cols, rows))
        self._sizes += found
        for replay in (self._shown, self._again):
            if replay is not None:
                replay.add_sizes(found)
                replay.feed(b"")
        return bool(whole)

    def _length(self) -> int:
        try:
            return (self.directory / OUTPUT).stat().st_size
        except OSError:
            return 0

    def _read(self, start: int, count: int) -> bytes:
        with suppress(OSError), (self.directory / OUTPUT).open("rb", buffering=0) as log:
            return os.pread(log.fileno(), count, start)
        return b""

    def _behind_gap(self, start: int) -> int:
        """Return where the log goes on that has lost its middle."""
        with suppress(OSError), (self.directory / OUTPUT).open("rb", buffering=0) as log:
            return os.lseek(log.fileno(), start, os.SEEK_DATA)
        return start
