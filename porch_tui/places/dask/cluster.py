"""The engine's side of a dask cluster: one client of its scheduler, and a carrier for each of its workers.

All of dask happens in one thread with a loop of its own, and what arrives is handed on by another one, in
order. A client whose scheduler is lost is given up: a new one knows whether it speaks to a new scheduler.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import Any
from uuid import uuid4

import dask
from distributed import Client

from porch_tui import log
from porch_tui.core.model.wording import one_line
from porch_tui.errors import PorchError
from porch_tui.places.carriers.carrier import CarrierError
from porch_tui.places.dask import relay
from porch_tui.places.dask.access import Access, knock
from porch_tui.places.dask.asking import DaskWorker, listed_workers, quiet, security_of
from porch_tui.places.dask.books import Books, Entry
from porch_tui.places.dask.roster import Roster
from porch_tui.places.dask.versions import refuse_other_versions

CONNECT_S = 10.0
CALL_S = 15.0
"""Until a call counts as failed; those that wait for something take `WAIT_S` longer."""
WAIT_S = 5.0
LOOK_S = 0.5
"""How often the workers are looked at besides what dask reports of them."""
RETRY_S = 1.0
MOST_BYTES = 1 << 20

Workers = Callable[[tuple[DaskWorker, ...]], None]
Gone = Callable[[str, str], None]


class DaskCluster:
    """A scheduler, and its workers as they come and go."""

    def __init__(
        self,
        access: Access,
        on_workers: Workers = lambda workers: None,
        root: str = "",
        idle_s: float = relay.IDLE_S,
        *,
        on_gone: Gone = lambda worker, why: None,
        known: Iterable[str] = (),
    ) -> None:
        """Begin to connect. `on_workers` hears of all workers there are whenever that changes.

        `on_gone` hears of each that does not come back, and why; also of one in `known` that is not there.

        `root` is the folder of hosts on every `{worker}`, for tests; empty: one for each place.
        """
        self.address, self._access, self._on_workers = access.address, access, on_workers
        self._on_gone, self._roster = on_gone, Roster(known)
        self._root, self._idle_s = root, idle_s
        self.why_lost = "not connected yet"
        """Why the scheduler cannot be reached now; empty: it can."""
        self._engine = uuid4().hex
        self._client: Client | None = None
        self._books: Books | None = None
        self._workers: dict[str, DaskWorker] = {}
        self._links: set[DaskLink] = set()
        self._is_closed = False
        self._changed, self._has_tried = asyncio.Event(), asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._reports = SimpleQueue[Callable[[], None] | None]()
        threading.Thread(target=self._report, name="dask reports", daemon=True).start()
        self._thread = threading.Thread(target=self._run, name="dask", daemon=True)
        self._thread.start()

    def carrier(self, worker: str) -> DaskCarrier:
        """Return the way to a worker by its name, which need not be there yet."""
        return DaskCarrier(self, worker)

    def close(self) -> None:
        """Leave the cluster; what runs there goes on until its lease is over."""
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._stop)
        self._thread.join(CALL_S)

    def call(self, coroutine: Any, timeout_s: float) -> Any:
        """Wait in another thread for what is done in the loop of this. CarrierError if it was left."""
        if self._loop.is_closed():
            coroutine.close()
            raise CarrierError(self.why_lost or f"the cluster at {self.address} was left")
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(timeout_s)
        except TimeoutError as error:
            future.cancel()
            raise CarrierError(
                f"no answer within {timeout_s:g} s from the cluster at {self.address}"
            ) from error

    # --- in the loop

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._stay_connected())
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()
            self._reports.put(None)

    def _report(self) -> None:
        while (report := self._reports.get()) is not None:
            report()

    def _stop(self) -> None:
        self._is_closed = True
        self._changed.set()

    async def _stay_connected(self) -> None:
        quiet()
        while not self._is_closed:
            self._changed.clear()
            try:
                await self._connect()
                while not self._is_closed and self._is_connected:
                    await self._look_at_workers()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._changed.wait(), LOOK_S)
                    self._changed.clear()
                why = "the scheduler is gone"
            except PorchError as error:
                why = str(error)
            except Exception as error:  # whatever dask may raise: it is tried again
                why = (
                    f"the scheduler at {self.address} does not answer: {one_line(str(error) or repr(error))}"
                )
            await self._disconnect(why)
            self._has_tried.set()
            if not self._is_closed:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), RETRY_S)

    @property
    def _is_connected(self) -> bool:
        return self._client is not None and self._client.status == "running"

    async def _connect(self) -> None:
        await asyncio.to_thread(knock, self._access)
        credentials = self._access.credentials
        security = security_of(credentials) if credentials else None
        with dask.config.set({"distributed.comm.timeouts.connect": f"{CONNECT_S:g}s"}):
            self._client = client = await Client(
                self.address, security=security, asynchronous=True, timeout=CONNECT_S, set_as_default=False
            )
        refuse_other_versions("the scheduler", await client.scheduler.versions())
        client.subscribe_topic("all", self._on_event)  # first: what happens from now on is not missed
        self._books = Books(client, self._engine)
        self._roster.begin()
        self.why_lost = ""

    async def _disconnect(self, why: str) -> None:
        if why != self.why_lost and not self._is_closed:
            log.warning(f"nothing starts on {self.address}: {why}; it is tried again")
        self.why_lost = why
        for link in tuple(self._links):
            link.lose(why)
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):
                await asyncio.wait_for(client.close(timeout=2), 5)

    def _on_event(self, event: tuple[float, Any]) -> None:
        """Hear what dask says of its workers."""
        match event[1]:
            case {"action": "remove-worker", "worker": address}:
                for link in tuple(self._links):
                    if link.address == address:
                        link.lose("its dask worker is gone")
            case {"action": "retire-workers", "retired": addresses}:
                self._roster.retire(addresses)
            case {"action": "add-worker"}:
                pass
            case _:
                return
        self._changed.set()

    async def _look_at_workers(self) -> None:
        assert self._client is not None
        answer = await asyncio.wait_for(self._client.scheduler.identity(n_workers=-1), CALL_S)
        workers = {one.name: one for one in listed_workers(answer)}
        if workers != self._workers:
            self._workers = workers
            self._reports.put(lambda: self._on_workers(tuple(workers.values())))
        for name, why in self._roster.look(workers.values(), self._loop.time()).items():
            self._reports.put(partial(self._on_gone, name, why))
        self._has_tried.set()

    async def ask(self, worker: str, call: str, patience_s: float = CALL_S, **arguments: Any) -> bytes:
        """Return a worker's answer. Raises CarrierError if there is none, or says that all is over."""
        if not self._is_connected or self._client is None:
            raise CarrierError(self.why_lost or "the scheduler is gone")
        message = {"op": call, **arguments}
        try:
            answers = await asyncio.wait_for(
                self._client.scheduler.broadcast(msg=message, workers=[worker]), patience_s
            )
        except Exception as error:  # whatever dask may raise: the connection is made again
            raise CarrierError(
                f"its worker does not answer: {one_line(str(error) or repr(error))}"
            ) from error
        answer = answers.get(worker)
        if not isinstance(answer, bytes) or not answer.startswith((relay.DATA, relay.LOST)):
            raise CarrierError(
                "its worker does not answer as this porch would: restart it if porch was updated there: "
                f"{one_line(repr(answer))}"
            )
        if answer.startswith(relay.LOST):
            raise CarrierError(one_line(answer[1:].decode(errors="replace")))
        return answer[1:]

    async def open(
        self,
        name: str,
        on_data: Callable[[bytes], None],
        on_lost: Callable[[str], None],
        tools: Sequence[str] | None = None,
    ) -> DaskLink:
        """Connect to the host of a worker, or to what looks at its machine for tools. Raises CarrierError."""
        worker = await self._prepared(name)
        whose: dict[str, Any] = {
            "place": f"{self.address}/{name}",
            "engine": self._engine,
            "root": self._root_of(name),
        }
        if tools is None:
            found = await self.ask(worker.address, relay.OPEN, idle_s=self._idle_s, **whose)
        else:
            found = await self.ask(worker.address, relay.LOOK, tools=list(tools), **whose)
        link = DaskLink(self, worker, found.decode(), on_data, on_lost)
        self._links.add(link)
        return link

    async def facts(self, name: str) -> bytes:
        """Return what a worker says of its machine, as JSON. Raises CarrierError."""
        worker = await self._prepared(name)
        place = f"{self.address}/{name}"
        return await self.ask(worker.address, relay.FACTS, place=place, root=self._root_of(name))

    def _root_of(self, name: str) -> str:
        return self._root.replace("{worker}", name)

    async def _prepared(self, name: str) -> DaskWorker:
        """Return a worker that answers porch's calls. Raises CarrierError."""
        await self._has_tried.wait()
        if not self._is_connected or self._client is None:
            raise CarrierError(self.why_lost or "the scheduler is gone")
        if (worker := self._workers.get(name)) is None:
            raise CarrierError(f"the scheduler at {self.address} has no worker {name!r} now")
        await self._prepare(worker)
        return worker

    async def _prepare(self, worker: DaskWorker) -> None:
        """See to it that a worker answers porch's calls."""
        client = self._client
        assert client is not None
        try:
            versions = await asyncio.wait_for(
                client.scheduler.broadcast(msg={"op": "versions"}, workers=[worker.address]), CALL_S
            )
            refuse_other_versions(f"worker {worker.name}", versions[worker.address])
            await asyncio.wait_for(client.run(relay.install, workers=[worker.address]), CALL_S)
        except PorchError as error:
            raise CarrierError(str(error)) from error
        except Exception as error:  # dask passes errors of a worker on as those of other types
            why = _said(error)
            if "ModuleNotFoundError" in why or isinstance(error, ModuleNotFoundError):
                why = f"worker {worker.name} has no porch; install porch-tui in its Python: {why}"
            else:
                why = f"worker {worker.name} does not answer: {why}"
            raise CarrierError(why) from error

    def enter(self, worker: DaskWorker, data: bytes) -> None:
        """Keep dask's own accounts by what is said to a host; to be called in the loop."""
        try:
            over = self._books.enter(worker, data) if self._books is not None else None
        except Exception as error:  # whatever dask may raise: attempts do not depend on it
            log.warning(f"dask's accounts of attempts on {worker.name} are not kept: {_said(error)}")
            return
        if over is not None:
            self.begin(self._release(over))

    async def _release(self, over: Entry) -> None:
        with suppress(CarrierError):
            await self.ask(over.worker.address, relay.RELEASE, name=over.name)

    def hand_over(self, report: Callable[[], None]) -> None:
        """Have something called by the thread that reports, after what is waiting already."""
        self._reports.put(report)

    def forget(self, link: DaskLink) -> None:
        """Let go of a link that is over."""
        self._links.discard(link)

    def post(self, action: Callable[[], None]) -> None:
        """Have something done in the loop, from any thread."""
        with suppress(RuntimeError):  # the loop is closed, and all links are lost
            self._loop.call_soon_threadsafe(action)

    def begin(self, coroutine: Any) -> asyncio.Task[None]:
        """Begin something in the loop, in its thread."""
        return self._loop.create_task(coroutine)


