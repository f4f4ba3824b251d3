"""The JSON that `porch help json` documents, to be compared with what is printed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "porch_tui/help/json.md"
OPEN = ("tasks.ended_processes.", "outcomes.")
"""Mappings by the names of programs, and by words that the page lists."""


def documented(heading: str) -> Any:
    """Return the document below a heading of the page."""
    section = PAGE.read_text("utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return json.loads(re.findall(r"```json\n(.*?)```", section, re.DOTALL)[0])


def keys(document: object) -> set[str]:
    """Return the dotted names of all keys in a JSON document."""
    if isinstance(document, dict):
        named = {
            key if not below else f"{key}.{below}"
            for key, part in document.items()
            for below in ["", *keys(part)]
        }
        return {name for name in named if not name.startswith(OPEN)}
    return {name for part in document for name in keys(part)} if isinstance(document, list) else set()
