"""How each conflict that the queue met has ended."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.present.outcome import Outcome
from porch_tui.report.sections.conflicts import ENDINGS
from tests.report.pages import document
from tests.report.tale import Tale, a_plan, spec


def ended(tale: Tale) -> str:
    """Return how the run's first conflict ended."""
    return str(document(tale)["conflicts"][0]["end"])  # type: ignore[index]


def conflicted() -> Tale:
    """Return a run whose `mul` is in conflict with the landed `log`."""
    tale = Tale(a_plan(spec("log"), spec("mul"), is_validated=False)).start(1, "log", "mul")
    tale.succeed(2, "log").build(2).land(3, "log")
    return tale.succeed(4, "mul").conflict(5, ["log"], "app/calc.py")


def test_every_end_of_a_task_is_one_of_its_conflict() -> None:
    assert set(ENDINGS) == {None, *Outcome}


def test_a_conflict_ends_resolved_by_hand() -> None:
    tale = conflicted().at(6, e.ResolutionGiven(TaskId("mul"), "r1"), e.ConflictResolved(TaskId("mul")))

    assert ended(tale.build(7).land(8, "mul")) == "resolved by hand: landed"


def test_a_conflict_ends_by_running_the_task_again_upon_the_tip() -> None:
    tale = conflicted()
    tip = tale.state.target.tip
    tale.at(6, e.TaskRetried(TaskId("mul"), is_automatic=False)).start(6, "mul").succeed(7, "mul")

    assert ended(tale.build(8).land(9, "mul")) == f"run again on {tip[:7]}: landed"


def test_a_conflict_that_comes_back_is_told_once_each() -> None:
    tale = conflicted().at(6, e.EntryRequeued(TaskId("mul"))).conflict(7, ["log"], "app/calc.py")

    ends = [row["end"] for row in document(tale)["conflicts"]]  # type: ignore[attr-defined]

    assert ends == ["tried again, in conflict again", "still in conflict"]
