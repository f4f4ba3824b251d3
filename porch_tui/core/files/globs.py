"""Path patterns of a plan: `*` stays within a folder, `**` crosses folders, the rest is literal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import takewhile

WILD = re.compile(r"[*?]")


def matches(pattern: str, path: str) -> bool:
    """Say whether a path matches the pattern, or is below one that does."""
    return bool(_compiled(pattern).fullmatch(path))


def fits(pattern: str, path: str) -> bool:
    """Say whether a path matches the pattern itself."""
    return bool(_exact(pattern).fullmatch(path))


def outside(patterns: Iterable[str], paths: Iterable[str]) -> tuple[str, ...]:
    """Return the paths that none of the patterns matches, in order."""
    known = tuple(patterns)
    return tuple(path for path in paths if not any(matches(pattern, path) for pattern in known))


def may_meet(a: str, b: str) -> bool:
    """Say whether some path could match both patterns, whether or not it exists yet."""
    return _meet(tuple(a.strip("/").split("/")), tuple(b.strip("/").split("/")))


def literal_folders(pattern: str) -> tuple[str, ...]:
    """Return the leading segments of a pattern that hold no wild card."""
    return tuple(takewhile(lambda segment: not WILD.search(segment), pattern.strip("/").split("/")))


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    # a pattern that names a folder means all that is in it
    return re.compile(_expression(pattern) + r"(?:/.*)?", re.DOTALL)


@lru_cache(maxsize=4096)
def _exact(pattern: str) -> re.Pattern[str]:
    return re.compile(_expression(pattern), re.DOTALL)


def _expression(pattern: str) -> str:
    parts = pattern.strip("/").split("/")
    out = ""
    for index, part in enumerate(parts):
        is_last = index == len(parts) - 1
        if part == "**":
            out += ".*" if is_last else "(?:.*/)?"
        else:
            out += _segment(part) + ("" if is_last else "/")
    return out


def _segment(part: str) -> str:
    return "".join({"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char)) for char in part)


@lru_cache(maxsize=65536)
def _meet(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    if not a or not b:
        return True  # one names a folder that contains the other's path
    if a[0] == "**":
        return _meet(a[1:], b) or _meet(a, b[1:])
    if b[0] == "**":
        return _meet(a, b[1:]) or _meet(a[1:], b)
    return _segments_meet(a[0], b[0]) and _meet(a[1:], b[1:])


def _segments_meet(a: str, b: str) -> bool:
    """Say whether two path segments may be the same; sure for literals, generous for two wild ones."""
    if not WILD.search(a):
        return a == b if not WILD.search(b) else bool(re.fullmatch(_segment(b), a))
    if not WILD.search(b):
        return bool(re.fullmatch(_segment(a), b))
    head_a, head_b = WILD.split(a)[0], WILD.split(b)[0]
    tail_a, tail_b = WILD.split(a)[-1], WILD.split(b)[-1]
    heads_agree = head_a.startswith(head_b) or head_b.startswith(head_a)
    return heads_agree and (tail_a.endswith(tail_b) or tail_b.endswith(tail_a))
