"""Where the worktrees of a plan are: the values, and a small drawing of the folders around the repository."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Isolation, Plan, RunId, Sha, TaskId
from porch_tui.core.scheduling.shared import shared_path, shared_place
from porch_tui.present.amounts import UNKNOWN, short, size
from porch_tui.present.cells import WIDTH, cells, cut, left, squeezed
from porch_tui.present.clean import clean
from porch_tui.present.summary import Summary
from porch_tui.report.forms.page import Align, Cell, Column, Figure, Section, table

DRAWN = 24
"""More worktrees than this are counted in the drawing; tables and JSON list them all."""
NAME_CELLS = 40


class Place(Struct, frozen=True):
    """Where one task works."""

    task: TaskId
    path: str
    """Of its worktree, relative to the repository's root unless the plan's template is absolute."""
    branch: str
    """Empty where checks share a worktree."""
    is_clone: bool = False
    """It is a clone, not a worktree."""
    is_removed: bool = False
    """It was removed when its task had landed, or given to another check."""


class Layout(Struct, frozen=True):
    """The repository and the worktrees around it."""

    root: str
    """The main worktree's absolute path."""
    target: str
    base: Sha
    places: tuple[Place, ...]


def layout_section(summary: Summary, disk_bytes: Mapping[TaskId, int]) -> Section:
    """Return where the run's worktrees are, drawn and as a table."""
    state = summary.state
    layout = layout_of_run(summary)
    rows = []
    for place in layout.places:
        attempt = state.tasks[place.task].attempt
        base = short(attempt.base) if attempt else UNKNOWN
        head, room = short(state.tasks[place.task].head), size(disk_bytes.get(place.task))
        path = f"{place.path} (removed)" if place.is_removed else place.path
        name = Cell(place.task, task=place.task)
        rows.append((name, path, place.branch, base, head, room)[: 6 if disk_bytes else 5])
    columns = [Column("task"), Column("worktree"), Column("branch"), Column("base"), Column("head")]
    columns += [Column("on disk", Align.RIGHT)] if disk_bytes else []
    return Section("Layout", (Figure(drawing(layout)), table(columns, rows, "No worktrees.")))


def layout_of_run(summary: Summary) -> Layout:
    """Return where the run's worktrees are."""
    state = summary.state
    layout = layout_of(state.plan, state.root, state.run, state.target.name, state.target.base)
    gone = {task for task, known in state.tasks.items() if known.worktree_removed_at is not None}
    places = (replace(place, is_removed=place.task in gone) for place in layout.places)
    return replace(layout, places=tuple(places)) if gone else layout


def layout_of(plan: Plan, root: str, run: RunId, target: str, base: Sha) -> Layout:
    """Return where the plan's worktrees are, or would be in a run of this id."""
    repository = posixpath.basename(root)
    places = (
        Place(
            spec.id,
            shared_path(shared_place(spec.group, base), repository, run)
            if spec.is_shared
            else plan.worktree_of(spec.id, repository, run),
            "" if spec.is_shared else plan.branch_of(spec.id, run),
            spec.isolation is Isolation.CLONE,
        )
        for spec in plan.tasks
    )
    return Layout(root, target, base, tuple(places))


def drawing(layout: Layout) -> tuple[str, ...]:
    """Return the folders as a tree: the repository with target and base, worktrees with branches."""
    notes = {posixpath.normpath(layout.root): f"{layout.target}, base {short(layout.base)} (the repository)"}
    for place in layout.places[:DRAWN]:
        path = posixpath.normpath(posixpath.join(layout.root, place.path))
        what = " (removed)" if place.is_removed else " (a clone)" if place.is_clone else ""
        notes[path] = f"{place.branch or 'shared by checks'}{what}"
    top = posixpath.commonpath([posixpath.dirname(path) for path in notes])
    branches = _Folder("", None, [])
    for path, note in notes.items():
        branches.add(posixpath.relpath(path, top).split("/"), note)
    rows = [
        (prefix + squeezed(clean(name), max(NAME_CELLS - cells(prefix), 8)), note)
        for prefix, name, note in branches.drawn("")
    ]
    room = max(cells(name) for name, _ in rows)
    lines = [cut(f"{left(name, room)}  {clean(note)}".rstrip(), WIDTH) for name, note in rows]
    hidden = len(layout.places) - DRAWN
    more = [f"    and {hidden} more"] if hidden > 0 else []
    return (squeezed(clean(top), WIDTH), *lines, *more)


class _Folder(Struct):
    """A folder on its way into the drawing."""

    name: str
    note: str | None
    """What is there; None for a folder that only holds others."""
    inner: list[_Folder]

    def add(self, steps: Sequence[str], note: str) -> None:
        """Put something at the end of `steps`, with the folders on the way to it."""
        if not steps:
            self.note = note
            return
        found = next((folder for folder in self.inner if folder.name == steps[0]), None)
        if found is None:
            found = _Folder(steps[0], None, [])
            self.inner.append(found)
        found.add(steps[1:], note)

    def drawn(self, prefix: str) -> list[tuple[str, str, str]]:
        """Return what is inside as rows of (lines of the tree, name, note)."""
        rows: list[tuple[str, str, str]] = []
        for folder in self.inner:
            is_last = folder is self.inner[-1]
            rows.append((f"{prefix}{'`-- ' if is_last else '|-- '}", folder.name, folder.note or ""))
            rows += folder.drawn(prefix + ("    " if is_last else "|   "))
        return rows
