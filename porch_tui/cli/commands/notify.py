"""`porch notify`: says from inside a task, mostly in a hook of its agent, that it waits, works, or is done.

Hooks run often and are waited for, so `main` calls this file without the parser that all commands share.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress

from porch_tui.cli.output.streams import put_out
from porch_tui.errors import RefusedError
from porch_tui.process.environment import MARK
from porch_tui.process.supervisor.calls import KINDS, append

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

NOTE = "note"
_SAYS = {
    "waiting": "it waits for you; the text says for what",
    "working": "it works again, and waits no more",
    "done": "it has done its work; porch finish then has that judged",
}
_OSC = {"waiting": "state=blocked:kind=", "working": "state=working:kind=", "done": "state=done:kind="}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    which = parser.add_mutually_exclusive_group()
    for kind in KINDS:
        if kind in _SAYS:
            which.add_argument(f"--{kind}", dest="kind", action="store_const", const=kind, help=_SAYS[kind])
    parser.set_defaults(kind=NOTE)
    parser.add_argument("text", nargs="*", metavar="TEXT", help="what you are shown")


def run(options: argparse.Namespace) -> int:
    """Say it."""
    return _notify(options.kind, " ".join(options.text))


def quick(words: Sequence[str]) -> int | None:
    """Do what usual words ask for; None if a parser has to look at them."""
    kind, *text = words if words and words[0][2:] in _SAYS else (f"--{NOTE}", *words)
    if any(word.startswith("-") for word in text) or not (text or kind[2:] in _SAYS):
        return None
    return _notify(kind[2:], " ".join(text))


def _notify(kind: str, text: str) -> int:
    """Write it into the attempt's directory; where a fence is in the way, into the output.

    RefusedError outside of a task.
    """
    if kind == NOTE and not text.strip():
        raise RefusedError("nothing to say: name a text, or --waiting, --working or --done")
    directory = os.environ.get(MARK, "")
    if not directory:
        raise RefusedError(
            f"this is no task of porch ({MARK} is not set): call porch notify in the command of a task, or"
            " in a hook of its agent"
        )
    try:
        append(directory, kind, text, time.time_ns())
    except OSError:
        _print(_sequence(kind, text))
    return 0


def _sequence(kind: str, text: str) -> bytes:
    """Return what says the same in the output of a task."""
    safe = "".join(char if char.isprintable() and char not in ";:" else " " for char in text)
    plain = " ".join(safe.split())
    said = f"9; {plain}" if kind == NOTE else f"7501;{_OSC[kind]}{plain}"
    return f"\x1b]{said}\x1b\\".encode()


def _print(sequence: bytes) -> None:
    with suppress(OSError):
        terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            os.write(terminal, sequence)
        finally:
            os.close(terminal)
        return
    put_out(sequence)
