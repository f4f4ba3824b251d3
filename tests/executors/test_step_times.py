"""What steps took is processor and waiting time, whatever else ran beside them."""

from __future__ import annotations

import pytest

from porch_tui.core.model.events import StepUsed
from porch_tui.executors.step_times import steps_used
from porch_tui.process.liveness import Cause, Exit, StepExit


def ended(*steps: StepExit) -> Exit:
    return Exit("run", 0, 0, Cause.EXIT, "", 0.0, 0.0, 0.0, 0.0, 0.0, 0, steps, 0)


def test_a_command_that_computed_three_seconds_took_three_also_if_others_had_the_cores():
    alone = steps_used(ended(StepExit("run", 0, wall_s=3.0, cpu_s=3.0)))
    contended = steps_used(ended(StepExit("run", 0, wall_s=9.0, cpu_s=3.0, delay_s=6.0)))

    assert alone == contended == (StepUsed("run", 3.0, 0.0),)


def test_a_pause_is_no_waiting():
    assert steps_used(ended(StepExit("run", 0, wall_s=70.0, paused_s=60.0, cpu_s=2.0))) == (
        StepUsed("run", 2.0, 8.0),
    )


def test_steps_of_one_name_are_added_up():
    found = steps_used(
        ended(
            StepExit("setup", 0, wall_s=2.0, cpu_s=1.0),
            StepExit("run", 0, wall_s=5.0, cpu_s=1.0),
            StepExit("check", 0, wall_s=1.0, cpu_s=1.0),
            StepExit("check", 0, wall_s=3.0, cpu_s=0.5),
        )
    )

    assert found == (StepUsed("setup", 1.0, 1.0), StepUsed("run", 1.0, 4.0), StepUsed("check", 1.5, 2.5))


def test_eight_processes_on_two_cores_want_eight():
    (found,) = steps_used(ended(StepExit("run", 0, wall_s=20.0, cpu_s=40.0, delay_s=120.0)))

    assert found == StepUsed("run", 40.0, 0.0, pytest.approx(8.0))


def test_nothing_is_known_of_steps_that_an_earlier_porch_ran():
    assert steps_used(ended(StepExit("run", 0, wall_s=20.0))) == ()
