"""The command line: the composition root, the only room that knows both engine and screen. Decides nothing.

What every command imports is kept small: `porch --version` must not cost more
than the interpreter's own start. So each command's module is imported when it
is asked for, and textual only by those that need it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from porch_tui import __version__
from porch_tui.errors import PorchError, RepositoryError

INTERRUPTED = 130
BUG = 70
"""As sysexits.h has it: an internal software error."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no exception leaves."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] in (["--version"], ["-V"]):
        words = ["--version"]
    try:
        return _say_version() if words == ["--version"] else _dispatch(words)
    except PorchError as error:
        return _refuse(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return _give_up(error)


def _say_version() -> int:
    from porch_tui.cli.output.streams import put_out

    put_out(f"porch {__version__}\n".encode())
    return 0


def _dispatch(words: list[str]) -> int:
    from porch_tui.cli.parser import parse

    options = parse(words)
    result: int = options.command(options)
    return result


def _refuse(error: PorchError) -> int:
    """Say what stands in the way, and return the exit code that says whose condition it is."""
    from porch_tui.cli.output.printing import say
    from porch_tui.cli.output.streams import ReaderGoneError

    if not isinstance(error, ReaderGoneError):
        say(f"porch: {error}")
    return error.exit_code


def _give_up(error: Exception) -> int:
    """Say which limit or condition of the machine was met; anything else is a bug."""
    from porch_tui.cli.error_report import condition
    from porch_tui.cli.output.printing import say

    if text := condition(error):
        return _refuse(RepositoryError(text))
    from porch_tui.cli.error_report import save_traceback

    say(f"porch: this is a bug of porch: {error!r}; {save_traceback()}")
    return BUG
