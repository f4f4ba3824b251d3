"""The report of a tale in its forms, for tests of the whole and of its sections."""

from __future__ import annotations

import json

from porch_tui.core.model import events as e
from porch_tui.report.forms.as_json import as_json
from porch_tui.report.forms.page import Page
from porch_tui.report.forms.text import as_text
from porch_tui.report.report import ReportFacts, report_page
from porch_tui.report.report_json import report_document
from tests.report.tale import Tale, a_plan, spec


def page(tale: Tale) -> Page:
    """Return the report, with the logs of validations."""
    logs = {tree: f"validations/{tree[:7]}/output.log" for tree in tale.state.validations.verdicts}
    return report_page(ReportFacts(tale.summary, True, validation_logs=logs))


def bare_text(tale: Tale) -> str:
    """Return the report as text, from nothing but the journal."""
    return as_text(report_page(ReportFacts(tale.summary, True)))


def document(tale: Tale) -> dict[str, object]:
    """Return the JSON report as a script reads it."""
    return json.loads(as_json(report_document(ReportFacts(tale.summary, True))))  # type: ignore[no-any-return]


def section(text: str, title: str) -> str:
    """Return one section of a text report, without its heading."""
    return text.split(f"\n{title}\n{'-' * len(title)}\n\n")[1].split("\n\n\n", maxsplit=1)[0].rstrip()


def rejected_tale() -> Tale:
    """Return a run in which `mul` fails on top of `log`, and engine and person step in."""
    tale = Tale(a_plan(spec("log"), spec("mul"))).start(1, "log", "mul").validated(1, "")
    tale.succeed(2, "log").build(2).validated(3, "log").land(3, "log")
    tale.succeed(4, "mul", stray=("README.md",)).build(4)
    tale.validated(5, "mul", text="exit 1").validated(6, "mul", text="exit 1")
    return tale.at(7, e.EngineTookOver(12, "box")).at(8, e.CommandRefused("stop mul", "mul is succeeded"))
