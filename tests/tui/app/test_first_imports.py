"""What the first frame waits for: imports take most of its time."""

from __future__ import annotations

import subprocess
import sys

SOURCE = """
import sys
from porch_tui.tui.app.run import import_screen
import_screen()
print(*sys.modules)
"""
LATER = {
    "porch_tui.agents.transcript",
    "porch_tui.core.forecast.simulation",
    "porch_tui.emulator.screen",
    "porch_tui.session.terminal_text",
    "porch_tui.tui.conflict.screen",
    "porch_tui.tui.diff.screen",
    "porch_tui.tui.app.own_command",
    "porch_tui.tui.log.search_prompt",
    "porch_tui.tui.widgets.help",
    "porch_tui.tui.widgets.line_question",
    "porch_tui.tui.widgets.questions",
    "pygments",
    "textual.widgets._text_area",
}


def test_the_first_frame_waits_for_no_dialog_no_other_screen_and_no_emulator():
    done = subprocess.run([sys.executable, "-c", SOURCE], check=True, capture_output=True, text=True)

    imported = set(done.stdout.split())
    assert "porch_tui.tui.board.board" in imported
    assert imported & LATER == set()
