"""What a line of a log points at: files with lines, hidden links, web addresses; never anything else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from porch_tui.tui.log.links import FileLink, Link, WebLink, links_in

HIDDEN = "\x1b]8;;{}\x1b\\text\x1b]8;;\x1b\\"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("tests/test_a.py:12: AssertionError", [FileLink("tests/test_a.py", 12)]),
        ('  File "/w/src/a b.py", line 7, in add', [FileLink("/w/src/a b.py", 7)]),
        ("  --> src/main.rs:3:5", [FileLink("src/main.rs", 3)]),
        ("src/a.ts(12,5): error TS2304", [FileLink("src/a.ts", 12)]),
        ("    at add (src/a.js:10:5)", [FileLink("src/a.js", 10)]),
        ("\x1b[31mMakefile:4:\x1b[0m *** missing", [FileLink("Makefile", 4)]),
        ("\tcalc_test.go:9: a.go:3", [FileLink("calc_test.go", 9), FileLink("a.go", 3)]),
        ("naïve/été.py:2: x", [FileLink("naïve/été.py", 2)]),
        ("08:00:12 12:30 1.2.3.4:80 done", []),
        ("see https://example.org/a.py:12.", [WebLink("https://example.org/a.py:12")]),
        (HIDDEN.format("file:///w/a%20b.py#L9"), [FileLink("/w/a b.py", 9)]),
        (HIDDEN.format("file://host/w/a.py:4"), [FileLink("/w/a.py", 4)]),
        (HIDDEN.format("https://example.org/x"), [WebLink("https://example.org/x")]),
        (HIDDEN.format("vscode://file/etc/passwd") + HIDDEN.format("javascript:alert(1)"), []),
        (HIDDEN.format("https://[bad"), []),
    ],
)
def test_what_programs_write_is_understood(line: str, found: list[Link]) -> None:
    assert tuple(found) == links_in(line.encode())


@given(st.binary(max_size=300))
def test_whatever_stands_there_an_address_has_no_character_that_steers(line: bytes) -> None:
    for link in links_in(line):
        assert isinstance(link, FileLink) or (link.url.isprintable() and " " not in link.url)


@pytest.mark.parametrize("piece", ["a", "a.", "a/", ":1", "(", "a:", '"', "\x1b]8;;", "http://", 'File "'])
def test_a_line_without_end_takes_no_time(piece: str) -> None:
    began = time.process_time()
    links_in(piece.encode() * 8_000)

    assert time.process_time() - began < 2
