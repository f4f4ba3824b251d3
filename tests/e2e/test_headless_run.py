"""A plan from its file to the target branch, with the program a person runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import Project

TWO = """\
validate: test -e README.md
tasks:
  one: {run: 'echo 1 > one.txt'}
  two: {run: 'echo 2 > two.txt', after: [one]}
"""


@pytest.mark.slow
def test_a_closed_run_does_not_continue_and_needs_nothing(project: Project):
    project.plan("tasks:\n  a: {run: 'echo a > same'}\n  b: {run: 'echo b > same'}\n")
    project.porch("run", "--headless", expect=1)
    project.porch("close")

    refused = project.porch("resume", "--headless", expect=4)

    assert "is closed and cannot be resumed; porch run starts another" in refused.stderr
    assert [] == project.status()["needs_you"]
    assert project.status()["ended"]


def test_the_work_of_tasks_is_committed_merged_validated_and_landed(project: Project):
    project.plan(TWO)

    project.porch("run", "--headless")

    assert project.landed() == ["two", "one"]
    assert (project.root / "one.txt").read_text() == "1\n"
    assert project.git("status", "--porcelain") == ""
    assert "error" not in project.git("fsck", "--no-dangling")


def test_neither_tasks_nor_validations_run_below_a_hidden_folder(project: Project):
    places = project.root.parent / "places"
    project.plan(f"validate: 'pwd >> {places}'\ntasks:\n  one: {{run: 'pwd >> {places}; echo > one.txt'}}\n")

    project.porch("run", "--headless")

    found = {Path(line).relative_to(project.root.parent) for line in places.read_text().splitlines()}
    assert {"app-one", "app.porch"} == {place.parts[0] for place in found}
    assert not [part for place in found for part in place.parts if part.startswith(".")]


def test_a_log_names_its_steps_in_the_words_of_the_plan(project: Project):
    project.plan(
        "setup: [[echo, 'a b']]\ntasks:\n  one:\n    run: |\n      echo 'it is'\n      echo > one.txt\n"
    )

    project.porch("run", "--headless")

    output = [
        line for line in project.porch("logs", "one").stdout.splitlines() if line.startswith("-- porch: ")
    ]
    assert ["-- porch: setup: echo 'a b'", "-- porch: run: echo 'it is'; echo > one.txt"] == output


def test_each_landing_is_one_merge_commit_that_names_run_and_task(project: Project):
    project.plan(TWO)

    project.porch("run", "--headless")

    run = project.rundir.run
    body = project.git("log", "-1", "--first-parent", "--format=%B")
    assert (
        f"Porch-Task: two\nPorch-Run: {run}\nPorch-Validated: {project.git('rev-parse', 'HEAD^{tree}')}"
        in body
    )
    assert len(project.git("log", "-1", "--format=%P").split()) == 2


def test_each_commit_is_validated_where_the_plan_says_so(project: Project):
    project.plan(
        "integrity: every\nvalidate: test -e README.md\n"
        "tasks:\n  a: {run: 'echo > a'}\n  b: {run: 'echo > b'}\n  c: {run: 'echo > c'}\n"
    )

    project.porch("run", "--headless")

    found = project.git(
        "log", "--first-parent", "-3", "--format=%T %(trailers:key=Porch-Validated,valueonly)"
    )
    pairs = [line.split() for line in found.splitlines() if line]
    assert [tree for tree, *_ in pairs] == [validated for _, validated in pairs]


def test_a_task_starts_from_the_landed_work_of_those_it_comes_after(project: Project):
    project.plan("tasks:\n  one: {run: 'echo 1 > a'}\n  two: {run: 'cat a > b', after: [one]}\n")

    project.porch("run", "--headless")

    assert project.git("show", "main:b") == "1"


def test_one_failure_never_blocks_the_others(project: Project):
    project.plan(
        "tasks:\n"
        "  bad: {run: 'echo no >&2; exit 3'}\n"
        "  behind: {run: 'true', after: [bad]}\n"
        "  good: {run: 'echo > g'}\n"
    )

    project.porch("run", "--headless", expect=1)

    assert project.outcomes() == {"bad": "failed", "behind": "waiting", "good": "landed"}
    assert project.porch("logs", "bad").stdout == "no\n"


def test_a_conflict_stops_one_task_and_the_others_land(project: Project):
    project.plan(
        "tasks:\n  a: {run: 'echo a > same'}\n  b: {run: 'echo b > same'}\n  c: {run: 'echo c > other'}\n"
    )

    project.porch("run", "--headless", expect=1)

    outcomes = project.outcomes()
    assert outcomes["c"] == "landed"
    assert sorted([outcomes["a"], outcomes["b"]]) == ["conflict", "landed"]
    conflicted_entry = next(one for one in project.status()["queue"] if one["status"] == "conflicted")
    assert conflicted_entry["conflicts"] == ["same"]
    assert conflicted_entry["with"] == [task for task in ("a", "b") if outcomes[task] == "landed"]


@pytest.mark.slow
def test_work_that_breaks_only_in_combination_is_rejected_with_its_partner(project: Project):
    project.plan(
        "validate: '! (test -e x && test -e y)'\n"
        "tasks:\n  x: {run: 'echo > x'}\n  y: {run: 'sleep 0.5; echo > y'}\n  z: {run: 'echo > z'}\n"
    )

    project.porch("run", "--headless", expect=1)

    assert {task: outcome for task, outcome in project.outcomes().items() if outcome != "landed"} == {
        "y": "rejected"
    }
    assert "x" in next(one for one in project.status()["queue"] if one["task"] == "y")["with"]


def test_a_rejected_task_is_reported_with_the_task_it_fails_with(project: Project):
    project.plan(
        "validate: '! (test -e x && test -e y) && ! test -e broken'\n"
        "tasks:\n"
        "  v: {run: 'echo > v'}\n"
        "  x: {run: 'until git cat-file -e main:v; do sleep 0.1; done; echo > x'}\n"
        "  z: {run: 'until git cat-file -e main:x; do sleep 0.1; done; echo > z'}\n"
        "  y: {run: 'until git cat-file -e main:z; do sleep 0.1; done; echo > y'}\n"
        "  alone: {run: 'until git cat-file -e main:z; do sleep 0.1; done; echo > broken'}\n"
    )

    project.porch("run", "--headless", "--slots", "5", expect=1)

    queue = {one["task"]: one for one in project.status()["queue"]}
    assert sorted(project.landed()) == ["v", "x", "z"]
    assert (queue["y"]["with"], queue["alone"]["with"]) == (["x"], [])
    found = {finding.task: (finding.passes_alone, finding.why) for finding in project.events(e.CulpritFound)}
    assert found == {
        "y": (True, "passes alone, fails on top of x: exit 1"),
        "alone": (False, "fails alone: exit 1"),
    }


def test_a_red_base_is_reported_and_no_task_is_blamed(project: Project):
    project.plan("validate: 'echo it is broken; false'\ntasks:\n  a: {run: 'echo > a'}\n")

    project.porch("run", "--headless", expect=1)

    assert project.landed() == []
    (need,) = project.status()["needs_you"]
    assert "main itself fails its validation" in need["why"]
    assert need["next"].endswith("; porch logs a --validation shows why")
    assert "it is broken" in project.porch("logs", "a", "--validation").stdout


def test_a_base_without_a_verdict_is_not_called_red(project: Project):
    project.plan("validate: 'kill -9 $$'\ntasks:\n  a: {run: 'echo > a'}\n")

    project.porch("run", "--headless", expect=1)

    (need,) = project.status()["needs_you"]
    assert "whether main passes its validation could not be found out: killed by signal 9" in need["why"]
    assert "itself fails" not in project.porch("status").stdout


def test_with_a_red_base_allowed_work_that_makes_nothing_worse_lands(project: Project):
    project.plan("validate: 'exit 7'\ntasks:\n  a: {run: 'echo > a'}\n")

    project.porch("run", "--headless", "--allow-red-base")

    assert project.landed() == ["a"]
    assert "Porch-Validated" not in project.git("log", "-1", "--format=%B")


def test_a_task_that_changes_nothing_has_nothing_to_land(project: Project):
    project.plan("tasks:\n  idle: {run: 'true'}\n  after-it: {run: 'echo > f', after: [idle]}\n")

    project.porch("run", "--headless")

    assert project.outcomes() == {"idle": "nothing-to-land", "after-it": "landed"}


def test_a_check_runs_in_its_own_worktree_and_nothing_of_it_is_merged(project: Project):
    project.plan("tasks:\n  look: {kind: check, run: 'echo > litter; pwd'}\n")

    project.porch("run", "--headless")

    assert project.landed() == []
    assert project.porch("logs", "look").stdout.strip().endswith("app-look")


def test_checks_must_pass_in_the_tasks_own_worktree(project: Project):
    project.plan("tasks:\n  a: {run: 'echo > a', checks: 'test -e b'}\n")

    project.porch("run", "--headless", expect=1)

    assert project.outcomes() == {"a": "check-failed"}


def test_setup_copy_and_environment_reach_the_task(project: Project):
    project.write("secret.log", "s3cret\n")
    project.plan(
        "setup: 'echo ready > setup.log'\ncopy: [secret.log]\nenv: {COLOUR: blue}\n"
        "tasks:\n"
        "  a:\n"
        "    run: |\n"
        "      cat setup.log secret.log > out\n"
        "      echo $COLOUR $PORCH_TASK $PORCH_ATTEMPT $PORCH_SLOT >> out\n"
    )

    project.porch("run", "--headless")

    assert project.git("show", "main:out") == "ready\ns3cret\nblue a 1 0"


@pytest.mark.slow
def test_tasks_that_name_one_lock_never_run_at_the_same_time(project: Project):
    body = "mkdir $PORCH_BASE_LOCK || exit 9; sleep 0.3; rmdir $PORCH_BASE_LOCK"
    lock = project.root.parent / "held"
    project.plan(
        "tasks:\n"
        + "".join(
            f"  t{n}: {{run: '{body.replace('$PORCH_BASE_LOCK', str(lock))}', locks: [db]}}\n"
            for n in range(3)
        )
    )

    project.porch("run", "--headless", "--parallel")

    assert set(project.outcomes().values()) == {"nothing-to-land"}


@pytest.mark.slow
def test_a_timeout_ends_all_processes_of_the_task_and_is_reported(project: Project):
    project.plan("tasks:\n  slow: {run: 'sleep 600 & sleep 600', timeout: 1s}\n")

    project.porch("run", "--headless", expect=1)

    assert project.outcomes() == {"slow": "timed-out"}


def test_retries_run_a_failed_task_again(project: Project):
    marker = project.root.parent / "tried"
    project.plan(
        f"tasks:\n  a: {{run: 'test -e {marker} || {{ touch {marker}; exit 1; }}; echo > a', retries: 1}}\n"
    )

    project.porch("run", "--headless")

    assert [str(one.attempt) for one in project.events(e.AttemptScheduled)] == ["a.1", "a.2"]
    assert project.landed() == ["a"]


def test_the_json_stream_is_the_journal_and_then_the_status(project: Project):
    project.plan(TWO)

    lines = project.porch("run", "--headless", "--json").stdout.splitlines()

    *records, status = [json.loads(line) for line in lines]
    written = [json.loads(line) for line in project.rundir.journal.read_text().splitlines()]
    assert written[1:] == records
    assert status["ended"] is True
    assert [task["outcome"] for task in status["tasks"]] == ["landed", "landed"]


def test_a_serial_run_has_one_slot(project: Project):
    project.plan("tasks:\n  a: {run: 'echo > a'}\n  b: {run: 'echo > b'}\n")

    project.porch("run", "--headless", "--serial")

    assert project.events(e.RunOpened)[0].slots == 1
    assert sorted(project.landed()) == ["a", "b"]


def test_an_agent_gets_its_prompt_as_one_argument(project: Project):
    project.write("agent.sh", "#!/bin/sh\nprintf '%s' \"$2\" > said\n").chmod(0o755)
    project.plan(
        "agents:\n  fake: [./agent.sh, -p, '{prompt}']\n"
        "tasks:\n  a: {agent: fake, prompt: 'say \"$HOME\" & `date`'}\n"
    )

    project.porch("run", "--headless")

    assert project.git("show", "main:said") == 'say "$HOME" & `date`'


@pytest.mark.slow
def test_a_run_continues_when_its_output_is_not_read(project: Project):
    project.plan("tasks:\n  a: {run: 'echo > a'}\n  b: {run: 'sleep 1; echo > b'}\n")

    process = project.begin("run", "--headless")
    assert process.stdout and process.stderr
    process.stdout.readline()
    process.stdout.close()

    assert process.wait(60) == 0
    assert process.stderr.read().count("Traceback") == 0
    process.stderr.close()
    assert sorted(project.landed()) == ["a", "b"]


def test_a_validation_that_moves_head_proves_nothing_and_is_not_repeated_forever(project: Project):
    project.plan("validate: git commit -q --allow-empty -m moved\ntasks: {a: {run: 'echo > a'}}\n")

    project.porch("run", "--headless", expect=1)

    assert [] == project.landed()
    failed = project.events(e.ValidationFailed)
    assert failed and all("it passed, but moved HEAD to" in one.text for one in failed)
