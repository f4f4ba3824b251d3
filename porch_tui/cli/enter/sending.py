"""Text and keys typed into a task's terminal by a program: what is written, and when."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from msgspec import Struct

from porch_tui.emulator import modes
from porch_tui.emulator.keys import key
from porch_tui.emulator.screen import Screen
from porch_tui.errors import PlanError
from porch_tui.process.typing import TypingInto
from porch_tui.session.typed import PASTE_BEGIN, PASTE_END

AFTER_TEXT_S = 0.3
"""Programs take keys that follow a text at once for a part of it: codex would not submit it."""
BETWEEN_KEYS_S = 0.1
"""What follows escape at once is a key with alt."""


class Sent(Struct, frozen=True):
    """What was typed."""

    text_bytes: int
    is_paste: bool
    """The program has asked for pastes to be marked, and the text was."""
    keys: tuple[str, ...]
    not_taken: int
    """Bytes that the task did not take in time. What would have followed was not typed either."""


def pasted(text: bytes, *, is_marked: bool) -> bytes:
    """Return a text as terminals paste it: lines end with a carriage return, and nothing ends the paste."""
    text = text.replace(b"\r\n", b"\r").replace(b"\n", b"\r")
    if not is_marked:
        return text
    while PASTE_END in text:  # taken out, it may leave another
        text = text.replace(PASTE_END, b"")
    return PASTE_BEGIN + text + PASTE_END


def keys_named(names: Sequence[str]) -> None:
    """Raise PlanError, a line each, for names that no key has."""
    mistakes = []
    for name in names:
        try:
            key(name, keyboard=1)
        except ValueError as error:
            mistakes.append(
                f"--key {name}: {error}; names are such as enter, esc, tab, up, f5, ctrl+c, alt+x"
            )
    if mistakes:
        raise PlanError("\n".join(mistakes))


def send(
    typing: TypingInto,
    look: Callable[[], Screen],
    text: bytes,
    keys: Sequence[str],
    sleep: Callable[[float], object] = time.sleep,
) -> Sent:
    """Type a text, then press keys. `look` returns the screen as it is then: its modes say what keys send.

    Raises NoTerminal, and PlanError for a key that the program has to ask for and has not.
    """
    is_marked = modes.PASTE in look().modes
    left = typing.type(pasted(text, is_marked=is_marked)) if text else 0
    pressed: list[str] = []
    for name in () if left else keys:
        sleep(BETWEEN_KEYS_S if pressed else AFTER_TEXT_S if text else 0)
        screen = look()
        try:
            data = key(name, screen.modes, screen.keyboard[-1])
        except ValueError as error:
            raise PlanError(f"--key {name}: {error}") from None
        if left := typing.type(data):
            break
        pressed.append(name)
    return Sent(len(text), bool(text) and is_marked, tuple(pressed), left)
