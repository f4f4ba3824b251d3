"""Limits that are errors, not surprises; and large plans that are not over them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from planfile.plan_reading import plan, refusal

from porch_tui.errors import PlanError
from porch_tui.planfile.each.items import NO_ITEMS
from porch_tui.planfile.read import read_plan


@contextmanager
def without_work() -> Iterator[None]:
    """Fail if what is inside uses more than a second of this process's own time."""
    begin = time.process_time()
    yield
    assert time.process_time() - begin < 1.0


def chain(length: int) -> str:
    tasks = [f"  t{n}: {{run: 'echo {n}', after: [{f't{n - 1}' if n else ''}]}}\n" for n in range(length)]
    return "tasks:\n" + "".join(tasks)


@pytest.mark.slow
def test_ten_thousand_tasks_in_one_chain_are_read():
    tasks = plan(chain(10_000)).tasks

    assert (10_000, ("t9998",)) == (len(tasks), tasks[-1].after)


@pytest.mark.slow
def test_a_cycle_through_ten_thousand_tasks_is_reported_shortened():
    message = refusal(chain(10_000).replace("after: []", "after: [t9999]"))

    assert "t0 -> t9999 -> t9998 -> " in message
    assert "…" in message
    assert len(message) < 500


@pytest.mark.slow
def test_one_task_more_than_ten_thousand_is_refused():
    assert "tasks: found 10,001 entries; expected at least 1 and at most 10,000" in refusal(chain(10_001))


def test_a_file_over_four_mebibytes_is_refused_unread(tmp_path: Path):
    path = tmp_path / "porch.yaml"
    path.write_bytes(b"goal: " + b"x" * 10_000_000)

    with without_work(), pytest.raises(PlanError, match="larger than 4 MiB"):
        read_plan(path, NO_ITEMS)


def test_a_bomb_of_aliases_is_refused_unexpanded():
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 40)]

    with without_work():
        message = refusal("\n".join(["a0: &a0 [x, x, x, x, x, x, x, x, x, x]", *levels]))

    assert "more than 100,000 values" in message


def test_a_bomb_of_merge_keys_is_refused_unexpanded():
    levels = [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 40)]

    with without_work():
        message = refusal("\n".join(["a0: &a0 {a: 1, b: 2, c: 3, d: 4}", *levels]))

    assert "more than 100,000 values" in message


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_endless_nesting_is_refused_at_once(opening: str):
    with without_work():
        message = refusal(opening * 500_000)

    assert "levels of nesting" in message


def test_a_thousand_mistakes_are_reported_and_then_it_is_enough():
    message = refusal("tasks:\n" + "".join(f"  t{n}: {{rnu: x}}\n" for n in range(5000)))

    assert message.splitlines()[-1] == "porch.yaml: and more; fix these 1000 first"
    assert len(message.splitlines()) == 1001
