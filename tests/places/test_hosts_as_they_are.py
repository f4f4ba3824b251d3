"""Hosts as people have them, behind a real sshd: an attempt runs there, or one sentence says why not."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.places.carriers.pipe import SshCarrier
from porch_tui.places.carriers.way_in import TO_LOGIN
from porch_tui.places.near.contact import Contact
from porch_tui.places.near.remote import RemoteExecutor, greeting
from porch_tui.places.wire.messages import Welcome
from tests.executors import places
from tests.places.sshd import Sshd
from tests.project import Project, until

pytestmark = pytest.mark.slow
ENDS = (e.AttemptSucceeded, e.AttemptFailed, e.AttemptStopped)


class Far:
    """A repository here, an sshd that leads elsewhere, and what an executor says of both."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self._stack = folder, stack
        self.project = Project(folder)
        self.events: list[e.AnyEvent] = []
        self.contacts: list[Contact] = []

    def sshd(self, *settings: str, name: str = "sshd", **env: str) -> Sshd:
        return self._stack.enter_context(Sshd(self.folder / name, *settings, **env))

    def executor(self, clients: Path, *, tools: tuple[str, ...] = ()) -> RemoteExecutor:
        """Return an executor of the host `big`, as the ssh in a folder knows it."""
        env = {**os.environ, "PATH": f"{clients}:{os.environ['PATH']}"}
        carrier = SshCarrier("big", env, (*TO_LOGIN, "--idle", "1"))
        made = RemoteExecutor(
            lambda *events: self.events.extend(events),
            carrier,
            replace(greeting("far", "app", ("Ann", "ann@example.org")), tools=tools),
            self.contacts.append,
        )
        self._stack.callback(made.close)
        return made

    def run(self, executor: RemoteExecutor, script: str, task: str = "a") -> tuple[e.AnyEvent, str]:
        """Run a shell script there to its end; return that, and what it printed."""
        job = places.job(self.folder, task, script)
        executor.start(job)
        until(lambda: self._ends(job.attempt), f"the end of {task}")
        log = job.directory / "output.log"
        return self._ends(job.attempt)[0], log.read_text() if log.exists() else ""

    def _ends(self, attempt: e.AttemptId) -> list[e.AnyEvent]:
        return [event for event in self.events if isinstance(event, ENDS) and event.attempt == attempt]

    def welcome(self) -> Welcome:
        until(lambda: any(contact.welcome for contact in self.contacts), "the host to answer")
        return next(contact.welcome for contact in self.contacts if contact.welcome)

    def why_not(self) -> str:
        """Return why the host cannot be used, once that is known."""
        until(lambda: self.contacts, "the host to be given up")
        assert self.contacts[0].welcome is None
        return self.contacts[0].why

    def shown(self, end: e.AnyEvent, path: str) -> str:
        """Return a file of what a task has left."""
        assert isinstance(end, e.AttemptSucceeded), end
        return self.project.git("show", f"{end.head}:{path}")


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Far]:
    with ExitStack() as stack:
        yield Far(tmp_path, stack)


