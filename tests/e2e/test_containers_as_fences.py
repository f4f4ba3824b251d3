"""docker, podman and bwrap as fences: pause freezes, and nothing is left by a stop, a timeout, a kill -9."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.process.liveness import shim_of
from tests.fences import needs_bwrap
from tests.project import Project, kill, until

pytestmark = pytest.mark.slow

BEATS = "trap '' TERM; while :; do echo x >> beats; sleep 0.1; done"
"""Goes on when it is asked to end, as the first process of a container does."""
ROOT = ("bin", "lib", "lib64", "sbin")
"""Links into /usr on a system of today: with them, and /usr itself mounted, an image needs nothing else."""


class Fence:
    """A program that can be a fence, as a plan names it."""

    def __init__(self, plan: str, client: Sequence[str | Path] = ()) -> None:
        self.plan, self.client = plan, tuple(map(str, client))

    def containers(self) -> list[str]:
        """Return the containers that there are."""
        return _said(*self.client, "ps", "-aq").split() if self.client else []


def _said(*words: str | Path) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        pytest.skip(f"{' '.join(map(str, words))} does not work here: {done.stderr.strip()[-300:]}")
    return done.stdout


def _container(client: Sequence[str | Path], image: str, options: Sequence[str] = ()) -> Fence:
    """Return the fence of a program with the command line of docker; skip where no container starts."""
    run = [*client, "run", "--rm", "--network", "none", "-v", "/usr:/usr:ro", *options]
    _said(*run, image, "true")
    words = {
        "run": [*run, "--name", "{name}", "-v", "{worktree}:{worktree}", "-w", "{worktree}", image],
        "end": [*client, "rm", "-f", "{name}"],
        "hold": [*client, "pause", "{name}"],
        "release": [*client, "unpause", "{name}"],
    }
    entry = json.dumps({key: list(map(str, each)) for key, each in words.items()})
    return Fence(f"wraps: {{box: {entry}}}\ndefaults: {{wrap: box}}\n", client)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    found = Path(tempfile.mkdtemp(prefix="porch-fences-"))  # a socket's path must be short
    yield found
    shutil.rmtree(found, ignore_errors=True)


@pytest.fixture(scope="module")
def image(folder: Path) -> Path:
    if not all((Path("/") / name).is_symlink() for name in ROOT if (Path("/") / name).exists()):
        pytest.skip("the folders of programs are no links into /usr here")
    made = folder / "image.tar"
    _said("tar", "-cf", made, "-C", "/", *(name for name in ROOT if (Path("/") / name).exists()))
    return made


@pytest.fixture(scope="module")
def docker(folder: Path, image: Path) -> Iterator[Fence]:
    if not shutil.which("docker") or not shutil.which("dockerd") or os.getuid():
        pytest.skip("there is no docker and dockerd here that root could start")
    client, log = ["docker", "-H", f"unix://{folder}/docker.sock"], folder / "dockerd.log"
    options = ("--bridge=none", "--iptables=false", "--ip6tables=false", "--storage-driver=vfs")
    places = (f"--data-root={folder}/data", f"--exec-root={folder}/exec", f"--pidfile={folder}/docker.pid")
    with (
        log.open("w") as output,
        subprocess.Popen(["dockerd", *client[1:], *options, *places], stdout=output, stderr=output) as daemon,
    ):
        try:
            is_over = lambda: daemon.poll() is not None or "API listen" in log.read_text()  # noqa: E731
            until(is_over, "the daemon")
            if daemon.poll() is not None:
                pytest.skip(f"dockerd does not start here: {log.read_text()[-300:]}")
            _said(*client, "import", image, "porch-test")
            yield _container(client, "porch-test")
        finally:
            daemon.terminate()
            daemon.wait(60)


@pytest.fixture(scope="module")
def podman(folder: Path, image: Path) -> Iterator[Fence]:
    if not shutil.which("podman"):
        pytest.skip("podman is not installed")
    runtime = ["--runtime", "runc"] if shutil.which("runc") else []
    places = ["--root", folder / "pod", "--runroot", folder / "podrun"]
    client = ["podman", *runtime, "--cgroup-manager=cgroupfs", "--storage-driver=vfs", *places]
    _said(*client, "import", "-q", image, "porch-test")
    yield _container(
        client, "localhost/porch-test", ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]
    )


@pytest.fixture(params=["docker", "podman", pytest.param("bwrap", marks=needs_bwrap)])
def fence(request: pytest.FixtureRequest) -> Fence:
    if request.param == "bwrap":
        return Fence("defaults: {wrap: bwrap}\n")
    found: Fence = request.getfixturevalue(request.param)
    return found


class Beating:
    """A run whose only task beats behind a fence."""

    def __init__(self, project: Project, fence: Fence, more: str = "") -> None:
        self.project, self.fence = project, fence
        self.file = project.root.with_name("app-a") / "beats"
        project.plan(f"{fence.plan}tasks:\n  a:\n    kind: check\n    run: {BEATS!r}\n{more}")

    def begin(self) -> subprocess.Popen[str]:
        """Start an engine, and wait for the first beats."""
        engine = self.project.begin("run", "--headless")
        until(lambda: self.count() > 2, "beats")
        return engine

    def count(self) -> int:
        """How often it has beaten."""
        return self.file.stat().st_size if self.file.exists() else 0

    def stands_still(self) -> bool:
        """Say whether it does not beat for ten beats."""
        before = self.count()
        subprocess.run(["sleep", "1"], check=True)
        return self.count() == before

    def assert_nothing_left(self) -> None:
        """Check that it beats no more, and that there is no container, paused or ended."""
        assert self.stands_still()
        assert self.fence.containers() == []

    def kill_shim(self) -> None:
        """Kill what supervises it."""
        shim = shim_of(self.project.rundir.attempt("a.1"))
        assert shim is not None
        os.kill(shim.pid, signal.SIGKILL)


def test_a_pause_freezes_it_and_then_it_continues(project: Project, fence: Fence):
    beating = Beating(project, fence)
    engine = beating.begin()

    project.porch("pause", "a")
    until(beating.stands_still, "the pause")
    assert beating.stands_still()
    project.porch("resume-tasks", "a")
    before = beating.count()
    until(lambda: beating.count() > before, "another beat")

    project.porch("stop", "--all", "--now")
    engine.communicate(timeout=60)
    beating.assert_nothing_left()


def test_a_stop_leaves_nothing_though_it_ignores_it(project: Project, fence: Fence):
    beating = Beating(project, fence)
    engine = beating.begin()

    project.porch("stop", "--all")
    engine.communicate(timeout=60)

    assert project.outcomes() == {"a": "stopped"}
    beating.assert_nothing_left()


def test_a_stop_while_it_is_paused_leaves_nothing(project: Project, fence: Fence):
    beating = Beating(project, fence)
    engine = beating.begin()
    project.porch("pause", "a")
    until(beating.stands_still, "the pause")

    project.porch("stop", "--all")
    engine.communicate(timeout=60)

    beating.assert_nothing_left()


def test_a_timeout_leaves_nothing(project: Project, fence: Fence):
    beating = Beating(project, fence, "    timeout: 4s\n")

    project.porch("run", "--headless", expect=1)

    assert beating.count()
    beating.assert_nothing_left()


def test_a_killed_shim_and_a_new_engine_leave_nothing(project: Project, fence: Fence):
    beating = Beating(project, fence)
    kill(beating.begin())
    beating.kill_shim()

    project.porch("resume", "--headless", expect=1)

    assert "may still run" not in project.events(e.AttemptFailed)[0].failure.text
    beating.assert_nothing_left()


def test_a_commit_of_the_task_lands_and_validations_run_behind_it_too(project: Project, fence: Fence):
    wrap = "box" if fence.client else "bwrap"
    project.plan(
        f"{fence.plan}validate: test -e one && test ! -e /etc/passwd-of-no-one\nvalidate_wrap: {wrap}\n"
        "tasks:\n  a: {run: 'echo one > one'}\n"
    )

    project.porch("run", "--headless")

    assert project.outcomes() == {"a": "landed"}
    assert project.git("show", "main:one") == "one"
    assert fence.containers() == []
