"""What a terminal answers when a program asks: programs wait for it before they draw, or take no keys.

    answers = Answers(screen)
    to_the_program = answers.after(output)

Who owns the terminal sends them while no person's own terminal does. Until something is asked, `may_ask`
costs nothing and needs no screen.
"""

from __future__ import annotations

import re

from porch_tui.emulator import modes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from porch_tui.emulator.screen import Screen

    Answer = Callable[[Screen, re.Match[str]], str]

NAME = "porch"
FOREGROUND, BACKGROUND = "e0e0/e0e0/e0e0", "0000/0000/0000"
"""Red, green and blue that are reported, and what most terminals have: light on dark."""
FOCUS_IN, FOCUS_OUT = b"\x1b[I", b"\x1b[O"
MOST_BYTES = 65_536
"""Of answers to one piece of output; a program that asks more does not read them."""
PIECE_BYTES = 64
"""The end of a piece of output in which a query may begin."""

_QUERY = re.compile(
    rb"\x1b(?:\[[?>=]?[0-9;]*(?:[nc]|\$p)|\[>0?q|\[\?u|\[18t|\[\?[0-9;]*1004[0-9;]*h"
    rb"|\](?:(?:1[0-2]|4;\d+);\?|99;[^;\x07\x1b]*p=\?)|P[$+]q)"
)
_ASKED = re.compile(r"(?:i=[\w+.-]{1,64}:)?p=\?(?=;|$)", re.ASCII)
"""Kitty's question about notifications; no more of it goes into the answer, which a shell would run."""
_NOTIFICATIONS = "p=title,body:o=always,unfocused"
"""What is reported of kitty's notifications (OSC 99): texts are taken, and the program knows its focus."""


def may_ask(output: bytes, before: bytes = b"") -> bool:
    """Return whether there is a query in some output, or a request for focus reports.

    `before`: the last `PIECE_BYTES` of the previous output, where a query may have begun.
    """
    return _QUERY.search(before + output) is not None


class Answers:
    """Answers the queries in what a screen is fed, from its state at that point."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._answers = b""
        self.has_focus = False
        """What is reported to a program that begins to ask for focus reports."""
        self.reports_focus = modes.FOCUS in screen.modes
        """Whether the program asks for them, as of the last query."""
        screen.on_query = self._look

    def after(self, output: bytes) -> bytes:
        """Feed the screen; return what to send to the program.

        A program that asks for focus reports is informed at once whether it has the focus, mostly that it
        has not: agents call for a person only when no one looks.
        """
        self._screen.feed(output)
        found, self._answers = self._answers, b""
        return found

    def _look(self, kind: str, token: re.Match[str]) -> None:
        screen = self._screen
        if kind == "final":
            key = "".join(token.group("mark", "middle", "final"))
            answer = _CONTROL_SEQUENCES[key](screen, token) if key in _CONTROL_SEQUENCES else ""
        else:
            answer = _osc(token) if kind == "osc" else _dcs(screen, token)
        if modes.FOCUS in screen.modes and not self.reports_focus:
            answer += (FOCUS_IN if self.has_focus else FOCUS_OUT).decode()
        self.reports_focus = modes.FOCUS in screen.modes
        if len(self._answers) < MOST_BYTES:
            self._answers += answer.encode()


def _number(token: re.Match[str]) -> int:
    first = token["parameters"].partition(";")[0]
    return int(first) if first.isdecimal() and len(first) < 10 else 0


def _status(screen: Screen, token: re.Match[str]) -> str:
    x, y = screen.cursor
    return {5: "\x1b[0n", 6: f"\x1b[{y + 1};{x + 1}R"}.get(_number(token), "")


def _private_status(screen: Screen, token: re.Match[str]) -> str:
    x, y = screen.cursor
    return {
        6: f"\x1b[?{y + 1};{x + 1}R",
        996: "\x1b[?997;1n",  # the colours are dark
    }.get(_number(token), "")


def _mode(screen: Screen, token: re.Match[str]) -> str:
    """Answer whether a private mode is on (1), off (2) or unknown (0)."""
    mode = _number(token)
    is_on = screen.is_alternate if mode in modes.ALTERNATES else mode in screen.modes
    return f"\x1b[?{mode};{0 if mode not in modes.KNOWN else 1 if is_on else 2}$y"


def _ansi_mode(screen: Screen, token: re.Match[str]) -> str:
    mode = _number(token)
    return f"\x1b[{mode};{0 if mode != 4 else 1 if screen.inserts else 2}$y"


def _window(screen: Screen, token: re.Match[str]) -> str:
    return f"\x1b[8;{screen.rows};{screen.cols}t" if _number(token) == 18 else ""


def _first(answer: str) -> Answer:
    """Answer only if the parameter is 0 or left out."""
    return lambda screen, token: "" if _number(token) else answer


_CONTROL_SEQUENCES: dict[str, Answer] = {
    "c": _first("\x1b[?62;22c"),  # a VT220 with colours
    ">c": _first("\x1b[>0;0;0c"),
    "n": _status,
    "?n": _private_status,
    "?$p": _mode,
    "$p": _ansi_mode,
    ">q": _first(f"\x1bP>|{NAME}\x1b\\"),
    "?u": lambda screen, token: "" if token["parameters"] else f"\x1b[?{screen.keyboard[-1]}u",
    "t": _window,
}


def _osc(token: re.Match[str]) -> str:
    number, _, text = token["osc"].partition(";")
    if number == "99":
        asked = _ASKED.match(text)
        return f"\x1b]99;{asked[0]};{_NOTIFICATIONS}\x1b\\" if asked else ""
    colours = {"10": FOREGROUND, "11": BACKGROUND, "12": FOREGROUND}
    return f"\x1b]{number};rgb:{colours[number]}\x1b\\" if text == "?" and number in colours else ""


def _dcs(screen: Screen, token: re.Match[str]) -> str:
    """Answer that a capability (XTGETTCAP) or a setting (DECRQSS) is not known, but for margins."""
    text = token["dcs"]
    if text == "$qr":
        return f"\x1bP1$r{screen.top + 1};{screen.bottom + 1}r\x1b\\"
    return "\x1bP0$r\x1b\\" if text.startswith("$q") else "\x1bP0+r\x1b\\" if text.startswith("+q") else ""
