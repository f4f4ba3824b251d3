"""A plan that asks for more than the machine has, or for programs it has not, is warned of, with the line."""

from __future__ import annotations

import pytest

from porch_tui.planfile.machine_warnings import machine_warnings
from porch_tui.planfile.read import plan_from

PLAN = """\
defaults: {memory: 900G}
tasks:
  a: {run: x, cpus: 64}
  b: {run: x, cpus: 2, memory: 1G}
"""


def test_cores_and_memory_that_are_not_there_are_named_with_their_lines():
    read = plan_from(PLAN.encode(), "porch.yaml", "porch")

    found = machine_warnings(read, cores=2, memory_bytes=16 << 30, has_program=bool)

    assert sorted((one.line, one.text.partition(":")[0]) for one in found) == [
        (1, "task 'a' says that it uses 900G of memory, and there are 16G"),
        (3, "task 'a' says that it uses 64 cores, and there are 2"),
    ]


def test_where_the_machine_suffices_or_is_not_known_there_is_nothing_to_say():
    read = plan_from(PLAN.encode(), "porch.yaml", "porch")

    assert machine_warnings(read, cores=64, memory_bytes=0, has_program=bool) == ()


def missing(plan: str) -> list[str]:
    """Return what is said of a plan on a machine that has cargo, echo and nothing else."""
    read = plan_from(plan.encode(), "porch.yaml", "porch")
    return [
        one.shown("porch.yaml")
        for one in machine_warnings(read, 2, 0, lambda name: name in ("cargo", "echo"))
    ]


def test_a_program_that_is_found_nowhere_is_named_once_with_its_line():
    assert missing("setup: 'uvv sync'\ntasks:\n  a: {run: pytset}\n") == [
        "porch.yaml:1: 'setup' needs 'uvv', which is no program on your PATH"
    ]
    assert missing(
        "validate: [[cargo, test], [rufff, check, .]]\n"
        "tasks:\n  a:\n    run: A=1 pytset -q\n    checks: cd src && mypi .\n  b: {run: [pytset, -q]}\n"
    ) == [
        "porch.yaml:1: 'validate' needs 'rufff', which is no program on your PATH",
        "porch.yaml:4: 'run' of task 'a' (and 1 more) needs 'pytset', which is no program on"
        " your PATH",
        "porch.yaml:5: a check of task 'a' needs 'mypi', which is no program on your PATH",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "task",
    [
        "{run: ./made.sh}",
        "{run: cargo test}",
        "{run: test -e x}",
        "{run: $TOOL x}",
        "{run: '\"$HOME\"/bin/x'}",
        "{run: 'x() { echo; }; x'}",
        "{run: 'if x; then echo; fi'}",
        "{run: '! x'}",
        "{run: '(x)'}",
        "{run: '{ x; }'}",
        "{run: 'for a in b; do x; done'}",
        "{run: x || echo none}",
        "{run: . venv/bin/activate && x}",
        "{run: PATH=bin x}",
        "{run: export PATH=bin && x}",
        "{run: echo && pip install x && x}",
        "{run: cargo install x, checks: x}",
        "{run: x, wrap: [docker, run, image]}",
        "{run: x, expected_failure: not there yet}",
        "{run: x, after: [b]}",
        "{run: '# nothing'}",
        "{run: '~/x'}",
        "{run: [~/x]}",
        "{run: 'a*'}",
    ],
)
def test_where_a_program_could_be_after_all_nothing_is_said(task: str):
    assert missing(f"tasks:\n  a: {task}\n  b: {{run: echo}}\n") == []


@pytest.mark.parametrize("key", ["setup: cargo fetch", "env: {PATH: /opt/bin}", "place: ssh:big"])
def test_what_setup_a_variable_or_another_machine_may_have_is_not_judged(key: str):
    assert missing(f"{key}\ntasks:\n  a: {{run: x}}\n") == []
