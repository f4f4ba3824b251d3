"""A question is answered by a key or by a click; escape leaves everything as it is."""

from __future__ import annotations

import pytest
from textual.app import App

from porch_tui.present.signs import Charset
from porch_tui.tui.widgets.questions import which_file
from tests.tui.pane_harness import in_loop

FILES = [f"src/{n}.py" for n in range(10)]
Answers = list[tuple[str, ...] | None]


async def answers(*, key: str = "", row: int = 0) -> Answers:
    """Return the answers to which of ten files to edit, given by a key or by a click on a row."""
    app, found = App[None](), Answers()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(which_file("auth", FILES, Charset.UNICODE), found.append)
        await pilot.pause()
        if key:
            await pilot.press(key)
        else:
            await pilot.click(offset=(40, row))
        await pilot.pause()
    return found


@pytest.mark.parametrize(
    ("key", "answer"), [("1", ("src/0.py",)), ("8", ("src/7.py",)), ("a", tuple(FILES)), ("escape", None)]
)
@in_loop
async def test_a_key_is_an_answer(key: str, answer: tuple[str, ...] | None) -> None:
    assert [answer] == await answers(key=key)


@in_loop
async def test_a_key_of_no_answer_does_nothing() -> None:
    assert [] == await answers(key="9")


@in_loop
async def test_a_click_on_a_row_is_its_answer_and_beside_the_rows_none() -> None:
    assert [[], [("src/0.py",)], [tuple(FILES)], [None], []] == [
        await answers(row=row) for row in (7, 8, 16, 17, 18)
    ]
