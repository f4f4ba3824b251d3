"""What runs have taught about a plan, as JSON."""

from __future__ import annotations

from collections.abc import Iterable

from porch_tui.core.advice.lessons import Lesson


def lessons_document(lessons: Iterable[Lesson]) -> list[dict[str, object]]:
    """Return the lessons of runs."""
    return [{"run": one.run, "text": one.text} for one in lessons]
