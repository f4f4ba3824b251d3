"""What many places cost the engine, and whether it keeps all of them busy: simulated hosts, a real run.

    python tests/bench/many_places.py steady [--places N] [--seconds S]
    python tests/bench/many_places.py busy [--places N] [--turns N] [--task-seconds S]

    steady  processor time of the engine while each place (default 1,000) runs one long task: at most 10 % of
            a core
    busy    three checks of 8 s for each place (default 200), one after the other: at most 1.15 times what
            they take without any engine, and no event or byte of a log is missing

Real: `porch run --headless` as a program, with its journal, watchers and telemetry, an executor and a
connection of its own for each place, and every message of the protocol between them. Simulated: the hosts,
in one other process that answers on a socket as a host does (a ping every 2 s with a pong, a sample of each
attempt once a second, a line of log every 5 s), and the tasks, which only take time. A simulated host has
every base, and checks leave nothing, so no bundles are sent; that a connection is a socket rather than the
streams of an ssh saves the engine nothing but those processes. What the hosts' process uses does not count.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from socket import AF_UNIX, SHUT_RDWR, socket

sys.path.insert(0, str(Path(__file__).parents[2]))

import msgspec

from porch_tui.core.model import events as e
from porch_tui.core.model.telemetry import Sample
from porch_tui.engine import first_answer
from porch_tui.journal.log import read
from porch_tui.journal.rundir import OUTPUT, all_runs
from porch_tui.places.carriers.stream import Stream
from porch_tui.places.near import by_place
from porch_tui.places.wire import messages as m
from porch_tui.places.wire.lines import Lines, encode

LEASE = "1h"
SAMPLE_S, LOG_EVERY = 1.0, 5
"""Every how many samples a task prints a line."""
LINE = b"0123456789 abcdefghij 0123456789 abcdefghij 0123456789 abcdefghij\n"
TICK_S = os.sysconf("SC_CLK_TCK")
BAR_SHARE, BAR_RATIO = 0.10, 1.15


# --- the engine's side: a connection is a socket


class SocketLink:
    """A connection to a simulated host, by what one over ssh uses."""

    def __init__(
        self, there: socket, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]
    ) -> None:
        self._stream = Stream(there.fileno(), there.fileno(), lambda: there.shutdown(SHUT_RDWR))
        self._there = there  # it is closed when no one holds it any more
        self._stream.read(on_data, lambda: on_lost("the simulated host is gone"))

    def send(self, data: bytes) -> None:
        self._stream.send(data)

    def close(self) -> None:
        with suppress(OSError):
            self._stream.close()


class SocketCarrier:
    """The way to a simulated host."""

    def __init__(self, path: str) -> None:
        self._path = path

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> SocketLink:
        there = socket(AF_UNIX)
        there.connect(self._path)
        return SocketLink(there, on_data, on_lost)


def engine(path: str, root: str) -> None:
    """Be `porch run` whose places are the simulated hosts."""
    from porch_tui.cli import main as porch

    for asks in (by_place, first_answer):
        asks.carrier_of = lambda *_: SocketCarrier(path)  # type: ignore[attr-defined]
    sys.exit(porch(["run", "--headless", "-C", root]))


# --- the hosts, all in one process


class Host:
    """One simulated machine: what a host says to an engine, and nothing behind it."""

    def __init__(self, write: Callable[[bytes], None], task_s: float) -> None:
        self._write, self._task_s = write, task_s
        self._running: dict[m.Key, tuple[float, int]] = {}
        """Since when, and how many bytes of log there are."""
        self._ended: dict[m.Key, m.Ended] = {}

    def say(self, message: m.Message) -> None:
        self._write(encode(message))

    def hear(self, message: m.Message) -> None:
        match message:
            case m.Greeting():
                room = {"cores": 1, "memory_bytes": 8 << 30, "disk_free_bytes": 1 << 40}
                facts = {"python": "3.11.2", "git": "2.39.2", "boot": "b", "now": time.time(), "host": "sim"}
                self.say(m.Welcome(m.PROTOCOL, message.porch, disk_bytes=2 << 40, **room, **facts))  # type: ignore[arg-type]
            case m.Start() if message.order.key in self._ended:
                self.say(self._ended[message.order.key])
            case m.Start() if message.order.key not in self._running:
                self._running[message.order.key] = time.monotonic(), 0
                self.say(m.Started(message.order.key, 4711))
                asyncio.get_running_loop().call_later(self._task_s, self._end, message.order.key)
            case m.Ping():
                self.say(m.Pong(message.number, time.time()))
            case m.Stop() if message.key in self._running:
                self._end(message.key)
            case m.Ack():
                self._ended.pop(message.key, None)

    def _end(self, key: m.Key) -> None:
        if key not in self._running:
            return
        began, size = self._running.pop(key)
        self.say(m.Log(key, size, LINE))
        used = e.Used(wall_s=time.monotonic() - began, cpu_s=0.1)
        event = e.AttemptSucceeded(key.attempt, BASE[0], used)
        fields = {"type": "AttemptSucceeded", **msgspec.to_builtins(event)}
        self._ended[key] = m.Ended(key, (fields,), size + len(LINE))
        self.say(self._ended[key])

    def sample(self, number: int) -> None:
        """Say what runs, once a second, and a line of its log now and then."""
        rows = []
        for key, (began, size) in self._running.items():
            if number % LOG_EVERY == 0:
                self.say(m.Log(key, size, LINE))
                self._running[key] = began, size + len(LINE)
            busy_s = time.monotonic() - began
            rows.append((key, Sample(time.time(), 99.0, busy_s, 200 << 20, 220 << 20, 3)))
        self.say(m.Samples(tuple(rows), time.time(), 1 << 40, 2 << 40))


BASE = [""]


async def serve(path: str, base: str, task_s: float) -> None:
    """Be all hosts: each connection is one."""
    BASE[0] = base

    async def host(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines, one = Lines.from_engine(), Host(writer.write, task_s)
        sampling = asyncio.ensure_future(keep_sampling(one))
        with suppress(ConnectionError):
            while data := await reader.read(1 << 20):
                for message in lines.feed(data):
                    one.hear(message)
        sampling.cancel()
        writer.close()

    async def keep_sampling(one: Host) -> None:
        for number in range(1 << 30):
            await asyncio.sleep(SAMPLE_S)
            one.sample(number)

    server = await asyncio.start_unix_server(host, path, backlog=4096)
    async with server:
        await server.serve_forever()


# --- what is measured


def project(folder: Path, places: int, tasks: int) -> tuple[Path, str]:
    """Return a repository with a plan of so many checks on so many places, and its commit."""
    root = folder / "app"
    root.mkdir()
    names = [f"p{n}" for n in range(places)]
    plan = ["name: many", "places:", *(f"  {name}: {{at: 'ssh:{name}', lease: {LEASE}}}" for name in names)]
    plan += [f"place: [{', '.join(names)}]", "tasks:"]
    plan += [f"  t{n}: {{run: 'sleep {n}', kind: check}}" for n in range(tasks)]
    (root / "porch.yaml").write_text("\n".join(plan) + "\n")
    me = ("-c", "user.name=bench", "-c", "user.email=bench@porch.invalid")
    for words in (("init", "-qb", "main"), ("add", "-A"), (*me, "commit", "-qm", "plan")):
        subprocess.run(["git", *words], cwd=root, check=True)
    for key, value in (("user.name", "bench"), ("user.email", "bench@porch.invalid")):
        subprocess.run(["git", "config", key, value], cwd=root, check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, check=True, capture_output=True, text=True)
    return root, head.stdout.strip()


class Run:
    """A run on simulated hosts."""

    def __init__(self, folder: Path, places: int, tasks: int, task_s: float) -> None:
        self.root, base = project(folder, places, tasks)
        path, me = folder / "hosts", [sys.executable, __file__]
        self.hosts = subprocess.Popen([*me, "hosts", path, base, str(task_s)])
        while not path.exists():
            time.sleep(0.05)
        self._log = (folder / "log").open("w+")
        self.engine = subprocess.Popen(
            [*me, "engine", path, str(self.root)], stdout=self._log, stderr=subprocess.STDOUT
        )

    def end(self) -> None:
        """End both, at once: nothing runs that would be left."""
        for process in (self.engine, self.hosts):
            process.kill()
        for process in (self.engine, self.hosts):
            process.wait()

    def count(self, kind: str) -> int:
        """Return how many events of a kind the journal has."""
        runs = all_runs(self.root / ".git")
        journal = runs[0].journal if runs else None
        is_there = journal is not None and journal.exists()
        return journal.read_bytes().count(f'"type": "{kind}"'.encode()) if journal and is_there else 0

    def wait_for(self, kind: str, count: int) -> None:
        """Wait until the journal has so many events of a kind."""
        while self.count(kind) < count:
            if self.engine.poll() is not None:
                self._log.seek(0)
                raise SystemExit(f"porch run has ended:\n{self._log.read()[-3000:]}")
            time.sleep(0.2)

    def cpu_s(self) -> tuple[float, float]:
        """Return the processor time of the engine, and of what it has started and waited for."""
        fields = Path(f"/proc/{self.engine.pid}/stat").read_text().rpartition(")")[2].split()
        user, system, reaped_user, reaped_system = map(int, fields[11:15])
        return (user + system) / TICK_S, (reaped_user + reaped_system) / TICK_S


def steady(folder: Path, places: int, seconds: float) -> None:
    """Print what an engine uses once a long task runs on each place."""
    run, began = Run(folder, places, places, 1e6), time.monotonic()
    try:
        run.wait_for("AttemptStarted", places)
        start_s, cpu_s = time.monotonic() - began, sum(run.cpu_s())
        print(f"{places} places: all at work after {start_s:.1f} s, which took {cpu_s:.1f} s of a core")
        time.sleep(5)
        threads = sum(1 for _ in Path(f"/proc/{run.engine.pid}/task").iterdir())
        before, since = run.cpu_s(), time.monotonic()
        time.sleep(seconds)
        after, took = run.cpu_s(), time.monotonic() - since
        own, others = ((now - then) / took for now, then in zip(after, before, strict=True))
        print(
            f"in {took:.0f} s: {own:.1%} of a core, and {others:.1%} for what it starts; {threads} threads"
            f" (bar: {BAR_SHARE:.0%}; load {os.getloadavg()[0]:.1f})"
        )
    finally:
        run.end()


def busy(folder: Path, places: int, turns: int, task_s: float) -> None:
    """Print how long many short tasks take, and what is missing of them."""
    tasks, ideal_s = places * turns, turns * task_s
    run = Run(folder, places, tasks, task_s)
    try:
        run.wait_for("AttemptSucceeded", tasks)
        own_s, others_s = run.cpu_s()
        records = list(read(all_runs(run.root / ".git")[0].journal))
    finally:
        run.end()
    kinds = (e.AttemptScheduled, e.AttemptStarted, e.AttemptSucceeded)
    at = {kind: [one.at for one in records if isinstance(one.event, kind)] for kind in kinds}
    took_s = max(at[e.AttemptSucceeded]) - min(at[e.AttemptScheduled])
    seen = Counter((type(one.event), one.event.attempt) for one in records if isinstance(one.event, kinds))
    wanted = {(kind, e.AttemptId(f"t{n}", 1)) for kind in kinds for n in range(tasks)}  # type: ignore[arg-type]
    missing, twice = len(wanted - set(seen)), len([one for one in seen if seen[one] > 1 or one not in wanted])
    logs = [one.attempt(f"t{n}.1") / OUTPUT for one in all_runs(run.root / ".git") for n in range(tasks)]
    torn = sum(1 for log in logs if not log.read_bytes() or log.read_bytes().replace(LINE, b""))
    print(
        f"{places} places, {turns} tasks of {task_s:g} s each: {took_s:.1f} s, {took_s / ideal_s:.2f} times"
        f" {ideal_s:g} s (bar: {BAR_RATIO}; load {os.getloadavg()[0]:.1f}); of {len(wanted)} events {missing}"
        f" missing, {twice} too many; {torn} of {tasks} logs not whole; the engine used {own_s:.1f} s of a"
        f" core, what it started {others_s:.1f} s"
    )


def main(words: Sequence[str]) -> None:
    """Measure, or be one of the two processes that are measured."""
    if words[:1] == ["engine"]:
        engine(*words[1:])
    if words[:1] == ["hosts"]:
        with suppress(KeyboardInterrupt):
            asyncio.run(serve(words[1], words[2], float(words[3])))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["steady", "busy"])
    parser.add_argument("--places", type=int)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--task-seconds", type=float, default=8.0)
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="porch-bench-") as folder:
        if options.what == "steady":
            steady(Path(folder), options.places or 1000, options.seconds)
        else:
            busy(Path(folder), options.places or 200, options.turns, options.task_seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
