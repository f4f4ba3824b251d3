"""What a run teaches about its plan, and when that is forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from builders import plan, task
from porch_tui.core.advice.edits import Edit, with_edits
from porch_tui.core.advice.lessons import Clash, Disturbance, Lesson, Observed, lessons, patterns_for
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Plan, RunId


def ran(name: str = "run-1", wrote: dict[str, tuple[str, ...]] | None = None, **rest: Any) -> Observed:
    """Return a run of the plan `plan` in which these tasks ended well, each after 10 s."""
    wrote = wrote or {}
    took = dict.fromkeys((*wrote, *rest.pop("ended", ())), 10.0)
    return Observed(RunId(name), "plan", 0.0, took_s=rest.pop("took_s", took), wrote=wrote, **rest)


def texts(a_plan: Plan, *runs: Observed) -> list[str]:
    return [one.text for one in lessons(a_plan, runs)]


def added(found: tuple[Lesson, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    edits: list[Edit] = [edit for one in found for edit in one.edits]
    return [(edit.task, edit.key.value, edit.add) for edit in dict.fromkeys(edits)]


BOTH = ran(wrote={"a": ("x.py", "a.py"), "b": ("x.py",)})


def test_a_path_that_two_tasks_wrote_and_neither_declares():
    found = lessons(plan(task("a", paths=("a.py",)), task("b", paths=("b.py",))), [BOTH])

    assert ["a and b both wrote x.py, which neither declares"] == [one.text for one in found]
    assert [("a", "paths", ("x.py",)), ("b", "paths", ("x.py",))] == added(found)


def test_a_path_that_one_of_two_declares():
    found = lessons(plan(task("a", paths=("a.py",)), task("b", paths=("x.py",))), [BOTH])

    assert ["a and b both wrote x.py, which a did not declare"] == [one.text for one in found]


def test_a_task_without_paths_learns_all_that_it_wrote():
    found = lessons(plan("a", task("b", paths=("x.py",))), [BOTH])

    assert [("a", "paths", ("a.py", "x.py"))] == added(found)


@pytest.mark.parametrize(
    "now",
    [
        plan(task("a", paths=("x.py", "a.py")), task("b", paths=("*.py",))),
        plan(task("a", paths=("a.py", "x.py"))),
        plan(task("c")),
        replace(plan(task("a", paths=("a.py",)), task("b", paths=("b.py",))), predict_ignore=("x.py",)),
    ],
    ids=["declared", "one task is gone", "both are gone", "everybody touches it"],
)
def test_what_no_longer_holds_is_forgotten(now: Plan):
    assert [] == texts(now, BOTH)


def test_a_path_that_tasks_in_order_wrote_is_only_undeclared():
    ordered = plan(task("a", paths=("a.py",)), task("b", paths=("b.py",), after=["a"]))

    assert [
        "a wrote x.py, which it did not declare",
        "b wrote x.py, which it did not declare",
    ] == texts(ordered, BOTH)


def test_a_later_run_counts_and_not_the_earlier():
    declared = plan(task("a", paths=("a.py",)), task("b", paths=("b.py",)))
    later = ran("run-2", {"a": ("a.py",), "b": ("b.py",)})

    assert [] == texts(declared, later, BOTH)


def test_a_run_of_another_plan_teaches_nothing():
    assert [] == texts(plan("a", "b"), replace(BOTH, plan="other"))


def test_a_task_that_conflicted_comes_after_the_other():
    run = ran(ended="ab", clashes=(Clash("b", ("a",), ("x.py",)),))
    found = lessons(plan("a", "b"), [run])

    assert ["b conflicted with a in x.py"] == [one.text for one in found]
    assert [("b", "after", ("a",))] == added(found)


def test_a_task_that_fails_on_top_of_another_only_comes_after_it():
    found = lessons(plan("a", "b"), [ran(ended="ab", clashes=(Clash("b", ("a",)),))])

    assert ["b passed alone, and failed on top of a"] == [one.text for one in found]
    assert [("b", "after", ("a",))] == added(found)


@pytest.mark.parametrize(
    "now", [plan("a", task("b", after=["a"])), plan("b", task("a", after=["b"])), plan("b")]
)
def test_a_conflict_of_ordered_or_missing_tasks_is_forgotten(now: Plan):
    assert [] == texts(now, ran(ended="ab", clashes=(Clash("b", ("a",), ("x.py",)),)))


def test_a_conflict_is_forgotten_when_both_went_well_later():
    clash = ran(ended="ab", clashes=(Clash("b", ("a",), ("x.py",)),))

    assert [] == texts(plan("a", "b"), ran("run-2", ended="ab"), clash)
    assert texts(plan("a", "b"), ran("run-2", ended="b"), clash)


def test_conflicts_in_both_directions_make_no_cycle():
    clashes = (Clash("b", ("a",), ("x",)), Clash("a", ("c",), ("x",)), Clash("c", ("b",), ("x",)))
    now = plan("a", "b", "c")
    edits = [edit for one in lessons(now, [ran(ended="abc", clashes=clashes)]) for edit in one.edits]

    assert [("b", ("a",)), ("a", ("c",))] == [(edit.task, edit.add) for edit in edits]
    assert {"a": ("c",), "b": ("a",), "c": ()} == {one.id: one.after for one in with_edits(now, edits).tasks}


def test_a_port_in_use_asks_for_a_lock_where_only_one_task_can_have_had_it():
    failed = Disturbance("b", "Address already in use", "port", ("a",))
    found = lessons(plan("a", "b"), [ran(ended="ab", disturbances=(failed,))])

    assert ["b failed while a ran: Address already in use"] == [one.text for one in found]
    assert [("b", "locks", ("port",)), ("a", "locks", ("port",))] == added(found)


def test_a_port_in_use_beside_many_tasks_blames_none():
    failed = Disturbance("b", "Address already in use", "port", ("a", "c"))
    found = lessons(plan("a", "b", "c"), [ran(ended="abc", disturbances=(failed,))])

    assert [()] == [one.edits for one in found]
    assert found[0].text.startswith("b failed while a and c ran: Address already in use")


def test_a_lock_in_common_is_the_end_of_that_lesson():
    failed = Disturbance("b", "Address already in use", "port", ("a",))
    kept_apart = plan(task("a", locks=("net",)), task("b", locks=("net",)))

    assert [] == texts(kept_apart, ran(ended="ab", disturbances=(failed,)))


def test_an_estimate_that_is_far_off_is_reported_without_an_edit():
    found = lessons(plan(task("a", estimate_s=60.0)), [ran(took_s={"a": 300.0})])

    assert [("a took 300 s; its estimate is 60 s", ())] == [(one.text, one.edits) for one in found]


@pytest.mark.parametrize(("said", "took"), [(60.0, 100.0), (1.0, 30.0), (300.0, 299.0)])
def test_an_estimate_that_is_near_enough_is_not(said: float, took: float):
    assert [] == texts(plan(task("a", estimate_s=said)), ran(took_s={"a": took}))


def test_many_files_of_a_folder_are_declared_as_the_folder():
    assert ("doc/**", "x.py") == patterns_for({"doc/a", "doc/b", "doc/c", "doc/d/e", "x.py"})


def test_what_would_take_many_patterns_is_not_declared():
    assert () == patterns_for({f"{number}/x" for number in range(20)})


def test_a_path_that_no_plan_can_hold_is_not_declared():
    assert () == patterns_for({"a\udce9.py"})


def test_what_tasks_without_paths_wrote_is_advice_and_no_news():
    (lesson,) = lessons(plan("a", "b"), [ran(wrote={"a": ("a.py",), "b": ("b.py",)})])

    assert ("a and b declared no paths; what they wrote is known now", True) == (lesson.text, lesson.is_minor)
    assert [("a", "paths", ("a.py",)), ("b", "paths", ("b.py",))] == added((lesson,))
