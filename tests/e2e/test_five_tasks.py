"""Five tasks, one textual conflict, one semantic break: three land, green, in whatever order they finish."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest

from porch_tui.demo.repository import FILES
from project import Project

NAMES = ("mul", "div", "rename", "useadd", "whisper")
PAIRS = ({"mul", "div"}, {"rename", "useadd"})
"""Only one of each can land without a person."""


def five_tasks(project: Project, order: list[str]) -> None:
    """Create the demo's code with a plan whose tasks finish in this order."""
    project.commit({name: text for name, text in FILES.items() if name != "porch.yaml"})
    for name in NAMES:
        # the tour runs at a human pace; here only the order matters
        script = project.root / f"work/{name}.py"
        script.write_text(script.read_text().replace("work(", "(lambda *_: None)("))
    project.commit({})
    project.plan(
        "validate: python3 -m unittest -q\ntasks:\n"
        + "".join(
            f"  {name}: {{run: 'sleep {0.3 * order.index(name):.1f}; python3 work/{name}.py'}}\n"
            for name in NAMES
        )
    )


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 11))])
def test_three_of_five_land_green_in_any_order(project: Project, seed: int):
    order = random.Random(seed).sample(NAMES, len(NAMES))
    five_tasks(project, order)

    project.porch("run", "--headless", "--slots", "5", expect=1)

    landed = set(project.landed())
    assert len(landed) == 3, f"seed {seed}, order {order}"
    assert "whisper" in landed
    assert all(len(landed & pair) == 1 for pair in PAIRS)
    subprocess.run(
        [sys.executable, "-m", "unittest", "-q"], cwd=project.root, check=True, capture_output=True
    )


@pytest.mark.slow
@pytest.mark.parametrize("first", ["rename", "useadd"])
def test_a_rejected_task_lands_when_it_is_retried_on_the_new_tip(project: Project, first: str):
    five_tasks(project, sorted(NAMES, key=lambda name: name != first))
    project.porch("run", "--headless", "--slots", "5", expect=1)
    rejected = next(task for task, outcome in project.outcomes().items() if outcome == "rejected")

    project.porch("retry", rejected)
    project.porch("resume", "--headless", expect=1)

    assert rejected in project.landed()
    assert len(project.landed()) == 4
