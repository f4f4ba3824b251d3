"""A run without the screen calls the person at its terminal, and writes nothing of that where no one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.present.window_title import GIVE_BACK, KEEP
from project import Project
from tests.tui.pty_harness import PtyProgram

PORCH = "import sys; from porch_tui.cli import main; sys.exit(main(sys.argv[1:]))"
PLAN = """\
tasks:
  fails: {run: 'exit 3'}
  slow: {run: 'until test -e ../gate; do sleep 0.05; done; echo > slow'}
"""
FAILS = "tasks:\n  fails: {run: 'exit 3'}\n"

pytestmark = pytest.mark.slow  # each starts porch in a terminal of its own


def run_of(project: Project, plan: str, *words: str, settings: str = "", **env: str) -> PtyProgram:
    project.plan(plan)
    folder = project.root.parent / "own/porch"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text(settings)
    environ = {"CI": "", "XDG_CONFIG_HOME": str(folder.parent), **env}
    return PtyProgram(PORCH, "run", "--headless", "-C", str(project.root), *words, environ=environ)


def test_the_bell_rings_while_others_go_on_and_once_and_the_title_follows(project: Project):
    with run_of(project, PLAN) as program:
        program.read_until_bytes(b"\x1b]2;porch 0/2 !1\x07")
        program.read_until(lambda: program.bells == 1, "a bell")
        (project.root.parent / "gate").touch()
        assert 1 == program.wait()

    output = bytes(program.output)
    assert 1 == program.bells and b"failed: exit 3" in output
    assert output.startswith(KEEP.encode()) or output.index(KEEP.encode()) < output.index(b"\x1b]2;porch 0/2")
    assert output.index(b"\x1b]2;porch 1/2 !1\x07") < output.index(GIVE_BACK.encode())


def test_what_fails_at_the_very_end_rings_too(project: Project):
    with run_of(project, FAILS) as program:
        program.wait()

    assert 1 == program.bells


def test_a_task_that_the_person_stops_rings_no_bell(project: Project):
    with run_of(project, PLAN.replace("exit 3", "true")) as program:
        program.read_until(lambda: len(project.events(e.AttemptStarted)) == 2, "both tasks to run")
        project.porch("stop", "slow")
        program.wait()

    assert 0 == program.bells and b"stopped" in program.output


@pytest.mark.parametrize(
    ("settings", "words", "env"),
    [
        ("bell = false\ntitle = false\n", (), {}),
        ("", (), {"CI": "true"}),
        ("", (), {"TERM": "dumb"}),
        ("", ("--json",), {}),
    ],
    ids=["off", "build server", "dumb terminal", "for a program"],
)
def test_nothing_is_written_but_lines_where_that_is_not_wanted(
    project: Project, settings: str, words: tuple[str, ...], env: dict[str, str]
):
    with run_of(project, FAILS, *words, settings=settings, **env) as program:
        program.wait()

    assert 0 == program.bells
    assert (
        b"exit 3" in program.output and b"\x1b]" not in program.output and KEEP.encode() not in program.output
    )


def test_a_notification_is_asked_for_by_choice(project: Project):
    with run_of(project, FAILS, settings='notify = "osc9"\nbell = false\n') as program:
        program.wait()

    assert 1 == program.output.count(b"\x1b]9;porch: fails: failed: exit 3\x07") and 0 == program.bells


def test_nothing_of_it_goes_into_a_pipe(project: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CI", raising=False)
    project.plan(FAILS)

    done = project.porch("run", "--headless", expect=1, env={"TERM": "xterm-256color"})

    assert "exit 3" in done.stdout and not set("\x07\x1b") & set(done.stdout + done.stderr)


def test_a_mistake_in_the_settings_is_named_once_and_the_run_goes_on(project: Project, tmp_path: Path):
    (tmp_path / "own/porch").mkdir(parents=True)
    (tmp_path / "own/porch/settings.toml").write_text("title = true\nbel = false\n")
    project.plan("tasks:\n  good: {run: 'echo > good'}\n")

    done = project.porch("run", "--headless", env={"XDG_CONFIG_HOME": str(tmp_path / "own")})

    assert 1 == done.stderr.count("settings.toml:2: no setting is called 'bel'; did you mean 'bell'?")
