"""The way to a host through a worker of dask, with TLS, also while parts of a cluster are killed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from distributed import Client
from lab import Lab

from porch_tui.core.model import events as e
from porch_tui.places.carriers.carrier import CarrierError
from porch_tui.places.dask import relay
from porch_tui.places.dask.asking import security_of
from porch_tui.places.dask.cluster import DaskCluster, DaskLink
from porch_tui.places.dask.roster import RETIRED
from porch_tui.places.near.remote import RemoteExecutor, greeting
from porch_tui.places.wire import messages as m
from porch_tui.places.wire.lines import Lines, encode
from project import Project, until
from tests.executors import places


class Engine:
    """What an engine knows of a cluster: its workers, and what one of them says on a connection."""

    def __init__(self, lab: Lab, folder: Path, **options: Any) -> None:
        self.rosters: list[set[str]] = []
        self.said: list[m.Message] = []
        self.lost: list[str] = []
        self.threads: set[int] = set()
        self.gone: list[tuple[str, str]] = []
        options = {"access": lab.access, "root": str(folder / "hosts"), "idle_s": 1.0, **options}
        self.cluster = DaskCluster(
            on_workers=self._on_workers, on_gone=lambda *who: self.gone.append(who), **options
        )

    def open(self, worker: str = "w1") -> DaskLink:
        """Connect, and wait until the host says who it is, or the connection is lost."""
        lines = Lines.from_host()
        self.said, self.lost = [], []

        def on_data(data: bytes, said: list[m.Message] = self.said) -> None:
            self.threads.add(threading.get_ident())
            said += lines.feed(data)

        link = self.cluster.carrier(worker).open(on_data, self.lost.append)
        link.send(encode(greeting("abc", "app")))
        until(lambda: self.said or self.lost, "its welcome")
        return link

    @property
    def boot(self) -> str:
        """What the host said at its welcome."""
        welcome = self.said[0]
        assert isinstance(welcome, m.Welcome)
        return welcome.boot

    def _on_workers(self, workers: tuple[Any, ...]) -> None:
        self.threads.add(threading.get_ident())
        self.rosters.append({one.name for one in workers})


@pytest.fixture
def engine(lab: Lab, tmp_path: Path) -> Iterator[Callable[..., Engine]]:
    made = []

    def make(its_lab: Lab = lab, **options: Any) -> Engine:
        made.append(Engine(its_lab, tmp_path, **options))
        return made[-1]

    yield make
    for one in made:
        one.cluster.close()


@pytest.mark.slow
def test_a_host_beside_a_worker_answers_and_all_is_heard_in_one_thread(engine):
    one = engine()

    link = one.open()
    link.send(encode(m.Ping(7)))

    until(lambda: [7] == [said.number for said in one.said if isinstance(said, m.Pong)], "an answer")
    assert one.boot
    assert [{"w1", "w2"}] == one.rosters
    assert 1 == len(one.threads)
    assert not one.lost


@pytest.mark.slow
def test_a_worker_that_is_not_there_is_named(engine):
    with pytest.raises(CarrierError, match="no worker 'w9' now"):
        engine().open("w9")


def test_each_place_of_a_machine_has_a_folder_of_its_own_without_surprises_in_its_name():
    names = [relay.folder_of(f"tls://h:1/{name}") for name in ("w1", "w2", "../../w1", "w 1", "é" * 200)]

    assert len(set(names)) == len(names)
    assert all(name.startswith(f"{relay.ROOT}/") and ".." not in name.split("/") for name in names)
    assert max(map(len, names)) < 90


@pytest.mark.slow
def test_a_connection_that_no_engine_asks_for_any_more_is_said_to_be_unknown(engine):
    one = engine()
    link = one.open()

    link.close()

    until(lambda: one.lost, "its end")
    assert ["closed"] == one.lost
    with pytest.raises(CarrierError, match="knows the connection no longer"):
        one.cluster.call(one.cluster.ask(link.address, relay.SEND, relay="nonsense", data=b"x"), 10)


@pytest.mark.slow
def test_dask_shows_an_attempt_as_a_task_of_its_worker_while_it_runs(lab, tmp_path):
    Project(tmp_path)
    ends: list[e.AnyEvent] = []
    cluster = DaskCluster(lab.access, root=str(tmp_path / "hosts"), idle_s=1)
    hello = greeting("books", "app", ("U", "u@example.org"))
    executor = RemoteExecutor(lambda *events: ends.extend(events), cluster.carrier("w1"), hello)
    with Client(lab.address, security=security_of(lab.client), set_as_default=False) as client:

        def shown() -> set[str]:
            processing = client.processing().values()
            return {key.rpartition("-")[0] for keys in processing for key in keys if "contract" in str(key)}

        executor.start(places.job(tmp_path, "a", "until test -e $FOLDER/go; do sleep 0.02; done"))

        until(lambda: shown() == {"porch-contract/a.1"}, "its task")
        (tmp_path / "go").touch()
        until(lambda: any(isinstance(end, e.AttemptSucceeded) for end in ends), "its end")
        until(lambda: not shown(), "the end of its task")
    executor.close()
    cluster.close()


def opens(engine: Engine) -> bool:
    """Say whether a connection can be made now."""
    with suppress(CarrierError):
        engine.open()
        return True
    return False


@pytest.mark.slow
class TestKills:
    """Each in a cluster of its own, as it leaves one damaged."""

    @pytest.fixture
    def lab(self, tmp_path: Path) -> Iterator[Lab]:
        with Lab.started(tmp_path / "lab", "w1") as lab:
            yield lab

    def test_a_worker_that_was_killed_is_noticed_and_its_host_is_there_when_it_is_back(self, lab, engine):
        one = engine()
        one.open()
        boot = one.boot
        lab.kill("w1")
        until(lambda: one.lost, "the loss of the connection", 15)
        until(lambda: one.rosters[-1:] == [set()], "the loss of the worker", 15)
        with pytest.raises(CarrierError, match="no worker 'w1' now"):
            one.open()

        lab.restart("w1")

        until(lambda: one.rosters[-1] == {"w1"}, "the worker")
        one.open()
        assert boot == one.boot

    def test_a_worker_that_is_asked_to_end_does_so_while_attempts_go_on_and_are_found_again(
        self, lab, tmp_path
    ):
        Project(tmp_path)
        events: list[e.AnyEvent] = []
        cluster = DaskCluster(lab.access, root=str(tmp_path / "hosts"), idle_s=1)
        hello = greeting("ends", "app", ("U", "u@example.org"))
        executor = RemoteExecutor(lambda *new: events.extend(new), cluster.carrier("w1"), hello)
        script = "echo ran >> $FOLDER/ran; until test -e $FOLDER/go; do sleep 0.02; done"
        executor.start(places.job(tmp_path, "a", script))
        until((tmp_path / "ran").exists, "its start")

        lab.kill("w1", signal.SIGTERM)
        lab.restart("w1")
        (tmp_path / "go").touch()

        until(lambda: any(isinstance(event, e.AttemptSucceeded) for event in events), "its end")
        assert "ran\n" == (tmp_path / "ran").read_text()
        executor.close()
        cluster.close()

    def test_a_scheduler_that_was_killed_is_noticed_and_found_again(self, lab, engine):
        one = engine()
        one.open()

        lab.kill("scheduler")
        until(lambda: one.lost, "the loss of the connection", 15)
        with pytest.raises(CarrierError):
            one.open()
        lab.restart("scheduler")
        lab.restart("w1")
        lab.until_joined("w1")

        until(lambda: not one.cluster.why_lost and one.rosters[-1] == {"w1"}, "the cluster")
        # for a while it may know the former worker of that name, which had come back before it was replaced
        until(lambda: opens(one), "its worker")
        assert one.boot

    def test_a_worker_that_joins_later_is_a_place_from_then_on_until_it_is_retired(self, lab, engine):
        one = engine()
        one.open()

        lab.worker("w2")

        until(lambda: one.rosters[-1] == {"w1", "w2"}, "the new worker")
        one.open("w2")
        assert one.boot
        with Client(lab.address, security=security_of(lab.client), set_as_default=False) as client:
            client.retire_workers(names=["w2"])
            until(lambda: one.gone, "it to be gone")
        assert [("w2", RETIRED)] == one.gone
        until(lambda: one.lost, "the loss of its connection")

    def test_a_worker_without_porch_or_with_another_python_is_named_with_what_to_do(
        self, lab, engine, tmp_path
    ):
        hidden = tmp_path / "hidden" / "porch_tui"
        hidden.mkdir(parents=True)
        (hidden / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'porch_tui'\")")
        lab.worker("bare", env={"PYTHONPATH": str(hidden.parent)})
        (tmp_path / "old").mkdir()
        (tmp_path / "old" / "sitecustomize.py").write_text(
            "import distributed.versions as v; found = v.get_package_info\n"
            "v.get_package_info = lambda names: {**found(names), 'python': '3.99.1.final.0'}\n"
        )
        lab.worker("old", env={"PYTHONPATH": str(tmp_path / "old")})
        lab.until_joined("bare", "old", "w1")
        one = engine()

        with pytest.raises(CarrierError, match=r"worker bare has no porch; install porch-tui"):
            one.open("bare")
        with pytest.raises(CarrierError, match=r"worker old has Python 3\.99\.1, .* dask cannot mix them"):
            one.open("old")
