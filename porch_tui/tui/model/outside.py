"""What the screen needs from the rest of porch: git, the report, resolving conflicts, other programs.

The composition root implements it. What may take longer than a frame is called from a thread, never from
the event loop; what needs the terminal is called through `hand_over_terminal`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

from msgspec import Struct

from porch_tui.core.model.commands import AddTasks, ApproveTask, RetryTask
from porch_tui.core.model.plan import CommandLine, Sha, TaskId
from porch_tui.errors import RefusedError
from porch_tui.present.own_commands import OwnCommand
from porch_tui.tui.model.comments import Comment

if TYPE_CHECKING:  # the board is shown without them
    from porch_tui.core.conflict.conflict import Conflict, ConflictRecord, History, PathConflict
    from porch_tui.core.conflict.view import ConflictView


class Kept(Struct, frozen=True):
    """A text that was written into the folder of the run."""

    path: Path | None
    """None if that failed."""
    trouble: str = ""


class Copied(Struct, frozen=True):
    """A text that a program has put on the clipboard, and the file that also has it."""

    by: str
    """The program; empty if there was none and the terminal must do it."""
    kept: Kept


class Running(Protocol):
    """A command of the person's own that was started."""

    @property
    def words(self) -> CommandLine:
        """What runs."""

    @property
    def output(self) -> Path:
        """The file that has what it prints."""

    def code(self) -> int | None:
        """Return its exit code, of a signal the negative number; None while it runs."""

    def stop(self) -> None:
        """Ask it to end; the second time, end it."""


LEAST_CONTEXT = 3
"""Lines before and after a change in a diff, where there is no room for more; git's own habit."""


class Outside(Protocol):
    """Everything beyond the run directory. Each method raises PorchError with what is in the way."""

    @property
    def conflicts(self) -> Resolving:
        """What can be done about a task's conflict."""

    def addition(self, words: str) -> AddTasks:
        """Return the command for what is typed behind `porch add`, checked as a plan is checked."""

    def report(self, cells: int) -> str:
        """Return the report of the run as text, as `porch report` prints it, in lines of so many cells."""

    @property
    def reviewing(self) -> Reviewing:
        """What tasks change, and approving it."""

    def diffstat(self, task: TaskId) -> str:
        """Return what the task has changed, one line per file, as `git diff --stat` prints it."""

    def changed_files(self, task: TaskId) -> tuple[str, ...]:
        """Return the existing files that the task has changed, those in conflict first."""

    def file_in_worktree(self, task: TaskId, name: str) -> str:
        """Return a path, absolute or from the worktree on, as one from there on.

        It is empty if it leads to no file in there. The name may be foreign.
        """

    def open_editor(self, task: TaskId, files: Sequence[str], line: int = 0) -> str:
        """Open files of the task's worktree in the person's editor, on their terminal; at a line.

        Return what to say of it: that the editor ended with an error.
        """

    def reword(self, asked: RetryTask) -> tuple[RetryTask, str]:
        """Have the person edit what a task is asked, or runs, in their editor.

        Return the retry with that, and what to say: that nothing was changed.
        """

    def open_shell(self, task: TaskId) -> None:
        """Open the person's shell in the task's worktree, on their terminal."""

    def start(self, own: OwnCommand, task: TaskId | None) -> Running:
        """Start a command of the person's own: in the worktree of a task, or in the repository."""

    def run_on_terminal(self, own: OwnCommand, task: TaskId | None) -> str:
        """Run a command of the person's own on their terminal until it ends; return how if not well."""

    def stream(self) -> None:
        """Print the run line by line on the person's terminal until they press a key."""

    def copy(self, text: str) -> Copied:
        """Put a text on the clipboard by whatever program can, and write it into a file."""

    def keep(self, name: str, pieces: Iterable[str]) -> Kept:
        """Write a text into a file of that name in the folder of the run, replacing an earlier one."""

    def remember(self, name: str, value: str | float) -> str:
        """Remember what a person likes, such as their "theme", for the next time. Quick.

        Return what to say: that their settings say something else.
        """

    def notify(self, text: str) -> None:
        """Have the desktop of this machine show a notification, if it has one."""

    def read_in_pager(self, path: Path) -> str:
        """Show a file in the person's pager, on this terminal, until they leave it; return why that failed.

        Called while the screen is suspended, from its own thread.
        """


def _refuse(self: object, *args: object) -> NoReturn:
    raise RefusedError("this needs the run's repository, which is not there")


