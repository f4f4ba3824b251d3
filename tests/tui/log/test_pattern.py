"""What lines a search finds: always those in which a person would see it, however the file is cut up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from porch_tui.tui.log import finder as finder_room
from porch_tui.tui.log.finder import Finder
from porch_tui.tui.log.pattern import ERRORS, Pattern, lines_with, shown_text

COLORED = [b"\x1b[31m", b"\x1b[0m", b"\x1b[2C", b"\x1b[K", b"\x1b]52;c;x\x07"]
ODD = [b"\t", b"\r", b"\b", b"\xff", b"\x00", "é".encode(), "界".encode(), "\u202e".encode()]
PIECES = [b"ab", b"AB", b"b", b"a", b" ", b"e.", b"[", *COLORED, *ODD]
a_line = st.lists(st.sampled_from(PIECES), max_size=8).map(b"".join).filter(lambda line: b"\n" not in line)
some_lines = st.lists(a_line, max_size=12)
words = st.sampled_from(["a", "ab", "AB", "b a", "é", "界", "e.", "[", "A", "zz"])
expressions = st.sampled_from(["a+b", "^a", "b$", r"\s", "a|界", "[^a]b", "^$"])
patterns = st.builds(Pattern, words) | st.builds(Pattern, expressions, st.just(True))


def naive(pattern: Pattern, lines: list[bytes]) -> list[int]:
    source = pattern.text if pattern.is_regex else re.escape(pattern.text)
    is_case_told = any(letter.isupper() for letter in pattern.text)
    found = re.compile(source, 0 if is_case_told else re.IGNORECASE)
    return [n for n, line in enumerate(lines) if found.search(shown_text(line))]


@given(some_lines, patterns)
def test_the_lines_of_a_chunk_are_those_that_a_look_at_each_finds(
    lines: list[bytes], pattern: Pattern
) -> None:
    assert naive(pattern, lines) == [*lines_with([pattern], b"\n".join(lines))][: len(lines)]


@given(some_lines, patterns, patterns)
def test_with_two_patterns_a_line_must_have_both(lines: list[bytes], one: Pattern, other: Pattern) -> None:
    both = sorted({*naive(one, lines)} & {*naive(other, lines)})

    assert both == [*lines_with([one, other], b"\n".join(lines))][: len(lines)]


@example([b"\x00"], Pattern("^$", True), 0, 1)  # zeros of the task's own are no gap
@given(some_lines, patterns, st.integers(0, 12), st.integers(1, 12))
def test_a_file_is_searched_whole_from_any_line_in_pieces_of_any_size(
    lines: list[bytes], pattern: Pattern, at: int, growth: int
) -> None:
    import tempfile

    starts = [sum(len(line) + 1 for line in lines[:n]) for n in range(len(lines))]
    with tempfile.NamedTemporaryFile() as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(finder_room, "PIECE_BYTES", max([60, *(len(line) + 1 for line in lines)]))
        content = b"".join(line + b"\n" for line in lines)
        begin = starts[at] if at < len(starts) else len(content)
        first = max(begin, len(content) // growth)
        file.write(content[:first])
        file.flush()
        finder = Finder(Path(file.name), [pattern], begin, limit=1000)
        finder.look_through()
        file.write(content[first:])
        file.flush()
        finder.look_through()

        assert [starts[n] for n in naive(pattern, lines)] == list(finder.hits)
        assert finder.left_bytes == 0
        finder.close()


def test_a_line_that_is_still_being_written_is_found_and_lost_as_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\ntwo")
    finder = Finder(path, [Pattern("w")], 0, limit=10)
    finder.look_through()
    assert [4] == list(finder.hits)

    with path.open("ab") as file:
        file.write(b"\x1b[2K\rthree\nwe")
    finder.look_through()

    assert [18] == list(finder.hits)
    finder.close()


def test_a_search_stops_at_its_limit_in_either_direction(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x\n" * 100)
    finder = Finder(path, [Pattern("x")], 100, limit=10)
    finder.look_through()

    assert finder.is_cut and len(finder.hits) >= 20
    finder.close()


TROUBLE = [
    "ValueError: x",
    "E   assert 1",
    "FAILED tests/a.py",
    "2 errors",
    "fatal: no",
    "error[E0308]: mismatched",
    "Traceback (most recent call last):",
]


@pytest.mark.parametrize("line", TROUBLE)
def test_an_error_line_is_known(line: str) -> None:
    assert ERRORS.has(line)


@pytest.mark.parametrize("line", ["INFO ok", "terrors", "collecting", "Erase", "every test passed"])
def test_a_calm_line_is_left_alone(line: str) -> None:
    assert not ERRORS.has(line)


def test_a_mistake_in_an_expression_is_explained() -> None:
    assert "not a regular expression" in Pattern("(", is_regex=True).mistake
    assert "" == Pattern("(").mistake
