"""The report of a run in which everything happens, beside what its journal, git and its files say.

What is expected is counted here from the bare lines of the journal and by git, not with porch's own code.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

import boxes
import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until
from tests import browser
from tests.report.forms_compared import Tables, cells_of_html, cells_of_markdown, missing_in_text

pytestmark = pytest.mark.slow

LINES = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n"
RECORDED = Path(__file__).parents[1] / "agents" / "recordings" / "pi.ok.txt"
PLAN = """\
goal: see everything once
slots: 16
validate: test ! -e broken
resolver: {{run: sh resolve.sh, auto: true}}
agents:
  own: {{preset: pi, command: [sh, agent.sh, "{{prompt}}"]}}
places:
  far: {{run: {far}, slots: 2}}
hypotheses:
  speed: {{question: Which is fast?, judge: 'cat speed || echo 100', want: min, repeat: 3}}
tasks:
  first: {{run: "sed -i.log s/one/ONE-1/ same; sed -i.log s/nine/NINE-1/ same"}}
  second:
    title: Take <both> | lines
    run: |
      until grep -q ONE-1 ../app/same; do sleep 0.05; done
      sed -i.log s/one/ONE-2/ same; sed -i.log s/nine/NINE-2/ same
  third: {{run: 'echo 3 > auto'}}
  fourth: {{run: 'until grep -q 3 ../app/auto; do sleep 0.05; done; echo 4 > auto'}}
  described: {{agent: own, prompt: "Describe it.\\nAll of it."}}
  flaky: {{retries: 1, run: 'test -e ../again || {{ touch ../again; exit 1; }}; echo > flaky'}}
  fails: {{run: 'seq 1 40; exit 3'}}
  behind: {{run: 'true', after: [fails]}}
  breaks: {{run: 'echo > broken'}}
  cache: {{kind: hypothesis, of: speed, run: 'echo 80 > speed'}}
  lazy: {{kind: hypothesis, of: speed, run: 'echo 40 > speed'}}
  elsewhere: {{place: far, run: 'echo > far'}}
  look: {{kind: check, run: 'true'}}
  long: {{run: 'until test -e ../go; do sleep 0.05; done; echo > long'}}
"""
RESOLVER = """\
grep -q '^<<<<<<<' auto || exit 1
printf '3 and 4\\n' > auto
"""

Journal = list[dict[str, Any]]


class Reported:
    """A run, all that its report says, and what is known of it besides."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.journal: Journal = [json.loads(line) for line in project.rundir.journal.read_text().splitlines()]
        self.forms = {
            form: project.porch("report", "--format", form).stdout for form in ("text", "md", "html", "json")
        }
        self.json: dict[str, Any] = json.loads(self.forms["json"])

    def at_s(self, record: dict[str, Any]) -> float:
        """Return when something was written down, in seconds since the run was opened."""
        moments = [datetime.fromisoformat(one["at"]) for one in (record, self.journal[0])]
        return (moments[0] - moments[1]).total_seconds()

    def all(self, *kinds: str) -> Journal:
        return [one for one in self.journal if one["type"] in kinds]

    def task(self, name: str) -> dict[str, Any]:
        return next(one for one in self.json["tasks"] if one["task"] == name)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reported]:
    """A run whose engine was killed, with two conflicts, rivals, an agent, a place and what failed."""
    folder = tmp_path_factory.mktemp("everything")
    project, home = Project(folder), folder / "home"
    agent = f"echo described > described; cat {RECORDED}\n"
    project.commit({"same": LINES, "auto": "0\n", "resolve.sh": RESOLVER, "agent.sh": agent})
    project.plan(PLAN.format(far=boxes.way_in(home)))
    engine = project.begin("run", "--headless", "--parallel", "--fresh")
    until(lambda: any(one.attempt.task == "long" for one in project.events(e.AttemptStarted)), "it to start")
    kill(engine)
    (folder / "go").touch()
    project.porch("resume", "--headless", expect=1)
    project.porch("slots", "3")
    for name, words in (("Ann", ("--take", "task", "same:1")), ("Ben", ("--take", "main", "same:2"))):
        project.porch("resolve", "second", *words, env={"GIT_COMMITTER_NAME": name})
    project.porch("resume", "--headless", expect=1)
    yield Reported(project)
    boxes.end_host(home)


