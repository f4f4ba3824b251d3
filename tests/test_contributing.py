"""CONTRIBUTING is true: its diagrams are those of the tables, and every place it names is there."""

from __future__ import annotations

import re

from tests.diagrams import PAGE, page

PACKAGE = PAGE.parent / "porch_tui"


def test_the_diagrams_are_those_of_the_tables():
    text = PAGE.read_text(encoding="utf-8")

    assert page(text) == text, "run python -m tests.diagrams"


def test_every_file_and_folder_that_is_named_exists():
    named = re.findall(r"`([a-z_]+(?:/[a-z_]+)*(?:/[a-z_]+\.py|/[a-z_]+))`", PAGE.read_text(encoding="utf-8"))

    missing = [name for name in named if not (PACKAGE / name).exists() and not (PAGE.parent / name).exists()]
    assert named
    assert not missing
