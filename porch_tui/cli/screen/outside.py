"""What the screen has done outside of it, for one run: implements `tui.model.outside.Outside`."""

from __future__ import annotations

import os
import shlex
import shutil
import time
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from porch_tui.cli.foreground import run_there
from porch_tui.cli.output.printing import write
from porch_tui.cli.screen.clipboard import copy_programs, pager
from porch_tui.core.model.commands import AddTasks, RetryTask
from porch_tui.core.model.plan import Kind, TaskId
from porch_tui.core.scheduling.shared import far_worktree
from porch_tui.errors import PlanError, RefusedError
from porch_tui.git.repository import Repository
from porch_tui.journal.durable import PRIVATE_FOLDER, replace
from porch_tui.journal.rundir import RunDir
from porch_tui.present.own_commands import OwnCommand
from porch_tui.process.children import pipe_text, run_in_foreground
from porch_tui.session.session import Session
from porch_tui.session.worktree_files import file_in
from porch_tui.tui.model.outside import Copied, Kept, Resolving, Reviewing, Running

LAST_COPY = "copied.txt"


class OutsideActions:
    """What the screen of one run reaches outside: git, files, programs. For several threads: each call reads
    the run again.

    What is rarely needed is imported when it is needed, so that the screen is there sooner.
    """

    def __init__(self, repository: Repository, rundir: RunDir) -> None:
        self._repository = repository
        self._rundir = rundir

    @cached_property
    def conflicts(self) -> Resolving:
        """The same conflicts and choices as those of `porch resolve`."""
        from porch_tui.cli.conflict.desk import ConflictDesk

        return ConflictDesk(self._repository, self._rundir, lambda: Session(self._rundir))

    @cached_property
    def reviewing(self) -> Reviewing:
        """The same diffs and approvals as those of `porch diff` and `porch approve`."""
        from porch_tui.cli.review.desk import ReviewDesk

        return ReviewDesk(self._repository, self._rundir, lambda: Session(self._rundir))

    def addition(self, words: str) -> AddTasks:
        """Return the command for what is typed behind `porch add`."""
        from porch_tui.cli.additions import addition
        from porch_tui.cli.parser import parse

        try:
            typed = shlex.split(words)
        except ValueError as error:
            raise PlanError(f"{words}: {str(error).lower()}; close the quotes") from None
        options = parse(["add", "-C", str(self._repository.root), *typed])
        command, _ = addition(options, self._repository, Session(self._rundir))
        return command

    def report(self, cells: int) -> str:
        """Return the report of the run as text, in lines of so many cells."""
        from porch_tui.cli.run_report import report_facts
        from porch_tui.report.forms.text import as_text
        from porch_tui.report.report import report_page

        session = Session(self._rundir)
        # made again with every change: worktrees are not measured while tasks write in them
        facts = report_facts(session, None if session.is_engine_alive() else self._repository)
        return as_text(report_page(facts), cells)

    def diffstat(self, task: TaskId) -> str:
        """Return what the task has changed, committed or not while its worktree is there."""
        since, folder = self._changes(task)
        return self._repository.at(folder).git.text("diff", "--stat=80", "--no-color", "--no-ext-diff", since)

    def changed_files(self, task: TaskId) -> tuple[str, ...]:
        """Return the files that the task has changed and that are there, those in conflict first."""
        worktree = self._existing_worktree(task)
        state = Session(self._rundir).state
        attempt, entry = state.tasks[task].attempt, state.entries.get(task)
        if attempt is None:
            return ()
        git = self._repository.at(worktree).git
        names = [
            *git.text("diff", "--name-only", "-z", "--no-ext-diff", attempt.base).split("\0"),
            *git.text("ls-files", "-z", "--others", "--exclude-standard").split("\0"),
        ]
        conflicts = entry.conflicts if entry is not None else ()
        files = [file for file in dict.fromkeys(names) if file and (worktree / file).is_file()]
        return tuple(sorted(files, key=lambda file: file not in conflicts))

    def file_in_worktree(self, task: TaskId, name: str) -> str:
        """Return a path in the task's worktree as one from there on; empty if no file is there."""
        return file_in(self._existing_worktree(task), name)

    def open_editor(self, task: TaskId, files: Sequence[str], line: int = 0) -> str:
        """Open files of the task's worktree in the person's editor, as git would; the first at a line."""
        from porch_tui.cli.editor import edit

        worktree = self._existing_worktree(task)
        tree = self._repository.at(worktree)
        if edit(self._repository, *(worktree / file for file in files), folder=tree, line=line):
            return ""
        return "your editor ended with an error; which one it is: porch help settings"

    def reword(self, asked: RetryTask) -> tuple[RetryTask, str]:
        """Have the person edit what a task is asked, or runs, in their editor."""
        from porch_tui.cli.review.rewording import reworded

        return reworded(self._repository, self._rundir, Session(self._rundir).state, asked)

    def open_shell(self, task: TaskId) -> None:
        """Open the person's shell in the task's worktree, on another machine if it is there."""
        state = Session(self._rundir).state
        if (far := far_worktree(state, task)) is not None:
            from porch_tui.cli.far_worktrees import shell_there

            command = shell_there(self._repository, state, task, far)
            write(f"porch: a shell on {far.place}; exit goes back to the screen\n{shlex.join(command)}\n")
            run_there(command, self._repository.root)
            return
        worktree = self._existing_worktree(task)
        write(f"porch: a shell in {worktree}; exit goes back to the screen\n")
        run_there([os.environ.get("SHELL") or "/bin/sh"], worktree)

    def start(self, own: OwnCommand, task: TaskId | None) -> Running:
        """Start a command of the person's own, with a file of its own for what it prints."""
        from porch_tui.cli.screen.own_command import started

        output = self._rundir.texts / f"command-{time.time_ns()}.log"
        return started(own, *self._facts(task), output)

    def run_on_terminal(self, own: OwnCommand, task: TaskId | None) -> str:
        """Run a command of the person's own on their terminal until it ends."""
        from porch_tui.cli.screen.own_command import run_on_terminal

        return run_on_terminal(own, *self._facts(task))

    def _facts(self, task: TaskId | None) -> tuple[dict[str, str], Path]:
        """Return what a command of the person's own is given, and where it runs."""
        from porch_tui.cli.screen.own_command import facts_of

        folder = self._existing_worktree(task) if task is not None else self._repository.root
        return facts_of(Session(self._rundir).state, task, folder), folder

    def stream(self) -> None:
        """Print the run line by line until a key is pressed."""
        from porch_tui.cli.screen.streaming import stream

        stream(Session(self._rundir))

    def copy(self, text: str) -> Copied:
        """Give a text to the first program that takes it, and keep it in a file."""
        kept = self.keep(LAST_COPY, [text])
        takers = copy_programs(os.environ, lambda name: shutil.which(name) is not None)
        taken = (
            one.name
            for one in takers
            if not pipe_text(one.argv, text.encode("utf-8", "surrogateescape"), os.environ)
        )
        return Copied(next(taken, ""), kept)

    def keep(self, name: str, pieces: Iterable[str]) -> Kept:
        """Write a text into the run's folder, readable by its owner alone."""
        path = self._rundir.texts / name
        try:
            path.parent.mkdir(PRIVATE_FOLDER, exist_ok=True)
            content = (piece.encode("utf-8", "surrogateescape") for piece in pieces)
            replace(path, content, is_durable=False)
        except OSError as error:
            return Kept(None, f"{path} cannot be written: {error.strerror}")
        return Kept(path)

    def remember(self, name: str, value: str | float) -> str:
        """Remember what a person likes; what is in their settings comes first all the same."""
        from porch_tui.cli.remembered import remember
        from porch_tui.cli.settings import as_written, read_settings

        remember({name: value})
        place = read_settings().origins.get(name)
        if place is None:
            return ""
        word = as_written(value).strip('"')
        return f"for now: {place} says otherwise; for good: porch settings {name} {word}"

    def notify(self, text: str) -> None:
        """Have the desktop of this machine show a notification, if it has one."""
        from porch_tui.cli.desktop import notify

        notify(text)

    def read_in_pager(self, path: Path) -> str:
        """Show a file in the person's pager."""
        trouble = run_in_foreground((*pager(os.environ), str(path)), os.environ)
        return f"the pager could not be started: {trouble}; the log is {path}" if trouble else ""

    def _changes(self, task: TaskId) -> tuple[str, Path]:
        """Return what git is to compare, and where: the worktree as it is, or the branch if there is none."""
        state = Session(self._rundir).state
        attempt = state.tasks[task].attempt
        if attempt is None:
            raise RefusedError(f"{task} has changed nothing yet: it has not started")
        worktree = self._worktree(task)
        if (far := far_worktree(state, task)) is not None:
            from porch_tui.cli.far_worktrees import left_of

            left = left_of(self._repository, state, task)
            if left is None:
                raise RefusedError(f"what {task} changes is on {far.place} until it ends")
            return f"{attempt.base}..{left}", self._repository.root
        if worktree.is_dir():
            return attempt.base, worktree
        return f"{attempt.base}...{state.plan.branch_of(task, state.run)}", self._repository.root

    def _existing_worktree(self, task: TaskId) -> Path:
        worktree = self._worktree(task)
        state = Session(self._rundir).state
        if far_worktree(state, task) is not None:
            from porch_tui.cli.far_worktrees import refuse_far

            refuse_far(self._repository, state, task)
        is_gone = state.tasks[task].worktree_removed_at is not None and not worktree.is_dir()
        if is_gone and state.specs[task].kind is Kind.CHECK:
            raise RefusedError(
                f"{task} has passed and changed nothing in its worktree, so that another check has it now;"
                " its files are those of its branch, and its log has what it printed"
            )
        if is_gone:
            branch = state.plan.branch_of(task, state.run)
            raise RefusedError(
                f"the worktree of {task} was removed when it had landed; its work is on {state.target.name}"
                f" and on the branch {branch}"
            )
        if not worktree.is_dir():
            raise RefusedError(f"{task} has no worktree: it has not started, or its worktree was removed")
        return worktree

    def _worktree(self, task: TaskId) -> Path:
        from porch_tui.executors.checkout import worktree_of

        return worktree_of(self._repository, Session(self._rundir).state, task)
