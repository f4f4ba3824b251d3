"""How the two sides are drawn: as diffs, without whitespace, as they stand, and with the base beside them."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import MouseScrollDown

from porch_tui.core.conflict.conflict import Choice, Decision
from porch_tui.core.conflict.splice import chosen_text
from porch_tui.core.model.copying import replace
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.conflict.panes import ConflictBody
from porch_tui.tui.conflict.sheet import Sheet
from porch_tui.tui.conflict.sides import side_lines
from porch_tui.tui.conflict.viewpoint import Drawn, opened
from porch_tui.tui.conflict.words import Names
from tests.tui.board_harness import assert_golden
from tests.tui.conflict.test_conflict_looks import masked
from tests.tui.conflict.test_conflict_paths import DELETED
from tests.tui.conflict.test_viewpoint import STAGES, WHOLE, conflicted
from tests.tui.conflict_harness import SIZES, TWO_FILES, Conflicted, ParkedRun, on_conflict
from tests.tui.pane_harness import in_loop

BASE = "def area(w, h):\n    return w * h\n"
INDENTED = "def area(w, h):\n        return  w * h\n"
ROUNDED = "def area(w, h):\n    return round(w * h)\n"
SPACED = ({"f.py": BASE}, {"f.py": INDENTED}, {"f.py": ROUNDED})
"""The target changed nothing but whitespace."""


PARAMETERS = "".join(f"size_of_part_{number}: float = 1.0, " for number in range(9))
LONG = tuple(
    {"f.py": f"def draw({PARAMETERS}{last}) -> None:\n"} for last in ("sides=4", "sides=5", "corners=4")
)
"""One long line, that each side changes at its end."""


def drawn_rows(conflict: Conflicted) -> list[str]:
    """Return the rows in which lines came or went."""
    return [row for row in conflict.shown.rows() if row.lstrip("│").startswith((" + ", " - "))]


def inside(conflict: Conflicted) -> list[str]:
    """Return the rows without the frame around them."""
    return [row.strip("│ ") for row in conflict.shown.rows()]


@in_loop
async def test_whitespace_makes_no_difference_when_it_is_ignored_and_the_title_says_so(
    tmp_path: Path,
) -> None:
    async with on_conflict(ParkedRun(tmp_path, *SPACED)) as conflict:
        assert 2 == len(drawn_rows(conflict))

        await conflict.press("w")
        assert [" -     return w * h", " +     return round(w * h)"] == drawn_rows(conflict)
        titles = [row for row in conflict.shown.rows() if row.startswith((" < main", " > auth"))]
        assert ["whitespace ignored", "whitespace ignored, +1 -1"] == [row.split("─ ")[1] for row in titles]

        await conflict.press("w")
        assert 2 == len(drawn_rows(conflict)) and not conflict.shown.shows("ignored")


@in_loop
async def test_what_is_taken_is_the_same_to_the_byte_whatever_is_ignored(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *SPACED)) as conflict:
        await conflict.press("w", "<")

        assert Decision(Choice.MAIN) == conflict.decision
        assert INDENTED == conflict.text


@in_loop
async def test_the_sides_are_seen_as_they_stand_and_as_diffs_again(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *SPACED), (110, 30)) as conflict:
        await conflict.press("t")
        assert not drawn_rows(conflict) and conflict.shown.shows("plain, 1 line")
        assert conflict.shown.shows("           return  w * h") and conflict.shown.shows("t diff")

        await conflict.press("t")
        assert 2 == len(drawn_rows(conflict))


@in_loop
async def test_ignoring_whitespace_means_a_diff_where_the_sides_were_plain(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *SPACED)) as conflict:
        await conflict.press("t", "w")

        assert Drawn.NO_WHITESPACE is conflict.view.drawn


@in_loop
async def test_a_file_that_is_chosen_whole_is_read_whole_when_it_is_plain(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *DELETED), (120, 21)) as conflict:
        assert conflict.shown.shows("5 unchanged lines")

        await conflict.press("t")

        assert conflict.shown.shows("edited") and conflict.shown.shows("line 7")


@in_loop
async def test_how_the_sides_are_drawn_stays_from_hunk_to_hunk_and_when_it_is_merged_again(
    tmp_path: Path,
) -> None:
    run = ParkedRun(tmp_path, *TWO_FILES)
    async with on_conflict(run) as conflict:
        await conflict.press("t", "n", "<")
        conflict.screen.controller.merge_again()
        await conflict.press("]")

        await conflict.until(lambda: not conflict.screen.controller.is_merging, "the merge")
        assert Drawn.PLAIN is conflict.view.drawn


@in_loop
async def test_a_side_of_which_only_line_ends_are_others_says_so(tmp_path: Path) -> None:
    run = ParkedRun(tmp_path, {"f": "a\n"}, {"f": "a\r\n"}, {"f": "b\n"})
    async with on_conflict(run) as conflict:
        assert conflict.shown.shows("only line ends differ")

        await conflict.press("<")
        (step,) = conflict.run.kept.steps
        assert b"a\r\n" == chosen_text(step[0].subject, step[0].decision)


@in_loop
async def test_a_wide_window_has_the_base_between_the_sides_and_v_takes_it_away(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES), (180, 40)) as conflict:
        (row,) = (row for row in conflict.shown.rows() if "| base ─" in row)
        assert row.index("< main with logging") < row.index("| base") < row.index("> auth: Split")

        await conflict.press("v")
        assert not conflict.shown.shows("| base ─")

        await conflict.press("v")
        assert conflict.shown.shows("| base ─")


@pytest.mark.parametrize("width", [80, 179])
@in_loop
async def test_a_base_that_neither_side_kept_stands_there_once(tmp_path: Path, width: int) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES), (width, 40)) as conflict:
        assert conflict.shown.shows("| base ─") and 1 == conflict.shown.text().count("return a + b")

        await conflict.press("v")
        assert not conflict.shown.shows("| base ─") and 2 == conflict.shown.text().count("return a + b")


@in_loop
async def test_a_narrow_window_has_no_base_that_a_side_has_kept_lines_of(tmp_path: Path) -> None:
    kept = ({"f": "a\nb\n"}, {"f": "a\nmain\n"}, {"f": "task\nb\n"})
    async with on_conflict(ParkedRun(tmp_path, *kept), (179, 40)) as conflict:
        assert not conflict.shown.shows("| base ─")


@in_loop
async def test_the_file_around_a_hunk_fills_the_window_and_no_line_is_there_twice(tmp_path: Path) -> None:
    head, tail = ("".join(f"{word} {n}\n" for n in range(60)) for word in ("above", "below"))
    sides = [{"f": f"{head}{one}\n{tail}"} for one in ("base", "mine", "yours")]
    async with on_conflict(ParkedRun(tmp_path, *sides), (160, 48)) as conflict:
        found = inside(conflict)
        around = [found.count(f"{word} {n}") for word in ("above", "below") for n in range(60)]
        assert {0, 1} == set(around) and 30 < sum(around)

        await conflict.press("=", "u", "~")
        assert found.index("below 0") == inside(conflict).index("below 0")


@in_loop
async def test_another_hunk_nearby_is_one_line_that_says_what_is_chosen(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES), (120, 40)) as conflict:
        assert conflict.shown.shows("hunk 2 of 2: not chosen yet") and conflict.shown.shows("# the end")

        await conflict.press("=", "n")
        assert conflict.shown.shows("hunk 1 of 2: both, main first") and conflict.shown.shows(
            "def add(a, b):"
        )


@in_loop
async def test_code_is_in_the_colors_of_its_language_and_what_differs_in_those_of_its_side(
    tmp_path: Path,
) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES), (120, 40)) as conflict:
        await conflict.shown.app.workers.wait_for_complete()
        spans = [span for line in conflict.screen.query_one(ConflictBody).compose_lines() for span in line]

        assert {Role.RUN} == {span.role for span in spans if span.text == "def"}
        assert Role.STRONG in {span.role for span in spans if span.text == "add"}
        assert {True} == {span.is_bold for span in spans if "plus" in span.text}


@in_loop
async def test_a_file_of_an_unknown_language_is_read_all_the_same(tmp_path: Path) -> None:
    sides = [{"f.unknown": f"def one\r more\n{text}\n"} for text in ("a", "b", "c")]
    async with on_conflict(ParkedRun(tmp_path, *sides)) as conflict:
        await conflict.shown.app.workers.wait_for_complete()

        assert conflict.shown.shows("+ b") and conflict.shown.shows("+ c")


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES[1:])
@in_loop
async def test_sides_without_whitespace_and_plain_in_every_size(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with on_conflict(ParkedRun(tmp_path, *SPACED), size) as conflict:
        await conflict.press("w")
        bare = conflict.shown.text()
        await conflict.press("t")

        name = f"conflict-sides-{size[0]}x{size[1]}"
        assert_golden(name, masked(f"{bare}\n{'=' * size[0]}\n{conflict.shown.text()}", conflict.run))


@in_loop
async def test_the_wheel_scrolls_what_is_under_it(tmp_path: Path) -> None:
    long = "".join(f"line {number}\n" for number in range(60))
    run = ParkedRun(tmp_path, {"f": "a\n"}, {"f": long}, {"f": "b\n"})
    async with on_conflict(run) as conflict:
        await conflict.press("<")
        assert conflict.shown.shows("+ line 0") and conflict.shown.shows("< line 0")
        body = conflict.screen.query_one(ConflictBody)

        for sign, row in ("+", 0), ("<", body.size.height - 1):
            body.post_message(wheel(body, row))
            body.post_message(wheel(body, row))
            await conflict.until(lambda sign=sign: not conflict.shown.shows(f"{sign} line 0"), "a move")

        assert conflict.shown.shows("+ line 6") and conflict.shown.shows("< line 6")


def wheel(body: ConflictBody, row: int) -> MouseScrollDown:
    return MouseScrollDown(body, 1, row, 0, 1, 0, False, False, False, 1, row + body.region.y)


@pytest.mark.slow
def test_a_file_of_two_megabytes_is_not_made_line_by_line_before_it_is_seen() -> None:
    text = b"a line of a very long file\n" * 70_000
    view = replace(opened(conflicted(WHOLE), {stage.oid: text for stage in STAGES}), drawn=Drawn.PLAIN)

    lines = side_lines(view, Names("main", "main", "auth", ""), Sheet(160, Charset.UNICODE))

    assert 70_000 < len(lines) and 10 > sum(not callable(line) for line in lines)


@pytest.mark.parametrize("size", SIZES)
@in_loop
async def test_what_differs_at_the_end_of_a_long_line_is_in_view_in_every_pane(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    base, main, task = LONG
    async with on_conflict(ParkedRun(tmp_path, base, main, task), size) as conflict:
        await conflict.press("=")

        text = conflict.shown.text()
        assert 2 == text.count("sides=5)") and 2 == text.count("corners=4)")
        assert "sides=4)" in text and "def draw(size_" in text
