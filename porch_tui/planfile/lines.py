"""Lines of the plan file by task and key, for those that quote what stands there."""

from __future__ import annotations

import re
from collections.abc import Callable

from porch_tui.core.model.plan import TaskId
from porch_tui.planfile.read import PlanFile
from porch_tui.planfile.text.mistakes import Findings
from porch_tui.planfile.text.nodes import Scalar, entry_at
from porch_tui.planfile.text.source import Source

_BLOCK = re.compile(r"[|>][-+\d]*\s*(?:#.*)?$")


def line_finder(read: PlanFile) -> Callable[[TaskId, str, int], int]:
    """Return what finds the line of a task's key, from 1; `setup` is the plan's.

    Its last argument is a line of the text that stands there, from 1: it counts where the text is a block.
    """
    source = Source(read.root, Findings(), made=read.made)
    lines = read.content.decode("utf-8", "replace").split("\n")

    def line_of(task: TaskId, key: str, number: int) -> int:
        path = ("setup",) if key == "setup" else source.task_path(task, key)
        entry = entry_at(read.root, path)
        line = entry.place.line
        is_text = isinstance(entry.node, Scalar) and 0 < line <= len(lines)
        return line + number if is_text and _BLOCK.search(lines[line - 1]) else line

    return line_of
