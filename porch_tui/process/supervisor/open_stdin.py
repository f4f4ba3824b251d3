"""The standard input of a step that people write to: a pipe, of which only the shim has the other end.

People type into it as into a terminal, through `tty.in` (see `typed`). Who reads it waits for a person, and
`blocked_read` notices that.

Stdlib only, and of porch nothing but the files beside it: the shim imports this file from its own folder, for
a step whose standard input is open.
"""

from __future__ import annotations

import os
import select
from contextlib import suppress

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from collections.abc import Iterable

    from porch_tui.process.supervisor import blocked_read, frames, typed, waking
else:
    import blocked_read
    import frames
    import typed
    import waking


class OpenStdin:
    """Gives a step what people type. Never raises once it is there."""

    def __init__(self, directory: str, log: int) -> None:
        """Make the pipe of a step of the attempt in `directory`, whose open log is `log`. Raises OSError."""
        self.reading, self._writing = os.pipe()
        """`reading` is for the step."""
        os.set_blocking(self._writing, False)
        self._typed, self._waking = typed.Typed(directory, log), waking.Waking()
        self._blocked_read = blocked_read.BlockedRead(directory, log, self._writing)
        self._pending = b""
        """What the step has not taken yet."""
        self._is_finishing = False

    def begun(self) -> None:
        """Let go of the step's side: then it is noticed when no process has that open any more."""
        os.close(self.reading)
        self.reading = -1

    def next_signal(self, signals: Iterable[int], timeout_s: float) -> int:
        """Pass on what is typed until one of the blocked `signals` comes, and return it; 0 after the time."""
        return self._waking.next_signal(signals, timeout_s, self._serve)

    def finish(self) -> None:
        """Have the step's input end, behind what was typed before."""
        self._is_finishing = True
        self._give()

    def close(self) -> None:
        """End it, with the step."""
        self._end()
        self._waking.close()
        if self.reading >= 0:
            os.close(self.reading)

    def _serve(self, timeout_s: float) -> None:
        """Do what can be done, or wait for something to do."""
        reading, writing = [self._waking.fd], []
        if self._writing >= 0:
            timeout_s = min(timeout_s, self._blocked_read.due_in_s())
            if len(self._pending) < typed.MOST_PENDING_BYTES and self._typed.is_heard:
                reading.append(self._typed.fd)
            if self._pending:
                writing.append(self._writing)
        readable, _, _ = select.select(reading, writing, [], timeout_s)
        if self._waking.fd in readable:
            self._waking.listen()
        if self._writing < 0:
            return
        if self._typed.fd in readable:
            self._take()
        if self._pending:
            self._give()
        elif not self._has_reader():
            self._end()
        elif not self._is_finishing:
            self._blocked_read.look()

    def _take(self) -> None:
        self._typed.take()
        for kind, payload in self._typed.frames():
            if kind == frames.TYPED:
                self._typed.note()
                self._blocked_read.answered()
                self._pending += payload

    def _give(self) -> None:
        """Write to the step as much as it takes; the rest waits."""
        try:
            while self._pending:
                self._pending = self._pending[os.write(self._writing, self._pending) :]
        except BlockingIOError:
            return
        except OSError:  # no process has it open any more
            self._end()
        if self._is_finishing and self._writing >= 0:
            self._take()  # what was typed before that was asked
            if not self._pending:
                self._end()

    def _has_reader(self) -> bool:
        waiting = select.poll()
        with suppress(OSError):
            waiting.register(self._writing, 0)
            return not waiting.poll(0)
        return True

    def _end(self) -> None:
        """Close what the step reads, and take nothing more from people."""
        if self._writing >= 0:
            os.close(self._writing)
            self._typed.close()
            self._writing, self._pending = -1, b""
            self._blocked_read.over()
