"""What a validation stands on: a worktree with the state to be validated, and beside it what setup left.

Products of an earlier validation would make a broken state pass: a file that is built from a source that is
gone. So they go before each validation; what the plan's `validate_keep` names may stay.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from porch_tui.core.analysis.setup_inputs import read_by
from porch_tui.core.model import events as e
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.core.rules.effects import ValidateCandidate
from porch_tui.engine.effects.tools import Tools
from porch_tui.errors import is_full_disk
from porch_tui.executors.attempt import SETUP, step
from porch_tui.git.runner import GitError
from porch_tui.git.working_tree import NotItsFolderError
from porch_tui.git.worktree import creation, hooks, leavings, removal, restoring, submodules
from porch_tui.git.worktree.copying import copy_files
from porch_tui.git.worktree.task_result import changed_paths
from porch_tui.process.spawn import Step

CHANGED = "validations change what setup made"
"""How the remark begins; it is made once a run."""


def lay(effect: ValidateCandidate, state: RunState, tools: Tools, worktree: Path) -> tuple[Step, ...]:
    """Make the worktree ready for a validation; return the steps of the setup, if that is to run.

    Raises `PorchError` or OSError when it cannot be made ready, which says nothing of the state.
    """
    record = _record(tools, worktree)
    try:
        is_new = _check_out(effect, state, tools, worktree)
        if _wants_setup_again(effect, state, tools, worktree):
            record.unlink(missing_ok=True)
        found = restoring.RestoreResult(False) if is_new else _restored(state, tools, worktree)
    except (OSError, GitError, NotItsFolderError) as error:
        # a validation has broken it, or something in it cannot be deleted because it is another user's
        if is_full_disk(error):
            raise
        removal.discard(tools.repository, worktree)
        is_new = _check_out(effect, state, tools, worktree)
        found = restoring.RestoreResult(False)
    if is_new:
        record.unlink(missing_ok=True)
    _report(found, state, tools)
    tree = tools.repository.at(worktree)
    copy_files(tools.repository.main, tree, state.plan.copy)
    if state.plan.runs_hooks:
        hooks.copy_hooks(tools.repository.main, tree)
    if found.is_as_setup_left_it:
        return ()
    if not state.plan.setup:
        restoring.record_setup(tree, record, is_empty=is_new and not state.plan.pool)
        return ()
    _set_up_for(tools, worktree).write_text(effect.commit)
    program = (sys.executable, "-I", "-S", leavings.__file__, str(tree.git_dir), str(tree.path), str(record))
    setup = (step(SETUP, command) for command in state.plan.setup)
    return (*setup, Step(SETUP, program, "note what it left"))


def _check_out(effect: ValidateCandidate, state: RunState, tools: Tools, worktree: Path) -> bool:
    """Check the state out; return whether the worktree was made for it."""
    is_new = not os.path.lexists(worktree / ".git")
    reason, keep = f"porch {state.run} validation", state.plan.warm_keep
    said = creation.ensure_detached(
        tools.repository, worktree, effect.commit, reason, pool_keep=keep, is_cleaned=False
    )
    if said:
        tools.offer(e.Noticed(said))
    submodules.update(tools.repository, tools.repository.at(worktree))
    return is_new


def _restored(state: RunState, tools: Tools, worktree: Path) -> restoring.RestoreResult:
    tree = tools.repository.at(worktree)
    lent = hooks.untracked_hooks(tools.repository.main) if state.plan.runs_hooks else ()
    stays = restoring.KeepRules(
        always=state.plan.validate_keep,
        before_setup=state.plan.warm_keep or (),
        paths=(*state.plan.copy, *lent),
    )
    return restoring.restore(tree, _record(tools, worktree), stays)


def _wants_setup_again(effect: ValidateCandidate, state: RunState, tools: Tools, worktree: Path) -> bool:
    """Whether the setup ran for a state that differs in something it probably reads."""
    if not state.plan.setup:
        return False
    try:
        before = _set_up_for(tools, worktree).read_text()
        changed = changed_paths(tools.repository.git, before, effect.commit)
    except (OSError, GitError):
        return True
    return bool(read_by(state.plan.setup, changed))


def _report(found: restoring.RestoreResult, state: RunState, tools: Tools) -> None:
    """Say once a run why the setup runs again and again."""
    if found.changed and not any(one.text.startswith(CHANGED) for one in state.noticed):
        text = (
            f"{CHANGED} ({listed(found.changed)}), so setup runs again before the next one. "
            "validate_keep: names what may stay from one validation to the next"
        )
        tools.offer(e.Noticed(text))


def _set_up_for(tools: Tools, worktree: Path) -> Path:
    """Return the file that names the commit for which the setup was run in this worktree."""
    return tools.rundir.scratch / f"{worktree.name}.commit"


def _record(tools: Tools, worktree: Path) -> Path:
    """Return the file that says what the setup has left in this worktree; it is there once that has run."""
    return tools.rundir.scratch / f"{worktree.name}.ready"
