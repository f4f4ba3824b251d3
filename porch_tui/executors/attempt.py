"""One attempt from an empty slot to a reported end: prepare, run, collect. The same wherever it runs.

Every step can be met half done, because the engine may have died anywhere: what
is found in the attempt's directory decides where to go on.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import assert_never

from porch_tui.core.analysis.globs import outside
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import CommandLine, Isolation, Kind, Sha, TaskId, shown
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.errors import JournalError, PorchError, RepositoryError, is_forbidden, is_full_disk, limit_met
from porch_tui.executors.executor import STOP_GRACE_S, Job, Offer
from porch_tui.executors.orders import Notice, Orders, see_through
from porch_tui.git import refs
from porch_tui.git.repository import Repository
from porch_tui.git.rescue import salvage
from porch_tui.git.worktree import collecting, homing, nested, worktrees
from porch_tui.git.worktree.copying import copy_files
from porch_tui.process import control, liveness, spawn
from porch_tui.process.environment import task_environment
from porch_tui.process.inherited import inherited
from porch_tui.process.supervisor import kernel

log = logging.getLogger(__name__)

SETUP, RUN, CHECK = "setup", "run", "check"

REPOSITORIES = "repositories"
"""In an attempt's directory: repositories that an earlier attempt left in its worktree."""


def run_attempt(job: Job, repository: Repository, offer: Offer, orders: Orders) -> None:
    """See the attempt through to its end and report it, passing on what is ordered meanwhile."""
    found = liveness.find(job.directory)
    if isinstance(found, liveness.NotStarted):
        if not orders.is_stopped and (told := prepare(job, repository)):
            offer(*told)
        if orders.is_stopped:
            offer(e.AttemptStopped(job.attempt))
            return
        spawn.start(assignment(job, repository))
        found = liveness.find(job.directory)
    if isinstance(found, liveness.Alive):
        pid = found.shim_pid if isinstance(found, liveness.Running) else None
        offer(e.AttemptStarted(job.attempt, pid))

    def report(notice: Notice) -> None:
        offer(e.AttemptNoticed(job.attempt, notice.text, notice.advice))

    end = _end(job, repository, see_through(job.directory, orders, report))
    offer(*_strays_told(job, repository), *end)


def prepare(job: Job, repository: Repository) -> list[e.Noticed]:
    """Make the worktree ready: a new one, or the former attempt's, pinned and set back to the base.

    Where the task wants a clone, that is in its place. One that goes on finds what the attempt before
    left, ignored files included; it is pinned all the same. Returns what a person should know of it.
    """
    reason = f"porch {job.run}/{job.attempt.task}"
    is_there = job.worktree.exists()
    said = worktrees.ensure(
        repository,
        job.worktree,
        job.branch,
        job.base,
        reason,
        is_clone=job.spec.isolation is Isolation.CLONE,
        pool_keep=job.pool_keep,
    )
    if job.goes_on and is_there:
        salvage.go_on(repository, job.worktree, job.branch, job.base, job.pins)
        return [e.Noticed(said)] if said else []
    told = [e.Noticed(said)] if said else []
    if job.attempt.number > 1 and not job.goes_on:
        salvage.begin_again(repository, job.worktree, job.branch, job.base, job.pins)
        told += _repositories_set_aside(job, repository)
    copy_files(repository.main, repository.at(job.worktree), job.copy)
    return told


def _repositories_set_aside(job: Job, repository: Repository) -> list[e.Noticed]:
    """Move what no commit can hold out of the worktree, into the directory of this attempt."""
    folder = job.directory / REPOSITORIES
    moved = nested.set_aside(repository.at(job.worktree), folder)
    text = f"repositories that an earlier attempt left ({listed(moved)}) are in {folder} now"
    return [e.Noticed(text, job.attempt.task)] if moved else []


def assignment(job: Job, repository: Repository) -> spawn.Assignment:
    """Return what the shim is to do: setup unless it has been done here, the command, the checks."""
    setup = () if _is_set_up(job, repository) else job.setup
    steps = (
        *(step(SETUP, command) for command in setup),
        step(RUN, job.spec.command),
        *(step(CHECK, command) for command in job.spec.checks),
    )
    additions = {
        **job.env,
        "PORCH_RUN": job.run,
        "PORCH_TASK": job.attempt.task,
        "PORCH_ATTEMPT": str(job.attempt.number),
        "PORCH_SLOT": str(job.slot),
        "PORCH_BASE": job.base,
        "PORCH_WORKTREE": str(job.worktree),
    }
    return spawn.Assignment(  # without a lease: it shall outlive its engine
        job.directory,
        steps,
        job.worktree,
        task_environment(inherited(), additions),
        job.spec.timeout_s,
        STOP_GRACE_S,
    )


