"""Resolves one task's conflict: merges it again after a move, keeps the choices, hands over the result.

Nothing here knows Textual: the screen draws `viewpoint`, passes keys on, and is reached through `Host`.
The record of choices may be written elsewhere meanwhile (`porch resolve`), and the target may move.
Choices are about texts and not about commits, so they stay valid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol, TypeVar

from porch_tui.core.conflict.conflict import Choice, ConflictRecord, Decision, History, Step
from porch_tui.core.conflict.offers import OfferSource
from porch_tui.core.conflict.view import ConflictView
from porch_tui.core.model import commands as c
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import own_record
from porch_tui.core.model.status import EntryStatus
from porch_tui.core.model.wording import counted
from porch_tui.errors import PorchError
from porch_tui.present.status_label import task_label
from porch_tui.session.session import Session
from porch_tui.tui.conflict.viewpoint import Drawn, Viewpoint, opened
from porch_tui.tui.conflict.words import Names, left_text, names, where_left
from porch_tui.tui.model.outside import Mark, Resolving
from porch_tui.tui.model.view import View

Result = TypeVar("Result")
Versions = Mapping[str, bytes]
"""By object id: the paths without hunks that are text."""

LOOKING = "reading the conflict…"
MOVED = "merged again: a branch has moved; choices are kept where they still fit"
ELSEWHERE = "choices were made elsewhere; now shown here"
NO_HISTORY_YET = "reading its commits…"


class Host(Protocol):
    """What the controller needs from the screen."""

    def show(self) -> None:
        """Draw the conflict."""

    def say(self, text: str) -> None:
        """Show a message."""

    def ask(self, question: str, consequence: str, then: Callable[[], None]) -> None:
        """Ask yes or no; call `then` on yes."""

    def ask_which(
        self, question: str, consequence: str, answers: Sequence[tuple[str, str, Choice]],
        then: Callable[[Choice], None],
    ) -> None:  # fmt: skip
        """Ask for one of several answers (key, text, choice); call `then` unless the person backs out."""

    def ask_name(self, usual: str) -> None:
        """Ask for a file name; the answer comes back through `name`."""

    def in_thread(self, compute: Callable[[], Result], then: Callable[[Result], None]) -> None:
        """Run `compute` in a thread, and `then` with its result in the screen's own turn."""

    def open_editor(self, text: str) -> None:
        """Open an editor for one hunk on the screen."""

    def close_editor(self) -> None:
        """Close that editor."""

    def lend_terminal(self, act: Callable[[], object]) -> str:
        """Give the terminal to what `act` runs until it ends; return what went wrong, or its text."""

    def send(self, command: c.AnyCommand) -> None:
        """Send a command to the engine."""

    def close(self, text: str) -> None:
        """Leave the conflict, with a message for the board."""


