"""What is known of combined states: which may land, which may not, and which are worth another look."""

from __future__ import annotations

from porch_tui.core.model.plan import Sha
from porch_tui.core.model.state import RunState, Verdict
from porch_tui.core.model.status import EntryStatus

TRIES_BEFORE_BLAME = 2
"""A failing tree is validated once more before an entry is rejected for it: with 5 % flaky
validations that ejects 0.005 instead of 0.067 innocent tasks a run of eight (measured)."""

CANNOT_TELL = (None, 125)
"""A signal, a time-out or the machinery; and the exit code by which a command says that it cannot tell."""

NO_PROGRAM = (126, 127)
"""By which a shell says that it could not start a program, or found none of that name."""


def is_good(state: RunState, tree: Sha) -> bool:
    """Say whether this combined state may land."""
    if not state.plan.has_validation:
        return True
    verdict = state.validations.verdicts.get(tree)
    return verdict is not None and (verdict.has_passed or _is_tolerated(state, tree, verdict))


def is_bad(state: RunState, tree: Sha) -> bool:
    """Say whether this combined state is known not to be fit to land."""
    return tree in state.validations.verdicts and not is_good(state, tree)


def wants_verdict(state: RunState, tree: Sha) -> bool:
    """Say whether this state has to be validated, or validated a second time."""
    verdict = state.validations.verdicts.get(tree)
    return verdict is None or (not verdict.has_passed and verdict.tries < TRIES_BEFORE_BLAME)


def is_base_red(state: RunState) -> bool:
    """Say whether the tip itself fails, twice, and is not tolerated: nothing on top of it can be blamed.

    A tip that could not be judged (a time-out) stays red even if a red base is
    allowed: there is no exit code to compare with.
    """
    return (
        is_bad(state, state.target.tip_tree)
        and state.validations.verdicts[state.target.tip_tree].tries >= TRIES_BEFORE_BLAME
    )


def base_trouble(state: RunState) -> str:
    """Return why nothing can land on the tip, where `is_base_red`: it fails, or could not be judged."""
    tip = state.validations.verdicts[state.target.tip_tree]
    if tip.exit_code in CANNOT_TELL:
        return f"whether {state.target.name} passes its validation could not be found out: {tip.text}"
    if tip.exit_code in NO_PROGRAM:  # the text says which: nothing of the target need be wrong
        return f"the validation of {state.target.name} cannot run: {tip.text}"
    return f"{state.target.name} itself fails its validation"


def _is_tolerated(state: RunState, tree: Sha, verdict: Verdict) -> bool:
    """Say whether a failing state is no worse than the tip, and that is allowed.

    With a conflict in it that was resolved without a person it has to pass.
    """
    tip = state.validations.verdicts.get(state.target.tip_tree)
    return (
        state.validations.is_red_base_allowed
        and tip is not None
        and not tip.has_passed
        and verdict.exit_code is not None
        and (verdict.exit_code, verdict.text)
        == (tip.exit_code, tip.text)  # the text names the step that failed
        and not _holds_unattended(state, tree)
    )


def _holds_unattended(state: RunState, tree: Sha) -> bool:
    """Say whether what would land with this state was resolved without a person somewhere."""
    if tree == state.target.tip_tree:
        return False
    return any(
        entry.is_unattended
        for last in state.entries.values()
        if last.status is EntryStatus.READY and last.tree == tree
        for entry in (last, *(state.entries[task] for task in last.on_top_of if task in state.entries))
        if entry.status is EntryStatus.READY
    )
