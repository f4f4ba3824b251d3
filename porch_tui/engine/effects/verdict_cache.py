"""Verdicts of earlier runs on a combined state: looked up before a validation, stored after one.

A validation is stored if it passes, or fails twice. It holds for the same tree with the same commands,
environment and copied files, and only for a run's first validation of that tree: later ones are really run.
A resolution that made a task fail twice is not offered again.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from porch_tui.core.merge_queue.train import is_suspect
from porch_tui.core.merge_queue.verdicts import CANNOT_TELL
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Plan
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.effects import ValidateCandidate
from porch_tui.engine.effects.tools import Tools
from porch_tui.git.repository import Repository
from porch_tui.journal import resolution_memory as remembered
from porch_tui.journal import resolutions as proposals
from porch_tui.journal import verdicts
from porch_tui.journal.rundir import OUTPUT

Verdict = e.ValidationPassed | e.ValidationFailed


def lookup(effect: ValidateCandidate, state: RunState, tools: Tools) -> Verdict | None:
    """Return the verdict of an earlier run, if this one may use it."""
    if effect.number > 1 or state.validations.is_fresh:
        return None
    repository = tools.repository
    found = verdicts.find(repository.common_dir, effect.tree, conditions(state.plan, repository))
    if found is None and not effect.tasks:
        of_tip = conditions(state.plan, repository, is_tip=True)
        found = verdicts.find(repository.common_dir, effect.tree, of_tip)
    if found is None or found.run == state.run:
        return None
    if found.has_passed:
        return e.ValidationPassed(effect.tree, effect.number, from_run=found.run)
    return e.ValidationFailed(effect.tree, effect.number, found.text, found.exit_code, from_run=found.run)


def store(event: Verdict, state: RunState, tools: Tools) -> None:
    """Store the verdict of a validation, if later runs may use it. `state` is the one before the event."""
    common_dir, text, exit_code = tools.repository.common_dir, "", 0
    if isinstance(event, e.ValidationFailed):
        earlier = state.validations.verdicts.get(event.tree)
        if event.exit_code in CANNOT_TELL or earlier is None or earlier.has_passed:
            return
        text, exit_code = event.text, event.exit_code
        # a resolution is not offered again if only the task that it was made for can be the culprit
        for entry in state.entries.values():
            if entry.resolved and entry.tree == event.tree and is_suspect(state, entry):
                remembered.forget(common_dir, state.run, entry.task)
                if entry.is_unattended:
                    proposals.void(tools.rundir, entry.task, f"its validation failed: {text}")
    is_tip = not state.validations.in_flight[event.tree].tasks
    finding = verdicts.Finding(
        tree=event.tree,
        conditions=conditions(state.plan, tools.repository, is_tip),
        has_passed=isinstance(event, e.ValidationPassed),
        run=state.run,
        at=time.time(),
        log=str(tools.rundir.validation(event.tree, event.number) / OUTPUT),
        text=text,
        exit_code=exit_code,
        wall_s=event.used.wall_s,
        cpu_s=event.used.cpu_s,
        steps=event.used.steps,
    )
    verdicts.remember(common_dir, finding)


def conditions(plan: Plan, repository: Repository, is_tip: bool = False) -> str:
    """Return a digest of what a verdict depends on besides the tree, as far as the plan tells.

    Copied files and hooks count by size and time, not by content: they may be large caches. `is_tip`:
    nothing is added to what has landed. For a hook, which examines what is added, that is another question;
    a pass with something added holds for the tip as well.
    """
    copied = [[name, *_file_facts(repository.root / name)] for name in plan.copy]
    # "keep" excludes verdicts of an earlier porch, which did not restore the worktree before each validation
    facts: list[object] = [plan.setup, plan.validate, plan.env, copied, ["keep", *plan.validate_keep]]
    if plan.validate_wrap is not None:
        facts.append(["wrap", *msgspec.to_builtins(plan.validate_wrap).values()])
    if plan.runs_hooks:
        # the folder of the hooks, and all files in it: a hook may use the others. If `core.hooksPath` leads
        # into the tree, the tree's id covers them as well
        folder = repository.root / repository.git.text("rev-parse", "--git-path", "hooks")
        files = [path for path in sorted(folder.iterdir()) if path.is_file()] if folder.is_dir() else []
        facts += [is_tip, str(folder), *((path.name, *_file_facts(path)) for path in files)]
    return hashlib.sha256(json.dumps(facts).encode("utf-8", "backslashreplace")).hexdigest()


def _file_facts(path: Path) -> Iterator[tuple[str, int, int, int]]:
    for place in (path, *(sorted(path.rglob("*")) if path.is_dir() and not path.is_symlink() else ())):
        try:
            found = os.lstat(place)
        except OSError:
            continue
        size = 0 if stat.S_ISDIR(found.st_mode) else found.st_size
        yield str(place.relative_to(path)), found.st_mode, size, found.st_mtime_ns
