"""The command line: the composition root, the only room that knows both engine and screen. Decides nothing.

`porch --version` must not take much longer than the interpreter's own start. So
a command's module is imported when it is called, and textual only by those that
need it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from porch_tui import __version__
from porch_tui.errors import PorchError, RepositoryError

INTERRUPTED = 130
BUG = 70
"""An internal software error, as in sysexits.h."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no exception leaves."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        if words[:1] in (["--version"], ["-V"]):
            from porch_tui.cli.output.streams import put_out

            put_out(f"porch {__version__}\n".encode())
            return 0
        if words[:1] == ["notify"]:
            from porch_tui.cli.commands import notify

            if (code := notify.quick(words[1:])) is not None:
                return code
        from porch_tui.cli.parser import parse

        options = parse(words)
        result: int = options.command(options)
        return result
    except PorchError as error:
        return _refuse(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return _give_up(error)


def _refuse(error: PorchError) -> int:
    """Print what is in the way, and return the exit code that says whose condition it is."""
    from porch_tui.cli.output.printing import say
    from porch_tui.cli.output.streams import ReaderGoneError

    if not isinstance(error, ReaderGoneError):
        say(f"porch: {error}")
    return error.exit_code


def _give_up(error: Exception) -> int:
    """Print which limit or condition of the machine was met; anything else is a bug."""
    from porch_tui.cli.error_report import condition
    from porch_tui.cli.output.printing import say

    if text := condition(error):
        return _refuse(RepositoryError(text))
    from porch_tui.cli.error_report import save_traceback

    say(f"porch: this is a bug of porch: {error!r}; {save_traceback()}")
    return BUG