def test_every_kind_of_thing_has_happened(reported: Reported):
    outcomes = {one["task"]: one["outcome"] for one in reported.json["tasks"]}

    landed = ("first", "second", "third", "fourth", "described", "flaky", "elsewhere", "long")
    assert outcomes == {
        **dict.fromkeys(landed, "landed"),
        "fails": "failed", "behind": "waiting", "breaks": "rejected", "look": "nothing-to-land",
        "cache": "lost-race", "lazy": "won",
    }  # fmt: skip


def test_the_forms_say_the_same_cell_by_cell(reported: Reported):
    cells = cells_of_html(reported.forms["html"])

    assert len(cells) > 300
    assert cells_of_markdown(reported.forms["md"]) == cells
    assert missing_in_text(cells, reported.forms["text"]) == []


@pytest.mark.parametrize("width", [400, 600, 800, 1000, 1200])
def test_a_browser_shows_all_of_it_at_every_width(reported: Reported, tmp_path: Path, width: int):
    page = tmp_path / "report.html"
    page.write_text(reported.forms["html"])

    browser.assert_readable(page, width)


def test_the_attempts_are_those_of_the_journal(reported: Reported):
    scheduled = reported.all("AttemptScheduled")
    ended = {one["attempt"]: one for one in reported.all("AttemptSucceeded", "AttemptFailed")}
    said = {
        f"{one['task']}.{attempt['number']}": attempt
        for one in reported.json["resources"]["tasks"]
        for attempt in one["attempts"]
    }

    assert set(said) == {one["attempt"] for one in scheduled} == set(ended)
    for one in scheduled:
        name, end = one["attempt"], ended[one["attempt"]]
        failure = end.get("failure") or {"kind": None, "exit_code": None, "text": ""}
        assert said[name]["place"] == (one["place"] or None)
        assert said[name]["wall_s"] == pytest.approx(end["used"]["wall_s"])
        assert [said[name][key] for key in ("failure", "exit_code", "text")] == [
            failure["kind"], failure["exit_code"], failure["text"]
        ]  # fmt: skip
    assert {name for name, one in said.items() if one["place"]} == {"elsewhere.1"}
    assert "far (1)" in reported.forms["text"] and "far (1)" in reported.forms["html"]
    total_s = sum(one["used"]["wall_s"] for one in ended.values())
    assert reported.json["resources"]["task_s"] == pytest.approx(total_s)
    at_work = next(one for one in reported.json["resources"]["over_time"] if one["what"] == "tasks at work")
    assert sum(at_work["amounts"]) * at_work["piece_s"] >= total_s * 0.9


def seconds(written: str) -> float | None:
    """Return a length of time as people read it, in seconds."""
    if written == "-":
        return None
    amounts = re.fullmatch(r"(?:(\d+)m)?([\d.]+)s", written)
    assert amounts, written
    return 60 * int(amounts[1] or 0) + float(amounts[2])


