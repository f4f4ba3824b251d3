"""A notice stays until it is read, over, or replaced."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.app import App, ComposeResult

from porch_tui.present.signs import Charset
from porch_tui.tui.model.messages import Message
from porch_tui.tui.model.view import EngineStatus, View, derive
from porch_tui.tui.widgets.notice import CHARACTERS_A_S, NOTICE_LINES, NOTICE_S, Notice
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import busy


class Noticed(App[None]):
    def compose(self) -> ComposeResult:
        yield Notice(Charset.UNICODE)


@asynccontextmanager
async def on_notice() -> AsyncIterator[Notice]:
    app = Noticed()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        yield app.query_one(Notice)


@in_loop
async def test_the_longer_it_is_the_longer_it_stays_and_said_again_it_stays_on() -> None:
    text = "x" * 30
    stays = NOTICE_S + len(text) / CHARACTERS_A_S
    async with on_notice() as notice:
        notice.say(Message(text), 0.0)
        notice.expire(stays - 0.1)
        assert text == notice.text

        notice.say(Message(text), 5.0)
        notice.expire(stays + 0.1)
        assert text == notice.text

        notice.expire(5.0 + stays)
        assert "" == notice.text and not notice.has_class("-shown")


@in_loop
async def test_it_goes_when_what_it_is_about_has_moved_on(tmp_path: Path) -> None:
    run = busy(tmp_path)
    view = View(run.state, derive(run.state), EngineStatus.GONE, run.now)
    async with on_notice() as notice:
        notice.say(Message("waits for an engine", lambda later: later.now > run.now), 0.0)
        notice.follow(view)
        assert notice.has_class("-shown")

        notice.follow(View(run.state, view.derived, EngineStatus.GONE, run.now + 1))
        assert "" == notice.text


@in_loop
async def test_the_output_of_a_program_has_no_colors_and_takes_a_few_lines_at_the_most() -> None:
    async with on_notice() as notice:
        notice.say(Message("\x1b[31mhook:\x1b[0m " + "no " * 200), 0.0)

        rows = ["".join(span.text for span in line) for line in notice.lines_for(40)]
        assert rows[1].startswith(" ! hook: no no") and 1 + NOTICE_LINES == len(rows)
        notice.clear()
        assert not notice.has_class("-shown")
