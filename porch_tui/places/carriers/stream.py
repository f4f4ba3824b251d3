"""The bytes of a connection, both ways, without threads of its own.

One thread reads what all connections bring. With one for each that is woken a few times a second, a thousand
places cost the system several times what there is to read.
"""

from __future__ import annotations

import os
import select
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from porch_tui.executors.background import start_thread

READ_BYTES = 1 << 20
TRY_AGAIN_S = 1.0
LOOK_AGAIN_MS = 500
"""How soon a writer that waits notices that its connection was closed."""


class Stream:
    """A connection by two descriptors, which may be one."""

    def __init__(self, incoming: int, outgoing: int, finish: Callable[[], None]) -> None:
        """`finish` closes the outgoing side, once; nothing is written after that."""
        self._incoming, self._outgoing, self._finish = incoming, outgoing, finish
        self._waiting = deque[memoryview]()
        self._is_writing, self._is_closed = False, False
        self._lock = threading.Lock()
        os.set_blocking(outgoing, False)

    def read(self, on_data: Callable[[bytes], None], on_end: Callable[[], None]) -> None:
        """Have what arrives passed to `on_data`, and `on_end` called in a thread of its own after it.

        `on_data` delays what other connections bring, so it must not wait for anything. What it raises ends
        its connection.
        """
        _READER.follow(self._incoming, on_data, on_end)

    def send(self, data: bytes) -> None:
        """Write at once what fits, the rest in a thread; what a broken connection cannot take is dropped."""
        with self._lock:
            if self._is_closed:
                return
            left = memoryview(data) if self._is_writing else self._written(memoryview(data))
            if not left:
                return
            self._waiting.append(left)
            if not self._is_writing:
                self._begin_to_write()

    def close(self) -> None:
        """Write nothing more."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            if not self._is_writing:
                self._finish()

    def _written(self, data: memoryview) -> memoryview:
        """Write as much as fits; return the rest, which is empty if nothing will ever fit."""
        try:
            return data[os.write(self._outgoing, data) :]
        except BlockingIOError:
            return data
        except OSError:
            return data[:0]

    def _begin_to_write(self) -> None:
        try:
            threading.Thread(target=self._write_on, name="stream", daemon=True).start()
        except RuntimeError:  # the system allows no more: half a message is worse than none
            self._is_closed = True
            self._finish()
        else:
            self._is_writing = True

    def _write_on(self) -> None:
        """Write what waits, as it fits."""
        poll = select.poll()
        poll.register(self._outgoing, select.POLLOUT)
        while True:
            with self._lock:
                while self._waiting and not self._is_closed:
                    left = self._written(self._waiting.popleft())
                    if left:
                        self._waiting.appendleft(left)
                        break
                if self._is_closed:
                    self._finish()
                    return
                if not self._waiting:
                    self._is_writing = False
                    return
            poll.poll(LOOK_AGAIN_MS)


class _Reader:
    """The thread that reads what all connections bring."""

    def __init__(self) -> None:
        self.forget()
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """Follow nothing: as in a process that was forked, which has no threads."""
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._is_running = False
        self._reading: selectors.SelectorKey | None = None

    def follow(self, incoming: int, on_data: Callable[[bytes], None], on_end: Callable[[], None]) -> None:
        with self._lock:
            self._selector.register(incoming, selectors.EVENT_READ, (on_data, on_end))
            if not self._is_running:
                self._is_running = True
                self._begin()

    def _begin(self) -> None:
        start_thread("streams", self._run, self._go_on)

    def _go_on(self, error: Exception) -> None:
        """End the connection that could not be read, and read the others."""
        if (key := self._reading) is not None:
            self._end(key)
        while True:
            try:
                return self._begin()
            except RuntimeError:  # the system allows no more threads
                time.sleep(TRY_AGAIN_S)

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                self._reading = key
                on_data, _on_end = key.data
                try:
                    data = os.read(key.fd, READ_BYTES)
                except BlockingIOError:
                    continue
                except OSError:
                    data = b""
                if data:
                    on_data(data)
                else:
                    self._end(key)
                self._reading = None

    def _end(self, key: selectors.SelectorKey) -> None:
        self._reading = None
        with self._lock, suppress(KeyError, ValueError):
            self._selector.unregister(key.fd)
        threading.Thread(target=key.data[1], name="stream", daemon=True).start()


_READER = _Reader()
