"""What a command has others do: porch says that it cannot stop, pause or measure that."""

from __future__ import annotations

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId, from_shell
from porch_tui.core.tasks.delegated_work import client_in
from porch_tui.present.command_texts import done_text
from porch_tui.present.explain import reason
from tests.builders import attempt, fold, opened, plan, scheduled, task

A = TaskId("a")


@pytest.mark.parametrize(
    ("text", "client"),
    [
        ("docker run --rm img make", "docker run"),
        ("docker compose up", "docker compose"),
        ("cd x && sudo /usr/bin/docker exec -it c sh", "docker exec"),
        ("FOO=1 timeout 10 nerdctl run img", "nerdctl run"),
        ("ssh host 'make test'", "ssh"),
        ("systemd-run --user make", "systemd-run"),
        ("screen -dmS x make", "screen -dmS"),
        ("tmux new-session -d make", "tmux new-session"),
        ("echo make | at now", "at"),
        ("podman run -d img", "podman -d"),
        ("podman run img", ""),
        ("docker build .", ""),
        ("echo docker run", ""),
        ("nohup make &", ""),
        ("python 'a;b", ""),
        ("sudo -u build docker run img", "docker run"),
        ("out=$(docker run img)", "docker run"),
        ('echo "$(ssh host uptime)"', "ssh"),
        ("for x in a b; do\n  docker run $x\ndone", "docker run"),
        ("cat > notes <<END\nssh host\nEND", ""),
        ("echo 'first; ssh host'", ""),
    ],
)
def test_what_has_its_work_done_elsewhere_is_recognised(text: str, client: str):
    assert client == client_in(from_shell(text))


def test_an_argument_vector_is_looked_at_as_well():
    assert client_in(("docker", "run", "img; ssh host")) == "docker run"
    assert client_in(("make", "docker", "run")) == ""


def test_a_stopped_or_paused_task_says_what_may_continue():
    state = opened(plan(replace(task("a"), command=from_shell("docker run img"))))
    running = fold(state, scheduled("a"), e.AttemptStarted(attempt("a"), pid=1))
    paused = fold(running, e.AttemptPaused(attempt("a")))
    stopped = fold(running, e.StopRequested(attempt("a")), e.AttemptStopped(attempt("a")))

    assert reason(running, A) == ""
    assert reason(paused, A) == "what docker run started is not paused"
    assert reason(stopped, A) == "what docker run started may go on"
    assert "may go on" in done_text(c.StopTask("1", A), stopped)
    assert "is not paused" in done_text(c.PauseTask("1", A), paused)
