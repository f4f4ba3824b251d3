"""The syntax inside a plan's texts: times, sizes, commands, templates, branch names, paths.

Pure functions over single values; they expect what the types of `plan_keys` let through and know
no positions.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from string import Formatter

UNITS = {"h": 3600, "m": 60, "s": 1}
POWERS = {"K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
THOUSANDS = {"K": 1_000, "M": 1_000_000}
NOT_IN_A_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/]|[/.]$|(^|/)\.|\.lock(/|$)|^(@|HEAD)$")
"""What git check-ref-format --branch refuses."""


def seconds(time: str | float) -> float:
    """Return a time such as `1h30m`, `0.2s`, `90` or 90.5 in seconds."""
    if not isinstance(time, str) or time[-1] not in UNITS:
        return float(time)
    return sum(float(count) * UNITS[unit] for count, unit in re.findall(r"([0-9.]+)([hms])", time))


def token_count(tokens: str) -> int:
    """Return an amount such as `500k` or `1.5M` as a number."""
    return round(float(tokens[:-1]) * THOUSANDS[tokens[-1].upper()])


def size_bytes(size: str) -> int:
    """Return a size such as `512M` in bytes; units are powers of 1024."""
    return int(size[:-1]) * POWERS[size[-1]]


def several(value: str | list[str] | list[str | list[str]]) -> list[str | list[str]]:
    """Return the commands in `value`, one by one.

    A list whose members are all text is one argument vector; a list that holds
    a list is a list of commands.
    """
    if isinstance(value, str):
        return [value]
    words = [item for item in value if isinstance(item, str)]
    return [words] if len(words) == len(value) else list(value)


def placeholders(template: str) -> Iterator[str]:
    """Yield what is in braces, with any conversion or format; ValueError for a lone brace."""
    for _, name, form, conversion in Formatter().parse(template):
        if name is not None:
            yield name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")


def is_branch_name(name: str) -> bool:
    """Return whether git takes `name` for a branch."""
    return bool(name) and not NOT_IN_A_REF.search(name)


def why_not_below(path: str) -> str | None:
    """Return why a path does not lead below the repository's root; None if it does."""
    if path.startswith(("/", "~")):
        return "expected a path relative to the repository's root"
    parts = path.split("/")
    if ".." in parts:
        return "expected a path below the repository's root, without '..'"
    if parts[0] == ".git":
        return "expected a path in the work tree; .git is git's own"
    if posixpath.normpath(path) == ".":
        return "expected a path below the repository's root ('**' is all of it)"
    return None


def as_glob(path: str) -> str:
    """Return a glob as git writes paths; `src/` is all below it."""
    return f"{posixpath.normpath(path)}/**" if path.endswith("/") else posixpath.normpath(path)
