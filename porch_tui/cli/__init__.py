"""The command line: the composition root, the only room that knows both engine and screen. Decides nothing.

What every command imports is kept small: `porch --version` must not cost more
than the interpreter's own start. So each command's module is imported when it
is asked for, and textual and GitPython only by those that need them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from porch_tui import __version__
from porch_tui.errors import PorchError

INTERRUPTED = 130
BUG = 70
"""As sysexits.h has it: an internal software error."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no exception leaves."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] in (["--version"], ["-V"]):
        print(f"porch {__version__}")
        return 0
    try:
        return _dispatch(words)
    except PorchError as error:
        from porch_tui.cli.escapes import harmless

        print(f"porch: {harmless(str(error))}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        forget_stdout()
        return 0
    except Exception as error:
        from porch_tui.cli.bugs import keep_traceback

        print(f"porch: this is a bug of porch: {error!r}; {keep_traceback()}", file=sys.stderr)
        return BUG


def _dispatch(words: list[str]) -> int:
    from porch_tui.cli.parser import parse

    options = parse(words)
    result: int = options.command(options)
    return result


def forget_stdout() -> None:
    """Let whatever is still printed go nowhere, also what the interpreter flushes at its end."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
