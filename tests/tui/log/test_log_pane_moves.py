"""The log pane without a terminal: which lines are in view, and what keys and new lines change."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.tui.log.block_index import ADVANCE_BYTES
from porch_tui.tui.log.pane import LogPane
from tests.tui.pane_harness import WIDTH, in_loop, numbered, on_screen


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "task.log"


@pytest.fixture
def long(path: Path) -> Path:
    path.write_text(numbered(0, 100))
    return path


# --- follow and moves


@pytest.mark.parametrize("key", ["k", "up", "ctrl+u", "b", "pageup", "g", "home", "f"])
def test_a_key_that_goes_up_or_holds_ends_following(long: Path, key: str) -> None:
    @in_loop
    async def scenario() -> None:
        async with on_screen(LogPane(), long) as shown:
            await shown.press(key)
            before = shown.body()
            shown.write(numbered(100, 1304))

            assert shown.title() == "task 1,304 lines ‖ 1,204 new"
            assert before == shown.body()

    scenario()


@pytest.mark.parametrize("key", ["G", "end", "f"])
def test_a_key_for_the_end_follows_again(long: Path, key: str) -> None:
    @in_loop
    async def scenario() -> None:
        async with on_screen(LogPane(), long) as shown:
            await shown.press("g", key)
            shown.write("newest\n")

            assert shown.last() == "newest"
            assert shown.pane.model.is_following

    scenario()


@pytest.mark.parametrize(
    ("keys", "first"),
    [
        (["k"], 89),
        (["up", "up"], 88),
        (["ctrl+u"], 85),
        (["b"], 80),
        (["pageup"], 80),
        (["g"], 0),
        (["home", "j"], 1),
        (["g", "down"], 1),
        (["g", "ctrl+d"], 5),
        (["g", "space"], 10),
        (["g", "pagedown"], 10),
        (["g", "k"], 0),
        (["G", "j"], 90),
        (["g", "G"], 90),
    ],
)
def test_a_key_moves_to(long: Path, keys: list[str], first: int) -> None:
    @in_loop
    async def scenario() -> None:
        async with on_screen(LogPane(), long) as shown:
            await shown.press(*keys)

            assert f"line {first}" == shown.first()

    scenario()


@in_loop
async def test_a_wide_line_is_seen_by_moving_sideways(path: Path) -> None:
    path.write_text("0123456789" * 10 + "\n")
    async with on_screen(LogPane(), path) as shown:
        await shown.press("l", "right")
        assert shown.first().startswith("6789")
        await shown.press("h")
        assert shown.first().startswith("8901")
        await shown.press("0")
        assert shown.first().startswith("0123")


@in_loop
async def test_keys_have_ids_to_be_mapped_by(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        shown.pane.app.set_keymap({"log.first_line": "x"})
        await shown.press("x")

        assert shown.first() == "line 0"


@in_loop
async def test_a_taller_pane_keeps_the_end_in_view(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await shown.resize(WIDTH, 31)

        assert [f"line {n}" for n in range(70, 100)] == shown.body()


@in_loop
async def test_jumps_of_half_a_page_follow_a_slow_log(long: Path) -> None:
    async with on_screen(LogPane(jump_scroll=True), long) as shown:
        shown.write("line 100\n")
        assert [f"line {n}" for n in range(96, 101)] == shown.body()
        for n in range(101, 106):
            shown.write(f"line {n}\n")
            assert shown.first() == "line 96"
        shown.write("line 106\n")

        assert [f"line {n}" for n in range(102, 107)] == shown.body()


@in_loop
async def test_a_flood_fills_the_page_even_with_jumps(long: Path) -> None:
    async with on_screen(LogPane(jump_scroll=True), long) as shown:
        shown.write(numbered(100, 1000))

        assert [f"line {n}" for n in range(990, 1000)] == shown.body()


# --- a file too large to be read before it is shown


@pytest.fixture
def huge(path: Path) -> Path:
    line = "x" * 990
    with path.open("w") as file:
        for n in range(2 * ADVANCE_BYTES // 1000 + 500):
            file.write(f"{n:08} {line}\n")
    return path


@in_loop
async def test_the_end_of_a_huge_log_is_there_at_once(huge: Path) -> None:
    async with on_screen(LogPane(), huge) as shown:
        assert shown.last().startswith("00008499")
        assert shown.title() == "task reading 47 % ▼ follow"

        shown.pane.tick()
        shown.write("newest\n")
        shown.pane.tick()

        assert shown.last() == "newest"
        assert shown.title() == "task 8,501 lines ▼ follow"


@in_loop
async def test_a_place_in_a_huge_log_is_kept_when_all_of_it_was_read(huge: Path) -> None:
    async with on_screen(LogPane(), huge) as shown:
        await shown.press("pageup", "k")
        before = shown.body()
        for _ in range(3):
            shown.pane.tick()

        assert before == shown.body()
        assert shown.title() == "task 8,500 lines ‖ 0 new"
        await shown.press("k")
        assert before[:-1] == shown.body()[1:]


@in_loop
async def test_the_start_and_the_end_of_a_huge_log_are_reached_while_it_is_read(huge: Path) -> None:
    async with on_screen(LogPane(), huge) as shown:
        await shown.press("g")
        assert shown.first().startswith("00000000")
        await shown.press("G")
        assert shown.last().startswith("00008499")
        await shown.press("g")
        for _ in range(3):
            shown.pane.tick()
        assert shown.first().startswith("00000000")
        assert shown.title() == "task 8,500 lines ‖ 0 new"
