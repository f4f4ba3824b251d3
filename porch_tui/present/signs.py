"""The signs and color roles that screen and report are drawn with, in either charset."""

from __future__ import annotations

from enum import Enum, auto


class Charset(Enum):
    """Which characters may be used beside those of foreign text."""

    UNICODE = auto()
    ASCII = auto()


class Role(Enum):
    """What a color stands for; a theme of the screen and a form of the report say which color that is."""

    RUN = auto()
    GOOD = auto()
    FAIL = auto()
    ASK = auto()
    HELD = auto()
    WAIT = auto()
    TEXT = auto()
    STRONG = auto()
    MUTED = auto()
    RULE = auto()


class Sign(Enum):
    """The seven kinds of state a person tells apart at a glance: Unicode glyph, ASCII glyph, color role."""

    # One cell wide everywhere and without an emoji form; some terminals draw
    # the obvious warning sign, heavy check mark and triangle two cells wide.
    WAITS = ("·", ".", Role.WAIT)
    RUNS = ("▸", ">", Role.RUN)
    HELD = ("=", "=", Role.HELD)
    GOOD = ("✓", "+", Role.GOOD)
    FAILED = ("✗", "x", Role.FAIL)
    ASKS = ("!", "!", Role.ASK)
    """A person has to see to it."""
    ENDED = ("-", "-", Role.WAIT)
    """Over, without success or blame: stopped, or not needed."""

    def glyph(self, charset: Charset) -> str:
        """Return the one-cell glyph."""
        return self.value[0] if charset is Charset.UNICODE else self.value[1]

    @property
    def role(self) -> Role:
        """Return its color role."""
        return self.value[2]

    @property
    def is_loud(self) -> bool:
        """Whether it must stand out without color too, because a person has to see to it."""
        return self in {Sign.FAILED, Sign.ASKS}