def _said(error: Exception) -> str:
    return one_line(str(error) or repr(error))


class DaskCarrier:
    """The way to one worker's host."""

    def __init__(self, cluster: DaskCluster, worker: str) -> None:
        self._cluster, self._worker = cluster, worker

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> DaskLink:
        """Connect. Raises CarrierError."""
        link: DaskLink = self._cluster.call(self._cluster.open(self._worker, on_data, on_lost), 4 * CALL_S)
        return link


class DaskLink:
    """An open connection, in the loop of its cluster."""

    def __init__(
        self,
        cluster: DaskCluster,
        worker: DaskWorker,
        relay_id: str,
        on_data: Callable[[bytes], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._cluster, self._worker, self.address = cluster, worker, worker.address
        self._relay = relay_id
        self._on_data, self._on_lost = on_data, on_lost
        self._outgoing = deque[bytes]()
        self._has_outgoing = asyncio.Event()
        self._is_over = False
        self._tasks = [cluster.begin(self._receive()), cluster.begin(self._send())]

    def send(self, data: bytes) -> None:
        """Send bytes; returns at once."""
        self._cluster.post(lambda: self._put(data))

    def close(self) -> None:
        """Give the connection up."""
        self._cluster.post(lambda: self.lose("closed"))

    def lose(self, why: str) -> None:
        """Be over, for a reason; to be called in the loop."""
        if self._is_over:
            return
        self._is_over = True
        self._cluster.forget(self)
        for task in self._tasks:  # a call of dask's may take no notice of that
            task.cancel()
        self._cluster.hand_over(lambda: self._on_lost(why))
        self._tasks = [self._cluster.begin(self._say_goodbye())]

    def _put(self, data: bytes) -> None:
        if not self._is_over:
            self._outgoing.append(data)
            self._has_outgoing.set()
            self._cluster.enter(self._worker, data)

    async def _receive(self) -> None:
        try:
            while not self._is_over:
                data = await self._cluster.ask(
                    self.address, relay.RECEIVE, CALL_S + WAIT_S, relay=self._relay, wait_s=WAIT_S
                )
                if data:
                    self._cluster.hand_over(partial(self._on_data, data))
        except CarrierError as error:
            self.lose(str(error))

    async def _send(self) -> None:
        try:
            while not self._is_over:
                await self._has_outgoing.wait()
                self._has_outgoing.clear()
                while self._outgoing:
                    pieces, size = [], 0
                    while self._outgoing and size < MOST_BYTES:
                        pieces.append(self._outgoing.popleft())
                        size += len(pieces[-1])
                    data = b"".join(pieces)
                    await self._cluster.ask(self.address, relay.SEND, relay=self._relay, data=data)
        except CarrierError as error:
            self.lose(str(error))

    async def _say_goodbye(self) -> None:
        with suppress(CarrierError):
            await self._cluster.ask(self.address, relay.CLOSE, relay=self._relay)
