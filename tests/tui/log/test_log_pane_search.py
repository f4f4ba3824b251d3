"""Looking for something in a log on the screen: search, filter, error lines, and escape out of each."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from porch_tui.tui.log import search as log_search
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.log.pattern import Pattern
from porch_tui.tui.log.search_prompt import SearchPrompt
from porch_tui.tui.widgets.prompt import Prompt
from tests.tui.pane_harness import PATIENCE_S, Shown, in_loop, numbered, on_screen


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "task.log"


@pytest.fixture
def long(path: Path) -> Path:
    path.write_text(numbered(0, 100))
    return path


def stood_out(shown: Shown) -> list[str]:
    """Return the pieces of text that are drawn in reverse."""
    rows = shown.pane.render_lines(shown.pane.size.region)
    return [
        part.text for strip in rows[1:] for part in strip if part.style is not None and part.style.reverse
    ]


async def ask(shown: Shown, key: str, text: str, *more: str) -> None:
    await shown.press(key)
    assert isinstance(shown.pane.app.screen, SearchPrompt)
    await shown.press(*(_KEYS.get(letter, letter) for letter in text), *more, "enter")
    await shown.pilot.pause()


_KEYS = {" ": "space", "(": "left_parenthesis", "$": "dollar_sign", "+": "plus", "\\": "backslash"}


@in_loop
async def test_a_search_goes_to_the_nearest_line_above_and_says_how_many_there_are(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await ask(shown, "slash", "7")

        assert "line 97" in shown.body()
        assert "/7: 19 of 19" in shown.title() and "‖ 0 new" in shown.title()
        assert ["7"] == stood_out(shown)


@in_loop
async def test_what_was_found_stands_out_in_text_that_is_reversed_itself(path: Path) -> None:
    path.write_text("\x1b[7mall of this\x1b[0m\n")
    async with on_screen(LogPane(), path) as shown:
        await ask(shown, "slash", "of")

        assert ["all ", " this"] == stood_out(shown)


@in_loop
async def test_n_and_capital_n_go_through_the_hits_and_say_where_they_end(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await ask(shown, "slash", "line 5")
        assert "11 of 11" in shown.title()

        await shown.press("N", "N")
        assert "9 of 11" in shown.title() and "line 57" in shown.body()
        await shown.press("n", "n")
        assert "11 of 11" in shown.title()
        await shown.press(*["N"] * 10)
        assert "1 of 11" in shown.title() and "line 5" in shown.body()


@pytest.mark.slow
@in_loop
async def test_a_search_from_the_top_of_a_large_log_goes_down_once_it_is_known_that_nothing_is_above(
    tmp_path: Path,
) -> None:
    log = tmp_path / "large.log"
    log.write_text("".join(f"a line that is not it, number {n}\n" for n in range(30_000)))
    with log.open("r+b") as file:
        file.seek(200_000_000)  # as the engine leaves a log whose middle it has dropped
        file.write(b"\nhere it is\n")
    async with on_screen(LogPane(), log) as shown:
        await shown.press("g")
        # as when letters are typed faster than a thread looks
        shown.pane.model.seek(Pattern("her", is_regex=False))
        shown.pane.model.seek(Pattern("here", is_regex=False))
        shown.pane.model.go_to_nearest()

        async with asyncio.timeout(PATIENCE_S):
            while "here it is" not in shown.body():
                await shown.pilot.pause()
                shown.pane.tick()


@in_loop
async def test_a_search_that_is_given_up_twice_takes_no_other_screen_away(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await shown.press("slash")
        asked = shown.pane.app.screen
        for _ in range(2):
            asked.query_one(Prompt).post_message(Prompt.Ended(None))
        await shown.pilot.pause()

        assert shown.pane.screen is shown.pane.app.screen


@in_loop
async def test_a_search_that_finds_nothing_says_so(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await ask(shown, "slash", "zebra")

        assert "/zebra: no match" in shown.title()


@pytest.mark.slow
@in_loop
async def test_ctrl_r_takes_the_words_for_an_expression(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await ask(shown, "slash", "1$", "ctrl+r")
        assert "/1$: 10 of 10" in shown.title()

        await shown.press("escape")
        await ask(shown, "slash", "1$", "ctrl+r", "ctrl+r")
        assert "/1$: no match" in shown.title()


@in_loop
async def test_a_mistake_in_an_expression_is_shown_and_can_be_fixed(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await ask(shown, "slash", "(", "ctrl+r")
        assert isinstance(shown.pane.app.screen, SearchPrompt)
        text = "\n".join(strip.text for strip in shown.pane.app.screen._compositor.render_strips())
        assert "not a regular expression" in text

        await shown.press("backspace", "9", "enter")
        assert "/9: 19 of 19" in shown.title()


@in_loop
async def test_hits_stand_out_while_they_are_typed_and_escape_brings_back_what_was(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await shown.press("slash", "9", "9")
        assert ["99"] == stood_out(shown)

        await shown.press("escape")
        await shown.pilot.pause()
        assert [] == stood_out(shown) and shown.title() == "task 100 lines ▼ follow"


@in_loop
async def test_new_lines_are_searched_as_they_come(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await ask(shown, "slash", "fish")
        shown.write("a fish\n")
        assert "/fish: 1 " in shown.title()

        await shown.press("n")
        assert "/fish: 1 of 1" in shown.title() and "a fish" in shown.body()


@in_loop
async def test_the_filter_shows_matching_lines_alone_and_follows_them(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await ask(shown, "ampersand", "9")
        assert shown.body() == [f"line {n}" for n in range(90, 100)]
        assert shown.title() == "task &9: 19 lines ▼ follow"

        shown.write("no\nline 900\n")
        assert shown.last() == "line 900" and "&9: 20 lines" in shown.title()


@in_loop
async def test_a_search_within_the_filter_finds_only_what_is_shown(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await ask(shown, "ampersand", "9")
        await ask(shown, "slash", "1")

        assert "/1: 2 of 2" in shown.title() and "line 91" in shown.body()
        await shown.press("N")
        assert "/1: 1 of 2" in shown.title() and "line 19" in shown.body()


@in_loop
async def test_escape_takes_away_the_search_then_the_filter_and_keeps_the_place(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await ask(shown, "ampersand", "9")
        await ask(shown, "slash", "29")
        await shown.press("escape")
        assert shown.title() == "task &9: 19 lines ‖ 0 new"

        await shown.press("escape")
        assert shown.title() == "task 100 lines ‖ 0 new" and "line 9" in shown.body()


@in_loop
async def test_a_filter_without_a_match_says_so(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await ask(shown, "ampersand", "zebra")

        assert shown.body() == ["no line matches"]


@in_loop
async def test_braces_go_to_error_lines(path: Path) -> None:
    path.write_text(
        numbered(0, 30) + "ValueError: no\n" + numbered(30, 60) + "fatal: gone\n" + numbered(60, 99)
    )
    async with on_screen(LogPane(), path) as shown:
        await shown.press("left_curly_bracket")
        assert "fatal: gone" in shown.body()
        await shown.press("left_curly_bracket")
        assert "ValueError: no" in shown.body()
        await shown.press("right_curly_bracket")
        assert "fatal: gone" in shown.body()


@in_loop
async def test_another_log_is_shown_without_the_search_and_the_filter_of_the_one_before(long: Path) -> None:
    other = long.with_name("other.log")
    other.write_text("other\n")
    async with on_screen(LogPane(), long) as shown:
        await ask(shown, "ampersand", "9")
        shown.pane.show(other, "other")

        assert (shown.body(), shown.title()) == (["other"], "other 1 line ▼ follow")


@in_loop
async def test_a_log_that_starts_again_is_filtered_and_searched_as_before(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await ask(shown, "ampersand", "o")
        await ask(shown, "slash", "f")
        long.write_text("foo\nbar\n")
        shown.pane.tick()

        assert shown.body() == ["foo"] and "&o: 1 line" in shown.title() and "/f: 1" in shown.title()


@in_loop
async def test_a_search_with_too_many_hits_says_so_and_continues_from_its_end(
    long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_search, "MOST_HITS", 5)
    monkeypatch.setattr("porch_tui.tui.log.finder.PIECE_BYTES", 50)
    async with on_screen(LogPane(), long) as shown:
        await ask(shown, "slash", "line")
        assert "+" in shown.title()
        for n in range(98, 60, -1):
            await shown.press("N")
            assert f"line {n}" in shown.body()


@in_loop
async def test_hostile_words_and_lines_stay_text(path: Path) -> None:
    path.write_bytes(b"evil\x1b]52;c;x\x07 \x9b2J \xe2\x80\xae line\n")
    async with on_screen(LogPane(), path) as shown:
        shown.pane.model.seek(Pattern("evil\x1b]52;c;x\x07\u202e"))

        assert all(ord(letter) >= 0x20 and letter != "\u202e" for row in shown.rows() for letter in row)
