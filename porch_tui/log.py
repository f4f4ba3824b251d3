"""What people should know of although nothing has failed. Python's `logging` takes 4 ms of every start."""

from __future__ import annotations

from collections.abc import Callable

listeners: list[Callable[[str], None]] = []
"""Called with each text, from any thread; while there are none, `logging` has them."""


def warning(text: str) -> None:
    """Say what goes on, or was left, otherwise than it should."""
    if not listeners:
        import logging

        logging.getLogger("porch_tui").warning("%s", text)
    for listener in listeners:
        listener(text)


def exception(text: str) -> None:
    """Say what the exception that is being handled has ended, with its traceback."""
    if not listeners:
        import logging

        logging.getLogger("porch_tui").exception("%s", text)
        return
    import traceback

    for listener in listeners:
        listener(f"{text}\n{traceback.format_exc().rstrip()}")
