"""What a person searches a log for, words or a regular expression, and which lines match it. Pure.

Case matters only if the pattern has an upper case letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from msgspec import Struct

from porch_tui.present.clean import UNSAFE
from porch_tui.tui.terminal.ansi import parse

_COLOR = re.compile(rb"\x1b\[[0-?]*m")
_ESCAPED = re.compile(r"\\.")
_PLAIN_BYTES = bytes(range(0x20, 0x7F)) + b"\n"


class Pattern(Struct, frozen=True, dict=True):
    """Something to find in a line."""

    text: str
    is_regex: bool = False

    @property
    def mistake(self) -> str:
        """What is wrong with the regular expression; empty if nothing is."""
        try:
            self._compiled  # noqa: B018  compiled once, kept
        except re.error as error:
            return f"not a regular expression: {error}"
        return ""

    def has(self, line: str) -> bool:
        """Return whether a line matches."""
        return self._compiled.search(line) is not None

    def spans(self, line: str) -> list[tuple[int, int]]:
        """Return where a line matches, as character positions; empty matches are left out."""
        return [match.span() for match in self._compiled.finditer(line) if match.end() > match.start()]

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        letters = _ESCAPED.sub("", self.text) if self.is_regex else self.text
        source = self.text if self.is_regex else re.escape(self.text)
        return re.compile(source, re.IGNORECASE if letters == letters.lower() else 0)


ERRORS = Pattern(
    r"(?i:\b(errors?|fatal|fail(ed|ures?|s)?|exceptions?|traceback|panic(ked)?|segmentation fault)\b)"
    r"|\w(Error|Exception)\b|^E\s|[✗✘✖]",
    is_regex=True,
)
"""What an error line looks like."""


def shown_text(line: bytes) -> str:
    """Return a line of a log, without its newline, as the text that a person sees.

    It is cut to the width of the screen's lines only if it has cursor moves or unsafe characters.
    """
    text = _plain(line)
    return text if text is not None else "".join(segment.text for segment in parse(line))


def lines_with(patterns: Sequence[Pattern], chunk: bytes) -> Iterator[int]:
    """Yield the numbers, from 0, of the lines in `chunk` that match all the patterns."""
    text = _plain(chunk)
    if text is None:
        lines = [shown_text(line) for line in chunk.split(b"\n")]
    elif all(not pattern.is_regex for pattern in patterns):
        # words have no line breaks, so all lines can be searched at once
        yield from _lines_of_words(patterns[0], patterns[1:], text)
        return
    else:
        lines = text.split("\n")
    yield from (n for n, line in enumerate(lines) if all(pattern.has(line) for pattern in patterns))


def _lines_of_words(first: Pattern, others: Sequence[Pattern], text: str) -> Iterator[int]:
    number, counted, start = 0, 0, 0
    while (match := first._compiled.search(text, start)) is not None:
        number += text.count("\n", counted, match.start())
        counted = match.start()
        stop = text.find("\n", match.end())
        line = text[text.rfind("\n", 0, match.start()) + 1 : stop if stop >= 0 else len(text)]
        if all(pattern.has(line) for pattern in others):
            yield number
        if stop < 0:
            return
        start = stop


def _plain(data: bytes) -> str | None:
    """Return bytes as text without colors; None if that takes more than dropping the colors."""
    if b"\x1b" in data:
        data = _COLOR.sub(b"", data)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if not data.translate(None, _PLAIN_BYTES):
        return data.decode("ascii")
    text = data.decode("utf-8", "replace")
    return text if UNSAFE.search(text.replace("\n", "")) is None else None
