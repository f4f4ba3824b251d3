"""What a host says that is not porch's: it can spoil its own attempt, and nothing else."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Isolation, RunId, TaskId, TaskSpec
from porch_tui.executors.checkout import TaskCheckout
from porch_tui.executors.executor import Job
from porch_tui.git.discovery import discover
from porch_tui.git.transfer import bundles
from porch_tui.places.near.contact import Contact
from porch_tui.places.near.remote import RemoteExecutor, greeting
from porch_tui.places.wire import messages as m
from porch_tui.places.wire.lines import Lines, encode
from project import Project, until

WELCOME = m.Welcome(m.PROTOCOL, "1", "3.11", "2.39", "boot", 0.0, 2, 0, 0, "there")


class Host:
    """A host that says what a test wants, on as many connections as are made."""

    def __init__(self) -> None:
        self.heard: list[m.Message] = []
        self.connections = 0
        self._lines = Lines.from_engine()
        self._on_data: Callable[[bytes], None] = lambda data: None
        self._on_lost: Callable[[str], None] = lambda why: None
        self._lock = threading.Lock()

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> Host:
        self.connections += 1
        self._on_data, self._on_lost, self._lines = on_data, on_lost, Lines.from_engine()
        return self

    def send(self, data: bytes) -> None:
        with self._lock:
            for message in self._lines.feed(data):
                self.heard.append(message)
                if isinstance(message, m.Greeting):
                    threading.Thread(target=self.say, args=(WELCOME,), daemon=True).start()

    def close(self) -> None:
        self._on_lost("closed")

    def say(self, *messages: m.Message) -> None:
        for message in messages:
            self._on_data(encode(message))

    def say_bytes(self, data: bytes) -> None:
        self._on_data(data)

    def has_heard(self, kind: type[m.Message]) -> bool:
        return any(isinstance(message, kind) for message in self.heard)


class Near:
    """An executor with such a host, and what it reports."""

    def __init__(self, folder: Path) -> None:
        self.project, self.host = Project(folder), Host()
        self.reports: list[e.AnyEvent] = []
        self.contacts: list[Contact] = []
        self.executor = RemoteExecutor(
            lambda *events: self.reports.extend(events),
            self.host,
            greeting("id", "app"),
            self.contacts.append,
        )
        (folder / "attempts").mkdir()
        self.folder = folder
        self.base = self.project.git("rev-parse", "HEAD")

    def start(self, task: str) -> m.Key:
        """Start an attempt, and return how the host knows it."""
        attempt = e.AttemptId(TaskId(task), 1)
        checkout = TaskCheckout(
            discover(self.project.root),
            path=self.folder / f"app-{task}",
            branch=f"feature/{task}",
            base=self.base,
            isolation=Isolation.WORKTREE,
            head_ref=f"refs/porch/r/heads/{attempt}",
            leftover_ref=f"refs/porch/r/left/{task}/1",
            clone_refs=f"refs/porch/r/clone/{task}/1",
            pins=f"refs/porch/r/attempts/{task}/0",
        )
        spec, directory = TaskSpec(TaskId(task), task, ("true",)), self.folder / "attempts" / str(attempt)
        self.executor.start(
            Job(RunId("r"), attempt, spec, 0, directory, checkout, (), keep_worktree=False, env={})
        )
        key = m.Key(RunId("r"), TaskId(task), 1)
        starts = (one.order.key for one in self.host.heard if isinstance(one, m.Start))
        until(lambda: key in starts or self._is_ordered(key), f"{task} to be ordered")
        return key

    def _is_ordered(self, key: m.Key) -> bool:
        return any(isinstance(one, m.Start) and one.order.key == key for one in list(self.host.heard))

    def log(self, key: m.Key) -> bytes:
        path = self.folder / "attempts" / str(key.attempt) / "output.log"
        return path.read_bytes() if path.exists() else b""

    def end_of(self, key: m.Key) -> e.AnyEvent:
        """Wait for the end of an attempt, and return it."""
        ends = (e.AttemptSucceeded, e.AttemptFailed, e.AttemptStopped)

        def found() -> e.AnyEvent | None:
            of_it = (one for one in list(self.reports) if isinstance(one, ends))
            return next((one for one in of_it if one.attempt == key.attempt), None)

        return until(found, f"the end of {key}")


@pytest.fixture
def near(tmp_path: Path):
    """An executor, closed afterwards."""
    made = Near(tmp_path)
    yield made
    made.executor.close()


def succeeded(key: m.Key, head: str, log_bytes: int = 0, refs: tuple[tuple[str, str], ...] = ()) -> m.Ended:
    fields = {"type": "AttemptSucceeded", "attempt": {"task": key.task, "number": key.number}, "head": head}
    return m.Ended(key, (fields,), log_bytes, refs)


@pytest.mark.parametrize(
    ("ends_at", "left_s"), [(None, None), (5600.0, 600), (4000.0, 0), (1e308, None), (-1e308, 0)]
)
def test_when_a_place_ends_counts_by_our_clock_and_is_believed_within_a_year(
    near: Near, ends_at: float | None, left_s: float | None
):
    near.host.say(replace(WELCOME, now=5000.0, ends_at=ends_at, host="later"))

    def found() -> m.Welcome | None:
        return next(
            (one.welcome for one in near.contacts if one.welcome and one.welcome.host == "later"), None
        )

    welcome = until(found, "the place to be reported")
    assert (welcome.ends_at is None) == (left_s is None)
    if welcome.ends_at is not None and left_s is not None:
        assert 0 <= time.time() + left_s - welcome.ends_at + 0.5 < 60


def test_events_of_attempts_that_it_does_not_have_are_not_believed(near: Near):
    own = near.start("a")
    other = m.Key(RunId("r"), TaskId("b"), 1)

    near.host.say(m.Started(other), succeeded(other, near.base), m.Log(other, 0, b"lies"))
    near.host.say(m.Ended(own, (*succeeded(other, near.base).events, *succeeded(own, near.base).events), 0))

    assert near.end_of(own) == e.AttemptSucceeded(own.attempt, near.base)
    assert [one for one in near.reports if getattr(one, "attempt", own.attempt) != own.attempt] == []
    assert not near.log(other)


def test_an_attempt_of_another_run_with_the_same_name_is_not_believed(near: Near):
    own = near.start("a")
    foreign = m.Key(RunId("other"), TaskId("a"), 1)

    near.host.say(succeeded(foreign, near.base), m.Log(foreign, 0, b"lies"))
    near.host.say(m.Log(own, 0, b"true"), succeeded(own, near.base, 4))

    near.end_of(own)
    assert near.log(own) == b"true"


def test_events_that_decide_about_the_run_are_dropped(near: Near):
    own = near.start("a")
    run_events = (
        {"type": "RunClosed"},
        {"type": "SlotsChanged", "slots": 9},
        {"type": "Landed", "task": "a"},
    )

    near.host.say(m.Told(own, run_events))
    near.host.say(succeeded(own, near.base))

    near.end_of(own)
    assert {type(one) for one in near.reports} <= {e.AttemptSucceeded}


def test_escape_sequences_in_what_it_says_are_taken_out(near: Near):
    own = near.start("a")
    attempt = {"task": "a", "number": 1}
    failure = {"kind": "failed", "text": "exit 1\x1b]52;c;bGllcw==\x07\x1b[2J"}

    near.host.say(m.Ended(own, ({"type": "AttemptFailed", "attempt": attempt, "failure": failure},), 0))

    end = near.end_of(own)
    assert isinstance(end, e.AttemptFailed) and "\x1b" not in end.failure.text


@pytest.mark.parametrize("data", [b"half a line", b'{"type":"Log"', b"\xff\xfe\n", b"[1,2]\n", b"{}\n"])
def test_after_what_is_no_message_it_is_connected_again_and_the_attempt_ends(near: Near, data: bytes):
    own = near.start("a")
    before = near.host.connections

    near.host.say_bytes(data)
    if not data.endswith(b"\n"):
        near.host.say(m.Pong(1, 0.0))  # ends the half line
    until(lambda: near.host.connections > before, "another connection")
    until(lambda: sum(isinstance(one, m.Start) for one in near.host.heard) > 1, "the order once more")
    near.host.say(succeeded(own, near.base))

    assert isinstance(near.end_of(own), e.AttemptSucceeded)


def test_a_line_without_an_end_costs_a_connection_and_no_more(near: Near):
    own = near.start("a")
    before = near.host.connections

    for _ in range(64):
        near.host.say_bytes(b"x" * (1 << 20))
    until(lambda: near.host.connections > before, "another connection")
    until(lambda: sum(isinstance(one, m.Start) for one in near.host.heard) > 1, "the order once more")
    near.host.say(succeeded(own, near.base))

    assert isinstance(near.end_of(own), e.AttemptSucceeded)


def test_bytes_of_a_log_from_the_past_or_the_future_change_nothing(near: Near):
    own = near.start("a")

    near.host.say(m.Log(own, 0, b"one\n"), m.Log(own, 0, b"two\nthree\n"), m.Log(own, 100, b"far"))
    near.host.say(m.Log(own, -5, b"lies"), m.Log(own, 10, b"four\n"), succeeded(own, near.base, 15))

    near.end_of(own)
    assert near.log(own) == b"one\nthree\nfour\n"


def test_refs_that_are_not_the_attempts_are_refused_and_stay_as_they_were(near: Near):
    own, main = near.start("a"), near.base

    near.host.say(succeeded(own, main, refs=(("refs/heads/main", "0" * 40),)))

    end = near.end_of(own)
    assert isinstance(end, e.AttemptFailed) and end.failure.kind is e.FailureKind.UNCOLLECTABLE
    assert near.project.git("rev-parse", "main") == main


SO_FAR = "refs/porch/r/so-far/a/1"


def bundle(near: Near, commit: str, ref: str = f"{SO_FAR}.new") -> bytes:
    """Return what a host sends of a commit."""
    with tempfile.TemporaryFile() as file:
        bundles.make(discover(near.project.root), near.base, {ref: commit}, file)
        file.seek(0)
        return file.read()


def offer(near: Near, key: m.Key, commit: str, data: bytes, step: int = 100) -> None:
    """Have the host offer a bundle of what an attempt has done so far."""
    near.host.say(
        *(m.SoFar(key, commit, at, len(data), data[at : at + step]) for at in range(0, len(data), step))
    )


def elsewhere(near: Near, path: str = "work") -> tuple[str, bytes]:
    """Return a commit on the base that only its bundle has."""
    near.project.git("checkout", "-q", "-b", "there")
    commit = near.project.commit({path: "done\n"})
    data = bundle(near, commit)
    near.project.git("checkout", "-q", "main")
    near.project.git("branch", "-q", "-D", "there")
    near.project.git("reflog", "expire", "--expire=now", "--all")
    near.project.git("gc", "-q", "--prune=now")
    return commit, data


def taking() -> bool:
    """Whether something is looked at that was offered."""
    return any(thread.name == "work so far" for thread in threading.enumerate())


def all_refs(near: Near) -> list[str]:
    return near.project.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()


def test_what_an_attempt_has_done_so_far_has_a_ref_until_it_ends(near: Near):
    own, before = near.start("a"), all_refs(near)
    commit, data = elsewhere(near)

    offer(near, own, commit, data)
    until(lambda: f"{SO_FAR} {commit}" in all_refs(near), "the ref")
    near.host.say(succeeded(own, near.base))

    assert near.end_of(own) == e.AttemptSucceeded(own.attempt, near.base)
    assert not near.project.git("for-each-ref", SO_FAR)
    assert (
        not set(all_refs(near))
        - set(before)
        - {f"refs/heads/feature/a {near.base}", f"refs/porch/r/head/a.1 {near.base}"}
    )


@pytest.mark.parametrize(
    "lie",
    [
        "cut short", "another ref", "a person's branch", "an orphan", "another commit", "out of order",
        "longer", "an option", "of no attempt",
    ],
)  # fmt: skip
def test_lies_about_what_an_attempt_has_done_so_far_change_nothing(near: Near, lie: str):
    own = near.start("a")
    commit, data = elsewhere(near)
    before, objects = all_refs(near), near.project.git("count-objects", "-v")
    tree = near.project.git("rev-parse", "HEAD^{tree}")
    match lie:
        case "cut short":
            offer(near, own, commit, data[:-30])
        case "another ref" | "a person's branch":
            ref = {"another ref": b"refs/porch/r/so-far/b/1"}.get(lie, b"refs/heads/main")
            offer(near, own, commit, data.replace(SO_FAR.encode(), ref))
        case "an orphan":
            orphan = near.project.git("commit-tree", tree, "-m", "x")
            objects = near.project.git("count-objects", "-v")
            offer(near, own, orphan, data.replace(commit.encode(), orphan.encode()))
        case "another commit":
            offer(near, own, "1" * 40, data)
        case "out of order":
            half = len(data) // 2
            near.host.say(m.SoFar(own, commit, 0, len(data), data[:half]))
            near.host.say(
                m.SoFar(own, commit, half + 1, len(data), data[half:]),
                m.SoFar(own, commit, half, len(data), data[half:]),
            )
        case "longer":
            near.host.say(m.SoFar(own, commit, 0, 10, data), m.SoFar(own, commit, 0, 0, b""))
        case "an option":
            offer(near, own, "--all", data)
        case "of no attempt":
            offer(near, m.Key(RunId("r"), TaskId("b"), 1), commit, data)
    until(lambda: not taking(), "it to be looked at")

    assert all_refs(near) == before
    assert near.project.git("count-objects", "-v") == objects
    near.host.say(succeeded(own, near.base))
    assert near.end_of(own) == e.AttemptSucceeded(own.attempt, near.base)


def test_a_host_that_offers_without_end_is_heard_twice_a_minute(near: Near):
    own = near.start("a")
    commit, data = elsewhere(near)
    offer(near, own, commit, data)
    until(lambda: f"{SO_FAR} {commit}" in all_refs(near), "the ref")
    until(lambda: not taking(), "it to be taken")

    for _ in range(200):
        offer(near, own, near.base, data, step=len(data))

    assert not taking()
    assert f"{SO_FAR} {commit}" in all_refs(near)