def test_what_people_read_in_tables_is_what_programs_read_in_json(reported: Reported):
    tables, document = Tables(reported.forms["html"]), reported.json
    near = partial(pytest.approx, abs=0.06)

    used = {one["task"]: one for one in document["resources"]["tasks"]}
    for row in tables.named("task", "attempts"):
        one = used[row["task"]]
        assert row["attempts"] == str(len(one["attempts"]))
        assert (seconds(row["wall"]), seconds(row["CPU"])) == near((one["wall_s"], one["cpu_s"]))
        assert float(row["peak memory"].removesuffix("MB")) == near(one["peak_rss_bytes"] / 1e6, abs=0.5)
    landed = document["integration"]["landed"]
    for place, (row, one) in enumerate(zip(tables.named("place", "task"), landed, strict=True), 1):
        assert (row["place"], row["task"], row["commit"]) == (str(place), one["task"], one["commit"][:7])
        assert seconds(row["at"]) == near(one["at_s"]) and row["validation"] == one["validation"]
    for row, one in zip(tables.named("at", "task", "with"), document["conflicts"], strict=True):
        said = (row["task"], row["with"], row["paths"], row["how it ended"])
        assert said == (one["task"], ", ".join(one["with"]), ", ".join(one["paths"]), one["end"])
        assert seconds(row["at"]) == near(one["at_s"])
    for row, one in zip(tables.named("at", "task", "override"), document["overrides"], strict=True):
        assert (row["task"], row["override"]) == (one["task"] or "", one["text"])
    for row, one in zip(tables.named("task", "worktree"), document["layout"], strict=True):
        known = (one["task"], one["branch"], *((one[side] or "-")[:7] for side in ("base", "head")))
        assert tuple(row[title] for title in ("task", "branch", "base", "head")) == known
    expected = {one["task"]: one for one in document["decomposition"]["predicted"]["tasks"]}
    for row in tables.named("task", "expected start"):
        one = expected[row["task"]]
        times = (one["starts_s"], one["started_s"], one["done_s"], one["was_done_s"])
        for title, at_s in zip(("expected start", "start", "expected done", "done"), times, strict=True):
            assert seconds(row[title]) == (None if at_s is None else near(at_s, abs=0.6))


def test_each_task_has_a_section_that_says_why_it_came_out_so(reported: Reported):
    for one in reported.json["tasks"]:
        card = reported.forms["html"].split(f'id="task-{one["task"]}"')[1].split("</section>")[0]
        assert escape(one["title"]) in card or one["title"] == one["task"]
        assert one["why"] is None or escape(one["why"]) in card, one
        assert one["landed"] is None or one["landed"][:7] in card
        for line in (one["prompt"] or "").splitlines():
            assert escape(line) in card
        for line in one["last_lines"]:
            assert escape(line) in card


def test_the_timeline_begins_and_ends_as_the_journal(reported: Reported):
    spans = {(one["what"], one["name"]): one for one in reported.json["timeline"]}
    begins = {one["attempt"]: reported.at_s(one) for one in reported.all("AttemptScheduled")}
    ends = {one["attempt"]: reported.at_s(one) for one in reported.all("AttemptSucceeded", "AttemptFailed")}

    assert {name: spans["attempt", name]["start_s"] for name in begins} == pytest.approx(begins, abs=0.002)
    assert {name: spans["attempt", name]["end_s"] for name in ends} == pytest.approx(ends, abs=0.002)
    lanes = reported.forms["html"].count('class="name')
    assert lanes == len({name.rpartition(".")[0] for name in begins}) + 1, "and one of validations"


def test_what_the_agent_used_is_what_its_output_says(reported: Reported):
    turns = [json.loads(line) for line in RECORDED.read_text().splitlines()]
    usages = [
        one["message"]["usage"] for one in turns if one["type"] == "message_end" and "usage" in one["message"]
    ]
    cost = sum(one["cost"]["total"] for one in usages)
    read, written = sum(one["input"] for one in usages), sum(one["output"] for one in usages)

    [used] = [one["agent"] for one in reported.json["resources"]["tasks"] if one["task"] == "described"]
    assert (used["input_tokens"], used["output_tokens"]) == (read, written)
    assert used["cost_usd"] == pytest.approx(cost) and cost > 0
    assert reported.json["resources"]["agents"]["cost_usd"] == pytest.approx(cost)
    [row] = [
        one for one in Tables(reported.forms["html"]).named("task", "outcome") if one["task"] == "described"
    ]
    assert float(row["cost"].removeprefix("$")) == pytest.approx(cost, rel=0.05)
    for form in ("text", "md", "html"):
        assert row["cost"] in reported.forms[form]


