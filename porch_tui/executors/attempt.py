"""One attempt from an empty slot to a reported end: prepare, run, collect. The same wherever it runs.

Every step may find itself half done, because the engine can die at any point: the files in the attempt's
directory decide where to continue.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from porch_tui.agents.question import asked
from porch_tui.agents.records import Conversation
from porch_tui.agents.usage_limit import is_usage_limit, waits_until
from porch_tui.core.files.globs import outside
from porch_tui.core.model import events as e
from porch_tui.core.model.agent_report import AgentReport
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import CommandLine, Kind, Sha, shown
from porch_tui.core.model.wording import listed, one_line
from porch_tui.errors import JournalError, RepositoryError, limit_met
from porch_tui.executors.agent_output import agent_report, terminal_report
from porch_tui.executors.checkout import is_temporary
from porch_tui.executors.executor import STOP_GRACE_S, Job, Offer
from porch_tui.executors.exit_text import exit_text
from porch_tui.executors.fence import Fence
from porch_tui.executors.orders import STILL_BEHIND_FENCE, Notice, Orders, wait_for_end, why_lost
from porch_tui.executors.reused_worktree import NOTE_SETUP
from porch_tui.executors.spare_worktrees import SpareWorktrees
from porch_tui.executors.step_times import steps_used
from porch_tui.executors.unanswered import unanswered
from porch_tui.executors.validation_checkout import ValidationCheckout
from porch_tui.git.worktree import fenced_git
from porch_tui.process import liveness, spawn
from porch_tui.process.assignment import Assignment, Step
from porch_tui.process.environment import in_terminal, task_environment, with_open_stdin
from porch_tui.process.supervisor import kernel, spool

SETUP, RUN, CHECK, VALIDATE = "setup", "run", "check", "validate"

OF_VALIDATIONS = ("PORCH_BASE", "PORCH_COMMIT", "PORCH_TASKS")
"""Variables that validations have, and get from the engine."""

REPOSITORIES = "repositories"
"""Folder in an attempt's directory for repositories that an earlier attempt left in its worktree."""

LITTER = "litter"
"""Folder in an attempt's directory for files of its agent that are not part of its work."""

NO_CHANGE = "its agent changed nothing"
ALLOWED = "may_change_nothing: true in the plan allows that"


def run_attempt(job: Job, offer: Offer, orders: Orders, spares: SpareWorktrees | None = None) -> None:
    """Run the attempt, or adopt it where an earlier engine left it, and report its start and end.

    Its worktree may be one of the `spares`, and be among them afterwards.
    """
    found = liveness.find(job.directory)
    if isinstance(found, liveness.NotStarted):
        if not orders.is_stopped and (messages := _prepare_with(spares, job) if spares else prepare(job)):
            offer(*messages)
        if orders.is_stopped:
            offer(e.AttemptStopped(job.attempt))
            return
        spawn.start(assignment(job))
        found = liveness.find(job.directory)
    if isinstance(found, liveness.Alive):
        pid = found.shim_pid if isinstance(found, liveness.Running) else None
        offer(e.AttemptStarted(job.attempt, pid))

    def report(notice: Notice) -> None:
        offer(e.AttemptNoticed(job.attempt, notice.text, notice.advice))

    found = wait_for_end(job.directory, orders, report, lambda: offer(e.FinishIgnored(job.attempt)))
    armed = job.checkout.disarm(fence_of(job).private_git)
    behind_fence = job.checkout.bring_home(fence_of(job).private_git)
    end = end_of(job, found)
    if isinstance(found, liveness.Ended) and found.exit.unended:
        text = f"{STILL_BEHIND_FENCE}: {found.exit.unended}; porch clean tries again"
        end = (e.Noticed(text, job.attempt.task), *end)
    if armed:
        aside = job.directory / fenced_git.ASIDE
        text = f"{job.attempt} made or reconfigured repositories behind its fence, which are in {aside} now"
        text = f"{text}, because git starts what they name: {listed(armed)}"
        end = (e.Noticed(text, job.attempt.task), *end)
    if kept := behind_fence or job.checkout.kept_from_clone():  # a stash, a branch that will not be merged
        where = "behind its fence" if behind_fence else "in its clone"
        text = (
            f"{job.attempt} left more than its branch {where}: {listed(kept)}, kept under "
            f"{job.checkout.clone_refs}/"
        )
        end = (e.Noticed(text, job.attempt.task), *end)
    offer(*end)
    if spares and isinstance(found, liveness.Ended) and isinstance(end[-1], e.AttemptSucceeded):
        spares.give(job, found.exit)


