"""The report of a real run in every form: what it says is what the journal, git and the logs say."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

import pytest

from porch_tui.present.clean import clean
from project import Project
from tests import browser
from tests.report.forms_compared import Tables, cells_of_html, cells_of_markdown, missing_in_text

PLAN = """\
goal: try the report
tasks:
  first: {title: Take the first line, run: sed -i 's/one/first/' lines.txt}
  second:
    title: Take it as well
    run: until grep -q first ../app/lines.txt; do sleep .1; done; sed -i s/one/1st/ lines.txt; echo > new.txt
  open:
    run: until grep -q first ../app/lines.txt; do sleep 0.05; done; sed -i 's/one/<b>1<\\/b>/' lines.txt
  broken: {run: seq 1 40; echo "it <broke>"; exit 3}
  waits: {after: [broken], run: 'true'}
  look: {kind: check, run: 'true'}
"""

WORDS = {"nothing-to-land": "passed"}
"""What people read for an outcome, where that is another word."""


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, Any]]:
    """Return a run with a conflict that was resolved, one that is open, and a failure; and its JSON."""
    project = Project(tmp_path_factory.mktemp("reported"))
    project.commit({"lines.txt": "one\ntwo\n"})
    project.plan(PLAN)
    project.porch("run", "--headless", "--parallel", expect=1)
    project.porch("resolve", "second", "--take", "task", "lines.txt:1")
    project.porch("resume", "--headless", expect=1)
    return project, json.loads(project.porch("report", "--format", "json").stdout)


def task(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in document["tasks"] if one["task"] == name)  # type: ignore[no-any-return]


@pytest.mark.slow
def test_what_landed_is_on_the_branch_in_this_order(reported: tuple[Project, dict[str, Any]]):
    project, document = reported

    commits = project.git("rev-list", "--first-parent", "--reverse", f"{document['base']}..main").split()

    assert [one["commit"] for one in document["integration"]["landed"]] == commits
    assert [one["task"] for one in document["integration"]["landed"]] == ["first", "second"]
    assert document["tip"] == commits[-1]


def test_the_changed_files_are_those_of_git(reported: tuple[Project, dict[str, Any]]):
    project, document = reported
    for place in document["layout"]:
        if not place["head"] or place["head"] == place["base"]:
            continue
        rows = project.git("diff", "--numstat", "--no-renames", place["base"], place["head"]).splitlines()
        counted = [line.split("\t") for line in rows]
        assert task(document, place["task"])["files"] == [
            {"path": path, "added": int(added), "removed": int(removed)} for added, removed, path in counted
        ]
    assert [one["path"] for one in task(document, "second")["files"]] == ["lines.txt", "new.txt"]


def test_the_last_lines_of_a_failure_are_those_of_its_log(reported: tuple[Project, dict[str, Any]]):
    project, document = reported
    broken = task(document, "broken")

    assert broken["last_lines"] == Path(broken["log"]).read_text().splitlines()[-20:]
    assert broken["last_lines"][-1] == "it <broke>"
    html = project.porch("report", "--format", "html").stdout
    assert escape(broken["last_lines"][-1]) in html and "<broke>" not in html
    assert "    it <broke>\n" in project.porch("report").stdout


def test_a_resolved_conflict_has_both_sides_and_what_was_chosen(reported: tuple[Project, dict[str, Any]]):
    document = reported[1]

    [resolved] = task(document, "second")["collisions"]
    [left] = task(document, "open")["collisions"]

    assert resolved == {
        "path": "lines.txt", "base": "one\n", "main": "first\n", "task": "1st\n", "chosen": "task",
        "by": reported[0].git("config", "user.name").strip(),
    }  # fmt: skip
    assert (left["task"], left["chosen"]) == ("<b>1</b>\n", "not decided")


def test_every_form_says_how_each_task_came_out(reported: tuple[Project, dict[str, Any]]):
    project, document = reported
    words = {"landed": "landed", "conflict": "conflict", "failed": "failed", "waiting": "waiting"}
    for form in ("text", "md", "html"):
        printed = " ".join(project.porch("report", "--format", form).stdout.split())
        for one in document["tasks"]:
            word = words.get(one["outcome"], "passed")
            assert one["task"] in printed and word in printed, (form, one["task"])
        for line in document["result"]["lines"]:
            said = clean(line["text"])
            assert (escape(said) if form == "html" else said) in printed.replace("\\", ""), form


def test_every_form_has_the_same_in_every_field(reported: tuple[Project, dict[str, Any]]):
    project, _ = reported
    text, markdown, html = (
        project.porch("report", "--format", form).stdout for form in ("text", "md", "html")
    )

    assert cells_of_markdown(markdown) == cells_of_html(html)
    assert [] == missing_in_text(cells_of_html(html), text)


def test_what_the_forms_say_of_a_task_is_what_json_has(reported: tuple[Project, dict[str, Any]]):
    project, document = reported
    html = project.porch("report", "--format", "html").stdout
    said = {row["task"]: row for row in Tables(html).named("task", "outcome")}

    assert set(said) == {one["task"] for one in document["tasks"]}
    attempts = {one["task"]: len(one["attempts"]) for one in document["resources"]["tasks"]}
    for one in document["tasks"]:
        row, files = said[one["task"]], one["files"]
        added, removed = (sum(file[side] for file in files) for side in ("added", "removed"))
        assert row["outcome"].startswith(WORDS.get(one["outcome"], one["outcome"]))
        assert row["attempts"] == str(attempts.get(one["task"], 0))
        assert row["changes"] == (f"+{added} -{removed}" if files else "-")


def test_a_report_of_a_run_that_was_killed_begins_with_what_to_type(project: Project):
    project.plan("tasks: {a: {run: sleep 60}}")
    run = project.porch("run", "--detach").stdout.split()[0]
    project.porch("stop", "--all", expect=None)
    journal = project.root / ".git/porch/runs" / run / "journal.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    assert len(lines) > 3
    journal.write_text("".join(lines[:3]))  # what a kill leaves: the rest was never written

    said = "This run is not finished and has no engine"
    text, markdown, html, document = (
        project.porch("report", "--format", form).stdout for form in ("text", "md", "html", "json")
    )
    assert text.splitlines()[3:5] == [said, "    porch resume"]
    assert markdown.splitlines()[2] == f"{said}: `porch resume`"
    assert html.split('<div class="result')[1].split("\n")[1] == f"<p>{said} <code>porch resume</code></p>"
    assert json.loads(document)["result"]["lines"][0] == {"text": said, "command": "porch resume"}


@pytest.mark.slow
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [400, 1200, 1400])
def test_a_browser_shows_all_of_it_without_a_network(
    reported: tuple[Project, dict[str, Any]], tmp_path: Path, width: int, is_dark: bool
):
    page = tmp_path / "report.html"
    reported[0].porch("report", "--format", "html", "-o", str(page))

    browser.assert_readable(page, width, is_dark=is_dark)
