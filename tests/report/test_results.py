"""How much of a run came to what it was for: checks that passed are not called tasks that landed."""

from __future__ import annotations

import json

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Kind, TaskId
from porch_tui.report.forms.html import as_html
from porch_tui.report.forms.markdown import as_markdown
from porch_tui.report.forms.text import as_text
from porch_tui.report.junit import junit_document
from porch_tui.report.report import ReportFacts, report_page
from porch_tui.report.report_json import report_document
from porch_tui.report.status import status_text
from tests.report.tale import OPENED_AT, Tale, a_plan, spec


def checks_only() -> Tale:
    """Return a run of three checks that all passed."""
    names = ("a", "b", "c")
    tale = Tale(a_plan(*(spec(name, kind=Kind.CHECK) for name in names), is_validated=False))
    tale.start(0.1, *names)
    for name in names:
        tale.succeed(1.0, name)
    return tale


def mixed() -> Tale:
    """Return a run of a change that landed, one that failed and a check that passed."""
    tale = Tale(a_plan(spec("lands"), spec("fails"), spec("looks", kind=Kind.CHECK), is_validated=False))
    tale.start(0.1, "lands", "fails", "looks").fail(0.5, "fails").succeed(1.0, "looks")
    return tale.succeed(2.0, "lands").build(2.1).land(2.2, "lands")


def expected() -> Tale:
    """Return a run of a change that landed, and one that failed as expected."""
    fails = replace(spec("fails"), expected_failure="no network here")
    tale = Tale(a_plan(spec("lands"), fails, is_validated=False))
    tale.start(0.1, "lands", "fails").fail(0.5, "fails").succeed(1.0, "lands")
    return tale.build(2.1).land(2.2, "lands")


def all_said(tale: Tale) -> list[str]:
    """Return what status, the report in each form and the end of the progress lines say."""
    facts = ReportFacts(tale.summary, True)
    page, shown = report_page(facts), report_document(facts)
    state = tale.state
    status = status_text(state, engine_is_alive=False, samples={}, now=OPENED_AT + 20)
    tale.at(20.0, e.RunClosed())
    forms = [form(page) for form in (as_text, as_markdown, as_html)]
    return [" ".join(one.split()) for one in (status, *forms, json.dumps(shown), tale.lines[-1])]


@pytest.mark.parametrize(
    ("tale", "shown"), [(checks_only, "3 of 3 checks passed"), (mixed, "1 of 2 tasks landed")]
)
def test_every_form_counts_what_the_run_was_for(tale: object, shown: str) -> None:
    assert callable(tale)

    said = all_said(tale())

    assert [] == [text for text in said if shown not in text]
    if tale is checks_only:
        assert [] == [text for text in said if "tasks landed" in text]
    elif tale is mixed:
        assert [] == [text for text in said if "1 of 1 check passed" not in text]


def test_what_failed_as_expected_is_counted_apart_and_skipped_in_junit() -> None:
    tale = expected()

    assert [] == [text for text in all_said(tale) if ", 1 failed as expected" not in text]
    assert "as expected: no network here" in " ".join(tale.lines)
    document = junit_document(tale.state, {})
    assert 'failures="0" errors="0" skipped="1"' in document
    assert '<skipped message="exit 3, as expected: no network here"/>' in document


def test_junit_says_how_long_a_task_waited_for_a_person() -> None:
    tale = Tale(a_plan(spec("asks"), spec("other"), is_validated=False)).start(0.1, "asks", "other")
    attempt = e.AttemptId(TaskId("asks"), 1)
    tale.at(1.0, e.AttemptWaits(attempt, "may I?"))
    tale.at(5.5, e.AttemptAnswered(attempt))

    document = junit_document(tale.succeed(6.0, "asks").fail(7.0, "other").state, {})

    assert document.count('<property name="porch.waited_s" value="4.500"/>') == 1
    assert document.count("<properties>") == 1
