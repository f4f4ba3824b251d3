"""`porch check`: the JSON keeps its contract, the text puts the verdict first."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from porch_tui.core.files.facts import Facts
from porch_tui.core.forecast.analysis import Analysis, Machine, analyse
from porch_tui.core.forecast.complexity import complexities
from porch_tui.core.model.plan import Plan, RunId
from porch_tui.present.cells import cells
from porch_tui.report.check import Found, check_document, check_page
from porch_tui.report.forms.text import as_text
from porch_tui.report.sections.layout import Layout, layout_of
from tests.report import hostile
from tests.report.tale import a_plan, oid, spec


@dataclass(frozen=True)
class Odd:
    """A warning as the plan file's reader gives it."""

    line: int
    text: str


def analysed(plan: Plan) -> Analysis:
    """Return the analysis for a machine with four slots."""
    return analyse(plan, Machine(slots=4))


def laid_out(plan: Plan) -> Layout:
    """Return where the plan's worktrees would lie."""
    return layout_of(plan, "/home/ann/src/app", RunId("run-1"), "main", oid("base"))


def checked(plan: Plan, *warnings: Odd, width: int = 80) -> str:
    """Return the text of the check."""
    return as_text(check_page(Found(plan, analysed(plan), laid_out(plan), warnings, "porch.yaml")), width)


PLAN = a_plan(
    spec("schema", locks=("database",), estimate_s=120),
    spec("auth", after=["schema"], paths=("src/auth/**",), estimate_s=600),
    spec("log", paths=("src/log.py",), locks=("database",), command="serve --port 8080"),
    spec("mul", paths=("app/calc.py",), estimate_s=5),
    spec("div", paths=("app/*.py",), command="curl localhost:8080"),
)


def test_complexity_is_shown_with_its_reasons() -> None:
    facts = Facts(
        sizes={"app/calc.py": 40_000, "app/x.py": 1}, imports={"app/x.py": frozenset({"app/calc.py"})}
    )
    known = complexities(PLAN.tasks, facts)
    found = Found(PLAN, analysed(PLAN), laid_out(PLAN), [], "porch.yaml", complexities=known)

    document = check_document(found)
    tasks = {task["id"]: task["complexity"] for task in document["tasks"]}  # type: ignore[attr-defined]
    text = as_text(check_page(found), 100)

    assert {"level": "low", "reasons": ["1 file of 40 kB", "imported by 1 other file"]} == tasks["mul"]
    assert tasks["log"] is None
    assert "mul: complexity low: 1 file of 40 kB; imported by 1 other file" in text


def test_that_all_lengths_are_guessed_is_said_instead_of_how_much_faster_it_is() -> None:
    plan = a_plan(spec("a"), spec("b"), is_validated=False)

    text = as_text(check_page(Found(plan, analysed(plan), laid_out(plan), [], "porch.yaml")), 100)

    assert "how much faster is a guess, in" in " ".join(text.split()) and "times faster" not in text


def test_the_keys_are_exactly_those_of_the_contract() -> None:
    shown = check_document(Found(PLAN, analysed(PLAN), laid_out(PLAN), [Odd(12, "odd")], "porch.yaml"))

    assert list(shown) == [
        "plan",
        "tasks",
        "pairs",
        "pairs_left_out",
        "pair_counts",
        "waves",
        "critical_path",
        "times",
        "verdict",
        "warnings",
        "advice",
        "lessons",
        "agents",
        "fences",
        "layout",
    ]
    assert shown["tasks"][0] == {  # type: ignore[index]
        "id": "schema",
        "kind": "change",
        "wave": 1,
        "estimate_s": 120,
        "estimate_range_s": [120, 120],
        "estimate_from": "plan",
        "complexity": None,
        "starts_s": 0.0,
        "done_s": pytest.approx(132.75),
    }
    assert shown["pairs"][0] == {  # type: ignore[index]
        "a": "schema",
        "b": "auth",
        "relation": "ordered",
        "reasons": ["auth comes after schema"],
        "is_known": True,
        "evidence": [
            {
                "level": "declared",
                "cause": "order",
                "text": "auth comes after schema",
                "thing": None,
                "is_caution": False,
                "quotes": [
                    {"task": "auth", "key": "after", "quote": "schema", "file": "porch.yaml", "line": None}
                ],
            }
        ],
    }
    assert list(shown["times"]) == [  # type: ignore[call-overload]
        "serial_s", "parallel_s", "serial_range_s", "parallel_range_s", "overhead_s", "task_overhead_s",
        "slots", "speedup", "substantial", "break_even_s", "by_slots", "best_slots", "validation_s",
        "validations", "judging_s", "guessed", "not_counted",
    ]  # fmt: skip
    assert shown["waves"] == [["schema", "log", "mul", "div"], ["auth"]]
    assert shown["critical_path"] == ["schema", "auth"]
    assert set(shown["verdict"]) == {"choice", "reasons"}  # type: ignore[call-overload]
    assert shown["warnings"] == [{"line": 12, "text": "odd"}]
    assert shown["layout"][1] == {"path": "../app-auth", "branch": "feature/auth"}  # type: ignore[index]
    json.dumps(shown)


