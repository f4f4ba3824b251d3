"""Advice for the plan of a file: what is known of the repository and of earlier runs, asked for its rules."""

from __future__ import annotations

from msgspec import Struct

from porch_tui.core.advice.advice import advise
from porch_tui.core.advice.edits import Edit
from porch_tui.core.advice.lessons import Lesson, lessons
from porch_tui.core.advice.standards import remarks
from porch_tui.engine.new_run import Prepared
from porch_tui.git.repository import Repository
from porch_tui.journal import observations
from porch_tui.planfile.read import PlanFile
from porch_tui.planfile.text.mistakes import Findings, PlanWarning
from porch_tui.planfile.text.nodes import entry_at
from porch_tui.planfile.text.source import Source


class Advice(Struct, frozen=True):
    """What to change in a plan, and why."""

    edits: tuple[Edit, ...]
    warnings: tuple[PlanWarning, ...]
    """Standards that it does not keep."""
    lessons: tuple[Lesson, ...]
    """What its runs have shown and it does not say."""


def advice_for(repository: Repository, read: PlanFile, ready: Prepared) -> Advice:
    """Return the advice for a plan that was read and checked against its repository."""
    plan, related, tracked = read.plan, ready.analysis.relations, ready.facts.sizes.keys()
    learned = lessons(plan, observations.of_plan(repository.common_dir, plan.name))
    edits = advise(plan, related, tracked, learned)
    source = Source(read.root, Findings(), made=read.made)
    for one in remarks(plan, related, tracked, edits):
        source.found.warn(entry_at(read.root, source.task_path(one.task, one.key)).place, one.text)
    return Advice(edits, source.found.warnings, learned)
