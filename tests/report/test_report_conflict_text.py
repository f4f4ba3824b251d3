"""`porch conflicts` as text: what each side did to the base, what is chosen, offered and left to choose."""

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
    Subject,
)
from porch_tui.core.conflict.offers import Offer, Offers, OfferSource
from porch_tui.core.conflict.view import ConflictView
from porch_tui.core.model.plan import RunId, TaskId
from porch_tui.report.conflict_text import MOST_LINES, conflicts_text, what_is_left
from tests.report.hostile import PATH, obeyed

HUNK = Hunk(b"same\nold\n", b"same\nmain's\n", b"same\r\n\ttask's")
ALL_STAGES = tuple(Stage(number, "100644", str(number) * 40) for number in (1, 2, 3))
CALC = PathConflict(
    "app/calc.py", "app/calc.py", ConflictKind.CONTENT, ALL_STAGES, "100644", (b"head\n", HUNK)
)


def whole(*numbers: int, kind: ConflictKind = ConflictKind.MODIFY_DELETE, origin: str = "") -> PathConflict:
    """Return a conflict about a path with these versions, and no hunks."""
    stages = tuple(stage for stage in ALL_STAGES if stage.number in numbers)
    return PathConflict("data.bin", "data.bin", kind, stages, "100644", origin=origin)


def view(
    *paths: PathConflict,
    decided: tuple[Settled, ...] = (),
    offers: dict[OfferSource, Offers] | None = None,
    partners: tuple[str, ...] = ("log",),
) -> ConflictView:
    record = ConflictRecord().with_step(decided) if decided else ConflictRecord()
    left = [path for path in paths if path.path not in {one.path for one in decided}]
    return ConflictView(
        RunId("run-1"),
        TaskId("mul"),
        "main",
        tuple(map(TaskId, partners)),
        Conflict("tree", paths, "CONFLICT"),
        record,
        tuple(f"{path.path}: not decided" for path in left),
        offers or {},
    )


def decided(path: PathConflict, subject: Subject, choice: Choice, **more: object) -> tuple[Settled, ...]:
    return (Settled(path.path, subject, Decision(choice, **more)),)  # type: ignore[arg-type]


def remembered(run: str, task: str) -> dict[OfferSource, Offers]:
    """Return the offer to take the task's side of the hunk, as in this task of this run."""
    return {OfferSource.REMEMBERED: {("app/calc.py", HUNK): Offer(Decision(Choice.TASK), run, task)}}


def test_no_conflict_is_a_line():
    assert "no task is in conflict\n" == conflicts_text([])


def test_each_side_is_shown_as_what_it_did_to_the_base():
    assert (
        conflicts_text([view(CALC)])
        == """\
mul: conflict with log in 1 file

app/calc.py  (contents)
  hunk 1 of 1: not decided
    main (log):
        same
      - old
      + main's
    mul:
        same
      - old
      +     task's

mul: 1 of 1 files left
  app/calc.py: not decided
  porch resolve mul --take main|task|both|both-reversed|base PATH[:HUNK]
  porch resolve mul --edit PATH, or --with FILE PATH[:HUNK]
"""
    )


def test_a_conflict_with_the_target_itself_names_no_task():
    shown = conflicts_text([view(CALC, whole(2, 3), partners=())])

    assert shown.startswith("mul: conflict in 2 files\n")
    assert "\n    main:\n" in shown


def test_a_long_side_is_cut_and_counted():
    hunk = Hunk(b"", b"".join(b"%d\n" % number for number in range(MOST_LINES + 6)), b"")
    path = PathConflict("a", "a", ConflictKind.CONTENT, ALL_STAGES, "100644", (hunk,))

    shown = conflicts_text([view(path)])

    assert f"      + {MOST_LINES - 1}\n      … 6 more lines\n    mul:\n      (no lines)\n" in shown


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        (
            whole(1, 2),
            ["data.bin  (modify/delete)",
             "  whole file: not decided; main (log) has it, so had the base; "
             "take main|task|base|none or --as NAME"],
        ),
        (
            whole(2, 3, kind=ConflictKind.BINARY),
            ["data.bin  (binary)",
             "  whole file: not decided; main (log) has it, mul has it; take main|task|none or --as NAME",
             "  to keep both: --as NAME data.bin"],
        ),
        (
            whole(3, kind=ConflictKind.DIRECTORY_RENAME, origin="old/data.bin"),
            ["data.bin  (directory rename suggested)",
             "  whole file: not decided; mul has it; take main|task|none or --as NAME",
             "  without the renamed directory: --as old/data.bin data.bin"],
        ),
        (
            whole(kind=ConflictKind.OTHER),
            ["data.bin  (words only)", "  whole file: not decided; ; take both"],
        ),
    ],
)  # fmt: skip
def test_a_path_without_hunks_says_who_has_it_and_what_can_be_taken(path: PathConflict, lines: list[str]):
    shown = conflicts_text([view(path)]).splitlines()

    assert lines == shown[2 : 2 + len(lines)]
    assert "" == shown[2 + len(lines)]


@pytest.mark.parametrize(
    ("choice", "more", "said"),
    [
        (Choice.TASK, {}, "task"),
        (Choice.TEXT, {"text": b"mine"}, "written by hand"),
        (Choice.AS, {"name": "other.bin"}, "as other.bin"),
    ],
)
def test_what_is_decided_of_a_whole_file_is_all_that_is_shown_of_it(
    choice: Choice, more: dict[str, object], said: str
):
    path = whole(2, 3)
    shown = conflicts_text([view(path, decided=decided(path, path.stages, choice, **more))])

    assert f"data.bin  (modify/delete)\n  whole file: {said}\n\nmul: every conflict is decided\n" in shown


def test_what_was_decided_of_the_same_texts_earlier_in_the_run_still_fits():
    offers = remembered("run-1", "mul")

    kept = conflicts_text([view(CALC, decided=decided(CALC, HUNK, Choice.TASK), offers=offers)])
    changed = conflicts_text([view(CALC, decided=decided(CALC, HUNK, Choice.MAIN), offers=offers)])

    assert "hunk 1 of 1: task, as resolved before: it still fits\n" in kept
    assert "hunk 1 of 1: main\n" in changed


def test_offers_say_from_where_and_by_whom_and_what_was_written():
    text = Decision(Choice.TEXT, text=b"both of\nthem\n", author="claude")
    offers = remembered("run-0", "auth") | {OfferSource.PROPOSED: {("app/calc.py", HUNK): Offer(text)}}

    shown = conflicts_text([view(CALC, offers=offers)])

    assert "    remembered from run-0: task\n" in shown
    assert "    proposed by claude: written by hand\n      + both of\n      + them\n" in shown
    left = what_is_left(view(CALC, offers=offers))
    assert "  porch resolve mul --take remembered (or with PATH[:HUNK])\n" in left
    assert "  porch resolve mul --take proposed (or with PATH[:HUNK])\n" in left
    same_run = conflicts_text([view(CALC, offers=remembered("run-1", "auth"))])
    assert "    remembered from auth: task\n" in same_run


def test_nothing_foreign_in_a_conflict_reaches_the_terminal():
    hunk = Hunk(b"", PATH.encode("utf-8", "surrogateescape"), b"\x1b]0;x\x07")
    path = PathConflict(PATH, PATH, ConflictKind.CONTENT, ALL_STAGES, "100644", (hunk,))

    renamed = decided(path, path.stages, Choice.AS, name=PATH)
    for shown in (view(path), view(path, decided=renamed)):
        assert [] == obeyed(conflicts_text([shown]))
