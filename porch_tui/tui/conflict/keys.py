"""The keys of the conflict screen, and which of them the key bar shows.

The headings of the sides and of the result name their keys, so the key bar has the others.
"""

from __future__ import annotations

from textual.binding import BindingType

from porch_tui.core.conflict.offers import OfferSource
from porch_tui.tui.conflict.viewpoint import Drawn, Viewpoint
from porch_tui.tui.keys.active_keys import ActiveKey
from porch_tui.tui.keys.bindings import key

KEYS: list[BindingType] = [
    key("less_than_sign", "do('take', 'main')", "conflict.main", "Take the target's side", "main"),
    key("greater_than_sign", "do('take', 'task')", "conflict.task", "Take the task's side", "task"),
    key("equals_sign", "do('take', 'both')", "conflict.both", "Take both sides, the target's first", "both"),
    key(
        "B",
        "do('take', 'both-reversed')",
        "conflict.reversed",
        "Take both sides, the task's first",
        "reversed",
    ),
    key(
        "vertical_line",
        "do('take', 'base')",
        "conflict.base",
        "Take the base: the text before both sides",
        "base",
    ),
    key("d,0", "do('take', 'none')", "conflict.none", "Drop both sides", "neither"),
    key("W", "do('whole')", "conflict.whole", "Choose one side for the whole file", "whole file"),
    key("a", "do('offer')", "conflict.offer", "Show what is remembered or proposed; take it", "take it"),
    key("D", "do('refuse')", "conflict.refuse", "Refuse the proposals for this conflict", "refuse"),
    key("e", "edit('hunk')", "conflict.edit", "Edit this hunk here", "edit"),
    key("E", "edit('file')", "conflict.editor", "Edit the whole file in your own editor", "$EDITOR"),
    key("g", "edit('tool')", "conflict.tool", "Open the file in your git mergetool", "mergetool"),
    key("u", "do('undo')", "conflict.undo", "Undo the last choice, without limit", "undo"),
    key("ctrl+r", "do('redo')", "conflict.redo", "Redo the choice undone last", "redo"),
    key("R", "do('reset')", "conflict.reset", "Forget the choices in this file", "reset file"),
    key("A,X", "do('abort')", "conflict.abort", "Forget all choices", "forget all"),
    key("o", "edit('preview')", "conflict.preview", "Page through what would land", "preview"),
    key("c", "do('complete')", "conflict.complete", "Send the result to the merge queue", "complete"),
    key("n", "do('next', 1)", "conflict.next", "Go to the next hunk left to choose", "next"),
    key("p,N", "do('next', -1)", "conflict.previous", "Go to the previous hunk left to choose", "previous"),
    key("right", "do('step', 1)", "conflict.right", "Go to the next hunk, chosen or not", "next hunk"),
    key("left", "do('step', -1)", "conflict.left", "Go to the previous hunk, chosen or not", "previous hunk"),
    key("]", "do('file', 1)", "conflict.next_file", "Go to the next file", "next file"),
    key("[", "do('file', -1)", "conflict.previous_file", "Go to the previous file", "previous file"),
    key("v", "base", "conflict.show_base", "Show or hide the base", "base"),
    key(
        "t", "do('show_as', 'PLAIN')", "conflict.plain", "Show the sides as plain text, or as diffs", "plain"
    ),
    key(
        "w",
        "do('show_as', 'NO_WHITESPACE')",
        "conflict.whitespace",
        "Ignore whitespace in the diffs, or not",
        "whitespace",
    ),
    key(
        "l",
        "do('show_as', 'HISTORY')",
        "conflict.history",
        "Show the commits that touched this file",
        "history",
    ),
    key("tab,shift+tab", "place", "conflict.place", "Scroll the other part with j and k", "result"),
    key(
        "q,escape,ctrl+q", "do('leave')", "conflict.leave", "Back to the board; all choices are kept", "back"
    ),
]
"""`do` calls a method of the controller, `edit` one of `ManualEditing`."""
_BACK = {Drawn.PLAIN: "conflict.plain", Drawn.HISTORY: "conflict.history"}
"""The keys that lead back to the diffs."""
ALWAYS = ("run.help", "conflict.leave")
EDITING = ("editor.accept", "editor.give_up", "prompt.give_up")


def label(one: ActiveKey, view: Viewpoint | None) -> str:
    """Return what a key is called just now."""
    drawn = view.drawn if view is not None else Drawn.DIFF
    return "diff" if _BACK.get(drawn) == one.id else one.label


def shown_keys(view: Viewpoint | None) -> list[str]:
    """Return the ids of the keys worth showing, the more important first."""
    if view is None:
        return []
    is_hunk = view.hunk is not None
    wanted = {
        "conflict.complete": not view.left_count,
        "conflict.preview": not view.left_count,
        "conflict.offer": bool(view.offers),
        "conflict.refuse": any(one.word is OfferSource.PROPOSED for one in view.offers),
        "choices.pick": not is_hunk,
        "conflict.next": view.left_count > (1 if view.decision is None else 0),
        "conflict.edit": is_hunk,
        "conflict.undo": view.record.can_undo,
        "conflict.redo": view.record.can_redo,
        "conflict.next_file": len(view.paths) > 1,
        "conflict.whole": is_hunk,
        "conflict.history": True,
        "conflict.both": is_hunk and view.decision is not None,  # else it stands below the sides
        "conflict.editor": True,
        "conflict.show_base": True,
        "conflict.plain": True,
        "conflict.whitespace": view.drawn not in _BACK,
        "conflict.tool": True,
        "conflict.place": is_hunk,
        "conflict.reset": view.decision is not None,
        "conflict.abort": view.record.can_undo,
    }
    return [id for id, is_wanted in wanted.items() if is_wanted]
