"""What needs a person, and what waits for that."""

from __future__ import annotations

from porch_tui.core.rules.ending import would_continue
from porch_tui.core.scheduling.progress import is_hopeless
from porch_tui.present.explain import Need, needs, reason
from porch_tui.present.outcome import Outcome, outcome
from porch_tui.present.summary import Summary
from porch_tui.report.forms.page import Block, Item, Listing, Paragraph, Section, listing


def left_for_you_section(summary: Summary, *, engine_is_alive: bool) -> Section:
    """Return what needs a person, each with the command for it, and what waits for that."""
    state = summary.state
    wanted = left_for_you(summary, engine_is_alive=engine_is_alive)
    waiting = [
        f"{task}: {reason(state, task)}"
        for task in state.tasks
        if outcome(state, task) is Outcome.WAITING and is_hopeless(state, task)
    ]
    items = tuple(Item(need.text, need.next) for need in wanted)
    blocks: list[Block] = [Listing(items) if items else Paragraph("Nothing needs you.")]
    if waiting:
        blocks += [Paragraph("These start on their own once the ones above are done:"), listing(waiting)]
    if kept := [f"{task}: {one.worktree_kept}" for task, one in state.tasks.items() if one.worktree_kept]:
        what = "These have landed, and their worktrees stay for what is in them:"
        blocks += [Paragraph(what), listing(kept)]
    return Section("Left for you", tuple(blocks), comes_first=True)


def left_for_you(summary: Summary, *, engine_is_alive: bool) -> tuple[Need, ...]:
    """Return what needs a person; first of all an engine, if there is work left and none is alive."""
    wanted = needs(summary.state)
    if engine_is_alive or not would_continue(summary.state):
        return wanted
    return (Need(None, "There is work left, and no engine", "porch resume"), *wanted)
