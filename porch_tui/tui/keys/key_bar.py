"""The key bar: the keys that would do something right now, each a button for the mouse too."""

from __future__ import annotations

from itertools import islice
from typing import Any

from msgspec import Struct
from rich.cells import cell_len
from textual.events import Click
from textual.message import Message
from textual.screen import Screen

from porch_tui.core.model.commands import RetryTask
from porch_tui.core.model.index import awaits_review
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import TaskStatus
from porch_tui.present.outcome import QueueWord, queue_words
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.keys.active_keys import ActiveKey, active_keys
from porch_tui.tui.model.actions import Action, is_possible, label, refusal
from porch_tui.tui.model.run_summary import can_pause_or_resume_all, retryable, waits_for_engine
from porch_tui.tui.model.view import View, validation_of

_GAP_CELLS = 3
"""Between two keys."""
_BACK_OR_QUIT = ("queue.back", "grid.back", "screen.close", "run.quit")
"""The first of these that is bound is what `q` does here."""
_ORDER = (
    "own.stop",
    "board.need",
    *("diff.approve", "diff.send_back", "diff.comment"),
    *("task.resolve", "task.diff", "task.elsewhere"),
    *("list.step_in", "log.step_in", "grid.step_in"),
    *("list.answer", "log.answer", "grid.answer"),
    "list.log",
    *("log.yank", "log.back", "log.next"),
    *("task.finish", "task.pause", "task.retry", "task.reword", "task.stop"),
    *("list.filter", "log.search", "report.search"),
    *("screen.queue", "task.requeue"),
    *("log.follow", "board.validation"),
    *("task.move_up", "task.move_down", "task.hold", "task.stop_validation"),
)
"""What the run waits for comes first, then what was begun in a log, the actions of every day, and the search,
which is hard to guess. The rest follows as bound, actions first."""


class Key(Struct, frozen=True):
    """One key of the bar."""

    key: str
    """As it is written for people."""
    label: str
    id: str
    """Of the binding."""


class KeyBar(Rows):
    """Keys left to right, as many as fit; the last two (help and quit) are always there."""

    DEFAULT_CSS = "KeyBar { background: $panel; }"
    keys: tuple[Key, ...] = ()
    always: tuple[Key, ...] = ()

    class Pressed(Message):
        """A key was clicked."""

        def __init__(self, id: str) -> None:
            super().__init__()
            self.id = id

    def draw(self, keys: tuple[Key, ...], always: tuple[Key, ...]) -> None:
        """Show these keys, the more important first."""
        self.keys, self.always = keys, always
        self.redraw()

    def compose_lines(self) -> list[Line]:
        """Return the one line."""
        spans = [Span(" ")]
        for key in self._fitting():
            spans += [
                Span(key.key, Role.RUN, is_bold=True),
                Span(f" {key.label}{' ' * _GAP_CELLS}", Role.MUTED),
            ]
        return [tuple(spans)]

    def on_click(self, event: Click) -> None:
        at = 1
        for key in self._fitting():
            if at <= event.x < at + _cells(key):
                self.post_message(self.Pressed(key.id))
            at += _cells(key)

    def _fitting(self) -> list[Key]:
        """Return the keys that have room, the more important served first; the last needs no gap."""
        room = self.size.width - 1 + _GAP_CELLS - sum(map(_cells, self.always))
        shown: list[Key] = []
        for key in self.keys:
            if _cells(key) <= room:
                room -= _cells(key)
                shown.append(key)
        return [*shown, *self.always]


def _cells(key: Key) -> int:
    return cell_len(key.key) + 1 + cell_len(key.label) + _GAP_CELLS


def useful_keys(
    screen: Screen[Any], view: View, task: TaskId | None, charset: Charset
) -> tuple[tuple[Key, ...], tuple[Key, ...]]:
    """Return the keys worth showing, the more important first, and those that are always there."""
    bound = {one.id: one for one in active_keys(screen, charset)}
    first = [*_ORDER, *(id for id in bound if id.startswith("task."))]
    if screen.has_class("-zoom"):
        first.insert(0, "board.zoom")
    if waits_for_engine(view):
        first.insert(0, "run.resume")
    if "board.validation" in bound:
        first.append("run.resume")
    else:
        first.remove("screen.queue")  # a screen's own keys come before those that lead to others
    others = sorted(bound, key=lambda id: id == "run.resume")
    q = next((id for id in _BACK_OR_QUIT if id in bound), "run.quit")
    always = [id for id in ("run.help", q) if id in bound]
    # the key of the screen that is open already is left out: it has its own keys, and esc closes it
    left_out = {*always, "run.quit", f"screen.{screen.id}", f"task.{screen.id}"}
    order = [id for id in dict.fromkeys((*first, *others)) if id in bound and id not in left_out]
    useful = [bound[id] for id in order if bound[id].is_shown and _is_useful(bound[id], view, task)]
    if any(one.id == "diff.send_back" for one in useful):  # a plain retry would leave the comments behind
        useful = [one for one in useful if one.id != "task.retry"]
    return tuple(_key(one, view, task) for one in useful), tuple(_key(bound[id], view, task) for id in always)


def _action_of(one: ActiveKey) -> Action | None:
    """Return the action of a key whose id is `task.` or `run.` and the action's name."""
    name = one.id.partition(".")[2]
    return Action(name) if name in list(Action) else None


def _is_useful(one: ActiveKey, view: View, task: TaskId | None) -> bool:
    action = _action_of(one)
    if action is Action.PAUSE_ALL:
        return can_pause_or_resume_all(view)
    if action is not None:
        return is_possible(action, view.state, task)
    match one.id:
        case "run.resume":
            are_several_failed = len(list(islice(retryable(view), 2))) > 1
            return (waits_for_engine(view) and view.can_start_engine) or are_several_failed
        case "diff.approve" | "task.diff":
            return task is not None and awaits_review(view.state, task)
        case "diff.send_back" | "diff.comment":
            return task is not None and refusal(view.state, RetryTask("", task, say="…")) is None
        case "task.reword":
            return task is not None and view.state.tasks[task].status is TaskStatus.FAILED
        case "task.resolve":
            return task is not None and queue_words(view.state).get(task) is QueueWord.CONFLICTED
        case "board.need":
            return bool(view.derived.needs)
        case "board.validation":
            return task is not None and validation_of(view.state, task) is not None
        case "board.copy" | "board.zoom" | "list.log" | "list.filter":
            return task is not None
        case _:
            return True


def _key(one: ActiveKey, view: View, task: TaskId | None) -> Key:
    action = _action_of(one)
    text = one.label if action is None else label(action, view.state, task)
    if one.id == "run.resume" and not waits_for_engine(view):
        text = "retry failed"
    return Key(one.keys[0], text, one.id)
