"""The report for a browser: the facts of the text, nothing foreign obeyed."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from porch_tui.present.gantt import chart
from porch_tui.report.forms.html import as_html
from porch_tui.report.forms.text import as_text
from porch_tui.report.forms.timeline import gantt
from porch_tui.report.report import ReportFacts, report_page
from tests.report.hostile import PATH, REASON, TITLE, obeyed
from tests.report.tale import Tale, a_plan, five_tasks, spec


def html(tale: Tale) -> str:
    return as_html(report_page(ReportFacts(tale.summary, True)))


def text(tale: Tale) -> str:
    return as_text(report_page(ReportFacts(tale.summary, True)))


class Seen(HTMLParser):
    """What a browser would find."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.headings: list[str] = []
        self.words = ""
        self._is_heading = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._is_heading = tag == "h2"

    def handle_data(self, data: str) -> None:
        self.words += data + " "
        if self._is_heading:
            self.headings.append(data)
            self._is_heading = False


def test_the_page_for_a_browser_has_the_sections_of_the_text():
    page, lines = Seen(html(five_tasks())), text(five_tasks()).splitlines()

    underlined = [above for above, below in pairwise(lines) if re.fullmatch("-{3,}", below)]
    assert underlined == page.headings


def test_the_page_for_a_browser_needs_and_runs_nothing_else():
    page = Seen(html(five_tasks()))

    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert not [name for name, value in page.attributes if name in {"src", "href"} or name.startswith("on")]
    assert "http://" not in html(five_tasks()) and "https://" not in html(five_tasks())


def test_the_timeline_is_drawn_as_in_the_text():
    lines = gantt(chart(five_tasks().summary))

    assert escape("\n".join(lines)) in html(five_tasks())


@pytest.mark.parametrize("foreign", [TITLE, PATH, REASON])
def test_what_is_foreign_is_shown_and_not_obeyed(foreign: str):
    tale = Tale(a_plan(spec("auth", title=foreign), is_validated=False, goal=foreign)).start(1, "auth")
    tale.fail(2, "auth", foreign)

    page = html(tale)

    assert set(Seen(html(five_tasks())).tags) >= set(Seen(page).tags)
    assert not obeyed(page)


def test_markup_in_a_title_stays_text():
    tale = Tale(a_plan(spec("auth", title="<script>alert(1)</script>"), is_validated=False))

    page = html(tale)

    assert "script" not in Seen(page).tags and "<script>alert(1)</script>" in Seen(page).words
