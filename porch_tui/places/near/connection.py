"""The connection to one place: made again and again, and reported whenever it begins or ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from porch_tui import log
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import boot_on
from porch_tui.errors import limit_met
from porch_tui.executors.background import start_thread
from porch_tui.places.carriers.carrier import Carrier, Link
from porch_tui.places.near.contact import Contact
from porch_tui.places.near.patience import ERRORS
from porch_tui.places.near.reports import Reports
from porch_tui.places.near.rounds import PINGS
from porch_tui.places.wire import messages as m
from porch_tui.places.wire.lines import Lines, WireError, encode

PING_S = 2.0
SILENT_S = 8.0
"""Without an answer for so long a connection counts as lost, and is made again."""
WELCOME_WITHIN_S = 30.0
FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 5.0
"""Between two tries to connect; doubled each time."""
LONGEST_S = 365 * 86400.0
"""What would end later than in a year has no end: so long Slurm gives a job without a limit."""


class Connection:
    """Stays in touch with the host of a place until it is closed."""

    def __init__(
        self,
        carrier: Carrier,
        greeting: m.Greeting,
        reports: Reports,
        on_contact: Callable[[Contact], None],
        *,
        is_one_machine: bool,
    ) -> None:
        """`on_contact` hears when the place answers, and when it no longer does, by `reports`.

        `is_one_machine` says that who answers with another boot was started again. Behind a name that others
        have given it may be another machine, beside which the one before goes on.
        """
        self._carrier, self._greeting, self._reports = carrier, greeting, reports
        self._on_contact, self._is_one_machine = on_contact, is_one_machine
        self.lock = threading.RLock()
        """Held while something is said; whoever has to say several things holds it too."""
        self.welcome: m.Welcome | None = None
        """What the host said of itself last."""
        self.is_up_news = False
        """That the place answers may have been no news yet, and is reported with each ping."""
        self._link: Link | None = None
        self._is_welcome = False
        self._heard = 0.0
        """When something came last, by the monotonic clock."""
        self._clock_ahead_s = 0.0
        """How far the host's clock is ahead of ours."""
        self._lost = threading.Event()
        self._why_lost = ""
        self._why_away = ""
        """Why it is not expected back, as long as that is not reported."""
        self._is_short = False
        """The connection was given up because something is missing here, such as room on the disk."""
        self._is_closed = threading.Event()

    def begin(self, on_welcome: Callable[[], None], on_message: Callable[[m.Message], None]) -> None:
        """Connect, in a thread. `on_welcome` is called, with the lock, whenever the host can be asked again.

        `on_message` receives what it says else, except for what concerns the connection alone.
        """
        self._on_welcome, self._on_message = on_welcome, on_message
        self._begin_to_connect()

    def say(self, message: m.Message) -> None:
        """Send a message; nothing happens while the host cannot be asked."""
        with self.lock:
            if self._link is not None and self._is_welcome:
                self._link.send(encode(message))

    def lose(self, why: str) -> None:
        """Give the present connection up, for another one."""
        self._why_lost = self._why_lost or why
        self._lost.set()

    def host_time(self) -> float:
        """Return when the host was heard last, by its own clock."""
        return time.time() + self._clock_ahead_s - (time.monotonic() - self._heard)

    def wait(self, seconds: float) -> bool:
        """Wait for so long; return at once, and True, if it is closed."""
        return self._is_closed.wait(seconds)

    def take_away(self, why: str) -> None:
        """Report that the place is not expected back, unless it answers now.

        What runs there may still do so until its lease is over, and the place is tried again: it may be back.
        """
        with self.lock:
            self._why_away = why
            self._report_away()

    def close(self) -> None:
        """Let go of the place."""
        self._is_closed.set()
        self._lost.set()
        with self.lock:
            if self._link is not None:
                self._link.close()

    def _begin_to_connect(self) -> None:
        def again(error: Exception) -> None:
            self._report(Contact(None, f"porch has failed: {error!r}"))
            if not self._is_closed.wait(LONGEST_WAIT_S):
                self._begin_to_connect()

        start_thread("place", self._stay_connected, again)

    def _stay_connected(self) -> None:
        """Connect again and again until this is closed."""
        wait_s, heard_at = FIRST_WAIT_S, 0.0
        while not self._is_closed.is_set():
            self._lost.clear()
            self._why_lost, self._is_welcome, self._is_short = "", False, False
            lines = Lines.from_host()
            try:
                link = self._carrier.open(partial(self._on_data, lines), self.lose)
            except ERRORS as error:
                self.lose(limit_met(error) or str(error))
            else:
                with self.lock:
                    self._link, self._heard = link, time.monotonic()
                link.send(encode(self._greeting))
                if self._converse():
                    heard_at = time.time() - (time.monotonic() - self._heard)
                    wait_s = wait_s if self._is_short else FIRST_WAIT_S
                with self.lock:
                    self._link, self._is_welcome = None, False
                link.close()
            if not self._is_closed.is_set():
                self._report(Contact(None, self._why_lost, heard_at))
                with self.lock:
                    self._report_away()
                self._is_closed.wait(wait_s)
                wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    def _converse(self) -> bool:
        """Ping until the connection is lost; return whether the host has answered at all."""
        began = time.monotonic()
        with PINGS.calling(PING_S, self._ping):
            self._lost.wait()
        return self._is_welcome and self._heard > began

    def _ping(self) -> None:
        silent_s = time.monotonic() - self._heard
        if silent_s > (SILENT_S if self._is_welcome else WELCOME_WITHIN_S):
            self.lose(f"no answer for {silent_s:.0f} s")
        self.say(m.Ping(round(time.monotonic())))
        with self.lock:
            if self._is_welcome and self.is_up_news:
                self._report_up()

    def _on_data(self, lines: Lines, data: bytes) -> None:
        try:
            for message in lines.feed(data):
                self._heard = time.monotonic()
                self._hear(message)
        except WireError as error:
            self.lose(f"the host says what is no message: {error}")
        except ERRORS as error:  # it says it again after the next connection
            self._is_short = True
            self.lose(f"what it says cannot be kept here: {limit_met(error) or error}")

    def _hear(self, message: m.Message) -> None:
        match message:
            case m.Welcome():
                self._be_welcome(message)
            case m.Pong():
                self._clock_ahead_s = message.now - time.time()
            case m.Refused(key=None):  # it may be better at the next try, such as with room on its disk
                log.warning(f"place: {message.why}")
                self.lose(message.why)
            case _:
                self._on_message(message)

    def _be_welcome(self, welcome: m.Welcome) -> None:
        if welcome.protocol != m.PROTOCOL:
            self.lose(f"it speaks protocol {welcome.protocol}, and this porch {m.PROTOCOL}")
            return
        if not self._is_one_machine:
            welcome = replace(welcome, boot=boot_on(welcome.machine, welcome.boot))
        welcome = replace(welcome, ends_at=_end_here(welcome))
        with self.lock:
            self._is_welcome, self.welcome, self._why_away = True, welcome, ""
            self._clock_ahead_s = welcome.now - time.time()
            self._report_up()
            self._on_welcome()

    def _report_up(self) -> None:
        self._report(Contact(self.welcome, "", time.time()))

    def _report_away(self) -> None:
        """Say that the place is gone: now, or once its connection is lost too; never after an answer."""
        if self._why_away and not self._is_welcome:
            self._report(Contact(None, self._why_away, is_gone=True))
            self._why_away = ""

    def _report(self, contact: Contact) -> None:
        self._reports.put(partial(self._on_contact, contact))


def _end_here(welcome: m.Welcome) -> float | None:
    """Return when a place ends by our clock, in whole seconds, so that it says the same each time."""
    if welcome.ends_at is None or not (left_s := welcome.ends_at - welcome.now) < LONGEST_S:
        return None
    return float(round(time.time() + max(left_s, 0.0)))
