"""A repository shared by a container and its host: the one waits for what runs in the other."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from porch_tui.core.model import events as e
from porch_tui.journal import lease
from project import PORCH, Project, until

IN_A_NAMESPACE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
ENGINE = """
"$@" run --headless --slots 2 > ../engine.out 2>&1 & engine=$!
until [ -e ../crash ]; do sleep 0.02; done
kill -9 $engine; sleep 1000
"""


@pytest.fixture
def container(project: Project) -> Iterator[subprocess.Popen[bytes]]:
    """A PID namespace in which `porch run` is called once there is a plan, and killed by ../crash."""
    try:
        subprocess.run([*IN_A_NAMESPACE, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"needs a PID namespace of its own: {error}")
    script = f"until [ -e ../planned ]; do sleep 0.02; done\n{ENGINE}"
    command = [*IN_A_NAMESPACE, "sh", "-c", script, "-", *PORCH]
    with subprocess.Popen(command, cwd=project.root) as process:
        yield process
        process.kill()


def crash_once_started(project: Project) -> None:
    """Let the engine in the container start, and kill it once what it runs has started."""
    folder = project.root.parent
    (folder / "planned").touch()
    until((folder / "starts").exists, "the start")
    # of a task that ends at once only the end may be seen
    known = (e.AttemptStarted, e.AttemptSucceeded)
    until(lambda: any(map(project.events, known)), "the engine to know that it runs")
    (folder / "crash").touch()
    until(lambda: lease.holder(project.rundir) is None, "the end of the engine")


def waits(project: Project) -> str:
    """Return a command that runs until there is a file beside the repository."""
    folder = project.root.parent
    return f"git rev-parse HEAD^{{tree}} >> {folder}/starts; until [ -e {folder}/go ]; do sleep 0.05; done"


def starts(project: Project) -> list[str]:
    """Return the trees on which it was started, once for each time."""
    return (project.root.parent / "starts").read_text().splitlines()


@pytest.mark.slow
def test_a_task_that_runs_in_a_container_is_not_started_outside(project: Project, container: object):
    project.plan(f"tasks:\n  one: {{run: '{waits(project)}; echo done > a', retries: 1}}\n")
    crash_once_started(project)
    assert "one is still running in another PID namespace" in project.porch("doctor", expect=None).stdout
    assert "stays" in project.porch("clean").stdout

    resumed = project.begin("resume", "--headless")
    until(lambda: project.events(e.AttemptNoticed), "a word about the wait")
    (need,) = project.status()["needs_you"]
    (project.root.parent / "go").touch()

    output, _ = resumed.communicate(timeout=60)
    assert "still runs in another PID namespace" in need["why"]
    assert (resumed.returncode, len(starts(project))) == (0, 1), output
    assert project.landed() == ["one"]


def test_it_can_be_stopped_from_outside(project: Project, container: object):
    project.plan(f"tasks:\n  one: {{run: '{waits(project)}', retries: 1}}\n")
    crash_once_started(project)
    resumed = project.begin("resume", "--headless")
    until(lambda: project.events(e.AttemptNoticed), "a word about the wait")

    project.porch("stop", "one")

    resumed.communicate(timeout=60)
    assert (project.outcomes(), len(starts(project))) == ({"one": "stopped"}, 1)


@pytest.mark.slow
def test_a_validation_that_runs_in_a_container_is_not_started_outside(project: Project, container: object):
    project.plan(f"validate: '{waits(project)}'\ntasks:\n  one: {{run: 'echo done > a'}}\n")
    crash_once_started(project)

    resumed = project.begin("resume", "--headless")
    until(lambda: project.events(e.Noticed), "a word about the wait")
    (project.root.parent / "go").touch()

    resumed.communicate(timeout=60)
    assert resumed.returncode == 0
    assert len(set(starts(project))) == len(starts(project))
    assert project.landed() == ["one"]


def test_an_engine_in_a_container_is_named_as_such(project: Project, container: object):
    project.plan(f"tasks:\n  one: {{run: '{waits(project)}'}}\n")
    (project.root.parent / "planned").touch()
    until((project.root.parent / "starts").exists, "the start")

    refused = project.porch("resume", "--headless", expect=3)

    assert "in another PID namespace" in refused.stderr