def test_what_landed_is_what_git_has(reported: Reported):
    git, landed = reported.project.git, reported.json["integration"]["landed"]
    commits = git("rev-list", "--first-parent", "--reverse", f"{reported.json['base']}..main").split()

    assert [one["commit"] for one in landed] == commits == [one["commit"] for one in reported.all("Landed")]
    for one in landed:
        assert one["tree"] == git("rev-parse", f"{one['commit']}^{{tree}}")
        assert one["task"] in git("log", "-1", "--format=%(trailers:key=Porch-Task,valueonly)", one["commit"])
        assert reported.task(one["task"])["landed"] == one["commit"]
    assert reported.json["tip"] == commits[-1]


def test_the_changed_files_are_those_of_git(reported: Reported):
    changed = 0
    for place in reported.json["layout"]:
        if place["head"] and place["head"] != place["base"]:
            rows = reported.project.git("diff", "--numstat", "--no-renames", place["base"], place["head"])
            counted = [line.split("\t") for line in rows.splitlines()]
            assert [
                (one["path"], one["added"], one["removed"]) for one in reported.task(place["task"])["files"]
            ] == [(path, int(added), int(removed)) for added, removed, path in counted]
            changed += 1
    assert changed == len([one for one in reported.all("AttemptSucceeded") if one["attempt"] != "look.1"])


def test_the_conflicts_are_those_of_the_journal_with_the_sides_of_git(reported: Reported):
    met = [
        (one["task"], one["partners"], one["paths"], reported.at_s(one))
        for one in reported.all("CandidateConflicted")
    ]

    said = [(one["task"], one["with"], one["paths"], one["at_s"]) for one in reported.json["conflicts"]]
    assert [one[:3] for one in said] == [one[:3] for one in met]
    assert [one[3] for one in said] == pytest.approx([one[3] for one in met], abs=0.002)
    assert {one[0] for one in met} == {"second", "fourth"}
    [by_hand] = [one for one in reported.json["conflicts"] if one["task"] == "second"]
    assert by_hand["end"] == "resolved by Ann and Ben: landed"


def test_both_sides_of_each_hunk_are_those_of_git_and_who_chose_what_is_said(reported: Reported):
    git = reported.project.git
    onto = {one["task"]: one["onto"] for one in reported.all("CandidateConflicted")}
    heads = {one["task"]: one["head"] for one in reported.all("CandidateConflicted")}

    hunks = reported.task("second")["collisions"]
    for line, hunk in zip((0, 8), hunks, strict=True):
        versions = (LINES, git("show", f"{onto['second']}:same"), git("show", f"{heads['second']}:same"))
        sides = [version.splitlines()[line] + "\n" for version in versions]
        assert [hunk["base"], hunk["main"], hunk["task"]] == sides
    assert [(one["chosen"], one["by"]) for one in hunks] == [("task", "Ann"), ("main", "Ben")]
    landed = git("show", f"{reported.task('second')['landed']}:same").splitlines()
    assert (landed[0], landed[8]) == ("ONE-2", "NINE-1")
    [automatic] = reported.task("fourth")["collisions"]
    assert (automatic["main"], automatic["task"], automatic["by"]) == ("3\n", "4\n", None)
    assert "as sh resolve.sh proposed" in automatic["chosen"]
    for form in ("text", "html"):
        said = " ".join(reported.forms[form].split())
        for sentence in (
            "Chosen by Ann: task",
            "Chosen by Ben: main",
            "main (first):",
            "as sh resolve.sh proposed",
        ):
            assert sentence in said, (form, sentence)
    assert "Chosen by Ann: task" in reported.forms["md"]


