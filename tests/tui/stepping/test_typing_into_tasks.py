"""A person inside a task types into it byte for byte, through the real screen in a real terminal."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from porch_tui.emulator import modes
from porch_tui.emulator.keys import key
from tests.tui.pty_harness import PtyProgram
from tests.tui.recordings import Recording
from tests.tui.stepping.conftest import Begin
from tests.tui.stepping.programs import WRITES_DOWN, has, screen, stepped_in, write_slowly

pytestmark = pytest.mark.slow  # each starts a screen in a terminal of its own

BASES = ("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete")
KEYS = (
    *("a", "Z", "5", "~", "space", "é", "漢", "enter", "tab", "shift+tab", "backspace", "escape"),
    *(f"ctrl+{letter}" for letter in "abcdefghklnopqrstuvwxyz\\^_@"),
    *(f"alt+{one}" for one in ("a", "Z", "enter", "backspace", "[", "O", ".")),
    *BASES,
    *(f"f{number}" for number in range(1, 13)),
    *(f"{held}+{base}" for base in ("up", "left", "end", "delete") for held in ("shift", "alt", "ctrl")),
    *("ctrl+shift+right", "ctrl+alt+pagedown", "shift+f5"),
)


def typed(on: set[int]) -> bytes:
    """Return what a terminal sends for all of these keys, a letter behind each."""
    return b"".join(key(name, on) + b"." for name in KEYS)


def test_there_are_as_many_keys_as_were_tried_before() -> None:
    assert len(set(KEYS)) == len(KEYS) >= 77


@pytest.mark.parametrize("asked", ["", "\\x1b[?1h\\x1b="], ids=["plain", "application keys"])
def test_keys_arrive_as_in_a_terminal_of_their_own(begin: Begin, tmp_path: Path, asked: str) -> None:
    data = typed({modes.ARROWS} if asked else set())
    direct, through = tmp_path / "direct", tmp_path / "through"
    with PtyProgram(WRITES_DOWN, str(direct), asked) as program:
        program.read_until_shown("ready to read")
        program.send(data)
        program.read_until(lambda: has(direct, data), "all keys")

    run = Recording(tmp_path / "run", ["keys"])
    begin(run, "keys", sys.executable, "-c", WRITES_DOWN, str(through), asked)
    with screen(run) as program:
        stepped_in(program)
        if asked:  # the person's terminal is asked for the same
            program.read_until_bytes(b"\x1b[?1h")
            program.read_until_bytes(b"\x1b=")
        program.send(data)
        program.read_until(lambda: has(through, data), "all keys")


@pytest.mark.parametrize("is_marked", [True, False])
def test_a_large_paste_arrives_whole_with_the_leave_key_in_it(
    begin: Begin, tmp_path: Path, is_marked: bool
) -> None:
    taken, run = tmp_path / "taken", Recording(tmp_path / "run", ["paste"])
    asked = "\\x1b[?2004h" if is_marked else ""
    begin(run, "paste", sys.executable, "-c", WRITES_DOWN, str(taken), asked)
    text = (b"some text\r\xe6\xbc\xa2 \x1d and \x1b[93;5u \x1b[<0;3;4M \xff\n" * 8000)[:300_000]
    pasted = b"\x1b[200~" + text + b"\x1b[201~"
    with screen(run) as program:
        stepped_in(program)
        write_slowly(program, pasted)
        expected = pasted if is_marked else text
        program.read_until(lambda: has(taken, expected), "the paste")
        assert "ctrl+] leaves" in "\n".join(program.screen())


@pytest.mark.parametrize("leaving", [b"\x1d", b"\x1b[93;5u"], ids=["plain", "kitty"])
def test_the_leave_key_leaves_and_what_follows_is_for_porch(
    begin: Begin, tmp_path: Path, leaving: bytes
) -> None:
    taken, run = tmp_path / "taken", Recording(tmp_path / "run", ["keys"])
    begin(run, "keys", sys.executable, "-c", WRITES_DOWN, str(taken), "")
    with screen(run) as program:
        stepped_in(program)
        program.send(b"inside" + leaving + b"i")  # `i` opens the screen about the task
        program.read_until_shown("attempts")
        assert taken.read_bytes() == b"inside"


def test_the_leave_key_twice_goes_to_the_task(begin: Begin, tmp_path: Path) -> None:
    taken, run = tmp_path / "taken", Recording(tmp_path / "run", ["keys"])
    begin(run, "keys", sys.executable, "-c", WRITES_DOWN, str(taken), "")
    with screen(run) as program:
        stepped_in(program)
        program.send(b"\x1d\x1dstill inside")
        program.read_until(lambda: has(taken, b"\x1dstill inside"), "the leave key, once")


def test_another_leave_key_is_shown_and_the_usual_one_goes_to_the_task(begin: Begin, tmp_path: Path) -> None:
    taken, run = tmp_path / "taken", Recording(tmp_path / "run", ["keys"])
    begin(run, "keys", sys.executable, "-c", WRITES_DOWN, str(taken), "")
    with screen(run, "f12", "ctrl+g") as program:
        stepped_in(program, "f12 or ctrl+g")
        program.send(b"\x1d")
        program.read_until(lambda: has(taken, b"\x1d"), "the usual key")
        program.send(b"\x1b[24~")
        program.read_until_shown("enter step in")


def test_what_is_typed_ahead_of_stepping_in_is_for_the_task(begin: Begin, tmp_path: Path) -> None:
    taken, run = tmp_path / "taken", Recording(tmp_path / "run", ["keys"])
    begin(run, "keys", sys.executable, "-c", WRITES_DOWN, str(taken), "")
    with screen(run) as program:
        program.read_until_shown("ready to read")
        program.send(b"\rxq\x1b[A\r")
        program.read_until(lambda: has(taken, b"xq\x1b[A\r"), "what was typed at once")


def test_the_mouse_is_passed_on_as_the_program_has_asked(begin: Begin, tmp_path: Path) -> None:
    taken, run = tmp_path / "taken", Recording(tmp_path / "run", ["mouse"])
    begin(run, "mouse", sys.executable, "-c", WRITES_DOWN, str(taken), "\\x1b[?1002h\\x1b[?1006h")
    with screen(run) as program:
        stepped_in(program)
        column, row = next(
            (line.index("│ready to read") + 1, y)  # at the frame: the list has it too, as what was said last
            for y, line in enumerate(program.screen())
            if "│ready to read" in line
        )
        place = b"%d;%d" % (column + 5, row + 3)
        program.send(b"\x1b[<0;%bM\x1b[<0;%bm\x1b[<64;%bM\x1b[<65;%bM" % (place, place, place, place))
        expected = b"\x1b[<0;5;3M\x1b[<0;5;3m\x1b[<64;5;3M\x1b[<65;5;3M"
        program.read_until(lambda: has(taken, expected), "clicks and the wheel, in its own cells")


def test_focus_is_reported_to_who_has_asked(begin: Begin, tmp_path: Path) -> None:
    taken, run = tmp_path / "taken", Recording(tmp_path / "run", ["focus"])
    begin(run, "focus", sys.executable, "-c", WRITES_DOWN, str(taken), "\\x1b[?1004h")
    with screen(run) as program:
        program.read_until_shown("ready to read")
        program.read_until(taken.exists, "the file")
        taken.write_bytes(b"")  # its supervisor may have said that no one looks
        stepped_in(program)
        program.read_until(lambda: has(taken, b"\x1b[I"), "focus on stepping in")
        program.send(b"\x1b[O")
        program.read_until(lambda: has(taken, b"\x1b[I\x1b[O"), "the focus of the terminal")
        program.send(b"\x1b[I\x1d")
        program.read_until(lambda: has(taken, b"\x1b[I\x1b[O\x1b[I\x1b[O"), "no focus after leaving")


def test_the_task_gets_the_size_of_the_pane_and_keeps_it(begin: Begin, tmp_path: Path) -> None:
    taken, run = tmp_path / "taken", Recording(tmp_path / "run", ["size"])
    directory = begin(run, "size", sys.executable, "-c", WRITES_DOWN, str(taken), "")

    def sizes() -> list[str]:
        return [line.partition(" ")[2] for line in (directory / "tty.sizes").read_text().splitlines()]

    with screen(run, columns=80, rows=24) as program:
        stepped_in(program)
        program.read_until(lambda: sizes() == ["80 20", "80 21"], "the whole window, since it is small")
        program.resize(100, 30)
        program.signal(signal.SIGWINCH)
        program.read_until(lambda: sizes()[-1] == "100 27", "the new size")
        program.send(b"\x1d")
        program.read_until_shown("enter step in")
        program.resize(90, 28)
        program.signal(signal.SIGWINCH)
        program.read_until_quiet()
        assert sizes()[-1] == "100 27"


def test_a_key_writes_its_character_and_no_more_of_its_line(begin: Begin, tmp_path: Path) -> None:
    echoes = (
        "import os, tty\ntty.setraw(0)\nos.write(1, b'ready to read ')\n"
        "while d := os.read(0, 99): os.write(1, d)"
    )
    run, sizes = Recording(tmp_path / "run", ["echo"]), []
    begin(run, "echo", sys.executable, "-c", echoes)
    with screen(run, columns=80, rows=24) as program:
        stepped_in(program)
        program.read_until_quiet(1.0)
        for number in range(70):  # over the end of the line
            before, key_typed = len(program.output), b"abcdefghij"[number % 10 : number % 10 + 1]
            program.send(key_typed)
            program.read_until(lambda b=before, k=key_typed: k in program.output[b:], "the echo")  # type: ignore[misc]
            program.read_until_quiet(0.05)
            sizes.append(len(program.output) - before)

    assert max(sizes) <= 100
