"""The report says who has approved what, when, and with which words work was sent back."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.core.rules.feedback import SENT_BACK
from porch_tui.present.gantt import Mark, Part, chart
from porch_tui.report.forms.page import Table, text_of
from porch_tui.report.forms.timeline import OF_REVIEWS, gantt
from porch_tui.report.report import ReportFacts
from porch_tui.report.report_json import report_document
from porch_tui.report.sections.reviews import reviews_section
from tests.report.tale import Tale, a_plan, oid, spec

API = TaskId("api")
WORDS = "api.py:3: why?\nIt needs a test."
SENT = e.TaskRetried(API, is_automatic=False, feedback=e.Feedback(SENT_BACK, said=WORDS))


APPROVED = e.TaskApproved(API, oid("head api"), "Ada")


def reviewed() -> Tale:
    """Return a run whose task was sent back after 15 s, and approved after 32 s."""
    tale = Tale(a_plan(replace(spec("api"), needs_review=True), is_validated=False))
    tale.start(0, "api").succeed(10, "api").at(15, SENT)
    return tale.start(15, "api").succeed(25, "api").at(32, APPROVED).build(32).land(33, "api")


def test_the_reviews_are_a_section_with_when_who_and_which_words() -> None:
    (section,) = reviews_section(reviewed().summary)
    (block,) = section.blocks

    assert isinstance(block, Table)
    assert [tuple(map(text_of, row)) for row in block.rows] == [
        ("15.0s", "api", "sent back: api.py:3: why?; It needs a test."),
        ("32.0s", "api", f"approved by Ada at {oid('head api')[:7]}"),
    ]


def test_the_timeline_has_the_waits_and_what_ended_them() -> None:
    drawn = chart(reviewed().summary)
    (lane,) = drawn.lanes

    waits = [(bar.start_s, bar.end_s) for bar in lane.bars if bar.part is Part.REVIEW]
    assert waits == [(10.0, 15.0), (25.0, 32.0)]
    assert [bar.start_s for bar in lane.bars if bar.part is Part.QUEUE] == [32.0]
    assert [flag.mark for flag in lane.flags] == [Mark.SENT_BACK, Mark.APPROVED, Mark.LANDED]
    assert gantt(drawn)[-1] == OF_REVIEWS


def test_work_that_still_waits_is_drawn_until_now() -> None:
    tale = Tale(a_plan(replace(spec("api"), needs_review=True), is_validated=False))
    tale.start(0, "api").succeed(10, "api").at(40, e.Noticed("something else"))

    (lane,) = chart(tale.summary).lanes

    assert [(bar.start_s, bar.end_s) for bar in lane.bars if bar.part is Part.REVIEW] == [(10.0, 40.0)]


def test_programs_find_them_too() -> None:
    document = report_document(ReportFacts(reviewed().summary, engine_is_alive=False))

    assert document["reviews"] == [
        {"task": "api", "at_s": 15.0, "result": "sent-back", "head": None, "by": None, "said": WORDS},
        {
            "task": "api",
            "at_s": 32.0,
            "result": "approved",
            "head": oid("head api"),
            "by": "Ada",
            "said": None,
        },
    ]


def test_a_run_without_reviews_has_no_such_section() -> None:
    assert list(reviews_section(Tale(a_plan(spec("api"))).summary)) == []
