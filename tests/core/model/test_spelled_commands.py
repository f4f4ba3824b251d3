"""A command is spelled as a person types it behind `porch`: refusals in the journal say it so."""

from __future__ import annotations

from typing import get_args

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model.budget import Budget
from porch_tui.core.model.plan import HypothesisName, Sha, TaskId
from tests.builders import task

PARSER, LEXER = TaskId("parser"), TaskId("lexer")

SPELLED: dict[c.AnyCommand, str] = {
    c.PauseRun("1"): "pause",
    c.PauseRun("1", with_tasks=True): "pause --all",
    c.ResumeRun("1"): "resume-tasks",
    c.ResumeRun("1", with_tasks=True): "resume-tasks --all",
    c.StopRun("1"): "stop --all",
    c.StopRun("1", c.Ending.FINISH): "stop --all --finish",
    c.StopRun("1", c.Ending.KILL): "stop --all --now",
    c.SetSlots("1", 3): "slots 3",
    c.SetSlots("1", None): "slots auto",
    c.AllowRedBase("1"): "resume --allow-red-base",
    c.PauseTask("1", PARSER): "pause parser",
    c.ResumeTask("1", PARSER): "resume-tasks parser",
    c.StopTask("1", PARSER): "stop parser",
    c.RunElsewhere("1", PARSER): "elsewhere parser",
    c.StopValidation("1", PARSER): "stop parser --validation",
    c.StopValidations("1"): "stop --validation",
    c.RetryTask("1", PARSER): "retry parser",
    c.RetryTask("1", PARSER, keep_worktree=True): "retry --keep parser",
    c.RetryTask("1", PARSER, command=("true",)): "retry --edit parser",
    c.ApproveTask("1", PARSER, Sha("h1"), Sha("h1"), "Ada"): "approve parser",
    c.RaiseBudget("1", PARSER, Budget(tokens=1_500_000)): "budget parser +1.5M",
    c.RaiseBudget("1", PARSER, Budget(tokens=500, usd=0.5)): "budget parser +0.5k +0.5usd",
    c.RaiseBudget("1", None, Budget(wall_s=5430)): "budget +1h30m30s",
    c.RequeueEntry("1", PARSER): "requeue parser",
    c.WithdrawEntry("1", PARSER): "withdraw parser",
    c.HoldEntry("1", PARSER): "hold parser",
    c.ReleaseEntry("1", PARSER): "release parser",
    c.MoveEntry("1", PARSER, c.Spot.LAST): "move parser --last",
    c.MoveEntry("1", PARSER, c.Spot.BEFORE, LEXER): "move parser --before lexer",
    c.ResolveConflict("1", PARSER, "parser.json"): "resolve parser",
    c.RefuseProposal("1", PARSER): "resolve parser --refuse",
    c.ValidateEntry("1", PARSER): "validate parser",
    c.ValidateEntry("1", PARSER, (LEXER,)): "validate parser --on-top-of lexer",
    c.UndoLanding("1", PARSER): "undo parser",
    c.RevertLanding("1", PARSER): "undo parser --revert",
    c.AddTasks("1", (task("parser"), task("lexer"))): "add parser, lexer",
    c.ReloadPlan("1", (task("parser"),)): "reload",
    c.ChooseTheory("1", HypothesisName("slow"), PARSER, "Ada"): "choose parser",
    c.ChooseTheory("1", HypothesisName("slow"), None, "Ada"): "choose slow --none",
    c.FinishTask("1", PARSER): "finish parser",
    c.CloseRun("1"): "close",
}


@pytest.mark.parametrize(("command", "words"), SPELLED.items(), ids=SPELLED.values())
def test_a_command_is_spelled_as_it_is_typed(command: c.AnyCommand, words: str):
    assert c.spelled(command) == words


def test_every_command_can_be_spelled():
    assert {type(command) for command in SPELLED} == set(get_args(c.AnyCommand))
