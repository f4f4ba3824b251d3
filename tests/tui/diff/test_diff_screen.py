"""The diff on the screen: files, lines, comments that outlive the screen, approving and sending back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.errors import RefusedError
from porch_tui.tui.model.comments import Comment, as_words
from porch_tui.tui.model.outside import NoRepository, ShownDiff
from tests.tui.app.test_screens import until_shown
from tests.tui.board_harness import Screened, on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, sha, task

API = TaskId("api")
ONE = b"""\
diff --git a/app.py b/app.py
--- a/app.py
+++ b/app.py
@@ -1,2 +1,2 @@
 import os
-x = 1
+x = 2
"""
TWO = b"""\
diff --git a/docs.md b/docs.md
new file mode 100644
--- /dev/null
+++ b/docs.md
@@ -0,0 +1 @@
+# Docs
"""
HEAD = sha("head api")


class Desk:
    """Shows always the same, and keeps what is said."""

    def __init__(self, patch: bytes = ONE + TWO, head: Sha | None = HEAD) -> None:
        self.shown = ShownDiff("what api would change on main", (), head, head, patch)
        self.kept: tuple[Comment, ...] = ()
        self.asked = 0

    def diff(self, task: TaskId, context: int = 3) -> ShownDiff:
        self.asked = context
        return self.shown

    def page(self, task: TaskId) -> None:
        raise RefusedError("no pager here")

    def approval(self, task: TaskId, shown: ShownDiff) -> c.ApproveTask:
        assert shown.head is not None and shown.result is not None
        return c.ApproveTask("1", task, shown.result, shown.head, "Ada")

    def comments(self, task: TaskId) -> tuple[Comment, ...]:
        return self.kept

    def keep_comments(self, task: TaskId, comments: Sequence[Comment]) -> None:
        self.kept = tuple(comments)


class World(NoRepository):
    """A world with that desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def reviewing(self) -> Desk:
        return self._desk


def waiting(folder: Path) -> Recording:
    """Return a run of an agent whose work waits for a review."""
    spec = replace(task("api"), needs_review=True, agent="claude", prompt="Do it.")
    return Recording(folder, [spec], validate=False).start("api").succeed("api")


async def opened(shown: Screened, *keys: str) -> None:
    """Open the diff, wait until it is there, and press keys."""
    await shown.press("d")
    await shown.app.workers.wait_for_complete()
    await until_shown(shown, "app.py")
    for one in keys:
        await shown.press(one)
        await shown.app.workers.wait_for_complete()
    await shown.pilot.pause()


@in_loop
async def test_files_and_lines_are_there_in_a_small_window_and_in_a_wide_one(tmp_path: Path) -> None:
    for size in ((80, 24), (120, 30)):
        async with on_board(waiting(tmp_path / str(size[0])), size, outside=World(Desk())) as shown:
            await opened(shown)

            assert shown.shows("what api would change on main")
            assert shown.shows("2 files  +2 -1  waits for your review")
            assert shown.shows("    2 -x = 1") and shown.shows("    2 +x = 2")
            assert shown.shows("docs.md") and shown.shows("A approve") and shown.shows("B send back")
            assert not shown.shows("r retry")


@in_loop
async def test_approving_sends_the_commit_that_was_shown(tmp_path: Path) -> None:
    async with on_board(waiting(tmp_path), outside=World(Desk())) as shown:
        await opened(shown, "A")
        await until_shown(shown, "goes into the merge queue")

        assert shown.sent() == [c.ApproveTask("1", API, HEAD, HEAD, "Ada")]
        assert shown.app.live is shown.board


@in_loop
async def test_a_result_that_has_changed_since_is_not_approved(tmp_path: Path) -> None:
    desk = Desk()
    desk.shown = replace(desk.shown, result=sha("older"), head=sha("older"))
    async with on_board(waiting(tmp_path), outside=World(desk)) as shown:
        await opened(shown)
        assert shown.shows("it has another result by now: f5 reads it")
        await shown.press("A")
        await until_shown(shown, "look again")

        assert shown.sent() == []


@pytest.mark.slow
@in_loop
async def test_comments_are_below_their_lines_and_go_back_with_more_words(tmp_path: Path) -> None:
    desk = Desk()
    async with on_board(waiting(tmp_path), outside=World(desk)) as shown:
        await opened(shown, "j", "j", "j", "enter", *"why?", "enter", "]", "enter", *"no", "enter")
        assert shown.shows("└ why?") and shown.shows("2 comments")
        assert [(one.place, one.text) for one in desk.kept] == [
            ("app.py:2 (removed)", "why?"),
            ("docs.md", "no"),
        ]

        await opened_prompt(shown)
        await shown.press(*"mend", "enter")
        await until_shown(shown, "is sent back")

        (command,) = shown.sent()
        assert isinstance(command, c.RetryTask)
        assert command.say == "app.py:2 (removed): why?\ndocs.md: no\nmend"
        assert desk.kept == ()


async def opened_prompt(shown: Screened) -> None:
    await shown.press("B")
    await until_shown(shown, "enter sends it back")


