"""What a line of a log points at: a line of a file, or a web address. Pure.

The text is foreign: nothing here is obeyed, and what becomes of a link is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from porch_tui.tui.log.pattern import shown_text

MOST_LINKS = 8
LONGEST_TEXT = 4_000
"""Characters of a line that are looked at."""

_HYPERLINK = re.compile(rb"\x1b\]8;[^;\x07\x1b]*+;([\x21-\x7e]{1,2000})(?:\x07|\x1b\\)")  # OSC 8
_WEB = re.compile(r"https?://[^\s\"'<>()\[\]{}|\\^`]++")
_START = r"(?<![^\s\"'`(\[{<=,:])"
_NAME = r"[^\s\"'`()\[\]{}<>|,;:=*?]++"
_IN_TEXT = (
    re.compile(r'File "([^"]{1,1000})", line (\d{1,7})'),  # Python
    re.compile(rf"{_START}({_NAME})(?::|\()(\d{{1,7}})"),  # most others: f.c:12:3, f.ts(12,3)
)
_LINE_OF_URL = re.compile(r"L?(\d{1,7})")


class FileLink(Struct, frozen=True):
    """A file by the path that stands in the log, and a line of it, from 1; 0: none is named."""

    path: str
    line: int = 0


class WebLink(Struct, frozen=True):
    """A web address, without blanks and control characters."""

    url: str


Link = FileLink | WebLink


def links_in(line: bytes) -> tuple[Link, ...]:
    """Return what a line of a log points at: hidden links first, then what stands in its text."""
    found = [*_hidden(line), *_visible(shown_text(line)[:LONGEST_TEXT])]
    return tuple(dict.fromkeys(found))[:MOST_LINKS]


def _hidden(line: bytes) -> Iterator[Link]:
    for match in _HYPERLINK.finditer(line):
        url = match[1].decode("ascii")
        try:
            parts = urlsplit(url)
        except ValueError:
            continue
        if parts.scheme in {"http", "https"}:
            yield WebLink(url)
        elif parts.scheme == "file":
            path = unquote(parts.path)
            name, _, number = path.rpartition(":")
            at = _LINE_OF_URL.match(parts.fragment)
            if name and number.isdecimal():
                yield FileLink(name, int(number[:7]))
            elif path:
                yield FileLink(path, int(at[1]) if at else 0)


def _visible(text: str) -> Iterator[Link]:
    for web in _WEB.finditer(text):
        yield WebLink(web[0].rstrip(".,;:!?"))
    text = _WEB.sub(" ", text)
    for pattern in _IN_TEXT:
        for match in pattern.finditer(text):
            name = match[1]
            if any(map(str.isalpha, name)):
                yield FileLink(name, int(match[2]))
