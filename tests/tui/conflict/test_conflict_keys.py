"""What a person needs next is in view at every step of a conflict, in small windows too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.conflict.test_conflict_paths import DELETED
from tests.tui.conflict_harness import TWO_FILES, Conflicted, ParkedRun, on_conflict
from tests.tui.pane_harness import in_loop

SMALL = [(80, 24), pytest.param((60, 15), marks=pytest.mark.slow)]


def bar(conflict: Conflicted) -> str:
    """Return the last row."""
    return conflict.shown.rows()[-1]


@pytest.mark.parametrize("size", SMALL)
@in_loop
async def test_from_the_first_hunk_to_the_last_each_step_names_the_next_key(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES), size) as conflict:
        assert conflict.shown.shows("< main   > auth   = both") and "n next   e edit" in bar(conflict)

        await conflict.press("<")
        assert "n next" in bar(conflict) and "u undo" in bar(conflict)

        await conflict.press("n", "e")
        assert "ctrl+s save   esc cancel" in bar(conflict)

        await conflict.press("ctrl+s", "n", ">")
        assert bar(conflict).startswith(" c complete   o preview")
        assert all("n next" not in row for row in conflict.shown.rows())


@pytest.mark.parametrize("size", SMALL)
@in_loop
async def test_of_a_question_the_answers_are_where_keys_always_are(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES), size) as conflict:
        await conflict.press("#")
        assert bar(conflict).startswith(" < main with logging") and bar(conflict).endswith("esc cancel")

        await conflict.press("<", "ctrl+x")
        assert " y yes   esc no" == bar(conflict)

        await conflict.press("escape")
        assert "n next" in bar(conflict)


@in_loop
async def test_of_a_file_chosen_whole_the_key_that_takes_one_comes_first(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *DELETED)) as conflict:
        assert bar(conflict).startswith(" enter take")

        await conflict.press("2")
        assert bar(conflict).startswith(" c complete")
