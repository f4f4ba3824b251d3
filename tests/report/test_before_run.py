"""The page before a run fits the window, says first what matters, and counts what it leaves out."""

from __future__ import annotations

import pytest

from porch_tui.core.forecast.analysis import Machine, analyse
from porch_tui.core.forecast.verdict import Mode
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import HERE, PlaceName, PlaceSpec, Scheme
from porch_tui.core.model.plan import Plan
from porch_tui.present.cells import cells
from porch_tui.report.before_run import before_run
from tests.report.tale import a_plan, spec

PLAN = a_plan(
    spec("schema", locks=("database",), estimate_s=120),
    spec("auth", after=["schema"], paths=("src/auth/**",), estimate_s=600),
    spec("log", paths=("src/log.py",), locks=("database",), estimate_s=60),
    spec("mul", paths=("app/calc.py",), estimate_s=5),
    spec("div", paths=("app/*.py",), estimate_s=30),
)


def page(plan: Plan, mode: Mode = Mode.PARALLEL, width: int = 79, rows: int = 21) -> list[str]:
    return before_run(plan, analyse(plan, Machine(4)), mode, "main", warnings=2, width=width, rows=rows)


def test_a_person_reads_verdict_waves_and_what_gets_in_each_others_way() -> None:
    assert page(PLAN) == SHOWN.splitlines()


def test_of_other_machines_it_says_which_and_that_the_times_are_not_theirs() -> None:
    places = (PlaceSpec(HERE, Scheme.HERE), PlaceSpec(PlaceName("ssh:big"), Scheme.SSH, "big"))

    assert page(replace(PLAN, places=places))[:2] == [
        "layers: 5 tasks for main, side by side",
        "  on threads, ssh:big; times are of this machine alone",
    ]


def test_the_commands_that_call_a_person_are_shown_and_cannot_steer_the_terminal() -> None:
    calling = replace(PLAN, on_need=("notify-send", "porch \x1b[2Jneeds you"), on_end=("./tools/announce",))

    found = [line for line in page(calling) if "runs when" in line]

    assert found == [
        "  runs when something needs you: notify-send 'porch ␛[2Jneeds you'",
        "  runs when the run has ended: ./tools/announce",
    ]
    assert not any("runs when" in line for line in page(PLAN))


SHOWN = """\
layers: 5 tasks for main, side by side
  cannot tell: that depends on how long validation, setup and checks take
  one by one 830 s (816 to 960), side by side 743 s (723 to 1083)
  writing the same files: 1 pair
  taking turns for a lock: 1 pair
  takes 12m03s to 18m03s; 2 slots would do; 2 warnings above

wave 1  schema 2m00s, log 1m00s, mul 5.0s, div 30.0s
wave 2  auth 10m00s

schema + log: both hold the lock database
mul + div: mul writes app/calc.py, div writes app/*.py
"""


@pytest.mark.parametrize(("width", "rows"), [(79, 21), (159, 45), (39, 8), (79, 3)])
def test_a_large_plan_fits_every_window(width: int, rows: int) -> None:
    tasks = [spec(f"task-{number:03}", paths=("one.py",)) for number in range(200)]
    chain = [spec(f"later-{number}", after=[f"later-{number - 1}"] if number else []) for number in range(30)]

    shown = page(a_plan(*tasks, *chain), width=width, rows=rows)

    assert 0 < len(shown) <= rows
    assert max(map(cells, shown)) <= width


def test_what_is_left_out_is_counted() -> None:
    tasks = [spec(f"task-{number:03}", paths=("one.py",)) for number in range(200)]

    shown = page(a_plan(*tasks))

    assert any(" more" in line for line in shown if line.startswith("wave 1"))
    assert shown[-1].startswith("and ")
    assert shown[-1].endswith(" more pairs")
