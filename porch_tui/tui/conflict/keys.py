"""The keys of the conflict screen, and which of them the key bar shows.

The headings of the sides and of the result name their keys, so the key bar has the others.
"""

from __future__ import annotations

from textual.binding import Binding, BindingType

from porch_tui.core.conflict.offers import Word
from porch_tui.tui.conflict.viewpoint import Drawn, Viewpoint
from porch_tui.tui.keys.active_keys import ActiveKey


def _key(keys: str, action: str, id: str, label: str, tooltip: str) -> Binding:
    return Binding(keys, action, label, id=f"conflict.{id}", tooltip=tooltip)


KEYS: list[BindingType] = [
    _key("less_than_sign", "do('take', 'main')", "main", "main", "Take the target's side"),
    _key("greater_than_sign", "do('take', 'task')", "task", "task", "Take the task's side"),
    _key("equals_sign", "do('take', 'both')", "both", "both", "Take both sides, the target's first"),
    _key("B", "do('take', 'both-reversed')", "reversed", "reversed", "Take both sides, the task's first"),
    _key("vertical_line", "do('take', 'base')", "base", "base", "Take the base: the text before both sides"),
    _key("d,0", "do('take', 'none')", "none", "neither", "Drop both sides"),
    _key("W", "do('whole')", "whole", "whole file", "Choose one side for the whole file"),
    _key("a", "do('offer')", "offer", "take it", "Show what is remembered or proposed; take it"),
    _key("D", "do('refuse')", "refuse", "refuse", "Refuse the proposals for this conflict"),
    _key("e", "edit('hunk')", "edit", "edit", "Edit this hunk here"),
    _key("E", "edit('file')", "editor", "$EDITOR", "Edit the whole file in your own editor"),
    _key("g", "edit('tool')", "tool", "mergetool", "Open the file in your git mergetool"),
    _key("u", "do('undo')", "undo", "undo", "Undo the last choice, without limit"),
    _key("ctrl+r", "do('redo')", "redo", "redo", "Redo the choice undone last"),
    _key("R", "do('reset')", "reset", "reset file", "Forget the choices in this file"),
    _key("A,X", "do('abort')", "abort", "forget all", "Forget all choices"),
    _key("o", "edit('preview')", "preview", "preview", "Page through what would land"),
    _key("c", "do('complete')", "complete", "complete", "Send the result to the merge queue"),
    _key("n", "do('next', 1)", "next", "next", "Go to the next hunk left to choose"),
    _key("p,N", "do('next', -1)", "previous", "previous", "Go to the previous hunk left to choose"),
    _key("right", "do('step', 1)", "right", "next hunk", "Go to the next hunk, chosen or not"),
    _key("left", "do('step', -1)", "left", "previous hunk", "Go to the previous hunk, chosen or not"),
    _key("]", "do('file', 1)", "next_file", "next file", "Go to the next file"),
    _key("[", "do('file', -1)", "previous_file", "previous file", "Go to the previous file"),
    _key("v", "base", "show_base", "base", "Show or hide the base"),
    _key("t", "do('show_as', 'PLAIN')", "plain", "plain", "Show the sides as plain text, or as diffs"),
    _key(
        "w",
        "do('show_as', 'NO_WHITESPACE')",
        "whitespace",
        "whitespace",
        "Ignore whitespace in the diffs, or not",
    ),
    _key("l", "do('show_as', 'HISTORY')", "history", "history", "Show the commits that touched this file"),
    _key("tab,shift+tab", "place", "place", "result", "Scroll the other part with j and k"),
    _key("q,escape,ctrl+q", "do('leave')", "leave", "back", "Back to the board; all choices are kept"),
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
        "conflict.refuse": any(one.word is Word.PROPOSED for one in view.offers),
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
