"""The conflict screen on real conflicts: every key, what is on disk after it, and what is shown."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from porch_tui.core.conflict.conflict import Choice, ConflictRecord, Decision
from porch_tui.core.conflict.splice import chosen_text
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.tui.conflict.panes import ConflictBody
from tests.tui.board_harness import PATIENCE_S, on_board
from tests.tui.conflict_harness import (
    AUTH,
    LOGGED,
    SPLIT,
    TWO_FILES,
    ParkedRun,
    on_conflict,
)
from tests.tui.pane_harness import in_loop


def conflicted(folder: Path) -> ParkedRun:
    return ParkedRun(folder, *TWO_FILES)


@pytest.mark.parametrize(
    ("key", "choice"),
    [
        ("<", Choice.MAIN), (">", Choice.TASK), ("=", Choice.BOTH), ("~", Choice.BOTH_REVERSED),
        ("|", Choice.BASE), ("_", Choice.NONE),
    ],
)  # fmt: skip
@in_loop
async def test_a_key_chooses_and_the_choice_is_on_disk(tmp_path: Path, key: str, choice: Choice) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press(key)

        assert Decision(choice) == conflict.decision


@in_loop
async def test_the_result_of_a_choice_is_shown_with_whose_lines_they_are(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        assert conflict.shown.shows("not chosen yet")

        await conflict.press("=")

        assert conflict.shown.shows("result: both, main first")
        assert conflict.shown.shows("<     return log(a + b)") and conflict.shown.shows(
            ">     return plus(a, b)"
        )


@pytest.mark.slow
@in_loop
async def test_sides_are_named_by_branch_and_by_who(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        assert conflict.shown.shows("< main with logging") and conflict.shown.shows(
            "> auth: Split the session"
        )
        assert not conflict.shown.shows("ours") and not conflict.shown.shows("theirs")


@in_loop
async def test_n_goes_forward_and_shift_n_back_to_what_is_left_first(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        assert (1, 1) == conflict.place
        await conflict.press("n", "<")
        assert (1, 2) == conflict.place
        await conflict.press("n")
        assert (2, 1) == conflict.place
        await conflict.press("N")
        assert (1, 1) == conflict.place
        await conflict.press("N")
        assert (2, 1) == conflict.place


@in_loop
async def test_the_arrows_go_to_every_hunk_and_brackets_to_files(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press("<", "right", "left")
        assert (1, 1) == conflict.place
        await conflict.press("]")
        assert (2, 1) == conflict.place
        await conflict.press("[")
        assert (1, 2) == conflict.place  # what is left there


@in_loop
async def test_undo_and_redo_have_no_limit_and_are_kept(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press("<", "n", ">", "n", "=", "u", "u", "u")
        assert 0 == conflict.run.kept.done

        await conflict.press("u")
        await conflict.until_shown("nothing to undo")
        await conflict.press("ctrl+r", "ctrl+r", "ctrl+r")

        assert (3, 0) == (conflict.run.kept.done, conflict.view.left_count)
        await conflict.press("ctrl+r")
        await conflict.until_shown("nothing to redo")


@in_loop
async def test_a_whole_file_is_chosen_at_once_and_one_undo_brings_back_what_was(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press("<", "#")
        assert conflict.shown.shows("Replaces 1 choice in this file")
        await conflict.press(">")
        assert SPLIT == conflict.text

        await conflict.press("u")

        assert (2,) == conflict.view.left[0]


@pytest.mark.slow
@in_loop
async def test_a_hunk_is_written_in_place(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press("e")
        assert "    return log(a + b)\n    return plus(a, b)\n" == conflict.editor.text
        await conflict.press("down", "#", "1", "ctrl+s")

        assert Decision(Choice.TEXT, b"    return log(a + b)\n#1    return plus(a, b)\n") == conflict.decision
        assert conflict.shown.shows("written by hand")


@in_loop
async def test_what_is_written_as_a_side_has_it_is_that_side(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press("<", "e", "x", "backspace", "ctrl+s")

        assert Decision(Choice.MAIN) == conflict.decision


@in_loop
async def test_keys_that_choose_are_letters_while_one_writes(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press("e", "<", "q", "u", "?", "n")

        assert conflict.editor.text.startswith("<qu?n")
        assert conflict.is_open and not conflict.run.kept.steps


@in_loop
async def test_giving_up_is_asked_for_only_when_something_was_written(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press("e", "escape")
        assert conflict.screen.editing.edit is None

        await conflict.press("e", "x", "escape")
        assert conflict.shown.shows("Discard your edit?")
        await conflict.press("escape")
        assert conflict.editor.text.startswith("x")
        await conflict.press("escape", "y")

        assert conflict.screen.editing.edit is None and conflict.decision is None


@in_loop
async def test_the_file_is_reset_after_a_question(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press("<", "n", "<", "n", ">", "[", "ctrl+k", "escape")
        assert 0 == conflict.view.left_count

        await conflict.press("ctrl+k", "y")

        assert ((1, 2), ()) == conflict.view.left
        assert conflict.is_kept


@in_loop
async def test_everything_is_forgotten_after_a_question(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press("<", "ctrl+x", "escape")
        assert conflict.run.kept.steps
        await conflict.press("ctrl+x", "y")
        await conflict.until(lambda: conflict.view.left_count == 3, "all to be open")
        assert ConflictRecord() == conflict.run.kept


@in_loop
async def test_the_base_is_shown_and_hidden_again(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path), (120, 36)) as conflict:
        assert conflict.shown.shows("| base ─")
        await conflict.press("v")
        assert not conflict.shown.shows("| base ─")
        await conflict.press("v")
        assert conflict.shown.shows("| base ─")


@in_loop
async def test_long_lines_move_sideways_and_tab_scrolls_the_result(tmp_path: Path) -> None:
    long = "".join(f"{n} {'x' * 90} end{n}\n" for n in range(30))
    run = ParkedRun(tmp_path, {"f": "a\n"}, {"f": long}, {"f": "b\n"})
    async with on_conflict(run) as conflict:
        assert not conflict.shown.shows("end0")
        await conflict.press("L", "L", "shift+right")
        assert conflict.shown.shows("end0")
        await conflict.press("H", "shift+left", "H", "<", "tab", "space", "j", "b", "k", "ctrl+d")

        assert conflict.screen.query_one(ConflictBody).is_on_result
        assert any(row.startswith(" < 9 ") for row in conflict.shown.rows())


@pytest.mark.slow
@in_loop
async def test_completing_gives_it_to_the_queue_and_goes_back_to_the_board(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press("<", "n", ">", "n", "=", "c")
        await conflict.until(lambda: not conflict.is_open, "the board")
        await conflict.until_shown("auth is resolved and goes to the merge queue")

        (sent,) = conflict.shown.sent()
        assert (AUTH, "auth.json") == (sent.task, sent.record) and isinstance(sent, c.ResolveConflict)
        assert AUTH == conflict.shown.board.chosen


@in_loop
async def test_completing_what_is_not_says_what_is_left_and_where(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press("<", "c")

        await conflict.until_shown("2 hunks left: app/calc.py, hunk 2 and 1 more file (n)")
        assert conflict.is_open and not conflict.shown.sent()


@pytest.mark.slow
@in_loop
async def test_a_result_that_does_not_parse_is_asked_about(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press("e", "(", "ctrl+s", "n", "<", "n", "<", "c")
        await conflict.until_shown("does not parse")
        await conflict.press("escape")
        assert conflict.is_open and not conflict.shown.sent()

        await conflict.press("c")
        await conflict.until_shown("does not parse")
        await conflict.press("y")

        await conflict.until(conflict.shown.sent, "the resolution to be given")


@pytest.mark.slow
@in_loop
async def test_a_marker_that_was_left_is_reported_and_nothing_is_sent(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press("e", *("<" * 7), "enter", "ctrl+s", "n", "<", "n", "<", "c")

        await conflict.until_shown("conflict marker left in line 2")
        assert conflict.is_open and not conflict.shown.sent()


@pytest.mark.parametrize("key", ["q", "escape", "ctrl+q"])
@in_loop
async def test_leaving_keeps_everything_and_says_so(tmp_path: Path, key: str) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press("<", key)
        await conflict.until_shown("auth: 2 hunks left; your choices are kept (c continues)")
        assert not conflict.is_open and conflict.run.kept.steps

        await conflict.press("c")
        await conflict.until_shown("2 hunks left")


@in_loop
async def test_no_verb_of_the_task_is_pressed_by_mistake(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press("r", "x", "!")

        assert conflict.is_open and not conflict.shown.sent()
        await conflict.press("?")
        assert not conflict.shown.shows("Run the task again")


@in_loop
async def test_what_is_chosen_on_the_command_line_is_shown_and_none_overwrites_the_other(
    tmp_path: Path,
) -> None:
    run = conflicted(tmp_path)
    async with on_conflict(run) as conflict:
        await conflict.press("<")
        view = conflict.view.in_file(1)
        theirs = view.record.with_step(view.choosing(Decision(Choice.TASK)))
        theirs = run.beside().conflicts.keep(AUTH, run.kept, theirs)

        await conflict.press("n", ">")  # before the screen has looked
        await conflict.until_shown("was chosen for auth meanwhile")
        assert theirs == run.kept
        await conflict.until(lambda: conflict.is_kept, "the other's choice")

        run.beside().conflicts.keep(AUTH, run.kept, run.kept.undone())
        await conflict.shown.tick()
        await conflict.until_shown("choices were made elsewhere")
        assert (1, 2) == conflict.place


@in_loop
async def test_a_target_that_moved_is_merged_again_and_choices_are_kept(tmp_path: Path) -> None:
    run = conflicted(tmp_path)
    async with on_conflict(run) as conflict:
        await conflict.press("n", ">")
        moved = run.repo.made(run.onto, {"app/calc.py": "# new\n" + LOGGED.replace("log(a", "noted(a")})
        run.collide_upon(moved)
        await conflict.shown.tick()

        await conflict.until_shown("merged again")
        assert (1, 2) == conflict.place
        assert ((1,), (1,)) == conflict.view.left
        assert Decision(Choice.TASK) == conflict.decision


@in_loop
async def test_a_task_that_is_in_conflict_no_more_says_where_it_is(tmp_path: Path) -> None:
    run = conflicted(tmp_path)
    async with on_conflict(run) as conflict:
        await conflict.press("<")
        run.say(e.EntryRequeued(AUTH))
        await conflict.shown.tick()
        await conflict.until_shown("auth is not in conflict (merging)")

        await conflict.press(">")
        assert 1 == len(run.kept.steps)

        run.collide(run.onto)
        await conflict.shown.tick()
        await conflict.until_shown("2 hunks left")


@in_loop
async def test_of_a_task_in_no_conflict_it_is_said_which_one_is(tmp_path: Path) -> None:
    run = conflicted(tmp_path)
    async with on_board(run, outside=run.beside()) as shown:
        shown.board.choose("logging")
        await shown.press("c")

        assert shown.app.live is shown.board
        assert shown.shows("logging is not in conflict (landed ") and shown.shows("; auth is")


@in_loop
async def test_without_the_repository_it_says_what_it_needs(tmp_path: Path) -> None:
    async with on_board(conflicted(tmp_path)) as shown:
        shown.board.choose(AUTH)
        await shown.press("c")
        async with asyncio.timeout(PATIENCE_S):
            while not shown.shows("needs the run's repository: porch resolve auth"):
                await shown.pilot.pause()


@in_loop
async def test_where_the_terminal_cannot_be_given_away_a_notice_says_so(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        for key in "ctrl+e", "ctrl+t":
            await conflict.press(key)
            await conflict.until_shown("this terminal cannot be given to another program")

        assert not conflict.run.kept.steps


@in_loop
async def test_bytes_that_are_no_utf_8_survive_and_are_not_edited_here(tmp_path: Path) -> None:
    base, main, theirs = b"a\nb\n", b"a\xff\nb\n", b"a\xfe\nb\n"
    run = ParkedRun(tmp_path, {"f": base}, {"f": main}, {"f": theirs})
    async with on_conflict(run) as conflict:
        await conflict.press("e")
        await conflict.until_shown("cannot be edited here")
        assert conflict.screen.editing.edit is None

        await conflict.press("=")
        (step,) = conflict.run.kept.steps
        assert b"a\xff\na\xfe\n" == chosen_text(step[0].subject, step[0].decision)


@in_loop
async def test_a_record_that_cannot_be_read_is_reported_and_nothing_can_be_chosen(tmp_path: Path) -> None:
    run = conflicted(tmp_path)
    async with on_conflict(run) as conflict:
        run.rundir.resolutions.write_text("in the way of the folder")
        await conflict.press("<")

        await conflict.until_shown("the choices made for auth should be in")
        await conflict.press(">", "n", "q")
        assert not conflict.is_open


@in_loop
async def test_there_is_nothing_to_preview_before_all_is_chosen(tmp_path: Path) -> None:
    async with on_conflict(conflicted(tmp_path)) as conflict:
        await conflict.press("o")

        await conflict.until_shown("left to choose before there is a result")


@in_loop
async def test_what_is_said_of_a_hunk_goes_when_one_goes_on_and_what_is_said_of_the_run_stays(
    tmp_path: Path,
) -> None:
    async with on_conflict(conflicted(tmp_path), (120, 36)) as conflict:
        await conflict.press("u")
        assert conflict.shown.shows("nothing to undo")
        await conflict.press("n")
        assert not conflict.shown.shows("nothing to undo")

        await conflict.press("u", "<")
        assert not conflict.shown.shows("nothing to undo")

        conflict.shown.app.say("the run is paused")
        await conflict.press("n")
        assert conflict.shown.shows("the run is paused")