def tool(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_shell_that_greets_and_a_tool_that_only_it_finds(far: Far):
    server = far.sshd("MaxSessions 2")
    agent = tool(far.folder / "managed/bin/agent", "echo agent was here; echo made > made")
    (server.home / ".bashrc").write_text(
        f"echo Welcome to big\nPATH={agent.parent}:$PATH\nprintf '%s' half\n"
    )
    (server.home / ".bash_profile").write_text("echo Have a nice day\n. ~/.bashrc\n")

    executor = far.executor(server.client(), tools=("agent", "no-such-tool"))
    end, log = far.run(executor, "agent")

    assert far.welcome().tools == ("agent",)
    assert log.splitlines()[-1] == "agent was here"
    assert far.shown(end, "made") == "made"


def test_one_connection_is_enough_for_many_attempts(far: Far):
    server = far.sshd("MaxSessions 1", "MaxStartups 1")
    executor = far.executor(server.client())
    ends: list[e.AnyEvent] = []

    def run(number: int) -> None:
        ends.append(far.run(executor, f"echo {number} > number", f"task-{number}")[0])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [type(end) for end in ends] == [e.AttemptSucceeded] * 6
    assert (server.folder / "sshd.log").read_text().count("Accepted publickey") == 1


def test_a_host_behind_a_jump_host(far: Far):
    jump, big = far.sshd(name="jump"), far.sshd(name="big")
    known = jump.known_hosts.read_text() + big.known_hosts.read_text()
    (far.folder / "known").write_text(known)
    both = f"UserKnownHostsFile {far.folder}/known"
    client = big.client(
        both, "ProxyJump jump", "", "Host jump", "HostName 127.0.0.1", f"Port {jump.port}", both,
        f"IdentityFile {jump.folder}/user_key",
    )  # fmt: skip

    end, _ = far.run(far.executor(client), "echo here > there")

    assert far.shown(end, "there") == "here"
    assert "Accepted publickey" in (jump.folder / "sshd.log").read_text()


@pytest.mark.parametrize("ahead_s", [3600, -3600])
def test_a_clock_an_hour_off(far: Far, ahead_s: int):
    """Nothing compares times of two machines, so an attempt is not too late there, and no lease is over."""
    server = far.sshd(LD_PRELOAD=faketime(), FAKETIME=f"{ahead_s:+}", NO_FAKE_STAT="1")

    end, log = far.run(far.executor(server.client()), "sleep 2; date +%s; echo late > late")

    for there in (far.welcome().now, int(log)):  # of its Python, and of what tasks run
        assert abs(there - time.time() - ahead_s) < 600, "its clock is another one"
    assert far.shown(end, "late") == "late"


def faketime() -> str:
    """Return the library that gives programs another clock."""
    if not shutil.which("faketime"):
        pytest.skip("no faketime")
    words = ("faketime", "-f", "+0", "printenv", "LD_PRELOAD")
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def test_git_without_an_identity_there_commits_as_the_person_here(far: Far):
    server = far.sshd(GIT_CONFIG_NOSYSTEM="1")

    end, _ = far.run(far.executor(server.client()), "echo x > x; git add x; git commit -qm mine; echo y > y")

    assert isinstance(end, e.AttemptSucceeded)
    authors = far.project.git("log", "--format=%an <%ae>", f"main..{end.head}").splitlines()
    assert authors == ["Ann <ann@example.org>"] * 2


@pytest.fixture
def other_user() -> Iterator[str]:
    """The name of an account that exists for this test."""
    name = f"porch-t{os.getpid() % 100000}"
    if os.getuid() or not shutil.which("useradd"):
        pytest.skip("only root can make an account")
    subprocess.run(["useradd", "--create-home", "--shell", "/bin/bash", "--password", "*", name], check=True)
    yield name
    subprocess.run(["pkill", "-KILL", "-u", name], check=False)
    subprocess.run(["userdel", "--remove", "--force", name], check=True, capture_output=True)


def test_another_user_with_another_home(far: Far, other_user: str):
    with tempfile.TemporaryDirectory(prefix="porch-sshd-") as open_folder:
        Path(open_folder).chmod(0o755)  # all that the other user needs of ours is a key
        with Sshd(Path(open_folder) / "sshd", has_own_home=False) as server:
            executor = far.executor(server.client(f"User {other_user}"))
            end, log = far.run(executor, "id -un; pwd; echo mine > mine")

    assert log.splitlines()[-2] == other_user
    assert f"/home/{other_user}/.cache/porch/hosts/" in log
    assert far.shown(end, "mine") == "mine"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[Path, int], None]]:
    """Makes a folder a small file system of its own, which is gone after the test."""
    mounted: list[Path] = []

    def mount(folder: Path, size: int) -> None:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "none", folder], check=False
        )
        if done.returncode:
            pytest.skip("only root can mount a small disk")
        mounted.append(folder)

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_disk_without_room_for_the_program(far: Far, small_disk: Callable[[Path, int], None]):
    server = far.sshd()
    small_disk(server.home, 300_000)

    far.executor(server.client())

    why = f"no room is left in {server.home}/.cache/porch; free some there"
    assert far.why_not() == f"porch cannot be put there: {why}"


def test_a_disk_that_is_full_for_a_while(far: Far, small_disk: Callable[[Path, int], None]):
    server = far.sshd()
    small_disk(server.home, 8 << 20)
    executor = far.executor(server.client())
    far.welcome()
    filler = server.home / "filler"
    with suppress(OSError), filler.open("wb") as file:
        while True:
            file.write(bytes(4096))
            file.flush()

    executor.start(places.job(far.folder, "a", "echo a > a"))
    why = f"no room is left in {server.home}/.cache/porch/hosts; free some there"
    until(lambda: any(contact.why == why for contact in far.contacts), "the reason")
    assert not far.events
    filler.unlink()
    end, _ = far.run(executor, "echo a > a")

    assert far.shown(end, "a") == "a"
