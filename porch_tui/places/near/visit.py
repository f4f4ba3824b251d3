"""A short visit to a host: a few questions, one at a time, without any attempt."""

from __future__ import annotations

import threading
import time
from queue import Empty, SimpleQueue
from typing import TypeVar

from porch_tui.core.model.place import boot_on
from porch_tui.places.carriers.carrier import Carrier, CarrierError
from porch_tui.places.wire import messages as m
from porch_tui.places.wire.lines import Lines, WireError, encode

WELCOME_WITHIN_S = 30.0
ANSWER_WITHIN_S = 300.0
"""Git looks at every file there."""
PING_S = 2.0

Answer = TypeVar("Answer", bound=m.Message)


class Visit:
    """A connection to a host. Close it."""

    def __init__(self, carrier: Carrier, greeting: m.Greeting) -> None:
        """Raises CarrierError if it cannot be reached, or does not answer."""
        self._heard = SimpleQueue[m.Message | CarrierError]()
        self._lines = Lines.from_host()
        self._link = carrier.open(self._on_data, lambda why: self._heard.put(CarrierError(why)))
        self._link.send(encode(greeting))
        self._is_over = threading.Event()
        # also between two questions, while git is asked here: a host gives up whoever says nothing
        threading.Thread(target=self._stay_in_touch, name="visit", daemon=True).start()
        try:
            welcome = self._wait(m.Welcome, WELCOME_WITHIN_S)
        except CarrierError:
            self.close()
            raise
        self.boot = boot_on(welcome.machine, welcome.boot)
        """Of the machine that answers."""

    def look_over(self, message: m.LookOver | m.CleanUp) -> m.Leftovers:
        """Return what is left of a run there, after what was asked for. Raises CarrierError."""
        self._link.send(encode(message))
        while True:
            found = self._wait(m.Leftovers, ANSWER_WITHIN_S)
            if found.run == message.run:
                return found

    def close(self) -> None:
        """Leave."""
        self._is_over.set()
        self._link.close()

    def _stay_in_touch(self) -> None:
        while not self._is_over.wait(PING_S):
            self._link.send(encode(m.Ping(0)))

    def _on_data(self, data: bytes) -> None:
        try:
            for message in self._lines.feed(data):
                self._heard.put(message)
        except WireError as error:
            self._heard.put(CarrierError(f"it says what is no message: {error}"))

    def _wait(self, kind: type[Answer], within_s: float) -> Answer:
        deadline = time.monotonic() + within_s
        while (left_s := deadline - time.monotonic()) > 0:
            try:
                message = self._heard.get(timeout=left_s)
            except Empty:
                break
            if isinstance(message, CarrierError):
                raise message
            if isinstance(message, m.Refused):
                raise CarrierError(message.why)
            if isinstance(message, kind):
                return message
        raise CarrierError(f"no answer within {within_s:g} s")
