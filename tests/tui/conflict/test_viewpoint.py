"""Where a person is in a conflict: moves, choices as steps, and the place after a new merge."""

from __future__ import annotations

from porch_tui.core.conflict.conflict import (
    Choice,
    Conflict,
    ConflictKind,
    ConflictRecord,
    Decision,
    Hunk,
    PathConflict,
    Stage,
)
from porch_tui.core.conflict.offers import Offer, OfferSource
from porch_tui.core.conflict.view import ConflictView
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import RunId, TaskId
from porch_tui.tui.conflict.viewpoint import Viewpoint, opened

ONE, TWO, THREE = (Hunk(name, name + b"m", name + b"t") for name in (b"1", b"2", b"3"))
STAGES = (Stage(1, "100644", "1" * 40), Stage(2, "100644", "2" * 40), Stage(3, "100644", "3" * 40))
FILE = PathConflict("a", "a", ConflictKind.CONTENT, STAGES, "100644", (b"", ONE, b"x\n", TWO, b""))
OTHER = PathConflict("b", "b", ConflictKind.CONTENT, STAGES, "100644", (b"", THREE, b""))
WHOLE = PathConflict("c", "c", ConflictKind.BINARY, STAGES, "100644")
MAIN = Decision(Choice.MAIN)


def conflicted(*paths: PathConflict, record: ConflictRecord | None = None) -> ConflictView:
    conflict = Conflict("t" * 40, paths or (FILE, OTHER, WHOLE), "")
    return ConflictView(RunId("run"), TaskId("auth"), "main", (), conflict, record or ConflictRecord(), ())


def choosing(view: Viewpoint, decision: Decision = MAIN) -> Viewpoint:
    return view.with_record(view.record.with_step(view.choosing(decision)))


def place(view: Viewpoint) -> tuple[str, int]:
    return view.path.path, view.nth


def test_one_begins_at_the_first_thing_that_is_left():
    first = choosing(opened(conflicted(), {}))

    assert ("a", 1) == place(opened(conflicted(record=first.record), {}))


def test_next_skips_what_is_chosen_and_step_does_not():
    view = choosing(opened(conflicted(), {}).stepped(1)).stepped(-1)

    assert (("b", 0), ("a", 1)) == (place(view.moved(1)), place(view.stepped(1)))
    assert ("c", 0) == place(view.moved(-1))


def test_next_goes_to_any_hunk_when_nothing_is_left():
    view = opened(conflicted(OTHER, WHOLE), {})
    view = choosing(choosing(view).moved(1))

    assert (0, ("b", 0)) == (view.left_count, place(view.moved(1)))


def test_choosing_the_same_again_is_no_step():
    view = opened(conflicted(), {})

    assert () == choosing(view).choosing(MAIN)
    assert () != choosing(view).choosing(Decision(Choice.TASK))


def test_a_conflict_on_another_tip_shows_the_same_hunk_where_it_is_now():
    view = opened(conflicted(), {}).stepped(1)
    moved = replace(FILE, segments=(b"", TWO, b"x\n"))

    assert ("a", 0) == place(view.merged_again(conflicted(OTHER, moved), {}))


def test_where_a_file_is_in_conflict_no_more_one_stays_near_it():
    view = opened(conflicted(), {}).in_file(1)

    assert ("c", 0) == place(view.merged_again(conflicted(FILE, WHOLE), {}))


def test_an_offer_is_in_view_where_nothing_is_chosen_and_else_when_asked_for():
    offers = {OfferSource.REMEMBERED: {("a", ONE): Offer(Decision(Choice.BOTH))}}
    view = opened(replace(conflicted(), offers=offers), {})
    chosen = choosing(view)

    assert view.shown_offer is not None and chosen.shown_offer is None
    assert chosen.peeking().shown_offer is not None
    assert chosen.peeking().peeking().shown_offer is None


def test_what_is_chosen_already_is_no_offer():
    offers = {OfferSource.PROPOSED: {("a", ONE): Offer(replace(MAIN, author="claude"))}}

    assert () == choosing(opened(replace(conflicted(), offers=offers), {})).offers


def test_an_offer_for_the_whole_file_is_seen_at_each_of_its_hunks():
    offers = {OfferSource.REMEMBERED: {("a", STAGES): Offer(Decision(Choice.TEXT, b"all"))}}
    view = opened(replace(conflicted(), offers=offers), {})
    (offered,) = view.offers

    after = view.with_record(view.record.with_step(view.taking(offered)))

    assert ((), Decision(Choice.TEXT, b"all")) == (after.left[0], after.decision)
