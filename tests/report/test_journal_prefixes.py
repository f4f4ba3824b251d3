"""An engine can die anywhere, so a journal may end after any record: what is said is true then too.

The journals are those of real runs (`record_runs`), of a made-up one, and of seeded runs of the simulation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.index import awaits_review
from porch_tui.core.model.plan import Kind, TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import ACTIVE, NEEDS_ATTENTION, EntryStatus, TaskStatus
from porch_tui.core.rules.effects import AwaitCheckout, wanted
from porch_tui.core.rules.evolve import begin, evolve
from porch_tui.core.rules.settle import settle
from porch_tui.core.scheduling.readiness import only_passing_waits
from porch_tui.journal.log import read
from porch_tui.present.outcome import all_is_well
from porch_tui.present.summary import summarise
from porch_tui.report.forms.as_json import as_json
from porch_tui.report.forms.html import as_html
from porch_tui.report.forms.markdown import as_markdown
from porch_tui.report.forms.text import as_text
from porch_tui.report.report import CUT_OFF, ReportFacts, report_page
from porch_tui.report.report_json import report_document
from porch_tui.report.status import status_document, status_text
from porch_tui.tui.model.view import derive
from tests.core.simulation import simulate
from tests.report.tale import five_tasks

RECORDED = Path(__file__).parent / "recorded"
DONE = {"landed", "nothing-to-land"}
SEEDS = (3, 25, 44, 58)
EVERY = 7
"""Of the simulated runs, which are long, every so many records are looked at."""
NAMES = ("all_endings", "steered", "five tasks", *map(str, SEEDS))


@cache
def journal(name: str) -> tuple[e.Record, ...]:
    """Return a journal by its name; a number is the seed of a simulated run."""
    if name.isdigit():
        return tuple(simulate(int(name)).journal)
    return tuple(five_tasks().records if name == "five tasks" else read(RECORDED / f"{name}.jsonl"))


@cache
def moments(name: str) -> tuple[tuple[int, RunState, Said], ...]:
    """Return after how many records which state is reached, and what is said of it."""
    step = EVERY if name.isdigit() else 1
    return tuple((number, state, Said(state)) for number, state in prefixes(journal(name), step))


def prefixes(records: Sequence[e.Record], step: int = 1) -> Iterator[tuple[int, RunState]]:
    """Yield how many records a prefix has, and the state it folds to."""
    state = begin(records[0])
    yield 1, state
    for number, record in enumerate(records[1:], 2):
        state = evolve(state, record)
        if number % step == 0 or number == len(records):
            yield number, state


class Said:
    """All that is said of a run at one moment, while no engine works on it."""

    def __init__(self, state: RunState) -> None:
        shown = status_document(state, engine_is_alive=False, samples={}, heads={}, plan_path="porch.yaml")
        self.json = json.loads(json.dumps(shown))
        self.outcomes: dict[str, str] = {one["id"]: one["outcome"] for one in self.json["tasks"]}
        text = status_text(state, engine_is_alive=False, samples={}, now=state.changed_at + 9)
        self.text = " ".join(text.split())
        self.rows = text.partition("\ntasks\n")[2].partition("\n\n")[0].splitlines()
        self.heading = text.partition("\n\n")[0]


def simulated_resume(state: RunState) -> bool:
    """Say whether an engine that comes now finds anything to do, from the state alone, step by step."""
    if state.closed_at is not None:
        return False
    state, before = replace(state, is_paused=False), state
    for _ in range(1000):
        due = settle(state)
        if not due:
            break
        for event in due:
            state = evolve(state, e.Record(0, state.changed_at, "settle", event))
    is_wanted = any(not isinstance(one, AwaitCheckout) for one in wanted(state))
    moved = [task for task in state.tasks if _place(state, task) != _place(before, task)]
    return (
        is_wanted
        or bool(moved)
        or bool(state.machine.disk_short and not all_is_well(state) and _waits_for_room(state))
        or any(_waits_for_its_account(state, spec) for spec in state.specs.values())
    )


def _waits_for_its_account(state: RunState, spec: TaskSpec) -> bool:
    return state.limit_of(spec.agent) is not None and only_passing_waits(state, spec)


def _place(state: RunState, task: TaskId) -> object:
    entry = state.entries.get(task)
    return state.tasks[task].status, entry and (entry.status, entry.reason)


def _waits_for_room(state: RunState) -> bool:
    """Say whether a task would start if the disk had room: others wait for what will not come."""
    return any(
        state.tasks[task].status is TaskStatus.PENDING and only_passing_waits(state, spec)
        for task, spec in state.specs.items()
    )


def unlanded(state: RunState, records: Sequence[e.Record]) -> set[str]:
    """Return the changes that ended well and are not on the target: read off the records, one by one."""
    found: set[str] = set()
    for record in records:
        match event := record.event:
            case e.AttemptSucceeded() if state.tasks[event.attempt.task].status is TaskStatus.SUCCEEDED:
                found.add(event.attempt.task)
            case e.Landed() | e.NothingToLand():
                found.discard(event.task)
            case e.LandingUndone() | e.EntryRequeued():
                found.add(event.task)
            case _:
                pass
    return {
        task
        for task in found
        if state.specs[TaskId(task)].kind is Kind.CHANGE
        and state.tasks[TaskId(task)].status is TaskStatus.SUCCEEDED
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_status_is_true_after_every_record(name: str):
    for number, state, said in moments(name):
        where = f"{name}, {number} records"
        open_work = unlanded(state, journal(name)[:number])
        assert not open_work & {task for task, how in said.outcomes.items() if how in DONE}, where
        assert not [row for row in said.rows if "✓" in row and row.split()[1] in open_work], where
        for task in open_work:
            entry = state.entries.get(TaskId(task))
            needs_a_person = entry is not None and (
                entry.status in NEEDS_ATTENTION or entry.status is EntryStatus.HELD
            )
            is_over = state.closed_at is not None or needs_a_person or awaits_review(state, TaskId(task))
            assert is_over or not said.json["ended"], f"{where}: {task}"
            assert is_over or "at rest" not in said.heading, f"{where}: {task}"
        assert derive(state).is_at_rest == said.json["ended"], where


@pytest.mark.parametrize("name", NAMES)
def test_resume_is_named_exactly_where_it_would_do_something(name: str):
    for number, state, said in moments(name):
        where = f"{name}, {number} records"
        step_named = said.json["next"]
        assert step_named in said.text, where
        if simulated_resume(state):
            is_named = re.search(r"porch resume( \(|$)", step_named)
            assert is_named, f"{where}: {step_named}"
            assert not said.json["ended"] or state.is_paused, where
        elif said.json["needs_you"]:
            assert step_named.startswith(said.json["needs_you"][0]["next"]), f"{where}: {step_named}"
        else:
            assert "porch resume" not in step_named, f"{where}: {step_named}"


@pytest.mark.parametrize("name", ["all_endings", "steered"])
def test_what_an_engine_did_next_without_a_person_was_announced_by_resume(name: str):
    """The journal is the witness: what follows a prefix, caused by no command and no change of files."""
    for number, _, said in moments(name)[:-1]:
        following = journal(name)[number]
        is_own = following.cause in ("settle", type(following.event).__name__)
        if not is_own or isinstance(following.event, e.LandingUnblocked | e.ValidationDropped):
            continue
        assert "porch resume" in said.json["next"], f"{number} records, then {following.event}"


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_report_of_a_run_that_was_cut_off_says_so_first(name: str):
    for number, state, _ in moments(name)[::5]:
        records, where = journal(name)[:number], f"{name}, {number} records"
        summary = summarise(state, records)
        alone = ReportFacts(summary, engine_is_alive=False)
        page = report_page(alone)
        is_cut_off = page.result[0].text == CUT_OFF
        assert is_cut_off == simulated_resume(state), where
        beside = report_page(ReportFacts(summary, engine_is_alive=True))
        assert CUT_OFF not in [line.text for line in beside.result], where
        document = json.loads(as_json(report_document(alone)))
        assert document["result"]["lines"] == [
            {"text": one.text, "command": one.command or None} for one in page.result
        ]
        outcomes = {one["task"]: one["outcome"] for one in document["resources"]["tasks"]}
        assert not unlanded(state, records) & {one for one in outcomes if outcomes[one] in DONE}, where
        if number % 4 == 1:
            for form in (as_text, as_markdown, as_html):
                text = form(page)
                assert (CUT_OFF in " ".join(text.split())) == is_cut_off, where


def test_a_run_whose_tasks_are_all_active_is_never_said_to_be_at_rest():
    for _, state in prefixes(simulate(7).journal, 3):
        if any(task.status in ACTIVE for task in state.tasks.values()) and state.closed_at is None:
            assert not Said(state).json["ended"]
