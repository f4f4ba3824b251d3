"""Commands arrive whole, in order, and as often as it takes."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from porch_tui.core.model.commands import CloseRun, PauseRun, ResumeRun, SetSlots, StopTask
from porch_tui.core.model.plan import TaskId
from porch_tui.errors import JournalError
from porch_tui.journal import inbox
from porch_tui.journal.rundir import RunDir


def taken(rundir: RunDir) -> list[object]:
    return [command for _, command in inbox.take(rundir)]


def test_commands_are_taken_in_the_order_they_were_given(rundir: RunDir) -> None:
    commands = [SetSlots(f"cmd-{9 - number}", number) for number in range(10)]
    for command in commands:
        inbox.drop(rundir, command)

    assert commands == taken(rundir)


def test_a_command_stays_until_it_is_done(rundir: RunDir) -> None:
    """An engine that dies after taking it leaves it for the next."""
    inbox.drop(rundir, PauseRun("cmd-1"))
    inbox.drop(rundir, ResumeRun("cmd-2"))
    assert taken(rundir) == taken(rundir)

    (first, _), _ = inbox.take(rundir)
    inbox.done(first)
    inbox.done(first)

    assert [ResumeRun("cmd-2")] == taken(rundir)


def test_a_command_is_private_and_nothing_is_left_aside(rundir: RunDir) -> None:
    file = inbox.drop(rundir, StopTask("cmd-1", TaskId("parser")))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {file, rundir.refused} == set(rundir.inbox.iterdir())


def test_a_command_that_is_being_written_is_not_taken(rundir: RunDir) -> None:
    (rundir.inbox / ".00000000000000000001-cmd-1.json.tmp").write_bytes(b'{"id": "cm')

    assert taken(rundir) == []


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"v": 1, "type": "FlyAway", "id": "cmd-7"}', b'{"v": 9, "type": "CloseRun"}']
)
def test_what_is_no_command_is_reported_once_and_kept_aside(rundir: RunDir, content: bytes) -> None:
    (rundir.inbox / "00000000000000000001-cmd-7.json").write_bytes(content)
    inbox.drop(rundir, CloseRun("cmd-8"))

    (path, problem), (_, command) = inbox.take(rundir)

    assert CloseRun("cmd-8") == command
    assert isinstance(problem, inbox.Problem)
    assert problem.id == "cmd-7"
    assert (rundir.refused, content) == (path.parent, path.read_bytes())
    assert [CloseRun("cmd-8")] == taken(rundir)


def test_an_inbox_that_is_not_there_gives_nothing_and_takes_nothing(tmp_path: Path) -> None:
    nowhere = RunDir(tmp_path / "gone")

    assert taken(nowhere) == []
    with pytest.raises(JournalError, match="cannot give run gone a command"):
        inbox.drop(nowhere, PauseRun("cmd-1"))


def test_ids_of_commands_differ() -> None:
    assert len({inbox.new_command_id() for _ in range(1000)}) == 1000
