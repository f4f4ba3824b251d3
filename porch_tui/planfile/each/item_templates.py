"""Texts of an `each` entry with {item}, {items}, {stem} and {n} in them, filled in.

In a shell text the values are quoted, so that no item can end its word, whatever is in it. That holds only
where the shell reads words: between quotes of the text's own, in backquotes and in here-documents quoting
would mean something else, so a placeholder there is refused rather than filled in.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from msgspec import Struct

PLACEHOLDER = re.compile(r"(?<!\$)\{(item|items|stem|n)\}")
"""After a `$` it is a variable of the shell."""
_UNIT = re.compile(
    r"""
    (?P<escaped> \\. )
    | (?P<quoted> \$?'[^']*(?:'|$) | "(?:\\.|[^"\\])*(?:"|$) | `(?:\\.|[^`\\])*(?:`|$) )
    | (?P<document> <<[\s\S]* )
    | (?P<comment> (?:^|(?<=[\s;&|()])) \#[^\n]* )
    | (?P<plain> . )
    """,
    re.VERBOSE | re.DOTALL,
)
"""The next part of a shell text, as far as quoting goes; `<<` takes the rest."""


class Unquotable(Exception):
    """A placeholder stands where quoting would not hold; the text says which, and where."""


class Items(Struct, frozen=True):
    """What one task of an `each` entry is about."""

    items: tuple[str, ...]
    number: int
    """Among the tasks of its entry, from 1."""
    is_batch: bool = False

    @property
    def stem(self) -> str:
        """The file name of the first item without suffix and folder."""
        path = PurePosixPath(self.items[0].rstrip("/"))
        return path.stem or self.items[0]

    def plain(self, name: str) -> str:
        """Return what stands for a placeholder in text that is not run."""
        match name:
            case "stem":
                return self.stem
            case "n":
                return str(self.number)
            case _:
                return " ".join(self.items)

    def words(self, name: str) -> Sequence[str]:
        """Return what stands for a placeholder that is a word of its own."""
        return self.items if name in ("item", "items") else (self.plain(name),)

    def quoted(self, name: str) -> str:
        """Return what stands for a placeholder in a shell text."""
        return shlex.join(self.words(name))


def filled(text: str, items: Items) -> str:
    """Return a text that no shell runs, with its placeholders filled in."""
    return PLACEHOLDER.sub(lambda found: items.plain(found[1]), text)


def filled_shell(text: str, items: Items) -> str:
    """Return a shell text with its placeholders filled in, each quoted. Unquotable."""
    return "".join(_filled_unit(unit, items) for unit in _units(text))


def filled_words(words: Sequence[str], items: Items) -> list[str]:
    """Return an argument vector with its placeholders filled in as they are.

    One that is a word of its own becomes as many words as there are items. Unquotable if those of a batch
    are to be part of a word.
    """
    out: list[str] = []
    for word in words:
        if whole := PLACEHOLDER.fullmatch(word):
            out += items.words(whole[1])
        elif items.is_batch and (part := re.search(r"\{items?\}", word)):
            raise Unquotable(
                f"{part[0]} inside a word; expected it as a word of its own, as there are several"
            )
        else:
            out.append(filled(word, items))
    return out


def filled_commands(value: Any, items: Items, *, is_list: bool) -> Any:
    """Return the value of a key that holds a command, or with `is_list` several, filled in. Unquotable."""
    if isinstance(value, str):
        return filled_shell(value, items)
    if is_list and any(isinstance(part, list) for part in value):
        return [filled_commands(part, items, is_list=False) for part in value]
    return filled_words(value, items)


def _units(text: str) -> list[re.Match[str] | str]:
    """Return the placeholders that stand where the shell reads words, and the other parts of a text."""
    units: list[re.Match[str] | str] = []
    at = 0
    while at < len(text):
        if found := PLACEHOLDER.match(text, at):
            units.append(found)
            at = found.end()
            continue
        unit = _UNIT.match(text, at)
        assert unit is not None  # `plain` takes any character
        if unit.lastgroup in ("quoted", "document") and (inside := PLACEHOLDER.search(unit[0])):
            raise Unquotable(_where(inside[0], unit))
        units.append(unit[0])
        at = unit.end()
    return units


def _where(placeholder: str, unit: re.Match[str]) -> str:
    if unit.lastgroup == "document":
        return f"{placeholder} behind <<; expected it before: there it cannot be quoted"
    return f"{placeholder} between quotes; expected it without any: porch quotes it"


def _filled_unit(unit: re.Match[str] | str, items: Items) -> str:
    return unit if isinstance(unit, str) else items.quoted(unit[1])
