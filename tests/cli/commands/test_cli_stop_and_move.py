"""`porch stop` and `porch move`: what the options mean together, and what has nothing to act on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from in_process import porch

from porch_tui.core.model import events as e
from project import Project, until

ENDLESS = "slots: 2\ntasks:\n  a: {run: 'sleep 600'}\n  b: {run: 'sleep 600'}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["stop"], "name tasks, or all that run with --all"),
        (["stop", "--finish"], "--finish lets running tasks finish: it goes with --all"),
        (["stop", "--finish", "--all", "--now"], "and without --now"),
        (["stop", "--validation", "--all"], "so it goes without --all"),
        (["stop", "--all", "good"], "so it goes without TASK"),
        (["move", "good"], "one of the arguments --first --last --before is required"),
        (["move", "good", "--before", "bed"], "has no task 'bed'; did you mean 'bad'?"),
        (["slots", "0"], "'0' is not a whole number from 1"),
    ],
)
def test_options_that_make_no_sense_together_are_refused(ended: Project, words: list[str], said: str):
    refused = porch(ended, *words)

    assert (2, True) == (refused.code, said in refused.err), refused.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["stop", "--validation", "good"], "Can't cancel the validation of good: it is not being validated"),
        (["stop", "--validation"], "Can't cancel the validations: nothing is being validated"),
        (["stop", "--all", "--finish"], "Can't stop --all --finish: nothing is running"),
        (
            ["move", "bad", "--first"],
            "Can't move bad --first: it was rejected, so nothing is about to merge it",
        ),
        (["move", "good", "--last"], "it has landed, so nothing is about to merge it"),
        (["move", "later", "--before", "good"], "it has not started yet and is not in the merge queue"),
    ],
)
def test_what_has_nothing_to_act_on_is_refused(ended: Project, words: list[str], said: str):
    refused = porch(ended, *words)

    assert (4, True) == (refused.code, said in refused.err), refused.err


def test_a_run_is_stopped_with_its_engine_and_each_task_is_reported(
    project: Project, engine: Callable[[Project, str], None]
):
    engine(project, ENDLESS)
    until(lambda: 2 == len(project.events(e.AttemptStarted)), "both tasks")

    printed = porch(project, "stop", "--all", "--now")

    assert 0 == printed.code
    assert ["stop a", "stop b", "stop --all --now"] == [
        line.split(":")[0] for line in printed.out.splitlines()
    ]
    assert "gone" == porch(project, "status", "--json").json["engine"]