def _prepare_with(spares: SpareWorktrees, job: Job) -> list[e.AnyEvent]:
    """Make the worktree ready, perhaps of one that another check has left as it was; return messages."""
    with spares.for_job(job) as spare:
        if spare is None:
            return [*prepare(job)]
        messages = prepare(replace(job, checkout=replace(job.checkout, move=spare.move)))
        is_moved = not os.path.lexists(spare.move.source)
        return [*messages, *([e.WorktreeRemoved(spare.task)] if is_moved else [])]


def prepare(job: Job) -> list[e.Noticed]:
    """Make the worktree ready; return messages about it."""
    folder = job.directory / REPOSITORIES
    message, moved = job.checkout.prepare(
        f"porch {job.run}/{job.attempt.task}",
        is_retry=job.attempt.number > 1,
        keep_worktree=job.keep_worktree,
        repositories_to=folder,
    )
    messages = [e.Noticed(message, job.attempt.task)] if message else []
    if moved:
        text = f"repositories that an earlier attempt left ({listed(moved)}) are in {folder} now"
        messages.append(e.Noticed(text, job.attempt.task))
    return messages


def assignment(job: Job) -> Assignment:
    """Return what the shim must run: the setup unless it has run here, the command, the checks."""
    setup = [step(SETUP, command) for command in (job.setup if _needs_setup(job) else ())]
    if setup and isinstance(job.checkout, ValidationCheckout):
        setup.append(Step(SETUP, job.checkout.after_setup, NOTE_SETUP))
    additions = {
        **{name: value for name, value in (job.agent.env if job.agent else ()) if name not in os.environ},
        **job.env,
        "PORCH_RUN": job.run,
        "PORCH_SLOT": str(job.slot),
        "PORCH_BASE": job.checkout.base,
        "PORCH_WORKTREE": str(job.checkout.path),
        **own_variables(job),
    }
    env, fence = task_environment(os.environ, additions), fence_of(job)
    fence.prepare()
    in_step = [replace(one, env=_differences(one, additions)) for one in (*setup, *steps(job))]
    fenced = tuple(fence.around(one) for one in in_step)
    cwd, timeout_s = job.checkout.path, job.spec.timeout_s
    return Assignment(job.directory, fenced, cwd, env, timeout_s, STOP_GRACE_S, fence.orders, job.lease_s)


def _differences(step: Step, additions: Mapping[str, str]) -> dict[str, str | None]:
    """Return what differs in the environment of a step into which people type."""
    if step.terminal:
        return in_terminal(os.environ, additions)
    return with_open_stdin(os.environ, additions) if step.has_open_stdin else {}


def steps(job: Job) -> tuple[Step, ...]:
    """Return what an attempt runs in a worktree that is set up."""
    if isinstance(job.checkout, ValidationCheckout):
        return tuple(step(VALIDATE, command) for command in (job.spec.command, *job.spec.checks))
    run = replace(
        step(RUN, job.spec.command),
        stdin=job.stdin,
        terminal=job.spec.terminal,
        # a prompt that no argument can be is all that its agent reads
        has_open_stdin=job.spec.open_stdin is not None and not job.stdin,
    )
    return run, *(step(CHECK, command) for command in job.spec.checks)


def own_variables(job: Job) -> dict[str, str]:
    """Return the variables that differ between attempts in one slot and one worktree."""
    if isinstance(job.checkout, ValidationCheckout):
        return {name: value for name, value in job.env.items() if name in OF_VALIDATIONS}
    return {"PORCH_TASK": job.attempt.task, "PORCH_ATTEMPT": str(job.attempt.number)}


def fence_of(job: Job) -> Fence:
    """Return what is put before the commands of an attempt, if anything is."""
    common_dir = job.checkout.repository.common_dir
    return Fence(job.spec.wrap, job.directory, job.checkout.path, common_dir, job.agent)


