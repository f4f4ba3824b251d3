"""How long a plan takes with slots that adapt, beside the best fixed number, on an imaginary machine."""

from __future__ import annotations

import pytest

from tests.core.fake_machine import LOADS, Load, Machine, best_fixed_s

CORES = 2


@pytest.mark.slow
@pytest.mark.parametrize(("name", "bar"), [("cpu", 1.15), ("mixed", 1.15), ("waiting", 1.3), ("long", 1.0)])
def test_an_adapting_number_is_nearly_as_good_as_the_best_fixed_one(name: str, bar: float):
    assert Machine(LOADS[name], CORES, None).makespan_s() <= bar * best_fixed_s(LOADS[name], CORES)


def test_few_facts_tell_of_it():
    machine = Machine(Load(tasks=100, cpu_s=0.1, wait_s=0.1, times=100), CORES, None)

    took_s = machine.makespan_s()

    assert took_s > 500
    assert len(machine.changes) < took_s / 20
