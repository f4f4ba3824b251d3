"""Commits that differ in nothing that matters to a merge: a candidate, and what it became when it landed.

A landing seals each candidate of the train as a commit of the same tree, with twins for parents. So what is
merged on top of it is merged as before, and need not be merged again to be built on the new commit.
"""

from __future__ import annotations

from porch_tui.core.model.plan import Sha
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.effects import BuildCandidate

KEPT = 1000
"""So many rebuilt candidates are remembered. What is forgotten is merged again."""


class Twins:
    """What was rebuilt instead of what, as long as this engine lives. For any thread."""

    def __init__(self) -> None:
        self._earlier: dict[Sha, Sha] = {}

    def note(self, rebuilt: Sha, earlier: Sha) -> None:
        """Remember that a candidate was rebuilt on a twin of what the earlier one stood on."""
        self._earlier[rebuilt] = earlier
        for old in list(self._earlier)[:-KEPT]:
            del self._earlier[old]

    def merged(self, effect: BuildCandidate, state: RunState) -> Sha | None:
        """Return the tree that merging would give, if the same merge was made before; None if not.

        A commit that was squashed has other parents than its candidate, so it is nobody's twin.
        """
        entry = state.entries[effect.task]
        is_known = entry.tree is not None and entry.onto is not None and entry.head == effect.head
        if not is_known or entry.resolved or state.plan.squash:
            return None
        return entry.tree if self._are_twins(entry.onto, effect.onto, state) else None

    def _are_twins(self, before: Sha | None, now: Sha, state: RunState) -> bool:
        if before == now or self._earlier.get(now) == before:
            return True
        if now != state.tip or not state.landed:
            return False
        last = state.entries[state.landed[-1]]
        return last.landed == now and last.candidate is not None and last.candidate == before
