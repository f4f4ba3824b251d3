"""Whatever dies around a task, its terminal goes on, and the next person sees what tmux would show."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from porch_tui.emulator.replay import read_sizes
from porch_tui.journal import lease
from project import Project, until
from tests.cli.enter.visitor import Listener, Visitor
from tests.emulator import real_tmux
from tests.emulator.real_tmux import Tmux
from tests.emulator.recorded import recording

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not real_tmux.is_there, reason="there is no tmux to compare with"),
]


def steps(directory: Path) -> tuple[list[bytes | tuple[int, int]], int, int]:
    """Return what a terminal was given, with the changes of its size, and its first size."""
    log, sizes = (directory / "output.log").read_bytes(), (directory / "tty.sizes").read_text()
    (at, cols, rows), *later = read_sizes(sizes)
    found: list[bytes | tuple[int, int]] = []
    for offset, *size in later:
        found += [log[at:offset], (size[0], size[1])]
        at = offset
    return [one for one in [*found, log[at:]] if one], cols, rows


@pytest.mark.parametrize("name", ["vimedit", "opencode", "npm"])
def test_the_next_visitor_sees_what_tmux_would(tmp_path: Path, name: str):
    recorded = recording(name)
    cols, rows = recorded.size
    project = Project(tmp_path)
    listener = Listener(project)
    project.plan(f"tasks:\n{listener.plan}")
    project.porch("run", "--detach", "--yes")
    listener.begin()
    with Visitor(listener, cols=cols, rows=rows + 1) as visitor:
        visitor.step_in()
        until(lambda: (listener.screen().cols, listener.screen().rows) == (cols, rows), "the size")
        half = len(recorded.data) // 2
        listener.says(b"\x1b[2J\x1b[H" + recorded.data[:half])
        holder = lease.holder(project.rundir)
        assert holder is not None
        os.kill(holder.pid, signal.SIGKILL)
        os.kill(visitor.pid, signal.SIGKILL)
        visitor.wait()
    listener.says(recorded.data[half:])
    with Visitor(listener, cols=cols, rows=rows + 1) as visitor:
        visitor.step_in()
        visitor.until_it_shows_the_task()
        shown = visitor.shown()
        tmux = Tmux(tmp_path)
        try:
            texts, styles, cursor, history, is_alternate = tmux.show(*steps(listener.directory))
        finally:
            tmux.close()
        lines = shown.lines[:-1]
        assert [line.text for line in lines] == texts[history:]
        seen = [line.styles[: len(row)] for line, row in zip(lines, styles[history:], strict=True)]
        assert seen == styles[history:]
        screen = listener.screen()
        assert (screen.x, screen.y, screen.is_alternate) == (*cursor, is_alternate)
        assert visitor.leave() == 0
    project.porch("resume", "--detach")
    project.porch("stop", "--all")
