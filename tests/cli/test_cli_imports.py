"""Commands that only read stay quick: textual is not imported for them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from project import Project

READERS = [
    ["--version"], ["--help"], ["status"], ["status", "--json"], ["logs", "good"], ["report"], ["runs"],
    ["check"], ["schema"], ["init", "--print"], ["completion", "zsh"], ["doctor"], ["clean", "--dry-run"],
]  # fmt: skip
SCRIPT = """
import sys
from porch_tui.cli import main
try:
    code = main({words!r})
except SystemExit as end:
    code = end.code
heavy = {{name.partition('.')[0] for name in sys.modules}} & {{'textual', 'rich', 'dask'}}
print(code, sorted(heavy), file=sys.stderr)
"""


@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_a_command_that_only_reads_imports_nothing_heavy(ended: Project, words: list[str]):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(words=words)],
        cwd=ended.root, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip

    assert "0 []" == done.stderr.splitlines()[-1]
