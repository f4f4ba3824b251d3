"""The two state machines as Mermaid diagrams, from their tables.

`python -m tests.diagrams` writes them into CONTRIBUTING.md.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

from porch_tui.core.model.transitions import ENTRY, TASK

PAGE = Path(__file__).parents[1] / "CONTRIBUTING.md"
DIAGRAM = re.compile(r"<!-- diagram: (\w+) -->\n```mermaid\n.*?```$", re.DOTALL | re.MULTILINE)
MACHINES = {"task": TASK, "entry": ENTRY}


def diagram(name: str) -> str:
    """Return a machine as a state diagram; events that lead from a state to itself are left out."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for event, cells in MACHINES[name].items():
        for before, after in sorted(cells.items(), key=lambda cell: str(cell[0])):
            if before is not after:
                arrows.setdefault((_state(before), _state(after)), []).append(event.__name__)
    lines = [f"    {before} --> {after}: {', '.join(events)}" for (before, after), events in arrows.items()]
    return "\n".join(["stateDiagram-v2", *lines])


def _state(status: StrEnum | None) -> str:
    return "[*]" if status is None else status.value.replace("-", "_")


def page(text: str) -> str:
    """Return the text of the page with its diagrams as the tables are now."""
    return DIAGRAM.sub(
        lambda found: f"<!-- diagram: {found[1]} -->\n```mermaid\n{diagram(found[1])}\n```", text
    )


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
