"""What a program says to the person in its output: that it waits, works or is done; a notification; the bell.

Agents say so in several ways: a state (OSC 7501, codex), a notification (OSC 9, 777, 99), the bell, a title.
All of it is foreign text: it is cleaned and kept short here.
"""

from __future__ import annotations

import re
from base64 import b64decode
from enum import StrEnum
from typing import NamedTuple

from porch_tui.emulator.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 4096
"""Bytes of a sequence that are read; a longer one calls no one."""
LONGEST_TEXT = 200
DONE = "says it is done"
"""How the text begins of one that is to be judged."""
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
    """One thing that a program said, and a text that is safe to show, at most 200 characters.

    Equal to what says the same, wherever that is.
    """

    __slots__ = ("end", "kind", "text", "time_ns")

    def __init__(self, kind: Kind, text: str = "", end: int = 0, time_ns: int = 0) -> None:
        self.kind, self.text = kind, text
        self.end, self.time_ns = end, time_ns
        """Where it ends in the output, in bytes; and when it was said, if it was not said there."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and (self.kind, self.text) == (other.kind, other.text)

    def __hash__(self) -> int:
        return hash((self.kind, self.text))

    def __repr__(self) -> str:
        return f"Call({self.kind}, {self.text!r})"


_STATES = {"idle": Kind.IDLE, "working": Kind.WORKING, "blocked": Kind.WAITING, "done": Kind.DONE}
_ESCAPE = 0x1B
_SAID = re.compile(
    rb"\x1b\](?P<osc>[^\x07\x18\x1a\x1b]*)(?P<end>\x07|\x1b)"
    rb"|\x1b[PX^_k][^\x18\x1a\x1b]*[\x18\x1a\x1b]"
    rb"|\x1b\][^\x07\x18\x1a\x1b]*[\x18\x1a]"
    rb"|(?P<rest>\x1b(?:\][^\x07\x18\x1a\x1b]*|[PX^_k][^\x18\x1a\x1b]*)?\Z)"
    rb"|(?P<bell>\x07)"
)
_BEGINNINGS = (b"\x07", b"\x1b]", b"\x1bP", b"\x1bX", b"\x1b^", b"\x1b_", b"\x1bk")
"""Of what `_SAID` finds: much output has none of them, and searching for each is quick."""


class Attention:
    """Finds what a program says in its output, in whatever pieces that comes."""

    def __init__(self, offset: int = 0) -> None:
        """`offset`: where in the output the first bytes will be."""
        self.offset = offset
        """Of the bytes that come next."""
        self._rest = b""

    def feed(self, data: bytes) -> list[Call]:
        """Return what was said in the next bytes, in order."""
        self.offset += len(data)
        data = self._rest + data
        self._rest = b""
        calls: list[Call] = []
        if b"\x1b" not in data and b"\x07" not in data:
            return []
        # without either, only the last sequence matters: it may hide what comes next
        is_likely = b"\x07" in data or b"\x1b]" in data
        begin = 0 if is_likely else data.rfind(b"\x1b")
        places = {what: place for what in _BEGINNINGS if (place := data.find(what, begin)) >= 0}
        at = 0
        while places and (found := _SAID.match(data, min(places.values()))):
            at = found.end()
            if found["rest"]:
                self._rest = _bounded(found["rest"])
            elif at - found.start() > 1 and data[at - 1] == _ESCAPE:
                at -= 1  # begins the next sequence
            calls += _calls(found, self.offset - len(data) + found.end())
            places = {what: place for what in places if (place := data.find(what, at)) >= 0}
        if not self._rest and data.endswith(b"\x1b"):
            self._rest = b"\x1b"
        return calls[-MOST_CALLS:]

    def skip(self, offset: int) -> None:
        """Go on at another place in the output: what was begun is not what goes on there."""
        self.offset, self._rest = offset, b""


def _bounded(rest: bytes) -> bytes:
    """Return the beginning of a sequence; of one that is too long, or calls no one, only its kind."""
    if rest[1:2] != b"]":
        return rest[:2]
    return rest if len(rest) <= LONGEST else rest[:2] + b"x" * LONGEST


def _calls(found: re.Match[bytes], end: int) -> Iterator[Call]:
    if found["bell"]:
        yield Call(Kind.BELL, end=end)
    elif (osc := found["osc"]) and len(osc) <= LONGEST - 2:
        number, _, text = osc.decode("utf-8", "replace").partition(";")
        if call := _CALLS.get(number, _nothing)(text):
            call.end = end
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


class Titles(NamedTuple):
    """What the titles of a program say, as regular expressions; None: none says that."""

    waits: re.Pattern[str] | None = None
    """It waits for an answer."""
    idle: re.Pattern[str] | None = None
    """It waits, or has nothing to do: its titles do not distinguish the two."""
    works: re.Pattern[str] | None = None

    def kind_of(self, title: str) -> Kind:
        """Return what a title says; TITLE if nothing."""
        kinds = (Kind.WAITING, Kind.IDLE, Kind.WORKING)
        said = (kind for kind, one in zip(kinds, self, strict=True) if one is not None and one.search(title))
        return next(said, Kind.TITLE)


SAY_NOTHING = Titles()


class Waiting:
    """Whether a program waits for a person: its last call ends behind what was typed and its last work.

    All by offsets in its output, so that whoever reads the same output later comes to the same.
    """

    def __init__(self, *, has_terminal: bool, titles: Titles = SAY_NOTHING) -> None:
        """`has_terminal`: a person can answer; without one a bell or a title in a log calls no one.

        `titles`: what titles say; others say nothing.
        """
        self._has_terminal, self._titles = has_terminal, titles
        self._answered = -1, 0
        """Where and when it was last typed, or said that it works."""
        self._calls: list[Call] = []
        """Those behind that."""
        self.has_worked = False
        """It has said that it works, so it says when it does."""

    @property
    def is_waiting(self) -> bool:
        """Whether it waits now."""
        return bool(self._calls)

    def is_answered(self, offset: int) -> bool:
        """Say whether something was typed, or it said that it works, at that place or behind it."""
        return self._answered[0] >= offset

    @property
    def began(self) -> tuple[int, int] | None:
        """Where and when it first said what it waits with: elsewhere is another wait. None: it does not."""
        return (self._calls[0].end, self._calls[0].time_ns) if self._calls else None

    @property
    def is_idle(self) -> bool:
        """Whether all that makes it wait is that it has nothing to do: as it may before its first work."""
        return self.is_waiting and all(call.kind is Kind.IDLE for call in self._calls)

    @property
    def text(self) -> str:
        """What it said last, cleaned; empty if it only rang."""
        if any(call.kind is Kind.DONE for call in self._calls[-1:]):
            return ": ".join(filter(None, (DONE, self._calls[-1].text)))
        return next((call.text for call in reversed(self._calls) if call.text), "")

    def hear(self, call: Call) -> None:
        """Take what a program said."""
        if call.kind is Kind.TITLE:
            call = Call(self._titles.kind_of(call.text), call.text, call.end, call.time_ns)
        if call.kind is Kind.WORKING or (call.kind is Kind.DONE and not self._has_terminal):
            self.has_worked = True
            self.typed(call.end, call.time_ns)
        elif (call.end, call.time_ns) > self._answered and self._counts(call):
            self._calls = [*self._calls, call]
            del self._calls[1:-MOST_CALLS]

    def typed(self, offset: int, time_ns: int = 0) -> None:
        """Take that a person typed something when there was so much output, and when that was.

        The time matters for what was not said in the output: it may be as long then.
        """
        if (offset, time_ns) > self._answered:
            self._answered = offset, time_ns
            self._calls = [call for call in self._calls if (call.end, call.time_ns) > self._answered]

    def _counts(self, call: Call) -> bool:
        match call.kind:
            case Kind.TITLE:
                return False
            case Kind.BELL | Kind.IDLE:
                return self._has_terminal
            case _:
                return True
