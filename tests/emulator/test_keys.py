"""A key has the bytes that xterm sends for it; with kitty's protocol those of kitty."""

from __future__ import annotations

import pytest

from porch_tui.emulator import modes
from porch_tui.emulator.keys import NAMES, key, pressed


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("a", b"a"), ("é", b"\xc3\xa9"), ("漢", "漢".encode()), ("shift+a", b"A"), ("space", b" "),
        ("ctrl+c", b"\x03"), ("C-c", b"\x03"), ("^c", b"\x03"), ("ctrl+space", b"\x00"), ("ctrl+@", b"\x00"),
        ("ctrl+right_square_bracket", b"\x1d"), ("C-]", b"\x1d"), ("ctrl+backslash", b"\x1c"),
        ("ctrl+underscore", b"\x1f"), ("ctrl+slash", b"\x1f"), ("ctrl+?", b"\x7f"), ("alt+x", b"\x1bx"),
        ("M-X", b"\x1bX"), ("ctrl+alt+c", b"\x1b\x03"), ("question_mark", b"?"), ("dollar_sign", b"$"),
        ("+", b"+"), ("-", b"-"), ("minus", b"-"),
        ("enter", b"\r"), ("Enter", b"\r"), ("esc", b"\x1b"), ("Escape", b"\x1b"), ("tab", b"\t"),
        ("BTab", b"\x1b[Z"), ("shift+tab", b"\x1b[Z"), ("backspace", b"\x7f"), ("BSpace", b"\x7f"),
        ("ctrl+backspace", b"\x08"), ("alt+backspace", b"\x1b\x7f"), ("alt+enter", b"\x1b\r"),
        ("up", b"\x1b[A"), ("home", b"\x1b[H"), ("end", b"\x1b[F"), ("ctrl+left", b"\x1b[1;5D"),
        ("alt+shift+up", b"\x1b[1;4A"), ("PPage", b"\x1b[5~"), ("pagedown", b"\x1b[6~"), ("DC", b"\x1b[3~"),
        ("ctrl+delete", b"\x1b[3;5~"), ("f1", b"\x1bOP"), ("F5", b"\x1b[15~"), ("f12", b"\x1b[24~"),
        ("shift+f1", b"\x1b[1;2P"), ("S-F6", b"\x1b[17;2~"),
    ],
)  # fmt: skip
def test_a_key_is_sent_as_by_xterm(name, sent):
    assert key(name) == sent


def test_arrows_follow_the_mode_that_programs_set():
    on = {modes.ARROWS}

    assert [key(name, on) for name in ("up", "down", "right", "left", "home", "end")] == [
        b"\x1bOA", b"\x1bOB", b"\x1bOC", b"\x1bOD", b"\x1bOH", b"\x1bOF",
    ]  # fmt: skip
    assert key("ctrl+up", on) == b"\x1b[1;5A"
    assert key("delete", on) == b"\x1b[3~"


def test_keys_are_sent_as_by_kitty_to_who_asked_for_that():
    assert [key(name, keyboard=1) for name in ("esc", "ctrl+c", "alt+x", "shift+enter", "ctrl+shift+a")] == [
        b"\x1b[27u", b"\x1b[99;5u", b"\x1b[120;3u", b"\x1b[13;2u", b"\x1b[97;6u",
    ]  # fmt: skip
    assert [key(name, keyboard=1) for name in ("a", "A", "enter", "tab", "backspace", "up")] == [
        b"a", b"A", b"\r", b"\t", b"\x7f", b"\x1b[A",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["", "nosuchkey", "ctrl+nosuchkey", "\x03", "ab"])
def test_a_name_that_no_key_has_is_refused(name):
    with pytest.raises(ValueError, match="no key called"):
        key(name)


@pytest.mark.parametrize("name", ["shift+enter", "ctrl+é", "ctrl+tab"])
def test_a_key_that_terminals_have_no_bytes_for_is_refused(name):
    with pytest.raises(ValueError, match="no terminal has bytes"):
        key(name)


@pytest.mark.parametrize("name", ["ctrl+c", "f12", "up", "alt+x", "ctrl+right_square_bracket"])
def test_a_key_that_is_looked_for_is_found_whatever_the_modes_are(name):
    pattern = pressed([name])

    for on, keyboard in (((), 0), ((modes.ARROWS,), 0), ((), 1)):
        assert pattern.fullmatch(key(name, on, keyboard))
    others = {key(other) for other in NAMES if key(other) != key(name)}
    assert not any(pattern.fullmatch(other) for other in others)


def test_escape_alone_is_no_key_to_look_for():
    with pytest.raises(ValueError, match="every other key"):
        pressed(["escape"])
