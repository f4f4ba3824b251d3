"""`porch status`: the JSON keeps its contract, the text puts the person first."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from porch_tui.core.merge_queue.prediction import Prediction
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceName, PlaceSpec, Resources, Scheme
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.telemetry import Sample
from porch_tui.present.amounts import moment
from porch_tui.present.cells import cells
from porch_tui.present.outcome import QueueWord
from porch_tui.present.statuses import look
from porch_tui.report.forms.palette import ASCII, COLORED, PLAIN, Palette
from porch_tui.report.status import status_document, status_text
from tests.builders import board, conflict, fold, judge, opened, plan, queue, settled, unvalidated
from tests.report import hostile
from tests.report.tale import OPENED_AT, Tale, a_plan, five_tasks, oid, spec

AUTH = TaskId("auth")

KEYS = {"run", "plan", "target", "base", "tip", "engine", "ended", "paused", "agents", "budget"} | {
    "tasks",
    "places",
    "queue",
    "hypotheses",
    "predictions",
    "needs_you",
    "noticed",
    "waiting_commands",
    "lessons",
    "next",
}
QUEUE_KEYS = ("task", "status", "conflicts", "with", "reason")
TASK_KEYS = frozenset({"id", "kind", "status", "attempt", "outcome", "reason", "branch", "worktree"}) | {
    "group",
    "item",
    "of",
    "place",
    "worktree_removed_at",
    "worktree_kept",
    "head",
    "landed",
    "started_at",
    "ended_at",
    "added_at",
    "cpu_s",
    "peak_rss_bytes",
    "agent",
    "budget",
    "ended_processes",
    "pid",
    "waits",
}


def document(state: RunState, *, is_alive: bool = True) -> dict[str, object]:
    """Return the document as a script reads it: through JSON and back."""
    output = status_document(state, engine_is_alive=is_alive, samples={}, heads={}, plan_path="porch.yaml")
    return json.loads(json.dumps(output))  # type: ignore[no-any-return]


def rows(state: RunState, key: str) -> dict[str, dict[str, object]]:
    """Return the rows of one of the document's lists by task."""
    return {str(row.get("id") or row["task"]): row for row in document(state)[key]}  # type: ignore[attr-defined]


def text(state: RunState, *, is_alive: bool = True, palette: Palette = PLAIN) -> str:
    """Return the text, twenty seconds after the opening."""
    return status_text(state, engine_is_alive=is_alive, samples={}, now=OPENED_AT + 20, palette=palette)


def test_the_keys_are_exactly_those_of_the_contract() -> None:
    output = document(five_tasks().state)

    assert set(output) == KEYS
    assert {frozenset(row) for row in output["tasks"]} == {TASK_KEYS}  # type: ignore[attr-defined]
    assert {tuple(row) for row in output["queue"]} == {QUEUE_KEYS}  # type: ignore[attr-defined]
    rows = {tuple(row) for row in output["needs_you"]}  # type: ignore[attr-defined]
    assert rows == {("task", "outcome", "why", "next")}
    assert output["predictions"] == []


def test_a_conflict_seen_coming_is_told_of_the_tasks_under_way_only() -> None:
    state = board(opened(plan("mul", "div", "done")), "mul", "div", "done")
    state = fold(state, e.EntryWithdrawn(TaskId("done")))
    seen = [Prediction("mul", "div", ("app/calc.py",)), Prediction("done", "refs/heads/main", ("x",))]
    output = status_document(
        state, engine_is_alive=True, samples={}, heads={}, plan_path="porch.yaml", predictions=seen
    )
    lines = status_text(state, engine_is_alive=True, samples={}, now=OPENED_AT, predictions=seen).splitlines()

    assert {"a": "mul", "b": "div", "paths": ["app/calc.py"]} == output["predictions"][0]  # type: ignore[index]
    assert 1 == sum("will conflict with div: app/calc.py" in line for line in lines)
    assert 1 == sum("will conflict with mul: app/calc.py" in line for line in lines)
    assert 0 == sum("will conflict with main" in line for line in lines)


def test_a_landed_task_is_told_in_full() -> None:
    assert rows(five_tasks().state, "tasks")["auth"] == {
        "id": "auth",
        "kind": "change",
        "group": "",
        "item": "",
        "of": None,
        "status": "succeeded",
        "attempt": 1,
        "place": None,
        "outcome": "landed",
        "waits": None,
        "reason": "",
        "branch": "feature/auth",
        "worktree": "../app-auth",
        "worktree_removed_at": None,
        "worktree_kept": "",
        "head": oid("head auth"),
        "landed": five_tasks().state.target.tip,
        "started_at": "2026-11-22T08:15:05.300Z",
        "ended_at": "2026-11-22T08:15:08.000Z",
        "added_at": None,
        "cpu_s": pytest.approx(1.4),
        "peak_rss_bytes": 53_000_000,
        "agent": None,
        "budget": None,
        "ended_processes": {},
        "pid": None,
    }


