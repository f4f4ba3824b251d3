"""Whether dask here and there understand each other, before anything is sent."""

from __future__ import annotations

from typing import Any

from distributed.versions import get_versions

from porch_tui.core.model.wording import one_line
from porch_tui.errors import RepositoryError


def refuse_other_versions(where: str, theirs: Any) -> None:
    """Refuse a scheduler or worker of another minor Python, or another release of distributed.

    `theirs` is what it says of itself. Raises RepositoryError with both versions.
    """
    here, there = (_versions(one) for one in (get_versions(), theirs))
    for what, precision in (("Python", 2), ("distributed", 2)):
        mine, its = here[what], there[what]
        if mine.split(".")[:precision] != its.split(".")[:precision]:
            raise RepositoryError(
                f"{where} has {what} {its}, and porch runs with {what} {mine}: dask cannot mix them; "
                f"use the same {'minor version of Python' if what == 'Python' else 'release'} on both"
            )


def _versions(answer: Any) -> dict[str, str]:
    packages = answer.get("packages", {}) if isinstance(answer, dict) else {}
    python = ".".join(str(packages.get("python", "?")).split(".")[:3])
    return {"Python": one_line(python), "distributed": one_line(str(packages.get("distributed", "?")))}
