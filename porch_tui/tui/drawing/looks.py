"""The one place where a status meets its glyph, its word and its style, and where numbers become short text.

State is glyph and word and colour, never colour alone. Keyed by the plain
strings the state is written with; nothing here decides what a state is.
"""

from __future__ import annotations

from enum import Enum, auto

from msgspec import Struct

from porch_tui.tui.terminal.ansi import clean


class Charset(Enum):
    """Which characters the screen may use beside those of foreign text."""

    UNICODE = auto()
    ASCII = auto()


class Role(Enum):
    """What a color stands for; `styles` says which color that is in each theme."""

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
    ENDED = ("-", "-", Role.WAIT)
    """Over, without success or blame: somebody stopped it, or it was not needed."""

    def glyph(self, charset: Charset) -> str:
        """Return the one-cell glyph."""
        return self.value[0] if charset is Charset.UNICODE else self.value[1]

    @property
    def role(self) -> Role:
        """Return its color role."""
        return self.value[2]

    @property
    def is_loud(self) -> bool:
        """Whether it must stand out without colour too, because a person has to see to it."""
        return self in {Sign.FAILED, Sign.ASKS}


class Look(Struct, frozen=True):
    """How one status is shown."""

    glyph: str
    word: str
    sign: Sign


_SIGNS = {
    "pending": Sign.WAITS,
    "waiting": Sign.WAITS,
    "queued": Sign.WAITS,
    "starting": Sign.RUNS,
    "running": Sign.RUNS,
    "merging": Sign.RUNS,
    "validating": Sign.RUNS,
    "landing": Sign.RUNS,
    "undoing": Sign.RUNS,
    "paused": Sign.HELD,
    "held": Sign.HELD,
    "stopping": Sign.HELD,
    "succeeded": Sign.GOOD,
    "landed": Sign.GOOD,
    "won": Sign.GOOD,
    "nothing-to-land": Sign.GOOD,
    "failed": Sign.FAILED,
    "check-failed": Sign.FAILED,
    "timed-out": Sign.FAILED,
    "lost": Sign.FAILED,
    "rejected": Sign.FAILED,
    "conflict": Sign.ASKS,
    "conflicted": Sign.ASKS,
    "resolving": Sign.ASKS,
    "blocked": Sign.ASKS,
    "stopped": Sign.ENDED,
    "cancelled": Sign.ENDED,
    "lost-race": Sign.ENDED,
}


_UNITS = "kMGTP"


def look(status: str, charset: Charset = Charset.UNICODE) -> Look:
    """Return how a status of a task, an outcome or a queue entry is shown.

    A status of a newer porch is shown by its word with a question mark.
    """
    word = clean(status).replace("-", " ")
    sign = _SIGNS.get(status)
    if sign is None:
        return Look("?", word, Sign.WAITS)
    return Look(sign.glyph(charset), word, sign)


def duration(seconds: float) -> str:
    """Return a length of time: `0:41`, `12:07`, `1:02:41`, `2d 03:04` (days, hours, minutes)."""
    minutes, second = divmod(max(0, int(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days}d {hour:02}:{minute:02}"
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def age(seconds: float) -> str:
    """Return how long ago something was, in at most four characters: `41s`, `12m`, `5h`, `364d`, `3y`."""
    left = max(0, int(seconds))
    for many, unit in ((60, "s"), (60, "m"), (24, "h"), (365, "d")):
        if left < many:
            return f"{left}{unit}"
        left //= many
    return f"{left}y"


def size(count: int) -> str:
    """Return an amount of bytes in at most four characters, decimal units: `812`, `9.4k`, `53M`, `1.2G`."""
    amount = float(max(0, count))
    if amount < 1000:
        return f"{amount:.0f}"
    step = 0
    while round(amount) >= 1000 and step < len(_UNITS):  # as it is printed: 999,600 is 1.0M, not 1000k
        amount, step = amount / 1000, step + 1
    return f"{amount:.{int(round(amount, 1) < 10)}f}{_UNITS[step - 1]}"


def percent(cpu: float) -> str:
    """Return a share without decimals: 100 is one core kept busy, `142%` nearly one and a half."""
    return f"{max(0.0, cpu):.0f}%"
