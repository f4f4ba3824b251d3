"""What the keys of the conflict screen do, without a screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from porch_tui.core.conflict.conflict import Choice, Decision
from porch_tui.core.model import commands as c
from porch_tui.tui.conflict.controller import ConflictController
from porch_tui.tui.conflict.editing import ManualEditing
from porch_tui.tui.model.view import EngineStatus, View, derive
from tests.tui.conflict_harness import AUTH, TWO_FILES, ParkedRun


class Desk:
    """Answers as a person would, without a screen: what runs in a thread runs at once."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.sent: list[c.AnyCommand] = []
        self.asked: list[str] = []
        self.edited: str | None = None
        self.closed: str | None = None
        self.answer: Choice | bool = True

    def show(self) -> None:
        pass

    def say(self, text: str) -> None:
        self.messages.append(text)

    def ask(self, question: str, consequence: str, then: Callable[[], None]) -> None:
        self.asked.append(question)
        if self.answer:
            then()

    def ask_which(
        self, question: str, consequence: str, answers: Sequence[Any], then: Callable[[Choice], None]
    ) -> None:
        assert isinstance(self.answer, Choice)
        then(self.answer)

    def ask_name(self, usual: str) -> None:
        pass

    def in_thread(self, compute: Callable[[], Any], then: Callable[[Any], None]) -> None:
        then(compute())

    def open_editor(self, text: str) -> None:
        self.edited = text

    def close_editor(self) -> None:
        self.edited = None

    def lend_terminal(self, act: Callable[[], object]) -> str:
        act()
        return ""

    def send(self, command: c.AnyCommand) -> None:
        self.sent.append(command)

    def close(self, text: str) -> None:
        self.closed = text


class Resolved:
    """A conflict with two hunks in one file and one in another."""

    def __init__(self, run: ParkedRun) -> None:
        self.run, self.desk = run, Desk()
        self.session = run.session()
        self.controller = ConflictController(AUTH, run.beside().conflicts, self.session, self.desk)
        self.follow()

    def follow(self) -> None:
        state = self.run.state
        self.controller.follow(View(state, derive(state), EngineStatus.GONE, self.run.now))

    def do(self, name: str, *arguments: object) -> None:
        """Call a method of the controller as the screen does."""
        getattr(self.controller, name)(self.controller.current(), *arguments)

    def decisions(self) -> list[Choice]:
        """What is chosen on disk, in no order."""
        return [decision.choice for decision in self.run.kept.decisions().values()]


@pytest.fixture
def resolved(tmp_path):
    return Resolved(ParkedRun(tmp_path, *TWO_FILES))


def test_a_choice_is_on_disk_at_once_and_undo_and_redo_follow(resolved):
    resolved.do("take", "main")
    assert [Choice.MAIN] == resolved.decisions()

    resolved.do("undo")
    assert [] == resolved.decisions()

    resolved.do("redo")
    assert [Choice.MAIN] == resolved.decisions()


def test_undo_without_a_choice_says_so(resolved):
    resolved.do("undo")

    assert ["nothing to undo"] == resolved.desk.messages


def test_a_whole_file_is_chosen_by_one_answer(resolved):
    resolved.desk.answer = Choice.TASK
    resolved.do("whole")

    assert [Choice.TASK, Choice.TASK] == resolved.decisions()


def test_completing_with_hunks_left_says_where(resolved):
    resolved.do("complete")

    assert ["3 hunks left: app/calc.py, hunk 1, 2 and 1 more file (n)"] == resolved.desk.messages
    assert not resolved.desk.sent


def test_a_complete_resolution_is_sent_and_the_screen_closed(resolved):
    for _ in range(3):
        resolved.do("take", "task")
        resolved.controller.go(resolved.controller.current().moved(1))
    resolved.do("complete")

    [command] = resolved.desk.sent
    assert isinstance(command, c.ResolveConflict) and command.task == AUTH
    assert "auth is resolved and goes to the merge queue" == resolved.desk.closed


def test_choices_are_kept_when_the_target_moves(resolved):
    resolved.do("take", "main")
    onto = resolved.run.repo.made(resolved.run.onto, {"other.txt": "new\n"})
    resolved.run.collide_upon(onto)
    resolved.follow()

    view = resolved.controller.viewpoint
    assert view is not None and Decision(Choice.MAIN) == view.decision


def test_a_record_written_elsewhere_is_read_again(resolved):
    other = Resolved(resolved.run)
    other.do("take", "main")
    resolved.controller.check_record()

    assert "choices were made elsewhere; now shown here" in resolved.desk.messages
    view = resolved.controller.viewpoint
    assert view is not None and Decision(Choice.MAIN) == view.decision


def test_a_saved_edit_is_the_choice(resolved):
    editing = ManualEditing(resolved.controller)
    editing.hunk(resolved.controller.current())
    editing.save("both\n")

    assert [Choice.TEXT] == resolved.decisions() and resolved.desk.edited is None


def test_a_changed_edit_is_discarded_only_after_a_question(resolved):
    editing = ManualEditing(resolved.controller)
    editing.hunk(resolved.controller.current())
    resolved.desk.answer = False
    editing.cancel(is_changed=True)
    assert resolved.desk.edited is not None

    resolved.desk.answer = True
    editing.cancel(is_changed=True)
    assert resolved.desk.edited is None and ["Discard your edit?"] * 2 == resolved.desk.asked


def test_leaving_says_what_is_left(resolved):
    resolved.do("take", "main")
    resolved.controller.leave()

    assert "auth: 2 hunks left; your choices are kept (c continues)" == resolved.desk.closed