class NoRepository:
    """A run directory without its repository: most of it is refused."""

    @property
    def conflicts(self) -> Resolving:
        """Return what can only refuse."""
        return NoConflicts()

    @property
    def reviewing(self) -> Reviewing:
        """Return what can only refuse."""
        return NoReviewing()

    addition = diffstat = changed_files = file_in_worktree = _refuse
    open_editor = reword = open_shell = start = run_on_terminal = stream = _refuse

    def report(self, cells: int) -> str:
        """Say what it needs."""
        return "the report needs the run's repository: porch report"

    def copy(self, text: str) -> Copied:
        """Leave it to the terminal."""
        return Copied("", self.keep("", ()))

    def keep(self, name: str, pieces: Iterable[str]) -> Kept:
        """Say why not."""
        return Kept(None, "this screen may write no files")

    def remember(self, name: str, value: str | float) -> str:
        """Forget it: this screen may write no files."""
        return ""

    def notify(self, text: str) -> None:
        """Leave it to the terminal."""

    def read_in_pager(self, path: Path) -> str:
        """Say why not."""
        return f"this screen may start no programs; the log is {path}"


class ShownDiff(Struct, frozen=True):
    """What a task changes, as it was when it was read."""

    about: str
    """What is compared, in a sentence."""
    hints: tuple[str, ...]
    """What else a reviewer should know, a sentence each."""
    head: Sha | None
    """The commit of the task; None: what is shown is not committed."""
    result: Sha | None
    """What the task had left then, by the journal."""
    patch: bytes
    """As `git diff` prints it, with the prefixes `a/` and `b/`."""
    is_cut: bool = False
    """There is more of it than can be shown."""


class Reviewing(Protocol):
    """What tasks change, and what a person says of it: the same as for `porch diff` and `porch approve`.

    All of it is called from a thread; `page` needs the terminal for itself until it returns. Each raises
    PorchError with what is in the way.
    """

    def diff(self, task: TaskId, context: int = LEAST_CONTEXT) -> ShownDiff:
        """Return what the task changes on the target, or has changed so far, with so much around it."""

    def page(self, task: TaskId) -> None:
        """Show that in a pager, on the person's terminal."""

    def approval(self, task: TaskId, shown: ShownDiff) -> ApproveTask:
        """Return the command that approves what was shown."""

    def comments(self, task: TaskId) -> tuple[Comment, ...]:
        """Return what was said about the task and not sent yet."""

    def keep_comments(self, task: TaskId, comments: Sequence[Comment]) -> None:
        """Keep what was said, in place of what was kept before."""


class NoReviewing:
    """Of a run directory without its repository."""

    diff = page = approval = keep_comments = _refuse

    def comments(self, task: TaskId) -> tuple[Comment, ...]:
        """Return none."""
        return ()


Mark = tuple[int, ...]
"""Identifies a state of a file; empty if there is no file."""


class Resolving(Protocol):
    """A task's conflict, and the record of the choices made in it: the same as for `porch resolve`.

    All that asks git (view, versions, history, doubts, why not named) is called from a thread.
    `edit`, `use_tool` and `show_result` need the terminal for themselves until they return.
    """

    def conflict_view(self, task: TaskId) -> ConflictView:
        """Return the conflict with the current tip, and all that is known about it."""

    def versions(self, conflict: Conflict) -> Mapping[str, bytes]:
        """Return, by object id, the text versions of paths that can only be chosen whole."""

    def history(self, task: TaskId, path: PathConflict) -> History:
        """Return the commits of either side that touched a path since the merge base."""

    def mark(self, task: TaskId) -> Mark:
        """Return what changes when the record is written. Quick."""

    def keep(self, task: TaskId, before: ConflictRecord, after: ConflictRecord) -> ConflictRecord:
        """Write the record to disk, unless it is no longer `before` there; return it as it is there now."""

    def forget(self, task: TaskId) -> None:
        """Discard all choices."""

    def refuse(self, view: ConflictView, author: str) -> None:
        """Refuse the proposals of an author for this conflict."""

    def doubts(self, conflict: Conflict, record: ConflictRecord) -> list[str]:
        """Return a sentence for each decided file that looks wrong."""

    def why_not_named(self, view: ConflictView, path: PathConflict, record: ConflictRecord, name: str) -> str:
        """Return why a version of the path cannot get this name; empty if it can."""

    def edit(
        self, view: ConflictView, path: PathConflict, record: ConflictRecord, line: int
    ) -> ConflictRecord | None:
        """Open a file at a line in the person's editor; None if the editor failed."""

    def use_tool(self, view: ConflictView, path: PathConflict, record: ConflictRecord) -> ConflictRecord:
        """Open a file in the person's mergetool."""

    def show_result(self, view: ConflictView, record: ConflictRecord) -> None:
        """Show what would land, once nothing is left to choose."""


class NoConflicts:
    """There is no repository, so no conflict can be shown."""

    keep = forget = refuse = edit = use_tool = show_result = _refuse
    versions = history = doubts = why_not_named = _refuse

    def conflict_view(self, task: TaskId) -> ConflictView:
        """Refuse; whatever else is asked is about such a view."""
        raise RefusedError(f"the conflict of {task} needs the run's repository: porch resolve {task}")

    def mark(self, task: TaskId) -> Mark:
        """Return that there is no record."""
        return ()
