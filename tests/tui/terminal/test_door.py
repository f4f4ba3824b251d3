"""While the door is open, what is typed goes to the task; Textual gets only what it needs."""

from __future__ import annotations

import asyncio

from porch_tui.emulator.keys import pressed
from porch_tui.session.typed import Kind, Piece
from porch_tui.tui.terminal.door import DEAF_S, Door
from tests.tui.pane_harness import in_loop

NEEDED = "\x1b[<0;3;4M\x1b[I\x1b[48;24;80;480;800t\x1b[?2026;2$y"


class Opened:
    """A door, and what came through."""

    def __init__(self) -> None:
        self.now, self.taken, self.lefts = 0.0, b"", 0
        self.door = Door(clock=lambda: self.now)
        self.door.open(pressed(["ctrl+]"]), self._take, self._left, lambda: "lent", lambda: None)

    def _take(self, pieces: list[Piece]) -> None:
        assert {piece.kind for piece in pieces} <= {Kind.KEYS, Kind.PASTE_MARK, Kind.LEAVE}
        self.taken += b"".join(piece.data for piece in pieces)

    def _left(self) -> None:
        self.lefts += 1

    async def through(self, text: str) -> str:
        found = "".join(self.door.through(text))
        await asyncio.sleep(0)
        return found


def test_a_closed_door_changes_nothing() -> None:
    assert Door().through("a\x1b[A\x1d" + NEEDED) == ["a\x1b[A\x1d" + NEEDED]


def test_what_is_not_utf8_is_shown_as_such_to_textual() -> None:
    assert Door().through("a\udcff") == ["a\ufffd"]


def test_keys_that_go_up_are_never_for_textual() -> None:
    assert Door().through("\x1b[97;1:1u\x1b[93;5:3u\x1b[1;1:3A") == ["\x1b[97;1:1u"]


@in_loop
async def test_an_open_door_gives_textual_what_it_needs_and_the_task_the_rest() -> None:
    opened = Opened()

    assert await opened.through("a\x1b[A" + NEEDED + "\x1bOP\udcff") == NEEDED
    assert opened.taken == b"a\x1b[A\x1bOP\xff"


@in_loop
async def test_what_follows_the_leave_key_is_for_textual_and_the_mouse_before_it_too() -> None:
    opened = Opened()

    assert await opened.through("a\x1b[<0;3;4M\x1dbc") == "\x1b[<0;3;4Mbc"
    await asyncio.sleep(0)
    assert (opened.taken, opened.lefts, opened.door.is_open) == (b"a", 1, False)
    assert await opened.through("d") == "d"


@in_loop
async def test_the_leave_key_alone_leaves_after_a_moment_even_while_the_mouse_moves() -> None:
    opened = Opened()
    await opened.through("\x1d")
    while not opened.lefts:
        await opened.through("\x1b[<35;3;4M")
        await asyncio.sleep(0.01)

    assert not opened.door.is_open


@in_loop
async def test_the_leave_key_twice_is_once_for_the_task() -> None:
    opened = Opened()
    await opened.through("\x1d")
    await opened.through("\x1dx")

    assert (opened.taken, opened.door.is_open) == (b"\x1dx", True)


@in_loop
async def test_escape_arrives_although_nothing_follows() -> None:
    opened = Opened()
    await opened.through("\x1b")
    while not opened.taken:
        await asyncio.sleep(0.005)

    assert opened.taken == b"\x1b"


@in_loop
async def test_what_is_typed_on_to_a_task_that_has_ended_is_no_order_to_porch() -> None:
    opened = Opened()
    opened.door.close(is_sudden=True)

    for _ in range(3):
        assert await opened.through("xq") == ""
        opened.now += DEAF_S * 0.9
    opened.now += DEAF_S
    assert await opened.through("q") == "q"


@in_loop
async def test_the_terminal_is_made_ready_for_another_program_only_while_open() -> None:
    opened = Opened()

    assert opened.door.terminal_is_lent() == "lent"
    opened.door.close()
    assert opened.door.terminal_is_lent() == ""
