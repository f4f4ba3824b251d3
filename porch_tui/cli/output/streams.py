"""Standard output and standard error, whatever they are: a full disk, a lost terminal, a closed pipe.

Everything that porch prints goes through here, as bytes; `printing` decides how it looks. A command reports
an answer that cannot be printed. A run never fails or waits because of its output: see `unhurried`.
"""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from porch_tui.errors import PorchError, RepositoryError

TYPE_CHECKING = False  # typing would make `porch --version` start 4 ms later
if TYPE_CHECKING:
    from typing import TextIO

    from porch_tui.cli.output.printer import Printer

MOST_BYTES = 256 * 1024
"""Of lines that wait for a reader; what exceeds it is counted and left out."""
LEAVING_S = 2.0
"""A process that was asked to end waits this long for a slow reader."""


class OutputError(RepositoryError):
    """Standard output cannot be written to."""


class ReaderGoneError(PorchError):
    """The reader of standard output has left, as `head` does: not an error, and nothing to report."""

    exit_code = 0


_printers: list[Printer] = []
"""The one that is used inside `unhurried`."""
_patience_s: list[float] = []
"""How long leaving `unhurried` may take; empty: as long as it takes."""


def put_out(content: bytes, most_bytes: int | None = None) -> None:
    """Write to standard output; during a run, leave it out if more than `most_bytes` wait for the reader.

    Raises OutputError or ReaderGoneError; never during a run.
    """
    if _printers:
        _printers[0].put(sys.stdout, content, most_bytes)
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
    if _printers:
        _printers[0].put(sys.stderr, content, MOST_BYTES)
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


def hurry() -> None:
    """Make the end of `unhurried` wait only a moment: this process was asked to end."""
    _patience_s.append(LEAVING_S)


@contextmanager
def unhurried(*, is_json: bool = False) -> Iterator[None]:
    """Have a thread write everything that is printed in the block: its reader may be slow, stopped or gone.

    Leaving the block waits until the reader has read the rest, unless it is gone.
    """
    from porch_tui.cli.output.printer import Printer

    if _printers:
        yield
        return
    _printers.append(Printer(is_json=is_json))
    try:
        with _log_records_printed():
            yield
    finally:
        _printers[0].finish(_patience_s[0] if _patience_s else None)
        _printers.clear()
        _patience_s.clear()


@contextmanager
def _log_records_printed() -> Iterator[None]:
    """Print what the engine logs."""
    import logging

    from porch_tui.cli.output.printing import say

    class Printing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(self.format(record))

    printing, logger = Printing(logging.WARNING), logging.getLogger("porch_tui")
    logger.addHandler(printing)
    try:
        yield
    finally:
        logger.removeHandler(printing)
