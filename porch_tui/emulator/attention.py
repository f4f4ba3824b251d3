"""What a program says to the person in its output: that it waits, works or is done; a notification; the bell.

Agents say so in several ways: a state (OSC 7501, codex), a notification (OSC 9, 777, 99), the bell, a title.
All of it is foreign text: it is cleaned and kept short here.
"""

from __future__ import annotations

import re
from base64 import b64decode
from enum import StrEnum

from porch_tui.emulator.widths import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 4096
"""Bytes of a sequence that are read; a longer one calls no one."""
LONGEST_TEXT = 200
MOST_CALLS = 64
"""In one piece of output; of more, the last ones count."""


class Kind(StrEnum):
    """What was said."""

    WAITING = "waiting"
    """It waits for an answer, such as a permission."""
    IDLE = "idle"
    """It has nothing to do until a person writes."""
    WORKING = "working"
    DONE = "done"
    NOTE = "note"
    """A notification."""
    BELL = "bell"
    TITLE = "title"


class Call:
    """One thing that a program said, and a text that is safe to show, at most 200 characters."""

    __slots__ = ("kind", "text")

    def __init__(self, kind: Kind, text: str = "") -> None:
        self.kind, self.text = kind, text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and (self.kind, self.text) == (other.kind, other.text)

    def __hash__(self) -> int:
        return hash((self.kind, self.text))

    def __repr__(self) -> str:
        return f"Call({self.kind}, {self.text!r})"


_STATES = {"idle": Kind.IDLE, "working": Kind.WORKING, "blocked": Kind.WAITING, "done": Kind.DONE}
_SAID = re.compile(
    rb"\x1b\](?P<osc>[^\x07\x18\x1a\x1b]*)(?P<end>\x07|\x1b)"
    rb"|\x1b[PX^_k][^\x18\x1a\x1b]*[\x18\x1a\x1b]"
    rb"|\x1b\][^\x07\x18\x1a\x1b]*[\x18\x1a]"
    rb"|(?P<rest>\x1b(?:\][^\x07\x18\x1a\x1b]*|[PX^_k][^\x18\x1a\x1b]*)?\Z)"
    rb"|(?P<bell>\x07)"
)
_WORTH_A_LOOK = re.compile(rb"[\x07\x1b]")


class Attention:
    """Finds what a program says in its output, in whatever pieces that comes."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Call]:
        """Return what was said in the next bytes, in order."""
        if not self._rest and not _WORTH_A_LOOK.search(data):
            return []
        data = self._rest + data
        self._rest = b""
        calls: list[Call] = []
        at = 0
        while found := _SAID.search(data, at):
            at = found.end()
            if found["rest"]:
                self._rest = _bounded(found["rest"])
            elif found[0].endswith(b"\x1b"):
                at -= 1  # begins the next sequence
            calls += _calls(found)
        return calls[-MOST_CALLS:]


def _bounded(rest: bytes) -> bytes:
    """Return the beginning of a sequence; of one that is too long, or calls no one, only its kind."""
    if rest[1:2] != b"]":
        return rest[:2]
    return rest if len(rest) <= LONGEST else rest[:2] + b"x" * LONGEST


def _calls(found: re.Match[bytes]) -> Iterator[Call]:
    if found["bell"]:
        yield Call(Kind.BELL)
    elif (osc := found["osc"]) and len(osc) <= LONGEST - 2:
        number, _, text = osc.decode("utf-8", "replace").partition(";")
        if call := _CALLS.get(number, _nothing)(text):
            yield call


def cleaned(text: str) -> str:
    """Return a foreign text as one line of printable characters, at most 200 of them."""
    line = " ".join(printable(text[: LONGEST_TEXT * 4]).split())
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"


def _nothing(text: str) -> Call | None:
    return None


def _state(text: str) -> Call | None:
    """`state=blocked:kind=permission`."""
    facts = dict(part.partition("=")[::2] for part in re.split("[:;]", text))
    kind = _STATES.get(facts.get("state", ""))
    return Call(kind, cleaned(facts.get("kind", ""))) if kind else None


def _note(text: str) -> Call | None:
    """A text; but `4;1;50` is a progress bar, and other numbers are commands of ConEmu."""
    return Call(Kind.NOTE, cleaned(text)) if text and not re.match(r"\d+(;|$)", text) else None


def _notify(text: str) -> Call | None:
    """`notify;title;body`."""
    what, *parts = text.split(";")
    return (
        Call(Kind.NOTE, cleaned(": ".join(filter(None, parts)))) if what == "notify" and any(parts) else None
    )


def _kitty(text: str) -> Call | None:
    """`i=1:d=0:p=body;text`; but p=? only asks what is possible, and close, icon and buttons say nothing."""
    about, _, shown = text.partition(";")
    facts = dict(part.partition("=")[::2] for part in about.split(":"))
    if facts.get("p", "title") not in {"title", "body"}:
        return None
    if facts.get("e") == "1":
        try:
            shown = b64decode(shown, validate=True).decode("utf-8", "replace")
        except ValueError:
            return None
    return Call(Kind.NOTE, cleaned(shown)) if shown else None


def _title(text: str) -> Call | None:
    return Call(Kind.TITLE, cleaned(text))


_CALLS = {"7501": _state, "9": _note, "777": _notify, "99": _kitty, "0": _title, "2": _title}


class Waiting:
    """Whether a program waits for a person: its last call came later than their last input and its last work.

    Times are seconds of any clock.
    """

    def __init__(self, titles: re.Pattern[str] | None = None) -> None:
        """`titles`: titles in which this is found say that it waits, others nothing."""
        self._titles = titles
        self._called_s = self._answered_s = float("-inf")
        self.text = ""
        """What it said last, cleaned; empty for a bell."""

    @property
    def is_waiting(self) -> bool:
        """Whether it waits now."""
        return self._called_s > self._answered_s

    @property
    def since_s(self) -> float | None:
        """When it began to wait; None if it does not."""
        return self._called_s if self.is_waiting else None

    def hear(self, call: Call, at_s: float) -> None:
        """Take what a program said."""
        is_title = call.kind is Kind.TITLE
        if call.kind is Kind.WORKING:
            self._answered_s = at_s
        elif not is_title or (self._titles and self._titles.search(call.text)):
            if not self.is_waiting:
                self._called_s, self.text = at_s, call.text
            elif call.text:
                self.text = call.text

    def typed(self, at_s: float) -> None:
        """Take that a person has written something."""
        self._answered_s = max(self._answered_s, at_s)
