"""What the keys that choose do to the record of a conflict, and how it is given to the merge queue.

What cannot be taken back by `u` is asked first.
"""

from __future__ import annotations

from collections.abc import Callable

from textual import on, work
from textual.message import Message

from porch_tui.core.conflict.conflict import Choice, Decision
from porch_tui.core.conflict.offers import Word
from porch_tui.core.conflict.parked import Parked
from porch_tui.core.model import commands as c
from porch_tui.core.model.state import own_record
from porch_tui.core.model.status import EntryStatus
from porch_tui.errors import PorchError
from porch_tui.tui.conflict.path_choices import PathChoices
from porch_tui.tui.conflict.record import ConflictFollower
from porch_tui.tui.conflict.viewpoint import Viewpoint
from porch_tui.tui.conflict.words import Names, left_words, names
from porch_tui.tui.widgets.prompt import Prompt
from porch_tui.tui.widgets.questions import Choice as Answer
from porch_tui.tui.widgets.questions import Question, yes_or_no


class ConflictChooser(ConflictFollower):
    """A screen on which one chooses."""

    class Checked(Message):
        """What was to be completed was looked at: what is missing, and what looks wrong."""

        def __init__(self, parked: Parked | None, said: list[str]) -> None:
            super().__init__()
            self.parked, self.said = parked, said

    class Named(Message):
        """A name was looked at."""

        def __init__(self, view: Viewpoint, name: str, why_not: str) -> None:
            super().__init__()
            self.view, self.name, self.why_not = view, name, why_not

    @property
    def who(self) -> Names:
        """How the sides are called. Only where there is a viewpoint."""
        assert self.viewpoint is not None
        parked = self.viewpoint.parked
        return names(parked, self.view.state.specs[parked.task].title)

    @property
    def prompt(self) -> Prompt:
        """Where a name is typed."""
        return self.query_one(Prompt)

    def ready(self) -> Viewpoint | None:
        """Return the place that a key is about; None, having said why, where nothing can be chosen."""
        if self.viewpoint is None:
            self.tell_person(self.why_not)
        return self.viewpoint

    def tell_person(self, text: str) -> None:
        """Tell the person something."""
        self.post_message(self.Notify(text))

    def ask(self, asked: str, consequence: str, go_on: Callable[[], None]) -> None:
        """Ask, and go on if the answer is yes."""

        def answered(is_yes: bool | None) -> None:
            if is_yes:
                go_on()

        self.app.push_screen(yes_or_no(asked, consequence, self.context.charset), answered)

    # --- one hunk, or one path

    def action_take(self, choice: str) -> None:
        """Choose for what is looked at."""
        view = self.ready()
        if view is None:
            return
        if Choice(choice) in view.path.choices:
            self.keep(view.choosing(Decision(Choice(choice))))
        else:
            self.tell_person(f"{view.path.path} can only be chosen whole: by a number, or j, k and enter")

    def action_whole(self) -> None:
        """Ask what to choose for the whole file."""
        view = self.ready()
        if view is None:
            return
        if view.hunk is None:
            self.tell_person("this file is chosen whole already: by a number, or j, k and enter")
            return
        who, path = self.who, view.path
        answers = [
            Answer("<", f"{who.main} everywhere", Choice.MAIN),
            Answer(">", f"{who.task} everywhere", Choice.TASK),
            Answer("=", f"both everywhere, {who.target} first", Choice.BOTH),
            Answer("B", f"both everywhere, {who.task} first", Choice.BOTH_REVERSED),
            Answer("|", "as it was before both", Choice.BASE),
        ]
        done = len(path.hunks) - len(view.left[view.file])
        consequence = f"Chosen already: {done} of {len(path.hunks)}. u brings that back." if done else ""
        title = f"What is to become of all of {path.path}?"
        asked = Question(title, consequence, answers, "as it is", self.context.charset)

        def answered(choice: Choice | None) -> None:
            if choice is not None and self.viewpoint is not None:
                self.keep(self.viewpoint.choosing_file(choice))

        self.app.push_screen(asked, answered)

    @on(PathChoices.Picked)
    def _pick(self, message: PathChoices.Picked) -> None:
        view = self.ready()
        if view is None:
            return
        if message.decision is None:
            self.prompt.ask("a name for it, as src/other.py", view.path.path)
        elif message.decision.choice is Choice.AS:
            self._look_at_name(view, message.decision.name)
        else:
            self.keep(view.choosing(message.decision))

    @on(Prompt.Ended)
    def _end_name(self, message: Prompt.Ended) -> None:
        self.focus_place()
        if message.text and (view := self.ready()) is not None:
            self._look_at_name(view, message.text)

    def focus_place(self) -> None:
        """Have the keys go to what is looked at."""

    @work(thread=True, exclusive=True, group="name")
    def _look_at_name(self, view: Viewpoint, name: str) -> None:
        record = view.record.with_step(view.choosing(Decision(Choice.AS, name=name)))
        try:
            why_not = self.context.outside.conflicts.why_not_named(view.parked, view.path, record, name)
        except PorchError as error:
            why_not = str(error)
        self.post_message(self.Named(view, name, why_not))

    @on(Named)
    def _take_name(self, message: Named) -> None:
        if message.why_not:
            self.tell_person(f"{message.why_not}; give another name")
        elif self.viewpoint is not None:
            self.keep(message.view.choosing(Decision(Choice.AS, name=message.name)))

    # --- what others put forward

    def action_offer(self) -> None:
        """Take the offer in view; if what was chosen is in view, show the offer first."""
        view = self.ready()
        if view is None:
            return
        if not view.offers:
            self.tell_person("nothing is remembered or proposed here that is not chosen already")
        elif view.hunk is not None and view.shown_offer is None:
            self.viewpoint = view.peeking()
            self.show_conflict()
        else:
            self.keep(view.taking(view.shown_offer or view.offers[0]))

    def action_refuse(self) -> None:
        """Ask whether nothing is to be proposed for this conflict."""
        view, resolver = self.ready(), self.view.state.plan.resolver
        if view is None:
            return
        if resolver is None or not view.parked.offers.get(Word.PROPOSED):
            self.tell_person("nothing is proposed here that could be refused")
            return
        author = resolver.author
        self.ask(
            f"Refuse all that {author} proposes for {view.parked.task}?",
            "What you have chosen stays, what you took of it too. It is not asked again about this conflict.",
            lambda: self._refuse(author),
        )

    def _refuse(self, author: str) -> None:
        if self.viewpoint is None:
            return
        try:
            self.context.outside.conflicts.refuse(self.viewpoint.parked, author)
        except PorchError as error:
            self.tell_person(str(error))
            return
        task = self.viewpoint.parked.task
        self.post_message(
            self.CommandRequested(c.RefuseProposal(self.context.session.new_command_id(), task))
        )
        self.merge_again()

    # --- back and forth

    def action_undo(self) -> None:
        """Take back the last act."""
        if (view := self.ready()) is not None:
            if view.record.can_undo:
                self.keep_record(view.record.undone())
            else:
                self.tell_person("nothing is chosen that could be taken back")

    def action_redo(self) -> None:
        """Bring back the act that was taken back last."""
        if (view := self.ready()) is not None:
            if view.record.can_redo:
                self.keep_record(view.record.redone())
            else:
                self.tell_person("nothing was taken back that could be chosen again")

    def action_reset(self) -> None:
        """Ask whether to forget what was chosen in the file."""
        view = self.ready()
        if view is None:
            return
        path = view.path.path
        if not any(key[0] == path for key in view.decisions):
            self.tell_person(f"nothing is chosen in {path}")
            return

        def reset() -> None:
            if self.viewpoint is not None:
                self.keep_record(self.viewpoint.record.without(path))

        self.ask(f"Forget what was chosen in {path}?", "u does not bring it back. Other files stay.", reset)

    def action_abort(self) -> None:
        """Ask whether to forget all that was chosen."""
        view = self.ready()
        if view is None:
            return
        if not view.record.steps:
            self.tell_person("nothing is chosen yet")
            return
        task = view.parked.task
        asked = f"Forget all that was chosen for {task}?"
        self.ask(
            asked, f"{task} stays in conflict, as at the beginning. u does not bring it back.", self._abort
        )

    def _abort(self) -> None:
        if self.viewpoint is None:
            return
        try:
            self.context.outside.conflicts.forget(self.viewpoint.parked.task)
        except PorchError as error:
            self.tell_person(str(error))
        self.merge_again()

    # --- to the queue

    def action_complete(self) -> None:
        """Have all looked at once more, if nothing is left; else go to what is, and say where."""
        view = self.ready()
        if view is None:
            return
        if view.left_over_all:
            self.tell_person(left_words(view))
        else:
            self._check(view)

    @work(thread=True, exclusive=True, group="check")
    def _check(self, view: Viewpoint) -> None:
        conflicts = self.context.outside.conflicts
        try:
            parked = conflicts.parked(view.parked.task)
            said = list(parked.missing) or conflicts.doubts(parked.conflict, parked.record)
        except PorchError as error:
            self.post_message(self.Checked(None, [str(error)]))
        else:
            self.post_message(self.Checked(parked, said))

    @on(Checked)
    def _end_check(self, message: Checked) -> None:
        parked = message.parked
        if parked is None or parked.missing:
            self.tell_person("; ".join(message.said))
            self.merge_again()
        elif message.said:
            consequence = "It is validated before it lands, like all else."
            self.ask(f"Complete it? {'; '.join(message.said)}", consequence, lambda: self._give(parked))
        else:
            self._give(parked)

    def _give(self, parked: Parked) -> None:
        session, task = self.context.session, parked.task
        if session.anticipated().entries[task].status is not EntryStatus.CONFLICTED:
            self.post_message(
                self.Finished(f"{task} is resolved already; it waits for an engine: R starts one")
            )
            return
        # the wish first: with it, what was said before goes
        self.post_message(
            self.CommandRequested(c.ResolveConflict(session.new_command_id(), task, own_record(task)))
        )
        self.post_message(
            self.Finished(f"{task} is resolved: it goes to the merge queue, and is validated there")
        )
