"""Few folders and files that name a set of files, and no other file that is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from porch_tui.core.files.folders import folders_above
from porch_tui.core.files.globs import WILD


def covering(files: Iterable[str], others: Collection[str]) -> tuple[str, ...]:
    """Return outermost folders in which none of the others is, with a slash at their end, and single files.

    Sorted. A folder stands for two files at least. The repository itself is never one.
    """
    mine = sorted(files)
    strangers = {folder for path in others for folder in folders_above(path)}
    count = Counter(folder for path in mine for folder in folders_above(path))
    found = set()
    for path in mine:
        folders = [one for one in folders_above(path) if one not in strangers and count[one] > 1]
        found.add(f"{folders[-1]}/" if folders else path)
    return tuple(sorted(found))


def as_pattern(place: str) -> str:
    """Return a folder or file of `covering` as a pattern of a plan: exactly that, whatever its name."""
    literal = WILD.sub("?", place)  # matches the character itself; patterns know no escape
    return f"{literal}**" if place.endswith("/") else literal
