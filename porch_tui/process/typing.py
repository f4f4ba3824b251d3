"""Types into the terminal or the open standard input of a task, which its shim owns.

with TypingInto(directory) as typing:
    typing.type(b"yes\\r")
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from porch_tui.errors import RefusedError
from porch_tui.process.supervisor import frames, spool

PATIENCE_S = 5.0
"""For so long nothing may be taken: the task does not read what was typed before."""
OTHERS_S, AGAIN_S = 60.0, 0.05
"""For so long another program may be at it, which may type a long text; between two looks whether it is."""


class NoTerminal(RefusedError):
    """The task has nothing to type into: not yet, not any more, or its shim was killed."""


def has_terminal(directory: Path) -> bool:
    """Say whether the attempt in `directory` has a terminal, or an open standard input, now."""
    try:
        TypingInto(directory).close()
    except NoTerminal:
        return False
    return True


class TypingInto:
    """The way into the terminal of one attempt. A context manager.

    All methods raise NoTerminal as soon as there is none any more.
    """

    def __init__(self, directory: Path, patience_s: float = PATIENCE_S) -> None:
        """Open the way into the terminal of the attempt in `directory`. Raises NoTerminal."""
        self._directory, self._name, self._patience_s = directory, directory.name, patience_s
        try:
            self._pipe = os.open(directory / spool.TTY_IN, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENXIO):
                raise
            raise self._no_terminal() from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def alone(self, within_s: float = OTHERS_S) -> Iterator[None]:
        """Keep others who ask for this from typing meanwhile; RefusedError if one does for so many seconds.

        People are not kept from it: they see what comes in between.
        """
        folder = os.open(self._directory, os.O_RDONLY)
        try:
            deadline = time.monotonic() + within_s
            while not _is_locked(folder):
                if time.monotonic() >= deadline:
                    raise RefusedError(
                        f"something else has been typing into {self._name} for {within_s:g} s, and nothing "
                        "was typed in between; try again when it is done"
                    )
                time.sleep(AGAIN_S)
            yield
        finally:
            os.close(folder)

    def type(self, data: bytes) -> int:
        """Pass on what a person types; return how many bytes of it, at its end, were not taken in time."""
        return self._send(frames.TYPED, data)

    def pass_on(self, data: bytes) -> int:
        """Pass on what a terminal reports, and no person types: mouse, focus; returns what `type` does."""
        return self._send(frames.PASSIVE, data)

    def resize(self, cols: int, rows: int) -> bool:
        """Give it another size; say whether that was taken. What is not 2 to 1000 changes nothing."""
        largest = 0xFFFF
        size = frames.COLS_ROWS.pack(min(max(cols, 0), largest), min(max(rows, 0), largest))
        return self._put(frames.frame(frames.SIZE, size))

    def redraw(self) -> bool:
        """Have the program draw everything again, by two changes of size; say whether that was taken."""
        return self._put(frames.frame(frames.REDRAW))

    def close(self) -> None:
        """Type no more."""
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1

    def _send(self, kind: bytes, data: bytes) -> int:
        left = len(data)
        for one in frames.frames(kind, data):
            if not self._put(one):
                return left
            left -= len(one) - frames.HEAD.size
        return 0

    def _put(self, frame: bytes) -> bool:
        """Write one frame, waiting for room; say whether there was some in time."""
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                os.write(self._pipe, frame)  # whole or not at all
                return True
            except BlockingIOError:
                left_s = deadline - time.monotonic()
            except BrokenPipeError as error:
                raise self._no_terminal() from error
            if left_s <= 0:
                return False
            waiting = select.poll()
            waiting.register(self._pipe, select.POLLOUT)
            waiting.poll(left_s * 1000)

    def _no_terminal(self) -> NoTerminal:
        return NoTerminal(f"{self._name} has no terminal now; porch status says whether it runs")


def _is_locked(folder: int) -> bool:
    """Lock a folder for its descriptor; False if another has it. Some file systems cannot: then it is."""
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
