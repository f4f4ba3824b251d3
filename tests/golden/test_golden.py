"""The house may be rebuilt: documents, plan errors, refusals and exit codes stay what they were.

The files in `expected/` were made by the code as it was before (see `scenes`). Old words that were
replaced on purpose are in `changed_words`.
"""

from __future__ import annotations

import re
from difflib import unified_diff

import pytest
from golden.changed_words import CHANGED_WORDS, in_words_of_now
from golden.scenes import EXPECTED, files, play, surroundings

from project import warm

COMMAND_S = 120.0


@pytest.mark.slow
def test_what_porch_says_is_what_it_said_but_for_words_that_were_changed_on_purpose(tmp_path, monkeypatch):
    for name, value in surroundings().items():
        monkeypatch.setenv(name, value)

    shown = files(play(tmp_path, lambda words, cwd: warm().run(words, cwd, COMMAND_S)))

    expected = {path.stem: in_words_of_now(path.read_text(encoding="utf-8")) for path in EXPECTED.iterdir()}
    assert shown.keys() == expected.keys()
    assert [
        "\n".join(unified_diff(text.splitlines(), shown[name].splitlines(), name, "now", lineterm="", n=2))
        for name, text in expected.items()
        if text.splitlines() != shown[name].splitlines()
    ] == []


def test_every_changed_word_is_in_a_golden_file():
    everything = "".join(path.read_text(encoding="utf-8") for path in EXPECTED.iterdir())

    assert [old for old, _ in CHANGED_WORDS if not re.search(old, everything)] == []
