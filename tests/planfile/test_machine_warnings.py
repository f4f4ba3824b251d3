"""A plan that asks for more than the machine has is warned of, with the line."""

from __future__ import annotations

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

    found = machine_warnings(read, cores=2, memory_bytes=16 << 30)

    assert sorted((one.line, one.text.partition(":")[0]) for one in found) == [
        (1, "task 'a' says that it uses 900G of memory, and there are 16G"),
        (3, "task 'a' says that it uses 64 cores, and there are 2"),
    ]


def test_where_the_machine_suffices_or_is_not_known_there_is_nothing_to_say():
    read = plan_from(PLAN.encode(), "porch.yaml", "porch")

    assert machine_warnings(read, cores=64, memory_bytes=0) == ()
