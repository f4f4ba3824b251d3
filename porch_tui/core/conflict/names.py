"""Under which name a version of a conflicted path may land: below the root, out of git's way, and free."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import assert_never

from porch_tui.core.conflict.conflict import Conflict, ConflictRecord, PathConflict, Stage
from porch_tui.core.conflict.splice import AsMerged, Content, Named, Removed, result


def why_no_name(name: str) -> str:
    """Return why nothing can be called so in a repository, for a sentence that begins with it; else empty."""
    parts = name.split("/")
    if name.startswith("/") or ".." in parts:
        return "leads out of the repository"
    if not all(parts) or "." in parts or "\0" in name:
        return "is no plain path of a file, such as src/app.py"
    if any(part.lower() == ".git" for part in parts):
        return "is git's own"
    return ""


def why_not_free(
    name: str, path: PathConflict, conflict: Conflict, record: ConflictRecord, merged: Iterable[str]
) -> str:
    """Return what is in the way of a name for a version of `path`; empty if nothing is.

    `merged` are the paths of git's merged tree; the record says what becomes of those in conflict.
    """
    there = set(merged) - {one.tree_path for one in conflict.paths}
    for one in conflict.paths:
        there.update(_stays(one) if one == path else _names(one, record))
    if name in there:
        return f"{name} is there already"
    parts = name.split("/")
    above = ("/".join(parts[:length]) for length in range(1, len(parts)))
    if file := next((one for one in above if one in there), None):
        return f"{file} is a file"
    return f"{name} is a folder" if any(one.startswith(f"{name}/") for one in there) else ""


def _names(path: PathConflict, record: ConflictRecord) -> Collection[str]:
    """Return under which names something of a path is there, as far as the record says."""
    match result(path, record):
        case Content() | Stage():
            return (path.path,)
        case Named(name=name):
            return (name, *_stays(path))
        case AsMerged() | None:
            return (path.tree_path,)
        case Removed():
            return ()
        case other:
            assert_never(other)


def _stays(path: PathConflict) -> Collection[str]:
    """Return the name of a path of which one version gets another, if another version keeps it."""
    numbers = {stage.number for stage in path.stages}
    return (path.path,) if {2, 3} <= numbers else ()
