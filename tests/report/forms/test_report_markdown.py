"""The report as a comment on GitHub: what matters is open, and nothing is cut in the middle."""

from __future__ import annotations

import re
from functools import cache

import pytest

from porch_tui.report.forms.markdown import MOST, as_markdown
from porch_tui.report.forms.page import Page
from porch_tui.report.report import ReportFacts, report_page
from tests.report.tale import Tale, a_plan, five_tasks, spec


@cache
def large(count: int) -> Page:
    """Return the report of a run of so many tasks, of which every third failed."""
    names = [f"task-{number:04}" for number in range(count)]
    plan = a_plan(*(spec(name, title=f"A title 𝄞 of {name} " * 3) for name in names), is_validated=False)
    tale = Tale(plan, slots=count).start(1, *names)
    for number, name in enumerate(names):
        if number % 3 == 0:
            tale.fail(2, name, "exit 3, and more to say of it than that")
    return report_page(ReportFacts(tale.summary, True))


def assert_whole(markdown: str) -> None:
    """Say that nothing was cut in its middle."""
    is_code, depth, columns = False, 0, 0
    for line in markdown.splitlines():
        if line.startswith("```"):
            is_code = not is_code
        elif not is_code:
            depth += line.startswith("<details>") - (line == "</details>")
            cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
            assert not columns or cells in (0, columns), line
            columns = cells
            assert depth in (0, 1), line
    assert not is_code and depth == 0


def units(markdown: str) -> int:
    """Return its length as GitHub counts it."""
    return len(markdown.encode("utf-16-le")) // 2


def test_what_comes_first_is_open_and_the_rest_is_folded() -> None:
    markdown = as_markdown(report_page(ReportFacts(five_tasks().summary, True)))

    assert re.findall(r"^## (.*)$", markdown, re.MULTILINE) == ["Left for you", "Tasks", "Task by task"]
    folded = re.findall(r"^<details><summary><b>(.*)</b></summary>$", markdown, re.MULTILINE)
    assert {"Timeline", "Resources", "✗ seed: Do seed"} <= set(folded)
    assert markdown.index("## Tasks") < markdown.index("<details>")
    assert "| seed | ✗ failed |" in markdown and "`porch logs seed`; `porch retry seed`" in markdown
    assert "Left out" not in markdown
    assert_whole(markdown)


@pytest.mark.parametrize("count", [100, 300, pytest.param(900, marks=pytest.mark.slow)])
def test_a_large_run_fits_a_comment_and_says_what_is_left_out(count: int) -> None:
    page = large(count)
    whole, markdown = as_markdown(page, None), as_markdown(page)

    assert units(whole) > MOST >= units(markdown) > MOST * 0.9
    assert_whole(markdown)
    [note] = re.findall(r"^Left out, to fit a comment: (.*)\. All of it: `(.*)`$", markdown, re.MULTILINE)
    assert note[1] == f"{page.command} --format html -o report.html"
    shown = set(re.findall(r"^(?:## |<details><summary><b>)([A-Z][^:<\n]*)", markdown, re.MULTILINE))
    missing = {section.title for section in page.sections if section.task is None} - shown
    assert missing == {title for title in note[0].split(", ") if not title.startswith("the ")}
    of_tasks = sum(section.task is not None for section in page.sections)
    left = re.search(r"the sections of (\d+) tasks", note[0])
    assert of_tasks - len(re.findall(r"<b>. task-", markdown)) == (int(left[1]) if left else 0)
    assert "<b>✗ task-0000" in markdown


def test_what_failed_is_kept_before_what_went_well() -> None:
    names = [f"task-{number:02}" for number in range(50)]
    tale = Tale(
        a_plan(
            *(spec(name, command="echo of 60 characters, more or less, say\n" * 39) for name in names),
            is_validated=False,
        )
    )
    tale.start(1, *names[:4]).fail(2, names[3])
    page = report_page(ReportFacts(tale.summary, True))

    markdown = as_markdown(page)

    assert f"✗ {names[3]}" in markdown and "Timeline" in markdown and f"<b>· {names[-1]}" not in markdown


def test_a_limit_that_is_met_exactly_leaves_nothing_out() -> None:
    page = report_page(ReportFacts(five_tasks().summary, True))
    whole = as_markdown(page, None)

    assert as_markdown(page, units(whole)) == whole
    for most in range(units(whole) - 1, 1500, -977):
        markdown = as_markdown(page, most)
        assert units(markdown) <= most and "Left out" in markdown
        assert_whole(markdown)
