"""Standard output and standard error, whatever they are: a full disk, a lost terminal, a closed pipe.

Everything that porch prints goes through here, as bytes; `printing` decides how it looks. A command reports
an answer that cannot be printed. A run never fails or waits because of its output: see `printer.unhurried`.
"""

from __future__ import annotations

import os
import select
import sys
from contextlib import suppress

from porch_tui.errors import PorchError, RepositoryError

TYPE_CHECKING = False  # typing would make `porch --version` start 4 ms later
if TYPE_CHECKING:
    from typing import Protocol, TextIO

    class Destination(Protocol):
        """Takes what is printed instead of the standard streams, and never waits."""

        def put(self, stream: TextIO | None, content: bytes, most_bytes: int | None) -> None:
            """Take it; leave it out if more than `most_bytes` would wait then."""


MOST_BYTES = 256 * 1024
"""Of lines that wait for a reader; what exceeds it is counted and left out."""


class OutputError(RepositoryError):
    """Standard output cannot be written to."""


class ReaderGoneError(PorchError):
    """The reader of standard output has left, as `head` does: not an error, and nothing to report."""

    exit_code = 0


destinations: list[Destination] = []
"""Where everything goes instead, if there is one."""


def put_out(content: bytes, most_bytes: int | None = None) -> None:
    """Write to standard output; during a run, leave it out if more than `most_bytes` wait for the reader.

    Raises OutputError or ReaderGoneError; never during a run.
    """
    if destinations:
        destinations[0].put(sys.stdout, content, most_bytes)
        return
    try:
        put(sys.stdout, content)
    except BrokenPipeError as error:
        _discard_stdout()
        raise ReaderGoneError("the reader of standard output has left") from error
    except (OSError, ValueError) as error:
        _discard_stdout()
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise OutputError(
            f"could not print the answer: cannot write to standard output: {why}; "
            "redirect it, or free some space, and try again"
        ) from error


def put_err(content: bytes) -> None:
    """Write to standard error as far as possible; that it fails changes nothing."""
    if destinations:
        destinations[0].put(sys.stderr, content, MOST_BYTES)
        return
    with suppress(OSError, ValueError):
        put(sys.stderr, content)


def put(stream: TextIO | None, content: bytes) -> None:
    """Write all of it to a standard stream, at once; raises OSError, or ValueError for a closed one."""
    if stream is None:
        raise ValueError("it is closed")
    fd = descriptor(stream)
    if fd is None:  # not a file, but something in memory
        stream.write(content.decode(stream.encoding or "utf-8", "replace"))
        stream.flush()
        return
    stream.flush()
    put_all(fd, content)


def descriptor(stream: TextIO | None) -> int | None:
    """Return the file descriptor of a stream; None if it has none."""
    try:
        return stream.fileno() if stream is not None else None
    except (OSError, ValueError, AttributeError):
        return None


def put_all(fd: int, content: bytes) -> None:
    """Write all of it to a descriptor, also to one that another program has made non-blocking."""
    left = memoryview(content)
    while left:
        try:
            left = left[os.write(fd, left) :]
        except BlockingIOError:
            poll = select.poll()
            poll.register(fd, select.POLLOUT)
            poll.poll()


def _discard_stdout() -> None:
    """Discard whatever is printed later, also what the interpreter flushes at its end."""
    fd = descriptor(sys.stdout)
    if fd is not None:
        with suppress(OSError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, fd)
            os.close(null)
