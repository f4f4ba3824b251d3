"""Runs judges of hypotheses, in the worktrees of their theories and on the base; keeps what theories left.

A shim owns a judge, like an attempt: it outlives the engine, and the next one adopts it or collects what it
found. Whatever is odd about a judge is its result: never a number that it did not print.
"""

from __future__ import annotations

import math
import os
import re
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from porch_tui.core.judging.scores import Score, number
from porch_tui.core.model import events as e
from porch_tui.core.model.hypothesis import theories
from porch_tui.core.model.plan import Hypothesis, HypothesisName, TaskId, Wrap
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed, one_line
from porch_tui.core.rules.effects import KeepEvidence, RunJudge
from porch_tui.core.scheduling.progress import base_of, concluded, hypotheses, scores_of
from porch_tui.core.scheduling.slots import most_slots
from porch_tui.engine.effects.tools import Tools
from porch_tui.engine.effects.validation_worktrees import GRACE_S
from porch_tui.executors.attempt import SETUP, step
from porch_tui.executors.exit_text import exit_text
from porch_tui.executors.fence import Fence
from porch_tui.executors.orders import Orders, reporter, wait_for_end, why_lost
from porch_tui.executors.step_times import steps_used
from porch_tui.git import refs
from porch_tui.git.changes import changed_lines
from porch_tui.git.merge.commits import commit_tree
from porch_tui.git.worktree import creation, fenced_git, litter, removal, submodules
from porch_tui.git.worktree.copying import copy_files
from porch_tui.git.worktree.task_result import head_if_clean, tracked_state
from porch_tui.journal.durable import PRIVATE_FOLDER
from porch_tui.journal.rundir import OUTPUT
from porch_tui.process import control, liveness, output, spawn
from porch_tui.process.assignment import Assignment
from porch_tui.process.environment import task_environment

JUDGE = "judge"
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
CLEAN = "clean"
"""In its directory: there was nothing untracked in the worktree when it started."""
LEFT = "left"
"""In its directory: the files it left in the worktree."""
LINES = 200
"""How much of its output is searched for its last line that is not empty."""


def run_judge(effect: RunJudge, state: RunState, tools: Tools, orders: Orders) -> e.AnyEvent | None:
    """Return JudgementEnded, or JudgementDropped if it has to run again; None if it was cancelled."""
    case = _Case(effect, state, tools, hypotheses(state)[effect.hypothesis])
    directory = case.directory
    if isinstance(liveness.find(directory), liveness.NotStarted):
        if why := case.prepare():
            return case.ended(why=why)
        if orders.is_stopped:
            return None
        directory.parent.mkdir(PRIVATE_FOLDER, exist_ok=True)
        spawn.start(case.assignment())
    found = wait_for_end(directory, orders, reporter(f"the judge of {case.subject}", tools.offer))
    fenced_git.disarm(case.fence.private_git, case.worktree)
    fenced_git.bring_home(tools.repository, case.fence.private_git)
    return None if orders.is_stopped else case.found(found)


def end_unwanted_judges(tools: Tools, state: RunState) -> None:
    """End judges that an earlier engine left running and that are not needed any more."""
    wanted = {
        tools.rundir.judgement(name, one.number)
        for name, known in state.hypotheses.items()
        for one in known.in_flight
    }
    for directory in tools.rundir.judgements.glob("*"):
        if directory not in wanted and isinstance(liveness.find(directory), liveness.Alive):
            control.stop(directory, GRACE_S)


def keep_evidence(effect: KeepEvidence, state: RunState, tools: Tools) -> e.EvidenceKept:
    """Keep a commit for each theory that left something, with all numbers in its message, under a ref.

    The parent of that commit is the theory's work. Raises GitError.
    """
    name, repository = effect.hypothesis, tools.repository
    kept = []
    for task in theories(state)[name]:
        work = _work_of(state, tools, task)
        if work is None:
            continue
        tree = repository.git.text("rev-parse", f"{work}^{{tree}}")
        date = str(int(_known_at(state, name)))
        message = _evidence_text(state, name, task)
        commit = commit_tree(repository, tree, work, None, message=message, date=date)
        ref = tools.refs.evidence(name, task)
        tools.keep(ref, commit)
        base = base_of(state, name) or state.target.base
        kept.append(e.Evidence(task, ref, *changed_lines(repository.git, base, work)))
    if state.hypotheses[name].decided_at is not None:
        _remove_base(tools, name)
    return e.EvidenceKept(name, tuple(kept))


