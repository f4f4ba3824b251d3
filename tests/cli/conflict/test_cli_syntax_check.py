"""What a resolved file's name promises is looked at, and printed; nothing is refused for it."""

from __future__ import annotations

import pytest

from porch_tui.cli.conflict.syntax_check import doubts
from porch_tui.core.conflict.conflict import (
    Choice,
    Conflict,
    ConflictKind,
    ConflictRecord,
    Decision,
    PathConflict,
    Settled,
    Stage,
)

STAGES = (Stage(2, "100644", "2" * 40), Stage(3, "100644", "3" * 40))


def printed(name: str, text: bytes) -> list[str]:
    path = PathConflict(name, name, ConflictKind.CONTENT, STAGES, "100644")
    record = ConflictRecord().with_step((Settled(name, STAGES, Decision(Choice.TEXT, text)),))
    return doubts(Conflict("0" * 40, (path,), ""), record)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", b"def f(:\n"),
        ("a.json", b"{"),
        ("a.yaml", b"a: [\n"),
        ("a.toml", b"a =\n"),
        ("a.json", b"\xff"),
    ],
)
def test_a_file_that_does_not_parse_is_reported(name: str, text: bytes):
    assert printed(name, text)[0].startswith(f"{name}: does not parse: ")


def test_an_empty_file_is_reported():
    assert printed("a.txt", b"\n") == ["a.txt: it is empty"]


@pytest.mark.parametrize(
    ("name", "text"), [("a.py", b"x = 1\n"), ("a.json", b"{}"), ("a.yml", b"a: 1\n"), ("a.rst", b"=======\n")]
)
def test_what_parses_or_has_no_syntax_is_not_mentioned(name: str, text: bytes):
    assert printed(name, text) == []
