"""What a terminal sends for a key, by its name and the modes that a program has set.

    key("ctrl+c"), key("up", {modes.ARROWS}), key("M-x")

Names are those of Textual (`ctrl+right_square_bracket`, `shift+tab`) and those of tmux (`C-]`, `BTab`); a
single character is its own name. As xterm has it; with flags of kitty's keyboard protocol, as kitty has it.
"""

from __future__ import annotations

import re
import unicodedata

from porch_tui.emulator import modes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_SHIFT, _ALT, _CTRL = 1, 2, 4
_LOCKS = (0, 64, 128, 192)
"""Caps lock and num lock, which kitty's protocol reports as modifiers, and no one means."""
_DISAMBIGUATE = 1
_MODIFIERS = {
    "shift+": _SHIFT, "s-": _SHIFT, "alt+": _ALT, "meta+": _ALT, "m-": _ALT, "ctrl+": _CTRL,
    "control+": _CTRL, "c-": _CTRL,
}  # fmt: skip
_ALIASES = {
    "esc": "escape", "return": "enter", "cr": "enter", "btab": "shift+tab", "backtab": "shift+tab",
    "bspace": "backspace", "del": "delete", "dc": "delete", "ins": "insert", "ic": "insert",
    "pgup": "pageup", "ppage": "pageup", "page_up": "pageup", "pgdn": "pagedown", "pgdown": "pagedown",
    "npage": "pagedown", "page_down": "pagedown",
}  # fmt: skip
_CHARACTERS = {
    "space": " ", "slash": "/", "backslash": "\\", "at": "@", "minus": "-", "plus": "+", "underscore": "_",
}  # fmt: skip
"""Names of Textual that Unicode has otherwise."""
_LETTERS = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_FUNCTIONS = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_NUMBERS = {
    "insert": 2, "delete": 3, "pageup": 5, "pagedown": 6, "f5": 15, "f6": 17, "f7": 18, "f8": 19, "f9": 20,
    "f10": 21, "f11": 23, "f12": 24,
}  # fmt: skip
_BYTES = {"enter": ("\r", 13), "tab": ("\t", 9), "backspace": ("\x7f", 127), "escape": ("\x1b", 27)}
"""What is sent without modifiers, and the number of the key in kitty's protocol."""
_CONTROLS = {" ": 0, "2": 0, "3": 27, "4": 28, "5": 29, "6": 30, "7": 31, "8": 127, "/": 31, "?": 127}
NAMES = (*_BYTES, *_LETTERS, *_FUNCTIONS, *_NUMBERS, *_CHARACTERS)
"""Keys that have a name, without modifiers."""


def key(name: str, on: Collection[int] = (), keyboard: int = 0) -> bytes:
    """Return what a terminal sends; `on` are private modes, `keyboard` flags of kitty's protocol.

    Raises ValueError if there is no key of that name, or it cannot be sent with these modes.
    """
    held, base = _parsed(name)
    if base in _BYTES:
        found = _special(held, base, keyboard)
    elif base in _LETTERS:
        found = _lettered(held, _LETTERS[base], is_application=modes.ARROWS in on)
    elif base in _FUNCTIONS:
        found = _lettered(held, _FUNCTIONS[base], is_application=True)
    elif base in _NUMBERS:
        found = f"\x1b[{_NUMBERS[base]}{f';{held + 1}' if held else ''}~"
    elif keyboard & _DISAMBIGUATE and held & ~_SHIFT:
        found = _numbered(held, ord(base.lower()))
    else:
        found = _character(held, base)
    if not found:
        raise ValueError(f"no terminal has bytes for {name!r} unless a program asks for kitty's keyboard")
    return found.encode()


def pressed(names: Iterable[str]) -> re.Pattern[bytes]:
    """Return a pattern for any of some keys as a person's terminal sends them, whatever its modes are.

    Its group `up` has what it sends when the key goes up, if it says that. Raises ValueError as `key` does.
    """
    downs, ups = [], []
    for name in names:
        held, base = _parsed(name)
        if base == "escape" and not held:
            raise ValueError("every other key may begin with the byte of escape")
        for on in ((), (modes.ARROWS,)):
            downs.append(re.escape(key(name, on)))
        number = _BYTES[base][1] if base in _BYTES else ord(base.lower()) if len(base) == 1 else None
        if number is not None:
            locked = "|".join(str(1 + held + lock) for lock in _LOCKS)
            begin = rf"\x1b\[{number}(?::\d*){{0,2}};(?:{locked})".encode()
            downs += [begin + rb"(?::[12])?(?:;[\d:]*)?u", rb"\x1b\[27;%d;%d~" % (1 + held, number)]
            ups.append(begin + rb":3(?:;[\d:]*)?u")
    # none that is the beginning of another goes first
    downs.sort(key=len, reverse=True)
    up = b"|".join(ups)
    return re.compile(b"(?P<down>" + b"|".join(downs) + b")" + (b"|(?P<up>" + up + b")" if up else b""))


def _parsed(name: str) -> tuple[int, str]:
    """Return what is held, and the name of the key, or its character."""
    held, rest = 0, name
    while len(rest) > 1:
        lower = rest.lower()
        if prefix := next((one for one in _MODIFIERS if lower.startswith(one) and lower != one), ""):
            held |= _MODIFIERS[prefix]
            rest = rest[len(prefix) :]
        elif rest.startswith("^") and len(rest) == 2:
            held, rest = held | _CTRL, rest[1:]
        elif lower in _ALIASES:
            rest = _ALIASES[lower]
        elif lower in NAMES:
            return held, _CHARACTERS.get(lower, lower)
        else:
            try:
                return held, unicodedata.lookup(lower.replace("_", " "))
            except KeyError:
                raise ValueError(f"there is no key called {name!r}") from None
    if not rest or not rest.isprintable():
        raise ValueError(f"there is no key called {name!r}")
    return held, rest


def _special(held: int, base: str, keyboard: int) -> str:
    plain, number = _BYTES[base]
    if keyboard & _DISAMBIGUATE and (held or base == "escape"):
        return _numbered(held, number)
    if base == "tab" and held == _SHIFT:
        return "\x1b[Z"
    if base == "backspace" and held & _CTRL:
        plain, held = "\x08", held & ~_CTRL
    if held & ~_ALT:
        return ""
    return ("\x1b" if held & _ALT else "") + plain


def _numbered(held: int, number: int) -> str:
    return f"\x1b[{number}{f';{held + 1}' if held else ''}u"


def _lettered(held: int, letter: str, *, is_application: bool) -> str:
    if held:
        return f"\x1b[1;{held + 1}{letter}"
    return f"\x1bO{letter}" if is_application else f"\x1b[{letter}"


def _character(held: int, char: str) -> str:
    if held & _SHIFT:
        char = char.upper()
    if held & _CTRL:
        code = ord(char.upper())
        if 64 <= code < 96:
            char = chr(code - 64)
        elif char in _CONTROLS:
            char = chr(_CONTROLS[char])
        else:
            return ""
    return ("\x1b" if held & _ALT else "") + char
