"""What is wrong with a plan file, collected until all of it is known.

Wording that every check shares (places, key paths, near names) is here; which
values are wrong is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from porch_tui.errors import PlanError

KeyPath = tuple[str | int, ...]
"""Keys and list positions (from 0) that lead to a value from the top of the file."""

MOST_MISTAKES = 1000
"""A file with more is not a plan; the rest would only bury these."""
MOST_GUESSES = 30
"""Looking for a near name among 10,000 takes a quarter of a second."""


class Place(Struct, frozen=True, order=True):
    """A character in the plan file; line and column count from 1."""

    line: int
    """0: it is not in a file, but an option of the command line."""
    column: int
    source: str = ""
    """The option, or the file if it is another one than the one that is read."""


class Mistake(Struct, frozen=True, order=True):
    """One thing that is wrong: where, at which key, what was found and what was expected."""

    place: Place
    key: str
    """Dotted path such as `tasks.auth.after[0]`; empty if it concerns the file as a whole."""
    text: str

    def line_of(self, file: str) -> str:
        """Return the mistake as one line that editors can jump to; of an option, with its name."""
        file = self.place.source or file
        if self.place.line == 0:
            return f"{file}: {self.text}"
        key = f"{self.key}: " if self.key else ""
        return f"{file}:{self.place.line}:{self.place.column}: {key}{self.text}"


class PlanWarning(Struct, frozen=True, order=True):
    """Something that is allowed and probably not intended."""

    line: int
    """From 1."""
    text: str
    source: str = ""
    """As of a `Place`."""

    def shown(self, file: str) -> str:
        """Return the warning as one line, with its place."""
        file = self.source or file
        return f"{file}:{self.line}: {self.text}" if self.line else f"{file}: {self.text}"


class PlanMistakes(PlanError):
    """A plan file refused whole; the text has a line for each mistake, in the order of the file."""

    def __init__(self, file: str, mistakes: tuple[Mistake, ...]) -> None:
        self.mistakes = mistakes
        lines = [mistake.line_of(file) for mistake in mistakes[:MOST_MISTAKES]]
        if len(mistakes) > MOST_MISTAKES:
            lines.append(f"{file}: and more; fix these {MOST_MISTAKES} first")
        super().__init__("\n".join(lines))


class Refused(Exception):
    """Reading cannot go on; the mistakes that say why have been noted."""


class Findings:
    """Mistakes and warnings of one file, gathered while it is read."""

    def __init__(self) -> None:
        self._mistakes: dict[Mistake, None] = {}
        self._warnings: dict[PlanWarning, None] = {}
        self._guesses = MOST_GUESSES

    def mistake(self, place: Place, key: KeyPath, text: str) -> None:
        """Note a mistake; one that is noted already is not noted twice. Refused if there are too many."""
        self._mistakes[Mistake(place, shown_key(key), text)] = None
        if len(self._mistakes) > MOST_MISTAKES:
            raise Refused("too many mistakes")

    def refuse(self, place: Place, key: KeyPath, text: str) -> Refused:
        """Note a mistake after which there is nothing left to read; to be raised by the caller."""
        self.mistake(place, key, text)
        return Refused(text)

    def warn(self, place: Place, text: str) -> None:
        """Note a warning."""
        self._warnings[PlanWarning(place.line, text, place.source)] = None

    def near(self, word: str, known: Iterable[str]) -> str:
        """Return `; did you mean …?` if a known name is near `word`, else nothing."""
        if self._guesses == 0 or len(word) > 100:
            return ""
        self._guesses -= 1
        from difflib import get_close_matches  # not needed for a word that is right

        nearest = get_close_matches(word, list(known), n=1)
        return f"; did you mean '{nearest[0]}'?" if nearest else ""

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """All mistakes in the order of the file."""
        return tuple(sorted(self._mistakes))

    @property
    def warnings(self) -> tuple[PlanWarning, ...]:
        """All warnings in the order of the file."""
        return tuple(sorted(self._warnings))


def shown_key(key: KeyPath) -> str:
    """Return `tasks.auth.after[0]` for ("tasks", "auth", "after", 0)."""
    text = ""
    for part in key:
        match part:
            case int():
                text += f"[{part}]"
            case str() if re.fullmatch(r"[\w.-]{1,64}", part):
                text += f".{part}" if text else part
            case str():
                text += f"[{shown(part)}]"
    return text


def shown(text: str) -> str:
    """Return `text` quoted, on one line and not longer than a message bears."""
    return repr(text if len(text) <= 60 else text[:57] + "…")


def one_of(names: Iterable[str]) -> str:
    """Return `one of a, b, c`, cut where it would become longer than a message bears."""
    names = list(names)
    rest = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return f"one of {', '.join(names[:20])}{rest}" if names else "none, as there are none"
