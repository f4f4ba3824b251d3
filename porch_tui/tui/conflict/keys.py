"""The keys of the conflict screen, and which of them the bottom line shows just now.

The sides and the ways to choose are named by what stands above them, with their keys: the
bottom line is for what is not to be seen elsewhere.
"""

from __future__ import annotations

from textual.binding import Binding

from porch_tui.core.conflict.offers import Word
from porch_tui.tui.conflict.viewpoint import Drawn, Viewpoint
from porch_tui.tui.keys.bound_keys import BoundKeys

CHOICES = (
    Binding("less_than_sign", "take('main')", "main", id="conflict.main", tooltip="Take the target's side"),
    Binding("greater_than_sign", "take('task')", "task", id="conflict.task", tooltip="Take the task's side"),
    Binding(
        "equals_sign", "take('both')", "both", id="conflict.both", tooltip="Take both, the target's first"
    ),
    Binding(
        "B",
        "take('both-reversed')",
        "reversed",
        id="conflict.reversed",
        tooltip="Take both, the task's first",
    ),
    Binding("vertical_line", "take('base')", "base", id="conflict.base", tooltip="Take what was before both"),
    Binding("d,0", "take('none')", "neither", id="conflict.none", tooltip="Take no line of either"),
    Binding("W", "whole", "whole file", id="conflict.whole", tooltip="Choose one thing for the whole file"),
    Binding(
        "a", "offer", "take it", id="conflict.offer", tooltip="Show what is remembered or proposed; take it"
    ),
    Binding(
        "D", "refuse", "refuse", id="conflict.refuse", tooltip="Refuse what is proposed for this conflict"
    ),
    Binding("e", "edit", "edit", id="conflict.edit", tooltip="Write this hunk here"),
    Binding("E", "editor", "$EDITOR", id="conflict.editor", tooltip="Edit the whole file in your own editor"),
    Binding("g", "tool", "mergetool", id="conflict.tool", tooltip="Have your git mergetool at the file"),
    Binding("u", "undo", "undo", id="conflict.undo", tooltip="Take back what was chosen last, without limit"),
    Binding("ctrl+r", "redo", "redo", id="conflict.redo", tooltip="Choose again what was taken back"),
    Binding("R", "reset", "reset file", id="conflict.reset", tooltip="Forget what was chosen in this file"),
    Binding("A,X", "abort", "forget all", id="conflict.abort", tooltip="Forget all that was chosen"),
    Binding("o", "preview", "preview", id="conflict.preview", tooltip="Page through what would land"),
    Binding("c", "complete", "complete", id="conflict.complete", tooltip="Give it to the merge queue"),
)
MOVES = (
    Binding("n", "next(1)", "next", id="conflict.next", tooltip="Go to the next hunk that is left to choose"),
    Binding(
        "p,N", "next(-1)", "previous", id="conflict.previous", tooltip="Go to the one before that is left"
    ),
    Binding(
        "right", "step(1)", "next hunk", id="conflict.right", tooltip="Go to the next hunk, chosen or not"
    ),
    Binding("left", "step(-1)", "hunk before", id="conflict.left", tooltip="Go to the hunk before"),
    Binding("]", "file(1)", "next file", id="conflict.next_file", tooltip="Go to the next file"),
    Binding("[", "file(-1)", "file before", id="conflict.previous_file", tooltip="Go to the file before"),
    Binding("v", "base", "base", id="conflict.show_base", tooltip="Show what was before both, or not"),
    Binding(
        "t", "draw('PLAIN')", "plain", id="conflict.plain", tooltip="The sides as they stand, or as diffs"
    ),
    Binding(
        "w",
        "draw('BARE')",
        "whitespace",
        id="conflict.whitespace",
        tooltip="Ignore whitespace in the diffs, or not",
    ),
    Binding(
        "l", "draw('HISTORY')", "history", id="conflict.history", tooltip="Which commits touched this file"
    ),
    Binding(
        "tab,shift+tab", "place", "result", id="conflict.place", tooltip="Have j and k move the other part"
    ),
    Binding("q,escape,ctrl+q", "leave", "back", id="conflict.leave", tooltip="To the board; all is kept"),
)
_BACK = {Drawn.PLAIN: "conflict.plain", Drawn.HISTORY: "conflict.history"}
"""The keys that lead back to the diffs."""
ALWAYS = ("run.help", "conflict.leave")
EDITING = ("editor.accept", "editor.give_up", "prompt.give_up")


def label(one: BoundKeys, view: Viewpoint | None) -> str:
    """Return what a key is called just now."""
    drawn = view.drawn if view is not None else Drawn.DIFF
    return "diff" if _BACK.get(drawn) == one.id else one.label


def shown_keys(view: Viewpoint | None) -> list[str]:
    """Return the ids of the keys worth showing, the more important first."""
    if view is None:
        return []
    is_hunk = view.hunk is not None
    wanted = {
        "conflict.complete": not view.left_over_all,
        "conflict.preview": not view.left_over_all,
        "conflict.offer": bool(view.offers),
        "conflict.refuse": any(one.word is Word.PROPOSED for one in view.offers),
        "choices.pick": not is_hunk,
        "conflict.next": view.left_over_all > (1 if view.decision is None else 0),
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