def test_a_task_that_waits_has_no_attempt_and_says_why() -> None:
    docs = rows(five_tasks().state, "tasks")["docs"]

    assert (docs["status"], docs["attempt"], docs["outcome"]) == ("pending", 0, "waiting")
    assert docs["reason"] == "waits for seed, which failed"


def test_a_conflict_stands_in_the_queue_with_its_partner_and_paths() -> None:
    assert rows(five_tasks().state, "queue")["div"] == {
        "task": "div",
        "status": "conflicted",
        "conflicts": ["app/calc.py"],
        "with": ["mul"],
        "reason": "conflict with mul in app/calc.py",
    }


def test_what_has_nothing_to_land_stands_in_no_queue() -> None:
    tale = Tale(a_plan(spec("auth"), is_validated=False)).start(1, "auth").succeed(2, "auth")
    entry = tale.state.entries[AUTH]
    built = e.CandidateBuilt(AUTH, entry.head, oid("base"), (), oid("merge"), oid("basetree"))

    tale.at(3, built)

    assert document(tale.state)["queue"] == []
    assert rows(tale.state, "tasks")["auth"]["outcome"] == "nothing-to-land"


def test_a_running_task_has_its_pid_and_is_told_as_sampled() -> None:
    state = Tale(a_plan(spec("auth"))).start(1, "auth").state
    sample = Sample(OPENED_AT + 3, 142.0, 2.5, 90_000_000, 95_000_000, 3)

    output = status_document(
        state, engine_is_alive=True, samples={AUTH: sample}, heads={AUTH: oid("now")}, plan_path="p"
    )

    row = output["tasks"][0]  # type: ignore[index]
    assert (row["cpu_s"], row["peak_rss_bytes"], row["pid"]) == (2.5, 95_000_000, 4200)
    assert (row["head"], row["outcome"], row["ended_at"]) == (oid("now"), None, None)


def test_a_run_has_ended_when_nothing_more_happens_without_a_person() -> None:
    begun = Tale(a_plan(spec("auth"))).start(1, "auth").validated(1, "")

    assert document(begun.state)["ended"] is False
    assert document(begun.fail(2, "auth").state)["ended"] is True
    assert document(begun.at(3, e.RunClosed()).state)["ended"] is True


def test_a_paused_task_keeps_the_run_from_having_ended() -> None:
    tale = Tale(a_plan(spec("auth"))).start(1, "auth").validated(1, "")

    assert document(tale.at(2, e.AttemptPaused(tale.attempt("auth"))).state)["ended"] is False


def test_what_needs_a_person_comes_first_and_the_next_command_last() -> None:
    assert text(five_tasks().state, is_alive=False) == FIVE_TASKS


FIVE_TASKS = """\
20261122-081500-layers
main at 0cde5c7, 4 of 7 tasks landed, 1 of 1 check passed, no engine, at rest

needs you
! div: conflict with mul in app/calc.py
    porch resolve div
! seed: failed: exit 3
    porch logs seed; porch retry seed

tasks
✓ schema  landed    4.0s  cpu 2.0s  53MB  at d0716d3
✓ auth    landed    2.8s  cpu 1.4s  53MB  at 0cde5c7
✓ log     landed    2.0s  cpu 1.0s  53MB  at 77ed126
✓ mul     landed    4.1s  cpu 2.0s  53MB  at d38486f
! div     conflict  5.5s  cpu 2.8s  53MB  conflict with mul in app/calc.py
✗ seed    failed    2.0s  cpu 1.0s  53MB  exit 3
· docs    waiting                         waits for seed, which failed
✓ review  passed    6.5s  cpu 3.2s  53MB

merge queue
✓ log     landed    at 77ed126
✓ schema  landed    at d0716d3
✓ mul     landed    at d38486f
✓ auth    landed    at 0cde5c7
! div     conflict  conflict with mul in app/calc.py

next: porch resolve div, then porch resume (no engine is alive)
"""


def test_a_run_just_opened_waits_for_nobody() -> None:
    assert text(Tale(a_plan(spec("auth"), spec("log", after=["auth"]))).state) == JUST_OPENED


JUST_OPENED = """\
20261122-081500-layers
main at 1405df6, 0 of 2 tasks landed, the engine is alive

tasks
▸ auth  starting  20.0s
· log   waiting          waits for auth

next: porch attach
"""


def test_a_run_without_tasks_is_told_too() -> None:
    assert "0 of 0 tasks landed" in text(Tale(a_plan()).state)


def test_a_dead_engine_with_work_left_asks_for_resume() -> None:
    output = text(Tale(a_plan(spec("auth"))).state, is_alive=False)

    assert output.endswith("next: porch resume (no engine is alive, and there is work left)\n")


