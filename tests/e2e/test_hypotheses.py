"""Rival answers to one question: judged in their worktrees and on the base, and the best of them lands."""

from __future__ import annotations

import json
import signal
import time
from typing import Any

import pytest

from porch_tui.core.model import events as e
from project import Project, until

JUDGE = "sh measure.sh"
MEASURED = """\
hypotheses:
  slow:
    question: Why is it slow?
    judge: sh measure.sh
    want: {want}
    repeat: {repeat}
tasks:
"""


def asking(
    project: Project, want: str = "min", repeat: int = 1, judge: str = "cat number", **theories: str
) -> None:
    """Write a plan whose theories run these commands; the base has the number 5."""
    tasks = "".join(
        f"  {name}: {{kind: hypothesis, of: slow, run: {json.dumps(run)}}}\n"
        for name, run in theories.items()
    )
    plan = MEASURED.format(want=want, repeat=repeat) + tasks
    project.commit({"number": "5\n", "measure.sh": f"{judge}\n", "porch.yaml": plan})


def hypothesis(project: Project) -> dict[str, Any]:
    """Return what the status says of the one hypothesis."""
    (found,) = project.status()["hypotheses"]
    return dict(found)


def needs(project: Project) -> str:
    """Return what the status says that a person has to see to."""
    return "; ".join(need["why"] for need in project.status()["needs_you"])


@pytest.mark.slow
def test_the_winner_by_a_number_lands_and_the_others_are_kept_as_evidence(project: Project):
    asking(project, repeat=2, a="echo 4 > number", b="echo 3 > number", c="exit 1")

    project.porch("run", "--headless")

    assert {"a": "lost-race", "b": "won", "c": "failed"} == project.outcomes()
    assert "3" == (project.root / "number").read_text().strip()
    message = project.git("log", "-1", "--format=%B", f"refs/porch/{project.rundir.run}/evidence/slow/a")
    assert "base: 5 (5, 5)\na: 4 (4, 4)\nb: 3 (3, 3)\nWinner: b" in message


@pytest.mark.slow
def test_what_has_lost_is_shown_by_diff_and_report_also_when_its_worktree_and_branch_are_gone(
    project: Project,
):
    asking(project, a="echo 4 > number", b="echo 3 > number")
    project.porch("run", "--headless")

    project.porch("clean")

    assert "" == project.git("branch", "--list", "feature/*")
    assert not (project.root.parent / "app-a").exists()
    diff = project.porch("diff", "a").stdout
    assert "-5\n+4\n" in diff
    report = project.porch("report").stdout
    assert "b has won: b 3, the base 5, a 4." in report
    judged = report.split("\nHypotheses\n")[1]
    (row,) = (line.split() for line in judged.splitlines() if line.startswith("a ") and "lost" in line)
    assert ["a", "lost", "the", "race", "4", "0", "80%", "4", "1", "file", "+1", "-1"] == row


@pytest.mark.slow
def test_what_a_judge_leaves_is_set_aside_and_keeps_no_worktree(project: Project):
    asking(project, repeat=2, judge="test ! -e left; echo > left; cat number", a="echo 3 > number")

    project.porch("run", "--headless")

    assert "won" == project.outcomes()["a"]
    assert 4 == len(list(project.rundir.judgements.glob("*/left/left")))
    project.porch("clean")
    assert ["app"] == [path.name for path in project.root.parent.iterdir()]


@pytest.mark.slow
def test_a_file_that_a_person_has_put_beside_a_result_stays_there(project: Project):
    asking(project, judge="cat number", a="echo 3 > number; sleep 1", b="echo 4 > number")
    engine = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptSucceeded), "b")
    note = project.root.parent / "app-b" / "note"
    note.write_text("mine")

    engine.wait()

    assert "mine" == note.read_text()


def test_the_first_that_passes_wins_and_the_others_are_stopped(project: Project):
    wait = "echo started > x; sleep 60"
    asking(
        project,
        want="pass",
        judge="grep -q 7 number",
        a=wait,
        b="echo 6 > number",
        c="sleep 1; echo 7 > number",
    )

    project.porch("run", "--headless")

    assert {"a": "lost-race", "b": "lost-race", "c": "won"} == project.outcomes()
    kept = project.git("show", f"refs/porch/{project.rundir.run}/evidence/slow/a:x")
    assert "started" == kept


