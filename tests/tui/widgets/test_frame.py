"""The line around a pane: its color, its corners, and the mark of what is in view."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from porch_tui.tui.terminal.options import ScreenOptions
from porch_tui.tui.widgets.frame import Extent
from tests.tui.board_harness import on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy


@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(0, 10_000), st.integers(0, 60))
def test_the_mark_is_within_the_side_and_moves_with_what_is_in_view(
    top: int, rows: int, more: int, cells: int
) -> None:
    thumb = Extent(min(top, more), rows, rows + more).thumb(cells)

    assert len(thumb) == 0 if not more or cells < 2 else 0 < len(thumb) < cells
    assert all(0 <= at < cells for at in thumb)


def test_the_first_rows_are_marked_at_the_upper_end_and_the_last_ones_at_the_lower() -> None:
    assert range(5) == Extent(0, 10, 20).thumb(10)
    assert range(5, 10) == Extent(10, 10, 20).thumb(10)


@in_loop
async def test_panes_stand_in_frames_and_the_focus_is_seen(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        rows = shown.rows()
        assert rows[1].startswith("╭─ 1 tasks ─") and "╮╭─ 2 ✓ schema" in rows[1]
        assert any(row.startswith("╭─ 3 merge queue ─") for row in rows)
        shown.repainted_rows()
        colors = [shown.app.screen._compositor.render_strips()[5]._segments[0].style]

        await shown.press("2")
        colors.append(shown.app.screen._compositor.render_strips()[5]._segments[0].style)
        assert colors[0] != colors[1]


@in_loop
async def test_more_tasks_than_rows_are_marked_and_counted(tmp_path: Path) -> None:
    run = Recording(tmp_path, [f"task-{n:03}" for n in range(200)])
    async with on_board(run, (120, 36)) as shown:
        await shown.press("end")
        rows = shown.rows()

        assert "–200 of 200" in rows[1]
        assert [y for y, row in enumerate(rows) if row[47:48] == "┃"][-1] > 20


@in_loop
async def test_frames_in_ascii_have_no_other_character(tmp_path: Path) -> None:
    run = Recording(tmp_path, [f"task-{n:03}" for n in range(200)])
    async with on_board(run, (120, 36), ScreenOptions(fps=0, is_ascii=True)) as shown:
        assert shown.text().isascii() and shown.rows()[1].startswith("+- 1 tasks -")


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 36)], ids=str)
@pytest.mark.parametrize("key", ["q", "question_mark", "slash", "ctrl+c"])
@in_loop
async def test_what_covers_the_board_has_a_line_around_it_or_above(
    tmp_path: Path, key: str, size: tuple[int, int]
) -> None:
    async with on_board(busy(tmp_path), size) as shown:
        await shown.press("2", key)

        rows = shown.rows()
        if key in ("q", "question_mark"):
            upper = next(row.index("╭───") for row in rows if "╭────" in row)
            assert any(row[upper:].startswith("╰────") for row in rows)
        else:
            assert any(row.startswith("─" * size[0]) for row in rows)
