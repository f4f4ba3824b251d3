"""What a person says to a conflict: choices by content, undone and done again, spliced to the byte."""

from __future__ import annotations

import pytest

from porch_tui.core.conflict.conflict import (
    Choice,
    Conflict,
    ConflictKind,
    ConflictRecord,
    Decision,
    Hunk,
    PathConflict,
    Settled,
    Stage,
    Step,
)
from porch_tui.core.conflict.splice import (
    AsMerged,
    Content,
    Named,
    Removed,
    Result,
    edited,
    is_complete,
    marked,
    result,
    splice,
    stray_markers,
    undecided,
)

ONE = Hunk(b"a\n", b"a1\n", b"a2\n")
TWO = Hunk(b"", b"b1", b"b2\n")
STAGES = (Stage(1, "100644", "1" * 40), Stage(2, "100644", "2" * 40), Stage(3, "100755", "3" * 40))
FILE = PathConflict(
    "f.py", "f.py", ConflictKind.CONTENT, STAGES, "100644", (b"top\n", ONE, b"mid\n", TWO, b"")
)
GONE = PathConflict("g", "g", ConflictKind.MODIFY_DELETE, STAGES[:2], "100644")


def settled(choice: Choice, *subjects: object, path: PathConflict = FILE, text: bytes = b"") -> Step:
    return tuple(Settled(path.path, subject, Decision(choice, text)) for subject in subjects)  # type: ignore[arg-type]


def record(*steps: Step) -> ConflictRecord:
    made = ConflictRecord()
    for step in steps:
        made = made.with_step(step)
    return made


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        (Choice.MAIN, b"top\na1\nmid\nb1"),
        (Choice.TASK, b"top\na2\nmid\nb2\n"),
        (Choice.BOTH, b"top\na1\na2\nmid\nb1\nb2\n"),
        (Choice.BOTH_REVERSED, b"top\na2\na1\nmid\nb2\nb1"),
        (Choice.BASE, b"top\na\nmid\n"),
        (Choice.NONE, b"top\nmid\n"),
    ],
)
def test_a_choice_puts_its_lines_between_what_is_settled(choice: Choice, text: bytes):
    assert Content("100644", text) == result(FILE, record(settled(choice, ONE, TWO)))


def test_what_is_not_chosen_yet_is_missing_and_is_between_markers():
    half = record(settled(Choice.MAIN, ONE))

    assert (2,) == undecided(FILE, half)
    assert result(FILE, half) is None
    assert splice(FILE, half) == b"top\na1\nmid\n" + marked(TWO)


def test_acts_are_undone_and_done_again_one_by_one():
    full = record(settled(Choice.MAIN, ONE), settled(Choice.TASK, ONE, TWO))

    back = full.undone()

    assert (2,) == undecided(FILE, back)
    assert full == back.redone() == back.undone().undone().redone().redone()


def test_a_new_act_forgets_what_was_undone():
    again = record(settled(Choice.MAIN, ONE)).undone().with_step(settled(Choice.TASK, ONE))

    assert (1, False) == (again.done, again.can_redo)


def test_the_later_word_wins_between_a_hunk_and_its_whole_path():
    whole = record(settled(Choice.MAIN, ONE, TWO), settled(Choice.TEXT, STAGES, text=b"mine\n"))

    assert Content("100644", b"mine\n") == result(FILE, whole)
    assert (2,) == undecided(FILE, whole.with_step(settled(Choice.TASK, ONE)))


def test_equal_hunks_of_one_file_are_chosen_one_by_one():
    twin = Hunk(ONE.base, ONE.main, ONE.task, nth=1)
    path = PathConflict("f.py", "f.py", ConflictKind.CONTENT, STAGES, "100644", (ONE, b"-\n", twin))

    assert (2,) == undecided(path, record(settled(Choice.MAIN, ONE)))


def test_a_side_without_the_path_removes_it():
    assert Removed() == result(GONE, record(settled(Choice.TASK, GONE.stages, path=GONE)))
    assert STAGES[1] == result(GONE, record(settled(Choice.MAIN, GONE.stages, path=GONE)))


def test_a_conflict_is_complete_when_every_path_is_decided():
    conflict = Conflict("0" * 40, (FILE, GONE), "")
    files = record(settled(Choice.MAIN, ONE, TWO))

    assert not is_complete(conflict, files)
    assert is_complete(conflict, files.with_step(settled(Choice.NONE, GONE.stages, path=GONE)))


def test_a_marker_is_what_no_version_has():
    text = b"<<<<<<< quoted\n=======\n>>>>>>> task\n|||||||\n"

    assert (3, 4) == stray_markers(text, [b"a\n<<<<<<< quoted\n"])


def test_a_choice_is_not_found_again_for_other_texts():
    other = PathConflict(
        "f.py", "f.py", ConflictKind.CONTENT, STAGES, "100644", (Hunk(b"x", b"y", b"z"), TWO)
    )

    assert (1,) == undecided(other, record(settled(Choice.MAIN, ONE, TWO)))


def test_an_edited_text_is_taken_apart_by_what_was_settled():
    text = b"top\nmine\nmid\n" + marked(TWO)

    step = edited(FILE, ConflictRecord(), text)

    assert step == (Settled("f.py", ONE, Decision(Choice.TEXT, b"mine\n")),)


def test_an_edit_says_only_what_it_changed():
    half = record(settled(Choice.MAIN, ONE))

    step = edited(FILE, half, b"top\na1\nmid\nb2\n")

    assert step == settled(Choice.TASK, TWO)


def test_an_edit_of_what_was_settled_is_taken_whole():
    step = edited(FILE, ConflictRecord(), b"all new\n")

    assert step == settled(Choice.TEXT, STAGES, text=b"all new\n")


def test_settled_lines_that_occur_twice_tell_nothing():
    text = b"top\na1\nmid\nmid\nb2\n"

    assert step_subjects(edited(FILE, ConflictRecord(), text)) == [STAGES]


def step_subjects(step: Step) -> list[object]:
    return [one.subject for one in step]


def test_a_path_is_forgotten_and_others_stay():
    both = ConflictRecord().with_step(
        (*settled(Choice.MAIN, ONE), *settled(Choice.TASK, STAGES[:2], path=GONE))
    )
    more = both.with_step(settled(Choice.TASK, TWO)).undone()

    assert {("g", STAGES[:2])} == set(more.without("f.py").decisions())
    assert not more.without("f.py").can_redo


@pytest.mark.parametrize(
    ("path", "decision", "expected"),
    [
        (FILE, Decision(Choice.MAIN), STAGES[1]),
        (FILE, Decision(Choice.TEXT, b"mine\n"), Content("100644", b"mine\n")),
        (FILE, Decision(Choice.NONE), Removed()),
        (FILE, Decision(Choice.BOTH), AsMerged()),
        (FILE, Decision(Choice.AS, name="g.py"), Named("g.py", STAGES[2], stays=STAGES[1])),
        (GONE, Decision(Choice.TASK), Removed()),
        (GONE, Decision(Choice.AS, name="h"), Named("h", STAGES[1], stays=None)),
    ],
    ids=str,
)
def test_a_choice_for_a_whole_path_is_one_version_of_it_a_text_or_its_removal(
    path: PathConflict, decision: Decision, expected: Result
):
    made = record((Settled(path.path, path.stages, decision),))

    assert result(path, made) == expected


def test_a_text_for_a_whole_path_is_what_is_edited_next():
    made = record((Settled(FILE.path, FILE.stages, Decision(Choice.TEXT, b"mine\n")),))

    assert b"mine\n" == splice(FILE, made)
