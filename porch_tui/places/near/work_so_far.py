"""What running attempts elsewhere have done so far, for predicting conflicts. Never a result.

It is data of a stranger as results are, and taken like them: a ref of the attempt's own leads to it, until
the attempt ends.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable

from porch_tui import log
from porch_tui.core.model import events as e
from porch_tui.errors import PorchError
from porch_tui.executors.background import start_thread
from porch_tui.executors.executor import Job
from porch_tui.git import refs
from porch_tui.git.refs import RunRefs
from porch_tui.git.transfer import bundles
from porch_tui.places.wire import messages as m

LEAST_PAUSE_S = 30.0
"""Between two that are taken of one attempt, whatever its host sends."""


class WorkSoFar:
    """What one host offers of the attempts that it runs."""

    def __init__(self, is_running: Callable[[Job], bool]) -> None:
        self._is_running = is_running
        self._parts: dict[e.AttemptId, bytearray] = {}
        self._taken_at: dict[e.AttemptId, float] = {}
        self._taking = threading.Lock()

    def hear(self, job: Job, message: m.SoFar) -> None:
        """Add a part; what is whole is taken, in a thread. One thread calls this."""
        now, attempt = time.monotonic(), job.attempt
        if message.at == 0 and now > self._taken_at.get(attempt, -LEAST_PAUSE_S) + LEAST_PAUSE_S:
            self._parts[attempt] = bytearray()
        data = self._parts.pop(attempt, None)
        size = min(message.size, m.WINDOW)
        if data is None or message.at != len(data) or len(data) + len(message.data) > size:
            return
        data += message.data
        if len(data) < size:
            self._parts[attempt] = data
            return
        self._taken_at[attempt] = now
        # in a thread, since it asks git; what cannot be taken is not known, and that is all
        start_thread("work so far", lambda: self._take(job, message.commit, bytes(data)), lambda error: None)

    def forget(self, job: Job) -> None:
        """Delete what was taken of an attempt, which has ended. Raises GitError."""
        self._parts.pop(job.attempt, None)
        _delete(job, *_refs(job))

    def _take(self, job: Job, commit: str, data: bytes) -> None:
        checkout, (ref, new) = job.checkout, _refs(job)
        with self._taking, tempfile.TemporaryFile() as file:
            file.write(data)
            file.seek(0)
            if not self._is_running(job):
                return
            # what comes from elsewhere gets a new ref, never one that leads somewhere already
            _delete(job, new)
            try:
                bundles.take(checkout.repository, checkout.base, {new: commit}, file, allowed=(new,))
                refs.keep(checkout.repository, ref, commit)
                _delete(job, new)
            except PorchError as error:
                log.warning(f"what {job.attempt} has done so far is not known: {error}")
            if not self._is_running(job):  # it has ended meanwhile
                self.forget(job)


def _delete(job: Job, *names: str) -> None:
    found = {name: refs.read(job.checkout.repository, name) for name in names}
    refs.delete(job.checkout.repository, {name: oid for name, oid in found.items() if oid is not None})


def _refs(job: Job) -> tuple[str, str]:
    names, attempt = RunRefs(job.run), job.attempt
    return names.so_far(attempt.task, attempt.number), names.new_so_far(attempt.task, attempt.number)
