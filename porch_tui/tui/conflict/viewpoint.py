"""Where a person is in a conflict: file and hunk, what is chosen and offered there, and what is left.

Pure values, a new one for each move and each choice. `core.conflict.splice` defines what a choice means.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from functools import cached_property

from msgspec import Struct, field

from porch_tui.core.conflict.conflict import (
    Choice,
    ConflictRecord,
    Decision,
    Hunk,
    PathConflict,
    Settled,
    Step,
    Subject,
)
from porch_tui.core.conflict.offers import Offer, OfferSource
from porch_tui.core.conflict.splice import open_in
from porch_tui.core.conflict.view import ConflictView
from porch_tui.core.model.copying import replace


class Offered(Struct, frozen=True):
    """A remembered or proposed decision."""

    word: OfferSource
    offer: Offer
    subject: Subject
    """The hunk, or the whole path."""


class Drawn(Enum):
    """How the two sides are drawn. A choice takes the same bytes in any case."""

    DIFF = auto()
    """As diffs from the base."""
    NO_WHITESPACE = auto()
    """As diffs that ignore whitespace."""
    PLAIN = auto()
    """As plain text."""
    HISTORY = auto()
    """Instead of them the commits that touched the file."""


class Viewpoint(Struct, frozen=True, dict=True):
    """A conflict, and the place in it that the person looks at."""

    conflicted: ConflictView
    versions: Mapping[str, bytes] = field(default_factory=dict)
    """By object id: the texts of paths without hunks."""
    file: int = 0
    """Which path, from 0."""
    nth: int = 0
    """Which hunk of it, from 0."""
    peeked: OfferSource | None = None
    """Whose offer is shown in place of the choice."""
    wants_base: bool | None = None
    """Whether to show the base; None: if there is room for it."""
    drawn: Drawn = Drawn.DIFF

    @property
    def record(self) -> ConflictRecord:
        """The choices so far."""
        return self.conflicted.record

    @property
    def paths(self) -> tuple[PathConflict, ...]:
        """All paths in conflict."""
        return self.conflicted.conflict.paths

    @property
    def path(self) -> PathConflict:
        """The current path."""
        return self.paths[self.file]

    @property
    def hunk(self) -> Hunk | None:
        """The current hunk; None where only the whole path can be chosen."""
        return self.path.hunks[self.nth] if self.path.hunks else None

    @property
    def subject(self) -> Subject:
        """What a choice is about: the hunk, or the whole path."""
        return self.hunk or self.path.stages

    @cached_property
    def decisions(self) -> Mapping[tuple[str, Subject], Decision]:
        """The decisions of the record that are in force."""
        return self.record.decisions()

    @cached_property
    def left(self) -> tuple[tuple[int, ...], ...]:
        """For each path the numbers, from 1, of the hunks left to choose; (0,) means the whole path."""
        return tuple(open_in(path, self.decisions) for path in self.paths)

    @property
    def left_count(self) -> int:
        """How many choices are left."""
        return sum(map(len, self.left))

    @property
    def whole(self) -> Decision | None:
        """The decision about the path as a whole."""
        return self.decisions.get((self.path.path, self.path.stages))

    @property
    def decision(self) -> Decision | None:
        """The decision about the current hunk or path."""
        return self.whole or self.decisions.get((self.path.path, self.subject))

    @cached_property
    def offers(self) -> tuple[Offered, ...]:
        """The offers, for the hunk or the whole path, that differ from the choice by more than the author."""
        found = []
        made = replace(self.decision, author="") if self.decision is not None else None
        for word in OfferSource:
            offers = self.conflicted.offers.get(word, {})
            for subject in (self.subject, self.path.stages):
                offer = offers.get((self.path.path, subject))
                if offer is not None:
                    if replace(offer.decision, author="") != made:
                        found.append(Offered(word, offer, subject))
                    break
        return tuple(found)

    @property
    def shown_offer(self) -> Offered | None:
        """The offer in view: the first one without a choice, else the one that was asked for."""
        if self.decision is None and self.peeked is None:
            return self.offers[0] if self.offers else None
        return next((one for one in self.offers if one.word is self.peeked), None)

    # --- moves

    def stepped(self, step: int) -> Viewpoint:
        """Go to the next (1) or previous (-1) hunk, around the end."""
        return self._at(self._ring(step)[0])

    def moved(self, step: int) -> Viewpoint:
        """Go to the next (1) or previous (-1) hunk left to choose; to any if none is left."""
        ring = self._ring(step)
        left = ((file, nth) for file, nth in ring if {0, nth + 1} & set(self.left[file]))
        return self._at(next(left, ring[0]))

    def in_file(self, file: int) -> Viewpoint:
        """Go to a file, around the end: to its first hunk left to choose, else to its first."""
        file %= len(self.paths)
        left = [number for number in self.left[file] if number]
        return self._at((file, left[0] - 1 if left else 0))

    def in_next_file(self, step: int) -> Viewpoint:
        """Go to the next (1) or previous (-1) file."""
        return self.in_file(self.file + step)

    def peeking(self) -> Viewpoint:
        """Show the next offer in place of the choice; after the last offer the choice again."""
        words = [one.word for one in self.offers]
        at = words.index(self.peeked) + 1 if self.peeked in words else 0
        return replace(self, peeked=words[at] if at < len(words) else None)

    def with_base(self, *, is_shown: bool) -> Viewpoint:
        """Show or hide the base, however much room there is."""
        return replace(self, wants_base=is_shown)

    def toggled(self, drawn: Drawn) -> Viewpoint:
        """Draw the sides in this way; as diffs if they are drawn in it already."""
        return replace(self, drawn=Drawn.DIFF if self.drawn is drawn else drawn)

    def with_record(self, record: ConflictRecord) -> Viewpoint:
        """Replace the choices."""
        return replace(self, conflicted=replace(self.conflicted, record=record), peeked=None)

    def merged_again(self, conflicted: ConflictView, versions: Mapping[str, bytes]) -> Viewpoint:
        """Return the same place in the conflict as it was merged again, or the nearest one."""
        there = replace(self, conflicted=conflicted, versions=versions, file=0, nth=0, peeked=None)
        file = next((at for at, path in enumerate(there.paths) if path.path == self.path.path), None)
        if file is None:
            return there.in_file(min(self.file, len(there.paths) - 1))
        hunks = there.paths[file].hunks
        nth = hunks.index(self.hunk) if self.hunk in hunks else min(self.nth, max(0, len(hunks) - 1))
        return there._at((file, nth))

    def _at(self, place: tuple[int, int]) -> Viewpoint:
        return replace(self, file=place[0], nth=place[1], peeked=None)

    def _ring(self, step: int) -> list[tuple[int, int]]:
        """Return all places from the next one on, the current one last."""
        places = [(at, nth) for at, path in enumerate(self.paths) for nth in range(max(1, len(path.hunks)))]
        here = places.index((self.file, self.nth))
        return [places[(here + step * n) % len(places)] for n in range(1, len(places) + 1)]

    # --- choices, as steps of a record; empty if they change nothing

    def choosing(self, decision: Decision) -> Step:
        """Decide the current hunk or path."""
        return self._step((self.subject,), decision)

    def choosing_file(self, choice: Choice) -> Step:
        """Choose the same for all hunks of the path, or for the path as a whole."""
        return self._step(self.path.hunks or (self.path.stages,), Decision(choice))

    def taking(self, offered: Offered) -> Step:
        """Take an offer."""
        return self._step((offered.subject,), offered.offer.decision)

    def _step(self, subjects: tuple[Subject, ...], decision: Decision) -> Step:
        known = [self.decisions.get((self.path.path, subject)) for subject in subjects]
        if all(one == decision for one in known):
            return ()
        return tuple(Settled(self.path.path, subject, decision) for subject in subjects)


def opened(conflicted: ConflictView, versions: Mapping[str, bytes]) -> Viewpoint:
    """Return where a person begins: at the first hunk or path left to choose."""
    first = Viewpoint(conflicted, versions)
    at = next((at for at, left in enumerate(first.left) if left), 0)
    return first.in_file(at)
