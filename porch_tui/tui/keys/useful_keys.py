"""Which keys the bottom line shows: those that would do something just now. Help lists all."""

from __future__ import annotations

from itertools import islice
from typing import Any

from textual.screen import Screen

from porch_tui.core.model.plan import TaskId
from porch_tui.present.outcome import QueueWord
from porch_tui.present.signs import Charset
from porch_tui.tui.keys.bound_keys import BoundKeys, bound_keys
from porch_tui.tui.keys.key_bar import Key
from porch_tui.tui.model.actions import Action, is_possible, label
from porch_tui.tui.model.run_summary import can_pause_or_resume_all, retryable, waits_for_engine
from porch_tui.tui.model.status_label import validation_of
from porch_tui.tui.model.view import View

_BACK_OR_QUIT = ("queue.back", "grid.back", "screen.close", "run.quit")
"""The first of these that is bound is what `q` does here."""
_ORDER = (
    "board.need",
    "task.resolve",
    "list.log",
    *("log.yank", "log.back", "log.next"),
    *("task.pause", "task.retry", "task.stop"),
    *("list.filter", "log.search", "report.search"),
    *("screen.queue", "task.requeue"),
    *("log.follow", "board.validation"),
    *("task.move_up", "task.move_down", "task.hold", "task.stop_validation"),
)
"""What the run waits for comes before what the person might do besides; then what was begun in a log, the
verbs of every day, and how to find something, which nobody guesses. The rest comes as bound, verbs first."""


def useful_keys(
    screen: Screen[Any], view: View, task: TaskId | None, charset: Charset
) -> tuple[tuple[Key, ...], tuple[Key, ...]]:
    """Return the keys worth showing, the more important first, and those that are always there."""
    bound = {one.id: one for one in bound_keys(screen, charset)}
    first = [*_ORDER, *(id for id in bound if id.startswith("task."))]
    if screen.has_class("-zoom"):
        first.insert(0, "board.zoom")
    if waits_for_engine(view):
        first.insert(0, "run.resume")
    if "board.need" in bound:
        first.append("run.resume")
    else:
        first.remove("screen.queue")  # a screen's own keys come before those that lead to others
    others = sorted(bound, key=lambda id: id == "run.resume")
    q = next((id for id in _BACK_OR_QUIT if id in bound), "run.quit")
    always = [id for id in ("run.help", q) if id in bound]
    order = [id for id in dict.fromkeys((*first, *others)) if id in bound and id not in (*always, "run.quit")]
    # a screen that is open already has its own keys, and goes away by esc
    here = f"screen.{screen.id}"
    useful = [
        bound[id] for id in order if bound[id].is_shown and id != here and _is_useful(bound[id], view, task)
    ]
    return tuple(_key(one, view, task) for one in useful), tuple(_key(bound[id], view, task) for id in always)


def verb_of(one: BoundKeys) -> Action | None:
    """Return the verb that a binding stands for: its id is `task.` or `run.` and the verb."""
    name = one.id.partition(".")[2]
    return Action(name) if name in list(Action) else None


def _is_useful(one: BoundKeys, view: View, task: TaskId | None) -> bool:
    verb = verb_of(one)
    if verb is Action.PAUSE_ALL:
        return can_pause_or_resume_all(view)
    if verb is not None:
        return is_possible(verb, view.state, task)
    match one.id:
        case "run.resume":
            are_several_failed = len(list(islice(retryable(view), 2))) > 1
            return (waits_for_engine(view) and view.can_start_engine) or are_several_failed
        case "task.resolve":
            return task is not None and view.derived.words.get(task) is QueueWord.CONFLICTED
        case "board.need":
            return bool(view.derived.needs)
        case "board.validation":
            return task is not None and validation_of(view, task) is not None
        case "board.copy" | "board.zoom" | "list.log" | "list.filter":
            return task is not None
        case _:
            return True


def _key(one: BoundKeys, view: View, task: TaskId | None) -> Key:
    verb = verb_of(one)
    text = one.label.lower() if verb is None else label(verb, view.state, task)
    if one.id == "run.resume" and not waits_for_engine(view):
        text = "retry failed"
    return Key(one.keys[0], text, one.id)
