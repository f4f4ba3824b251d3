"""A resolution is known again by content, in any run and with the sides exchanged, until it failed."""

from __future__ import annotations

from pathlib import Path

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
    Subject,
)
from porch_tui.core.conflict.offers import Offer, as_step, for_what_is_open
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import RunId, TaskId
from porch_tui.journal import resolution_memory as remembered
from porch_tui.journal.resolution_memory import forget, recall, remember

RUN, A = RunId("run-1"), TaskId("a")
ONE, TWO = Hunk(b"a\n", b"a1\n", b"a2\n"), Hunk(b"\xff", b"b1", b"b2")
STAGES = (Stage(1, "100644", "1" * 40), Stage(2, "100644", "2" * 40), Stage(3, "100755", "3" * 40))
FILE = PathConflict("f", "f", ConflictKind.CONTENT, STAGES, "100644", (b"top\n", ONE, b"mid\n", TWO, b""))
GONE = PathConflict("g", "g", ConflictKind.MODIFY_DELETE, STAGES[:2], "100644")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a git directory in which porch has run."""
    (tmp_path / "porch").mkdir()
    return tmp_path


def conflict(*paths: PathConflict) -> Conflict:
    return Conflict("0" * 40, paths, "")


def decided(path: PathConflict, **decisions: Decision) -> ConflictRecord:
    """Return a record that decides hunks by their number, such as `_1`, or the whole path: `whole`."""
    subjects = {"whole": path.stages, **{f"_{n}": hunk for n, hunk in enumerate(path.hunks, 1)}}
    step = tuple(Settled(path.path, subjects[name], decision) for name, decision in decisions.items())
    return ConflictRecord().with_step(step)


def offered(repository: Path, path: PathConflict, subject: Subject) -> Decision | None:
    offer = recall(repository, conflict(path)).get((path.path, subject))
    return offer.decision if offer else None


def test_a_hunk_is_known_again_in_another_file_at_another_place(repository: Path):
    said = Decision(Choice.TEXT, b"mine\xff\n")
    remember(repository, RUN, A, conflict(FILE), decided(FILE, _1=said, _2=Decision(Choice.MAIN)))

    other = PathConflict("h", "h", ConflictKind.CONTENT, STAGES[:1], "100644", (b"new\n", ONE, b""))

    assert {("h", ONE): Offer(said, RUN, A)} == recall(repository, conflict(other))


@pytest.mark.parametrize(
    ("chosen", "offered_then"),
    [
        (Choice.MAIN, Choice.TASK),
        (Choice.TASK, Choice.MAIN),
        (Choice.BOTH, Choice.BOTH_REVERSED),
        (Choice.BOTH_REVERSED, Choice.BOTH),
        (Choice.BASE, Choice.BASE),
    ],
)
def test_with_the_sides_exchanged_the_choice_is_too(repository: Path, chosen: Choice, offered_then: Choice):
    remember(repository, RUN, A, conflict(FILE), decided(FILE, _1=Decision(chosen)))
    exchanged = Hunk(ONE.base, ONE.task, ONE.main)
    other = replace(FILE, segments=(b"", exchanged, b""))

    assert Decision(offered_then) == offered(repository, other, exchanged)


def test_a_whole_path_is_known_by_its_name_and_versions(repository: Path):
    remember(repository, RUN, A, conflict(GONE), decided(GONE, whole=Decision(Choice.MAIN)))
    deleted_here = (STAGES[0], replace(STAGES[1], number=3))

    assert Decision(Choice.MAIN) == offered(repository, GONE, GONE.stages)
    assert Decision(Choice.TASK) == offered(repository, replace(GONE, stages=deleted_here), deleted_here)
    assert None is offered(repository, replace(GONE, path="h"), GONE.stages)


def test_what_has_no_versions_is_not_remembered(repository: Path):
    words = PathConflict(".", ".", ConflictKind.OTHER, (), "")
    remember(repository, RUN, A, conflict(words), decided(words, whole=Decision(Choice.BOTH)))

    assert {} == recall(repository, conflict(words))


def test_equal_hunks_of_which_different_things_were_made_tell_nothing(repository: Path):
    twins = replace(FILE, segments=(b"", ONE, b"mid\n", replace(ONE, nth=1), b""))
    record = decided(twins, _1=Decision(Choice.MAIN), _2=Decision(Choice.TASK))

    remember(repository, RUN, A, conflict(twins), record)

    assert {} == recall(repository, conflict(twins))


def test_the_newest_word_counts_and_a_failed_resolution_is_forgotten_with_all_of_its_task(repository: Path):
    remember(repository, RUN, A, conflict(FILE), decided(FILE, _1=Decision(Choice.MAIN)))
    remember(repository, RunId("run-2"), A, conflict(FILE), decided(FILE, _1=Decision(Choice.BASE)))
    assert Decision(Choice.BASE) == offered(repository, FILE, ONE)

    forget(repository, RunId("run-2"), A)

    assert Decision(Choice.MAIN) == offered(repository, FILE, ONE)
    remember(repository, RunId("run-2"), A, conflict(FILE), decided(FILE, _1=Decision(Choice.NONE)))
    assert Decision(Choice.NONE) == offered(repository, FILE, ONE)


def test_a_long_text_and_a_disk_that_takes_nothing_are_no_failure(repository: Path, tmp_path: Path):
    long = Decision(Choice.TEXT, b"x" * (remembered.LONGEST + 1))
    remember(repository, RUN, A, conflict(FILE), decided(FILE, _1=long))
    remember(tmp_path / "missing", RUN, A, conflict(FILE), decided(FILE, _1=Decision(Choice.MAIN)))

    assert {} == recall(repository, conflict(FILE))


def test_taken_all_at_once_it_decides_what_is_open_and_nothing_else():
    offers = {("f", ONE): Offer(Decision(Choice.MAIN)), ("f", TWO): Offer(Decision(Choice.TASK))}
    half = decided(FILE, _1=Decision(Choice.BASE))

    assert for_what_is_open([FILE], half, offers) == (Settled("f", TWO, Decision(Choice.TASK)),)


def test_a_word_on_the_whole_path_goes_behind_one_on_all_its_hunks():
    whole = {("f", STAGES): Offer(Decision(Choice.TEXT, b"x"))}
    one = {**whole, ("f", ONE): Offer(Decision(Choice.MAIN))}
    both = {**one, ("f", TWO): Offer(Decision(Choice.MAIN))}

    assert [STAGES] == [each.subject for each in as_step(FILE, FILE.hunks, one)]
    assert [ONE, TWO] == [each.subject for each in as_step(FILE, FILE.hunks, both)]
    assert [ONE] == [each.subject for each in as_step(FILE, [ONE], one)]