def step(name: str, command: CommandLine) -> Step:
    """Return the step that runs a command of the plan; the log shows it as the plan has it."""
    return Step(name, command, shown(command))


def _needs_setup(job: Job) -> bool:
    """Say whether the setup must run: no earlier attempt has completed it in this worktree."""
    if job.spec.is_shared or isinstance(job.checkout, ValidationCheckout):
        return job.checkout.needs_setup
    if job.attempt.number == 1 or job.checkout.needs_setup:
        return True
    for number in range(1, job.attempt.number):
        exit_ = liveness.read_exit(job.directory.with_name(f"{job.attempt.task}.{number}"))
        if exit_ and exit_.step != SETUP and exit_.code is not None:
            return False
    return True


def end_of(job: Job, found: liveness.Liveness) -> tuple[e.AnyEvent, ...]:
    """Return the event of an attempt's end, after remarks for a person."""
    if isinstance(found, liveness.Ended):
        return (*_unanswered(job, found.exit), *_ended(job, found.exit))
    failure = e.Failure(e.FailureKind.LOST, why_lost(found, job.directory, job.env))
    return (e.AttemptFailed(job.attempt, failure, leftover_ref=job.checkout.keep_leftovers()),)


def _ended(job: Job, exit_: liveness.Exit) -> tuple[e.AnyEvent, ...]:
    """Return what an exit record means for the attempt; collects its work if it succeeded."""
    checkout, attempt, where = job.checkout, job.attempt, job.directory
    said = _said(job, exit_)
    is_measured = job.spec.wrap is None or not job.spec.wrap.is_beyond_reach
    used = e.Used(
        exit_.wall_s,
        exit_.paused_s,
        exit_.cpu_s if is_measured else 0.0,
        exit_.max_rss_bytes if is_measured else 0,
        agent=said,
        is_measured=is_measured,
        steps=steps_used(exit_) if is_measured else (),
    )
    if kernel.IS_LINUX or exit_.killed:  # no process of the attempt is left to hold a git lock
        checkout.clear_locks(before=exit_.ended_at)
    if job.setup and exit_.step != SETUP:
        checkout.mark_set_up()
    if job.agent and job.spec.kind is not Kind.CHECK:
        checkout.set_aside_litter(job.agent.exclude, job.directory / LITTER)
    if exit_.cause is liveness.Cause.STOPPED:
        return (e.AttemptStopped(attempt, used, checkout.keep_leftovers()),)
    if said and said.error and job.agent and is_usage_limit(said.error):
        text, until = one_line(said.error), waits_until(said.error, exit_.ended_at)
        limited = e.AttemptLimited(attempt, text, used, exit_.stragglers)
        return (e.AgentLimited(job.agent.name, text, until), limited)
    if not exit_.has_succeeded or (said and said.error):
        failed = _agent_failure(said.error, exit_, where) if said and said.error else failure(exit_, where)
        left = checkout.keep_leftovers()
        return (e.AttemptFailed(attempt, failed, used, left, exit_.stragglers),)
    try:
        head, undeclared, remarks = _collected(job)
    except (RepositoryError, OSError) as error:
        if is_temporary(error, checkout.repository):
            raise  # its processes have ended well: it is collected a little later
        uncollectable = e.Failure(e.FailureKind.UNCOLLECTABLE, str(error))
        left = checkout.keep_leftovers()
        return (e.AttemptFailed(attempt, uncollectable, used, left, exit_.stragglers),)
    noticed = (e.Noticed(remark, attempt.task) for remark in remarks)
    spec = job.spec
    must_change = spec.agent is not None and spec.kind is not Kind.CHECK and not spec.may_change_nothing
    if must_change and checkout.is_unchanged(head):  # several agents exit 0 when they could do nothing
        return (*noticed, e.AttemptFailed(attempt, _idle(job, said), used, left_running=exit_.stragglers))
    return (*noticed, e.AttemptSucceeded(attempt, head, used, undeclared, exit_.stragglers))


def _unanswered(job: Job, exit_: liveness.Exit) -> tuple[e.Noticed, ...]:
    """Return a remark if a command has asked, and got no answer.

    A remark and no failure: what it has done otherwise may be right, and only its words say that it asked.
    """
    asked = unanswered(exit_)
    how = "with stdin_open: true or tty: true you can answer (porch help interactive)"
    text = f'{job.attempt} asked "{asked}" and got no answer; {how}'
    return (e.Noticed(text, job.attempt.task),) if asked else ()


