"""The full report: complete whatever became of the run, and the same in text, Markdown and JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.agent_report import AgentReport, AgentUsage
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.present.cells import cells
from porch_tui.present.outcome import Outcome
from porch_tui.present.summary import summarise
from porch_tui.report.forms.as_json import as_json
from porch_tui.report.forms.html import as_html
from porch_tui.report.forms.markdown import as_markdown
from porch_tui.report.forms.page import Facts, text_of
from porch_tui.report.forms.text import as_text
from porch_tui.report.junit import junit_document
from porch_tui.report.report import PHRASES, ReportFacts, report_page
from porch_tui.report.report_json import report_document
from tests.report import hostile
from tests.report.pages import bare_text, document, page, rejected_tale, section
from tests.report.tale import Tale, a_plan, five_tasks, oid, spec

HERE = Path(__file__).parent
SECTIONS = (
    "Left for you",
    "Tasks",
    "Decomposition",
    "Layout",
    "Timeline",
    "Resources",
    "Integration",
    "Conflicts",
    "Failures",
    "Refusals and engines",
    "Run",
)


@pytest.mark.parametrize(("name", "written"), [("five_tasks.txt", as_text), ("five_tasks.md", as_markdown)])
def test_the_whole_report_reads_like_the_recorded_one(name: str, written: object) -> None:
    """To record again after a wanted change: `python -m tests.report.record`; then read the difference."""
    assert callable(written)
    assert written(page(five_tasks())) == (HERE / "recorded" / name).read_text(encoding="utf-8")


def tales() -> Iterator[tuple[str, Tale]]:
    """Yield runs in every state that is out of the ordinary."""
    yield "no tasks at all", Tale(a_plan())
    yield "just opened", Tale(a_plan(spec("auth")))
    yield "just begun", Tale(a_plan(spec("auth"))).start(1, "auth")
    yield "stuck", five_tasks()
    yield "rejected", rejected_tale()
    yield "closed", five_tasks().at(20, e.RunClosed())


@pytest.mark.parametrize("tale", [tale for _, tale in tales()], ids=[name for name, _ in tales()])
def test_every_section_is_there_in_every_state_of_a_run(tale: Tale) -> None:
    text, markdown = bare_text(tale), as_markdown(page(tale))

    titles = [*SECTIONS, *(["Task by task"] if tale.state.tasks else [])]
    assert [title for title in titles if f"\n{title}\n{'-' * len(title)}" in text] == titles
    headings = re.findall(r"^(?:## |<details><summary><b>)([A-Z][^:<\n]*)", markdown, re.MULTILINE)
    assert headings == titles
    assert max(map(cells, text.splitlines())) <= 80
    assert all(section(text, title) for title in SECTIONS)


def test_the_outcome_takes_three_lines() -> None:
    outcome, took, needs = page(five_tasks()).result

    assert outcome.text == (
        "4 of 7 tasks landed on main, 1 of 1 check passed, 1 in conflict, 1 failed, 1 waiting."
    )
    assert took.text == "26.9s of work took 9.0s."
    assert needs.text == "2 need you, first div: conflict with mul in app/calc.py"
    assert needs.command == "porch resolve div"


def test_what_a_person_took_back_was_not_rejected() -> None:
    tale = Tale(a_plan(spec("log"), spec("mul"), is_validated=False)).start(1, "log", "mul").succeed(2, "log")
    tale.build(3).land(3, "log").succeed(4, "mul").at(5, e.EntryWithdrawn(TaskId("mul")))
    tale.at(6, e.LandingUndone(TaskId("log"), tale.state.target.tip, oid("base"), oid("basetree")))

    shown = page(tale)

    assert shown.result[0].text == "0 of 2 tasks landed on main, 1 undone, 1 withdrawn."
    said: Any = document(tale)
    assert said["result"]["counts"] == {"undone": 1, "withdrawn": 1}
    assert [one["outcome"] for one in said["tasks"]] == ["undone", "withdrawn"]
    taken_out = [{"task": "log", "how": "undone"}, {"task": "mul", "how": "withdrawn"}]
    assert (said["integration"]["rejected"], said["integration"]["taken_out"]) == ([], taken_out)
    assert "Taken out by a person: log (undone), mul (withdrawn)." in " ".join(bare_text(tale).split())
    assert "rejected" not in bare_text(tale).replace("Nothing was rejected.", "").replace("R rejected", "")
    assert 'failures="0" errors="0" skipped="2"' in junit_document(tale.state, {})
    assert ["undone", "withdrawn"] == [
        text_of(value)
        for one in shown.sections
        for block in one.blocks
        if isinstance(block, Facts)
        for name, value in block.rows
        if name == "outcome"
    ]


def test_what_is_queued_behind_a_red_target_is_not_under_way_when_the_run_has_ended() -> None:
    tale = Tale(a_plan(spec("log"))).start(1, "log").succeed(2, "log").build(2)
    for names in ("", "", "log", "log"):
        tale.validated(3, names, text="exit 127: pytest: command not found")

    assert page(tale).result[0].text == "0 of 1 task landed on main, 1 still queued."


def test_every_outcome_is_counted_in_the_sentence_of_the_result() -> None:
    in_figures = {Outcome.LANDED, Outcome.NOTHING_TO_LAND, Outcome.EXPECTED_FAILURE, Outcome.WON}

    assert {how for how, _ in PHRASES} == {None, *Outcome} - in_figures


def test_a_run_that_was_killed_needs_an_engine_in_every_form() -> None:
    tale = Tale(a_plan(spec("auth"))).start(1, "auth")
    killed = ReportFacts(tale.summary, engine_is_alive=False)
    said: Any = report_document(killed)

    assert said["needs_you"][0] == {
        "task": None, "why": "There is work left, and no engine", "next": "porch resume"
    }  # fmt: skip
    for written in (as_text, as_markdown, as_html):
        text = " ".join(written(report_page(killed)).split())
        assert "There is work left, and no engine" in text
        assert "Nothing needs you" not in text
    said = document(tale)
    assert said["needs_you"] == []


def test_what_is_under_way_counts_until_now() -> None:
    tale = (
        Tale(a_plan(spec("auth"), spec("log"))).start(0, "auth", "log").succeed(10, "auth").validated(10, "")
    )
    now = tale.state.opened_at + 60
    facts = ReportFacts(summarise(tale.state, tale.records, now), engine_is_alive=True)
    said: Any = report_document(facts)

    assert report_page(facts).result[1].text == "1m10s of work took 1m00s so far."
    assert (said["resources"]["wall_s"], said["resources"]["task_s"]) == (60.0, 70.0)
    assert [one["wall_s"] for one in said["resources"]["tasks"]] == [10.0, 60.0]


def test_the_time_in_which_a_run_waits_for_a_person_is_none_of_its_own() -> None:
    stuck = five_tasks()

    assert summarise(stuck.state, stuck.records, stuck.state.opened_at + 3600).wall_s == stuck.summary.wall_s


def test_what_agents_cost_is_in_the_outcome() -> None:
    said = AgentReport(usage=AgentUsage(input_tokens=1000, output_tokens=234, cost_usd=0.5))
    tale = Tale(a_plan(spec("log"), is_validated=False)).start(1, "log")
    used = replace(tale.used(2, "log"), agent=said)

    tale.at(2, e.AttemptSucceeded(tale.attempt("log"), oid("log"), used, ()))

    assert page(tale).result[1].text == "2.0s of work took 2.0s so far, 1.2k tokens $0.50."


def test_a_long_line_of_a_command_is_all_in_the_text() -> None:
    words = [f"word-{number}" for number in range(40)]
    text = bare_text(Tale(a_plan(spec("log", command=f"echo {' '.join(words)}"))))

    assert [word for word in words if word not in text.split()] == []


def test_what_is_quoted_keeps_its_indentation_in_the_text() -> None:
    command = f"if true; then\n    echo {'word ' * 30}\n        exit 1\nfi"

    lines = bare_text(Tale(a_plan(spec("log", command=command)))).splitlines()

    at = lines.index("    if true; then")
    assert lines[at + 1].startswith("        echo word") and lines[at + 2].startswith("          word")
    assert "            exit 1" in lines and max(map(cells, lines)) <= 80


def test_an_endless_line_has_its_beginning_and_end_in_every_form() -> None:
    shown = page(Tale(a_plan(spec("log", command=f"echo {'x' * 100_000} end"))))

    for written in (as_text(shown), as_markdown(shown), as_html(shown)):
        assert "99509 more …" in " ".join(written.split()).replace("… 99509 more", "99509 more")
        assert " end" in written and len(written) < 30_000


def test_the_json_report_has_the_documented_keys() -> None:
    shown = document(five_tasks())
    documented = (report_document.__doc__ or "").split("The keys:")[1]

    assert shown["schema_version"] == 1
    assert list(shown)[1:3] == ["result", "needs_you"], "the outcome and what needs a person come first"
    assert [key for key in shown if f"`{key}`" not in documented] == []
    for name in ("result", "decomposition", "resources", "integration"):
        assert [key for key in shown[name] if key not in documented] == []  # type: ignore[attr-defined]


def test_the_json_report_agrees_with_the_run() -> None:
    tale = five_tasks()
    shown = document(tale)

    assert [row["task"] for row in shown["integration"]["landed"]] == list(tale.state.target.landed)  # type: ignore[index]
    assert shown["tip"] == tale.state.target.tip == shown["integration"]["landed"][-1]["commit"]  # type: ignore[index]
    assert shown["critical_path"] == ["schema", "auth"]
    assert shown["result"]["is_good"] is False  # type: ignore[index]


def test_a_path_that_is_not_utf8_survives_in_json() -> None:
    tale = Tale(a_plan(spec("log"), is_validated=False)).start(1, "log").succeed(2, "log")

    shown = document(tale.conflict(3, [], "caf\udce9.py"))

    assert shown["conflicts"][0]["paths"] == ["caf\udce9.py"]  # type: ignore[index]


def hostile_tale() -> Tale:
    """Return a run in which everything foreign is hostile."""
    plan = a_plan(
        spec("log", title=hostile.TITLE, paths=(hostile.PATH,), locks=(hostile.TITLE,)),
        spec("mul", title=hostile.TITLE, paths=(hostile.PATH,), locks=(hostile.TITLE,)),
        spec("bad", title="```"),
        goal=hostile.TITLE,
    )
    tale = Tale(plan, root=f"/home/{hostile.PATH}").validated(1, "").start(1, "log", "bad")
    tale.fail(2, "bad", hostile.REASON).succeed(2, "log", stray=(hostile.PATH,))
    tale.conflict(3, ["mul"], hostile.PATH)
    return tale.at(4, e.CommandRefused(hostile.TITLE, hostile.REASON))


def test_no_report_passes_on_what_a_terminal_or_markdown_would_obey() -> None:
    shown = page(hostile_tale())

    for written in (as_text(shown), as_markdown(shown), as_json(document(hostile_tale()))):
        assert hostile.obeyed(written) == []
        written.encode()
    assert max(map(cells, as_text(shown).splitlines())) <= 80
    outside = "".join(as_markdown(shown).split("```text")[0::2])
    assert "<script" not in outside.replace("\\<script", "")
    assert "\n# Heading" not in outside and "\n- [ ]" not in outside


def test_two_hundred_tasks_make_a_report_that_fits() -> None:
    tasks = [
        spec(f"task-{number:03}", after=[f"task-{number - 9:03}"] if number > 8 else [])
        for number in range(200)
    ]
    tale = Tale(a_plan(*tasks, is_validated=False), slots=9)
    for number, one in enumerate(tasks):
        tale.start(number + 0.1, one.id).succeed(number + 0.5, one.id).build(number + 0.6).land(
            number + 0.7, one.id
        )

    text = bare_text(tale)

    assert page(tale).result[0].text == "200 of 200 tasks landed on main."
    assert max(map(cells, text.splitlines())) <= 80
    assert sum(line.endswith("the plan has none") for line in text.splitlines()) == 200
    assert len(document(tale)["timeline"]) == 400  # type: ignore[arg-type]
    assert oid("base")[:7] in text and Sha(tale.state.target.tip)[:7] in text
