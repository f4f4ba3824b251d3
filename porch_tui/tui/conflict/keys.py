"""Which keys of the conflict screen the key bar shows: headings name those of the sides and of the result."""

from __future__ import annotations

from porch_tui.core.conflict.offers import OfferSource
from porch_tui.tui.conflict.viewpoint import Drawn, Viewpoint
from porch_tui.tui.keys.active_keys import ActiveKey

_BACK = {Drawn.PLAIN: "conflict.plain", Drawn.HISTORY: "conflict.history"}
"""The keys that go back to the diffs."""
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
        "conflict.both": is_hunk and view.decision is not None,  # else the result has it
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
