"""Lines of a file in a room that may be too narrow for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from porch_tui.present.signs import Charset, Role
from porch_tui.tui.conflict.sheet import Sheet, code, lines_in
from porch_tui.tui.conflict.word_diff import Changed, Sign
from porch_tui.tui.drawing.styles import evaluate, width_of


@pytest.mark.parametrize("common", range(1, 5))
def test_a_line_that_is_cut_says_so_wherever_its_pieces_end(common: int) -> None:
    pieces = (("a" * common, False), ("b" * 12, True))

    text = "".join(span.text for span in code("+", pieces, Role.GOOD, Sheet(10, Charset.UNICODE)))

    assert text == " + " + ("a" * common + "b" * 12)[:6] + "…"


def test_a_line_that_fits_is_whole() -> None:
    pieces = (("aaaa", False), ("bbb", True))

    text = "".join(span.text for span in code("+", pieces, Role.GOOD, Sheet(10, Charset.UNICODE)))

    assert text == " + aaaabbb"


LONG = ("parser.add_argument('--timeout', default=30.0, help='how long a request may take", " at most", "')")


def drawn(cells: int, *texts: str, shift: int = 0, differs: int | None = 1) -> str:
    """Return a line of which one text differs; marks in bold in brackets."""
    pieces = [(text, at == differs) for at, text in enumerate(texts)]
    line = code("+", pieces, Role.RUN, Sheet(cells, Charset.UNICODE, shift), is_compared=True)
    assert width_of(line) <= cells
    return "".join(f"[{span.text}]" if span.is_bold and span.text == "…" else span.text for span in line)


def test_of_a_long_line_the_beginning_is_shown_and_the_first_difference():
    assert " + parser.add_a…quest may take at most')" == drawn(40, *LONG)
    assert " + " + "".join(LONG) == drawn(100, *LONG)


def test_a_long_line_in_which_nothing_differs_is_cut_at_its_end():
    assert " + parser.add_argument('--timeout', def…" == drawn(40, *LONG, differs=None)


def test_the_mark_stands_out_where_a_difference_goes_on_beyond_the_edge():
    assert " + only these[…]" == drawn(14, "only ", "these differ")
    assert " + only these…" == drawn(14, "only ", "these", " does")


def test_a_mark_says_that_something_is_on_the_left_and_whether_that_differs():
    assert " + …cd" == drawn(40, "abcd", shift=1, differs=None)
    assert " + […]d" == drawn(40, "a", "bc", "d", shift=2)
    assert " +   cd" == drawn(40, "    cd", shift=2, differs=None)
    assert " + […]" == drawn(40, "a", "bc", shift=20)


@given(
    st.lists(st.tuples(st.text(st.sampled_from("ab 漢\t"), max_size=30), st.booleans()), max_size=6),
    st.integers(10, 40),
    st.integers(0, 50),
)
def test_no_line_is_wider_than_the_sheet_and_its_first_difference_is_in_view(
    pieces: list[tuple[str, bool]], cells: int, shift: int
):
    line = code("+", pieces, Role.RUN, Sheet(cells, Charset.UNICODE, shift), is_compared=True)

    assert width_of(line) <= cells
    differing = [text.strip() for text, differs in pieces if differs]
    if shift == 0 and any(differing):
        assert any(span.is_bold for span in line[1:])


def test_a_plain_line_is_in_one_color_and_leaves_out_the_same():
    pieces = [(text, at == 1) for at, text in enumerate(LONG)]
    (line,) = lines_in([Changed(Sign.CAME, tuple(pieces))], Role.MUTED, Sheet(40, Charset.UNICODE))

    shown = evaluate(line)
    assert drawn(40, *LONG)[3:] == "".join(span.text for span in shown)[3:]
    assert {Role.MUTED} == {span.role for span in shown}
