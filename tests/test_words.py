"""One concept, one word, and plain ones: names and texts that this project once used and no longer does."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path
    for pattern in ("*.md", "porch_tui/**/*.py", "porch_tui/**/*.md", "porch_tui/**/*.tcss", "tests/**/*.py")
    for path in ROOT.glob(pattern)
    if path != Path(__file__)
)

REPLACED = {
    r"told|telling|foretold": "report, notify, describe",
    r"upon": "on, on top of",
    r"anew": "again",
    r"nobody": "no one, or say what is not needed",
    r"deeds?": "messages",
    r"debris": "stale artifacts",
    r"foreseen": "predicted",
    r"prevalidation": "speculative validation",
    r"guilt|guilty": "culprit",
    r"inks?": "styles",
    r"Tone|Hue": "Role",
    r"Wish(es)?|Wished": "run overrides, CommandRequested",
    r"homing": "clone sync",
    r"goes_on": "keep_worktree",
    r"is_to_end_at_once": "kill_now",
    r"by (it|them)sel(f|ves)": "on its own, automatically",
    r"the \w+ before (it|that|this)": "the previous …",
    r"Watchman": "stall detector",
}
"""What must not come back, as whole words, with the word of the field."""

KEPT = {
    ("porch_tui/journal/codec.py", "upon"): "the name in journals",
    ("porch_tui/journal/codec.py", "goes_on"): "the name in journals",
    ("porch_tui/report/report_json.py", "upon"): "a JSON field",
    ("porch_tui/report/trace.py", "upon"): "a JSON field",
    ("porch_tui/cli/commands/validate.py", "upon"): "a JSON field",
    ("porch_tui/tui/keys/bindings.py", "foreseen"): "ids in people's key files",
    ("tests/tui/keys/test_bindings.py", "foreseen"): "ids in people's key files",
    ("tests/golden/scenes.py", "nobody"): "a word in the golden files",
    ("tests/process/supervisor/test_unkillable.py", "nobody"): "the user of that name",
    ("tests/e2e/test_machine_limits.py", "nobody"): "the user of that name",
}
"""Where a replaced word stays, and why."""


@cache
def texts() -> dict[str, str]:
    """Return the text of each file."""
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in FILES}


@pytest.mark.parametrize("words", REPLACED)
def test_replaced_words_do_not_come_back(words):
    pattern = re.compile(rf"(?<![\w-])({words})(?![\w-])")
    found = [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts().items()
        if (name, words) not in KEPT and pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]

    assert not found, f"say {REPLACED[words]}"
