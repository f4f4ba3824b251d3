"""What a line of a log points at: a line of a file, or a web address. Pure.

The text is foreign: nothing here is obeyed, and what becomes of a link is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from rich.segment import Segment

from porch_tui.tui.terminal.ansi import parse

MOST_LINKS = 8
LONGEST_TEXT = 4_000
"""Characters of a line that are looked at."""

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


class Place(NamedTuple):
    """Which characters of a line, as it is shown, point at something."""

    first: int
    end: int
    link: Link


def links_in(line: bytes) -> tuple[Link, ...]:
    """Return what a line of a log points at: hidden links first, then what stands in its text."""
    return tuple(dict.fromkeys(place.link for place in places_in(parse(line))))[:MOST_LINKS]


def places_in(segments: Iterable[Segment]) -> list[Place]:
    """Return where a line points at something: hidden links first, then what stands in its text."""
    segments = list(segments)
    text = "".join(segment.text for segment in segments)
    return [*_hidden(segments), *_visible(text[:LONGEST_TEXT])]


def _hidden(segments: Iterable[Segment]) -> Iterator[Place]:
    at = 0
    for url, group in groupby(segments, key=lambda one: one.style.link if one.style else None):
        first, at = at, at + sum(len(segment.text) for segment in group)
        if url is not None and (link := _link_to(url)) is not None:
            yield Place(first, at, link)


def _link_to(url: str) -> Link | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme in {"http", "https"}:
        return WebLink(url)
    path = unquote(parts.path)
    if parts.scheme != "file" or not path:
        return None
    name, _, number = path.rpartition(":")
    if name and number.isdecimal():
        return FileLink(name, int(number[:7]))
    at = _LINE_OF_URL.match(parts.fragment)
    return FileLink(path, int(at[1]) if at else 0)


def _visible(text: str) -> Iterator[Place]:
    if ":" not in text and "(" not in text and '"' not in text:
        return
    for web in _WEB.finditer(text):
        url = web[0].rstrip(".,;:!?")
        yield Place(web.start(), web.start() + len(url), WebLink(url))
    text = _WEB.sub(lambda web: " " * len(web[0]), text)
    for pattern in _IN_TEXT:
        for match in pattern.finditer(text):
            name = match[1]
            if any(map(str.isalpha, name)):
                yield Place(match.start(1), match.end(2), FileLink(name, int(match[2])))
