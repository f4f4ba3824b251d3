"""What the golden files say in other words than porch does now: nothing else may differ from them."""

from __future__ import annotations

import re

CHANGED_WORDS = (
    (r"'completion', 'engine', 'each'\)", "'completion', 'help')"),
    (r"(porch: )(.+): refused: the run is closed", r"\1Can't \2: the run is closed"),
    (
        r"is closed and does not go on; porch run begins another",
        "is closed and cannot be resumed; porch run starts another",
    ),
    (
        r"nothing of lands is set aside in run (.+); shelves have: no run",
        r"nothing of lands is shelved in run \1; runs with shelved work: none",
    ),
    (r"(rm -r .*/RUN) forgets one", r"\1 deletes them"),
    (r"--upon ", "--on-top-of "),
    (r"busy: nobody has measured that", "busy: not measured yet"),
    (r'("name": ".+) by itself"', r'\1 alone"'),
    (r"run again upon ", "run again on "),
    (r", which waits itself", ", which is itself waiting"),
    (r"which builds upon that", "which builds on that"),
    (r"is not in conflict, it is landed in the merge queue", "is not in conflict: it has landed"),
    (
        r"(unrecognized arguments: --run .+)\nusage: porch \[-h\] \[--version\] COMMAND \.\.\.",
        r"\1\nusage: porch undo [-h] [-C DIR] [--revert] [--json] [RUN] [TASK]",
    ),
)
"""Patterns of what was said when the files were made, and what is said now; applied in this order."""


def in_words_of_now(text: str) -> str:
    """Return the text of a golden file as it reads now."""
    for old, new in CHANGED_WORDS:
        text = re.sub(old, new, text)
    return text
