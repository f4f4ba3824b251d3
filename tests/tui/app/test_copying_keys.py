"""Copying from the screen: what of a task, marked lines of its log, a log as a file, a log in the pager."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from porch_tui.core.model.plan import TaskId
from porch_tui.tui.app.programs import TERMINAL_BYTES, copy_report
from porch_tui.tui.log.excerpts import last_lines, whole
from porch_tui.tui.model.outside import Copied, Kept, NoRepository
from tests.session.terminal_files import TerminalFiles
from tests.tui.board_harness import PATIENCE_S, Screened, on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy


class Clerk(NoRepository):
    """Takes every text, and writes down what it was given."""

    def __init__(self, by: str = "a program") -> None:
        self.by = by
        self.copied: list[str] = []
        self.kept: dict[str, str] = {}

    def copy(self, text: str) -> Copied:
        self.copied.append(text)
        return Copied(self.by, Kept(Path("/run/texts/copied.txt")))

    def keep(self, name: str, pieces: Iterable[str]) -> Kept:
        self.kept[name] = "".join(pieces)
        return Kept(Path("/run/texts") / name)


async def until_shown(shown: Screened, text: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while text not in " ".join(shown.text().split()):
            await shown.pilot.pause()


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("n", "auth"),
        ("p", "/repo-auth"),
        ("c", "claude -p 'Split the session code'"),
        ("e", "test_login_119 PASSED\n"),
    ],
)
def test_y_copies_of_the_task_under_the_cursor(tmp_path: Path, key: str, text: str) -> None:
    @in_loop
    async def scenario() -> None:
        clerk = Clerk()
        async with on_board(busy(tmp_path), outside=clerk) as shown:
            shown.board.choose(TaskId("auth"))
            await shown.press("y", key)
            await until_shown(shown, "copied (a program), also in /run/texts/copied.txt")

            assert clerk.copied[0].endswith(text) and "\x1b" not in clerk.copied[0]

    scenario()


@in_loop
async def test_of_a_rejected_task_the_validations_last_lines_are_copied(tmp_path: Path) -> None:
    clerk, run = Clerk(), Recording(tmp_path, ["parser"])
    run.judge(passes=True)
    run.start("parser").succeed("parser").build()
    while run.state.validations.in_flight:
        for flight in run.state.validations.in_flight.values():
            run.validation_log(flight.tree, flight.number, "2 failed\n")
        run.judge(passes=False)
    async with on_board(run, outside=clerk) as shown:
        await shown.press("y", "e")
        await until_shown(shown, "copied")

        assert clerk.copied == ["2 failed\n"]


@pytest.mark.parametrize("is_over", [False, True], ids=["live", "over"])
def test_of_a_terminal_the_lines_that_it_shows_are_copied(tmp_path: Path, is_over: bool) -> None:
    @in_loop
    async def scenario() -> None:
        clerk, run = Clerk(), Recording(tmp_path, ["shell"]).start("shell")
        files = TerminalFiles(run.rundir.attempt("shell.1"))
        files.print(b"setup\n")
        files.size(60, 10)
        files.print(b"\x1b]0;a title\x07\x1b[5;1H\x1b[31mworgn\x1b[3D\x1b[Kong\x1b[1;1Hfirst")
        if is_over:
            files.end()
            files.print(b"check passed\n")
        async with on_board(run, outside=clerk) as shown:
            await shown.press("y", "e")
            await until_shown(shown, "copied")

            behind = "check passed\n" if is_over else ""
            assert clerk.copied == [f"setup\nfirst\n\n\n\nwoong\n{behind}"]

    scenario()


@in_loop
async def test_escape_copies_nothing(tmp_path: Path) -> None:
    clerk = Clerk()
    async with on_board(busy(tmp_path), outside=clerk) as shown:
        await shown.press("y", "escape", "n")

        assert clerk.copied == []


@in_loop
async def test_marked_lines_of_the_log_are_copied_without_colours(tmp_path: Path) -> None:
    clerk = Clerk()
    async with on_board(busy(tmp_path), outside=clerk) as shown:
        shown.board.choose(TaskId("auth"))
        await shown.press("enter", "v", "k", "y")
        await until_shown(shown, "2 lines copied (a program)")

        assert [line[-20:] for line in clerk.copied[0].splitlines()] == [
            "test_login_118 PASSED"[-20:],
            "test_login_119 PASSED"[-20:],
        ]


@in_loop
async def test_the_whole_log_is_saved_as_text(tmp_path: Path) -> None:
    clerk = Clerk()
    async with on_board(busy(tmp_path), outside=clerk) as shown:
        shown.board.choose(TaskId("auth"))
        await shown.press("enter", "Y")
        await until_shown(shown, "the log as text: /run/texts/auth.1.txt")

        assert clerk.kept["auth.1.txt"].count("\n") == 120 and "\x1b" not in clerk.kept["auth.1.txt"]


@in_loop
async def test_a_log_that_is_not_there_is_not_opened_in_the_pager(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), outside=Clerk()) as shown:
        shown.board.choose(TaskId("release"))
        await shown.press("enter", "o")
        await until_shown(shown, "there is no output yet")


@in_loop
async def test_a_text_that_no_program_takes_goes_to_the_terminal(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), outside=Clerk(by="")) as shown:
        shown.board.choose(TaskId("auth"))
        await shown.press("y", "n")
        await until_shown(shown, "name handed to the terminal to be copied")

        assert shown.app.clipboard == "auth"


def test_the_message_says_where_the_text_is() -> None:
    kept, lost = Kept(Path("/t")), Kept(None, "the disk is full")

    assert (
        copy_report("3 lines", Copied("xclip", kept), is_by_terminal=False)
        == "3 lines copied (xclip), also in /t"
    )
    assert "too much for the terminal to copy; it is in /t" in copy_report(
        "3 lines", Copied("", kept), is_by_terminal=False
    )
    assert "the disk is full" in copy_report("3 lines", Copied("", lost), is_by_terminal=False)
    assert TERMINAL_BYTES == 64_000


def test_what_was_dropped_from_a_log_is_not_in_its_text(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"one\n" + b"\0" * 5_000_000 + b"\x1b[1mdropped\x1b[0m\nlast")

    assert "".join(whole(log)) == "one\ndropped\nlast" and last_lines(log, 1) == ["last"]
