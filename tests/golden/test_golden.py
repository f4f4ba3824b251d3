"""The house may be rebuilt: documents, plan errors, refusals and exit codes stay what they were.

The files in `expected/` were made with the code before it was rebuilt (see `scenes`). Old words that were
replaced on purpose are in `changed_words`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from golden.changed_words import CHANGED_WORDS, in_words_of_now
from golden.scenes import EXPECTED, files, play, surroundings

from project import warm

COMMAND_S = 120.0


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What every scene shows now, by golden file."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in surroundings().items():
            patch.setenv(name, value)
        folder: Path = tmp_path_factory.mktemp("golden")
        return files(play(folder, lambda words, cwd: warm().run(words, cwd, COMMAND_S)))


@pytest.mark.parametrize("name", sorted(path.stem for path in EXPECTED.iterdir()))
def test_what_porch_says_is_what_it_said_but_for_words_that_were_changed_on_purpose(name, shown):
    expected = in_words_of_now((EXPECTED / f"{name}.txt").read_text(encoding="utf-8"))

    assert shown[name].splitlines() == expected.splitlines()


def test_every_changed_word_is_in_a_golden_file():
    everything = "".join(path.read_text(encoding="utf-8") for path in EXPECTED.iterdir())

    assert [old for old, _ in CHANGED_WORDS if old not in everything] == []
