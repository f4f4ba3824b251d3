"""The conflict screen in a real terminal at the end of a slow line: how much a key has to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.conflict.conflict import Choice
from tests.tui.conflict_harness import TWO_FILES, ParkedRun, conflict_in_terminal

pytestmark = pytest.mark.slow

LINK_BYTES_A_S = 50_000
MOST_BYTES = 5000
"""A tenth of a second of such a line; the whole window at 160x48 takes more than 15,000."""
KEYS = (
    ("=", "result: both, main first"), ("n", "hunk 2/2"), ("<", "result: main with logging"),
    ("u", "not chosen yet"), ("v", "| base ─"), ("v", "hunk 2/2"), ("w", "whitespace ignored"),
    ("t", "plain, 1 line"), ("t", "+1 -1"), ("l", "1 commit"), ("l", "+1 -1"), ("]", "file 2/2"),
    ("[", "file 1/2"),
)  # fmt: skip
"""Each with what it has shown when it has done its work."""


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
def test_no_key_that_reads_or_chooses_writes_more_than_a_little(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    run = ParkedRun(tmp_path, *TWO_FILES)
    with run.engine(), conflict_in_terminal(run, *size) as program:
        program.send("c")
        program.read_until_shown("hunks left")
        program.read_until_quiet()
        written = {}
        for at, (key, shown) in enumerate(KEYS):
            before = len(program.output)
            program.send(key)
            program.read_until_shown(shown)
            program.read_until_quiet(0.2)
            written[at, key] = len(program.output) - before

    assert {} == {key: count for key, count in written.items() if not 0 < count <= MOST_BYTES}


def test_a_conflict_is_resolved_through_a_slow_line(tmp_path: Path) -> None:
    """Keys are pressed as soon as their place is there, never after everything is drawn."""
    run = ParkedRun(tmp_path, *TWO_FILES)
    with run.engine(), conflict_in_terminal(run, 160, 48, link_bytes_a_s=LINK_BYTES_A_S) as program:
        for key, shown in (
            ("c", "3 hunks left"), ("<", "2 hunks left"), ("n", "hunk 2/2"), ("e", "your edit"),
            ("# both\x13", "written by hand"), ("n", "file 2/2"), (">", "all chosen"),
            ("c", "auth is resolved"),
        ):  # fmt: skip
            program.send(key)
            program.read_until_shown(shown)

    (first, second, third) = (step[0].decision for step in run.kept.steps)
    assert (Choice.MAIN, Choice.TEXT, Choice.TASK) == (first.choice, second.choice, third.choice)
    assert second.text.startswith(b"# both")