def _said(job: Job, exit_: liveness.Exit) -> AgentReport | None:
    """Return what the attempt's agent says of it; None if porch does not know how to read it."""
    if job.agent is not None and job.agent.is_in_terminal:
        wanted = Conversation(str(job.checkout.path), job.session, exit_.started_at)
        return terminal_report(job.agent, job.directory / spool.OUTPUT, wanted)
    return agent_report(job.agent, job.directory / spool.OUTPUT)


def _collected(job: Job) -> tuple[Sha, tuple[str, ...], tuple[str, ...]]:
    """Collect the attempt's work; return its head, the undeclared paths it changed, and remarks.

    A check changes nothing that is merged, so nothing is collected: its head is its base.
    """
    base, paths = Sha(job.checkout.base), job.spec.paths
    if isinstance(job.checkout, ValidationCheckout):
        job.checkout.refuse_changes()
    if job.spec.kind is Kind.CHECK:
        return base, (), ()
    message = f"{job.spec.title}\n\nPorch-Task: {job.attempt.task}\nPorch-Run: {job.run}\n"
    found = job.checkout.collect(message, needs_paths=bool(paths))
    return Sha(found.head), outside(paths, found.changed) if paths else (), found.remarks


def _idle(job: Job, said: AgentReport | None) -> e.Failure:
    """Return the failure of an agent that ended well and changed nothing: it asks, or has done nothing.

    In a terminal it has asked the person who ended it.
    """
    message = (said and said.message) or ""
    could_answer = job.agent is not None and job.agent.is_in_terminal
    if not could_answer and (question := (said and said.question) or asked(message)):
        text = f'its agent asked, and got no answer: "{one_line(question)}"'
        return e.Failure(e.FailureKind.ASKED, text, 0)
    last_words = f' and said: "{one_line(message)}"' if message else ""
    return e.Failure(e.FailureKind.NO_CHANGE, f"{NO_CHANGE}{last_words}; {ALLOWED}", 0)


def _agent_failure(error: str, exit_: liveness.Exit, directory: Path) -> e.Failure:
    """Return the failure that an agent reports itself: many end with exit 0 whatever happened."""
    if exit_.step != RUN and not exit_.has_succeeded:
        return failure(exit_, directory)
    how = "" if exit_.has_succeeded else f"{failure(exit_, directory).text}: "
    return e.Failure(e.FailureKind.AGENT, f"{how}{one_line(error)}", exit_.code)


def failure(exit_: liveness.Exit, directory: Path) -> e.Failure:
    """Return the failure that the exit record of the shim in an attempt's directory describes."""
    where = "" if exit_.step == RUN else f"{exit_.step}: "
    is_setup = exit_.step == SETUP
    match exit_.cause:
        case liveness.Cause.TIMEOUT:
            return e.Failure(e.FailureKind.TIMEOUT, f"{where}{exit_.detail}", is_setup=is_setup)
        case liveness.Cause.LEASE:
            return e.Failure(e.FailureKind.LOST, f"{where}{exit_.detail}")
        case liveness.Cause.SPAWN_ERROR:
            return e.Failure(e.FailureKind.NOT_STARTED, f"{where}{exit_.detail}", is_setup=is_setup)
    kind = e.FailureKind.CHECK if exit_.step == CHECK else e.FailureKind.EXIT
    return e.Failure(kind, f"{where}{exit_text(exit_, directory / spool.OUTPUT)}", exit_.code, is_setup)


def failure_by_error(job: Job, error: Exception) -> e.Failure:
    """Return how an attempt failed whose preparation, supervision or collection raised an error."""
    text = limit_met(error) or str(error) or type(error).__name__
    try:
        exit_ = liveness.read_exit(job.directory)
    except JournalError as damaged:
        return e.Failure(e.FailureKind.LOST, str(damaged))
    if exit_ is None:
        return e.Failure(e.FailureKind.NOT_STARTED, text)
    if not exit_.has_succeeded:
        return failure(exit_, job.directory)
    return e.Failure(
        e.FailureKind.UNCOLLECTABLE, f"it has done its work, which could not be taken over: {text}"
    )
