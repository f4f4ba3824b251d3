"""Texts with labels, one below the other."""

from __future__ import annotations

from porch_tui.present.signs import Charset
from porch_tui.tui.drawing.fields import Drawn, Field, Head, Item, lines
from porch_tui.tui.drawing.styles import Span


def rows(*items: Item, width: int = 40) -> list[str]:
    return ["".join(span.text for span in line).rstrip() for line in lines(items, width, Charset.UNICODE)]


def test_a_label_is_written_once_for_texts_that_share_it() -> None:
    found = rows(Field("reason", "one"), Field("reason", "two"), Head("Queue"), Field("reason", "three"))

    assert [" reason     one", "            two", "", " Queue", " reason     three"] == found


def test_a_long_text_goes_on_behind_its_label() -> None:
    assert [" state      waits for a long", "            time"] == rows(
        Field("state", "waits for a long time"), width=29
    )


def test_a_foreign_text_is_cleaned_and_a_line_that_is_drawn_is_left_as_it_is() -> None:
    assert [" name       a␛[2Jb", "drawn"] == rows(Field("name", "a\x1b[2Jb"), Drawn((Span("drawn"),)))