def test_the_theories_are_worth_what_the_judge_said(reported: Reported):
    [hypothesis] = reported.json["hypotheses"]
    theories = {
        (one["hypothesis"], one["number"]): one["theory"] for one in reported.all("JudgementScheduled")
    }
    values: dict[str | None, list[float]] = {}
    for one in reported.all("JudgementEnded"):
        values.setdefault(theories[one["hypothesis"], one["number"]], []).append(one["value"])
    [decided] = reported.all("HypothesisDecided")

    assert hypothesis["winner"] == decided["winner"] == "lazy"
    rows = {one["theory"]: one for one in Tables(reported.forms["html"]).named("theory", "result")}
    for theory, found in values.items():
        row = rows[theory or "the base"]
        assert row["median"] == f"{median(found):g}"
        assert row["each time"] == ", ".join(f"{value:g}" for value in found)
    assert (rows["lazy"]["result"], rows["cache"]["result"]) == ("won", "lost the race")


def test_the_validations_are_those_of_the_journal(reported: Reported):
    begun = reported.all("ValidationScheduled")
    spans = [one for one in reported.json["timeline"] if one["what"] == "validation"]

    assert [one["start_s"] for one in spans] == pytest.approx(sorted(map(reported.at_s, begun)), abs=0.002)
    verdicts = Counter(
        "passed" if one["type"] == "ValidationPassed" else one["text"]
        for one in reported.all("ValidationPassed", "ValidationFailed")
    )
    found = Counter(one["how"] for one in spans if one["how"] != "dropped")
    assert found == verdicts


def test_what_a_person_overrode_is_named_when_it_was(reported: Reported):
    [slots] = [one for one in reported.all("SlotsChanged") if not one["reason"]]

    fresh, said = reported.json["overrides"]
    assert "--fresh" in fresh["text"]
    assert (said["task"], said["text"]) == (None, "set 3 slots")
    assert said["at_s"] == pytest.approx(reported.at_s(slots), abs=0.002)
    for form in ("text", "md", "html"):
        assert "Overrides" in reported.forms[form] and "set 3 slots" in reported.forms[form]


def test_what_needs_a_person_and_how_often_an_engine_took_over(reported: Reported):
    assert reported.json["engine_takeovers"] == len(reported.all("EngineTookOver")) == 2
    assert {one["task"] for one in reported.json["needs_you"]} == {"fails", "breaks"}
    for one in reported.json["needs_you"]:
        for form in ("text", "md", "html"):
            printed = " ".join(re.sub("</?code>|`", "", reported.forms[form]).split())
            assert one["next"] in printed, (form, one)


def test_the_last_lines_of_a_failure_are_those_of_its_log(reported: Reported):
    fails = reported.task("fails")

    assert fails["last_lines"] == Path(fails["log"]).read_text().splitlines()[-20:]
    assert fails["last_lines"] == [str(number) for number in range(21, 41)]
    assert [one["task"] for one in reported.json["tasks"] if one["last_lines"]] == ["fails"]


def test_the_forecast_is_what_was_written_when_the_run_began(reported: Reported):
    predicted = reported.journal[0]["predicted"]
    said = reported.json["decomposition"]["predicted"]

    assert said["wall_s"] == pytest.approx(predicted["wall_s"], abs=0.001)
    alone = {
        task: sum(cpu_s / width + wait_s for cpu_s, wait_s, width in steps[:3])
        for task, _, _, steps, _ in predicted["tasks"]
    }
    assert {one["task"]: one["estimate_s"] for one in said["tasks"]} == pytest.approx(alone, abs=0.001)
    first: dict[str, float] = {}
    for one in reported.all("AttemptScheduled"):
        first.setdefault(one["attempt"].rpartition(".")[0], reported.at_s(one))
    started = {one["task"]: one["started_s"] for one in said["tasks"] if one["started_s"] is not None}
    assert started == pytest.approx(first, abs=0.002)
    landed = {one["task"]: reported.at_s(one) for one in reported.all("Landed")}
    done = {one["task"]: one["was_done_s"] for one in said["tasks"] if one["task"] in landed}
    assert done == pytest.approx(landed, abs=0.002)