def test_without_an_engine_times_are_those_of_the_last_measurement() -> None:
    tale = Tale(a_plan(spec("auth"))).start(0, "auth")
    seen = Sample(OPENED_AT + 40, 0.0, 0.0, 1_000_000, 1_000_000, 1)
    output = status_text(tale.state, engine_is_alive=False, samples={AUTH: seen}, now=OPENED_AT + 300)

    assert "▸ auth  running  40.0s" in output


def test_a_pause_asks_for_its_end() -> None:
    tale = Tale(a_plan(spec("a"), spec("b")), slots=1).at(1, e.RunPaused())

    assert text(tale.state).endswith("next: porch resume-tasks\n")


def test_a_second_attempt_is_called_one() -> None:
    tale = Tale(a_plan(spec("auth", retries=1))).start(1, "auth").fail(2, "auth").start(3, "auth")

    assert "attempt 2" in text(tale.state)


def test_a_status_in_plain_letters_loads_no_tables_of_widths() -> None:
    script = (
        "import sys; from tests.report.tale import five_tasks;"
        "from porch_tui.report.status import status_text;"
        "status_text(five_tasks().state, engine_is_alive=False, samples={}, now=0.0);"
        "print('rich' in sys.modules)"
    )
    here = Path(__file__).parents[2]

    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=here)

    assert done.stdout.split() == ["False"]


def test_what_is_held_has_the_sign_of_what_is_held() -> None:
    tale = Tale(a_plan(spec("auth"))).start(1, "auth").succeed(2, "auth").at(3, e.EntryHeld(AUTH))

    shown = text(tale.state)

    assert shown.count(f"{look(QueueWord.HELD).glyph} auth  held") == 2
    assert look(QueueWord.HELD).glyph == "="


def test_colours_and_glyphs_come_from_the_palette_alone() -> None:
    state = five_tasks().state

    assert text(state, palette=ASCII).isascii()
    assert "\x1b" not in text(state)
    assert "\x1b[1;31m✗ seed" in text(state, palette=COLORED)


def test_no_line_is_wider_than_eighty_cells_whatever_the_names() -> None:
    names = ["x" * 64, "y" * 60, "z"]
    plan = a_plan(*(spec(name, title=hostile.TITLE) for name in names))
    tale = Tale(plan).start(1, *names)
    for name in names:
        tale.fail(2, name, hostile.REASON * 5)

    output = text(tale.state)

    assert max(map(cells, output.splitlines())) <= 80
    assert hostile.obeyed(output) == []


def test_two_hundred_tasks_are_two_hundred_lines() -> None:
    tale = Tale(a_plan(*(spec(f"task-{number:03}") for number in range(200))), slots=50)

    assert sum("task-" in line for line in text(tale.state).splitlines()) == 200


def test_what_was_found_by_hand_is_told_per_entry_with_its_log() -> None:
    state = judge(opened(plan("mul", "div")), "t0", True)
    state = conflict(conflict(queue(state, "mul", "div"), "mul"), "div")
    mul, div = TaskId("mul"), TaskId("div")
    for on_top_of, heads, tree in (((), ("h:div",), "t:div"), ((mul,), ("h:mul", "h:div"), "t:both")):
        shas = tuple(map(Sha, heads))
        state = fold(
            state,
            e.AdHocValidationRequested(div, on_top_of, shas),
            e.AdHocValidationBuilt(div, on_top_of, shas, Sha("c"), Sha(tree)),
        )
        state = judge(settled(state), tree, not on_top_of)

    assert "validated by hand\n✓ div passes alone\n✗ div fails on top of mul: exit 1\n" in text(state)


def test_where_tasks_run_is_in_the_document_of_runs_with_places_only() -> None:
    box = PlaceName("box")
    on_box = replace(unvalidated("a"), places=(PlaceSpec(box, Scheme.SSH, "box"),), on=(box,))
    up = fold(opened(on_box), e.PlaceUp(box, box, "b1", Resources(4, 8)))
    state = fold(settled(up), e.PlaceSilent(box, up.changed_at, "connection reset"))
    away = document(state)["places"][0]  # type: ignore[index]

    assert document(opened(plan("a")))["places"] == []
    assert rows(state, "tasks")["a"]["place"] == "box"
    assert {"name": "box", "status": "up", "slots": 4, "taken": 1, "tasks": ["a"]}.items() <= (
        document(settled(up))["places"][0].items()  # type: ignore[index]
    )
    assert (away["status"], away["why"], away["slots"]) == ("silent", "connection reset", None)
    assert away["lease_over_at"] == moment(state.changed_at + 3600)


def test_the_heading_counts_the_slots_of_the_places_that_can_be_reached() -> None:
    box, mini = (PlaceSpec(PlaceName(name), Scheme.SSH, name) for name in ("box", "mini"))
    state = opened(replace(unvalidated("a"), places=(box, mini), on=(box.name, mini.name)))
    up = fold(state, e.PlaceUp(box.name, box.name, "b1", Resources(1, 8)))

    assert "no place can be reached yet" in text(settled(state))
    assert "1 slot on box" in text(settled(up)).partition("tasks")[0]
