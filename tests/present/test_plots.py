"""What a run used over its time."""

from __future__ import annotations

import pytest

from porch_tui.core.model.events import AttemptId
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.telemetry import Sample
from porch_tui.present.plots import PIECES, Plot, plots
from tests.report.tale import OPENED_AT, Tale, a_plan, five_tasks, spec


def by_title(tale: Tale, histories: dict[AttemptId, list[Sample]] | None = None) -> dict[str, Plot]:
    return {one.title: one for one in plots(tale.summary, histories or {})}


def sample(at_s: float, cores: float, memory: int) -> Sample:
    return Sample(OPENED_AT + at_s, 100 * cores, 0.0, memory, memory, 1)


def total(plot: Plot) -> float:
    """Return the amount times the seconds, added up."""
    return sum(plot.amounts) * plot.until_s / PIECES


def test_the_tasks_at_work_add_up_to_the_wall_time_of_all_attempts():
    tale = five_tasks()

    assert total(by_title(tale)["tasks at work"]) == pytest.approx(tale.summary.task_s, abs=0.01)


@pytest.mark.parametrize("wall_s", [7.0, 97.3, 583.7])
def test_what_is_constant_is_drawn_so(wall_s: float):
    tale = Tale(a_plan(spec("log"), spec("mul"))).start(0.0, "log", "mul")
    tale = tale.succeed(wall_s, "log").succeed(wall_s, "mul")

    assert set(by_title(tale)["tasks at work"].amounts) == {2.0}


def test_what_landed_only_grows_and_ends_at_what_has_landed():
    landed = by_title(five_tasks())["landed"].amounts

    assert list(landed) == sorted(landed)
    assert landed[0] == 0 and landed[-1] == len(five_tasks().state.target.landed)


def test_samples_of_attempts_side_by_side_are_added():
    tale = five_tasks()
    log, mul = AttemptId(TaskId("log"), 1), AttemptId(TaskId("mul"), 1)
    histories = {
        log: [sample(1, 0.5, 1000), sample(2, 0.5, 1000)],
        mul: [sample(1, 0.25, 500), sample(2, 0.25, 500)],
    }

    found = by_title(tale, histories)

    assert max(found["cores busy"].amounts) == pytest.approx(0.75)
    assert max(found["memory"].amounts) == pytest.approx(1500)
    assert total(found["cores busy"]) == pytest.approx(2 * 0.75, abs=0.02)


def test_a_sample_does_not_speak_for_hours_without_an_engine():
    tale = five_tasks().at(3600, *[])
    tale = Tale(a_plan(spec("log"))).start(0.1, "log").succeed(3600, "log")
    log = AttemptId(TaskId("log"), 1)

    found = by_title(tale, {log: [sample(1, 1.0, 10), sample(3000, 1.0, 10)]})

    assert total(found["cores busy"]) < 20


def test_a_plot_is_as_high_as_what_there_is():
    at_work = by_title(five_tasks())["tasks at work"]

    assert (at_work.top, at_work.top_written) == (8.0, "8 slots")


def test_nothing_is_drawn_of_what_is_not_known():
    assert set(by_title(five_tasks())) == {"tasks at work", "landed"}
    assert by_title(Tale(a_plan(spec("log")))) == {}
