"""What the conflict screen looks like in every size, and that no text of a stranger's gets out of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color

from porch_tui.present.clean import UNSAFE
from porch_tui.tui.drawing.styles import DARK_THEME
from porch_tui.tui.terminal.options import LIGHT, ScreenOptions
from tests.tui.board_harness import assert_golden
from tests.tui.conflict.test_conflict_paths import DELETED
from tests.tui.conflict_harness import SIZES, TWO_FILES, Conflicted, ParkedRun, on_conflict
from tests.tui.hostile import EACH, HOSTILE
from tests.tui.pane_harness import in_loop


@pytest.mark.parametrize("size", SIZES)
@in_loop
async def test_a_hunk_chosen_and_one_to_choose(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES), size) as conflict:
        await conflict.press("=")
        chosen = conflict.shown.text()
        await conflict.press("n")

        name = f"conflict-{size[0]}x{size[1]}"
        assert_golden(name, masked(f"{chosen}\n{'=' * size[0]}\n{conflict.shown.text()}", conflict.run))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
@in_loop
async def test_a_file_that_can_only_be_chosen_whole(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_conflict(ParkedRun(tmp_path, *DELETED), size) as conflict:
        await conflict.press("2")

        assert_golden(f"conflict-whole-{size[0]}x{size[1]}", masked(conflict.shown.text(), conflict.run))


@in_loop
async def test_writing_a_hunk(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES)) as conflict:
        await conflict.press("e")

        assert_golden("conflict-writing-80x24", masked(conflict.shown.text(), conflict.run))


def accented(conflict: Conflicted) -> list[str]:
    """Return the upper lines of the frames that are drawn as those with the focus."""
    strips = conflict.shown.app.screen._compositor.render_strips()
    corners = [(strip.text, next(iter(strip)).style) for strip in strips if strip.text.startswith("╭")]
    focused = Color.parse(DARK_THEME.primary).rich_color
    return [text.strip("╭─ ") for text, style in corners if style is not None and style.color == focused]


@in_loop
async def test_panes_stand_in_frames_and_the_one_with_the_keys_is_accented(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES), (110, 30)) as conflict:
        await conflict.press("=")
        assert ["app/calc.py"] == [text.split()[0] for text in accented(conflict)]

        await conflict.press("tab")
        assert ["= result: both, main first ─"] == [text[:28] for text in accented(conflict)]

        await conflict.press("e")
        assert ["~ your edit"] == [text[:11] for text in accented(conflict)]
        assert conflict.shown.shows("esc cancel ──╮")


@in_loop
async def test_the_choices_for_a_whole_file_are_a_pane_too(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *DELETED), (110, 30)) as conflict:
        assert ["auth removed it"] == [text[:15] for text in accented(conflict)]

        await conflict.press("tab")
        assert ["x"] == [text.split()[0] for text in accented(conflict)]


@pytest.mark.parametrize("size", [(99, 40), (120, 29), (60, 15)])
@in_loop
async def test_a_narrow_or_low_window_has_no_row_for_frames(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES), (120, 36)) as conflict:
        assert conflict.shown.shows("╭─ app/calc.py")

        await conflict.shown.resize(*size)
        assert not conflict.shown.shows("╭") and conflict.shown.shows(" app/calc.py  file 1/2")


@in_loop
async def test_in_ascii_it_has_no_other_character(tmp_path: Path) -> None:
    async with on_conflict(
        ParkedRun(tmp_path, *TWO_FILES), (120, 36), ScreenOptions(fps=0, is_ascii=True)
    ) as conflict:
        for key in "=", "v", "w", "t", "]", "e":
            await conflict.press(key)
            assert conflict.shown.text().isascii()


@in_loop
async def test_a_window_that_changes_size_shows_the_same_place(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES)) as conflict:
        await conflict.press("n")
        await conflict.shown.pilot.resize_terminal(160, 48)
        await conflict.until_shown("auth: Split the session code ─")

        assert (1, 2) == conflict.place
        assert any("< main with logging" in row and "> auth" in row for row in conflict.shown.rows())


@in_loop
async def test_nothing_is_redrawn_while_nothing_happens(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES)) as conflict:
        await conflict.shown.tick()
        widgets = list(conflict.screen.walk_children(with_self=True))
        for widget in widgets:
            widget._exchange_repaint_regions()
        for _ in range(3):
            await conflict.shown.tick()

        assert not any(widget._exchange_repaint_regions() for widget in widgets)


@pytest.mark.parametrize("name", EACH)
@in_loop
async def test_no_hostile_text_gets_out(tmp_path: Path, name: str) -> None:
    """Not in a file's name, its lines on either side, a title, or while it is edited."""
    text = HOSTILE[name].encode("utf-8", "replace").replace(b"\0", b"")
    line = text.replace(b"\n", b"") + b"\n"
    file = HOSTILE[name].replace("\0", "").replace("/", "").replace("\udcff", "x")
    base, main, theirs = (line + end for end in (b"a\n", b"b" + line, b"c" + line))
    run = ParkedRun(tmp_path, {file: base}, {file: main}, {file: theirs}, title=HOSTILE[name])
    async with on_conflict(run, (120, 36), ScreenOptions(fps=0, theme=LIGHT)) as conflict:
        for key in "v", "=", "e", "escape", "c", "W":
            if key == "escape" and conflict.screen.editing.edit is None:
                continue  # it cannot be edited here
            await conflict.press(key)
            assert "HOSTILE" in conflict.shown.text()
            assert not UNSAFE.search(conflict.shown.text().replace("\n", ""))


def masked(text: str, run: ParkedRun) -> str:
    """Return the screen with object ids, which differ from run to run, as dots."""
    return text.replace(run.state.target.tip[:7], "·······")
