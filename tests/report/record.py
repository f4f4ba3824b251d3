"""Writes the recorded reports again: `python -m tests.report.record`. Then read the difference."""

from __future__ import annotations

from pathlib import Path

from porch_tui.report.forms.markdown import as_markdown
from porch_tui.report.forms.text import as_text
from tests.report.pages import page
from tests.report.tale import five_tasks

HERE = Path(__file__).parent

if __name__ == "__main__":
    (HERE / "recorded").mkdir(exist_ok=True)
    shown = page(five_tasks())
    (HERE / "recorded" / "five_tasks.txt").write_text(as_text(shown), encoding="utf-8")
    (HERE / "recorded" / "five_tasks.md").write_text(as_markdown(shown), encoding="utf-8")
