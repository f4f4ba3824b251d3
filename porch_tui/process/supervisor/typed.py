"""What people type to a step: frames from the pipe `tty.in`, whoever writes them (see `frames`).

Stdlib only, and of porch nothing but the files beside it: the shim imports this file from its own folder.
"""

# importing pathlib takes 4 of a shim's 19 ms:
# ruff: noqa: PTH108
from __future__ import annotations

import os
import time
from contextlib import suppress

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from collections.abc import Iterator

    from porch_tui.process.supervisor import frames, kernel, spool
else:
    import frames
    import kernel
    import spool

READ_BYTES = 64 * 1024
MOST_PENDING_BYTES = 64 * 1024
"""While a step has so much to read, what people type is not taken: they wait."""
RETRY_S = 1.0


class Typed:
    """The pipe in the directory of an attempt. Never raises once it is there."""

    def __init__(self, directory: str, log: int) -> None:
        """Make it; `log` is the open log of the attempt in `directory`. Raises OSError."""
        self._directory, self._log = directory, log
        self._frames = b""
        """No whole frame yet."""
        with suppress(FileExistsError):
            os.mkfifo(f"{directory}/{spool.TTY_IN}", 0o600)
        # on Linux the pipe ends when the last who types goes away; elsewhere it would, before the first comes
        access = os.O_RDONLY if kernel.IS_LINUX else os.O_RDWR
        self.fd = os.open(f"{directory}/{spool.TTY_IN}", access | os.O_NONBLOCK)
        self._deaf_until = 0.0
        self._mark = -1

    @property
    def is_heard(self) -> bool:
        """Whether it is worth waiting for `fd`."""
        return time.monotonic() >= self._deaf_until

    def take(self) -> bool:
        """Read what has come; return False when the last who had it open has gone, or was killed."""
        try:
            piece = os.read(self.fd, READ_BYTES)
        except BlockingIOError:
            return True
        if piece:
            self._frames += piece
            return True
        self._frames = b""
        try:  # it stays at its end until it is opened again: the same pipe, wherever its name is now
            again = os.open(f"/proc/self/fd/{self.fd}", os.O_RDONLY | os.O_NONBLOCK)
        except OSError:  # the system allows no more open files
            self._deaf_until = time.monotonic() + RETRY_S
        else:
            os.close(self.fd)
            self.fd = again
        return False

    def frames(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the kind and the payload of each frame that was read."""
        found, self._frames = frames.take(self._frames)
        while found:
            yield found
            found, self._frames = frames.take(self._frames)

    def note(self) -> None:
        """Write down that a person has typed, in `tty.typed`."""
        with suppress(OSError):
            if self._mark < 0:
                path = f"{self._directory}/{spool.TTY_TYPED}"
                self._mark = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
            os.pwrite(self._mark, b"%020d" % os.fstat(self._log).st_size, 0)

    def close(self) -> None:
        """Take nothing more: who types is refused."""
        with suppress(OSError):
            os.unlink(f"{self._directory}/{spool.TTY_IN}")
        for fd in (self.fd, self._mark):
            if fd >= 0:
                os.close(fd)
        self.fd = self._mark = -1