@in_loop
async def test_a_plain_retry_takes_the_comments_along_or_says_that_there_are_none(
    tmp_path: Path,
) -> None:
    desk = Desk()
    desk.kept = (Comment("app.py", 2, "this one"),)
    async with on_board(waiting(tmp_path / "commented"), outside=World(desk)) as shown:
        await shown.press("r")
        (command,) = shown.sent()
        assert isinstance(command, c.RetryTask)
        assert (command.say, desk.kept) == ("app.py:2: this one", ())

    async with on_board(waiting(tmp_path / "plain"), outside=World(desk)) as shown:
        await shown.press("r")
        await until_shown(shown, "its agent gets no reason")
        (command,) = shown.sent()
        assert isinstance(command, c.RetryTask) and not command.say


@in_loop
async def test_comments_that_were_not_sent_are_there_again(tmp_path: Path) -> None:
    desk = Desk()
    desk.kept = (Comment("app.py", 2, "this one"), Comment("gone.py", 9, "of a line that is gone"))
    async with on_board(waiting(tmp_path), outside=World(desk)) as shown:
        await opened(shown)

        assert shown.shows("└ this one") and shown.shows("└ of a line that is gone")


@in_loop
async def test_an_empty_comment_removes_it(tmp_path: Path) -> None:
    desk = Desk()
    desk.kept = (Comment("app.py", 1, "x"),)
    async with on_board(waiting(tmp_path), outside=World(desk)) as shown:
        await opened(shown, "j", "j", "enter", "backspace", "enter")

        assert desk.kept == ()


@in_loop
async def test_nothing_said_is_nothing_sent(tmp_path: Path) -> None:
    async with on_board(waiting(tmp_path), outside=World(Desk())) as shown:
        await opened(shown)
        await opened_prompt(shown)
        await shown.press("enter")
        await until_shown(shown, "nothing to send")

        assert shown.sent() == []


@in_loop
async def test_approving_asks_first_where_comments_would_not_be_sent(tmp_path: Path) -> None:
    desk = Desk()
    desk.kept = (Comment("app.py", 1, "x"),)
    async with on_board(waiting(tmp_path), outside=World(desk)) as shown:
        await opened(shown, "A")
        await until_shown(shown, "1 comment would not be sent")
        await shown.press("y")
        await until_shown(shown, "goes into the merge queue")

        assert len(shown.sent()) == 1


@in_loop
async def test_what_waits_for_no_review_says_so_and_has_no_such_keys(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["api"]).start("api").succeed("api")
    async with on_board(run, outside=World(Desk())) as shown:
        await opened(shown)
        assert not shown.shows("A approve")
        await shown.press("A")
        await until_shown(shown, "it waits for no review")


@in_loop
async def test_a_task_that_has_changed_nothing_says_so(tmp_path: Path) -> None:
    async with on_board(waiting(tmp_path), outside=World(Desk(b""))) as shown:
        await shown.press("d")
        await until_shown(shown, "it changes nothing")


@pytest.mark.slow
@in_loop
async def test_a_very_long_diff_is_read_and_gone_through(tmp_path: Path) -> None:
    patch = b"diff --git a/app.py b/app.py\n@@ -0,0 +1,60000 @@\n" + b"+x = 1\n" * 60_000
    async with on_board(waiting(tmp_path), outside=World(Desk(patch))) as shown:
        await opened(shown, "G")

        assert shown.shows("49998 +x = 1")
        assert shown.shows("more than can be shown: o has all of it")


def test_words_name_the_lines_in_the_order_of_the_files() -> None:
    comments = [
        Comment("b.py", 2, "two"),
        Comment("a.py", 0, "whole"),
        Comment("b.py", 1, "one", is_removed=True),
    ]

    assert as_words(comments, " and more ") == "a.py: whole\nb.py:1 (removed): one\nb.py:2: two\nand more"


@in_loop
async def test_a_wide_window_has_frames_that_say_which_file_and_lines_are_in_view(
    tmp_path: Path,
) -> None:
    long = b"@@ -0,0 +1,90 @@\n" + b"".join(b"+line %d\n" % n for n in range(90))
    patch = ONE + b"diff --git a/long.md b/long.md\n--- /dev/null\n+++ b/long.md\n" + long
    async with on_board(waiting(tmp_path), (120, 30), outside=World(Desk(patch))) as shown:
        await opened(shown)
        assert shown.shows("╭─ 2 files ") and shown.shows("─ app.py ─") and shown.shows(" 1 of 2 ─╮")
        assert shown.shows(" of 97 ─╮") and shown.shows("┃")

        await shown.press("G")
        assert shown.shows("─ long.md ─") and shown.shows(" to 97 of 97 ─╮") and shown.shows(" 2 of 2 ─╮")


@in_loop
async def test_a_small_diff_has_as_much_of_its_files_around_it_as_the_window_has_room_for(
    tmp_path: Path,
) -> None:
    desk = Desk()
    async with on_board(waiting(tmp_path / "a"), (120, 40), outside=World(desk)) as shown:
        await opened(shown)
        assert 5 <= desk.asked <= 8

    desk = Desk(ONE + b"".join(b"@@ -%d,0 +%d,1 @@\n+x\n" % (n, n) for n in range(5, 50)))
    async with on_board(waiting(tmp_path / "b"), (120, 40), outside=World(desk)) as shown:
        await opened(shown)
        assert 3 == desk.asked