def step(name: str, command: CommandLine) -> spawn.Step:
    """Return the step that runs a command of the plan; its log names it in the words of the plan."""
    return spawn.Step(name, command, shown(command))


def _is_set_up(job: Job, repository: Repository) -> bool:
    """Say whether an earlier attempt has run the setup in this worktree, as it lies here, to its end.

    One that was made anew meanwhile, or comes from the pool, wants it again.
    """
    if job.attempt.number == 1 or worktrees.is_fresh(repository, job.worktree):
        return False
    for number in range(1, job.attempt.number):
        exit_ = liveness.read_exit(job.directory.with_name(f"{job.attempt.task}.{number}"))
        if exit_ and exit_.step != SETUP and exit_.code is not None:
            return True
    return False


def _end(job: Job, repository: Repository, found: liveness.Liveness) -> tuple[e.AnyEvent, ...]:
    """Return the event of an attempt's end, behind what a person is to know about it."""
    match found:
        case liveness.Ended():
            return _judge(job, repository, found.exit)
        case liveness.Lost():
            ended = control.end_leftovers(job.directory)
            # no more than that: what a daemon runs for it (docker, ssh) is not found, nor what hides
            more = f"; ended what was found running without it: {listed(ended)}" if ended else ""
            failure = e.Failure(e.FailureKind.LOST, f"lost: {found.why}{more}")
        case liveness.NotStarted() | liveness.Running() | liveness.Elsewhere():
            failure = e.Failure(e.FailureKind.LOST, "its shim vanished without a trace")
        case _:
            assert_never(found)
    return (e.AttemptFailed(job.attempt, failure, left=_left(job, repository)),)


def _judge(job: Job, repository: Repository, exit_: liveness.Exit) -> tuple[e.AnyEvent, ...]:
    used = e.Used(exit_.wall_s, exit_.paused_s, exit_.cpu_s, exit_.max_rss_bytes)
    if (kernel.IS_LINUX or exit_.killed) and (job.worktree / ".git").exists():
        # no process of the attempt is left, so what locks a git of it holds is stale
        salvage.clear_locks(repository, job.worktree, job.branch, before=exit_.ended_at)
    if job.setup and exit_.step != SETUP:
        worktrees.say_set_up(repository, job.worktree)
    if exit_.cause is liveness.Cause.STOPPED:
        return (e.AttemptStopped(job.attempt, used, _left(job, repository)),)
    if not exit_.has_succeeded:
        kept = _left(job, repository)
        return (e.AttemptFailed(job.attempt, failure(exit_), used, kept, exit_.stragglers),)
    try:
        head, stray, remarks = collect(job, repository)
    except (RepositoryError, OSError) as error:
        if passes(error, repository):
            raise  # its processes have ended well: it is collected a little later
        uncollectable = e.Failure(e.FailureKind.UNCOLLECTABLE, str(error))
        kept = _left(job, repository)
        return (e.AttemptFailed(job.attempt, uncollectable, used, kept, exit_.stragglers),)
    noticed = (e.Noticed(remark, job.attempt.task) for remark in remarks)
    if _is_idle_agent(job, repository, head):
        idle = e.Failure(e.FailureKind.NO_CHANGE, NO_CHANGE, exit_.code)
        return (*noticed, e.AttemptFailed(job.attempt, idle, used, left_running=exit_.stragglers))
    return (*noticed, e.AttemptSucceeded(job.attempt, head, used, stray, exit_.stragglers))


NO_CHANGE = (
    "its agent ended with exit 0 and changed nothing; may_change_nothing: true in the plan allows that"
)


def _is_idle_agent(job: Job, repository: Repository, head: Sha) -> bool:
    """Say whether an agent was to change something and did not: several exit 0 when they could do nothing."""
    spec = job.spec
    if spec.agent is None or spec.may_change_nothing or spec.kind is not Kind.CHANGE:
        return False
    return head == job.base or not collecting.changed_paths(repository.git, job.base, head)


def passes(error: Exception, repository: Repository) -> bool:
    """Say whether an error goes away on its own: a full disk, a killed git, a read-only `.git`, a limit of
    the machine that other work has used up.
    """
    is_passing = is_full_disk(error) or (isinstance(error, PorchError) and error.is_passing)
    is_passing = is_passing or bool(limit_met(error))
    return is_passing or (is_forbidden(error) and not repository.takes_writes)