BAD_JUDGES = {
    "no number": ("echo fast", 'its last line is no finite number: "fast"'),
    "nothing": ("true", "it printed nothing"),
    "nan": ("echo nan", 'no finite number: "nan"'),
    "infinite": ("echo inf", 'no finite number: "inf"'),
    "huge": ("echo 1e999", 'no finite number: "1e999"'),
    "crash": ("kill -SEGV $$", "exit 139"),
    "exit": ("echo 1; exit 3", "exit 3"),
    "hang": ("echo 1; sleep 60", "not finished within 2 s"),
    "changes": ("echo 9 > number; echo 1", "tracked files were changed: number"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD_JUDGES)
def test_a_judge_that_finds_no_number_in_a_theory_is_reported_and_never_makes_it_win(
    project: Project, name: str
):
    command, why = BAD_JUDGES[name]
    asking(
        project,
        judge=f"if test -e odd; then {command}; else cat number; fi",
        a="touch odd",
        b="echo 4 > number",
    )
    plan = (project.root / "porch.yaml").read_text().replace("    want:", "    timeout: 2s\n    want:")
    project.plan(plan)

    project.porch("run", "--headless")

    assert {"a": "lost-race", "b": "won"} == project.outcomes()
    (score,) = (one for one in hypothesis(project)["theories"] if one["task"] == "a")
    assert (None, True) == (score["median"], why in score["why"]), score["why"]


@pytest.mark.slow
def test_a_judge_that_finds_no_number_on_the_base_decides_nothing(project: Project):
    asking(project, judge="test -e odd && echo 1", a="touch odd")

    project.porch("run", "--headless", expect=1)

    assert {"a": "undecided"} == project.outcomes()
    assert "slow: the base has no number to beat: exit 1" in needs(project)


@pytest.mark.slow
def test_measurements_that_differ_wildly_decide_nothing(project: Project):
    count = "i=$(cat n 2>/dev/null || echo 0); echo $((i + 1)) > n; echo $((i % 2 * 100))"
    wild = f"if test -e odd; then {count}; else cat number; fi"
    asking(project, repeat=2, judge=wild, a="touch odd; echo n >> .gitignore", b="echo 4 > number")

    project.porch("run", "--headless", expect=1)

    assert "may be chance: measurements differ by 100 (20 times each)" in needs(project)
    assert [] == project.landed()


@pytest.mark.slow
def test_a_tie_is_for_a_person_to_decide_and_is_kept_as_evidence(project: Project):
    asking(project, a="echo 3 > number", b="echo 3.0 > number")
    project.porch("run", "--headless", expect=1)
    assert "slow: a, b are tied at 3" in needs(project)
    message = project.git("log", "-1", "--format=%B", f"refs/porch/{project.rundir.run}/evidence/slow/a")
    assert "a: 3 (3)\nb: 3 (3)\nWinner: none (a, b are tied at 3)" in message

    project.porch("choose", "b")
    project.porch("resume", "--headless")

    assert {"a": "lost-race", "b": "won"} == project.outcomes()
    assert ["b"] == project.landed()


@pytest.mark.slow
def test_where_no_theory_beats_the_base_none_lands_and_a_person_may_leave_it_at_that(project: Project):
    asking(project, a="echo 5 > number; echo > x", b="echo 9 > number")
    project.porch("run", "--headless", expect=1)
    assert "slow: none is better than the base (5); the best is a 5" in needs(project)

    project.porch("choose", "slow", "--none")
    project.porch("resume", "--headless", expect=1)

    assert {"a": "lost-race", "b": "lost-race"} == project.outcomes()
    assert "" == needs(project)


@pytest.mark.slow
def test_where_none_passes_it_is_said(project: Project):
    asking(project, want="pass", judge="grep -q 7 number", a="echo 6 > number", b="echo 8 > number")

    project.porch("run", "--headless", expect=1)

    assert "slow: none passes: a: exit 1; b: exit 1" in needs(project)


@pytest.mark.slow
def test_where_the_base_passes_too_passing_says_nothing(project: Project):
    asking(project, want="pass", judge="true", a="echo 6 > number")

    project.porch("run", "--headless", expect=1)

    assert "slow: the judge passes on the base too" in needs(project)


@pytest.mark.slow
def test_a_killed_engine_is_continued_and_nothing_is_judged_twice(project: Project):
    judge = f"echo x >> {project.root.parent}/judged; sleep 0.5; cat number"
    asking(project, repeat=3, judge=judge, a="echo 4 > number", b="echo 3 > number")
    engine = project.begin("run", "--headless")
    until(lambda: len(project.events(e.JudgementEnded)) >= 2, "two results")
    until(lambda: len(project.events(e.JudgementScheduled)) >= 3, "a third judge")
    time.sleep(0.2)

    engine.send_signal(signal.SIGKILL)
    engine.wait()
    project.porch("resume", "--headless")

    assert "won" == project.outcomes()["b"]
    assert 9 == len(project.events(e.JudgementEnded))
    assert [] == project.events(e.JudgementDropped)
    assert 9 == len((project.root.parent / "judged").read_text().split())


@pytest.mark.slow
def test_a_run_that_is_stopped_while_it_measures_measures_that_again(project: Project):
    asking(project, judge="sleep 1; cat number", a="echo 3 > number")
    engine = project.begin("run", "--headless")
    until(lambda: project.events(e.JudgementScheduled), "a judge")

    project.porch("stop", "--all")
    engine.wait()
    assert [] == project.events(e.JudgementEnded)
    project.porch("resume", "--headless")

    assert "won" == project.outcomes()["a"]


def test_a_task_after_a_hypothesis_builds_on_its_winner(project: Project):
    asking(project, a="echo 4 > number", b="echo 3 > number")
    plan = (project.root / "porch.yaml").read_text()
    project.plan(plan + "  z: {run: 'cp number copy', after: [slow]}\n")

    project.porch("run", "--headless")

    assert "3" == (project.root / "copy").read_text().strip()


@pytest.mark.slow
def test_a_measurement_is_frozen_with_the_run_and_taken_again_when_that_continues(project: Project):
    asking(project, judge="sleep 1; cat number", a="echo 3 > number")
    engine = project.begin("run", "--headless")
    until(lambda: list(project.rundir.judgements.glob("*/run.json")) if project.records() else [], "a judge")

    project.porch("pause")
    time.sleep(1.5)  # longer than the judge takes: it does not end meanwhile
    assert [] == project.events(e.JudgementEnded)
    project.porch("resume-tasks")
    engine.wait()

    assert "won" == project.outcomes()["a"]
    assert 1 == len(project.events(e.JudgementDropped))