def _known_at(state: RunState, name: HypothesisName) -> float:
    """Return when all was known that the evidence says; in seconds since the epoch."""
    known = state.hypotheses[name]
    if known.decided_at is not None:
        return known.decided_at
    return max(
        (one.ended_at for one in known.judgements if one.ended_at is not None), default=state.opened_at
    )


class _Case(Struct, frozen=True):
    """One run of a judge."""

    effect: RunJudge
    state: RunState
    tools: Tools
    hypothesis: Hypothesis

    @property
    def subject(self) -> str:
        return f"{self.effect.hypothesis} on {self.effect.theory or 'the base'}"

    @property
    def directory(self) -> Path:
        """Where its log and its end are."""
        return self.tools.rundir.judgement(self.effect.hypothesis, self.effect.number)

    @property
    def worktree(self) -> Path:
        """Where it runs: the theory's own worktree, or one for the base."""
        if self.effect.theory is not None:
            return self.tools.worktree(self.state, self.effect.theory)
        return _base_worktree(self.tools, self.effect.hypothesis)

    @property
    def fence(self) -> Fence:
        """What is put before it: what the theory's own commands had; for the base what all theories had."""
        own = theories(self.state)[self.effect.hypothesis]
        tasks = own if self.effect.theory is None else (self.effect.theory,)
        wraps: list[Wrap | None] = [self.state.specs[task].wrap for task in tasks]
        wrap = None if None in wraps else wraps[0]
        return Fence(wrap, self.directory, self.worktree, self.tools.repository.common_dir)

    def prepare(self) -> str:
        """Make the worktree ready; return why nothing can be judged there, if that is so."""
        if self.effect.theory is None:
            self._check_out_base()
        elif not (self.worktree / ".git").exists():
            return f"its worktree {self.worktree} is gone"
        elif why := self._why_changed():
            return why
        if head_if_clean(self.tools.repository.at(self.worktree), with_untracked=True):
            self.directory.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
            (self.directory / CLEAN).touch()
        return ""

    def _check_out_base(self) -> None:
        repository, plan = self.tools.repository, self.state.plan
        reason, keep = f"porch {self.state.run} base", plan.warm_keep
        message = creation.ensure_detached(
            repository, self.worktree, self.effect.head, reason, pool_keep=keep, is_cleaned=False
        )
        if message:
            self.tools.offer(e.Noticed(message))
        tree = repository.at(self.worktree)
        submodules.update(repository, tree)
        copy_files(repository.main, tree, plan.copy)

    def _why_changed(self) -> str:
        """Return how tracked files differ from the commit that is judged; empty if they do not."""
        head, changed = tracked_state(self.tools.repository.at(self.worktree))
        if head != self.effect.head:
            return f"its worktree is at {head[:10]}, not at its result {self.effect.head[:10]}"
        return f"tracked files were changed: {listed(changed, 'more')}" if changed else ""

    def assignment(self) -> Assignment:
        """Return what its shim must run: on the base also the setup, the first time."""
        state, plan, fence = self.state, self.state.plan, self.fence
        is_new = self.effect.theory is None and creation.is_fresh(self.tools.repository, self.worktree)
        setup = plan.setup if is_new else ()
        steps = (*(step(SETUP, one) for one in setup), step(JUDGE, self.hypothesis.judge))
        additions = {
            **dict(plan.env),
            "PORCH_RUN": state.run,
            "PORCH_HYPOTHESIS": self.effect.hypothesis,
            "PORCH_TASK": self.effect.theory or "",
            "PORCH_BASE": self._base,
            "PORCH_WORKTREE": str(self.worktree),
            # no attempt and no validation has it: ports are made of it
            "PORCH_SLOT": str(2 * max(state.slots.count, most_slots(state)) + self.effect.number),
        }
        fence.prepare()
        steps = tuple(fence.around(one) for one in steps)
        env = task_environment(os.environ, additions)
        timeout_s = self.hypothesis.timeout_s + (plan.validate_timeout_s if setup else 0.0)
        return Assignment(self.directory, steps, self.worktree, env, timeout_s, GRACE_S, fence.orders)

    @property
    def _base(self) -> str:
        theory = self.effect.theory
        attempt = self.state.tasks[theory].attempt if theory is not None else None
        return attempt.base if attempt is not None else self.effect.head

    def found(self, found: liveness.Liveness) -> e.AnyEvent:
        """Return what it found."""
        if not isinstance(found, liveness.Ended):
            if isinstance(found, liveness.Lost) and found.why is liveness.LostWhy.REBOOT:
                return self._dropped()
            return self.ended(why=why_lost(found, self.directory, dict(self.state.plan.env)))
        exit_ = found.exit
        used = e.Used(exit_.wall_s, exit_.paused_s, exit_.cpu_s, exit_.max_rss_bytes, steps=steps_used(exit_))
        is_measured = self.hypothesis.want.is_measured
        if exit_.cause is liveness.Cause.STOPPED or (is_measured and exit_.paused_s):
            return self._dropped()  # by an earlier engine; a time with a pause in it says nothing
        if exit_.step != SETUP and self.effect.theory is None:
            creation.mark_set_up(self.tools.repository, self.worktree)
        self._set_litter_aside()
        if not exit_.has_succeeded:
            where = f"{exit_.step}: " if exit_.step == SETUP else ""
            return self.ended(why=f"{where}{exit_text(exit_, self.directory / OUTPUT)}", used=used)
        if changed := self._why_changed():
            return self.ended(why=f"the judge has run, but {changed}", used=used)
        if not is_measured:
            return self.ended(used=used)
        value, why = number_in(self.directory / OUTPUT)
        return self.ended(value, why, used)

    def _set_litter_aside(self) -> None:
        """Move what the judge left out of the worktree, so that the next one finds it as this one did.

        Only where there was nothing untracked before: what a person has put there stays.
        """
        if (self.directory / CLEAN).exists() and self.worktree.exists():
            tree = self.tools.repository.at(self.worktree)
            litter.set_aside(tree, self.effect.head, ("*",), self.directory / LEFT)

    def ended(
        self, value: float | None = None, why: str = "", used: e.Used | None = None
    ) -> e.JudgementEnded:
        """Return the event of its end."""
        effect = self.effect
        return e.JudgementEnded(effect.hypothesis, effect.number, value, why, used or e.Used())

    def _dropped(self) -> e.JudgementDropped:
        return e.JudgementDropped(self.effect.hypothesis, self.effect.number)