def given_up(job: Job, error: Exception) -> e.Failure:
    """Return how an attempt failed that porch could not see through to its end."""
    text = limit_met(error) or str(error) or type(error).__name__
    try:
        exit_ = liveness.read_exit(job.directory)
    except JournalError as damaged:
        return e.Failure(e.FailureKind.LOST, str(damaged))
    if exit_ is None:
        return e.Failure(e.FailureKind.NOT_STARTED, text)
    if not exit_.has_succeeded:
        return failure(exit_)
    return e.Failure(
        e.FailureKind.UNCOLLECTABLE, f"it has done its work, which could not be taken over: {text}"
    )


def _left(job: Job, repository: Repository) -> str:
    """Keep what nobody will collect, and return the ref that does; empty if there is nothing.

    Not being able to is told in porch's own log and is no end of its own: the worktree has it still.
    """
    try:
        homing.bring_home(repository, job.worktree, job.branch, job.strays)
    except (RepositoryError, OSError) as error:
        if passes(error, repository):
            raise
        log.warning("what %s committed in its clone could not be brought home: %s", job.attempt, error)
    try:
        return job.left_ref if salvage.pin_left(repository, job.worktree, job.left_ref) else ""
    except (RepositoryError, OSError) as error:
        if passes(error, repository):
            raise
        log.warning("what %s left uncommitted stays in %s only: %s", job.attempt, job.worktree, error)
        return ""


def _strays_told(job: Job, repository: Repository) -> list[e.Noticed]:
    """Tell what else was in the attempt's clone: a stash, or a branch nobody will merge."""
    if job.spec.isolation is not Isolation.CLONE:
        return []
    kept = [ref for ref in refs.below(repository, job.strays) if not ref.endswith("/branch")]
    names = [ref.removeprefix(f"{job.strays}/") for ref in kept]
    text = f"{job.attempt} left more than its branch in its clone: {listed(names)}, kept under {job.strays}/"
    return [e.Noticed(text, job.attempt.task)] if kept else []


def failure(exit_: liveness.Exit) -> e.Failure:
    """Return how a shim's exit record reads as a failure."""
    where = "" if exit_.step == RUN else f"{exit_.step}: "
    match exit_.cause:
        case liveness.Cause.TIMEOUT:
            return e.Failure(e.FailureKind.TIMEOUT, f"{where}{exit_.detail}")
        case liveness.Cause.LEASE:
            return e.Failure(e.FailureKind.LOST, f"{where}{exit_.detail}")
        case liveness.Cause.SPAWN_ERROR:
            return e.Failure(e.FailureKind.NOT_STARTED, f"{where}{exit_.detail}")
    kind = e.FailureKind.CHECK if exit_.step == CHECK else e.FailureKind.EXIT
    text = exit_.detail if exit_.cause is liveness.Cause.SIGNAL else f"exit {exit_.code}"
    return e.Failure(kind, f"{where}{text}", exit_.code)


def collect(job: Job, repository: Repository) -> tuple[Sha, tuple[str, ...], tuple[str, ...]]:
    """Commit what the attempt left and keep it alive.

    Returns its head, the paths it was not to write, and remarks for a person. Nothing of a check is merged,
    so nothing of it is collected; its head is its base.
    """
    if job.spec.kind is Kind.CHECK:
        return job.base, (), ()
    message = f"{job.spec.title}\n\nPorch-Task: {job.attempt.task}\nPorch-Run: {job.run}\n"
    tree = repository.at(job.worktree)
    found = collecting.commit_leftovers(tree, job.branch, message, base=job.base, keep=job.head_ref)
    is_needless = found.head == job.base or (found.is_plain and not job.spec.paths)
    changed = () if is_needless else collecting.changes(tree.git, job.base, found.head)
    if (left_out := collecting.take_links_out(tree, found, changed)).head != found.head:
        found, changed = left_out, collecting.changes(tree.git, job.base, left_out.head)
    remarks = nested.refuse_lost_links(repository, job.worktree, found.head, changed)
    head = Sha(found.head)
    homing.bring_home(repository, job.worktree, job.branch, job.strays)
    if not found.is_kept:
        refs.keep(repository, job.head_ref, head)
    stray = outside(job.spec.paths, [one.path for one in changed]) if job.spec.paths else ()
    return head, stray, (*found.remarks, *remarks)


def worktree_of(repository: Repository, state: RunState, task: TaskId) -> Path:
    """Return where the worktree of a task is, or would be."""
    own = repository.of_run(state.root)
    return worktree_path(own.root, state.plan.worktree_of(task, own.name, state.run))


def worktree_path(root: Path, relative: str) -> Path:
    """Return where a plan's worktree template leads, from the repository's root."""
    return Path(os.path.normpath(os.path.join(root, relative)))  # noqa: PTH118 - for each task of a plan
