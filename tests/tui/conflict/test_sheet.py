"""Lines of a file in a room that may be too narrow for them."""

from __future__ import annotations

import pytest

from porch_tui.present.signs import Charset, Role
from porch_tui.tui.conflict.sheet import Sheet, code


@pytest.mark.parametrize("common", range(1, 12))
def test_a_line_that_is_cut_says_so_wherever_its_pieces_end(common: int) -> None:
    pieces = (("a" * common, False), ("b" * 12, True))

    text = "".join(span.text for span in code("+", pieces, Role.GOOD, Sheet(10, Charset.UNICODE)))

    assert text == " + " + ("a" * common + "b" * 12)[:6] + "…"


def test_a_line_that_fits_is_whole() -> None:
    pieces = (("aaaa", False), ("bbb", True))

    text = "".join(span.text for span in code("+", pieces, Role.GOOD, Sheet(10, Charset.UNICODE)))

    assert text == " + aaaabbb"
