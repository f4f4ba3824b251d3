"""A patch as git prints it, taken apart into files and lines with their numbers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from itertools import islice, pairwise, takewhile

from msgspec import Struct

from porch_tui.present.clean import visible

MOST_LINES = 50_000
"""More are not shown here: the pager has them."""
LONGEST_LINE = 2000
"""Characters; of a longer line, the rest."""
TAB_CELLS = 4

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(.*)")
_SILENT = ("index ", "similarity ", "dissimilarity ", "--- ", "+++ ", "copy from ", "rename to ")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_LETTERS = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


class Kind(Enum):
    """What a line of a patch is."""

    FILE = auto()
    """The name of a file, before its hunks."""
    NOTE = auto()
    """What git says of a file: that it is new, binary, renamed."""
    HUNK = auto()
    CONTEXT = auto()
    ADDED = auto()
    REMOVED = auto()


class PatchLine(Struct, frozen=True):
    """One line; `number` counts from 1 in the new file, of a removed line in the old one; else it is 0."""

    kind: Kind
    text: str
    """Fit for a terminal, tabs as blanks."""
    path: str
    number: int = 0


class FileSummary(Struct, frozen=True):
    """How much of a file differs, and at which line of the patch it begins."""

    path: str
    start: int
    added: int
    removed: int


class Patch(Struct, frozen=True):
    """All lines, and the files they are of."""

    lines: tuple[PatchLine, ...] = ()
    files: tuple[FileSummary, ...] = ()
    is_cut: bool = False
    """There is more of it."""

    def file_at(self, line: int) -> int:
        """Return the number of the file that a line belongs to; 0 without files."""
        return max((at for at, file in enumerate(self.files) if file.start <= line), default=0)


def parse(patch: bytes, most_lines: int = MOST_LINES) -> Patch:
    """Return the lines of a patch with the prefixes `a/` and `b/`, as many as may be shown."""
    rows = patch.decode("utf-8", "surrogateescape").split("\n")
    lines = tuple(islice(_lines(rows), most_lines + 1))
    is_cut = len(lines) > most_lines
    lines = lines[:most_lines]
    starts = [at for at, line in enumerate(lines) if line.kind is Kind.FILE]
    files = []
    for start, end in pairwise([*starts, len(lines)]):
        kinds = [line.kind for line in lines[start:end]]
        count = kinds.count(Kind.ADDED), kinds.count(Kind.REMOVED)
        files.append(FileSummary(lines[start].path, start, *count))
    return Patch(lines, tuple(files), is_cut)


def _lines(rows: list[str]) -> Iterator[PatchLine]:
    path, old_left, new_left, old, new = "", 0, 0, 0, 0
    for at, row in enumerate(rows):
        if old_left > 0 or new_left > 0 or row.startswith("\\"):
            match row[:1]:
                case "+":
                    yield PatchLine(Kind.ADDED, _shown(row[1:]), path, new)
                    new, new_left = new + 1, new_left - 1
                case "-":
                    yield PatchLine(Kind.REMOVED, _shown(row[1:]), path, old)
                    old, old_left = old + 1, old_left - 1
                case "\\":
                    yield PatchLine(Kind.NOTE, _shown(row[2:]), path)
                case _:
                    yield PatchLine(Kind.CONTEXT, _shown(row[1:]), path, new)
                    old, new, old_left, new_left = old + 1, new + 1, old_left - 1, new_left - 1
        elif row.startswith("diff --git "):
            path = _path(row, rows[at + 1 : at + 9])
            yield PatchLine(Kind.FILE, _shown(path), path)
        elif found := _HUNK.fullmatch(row):
            old, new = int(found[1]), int(found[3])
            old_left, new_left = int(found[2] or 1), int(found[4] or 1)
            yield PatchLine(Kind.HUNK, _shown(found[5].strip()), path, new)
        elif row and not row.startswith(_SILENT):
            yield PatchLine(Kind.NOTE, _shown(row), path)


def context_in(patch: Patch, rows: int) -> int:
    """Return how many lines around each change there is room for in so many rows, where all fits."""
    hunks = sum(line.kind is Kind.HUNK for line in patch.lines)
    changed = sum(line.kind is not Kind.CONTEXT for line in patch.lines)
    return (rows - changed) // (2 * hunks) if hunks else 0


def _path(row: str, following: list[str]) -> str:
    """Return the name of a file: the new one, if it was renamed, the old one if it is gone."""
    header = list(takewhile(lambda line: not line.startswith(("diff --git ", "@@ ")), following))
    for begin, side in (("rename to ", ""), ("+++ ", "b/"), ("--- ", "a/")):
        named = (line.removeprefix(begin) for line in header if line.startswith(begin))
        name = next((one for one in named if one != "/dev/null"), None)
        if name is not None:
            return _unquoted(name.removesuffix("\t")).removeprefix(side)
    rest = row.removeprefix("diff --git ")
    half = rest[(len(rest) + 1) // 2 :]  # both sides have one name
    return _unquoted(half).removeprefix("b/")


def _unquoted(name: str) -> str:
    """Return a path that git has quoted for its unusual characters."""
    if not (name.startswith('"') and name.endswith('"')):
        return name
    content = name[1:-1].encode("utf-8", "surrogateescape")

    def plain(found: re.Match[bytes]) -> bytes:
        code = found[1]
        return bytes([int(code, 8)]) if len(code) == 3 else _LETTERS.get(code, code)

    return _ESCAPE.sub(plain, content).decode("utf-8", "surrogateescape")


def _shown(text: str) -> str:
    cut = text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…"
    return visible(cut.removesuffix("\r").expandtabs(TAB_CELLS))