class ConflictController:
    """One task's conflict, where the person is in it, and what they have chosen."""

    def __init__(self, task: TaskId | None, conflicts: Resolving, session: Session, host: Host) -> None:
        self.task, self.host, self.conflicts = task, host, conflicts
        self.viewpoint: Viewpoint | None = None
        """None while nothing can be chosen."""
        self.why_not = LOOKING if task is not None else "no task is chosen"
        """Why there is no viewpoint."""
        self.is_merging = False
        self._session = session
        self._serial = 0
        """Of the newest merge; the results of older ones are dropped."""
        self._merged: object = None
        """What was merged last: commits and proposal."""
        self._mark: Mark = ()
        self._histories: dict[tuple[str, str], History | str] = {}
        """By path and merged tree: on another tip the history is another."""

    # --- the run and the record change

    def follow(self, view: View) -> None:
        """Merge the task again if its conflict has changed, or say why it has none."""
        if self.task is None:
            return
        entry = view.state.entries.get(self.task)
        if entry is None or entry.status is not EntryStatus.CONFLICTED:
            word = task_label(view.state, self.task, view.now).word
            self._lose(f"{self.task} is not in conflict ({word}). Your choices for it are kept.")
            self._merged = None
        elif (merged := (entry.onto, entry.head, entry.proposal)) != self._merged:
            self.merge_again(MOVED if self._merged is not None else "")
            self._merged = merged

    def check_record(self) -> None:
        """Notice if the record was written elsewhere, by `porch resolve`."""
        if self.task is None or self.viewpoint is None or self.is_merging:
            return
        if self.conflicts.mark(self.task) != self._mark:
            self.merge_again(ELSEWHERE)

    def merge_again(self, message: str = "") -> None:
        """Merge the task as it is now; show `message` if the conflict has changed."""
        if self.task is None:
            return
        self._serial += 1
        self.is_merging = True
        self._mark = self.conflicts.mark(self.task)
        self.host.in_thread(
            partial(_or_why_not, self._merge, self.task), partial(self._show_merged, self._serial, message)
        )

    def _merge(self, task: TaskId) -> tuple[ConflictView, Versions]:
        conflicted = self.conflicts.conflict_view(task)
        return conflicted, self.conflicts.versions(conflicted.conflict)

    def _show_merged(self, serial: int, message: str, found: tuple[ConflictView, Versions] | str) -> None:
        if serial != self._serial:
            return
        self.is_merging = False
        if isinstance(found, str):
            self._lose(found)
        else:
            before, (conflicted, versions) = self.viewpoint, found
            self.viewpoint = (
                before.merged_again(conflicted, versions) if before else opened(conflicted, versions)
            )
            if before is not None and message and before.conflicted != conflicted:
                self.host.say(message)
        self.host.show()

    def _lose(self, why: str) -> None:
        self._serial += 1
        self.is_merging = False
        self.viewpoint, self.why_not = None, why

    # --- what is kept

    def keep(self, step: Step) -> bool:
        """Add a step to the record; return whether it is on disk, as it is if the step changes nothing."""
        if not step:
            return True
        return self.viewpoint is not None and self.keep_record(self.viewpoint.record.with_step(step))

    def keep_record(self, record: ConflictRecord) -> bool:
        """Replace the record on disk; return whether that worked."""
        view, task = self.viewpoint, self.task
        if view is None or task is None:
            return False
        try:
            kept = self.conflicts.keep(task, view.record, record)
        except PorchError as error:
            self.host.say(str(error))
            self.merge_again()
            return False
        self._mark = self.conflicts.mark(task)
        self.viewpoint = view.with_record(kept)
        if self.is_merging:
            self.merge_again(MOVED)  # the merge under way may have read the previous record
        self.host.show()
        return True

    def current(self) -> Viewpoint | None:
        """Return where the person is; None, with a message, where nothing can be chosen."""
        if self.viewpoint is None:
            self.host.say(self.why_not)
        return self.viewpoint

    def names(self, view: Viewpoint) -> Names:
        """Return how the two sides are called."""
        return names(view.conflicted, self._session.state.specs[view.conflicted.task].title)

    # --- what is looked at

    def go(self, view: Viewpoint) -> None:
        """Look at another place, or at the same one differently."""
        self.viewpoint = view
        self.host.show()

    def show_as(self, view: Viewpoint, drawn: str) -> None:
        """Draw the sides in this way, or as diffs again."""
        # the person asks once more for the histories that could not be read
        self._histories = {key: one for key, one in self._histories.items() if isinstance(one, History)}
        self.go(view.toggled(Drawn[drawn]))

    def history_of(self, view: Viewpoint) -> History | str:
        """Return the commits that touched the file, or in a sentence why there are none yet."""
        key = (view.path.path, view.conflicted.conflict.tree)
        if key not in self._histories:
            self._histories[key] = NO_HISTORY_YET
            read = partial(_or_why_not, self.conflicts.history, view.conflicted.task, view.path)

            def show(found: History | str) -> None:
                self._histories[key] = found
                self.host.show()

            self.host.in_thread(read, show)
        return self._histories[key]

    # --- choices

    def take(self, view: Viewpoint, choice: str) -> None:
        """Choose for what is looked at."""
        if Choice(choice) in view.path.choices:
            self.keep(view.choosing(Decision(Choice(choice))))
        else:
            self.host.say(f"{view.path.path} can only be chosen whole: type a number, or use j, k and enter")

    def whole(self, view: Viewpoint) -> None:
        """Ask what to choose for the whole file."""
        if view.hunk is None:
            self.host.say("this file can only be chosen whole: type a number, or use j, k and enter")
            return
        who = self.names(view)
        answers = [
            ("<", f"{who.main} everywhere", Choice.MAIN),
            (">", f"{who.task} everywhere", Choice.TASK),
            ("=", f"both everywhere, {who.target} first", Choice.BOTH),
            ("~", f"both everywhere, {who.task} first", Choice.BOTH_REVERSED),
            ("|", "the base everywhere", Choice.BASE),
        ]
        done = len(view.path.hunks) - len(view.left[view.file])
        consequence = f"Replaces {counted(done, 'choice')} in this file; u undoes it." if done else ""

        def chosen(choice: Choice) -> None:
            if self.viewpoint is not None:
                self.keep(self.viewpoint.choosing_file(choice))

        self.host.ask_which(f"Choose what for all of {view.path.path}?", consequence, answers, chosen)

    def pick(self, view: Viewpoint, decision: Decision | None) -> None:
        """Decide a path that can only be chosen whole; None asks for a name first."""
        if decision is None:
            self.host.ask_name(view.path.path)
        elif decision.choice is Choice.AS:
            self.name(view, decision.name)
        else:
            self.keep(view.choosing(decision))

    def name(self, view: Viewpoint, name: str) -> None:
        """Give the file another name, if it can have that name."""
        step = view.choosing(Decision(Choice.AS, name=name))

        def checked(why_not: str) -> None:
            if why_not:
                self.host.say(f"{why_not}; give another name")
            else:
                self.keep(step)

        where = (view.conflicted, view.path, view.record.with_step(step))
        self.host.in_thread(partial(_or_why_not, self.conflicts.why_not_named, *where, name), checked)

    def offer(self, view: Viewpoint) -> None:
        """Take the offer in view; if a choice is in view, show the offer first."""
        if not view.offers:
            self.host.say("no other resolution is remembered or proposed here")
        elif view.hunk is not None and view.shown_offer is None:
            self.go(view.peeking())
        else:
            self.keep(view.taking(view.shown_offer or view.offers[0]))

    def refuse(self, view: Viewpoint) -> None:
        """Ask whether to refuse all proposals for this conflict."""
        resolver = self._session.state.plan.resolver
        if resolver is None or not view.conflicted.offers.get(OfferSource.PROPOSED):
            self.host.say("nothing is proposed here")
            return
        author = resolver.author

        def refuse() -> None:
            if self.viewpoint is None:
                return
            try:
                self.conflicts.refuse(self.viewpoint.conflicted, author)
            except PorchError as error:
                self.host.say(str(error))
                return
            task = self.viewpoint.conflicted.task
            self.host.send(c.RefuseProposal(self._session.new_command_id(), task))
            self.merge_again()

        consequence = "Your choices stay, proposals you took too. It is not asked again about this conflict."
        self.host.ask(f"Refuse all proposals of {author} for {view.conflicted.task}?", consequence, refuse)

    def undo(self, view: Viewpoint) -> None:
        """Undo the last choice."""
        if view.record.can_undo:
            self.keep_record(view.record.undone())
        else:
            self.host.say("nothing to undo")

    def redo(self, view: Viewpoint) -> None:
        """Redo the choice undone last."""
        if view.record.can_redo:
            self.keep_record(view.record.redone())
        else:
            self.host.say("nothing to redo")

    def reset(self, view: Viewpoint) -> None:
        """Ask whether to forget the choices in this file."""
        path = view.path.path
        if not any(key[0] == path for key in view.decisions):
            self.host.say(f"nothing is chosen in {path}")
            return

        def forget() -> None:
            if self.viewpoint is not None:
                self.keep_record(self.viewpoint.record.without(path))

        consequence = "This cannot be undone. Choices in other files stay."
        self.host.ask(f"Forget your choices in {path}?", consequence, forget)

    def abort(self, view: Viewpoint) -> None:
        """Ask whether to forget all choices."""
        if not view.record.steps:
            self.host.say("nothing is chosen yet")
            return
        task = view.conflicted.task

        def forget() -> None:
            if self.viewpoint is None:
                return
            try:
                self.conflicts.forget(task)
            except PorchError as error:
                self.host.say(str(error))
            self.merge_again()

        consequence = f"This cannot be undone. {task} stays in conflict."
        self.host.ask(f"Forget all your choices for {task}?", consequence, forget)

    # --- to the merge queue

    def complete(self, view: Viewpoint) -> None:
        """Check the result and hand it to the merge queue; say where something is left to choose."""
        if view.left_count:
            self.host.say(where_left(view))
        else:
            task = view.conflicted.task
            self.host.in_thread(partial(_or_why_not, self._check, task), partial(self._end_check, task))

    def _check(self, task: TaskId) -> tuple[Sequence[str], Sequence[str]]:
        """Return what is missing in the result as the conflict is now, else what looks wrong in it."""
        conflicted = self.conflicts.conflict_view(task)
        if conflicted.missing:
            return conflicted.missing, ()
        return (), self.conflicts.doubts(conflicted.conflict, conflicted.record)

    def _end_check(self, task: TaskId, found: tuple[Sequence[str], Sequence[str]] | str) -> None:
        missing, doubts = ([found], ()) if isinstance(found, str) else found
        if missing:
            self.host.say("; ".join(missing))
            self.merge_again()
        elif doubts:
            question = f"Complete it? {'; '.join(doubts)}"
            consequence = "The result is validated before it lands."
            self.host.ask(question, consequence, partial(self._hand_over, task))
        else:
            self._hand_over(task)

    def _hand_over(self, task: TaskId) -> None:
        if self._session.anticipated().entries[task].status is not EntryStatus.CONFLICTED:
            self.host.close(f"{task} is resolved already and waits for an engine: R starts one")
            return
        # the command first: sending it removes earlier messages
        self.host.send(c.ResolveConflict(self._session.new_command_id(), task, own_record(task)))
        self.host.close(f"{task} is resolved and goes to the merge queue")

    def leave(self) -> None:
        """Go back from the history to the sides, or from these to the board. The choices are on disk."""
        view = self.viewpoint
        if view is not None and view.drawn is Drawn.HISTORY:
            self.go(view.toggled(Drawn.HISTORY))
        elif view is None or not view.record.steps:
            self.host.close("")
        elif view.left_count:
            left = left_text(view)
            self.host.close(f"{view.conflicted.task}: {left} left; your choices are kept (c continues)")
        else:
            how = "all chosen, but not completed: c opens it, c again completes it"
            self.host.close(f"{view.conflicted.task}: {how}")


def _or_why_not(compute: Callable[..., Result], *arguments: object) -> Result | str:
    """Return what it computes, or in a sentence why it cannot."""
    try:
        return compute(*arguments)
    except PorchError as error:
        return str(error)
