"""A step's record tells the time in which it waited for something from that in which it had no core."""

from __future__ import annotations

import os
import sys

import pytest

from porch_tui.process.supervisor import kernel

BURN = f"exec {sys.executable} -S -c 'import time\nwhile time.process_time() < 0.6: pass'"

pytestmark = pytest.mark.skipif(
    not kernel.IS_LINUX or not any(kernel.run_times(os.getpid(), os.getpid())),
    reason="the kernel does not say how long processes wait for a core",
)


@pytest.mark.slow
def test_two_commands_on_one_core_are_delayed_by_each_other(run):
    one_core = f"taskset -p -c {min(os.sched_getaffinity(0))} $$ > /dev/null"

    (step,) = run(f"{one_core}; ({BURN}) & ({BURN}) & wait").steps

    assert step.cpu_s > 1.1
    assert step.delay_s > 0.3 * step.cpu_s


def test_a_command_that_sleeps_is_delayed_by_no_one(run):
    (step,) = run("sleep 0.5").steps

    assert step.wall_s - step.delay_s - step.cpu_s > 0.3


def test_each_step_has_its_own_processor_time(run):
    first, second, third = run("true", f"{BURN}", "true").steps

    assert second.cpu_s > 0.5
    assert first.cpu_s < 0.4
    assert third.cpu_s < 0.4
