"""The report for a trace viewer: what ran when, in rows, with its use of the machine."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from porch_tui.core.model.telemetry import Sample
from porch_tui.report.forms.as_json import as_json
from porch_tui.report.trace import LEAST_US, QUEUE, TASKS, VALIDATIONS, trace_document
from tests.report.tale import OPENED_AT, Tale, a_plan, five_tasks, spec


def trace(tale: Tale, **histories: list[Sample]) -> list[dict[str, Any]]:
    named = {f"{task}.1": samples for task, samples in histories.items()}
    document = trace_document(tale.summary, tale.records, named)
    found: list[dict[str, Any]] = json.loads(as_json(document))["traceEvents"]
    return found


def test_a_trace_holds_every_attempt_with_its_time_and_use():
    found = {one["name"]: one for one in trace(five_tasks()) if one["ph"] == "X" and one["cat"] == "work"}

    assert {"schema.1", "auth.1", "log.1", "mul.1", "div.1", "seed.1", "review.1"} == set(found)
    auth = found["auth.1"]
    assert (5.2e6, 2.8e6) == (auth["ts"], pytest.approx(auth["dur"]))
    assert auth["args"]["cpu_s"] == pytest.approx(1.4) and auth["args"]["on_critical_path"]


def test_a_trace_tells_merges_conflicts_and_landings_in_the_order_they_came():
    rows = [one["name"] for one in trace(five_tasks()) if one["pid"] == QUEUE and one["ph"] == "X"]

    assert [
        "merge log", "land log", "merge schema", "merge mul", "land schema", "land mul", "conflict div",
        "merge auth", "land auth",
    ] == rows  # fmt: skip


def test_validations_side_by_side_are_in_rows_of_their_own():
    rows: dict[int, list[tuple[float, float]]] = {}
    for one in trace(five_tasks()):
        if one["pid"] == VALIDATIONS and one["ph"] == "X":
            rows.setdefault(one["tid"], []).append((one["ts"], one["ts"] + one["dur"]))

    assert 2 == len(rows)
    for bars in rows.values():
        assert all(end <= start + LEAST_US for (_, end), (start, _) in pairwise(bars))


def test_a_trace_has_curves_of_processor_and_memory():
    sample = Sample(OPENED_AT + 6.0, 97.5, 1.0, 1_000_000, 1_000_000, 3)

    counters = [one for one in trace(five_tasks(), auth=[sample]) if one["ph"] == "C"]

    assert [("cpu auth", 6e6, {"percent": 97.5}), ("memory auth", 6e6, {"bytes": 1_000_000})] == [
        (one["name"], one["ts"], one["args"]) for one in counters
    ]
    assert {TASKS} == {one["pid"] for one in counters}


def test_what_is_under_way_lasts_until_the_records_end():
    tale = Tale(a_plan(spec("auth"), is_validated=False)).start(1, "auth")

    (bar,) = [one for one in trace(tale) if one["ph"] == "X"]

    assert ("under way", 1e6) == (bar["args"]["how"], bar["ts"] + bar["dur"])
