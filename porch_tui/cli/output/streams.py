"""Standard output and standard error, whatever is behind them: a full disk, a lost terminal, nobody at all.

All that porch prints goes through here, as bytes; `printing` decides what they look like. A command says
when its answer cannot be printed. A run never fails or waits because of what it prints: see `unhurried`.
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
"""Of lines that wait for a reader; more of them are counted and left out."""


class OutputError(RepositoryError):
    """Standard output takes no more."""


class ReaderGoneError(PorchError):
    """Whoever read standard output has left, as `head` does: no fault of anybody's, and nothing to say."""

    exit_code = 0


_printers: list[Printer] = []
"""The one at work while `unhurried` is."""
_patience: list[float] = []
"""How long in seconds it may take at its end; as long as it takes if there is nothing in here."""
LEAVING_S = 2.0
"""Who is asked to end waits for no reader that has stopped, but for a slow one."""


def put_out(content: bytes, most_bytes: int | None = None) -> None:
    """Write to standard output. During a run it is left out if more than `most_bytes` wait for the reader.

    Raises OutputError or ReaderGoneError; never during a run.
    """
    if _printers:
        _printers[0].put(sys.stdout, content, most_bytes)
        return
    try:
        put(sys.stdout, content)
    except BrokenPipeError as error:
        forget_stdout()
        raise ReaderGoneError("nobody reads standard output any more") from error
    except (OSError, ValueError) as error:
        forget_stdout()
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise OutputError(
            f"the answer could not be printed: standard output takes no more: {why}; "
            "send it somewhere else, or make room there, and try again"
        ) from error


def put_err(content: bytes) -> None:
    """Write to standard error, as far as that takes it: nothing is ever done otherwise because of it."""
    if _printers:
        _printers[0].put(sys.stderr, content, MOST_BYTES)
        return
    with suppress(OSError, ValueError):
        put(sys.stderr, content)


def put(stream: TextIO | None, content: bytes) -> None:
    """Write all of it to a standard stream, at once; raises OSError, or ValueError for a closed one."""
    if stream is None:
        raise ValueError("it is closed")
    fd = number_of(stream)
    if fd is None:  # not a file, but something in memory
        stream.write(content.decode(stream.encoding or "utf-8", "replace"))
        stream.flush()
        return
    stream.flush()
    put_all(fd, content)


def number_of(stream: TextIO | None) -> int | None:
    """Return the descriptor behind a stream; None if there is none."""
    try:
        return stream.fileno() if stream is not None else None
    except (OSError, ValueError, AttributeError):
        return None


def put_all(fd: int, content: bytes) -> None:
    """Write all of it to a descriptor, also one that another program has set to return at once."""
    left = memoryview(content)
    while left:
        try:
            left = left[os.write(fd, left) :]
        except BlockingIOError:
            poll = select.poll()
            poll.register(fd, select.POLLOUT)
            poll.poll()


def forget_stdout() -> None:
    """Let whatever is still printed go nowhere, also what the interpreter flushes at its end."""
    fd = number_of(sys.stdout)
    if fd is not None:
        with suppress(OSError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, fd)
            os.close(null)


def hurry() -> None:
    """Have the end of `unhurried` wait but a moment: somebody wants this process to end."""
    _patience.append(LEAVING_S)


@contextmanager
def unhurried(*, is_json: bool = False) -> Iterator[None]:
    """Have all that is printed in the block written by a thread: its reader may be slow, stopped or gone.

    Leaving the block waits until the reader has read what is left, unless it is gone.
    """
    from porch_tui.cli.output.printer import Printer

    if _printers:
        yield
        return
    _printers.append(Printer(is_json=is_json))
    try:
        with _logged():
            yield
    finally:
        _printers[0].finish(_patience[0] if _patience else None)
        _printers.clear()
        _patience.clear()


@contextmanager
def _logged() -> Iterator[None]:
    """Have what the engine logs go the same way."""
    import logging

    from porch_tui.cli.output.printing import say

    class Said(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(self.format(record))

    said, logger = Said(logging.WARNING), logging.getLogger("porch_tui")
    logger.addHandler(said)
    try:
        yield
    finally:
        logger.removeHandler(said)
