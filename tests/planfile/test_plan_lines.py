"""Lines of the plan file by task and key."""

from __future__ import annotations

from porch_tui.planfile.lines import line_finder
from porch_tui.planfile.read import plan_from

PLAN = """\
defaults:
  checks: make test
setup: |
  one
  two
tasks:
  a:
    run: |
      first
      second
    paths: [x]
  b: {run: echo b}
"""


def test_a_key_is_found_where_it_is_written_and_a_block_by_its_lines():
    line_of = line_finder(plan_from(PLAN.encode(), "porch.yaml", "porch"))

    assert line_of("a", "run", 2) == 10  # type: ignore[arg-type]
    assert line_of("a", "paths", 1) == 11  # type: ignore[arg-type]
    assert line_of("b", "run", 1) == 12  # type: ignore[arg-type]
    assert line_of("b", "checks", 1) == 2  # type: ignore[arg-type]
    assert line_of("a", "setup", 2) == 5  # type: ignore[arg-type]
