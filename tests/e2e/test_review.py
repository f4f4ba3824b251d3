"""Work that a person has to approve: held, looked at, approved or sent back, by the command line."""

from __future__ import annotations

import json

import pytest

from porch_tui.core.model import events as e
from project import Project, until

PLAN = """\
tasks:
  api: {run: 'echo api > api.txt', review: required}
  log: {run: 'echo log > log.txt'}
  late: {run: 'cat api.txt > late.txt', after: [api]}
"""
AGENT = """\
defaults: {review: required}
agents:
  scribe: [sh, -c, 'echo "$1" >> said.txt', sh, '{prompt}']
tasks:
  one: {agent: scribe, prompt: 'Write. {failure}'}
"""


def test_work_to_be_reviewed_waits_while_the_rest_lands_and_lands_once_it_is_approved(project: Project):
    project.plan(PLAN)

    project.porch("run", "--headless", expect=1)

    assert project.landed() == ["log"]
    status = project.status()
    (need,) = status["needs_you"]
    assert need == {
        "task": "api",
        "outcome": "review",
        "why": "done, waits for your review",
        "next": "porch diff api; porch approve api, or porch retry api",
    }
    assert [task["outcome"] for task in status["tasks"]] == ["waiting", "landed", "waiting"]
    assert status["ended"]

    project.porch("approve", "api")
    project.porch("resume", "--headless")

    assert project.landed() == ["late", "api", "log"]
    assert project.status()["needs_you"] == []
    assert "approved by" in project.porch("report").stdout


@pytest.mark.slow
def test_an_approval_reaches_a_living_engine_and_its_answer_names_the_commit(project: Project):
    project.plan(PLAN)
    process = project.begin("run", "--headless", "--wait")
    until(lambda: project.events(e.AttemptSucceeded) and project.status()["needs_you"], "a review to be due")

    answer = json.loads(project.porch("approve", "api", "--json").stdout)

    head = next(task["head"] for task in project.status()["tasks"] if task["id"] == "api")
    assert answer["commands"] == [
        {
            "command": "approve api",
            "task": "api",
            "result": "done",
            "text": f"{head[:7]} goes into the merge queue",
        }
    ]
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.slow
def test_a_wait_for_a_review_outlives_kill_9(project: Project):
    project.plan(PLAN)
    process = project.begin("run", "--headless", "--wait")
    until(lambda: project.events(e.AttemptSucceeded) and project.status()["needs_you"], "a review to be due")
    process.kill()
    process.communicate()

    assert [need["task"] for need in project.status()["needs_you"]] == ["api"]
    project.porch("resume", "--headless", expect=1)
    assert project.landed() == ["log"]

    project.porch("approve", "api")
    project.porch("resume", "--headless")

    assert project.landed() == ["late", "api", "log"]
    assert len(project.events(e.TaskApproved)) == 1


@pytest.mark.slow
def test_what_a_person_has_added_to_the_branch_is_what_is_approved_and_lands(project: Project):
    project.plan(PLAN)
    project.porch("run", "--headless", expect=1)
    worktree = project.root.parent / f"{project.root.name}-api"
    (worktree / "api.txt").write_text("mended\n")
    project.git("-C", str(worktree), "commit", "-qam", "Mend it")

    project.porch("approve", "api")
    project.porch("resume", "--headless")

    assert project.git("show", "main:api.txt") == "mended"


def test_work_sent_back_with_words_goes_on_where_it_was_and_is_reviewed_again(project: Project):
    project.plan(AGENT)
    project.porch("run", "--headless", expect=1)

    project.porch("retry", "one", "--say", "said.txt:1: too short")
    project.porch("resume", "--headless", expect=1)

    worktree = project.root.parent / f"{project.root.name}-one"
    first, second, *_ = (worktree / "said.txt").read_text().splitlines()
    assert (first, second) == ("Write.", "Write. said.txt:1: too short")
    assert [need["task"] for need in project.status()["needs_you"]] == ["one"]
    assert project.landed() == []


@pytest.mark.slow
def test_a_plain_retry_sends_the_comments_of_the_review_back_or_says_that_there_are_none(project: Project):
    project.plan(AGENT)
    project.porch("run", "--headless", expect=1)
    comments = project.rundir.comments / "one.json"
    comments.parent.mkdir(exist_ok=True)
    comments.write_text('[{"path": "said.txt", "line": 1, "text": "too short"}]')

    assert "your comments on one go to its agent" in project.porch("retry", "one").stderr
    assert comments.read_text() == "[]"
    project.porch("resume", "--headless", expect=1)
    worktree = project.root.parent / f"{project.root.name}-one"
    first, second, *_ = (worktree / "said.txt").read_text().splitlines()
    assert (first, second) == ("Write.", "Write. said.txt:1: too short")

    assert "its agent gets no reason" in project.porch("retry", "one").stderr


def test_what_waits_for_no_review_is_refused_in_one_sentence(project: Project):
    project.plan(PLAN)
    project.porch("run", "--headless", expect=1)

    refused = project.porch("approve", "log", expect=4)

    assert refused.stderr == "porch: Can't approve log: it waits for no review: it has landed\n"
