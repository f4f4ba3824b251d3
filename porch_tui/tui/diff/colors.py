"""The colors of code in a patch. For a thread."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from porch_tui.tui.diff.patch import Kind, Patch
from porch_tui.tui.drawing.styles import Line
from porch_tui.tui.drawing.syntax import MOST_COLORED, lines_in_color


def colored(patch: Patch) -> Mapping[int, Line]:
    """Return the lines that are code in a known language, by their number in the patch.

    What was removed is not among them: it is in one color.
    """
    found: dict[int, Line] = {}
    numbered = enumerate(patch.lines[:MOST_COLORED])
    new_side = (pair for pair in numbered if pair[1].kind in (Kind.CONTEXT, Kind.ADDED, Kind.HUNK))
    for path, lines in groupby(new_side, key=lambda pair: pair[1].path):
        for is_hunk, hunk in groupby(lines, key=lambda pair: pair[1].kind is Kind.HUNK):
            if not is_hunk:
                numbers, code = zip(*hunk, strict=True)
                texts = (line.text for line in code)
                found.update(zip(numbers, lines_in_color(path, texts), strict=False))
    return found