def test_a_person_reads_the_verdict_first_and_every_reason() -> None:
    assert checked(PLAN, Odd(12, "task div: paths match no tracked file")) == CHECKED


CHECKED = """\
layers (porch.yaml)
===================

Cannot tell whether parallel pays: 5 tasks for main at 1405df6 should take
12m03s to 26m03s.


Verdict
-------

- cannot tell: parallel pays if the 2 guessed tasks take longer than 39 s
- one by one 860 s (736 to 2400), side by side 743 s (723 to 1563)
- writing the same files: 1 pair
- taking turns for a lock: 1 pair
- sharing state that worktrees do not separate (consider a lock): 1 pair

predicted       time
one by one    14m20s  as porch run --serial has it; 12m16s to 40m00s
side by side  12m23s  1.16 times faster, in 4 slots; 12m03s to 26m03s
overhead        0.8s  worktrees, merging and landing, all tasks added up
validation     10.0s  one; side by side there are 6 validations

Guessed: 2 tasks, without estimate or earlier run; validation, which no earlier
run has timed.


Critical path
-------------

schema -> auth: 12m00s, which more slots cannot shorten.


Waves
-----

wave  tasks
   1  schema, log, mul, div
   2  auth


Tasks
-----

task    kind    estimate  starts    done  known from  between
schema  change     2m00s    0.0s   2m13s  the plan
auth    change    10m00s   2m13s  12m23s  the plan
log     change     1m00s   2m03s   3m13s  a guess     5.0s to 12m00s
mul     change      5.0s    0.0s   22.7s  the plan
div     change     1m00s   22.7s   1m33s  a guess     5.0s to 12m00s


Pairs
-----

6 of 10 pairs of tasks are independent.

- schema + auth (ordered): auth comes after schema
- schema + log (conflicting: lock): both hold the lock database
- log + div (conflicting: shared-state): both use the port 8080
- mul + div (conflicting: overlap): mul writes app/calc.py, div writes app/*.py

- div starts when mul is decided: mul writes app/calc.py, div writes app/*.py;
  waiting 5 s is cheaper than the risk of a conflict


Locks and shared state
----------------------

- lock database: schema, log take turns
- port 8080: log, div use it, and worktrees do not separate it; consider a lock


Worktrees
---------

/home/ann/src
|-- app         main, base 1405df6 (the repository)
|-- app-schema  feature/schema
|-- app-auth    feature/auth
|-- app-log     feature/log
|-- app-mul     feature/mul
`-- app-div     feature/div


Warnings
--------

- line 12: task div: paths match no tracked file
"""


def test_an_empty_plan_and_a_single_task_are_told_too() -> None:
    assert "Run it one by one: 0 tasks" in checked(a_plan())
    assert "there is only one task" in checked(a_plan(spec("auth")))


def test_many_pairs_are_counted_not_listed() -> None:
    shown = checked(a_plan(*(spec(f"t{number}", paths=("one.py",)) for number in range(20))))

    assert "0 of 190 pairs of tasks are independent." in shown
    assert "all write one.py" in shown


def test_it_fits_the_screen_whatever_the_names_and_passes_nothing_on() -> None:
    tasks = [
        spec(f"{'x' * 60}{number}", title=hostile.TITLE, paths=(hostile.PATH * 3,)) for number in range(5)
    ]

    shown = checked(a_plan(*tasks, name="n" * 100), Odd(3, hostile.REASON))

    assert max(map(cells, shown.splitlines())) <= 80
    assert hostile.obeyed(shown) == []


def test_it_fits_a_narrow_screen_but_for_the_drawing() -> None:
    shown = checked(PLAN, width=50).split("Worktrees\n")[0]

    assert max(map(cells, shown.splitlines())) <= 50
