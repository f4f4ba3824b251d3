"""Threads that cannot fail silently: the one place with a broad `except`."""

from __future__ import annotations

import threading
from collections.abc import Callable

from porch_tui import log
from porch_tui.errors import PorchError, is_full_disk, limit_met


def start_thread(
    name: str, do: Callable[[], None], on_error: Callable[[Exception], None]
) -> threading.Thread:
    """Run a function in a daemon thread.

    What it raises is logged, with its traceback if it may be a bug, and passed to `on_error`, which reports a
    failed outcome: an error in one effect never ends the run. RuntimeError if the system allows no more
    threads.
    """

    def run() -> None:
        try:
            do()
        except Exception as error:
            if is_full_disk(error):
                log.warning(f"{name}: no room on the disk: {error}")
            elif not isinstance(error, PorchError) and not limit_met(error):  # of those the outcome says all
                log.exception(f"{name} failed")
            on_error(error)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
