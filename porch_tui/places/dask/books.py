"""What dask's own accounts show of porch's attempts: a task of dask's stands for each, on its worker.

It is what the messages to a host say that is entered here: an attempt that is ordered, until its end is taken
over. So dask knows which workers are busy. It never runs an attempt, and so it cannot run one again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from distributed import Client, Future
from msgspec import Struct

from porch_tui.places.dask.asking import DaskWorker
from porch_tui.places.wire import messages as m
from porch_tui.places.wire.lines import Lines

_ENTERED = (b'{"type":"Start"', b'{"type":"Ack"')
"""How messages begin that say that an attempt is ordered, and that it is over (`wire/lines.py`)."""


class Entry(Struct, frozen=True):
    """A task of dask's."""

    name: str
    worker: DaskWorker
    future: Future


class Books:
    """The tasks of one client, in its loop."""

    def __init__(self, client: Client, engine: str) -> None:
        self._client, self._engine = client, engine
        self._entries: dict[m.Key, Entry] = {}

    def enter(self, worker: DaskWorker, data: bytes) -> Entry | None:
        """Enter what a message to the host of a worker says; return what is over, and is to be released."""
        if not data.startswith(_ENTERED):
            return None
        for message in Lines.from_engine().feed(data):
            match message:
                case m.Start():
                    self._begin(message.order.key, worker)
                case m.Ack():
                    if (entry := self._entries.pop(message.key, None)) is not None:
                        entry.future.release()
                    return entry
        return None

    def _begin(self, key: m.Key, worker: DaskWorker) -> None:
        if (known := self._entries.get(key)) is not None:
            if known.worker.address == worker.address:
                return
            known.future.release()  # it was on a worker that is gone: dask would keep it for ever
        name = f"porch-{key}-{uuid4().hex[:8]}"
        self._entries[key] = Entry(
            name,
            worker,
            self._client.submit(
                _stand_in(),
                name,
                self._engine,
                key=name,
                pure=False,
                retries=0,
                workers=[worker.address],
                allow_other_workers=False,
                resources={"slots": 1} if worker.has_slots else None,
            ),
        )


def _stand_in() -> Callable[..., Any]:
    """Return a function that is sent as it is: a scheduler, which reads all tasks, may have no porch."""

    async def porch_attempt(name: str, engine: str) -> None:
        from porch_tui.places.dask.relay import hold

        await hold(name, engine)

    return porch_attempt
