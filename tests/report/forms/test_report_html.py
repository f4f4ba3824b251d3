"""The report for a browser: the facts of the text, nothing foreign obeyed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.present.clean import escaped
from porch_tui.present.gantt import chart
from porch_tui.present.plots import plots
from porch_tui.report.forms.html import as_html
from porch_tui.report.forms.markdown import as_markdown
from porch_tui.report.forms.page import Facts, Item, Listing, Page, Paragraph, Quotation, Table, text_of
from porch_tui.report.forms.text import as_text
from porch_tui.report.report import ReportFacts, report_page
from tests import browser
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
    assert not [name for name, value in page.attributes if name == "src" or name.startswith("on")]
    assert "http://" not in html(five_tasks()) and "https://" not in html(five_tasks())
    assert "url(" not in html(five_tasks()) and "@import" not in html(five_tasks())


def test_every_link_leads_to_a_place_in_the_page():
    page = Seen(html(five_tasks()))

    anchors = {value for name, value in page.attributes if name == "id"}
    links = [value for name, value in page.attributes if name == "href"]
    assert links and {f"#{anchor}" for anchor in anchors} >= set(links)
    assert len(anchors) == [name for name, _ in page.attributes].count("id")


def test_a_bar_of_the_timeline_leads_to_its_task_and_says_in_its_title_what_it_is():
    page = html(five_tasks())

    lane = page.split('aria-label="What ran when"')[1].split('<a href="#task-log">')[1].split("</a>")[0]
    assert 'id="task-log">\n<h3>' in page
    assert "<title>log.1: succeeded, 0.0s to 2.0s (2.0s)</title>" in lane
    assert "<title>landed as" in lane


def test_the_critical_path_is_bold_and_every_shape_is_explained():
    page = html(five_tasks())

    assert re.findall(r'class="name critical"[^>]*>(\w+)</text>', page) == ["schema", "auth"]
    legend = Seen(page.split('<p class="legend">')[1].split("</p>")[0]).words
    for word in ("landed", "conflict", "failed", "at work", "in the merge queue", "on the critical path"):
        assert word in legend


def night() -> Tale:
    """Return a run whose engine was killed in the evening and gone on with in the morning."""
    tale = Tale(a_plan(spec("auth"), is_validated=False)).start(1, "auth").succeed(9, "auth").build(9)
    return tale.at(36_009, e.EngineTookOver(7, "pc")).land(36_012, "auth")


def test_a_night_without_an_engine_is_a_torn_band_with_its_length():
    page = html(night())
    svg = page.split('aria-label="What ran when"')[1].split('<p class="legend">')[0]

    [band] = re.findall(r'<rect class="gap folded"[^>]*width="([\d.]+)%"', svg)
    [bar] = re.findall(r'<rect class="f-r-run"[^>]*width="([\d.]+)%"', svg)
    assert float(band) < 10, "the night takes little"
    assert float(bar) > 50, "and the work most"
    assert "<title>no engine for 10h00m00s, 9.0s to 10h00m09s</title>" in svg
    assert svg.count('class="torn"') == 2 and ">10h00m00s</text>" in svg
    assert "left out, no engine: 10h00m00s" in page


def test_a_second_without_an_engine_is_not_left_out():
    tale = Tale(a_plan(spec("auth"), is_validated=False)).start(1, "auth").succeed(9, "auth").build(9)

    page = html(tale.at(10.2, e.EngineTookOver(7, "pc")).land(12, "auth"))

    assert "left out" not in page and "torn" not in page.split("</style>")[1]
    assert "<title>no engine for 1.2s" in page


def test_the_times_on_the_axis_do_not_lie_on_each_other_beside_what_is_left_out():
    tale = Tale(a_plan(spec("auth"), is_validated=False)).start(1, "auth")
    for number in range(1, 9):
        tale.at(number * 40_000, e.EngineTookOver(7, "pc")).at(number * 40_000 + 3, e.RunPaused())

    svg = html(tale).split('aria-label="What ran when"')[1]
    for row in ("12", "30"):
        texts = re.findall(rf'<text x="([\d.]+)%"[^>]*y="{row}"[^>]*>([^<]+)</text>', svg.split("</svg>")[0])
        for (at, text), (following, _) in pairwise(texts):
            assert float(at) + 1.5 * len(text) <= float(following) + 2, texts


def test_the_plots_have_the_axis_of_the_timeline():
    [at_work, landed] = plots(night().summary, {})

    assert at_work.folds == landed.folds and len(at_work.folds) == 1
    assert sum(bool(amount) for amount in at_work.amounts) > 20, "not one piece of a night"
    ends = [at_work.piece(number) for number in range(len(at_work.amounts))]
    assert ends[0][0] == 0 and ends[-1][1] == pytest.approx(36_012)
    assert all(end_s == pytest.approx(start_s) for (_, end_s), (start_s, _) in pairwise(ends))


def test_a_link_to_a_section_stays_the_same_when_others_come():
    anchors = {value for name, value in Seen(html(five_tasks())).attributes if name == "id"}

    assert {"left-for-you", "tasks", "timeline", "task-log", "task-auth"} <= anchors


def test_commands_are_code_of_their_own_without_the_words_between_them():
    found = re.findall(r"<code>(.*?)</code>", html(five_tasks()))

    assert {"porch resolve div", "porch logs seed", "porch retry seed"} <= set(found)


def test_words_about_a_command_are_no_code():
    item = Item("a", "porch budget a +1M raises it; porch stop a gives it up")

    page = as_html(Page("t", (item,), ()))

    assert "<p>a <code>porch budget a +1M</code> raises it; <code>porch stop a</code> gives it up</p>" in page


def test_the_timeline_has_a_lane_for_each_that_the_text_has():
    lanes = chart(five_tasks().summary).lanes

    named = re.findall(r'class="name[^>]*>(\w+)</text>', html(five_tasks()))
    assert [lane.task for lane in lanes if lane.task] == [name for name in named if name != "validations"]


def test_every_cell_and_point_of_the_page_is_in_each_form():
    page = report_page(ReportFacts(five_tasks().summary, True))
    browser, plain, marked = Seen(as_html(page)).words, as_text(page), as_markdown(page)
    for said in said_by(page):
        assert "".join(said.split()) in "".join(browser.split()), said
        assert "".join(said.split()) in "".join(plain.split()) or " " in said, said
        assert escaped(said) in marked or said in marked.replace("`", ""), said


def said_by(page: Page) -> Iterator[str]:
    """Yield what the blocks of a page say, but for what is drawn."""
    yield from (item.text for item in page.result)
    for section in page.sections:
        yield section.title
        for block in section.blocks:
            match block:
                case Paragraph():
                    yield block.text
                case Listing():
                    yield from (part for item in block.items for part in (item.text, item.command))
                case Table():
                    yield from (text_of(cell) for row in block.rows for cell in row)
                case Facts():
                    yield from (text_of(value) for _, value in block.rows)
                case Quotation():
                    yield from block.lines


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


def unusual() -> Iterator[tuple[str, Tale]]:
    """Yield runs that are hard to lay out."""
    yield "no tasks", Tale(a_plan())
    names = [f"task-{number:03}" for number in range(200)]
    many = Tale(a_plan(*(spec(name) for name in names), is_validated=False), slots=200).start(1, *names)
    for number, name in enumerate(names[:70]):
        many.fail(2 + number / 10, name)
    yield "200 tasks", many
    again = Tale(a_plan(spec("again", retries=29), is_validated=False))
    for number in range(30):
        again.start(number + 0.1, "again").fail(number + 0.9, "again", f"exit {number}")
    yield "30 attempts", again
    path = "/".join("folder" * 9 for _ in range(6))
    long = a_plan(
        spec("a-name-as-long-as-names-are-" + "0123456789" * 3, title="word " * 80, paths=(path,)),
        spec("rtl", title="\u05e9\u05dc\u05d5\u05dd \u0627\u0644\u0639\u0631 " * 9, command="x" * 900),
        spec("wide", title="日本語のタイトル" * 12),
        goal=path,
        name="long",
    )
    tale = Tale(long).start(1, *[one.id for one in long.tasks]).fail(2, "rtl", "x" * 300)
    yield "long names", tale.succeed(3, long.tasks[0].id, stray=(path,)).build(3)
    hostile = Tale(a_plan(spec("auth", title=TITLE), is_validated=False, goal=PATH)).start(1, "auth")
    yield "hostile", hostile.fail(2, "auth", REASON)
    yield "a night without an engine", night()


@pytest.mark.slow
@pytest.mark.parametrize("width", [400, 1200])
@pytest.mark.parametrize(("name", "tale"), list(unusual()), ids=[name for name, _ in unusual()])
def test_a_browser_shows_the_unusual_too(name: str, tale: Tale, tmp_path: Path, width: int):
    page = tmp_path / "report.html"
    page.write_text(html(tale), encoding="utf-8")

    browser.assert_readable(page, width, is_dark=name == "hostile")
