"""Documents, plan errors, refusals and exit codes stay what they are, as scripts rely on them.

The files in `expected/` show them. After a change on purpose `scenes` writes them again: look at the diff.
"""

from __future__ import annotations

from difflib import unified_diff

import pytest
from golden.scenes import EXPECTED, files, play, surroundings

from project import COMMAND_S, warm


@pytest.mark.slow
def test_what_porch_says_is_what_the_golden_files_show(tmp_path, monkeypatch):
    for name, value in surroundings().items():
        monkeypatch.setenv(name, value)

    shown = files(play(tmp_path, lambda words, cwd: warm().run(words, cwd, COMMAND_S)))

    expected = {path.stem: path.read_text(encoding="utf-8") for path in EXPECTED.iterdir()}
    assert shown.keys() == expected.keys()
    assert [
        "\n".join(unified_diff(text.splitlines(), shown[name].splitlines(), name, "now", lineterm="", n=2))
        for name, text in expected.items()
        if text.splitlines() != shown[name].splitlines()
    ] == []
