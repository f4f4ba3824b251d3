"""What tasks on a host find in their environment: what the shell there exports, and what agents need."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Agent
from porch_tui.places.carriers.pipe import PipeCarrier
from porch_tui.places.carriers.way_in import TO_LOGIN
from porch_tui.places.near.remote import RemoteExecutor, greeting
from porch_tui.process.login_shell import login_shell
from project import Project, until
from tests.executors import places

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not login_shell().endswith("bash"), reason="this user has another shell"),
]


@pytest.fixture
def ends() -> list[e.AnyEvent]:
    return []


@pytest.fixture
def executor(tmp_path: Path, ends: list[e.AnyEvent]) -> Iterator[RemoteExecutor]:
    """An executor of a host whose user has an interactive shell with settings of their own."""
    Project(tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".bash_profile").write_text("export LANG=C.UTF-8\ncase $- in *i*) . ~/.bashrc;; esac\n")
    (home / ".bashrc").write_text("export JAVA_HOME=/opt/java KEY_OF_MINE=secret\nNOT=exported\n")
    environ = {**os.environ, "HOME": str(home), "LANG": "C", "NOT": "this machine's"}
    made = RemoteExecutor(
        lambda *events: ends.extend(
            one for one in events if isinstance(one, e.AttemptSucceeded | e.AttemptFailed)
        ),
        PipeCarrier(("sh",), environ, (*TO_LOGIN, "--idle", "1")),
        greeting("environment", "app", ("U", "u@example.org")),
    )
    yield made
    made.close()


def test_tasks_have_what_the_persons_own_shell_there_exports_and_agents_what_they_need(
    executor: RemoteExecutor, ends: list[e.AnyEvent], tmp_path: Path
):
    job = places.job(tmp_path, "a", 'echo "$JAVA_HOME $LANG"')
    agent = Agent("mine", ("true",), env_from=("KEY_OF_MINE",))
    other = places.job(tmp_path, "b", "true")

    executor.start(replace(job, agent=agent))
    executor.start(replace(other, agent=replace(agent, env_from=("KEY_OF_MINE", "NO_SUCH_KEY"))))
    until(lambda: len(ends) == 2, "their ends")

    by_task = {end.attempt.task: end for end in ends if isinstance(end, e.AttemptSucceeded | e.AttemptFailed)}
    assert isinstance(by_task[job.attempt.task], e.AttemptSucceeded)
    assert (job.directory / "output.log").read_text() == "/opt/java C.UTF-8\n"
    failed = by_task[other.attempt.task]
    assert isinstance(failed, e.AttemptFailed) and failed.failure.kind is e.FailureKind.NOT_STARTED
    assert failed.failure.text.startswith("NO_SUCH_KEY is not set on its place; export what")
