"""`e` opens files that the task has changed, never a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from porch_tui.cli.lookup import repository_at
from porch_tui.cli.screen.outside import OutsideActions
from porch_tui.core.model.plan import TaskId
from porch_tui.errors import RefusedError
from porch_tui.tui.model.outside import NoRepository
from tests.project import Project
from tests.tui.board_harness import Screened, on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy


class Changed(NoRepository):
    """A world in which a task has changed these files."""

    def __init__(self, *files: str) -> None:
        self.files = files

    def changed_files(self, task: TaskId) -> tuple[str, ...]:
        return self.files


async def press_e(shown: Screened) -> None:
    await shown.press("j", "e")
    await shown.app.workers.wait_for_complete()
    await shown.pilot.pause()


@in_loop
async def test_of_several_changed_files_one_is_chosen(tmp_path: Path) -> None:
    files = [f"src/part_{n}.py" for n in range(12)]
    async with on_board(busy(tmp_path), outside=Changed(*files)) as shown:
        await press_e(shown)
        assert shown.shows("Edit which file of auth?") and shown.shows("1  src/part_0.py")
        assert shown.shows("a  all 12 files") and not shown.shows("part_8.py")
        await shown.press("2")

        assert shown.shows("this terminal cannot be given to another program")


@in_loop
async def test_a_prompt_is_edited_in_the_persons_editor_if_the_task_can_be_retried(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["a", "b"]).start("a", "b").fail("a")
    async with on_board(run, outside=Changed()) as shown:
        await shown.press("E")
        assert shown.shows("this terminal cannot be given to another program")
        await shown.press("j", "E")
        assert shown.shows("Can't retry b: it is running")


@in_loop
async def test_the_only_changed_file_is_opened_without_a_question(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), outside=Changed("README.md")) as shown:
        await press_e(shown)

        assert shown.shows("this terminal cannot be given to another program")


@pytest.mark.parametrize(
    ("files", "expected"), [((), "auth has changed no file so far; ! opens a shell in its worktree")]
)
@in_loop
async def test_where_nothing_was_changed_a_shell_is_offered(
    tmp_path: Path, files: Sequence[str], expected: str
) -> None:
    async with on_board(busy(tmp_path), outside=Changed(*files)) as shown:
        await press_e(shown)

        assert shown.shows(expected)


@in_loop
async def test_why_no_file_can_be_found_is_said(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await press_e(shown)

        assert shown.shows("this needs the run's repository, which is not there")


@pytest.mark.slow
def test_what_a_task_has_changed_is_found_with_names_as_odd_as_they_come(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.commit({"kept": "1\n", "gone": "1\n", "edited": "1\n"})
    project.plan(
        "tasks:\n"
        "  a: {run: 'rm gone; echo > edited; echo > -dash; mkdir d; echo > \"d/two words\"; exit 1'}\n"
        "  b: {run: 'true', after: [a]}\n"
    )
    project.porch("run", "--headless", expect=1)
    beside = OutsideActions(repository_at(str(project.root)), project.rundir)

    assert {"-dash", "d/two words", "edited"} == set(beside.changed_files(TaskId("a")))
    with pytest.raises(RefusedError, match="has no worktree"):
        beside.changed_files(TaskId("b"))


class WithFiles(Changed):
    """A world in which a worktree has these files; what is copied goes to the terminal."""

    def file_in_worktree(self, task: TaskId, name: str) -> str:
        return name if name in self.files else ""


LINES = "old\na.py:1: gone, b.py:2: here\nonly.py:3: gone\nhttps://example.org/run/7\n"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (0, "this terminal cannot be given to another program"),
        (1, "only.py is no file in the worktree of auth"),
        (2, "https://example.org/run/7 handed to the terminal to be copied"),
    ],
)
@in_loop
async def test_enter_opens_the_file_that_a_line_of_a_log_names(
    tmp_path: Path, row: int, expected: str
) -> None:
    run = busy(tmp_path)
    run.log("auth", LINES)
    async with on_board(run, outside=WithFiles("b.py")) as shown:
        shown.board.choose(TaskId("auth"))
        await shown.tick()
        await shown.press("2", "v", *["k"] * (2 - row), "enter")
        await shown.app.workers.wait_for_complete()
        await shown.pilot.pause()

        assert expected in " ".join(shown.text().split())
