"""What runs in dask's workers: relays between engines and the host's process beside the worker.

The worker itself runs no attempt and keeps nothing: it starts the way in to the host's process
(`places/host`) and passes bytes on. So a worker that is killed takes nothing with it, and the next one of its
name finds all that runs. An engine asks for what has come as long as it is there; one that no longer asks is
gone. All is in bytes, which dask passes on without unpickling them.

There is no plugin of dask: nothing of porch stays registered with a scheduler, where it would be lost by its
restart, and disturb workers that have no porch.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import platform
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from porch_tui.places.carriers.carrier import CarrierError
from porch_tui.places.carriers.pipe import PipeCarrier
from porch_tui.places.carriers.way_in import HostFacts
from porch_tui.places.host.__main__ import LAST
from porch_tui.places.program.contents import FINDINGS
from porch_tui.process.children import first_line
from porch_tui.process.user import user_name

VERSION = 1
"""Of these calls; it is in their names."""
OPEN, LOOK, SEND, RECEIVE, CLOSE, RELEASE, FACTS = (
    f"porch-{VERSION}-{name}" for name in ("open", "look", "send", "receive", "close", "release", "facts")
)
DATA, LOST = b"+", b"-"
"""What an answer begins with: bytes of the host follow, or why there will be no more."""
MOST_BYTES = 1 << 20
"""Of one answer."""
ABANDONED_S = 30.0
"""An engine that asked for nothing for so long is gone."""
ROOT = "~/.cache/porch/workers"
IDLE_S = 60.0
ROOT_VARIABLE = "PORCH_WORKERS"
"""In the environment of a worker: where its hosts keep their things instead."""


class Relay:
    """One engine's connection to the host's process."""

    def __init__(self, argv: list[str], engine: str) -> None:
        """Start the way in; to be called in the worker's loop. Raises CarrierError."""
        self.id, self.engine = uuid4().hex, engine
        self._loop = asyncio.get_running_loop()
        self._arrived = bytearray()
        self._why_lost = ""
        self._news = asyncio.Event()
        self._is_asked_for = self._loop.time()
        self._link = PipeCarrier(argv).open(self._on_data, self._on_lost)
        self._loop.call_later(ABANDONED_S, self._look_after)

    def send(self, data: bytes) -> None:
        """Pass bytes on to the host."""
        self._link.send(data)

    async def receive(self, wait_s: float) -> bytes:
        """Return what has come, waiting for the first of it."""
        self._is_asked_for = self._loop.time() + wait_s
        if not self._arrived and not self._why_lost:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), wait_s)
            except TimeoutError:
                return DATA
        if self._arrived:
            data = bytes(self._arrived[:MOST_BYTES])
            del self._arrived[:MOST_BYTES]
            return DATA + data
        return LOST + self._why_lost.encode()

    def close(self) -> None:
        """End the way in; what runs on the host goes on."""
        RELAYS.pop(self.id, None)
        self._on_lost("closed")
        self._link.close()

    def _on_data(self, data: bytes) -> None:
        self._loop.call_soon_threadsafe(self._add, data)

    def _add(self, data: bytes) -> None:
        self._arrived += data
        self._news.set()

    def _on_lost(self, why: str) -> None:
        if not self._loop.is_closed():  # it is when the worker ends
            self._loop.call_soon_threadsafe(self._lose, why)

    def _lose(self, why: str) -> None:
        self._why_lost = self._why_lost or why
        self._news.set()

    def _look_after(self) -> None:
        if self._loop.time() - self._is_asked_for > ABANDONED_S:
            self.close()
        elif self.id in RELAYS:
            self._loop.call_later(ABANDONED_S / 4, self._look_after)


RELAYS: dict[str, Relay] = {}
"""Those of this worker's process."""


async def open_relay(place: str, engine: str, root: str = "", idle_s: float = IDLE_S) -> bytes:
    """Open a connection to the host of a place, and return its id, or `LOST` and why there is none."""
    folder = str(_folder(place, root))
    return _begin(engine, "porch_tui.places.host", "--root", folder, "--idle", str(idle_s))


async def look_around(place: str, engine: str, tools: list[str], root: str = "") -> bytes:
    """Open a connection to what looks at this machine (`host/findings.py`), and answer as `open_relay`."""
    folder = _folder(place, root)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _begin(engine, FINDINGS, str(folder), LAST, *tools)


def _begin(engine: str, module: str, *words: str) -> bytes:
    try:
        relay = Relay([sys.executable, "-P", "-m", module, *words], engine)
    except CarrierError as error:
        return LOST + str(error).encode()
    RELAYS[relay.id] = relay
    return DATA + relay.id.encode()


async def tell_facts(place: str, root: str = "") -> bytes:
    """Return what there is to know of this machine without looking for anything, as JSON."""

    def facts() -> HostFacts:
        git = first_line("git", "--version") or ""
        return HostFacts(
            python=platform.python_version(),
            executable=sys.executable,
            git=git.removeprefix("git version "),
            user=user_name(),
            host=platform.node(),
            system=sys.platform,
            root=str(_folder(place, root)),
            is_there=True,
        )

    return DATA + msgspec.json.encode(await asyncio.to_thread(facts))


def _folder(place: str, root: str) -> Path:
    return Path(root or folder_of(place)).expanduser()


def folder_of(place: str) -> str:
    """Return where the host of a place keeps its things: each place of this machine has a folder."""
    name = re.sub(r"[^\w.-]", "_", place.rpartition("/")[2])[:40]
    return f"{os.environ.get(ROOT_VARIABLE) or ROOT}/{name}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"


async def send_through(relay: str, data: bytes) -> bytes:
    """Pass bytes on to the host; `LOST` if the connection is no longer there."""
    if (found := RELAYS.get(relay)) is None:
        return LOST + b"its worker knows the connection no longer"
    found.send(data)
    return DATA


async def receive_from(relay: str, wait_s: float) -> bytes:
    """Return what the host has sent, after `DATA`; or `LOST` and why there will be no more."""
    if (found := RELAYS.get(relay)) is None:
        return LOST + b"its worker knows the connection no longer"
    return await found.receive(wait_s)


async def close_relay(relay: str) -> bytes:
    """Close a connection, if it is still there."""
    if (found := RELAYS.get(relay)) is not None:
        found.close()
    return DATA


HELD: dict[str, asyncio.Event] = {}
"""By the name of a task of dask's that stands for an attempt: whether it is to end."""
LOOK_S = 5.0


async def hold(name: str, engine: str) -> None:
    """Stand for an attempt in dask's own books, until it is over or its engine has gone.

    So dask shows the worker as busy, gives others no more than is free, and does not take it away for lack of
    work. What it does with this task on its own, a second run included, does nothing to the attempt.
    """
    is_over = HELD.setdefault(name, asyncio.Event())
    try:
        while any(relay.engine == engine for relay in RELAYS.values()):
            with suppress(TimeoutError):
                await asyncio.wait_for(is_over.wait(), LOOK_S)
                return
    finally:
        HELD.pop(name, None)


async def release(name: str) -> bytes:
    """Let the task end that stands for an attempt, also one that has not begun yet."""
    HELD.setdefault(name, asyncio.Event()).set()
    return DATA


CALLS: dict[str, Callable[..., Any]] = {
    OPEN: open_relay,
    LOOK: look_around,
    FACTS: tell_facts,
    SEND: send_through,
    RECEIVE: receive_from,
    CLOSE: close_relay,
    RELEASE: release,
}


def install(dask_worker: Any) -> None:
    """Let a worker answer these calls. `dask_worker` is the name by which dask hands over the worker."""
    dask_worker.handlers.update(CALLS)
