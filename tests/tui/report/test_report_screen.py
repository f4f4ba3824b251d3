"""The report on the screen: searched, gone through by sections, sideways in a small window, saved."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from porch_tui.present.signs import Charset
from porch_tui.tui.model.outside import Kept, NoRepository
from porch_tui.tui.report.report_screen import ReportText
from tests.tui.app.test_screens import until_shown
from tests.tui.board_harness import Screened, on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import busy

STORY = "\n".join(
    [
        "porch report: layers",
        "====================",
        *(f"  line {n}" for n in range(30)),
        "Timeline",
        "--------",
        "  Auth was the longest, and auth landed last",
        *(f"  more {n}" for n in range(30)),
        "Left",
        "----",
        "  nothing of AUTH is left" + " " * 80 + "far to the right",
    ]
)


class Narrator(NoRepository):
    """Tells always the same, and keeps what it is given."""

    def __init__(self) -> None:
        self.saved: list[str] = []

    def report(self, cells: int) -> str:
        return STORY

    def keep(self, name: str, pieces: Iterable[str]) -> Kept:
        self.saved.append("".join(pieces))
        return Kept(Path("/somewhere") / name)


async def open_report(shown: Screened) -> None:
    await shown.press("o")
    await until_shown(shown, "line 1")


def top(shown: Screened) -> str:
    return shown.rows()[1].strip()


def screen_text(shown: Screened) -> str:
    return " ".join(shown.text().split())


@in_loop
async def test_words_are_gone_to_while_they_are_typed_and_n_goes_on_around_the_end(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (80, 24), outside=Narrator()) as shown:
        await open_report(shown)
        await shown.press("slash", *"auth")
        assert top(shown).startswith("Auth was the longest")

        await shown.press("enter")
        assert "1 of 2 lines with auth" in screen_text(shown)
        await shown.press("n")
        assert "2 of 2 lines with auth" in screen_text(shown) and shown.shows("nothing of AUTH is left")
        await shown.press("n")
        assert "1 of 2 lines with auth" in screen_text(shown) and top(shown).startswith("Auth was")
        await shown.press("N")
        assert "2 of 2 lines with auth" in screen_text(shown)


@in_loop
async def test_escape_in_a_search_goes_back_to_where_it_began(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (80, 24), outside=Narrator()) as shown:
        await open_report(shown)
        await shown.press("slash", *"AUTH")
        assert shown.shows("nothing of AUTH is left")

        await shown.press("escape")

        assert top(shown) == "porch report: layers" and shown.app.live is not shown.board


@in_loop
async def test_words_without_a_match_are_reported(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (80, 24), outside=Narrator()) as shown:
        await open_report(shown)
        await shown.press("slash", *"zebra", "enter")

        assert "zebra is not in the report" in screen_text(shown)


@in_loop
async def test_braces_go_from_section_to_section(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (80, 24), outside=Narrator()) as shown:
        await open_report(shown)
        await shown.press("}")
        assert top(shown) == "Timeline"
        await shown.press("{")
        assert top(shown) == "porch report: layers"


@in_loop
async def test_what_is_too_wide_is_reached_sideways(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (80, 24), outside=Narrator()) as shown:
        await open_report(shown)
        await shown.press("G")
        assert not shown.shows("far to the right")
        await shown.press(*["l"] * 9)
        assert shown.shows("far to the right")
        await shown.press(*["h"] * 9)
        assert shown.shows("nothing of AUTH is left")


@in_loop
async def test_it_is_saved_to_a_file_that_is_named(tmp_path: Path) -> None:
    narrator = Narrator()
    async with on_board(busy(tmp_path), (80, 24), outside=narrator) as shown:
        await open_report(shown)
        await shown.press("Y")
        await until_shown(shown, "Written to /somewhere/report.txt")

        assert [f"{STORY}\n"] == narrator.saved


@in_loop
async def test_a_file_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    class Full(Narrator):
        def keep(self, name: str, pieces: Iterable[str]) -> Kept:
            return Kept(None, "the disk is full")

    async with on_board(busy(tmp_path), (80, 24), outside=Full()) as shown:
        await open_report(shown)
        await shown.press("Y")

        await until_shown(shown, "the disk is full")


def searched(report: str, words: str) -> ReportText:
    text = ReportText(Charset.UNICODE)
    text.show(report)
    text.find(words)
    return text


def test_small_letters_find_capitals_and_capitals_themselves_alone() -> None:
    report = "Auth\nauth\nother"

    assert "1 of 2 lines with auth" == searched(report, "auth").go_to_match(0)
    assert "1 of 1 lines with Auth" == searched(report, "Auth").go_to_match(0)
    assert "No search yet; / starts one" == searched(report, "").go_to_match(0)


def test_every_place_of_the_words_is_set_off_and_no_letter_is_lost() -> None:
    (line,) = searched("auth and İstanbul AUTH", "auth").content(80)

    assert " auth and İstanbul AUTH" == "".join(span.text for span in line)
    assert ["auth", "AUTH"] == [span.text for span in line if span.is_bold]


class Measured(NoRepository):
    """Tells for how many cells it was asked."""

    def report(self, cells: int) -> str:
        return f"in {cells} cells"


@in_loop
async def test_it_is_as_wide_as_the_window_and_made_again_for_another_one(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (200, 50), outside=Measured()) as shown:
        await shown.press("o")
        await until_shown(shown, "in 198 cells")
        await shown.pilot.resize_terminal(100, 30)
        await until_shown(shown, "in 98 cells")
        await shown.pilot.resize_terminal(40, 12)
        await until_shown(shown, "in 60 cells")
