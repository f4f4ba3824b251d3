"""What judges of hypotheses printed, for the theory or the base that a person names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from in_process import ProjectHere, porch
from json_page import documented, keys

from project import DEADLINE_S, Project, until

PLAN = """\
hypotheses:
  slow:
    question: Why?
    judge: echo "judging ${PORCH_TASK:-the base}"; sh wait.sh; cat number
    want: min
    repeat: 2
    land: none
tasks:
  fast: {kind: hypothesis, of: slow, run: echo 3 > number}
  odd: {kind: hypothesis, of: slow, run: echo three > number}
  other: {kind: check, run: 'true'}
"""


def with_hypothesis(project: Project, wait: str = "") -> Project:
    project.commit({"number": "5\n", "wait.sh": f"{wait}\n", "porch.yaml": PLAN})
    return project


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A run in which the base and two theories were judged, one of which has no number."""
    project = with_hypothesis(ProjectHere(tmp_path_factory.mktemp("judged")))
    project.porch("run", "--headless", expect=None)
    return project


@pytest.mark.slow
def test_a_theory_shows_what_its_judge_printed_the_last_time(judged: Project):
    assert porch(judged, "logs", "fast", "--judge").out == "judging fast\n3\n"


def test_a_hypothesis_shows_what_its_judge_printed_on_the_base(judged: Project):
    assert porch(judged, "logs", "slow", "--judge").out == "judging the base\n5\n"


def test_why_a_theory_has_no_number_is_said_beside_what_the_judge_printed(judged: Project):
    printed = porch(judged, "logs", "odd", "--judge")

    assert printed.out == "judging odd\nthree\n"
    assert 'odd: its last line is no finite number: "three"' in printed.err


def test_an_earlier_time_is_a_document_of_its_own(judged: Project):
    first, last = (
        json.loads(porch(judged, "logs", "fast", "--judge", "--json", *words).out)
        for words in (("--time", "1"), ())
    )

    assert keys(first) == keys(documented("porch logs --json"))
    assert (first["what"], first["task"], first["hypothesis"]) == ("judge", "fast", "slow")
    assert (first["time"], last["time"]) == (1, 2)
    assert first["log"] != last["log"] and Path(first["log"]).exists()


def test_a_time_that_never_was_is_exit_4_with_the_last_one(judged: Project):
    printed = porch(judged, "logs", "fast", "--judge", "--time", "3")

    assert printed.code == 4
    assert "fast was not judged 3 times; the last is 2: porch logs fast --judge --time 2" in printed.err


def test_an_unknown_name_is_exit_2_with_the_nearest_theory_or_hypothesis(judged: Project):
    near = [porch(judged, "logs", name, "--judge") for name in ("fats", "sloww")]

    assert [one.code for one in near] == [2, 2]
    assert "did you mean 'fast'?" in near[0].err
    assert "did you mean 'slow'?" in near[1].err


def test_a_task_that_is_no_theory_has_no_judge(judged: Project):
    printed = porch(judged, "logs", "other", "--judge")

    assert printed.code == 2
    assert "other answers no hypothesis, so no judge runs on it; its hypotheses are: slow" in printed.err


def test_a_time_without_a_judge_is_refused_with_what_to_write(judged: Project):
    printed = porch(judged, "logs", "fast", "--time", "1")

    assert printed.code == 2
    assert "it needs --judge; of a task it is --attempt" in printed.err


@pytest.mark.slow
def test_a_judge_under_way_is_followed_to_its_end(project: Project):
    go = project.root.parent / "go"
    with_hypothesis(project, f"until test -e {go}; do sleep 0.05; done")
    engine = project.begin("run", "--headless")
    until(lambda: porch(project, "logs", "slow", "--judge").out != "", "the base to be judged")

    early = porch(project, "logs", "fast", "--judge")
    follower = project.begin("logs", "slow", "--judge", "--time", "1", "--follow")
    assert follower.stdout is not None and follower.stdout.readline() == "judging the base\n"
    assert "still being judged; --follow" in porch(project, "logs", "slow", "--judge").err
    go.touch()

    assert follower.communicate(timeout=DEADLINE_S) == ("5\n", "")
    assert early.code == 4 and "fast has not been judged yet" in early.err
    engine.wait(DEADLINE_S)
