"""Where in a TOML file something stands: `tomllib` says what there is, but not where.

A file is cut into its statements, the fewest lines that `tomllib` reads alone. Every file that ends after one
of them can be read, too, so the statement of a value is the first one after which the value is there.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Collection, Iterator
from io import StringIO
from itertools import accumulate
from typing import Any

KeyPath = tuple[str | int, ...]
"""The keys, and the places in lists from 0, that lead to something."""


def paths(found: Any, name: str) -> Iterator[KeyPath]:
    """Yield what leads to a name with dots: without quotes, TOML makes tables of `task.retry`.

    `found`: what a file has, or a part of it. A name that is there in both ways has two paths.
    """
    if not name:
        yield ()
        return
    for key in _keys(found):
        if f"{name}.".startswith(f"{key}."):
            rest = name.removeprefix(str(key)).removeprefix(".")
            yield from ((key, *path) for path in paths(found[key], rest))


def leads(found: Any, path: KeyPath) -> bool:
    """Say whether a path leads to something."""
    for key in path:
        if key not in _keys(found):
            return False
        found = found[key]
    return True


def _keys(found: object) -> Collection[str | int]:
    return found if isinstance(found, dict) else range(len(found)) if isinstance(found, list) else ()


def line_of(text: str, name: str) -> int:
    """Return the line, from 1, where something begins by its name, such as `keys.task.retry`, `commands.0`.

    Of what is not there: the line of the nearest thing around it. `text` must be valid TOML.
    """
    found = tomllib.loads(text)
    while (path := next(paths(found, name), None)) is None:
        name = name.rpartition(".")[0]
    start = statement(text, path)[0] if path else 0
    return text.count("\n", 0, start) + 1


def statement(text: str, path: KeyPath) -> tuple[int, int]:
    """Return where the statement begins and ends that a path leads to, in characters; `text` has the path."""
    ends = _ends_of_statements(text)
    at = bisect_left(ends, True, key=lambda end: leads(tomllib.loads(text[:end]), path))
    return ends[at - 1] if at else 0, ends[at]


def _ends_of_statements(text: str) -> list[int]:
    """Return where each statement ends, in characters; empty lines and comments are some, too."""
    ends, start = [], 0
    for end in accumulate(map(len, StringIO(text))):
        try:
            tomllib.loads(text[start:end])
        except tomllib.TOMLDecodeError:
            continue  # a text or a list that goes on in the next line
        ends.append(end)
        start = end
    return ends


def mistake(error: tomllib.TOMLDecodeError, text: str) -> tuple[int, str]:
    """Return the line of an error, from 1, and what it says; where something is left open, the last line."""
    said = re.match(r"(.*) \(at (?:line (\d+)|end)", str(error))
    line = int(said[2]) if said and said[2] else max(1, len(StringIO(text).readlines()))
    return line, said[1] if said else str(error)
