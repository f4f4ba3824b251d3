"""Files that can only be chosen whole: every kind of conflict git knows is decided by keys alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.conflict.conflict import Choice, Decision
from porch_tui.core.model import commands as c
from porch_tui.git.merge.resolution import resolved_tree
from tests.git.merge.test_merging import CONFLICTS, LINES, edited
from tests.tui.conflict_harness import AUTH, Conflicted, ParkedRun, on_conflict
from tests.tui.pane_harness import in_loop

TURNED_ROUND = {
    "adjacent lines",
    "add/add modes",
    "delete/modify",
    "directory/file",
    "CRLF on one side",
    "symlinks",
}
"""To the screen they are what another one is."""
DELETED = ({"x": LINES}, {"x": edited(3)}, {"x": None})
ADDED_IN_RENAMED = (
    {"old/a": LINES, "old/b": LINES.upper()},
    {"old/a": None, "old/b": None, "new/a": LINES, "new/b": LINES.upper()},
    {"old/c": "added\n"},
)


async def completed(conflict: Conflicted) -> None:
    """Decide each place by its first key, give it, and see that the resolution makes a tree."""
    while conflict.view.left_count:
        before = conflict.view.left_count
        await conflict.press("1" if conflict.view.hunk is None else "<")
        assert before > conflict.view.left_count
        await conflict.press("n")
    await conflict.press("c")
    await conflict.until(lambda: conflict.shown.sent() or conflict.shown.shows("Complete it?"), "the end")
    if not conflict.shown.sent():
        await conflict.press("y")
    await conflict.until(conflict.shown.sent, "the resolution to be given")


@pytest.mark.parametrize(
    "case",
    [pytest.param(name, marks=pytest.mark.slow) if name in TURNED_ROUND else name for name in CONFLICTS],
)
@in_loop
async def test_every_kind_is_decided_and_completed_by_keys(tmp_path: Path, case: str) -> None:
    run = ParkedRun(tmp_path, *CONFLICTS[case][:3])
    async with on_conflict(run, (100, 30)) as conflict:
        found = conflict.view.conflicted.conflict

        await completed(conflict)

        assert [c.ResolveConflict] == [type(one) for one in conflict.shown.sent()]
        assert resolved_tree(run.repo.opened(), found, run.kept)


@in_loop
async def test_choices_are_in_plain_words_and_each_result_is_listed_once(
    tmp_path: Path,
) -> None:
    async with on_conflict(ParkedRun(tmp_path, *DELETED)) as conflict:
        assert conflict.shown.shows("auth removed it, main with logging changed it")
        for line in (
            " 1 main with logging: a file, 12 lines", " 2 auth: removed",
            " 3 the base: a file, 12 lines", " 4 under another name",
        ):  # fmt: skip
            assert conflict.shown.shows(line)
        assert not conflict.shown.shows("remove it")


@in_loop
async def test_what_was_changed_in_a_file_the_other_removed_is_shown(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *DELETED)) as conflict:
        assert conflict.shown.shows("+ edited") and conflict.shown.shows("- line 3")


@in_loop
async def test_the_cursor_chooses_as_a_number_does(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *DELETED)) as conflict:
        await conflict.press("j", "enter")
        assert Decision(Choice.TASK) == conflict.decision
        assert conflict.shown.shows("auth: removed   chosen")

        await conflict.press("k", "space")
        assert Decision(Choice.MAIN) == conflict.decision


@in_loop
async def test_the_signs_of_the_sides_choose_a_whole_file_too(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *DELETED)) as conflict:
        await conflict.press(">")
        assert Decision(Choice.TASK) == conflict.decision

        await conflict.press("=")
        await conflict.until_shown("can only be chosen whole")


@in_loop
async def test_a_version_gets_another_name_and_one_that_is_taken_is_refused(tmp_path: Path) -> None:
    both_added = ({"y": "there\n"}, {"x": b"\0a"}, {"x": b"\0b"})
    async with on_conflict(ParkedRun(tmp_path, *both_added)) as conflict:
        number = str(next(n for n in range(1, 9) if conflict.shown.shows(f" {n} both: the one of auth")))
        await conflict.press(number)
        await conflict.press(*["backspace"], "y", "enter")
        await conflict.until_shown("y is there already; give another name")
        assert conflict.decision is None

        await conflict.press(number, "2", "enter")
        await conflict.until(lambda: conflict.decision, "the name to be taken")

        assert Decision(Choice.AS, name="x2") == conflict.decision
        await conflict.shown.tick(60)  # the notice covers the last row
        await conflict.until_shown("(x2)")


@in_loop
async def test_giving_no_name_leaves_it_as_it_is(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *DELETED)) as conflict:
        await conflict.press("4", "a", "escape")

        assert conflict.is_open and conflict.decision is None
        await conflict.press("2")
        assert Decision(Choice.TASK) == conflict.decision


@in_loop
async def test_what_git_put_into_a_renamed_folder_can_go_back_where_it_was_put(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *ADDED_IN_RENAMED)) as conflict:
        number = next(n for n in range(1, 9) if conflict.shown.shows(f" {n} its own name: old/c"))
        await conflict.press(str(number))
        await conflict.until(lambda: conflict.decision, "the name to be taken")

        assert Decision(Choice.AS, name="old/c") == conflict.decision


@in_loop
async def test_what_was_decided_before_is_offered_and_taken(tmp_path: Path) -> None:
    from porch_tui.core.model.plan import RunId
    from porch_tui.journal.resolution_memory import remember

    run = ParkedRun(tmp_path, *DELETED)
    async with on_conflict(run) as conflict:
        await conflict.press("2")
        remember(run.repo.root / ".git", RunId("before"), AUTH, conflict.view.conflicted.conflict, run.kept)
        await conflict.press("u", "q", "c")
        await conflict.until_shown('" remembered from before: auth')
        await conflict.press('"')

        assert 1 == run.kept.done
        assert conflict.shown.shows("chosen")


@in_loop
async def test_tab_has_the_keys_scroll_the_sides_and_brings_them_back_to_the_ways_out(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *DELETED), (80, 18)) as conflict:
        await conflict.press("t", "tab", "j")
        assert not conflict.shown.shows("< main with logging") and not conflict.decision

        await conflict.press("tab", "j", "enter")
        assert Decision(Choice.TASK) == conflict.decision
