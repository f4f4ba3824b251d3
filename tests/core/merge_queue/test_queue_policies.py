"""The queue as a whole: how soon it decides, and that the number of validations at once changes only that."""

from __future__ import annotations

import pytest

from tests.bench.queue_policies import BAR, CHANCES, NAMES, TABLE_S, every_set, expected, k_ary

SAMPLE = tuple(every_set())[::5]
"""Every fifth set of bad tasks: some of each size."""


@pytest.mark.parametrize(
    "jobs", [pytest.param(jobs, marks=pytest.mark.slow) if jobs != 3 else jobs for jobs in (1, 2, 3, 4)]
)
def test_the_same_train_lands_the_same_trees_whatever_runs_at_once(jobs: int):
    landed = {bad: "".join(k_ary(bad, jobs).trees) for bad in SAMPLE}

    assert {bad: "".join(name for name in NAMES if name not in bad) for bad in SAMPLE} == landed


@pytest.mark.slow
def test_the_queue_is_decided_as_soon_as_the_design_says():
    times = {bad: k_ary(bad, 2) for bad in every_set()}
    decided = {chance: expected(times, chance, lambda one: one.decided_s) for chance in CHANCES}

    assert [] == [chance for chance in CHANCES if decided[chance] > BAR * TABLE_S[chance]]