def _base_worktree(tools: Tools, name: HypothesisName) -> Path:
    """Return where a hypothesis has its base judged."""
    return tools.repository.worktrees_dir / tools.rundir.run / f"base-{name}"


def _remove_base(tools: Tools, name: HypothesisName) -> None:
    worktree = _base_worktree(tools, name)
    removal.discard(tools.repository, worktree)
    removal.empty_trash(tools.repository)
    for folder in (worktree.parent, worktree.parent.parent):
        with suppress(OSError):  # something is in it
            folder.rmdir()


def number_in(log: Path) -> tuple[float | None, str]:
    """Return the number on the last line of a judge's output; without one None, and what is there instead."""
    lines = output.tail(log, LINES).content.decode(errors="replace").splitlines()
    said = [line.strip() for line in lines if line.strip() and not line.startswith("-- porch:")]
    if not said:
        return None, "it printed nothing; its last line must be a number"
    last = said[-1]
    if NUMBER.fullmatch(last) and math.isfinite(float(last)):
        return float(last), ""
    return None, f'its last line is no finite number: "{one_line(last)}"'


def _work_of(state: RunState, tools: Tools, task: TaskId) -> str | None:
    """Return the commit of what a theory has left; None if it has left nothing.

    That is its result, else what was uncommitted, else the commits on its branch.
    """
    known = state.tasks[task]
    attempt = known.attempt
    if attempt is None:
        return None
    if known.head is not None:
        return known.head
    left = attempt.leftover_ref and refs.read(tools.repository, attempt.leftover_ref)
    if left:
        return left
    tip = refs.read(tools.repository, f"refs/heads/{state.plan.branch_of(task, state.run)}")
    return tip if tip != attempt.base else None


def _evidence_text(state: RunState, name: HypothesisName, task: TaskId) -> str:
    """Return the message of a theory's evidence: who has won, and all numbers."""
    known, hypothesis = state.hypotheses[name], hypotheses(state)[name]
    lines = [_score_text(score) for score in scores_of(state, name).values()]
    return "\n".join(
        (
            f"{name}: {task} {'has won' if task == known.winner else 'has not won'}",
            "",
            f"{hypothesis.question.strip()}",
            "",
            *lines,
            f"Winner: {known.winner or 'none'} ({concluded(state, name).why})",
            "",
            f"Porch-Run: {state.run}",
            f"Porch-Task: {task}",
            "",
        )
    )


def _score_text(score: Score) -> str:
    who = score.theory or "base"
    if score.why:
        return f"{who}: {score.why}"
    if not score.values or score.median is None:
        return f"{who}: {'passes' if score.passes else 'not judged'}"
    each = ", ".join(map(number, score.values))
    return f"{who}: {number(score.median)} ({each})"
