"""Threads that cannot die in silence: the one place with a broad `except`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from porch_tui.errors import PorchError, is_full_disk, limit_met

log = logging.getLogger(__name__)


def begin(name: str, work: Callable[[], None], on_broken: Callable[[Exception], None]) -> threading.Thread:
    """Run `work` in a daemon thread of its own.

    Whatever it raises goes to the log, with its traceback if it may be a bug,
    and to `on_broken`, which turns it into a failed outcome: a fault of one
    performer is never a fault of the run. RuntimeError if the system allows no
    more threads.
    """

    def guarded() -> None:
        try:
            work()
        except Exception as error:
            if is_full_disk(error):
                log.warning("%s: no room on the disk: %s", name, error)
            elif isinstance(error, PorchError) or limit_met(error):  # the outcome says it in full
                log.info("%s: %s", name, error)
            else:
                log.exception("%s broke", name)
            on_broken(error)

    thread = threading.Thread(target=guarded, name=name, daemon=True)
    thread.start()
    return thread
