"""What porch advises is typed, in the situation that it is printed in: it works, and then it is gone.

`test_advice_table` knows which advice is tried where.
"""

from __future__ import annotations

import pytest
from advice import follow, followed, needs, project_status
from in_process import porch

from porch_tui.core.model import events as e
from project import Project, kill, until

ENDINGS = """\
validate: test ! -e broken -a ! -e pair
tasks:
  first: {run: 'echo first > same'}
  second: {run: 'until test -e ../second; do sleep 0.05; done; echo second > same'}
  fails: {run: 'test $PORCH_ATTEMPT != 1; echo > fails'}
  waits: {run: 'echo > waits', after: [fails]}
  breaks: {run: 'test $PORCH_ATTEMPT = 2 || echo > broken; echo > breaks'}
  late: {run: 'test $PORCH_ATTEMPT = 2 || sleep 60; echo > late', timeout: 1s}
  looks: {kind: check, run: 'test $PORCH_ATTEMPT = 2'}
  stopped: {run: 'test $PORCH_ATTEMPT = 2 || sleep 60; echo > stopped'}
  blocked: {run: 'echo more >> README.md'}
  held: {run: 'until test -e ../held; do sleep 0.05; done; echo > held'}
  drawn: {run: 'until test -e ../drawn; do sleep 0.05; done; echo > drawn'}
"""


def outcome(project: Project, task: str) -> str | None:
    return {one["id"]: one["outcome"] for one in project_status(project)["tasks"]}[task]


def steered(project: Project, verb: str, task: str) -> bool:
    """Give a command about a task in line; True once it was obeyed, or the task has landed before."""
    return porch(project, verb, task).code == 0 or outcome(project, task) == "landed"


def step(project: Project) -> str:
    """Return what `porch status` names as the next thing to type."""
    return str(project_status(project)["next"])


def ended(project: Project, plan: str, code: int = 1) -> None:
    """Run a plan until nothing more happens without a person."""
    project.plan(plan)
    project.porch("run", "--headless", "--parallel", expect=code)


@pytest.mark.slow
def test_every_way_to_end_is_got_over_by_what_is_advised(project: Project):
    project.plan(ENDINGS)
    project.write("README.md", "mine\n")
    engine = project.begin("run", "--headless", "--wait", "--parallel", "--slots", "13")
    until(lambda: len(project.events(e.AttemptScheduled)) >= 10, "the tasks to start")
    assert 0 == porch(project, "stop", "stopped").code
    (project.root.parent / "held").touch()
    (project.root.parent / "drawn").touch()
    for name, verb in (("held", "hold"), ("drawn", "withdraw")):
        until(lambda words=(verb, name): steered(project, *words), verb)
    (project.root.parent / "second").touch()
    wanted = {"second": "conflict", "breaks": "rejected", "blocked": "blocked", "late": "timed-out"}
    until(lambda: wanted.items() <= project.outcomes().items(), "every ending")
    kill(engine)
    advised = needs(project)
    assert "porch resolve second" in step(project)  # the engine may have been killed while it was at work

    assert "1 hunk not decided" in followed(project, ["porch", "resolve", "second"]).out
    assert 0 == porch(project, "resolve", "second", "--take", "both", "same").code
    project.git("checkout", "-q", "README.md")
    for task, advice in advised.items():
        if task not in ("second", "blocked"):
            assert follow(project, advice), f"{task}: {advice}"
    assert step(project).startswith("porch resume (no engine is alive; waiting for one: ")
    followed(project, ["porch", "resume"])

    assert {} == needs(project)
    assert {"landed", "nothing-to-land"} >= set(project.outcomes().values())
    assert step(project) == "porch report (everything is done; porch clean removes the worktrees)"
    assert ["porch report", "porch clean"] == follow(project, step(project))
    assert [] == list(project.root.parent.glob("app-*"))


AFTER_A = "until git log -1 --format=%s feature/a | grep -qx a; do sleep 0.05; done"
"""Waits until the work of `a` is on its branch, so that it is first in the queue."""


@pytest.mark.slow
def test_a_task_that_fails_only_with_others_can_be_validated_on_top_of_them(project: Project):
    ended(
        project,
        "validate: test ! -e one -o ! -e two\ntasks:\n  a: {run: 'echo > one'}\n"
        f"  b: {{run: '{AFTER_A}; test $PORCH_ATTEMPT = 2 || echo > two; echo > b', priority: -1}}\n",
    )
    advice = needs(project)["b"]
    assert advice == (
        "porch logs b --validation; porch validate b --on-top-of a, or porch retry b, which builds on that"
    )

    porch(project, "logs", "b", "--validation")
    assert "b fails on top of a" in porch(project, "validate", "b", "--on-top-of", "a").out
    assert 0 == porch(project, "retry", "b").code
    followed(project, ["porch", "resume"])
    assert {} == needs(project)


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["requeue", "retry"])
def test_what_was_undone_lands_again(project: Project, verb: str):
    ended(project, "tasks:\n  a: {run: 'echo > a'}\n", 0)
    assert 0 == porch(project, "undo", "a").code
    assert needs(project) == {"a": "porch requeue a, or porch retry a"}

    followed(project, ["porch", verb, "a"])
    followed(project, ["porch", "resume"])

    assert ({}, "landed") == (needs(project), outcome(project, "a"))


@pytest.mark.slow
def test_a_branch_that_was_set_aside_comes_back_after_an_undo_as_said(project: Project):
    ended(project, "tasks:\n  a: {run: 'echo > a'}\n", 0)
    project.write("../app-a/mine", "not committed\n")
    assert 0 == porch(project, "clean", "--shelve", project.rundir.run).code
    assert 0 == porch(project, "undo", "a").code
    seen = " ".join(one.text for one in project.events(e.Noticed))

    assert [f"porch unshelve a --run {project.rundir.run}"] == follow(project, seen, leave=("porch clean",))
    followed(project, ["porch", "requeue", "a"])
    followed(project, ["porch", "resume"])

    assert ({}, "landed") == (needs(project), outcome(project, "a"))


def test_a_target_that_fails_by_itself_may_be_allowed_to(project: Project):
    project.commit({"broken": ""})
    ended(project, "validate: test ! -e broken\ntasks:\n  a: {run: 'echo > a'}\n")
    [advice] = needs(project).values()
    assert advice == ("fix main, or porch resume --allow-red-base; porch logs a --validation shows why")

    assert ["porch resume --allow-red-base", "porch logs a --validation"] == follow(project, advice)

    assert ({}, "landed") == (needs(project), outcome(project, "a"))


def test_a_target_that_is_mended_lets_everything_land(project: Project):
    project.commit({"broken": ""})
    ended(project, "validate: test ! -e broken\ntasks:\n  a: {run: 'echo > a'}\n")
    project.git("rm", "-q", "broken")
    project.git("commit", "-qm", "mended")

    assert step(project).endswith(", then porch resume (no engine is alive)")
    followed(project, ["porch", "resume"])

    assert ({}, "landed") == (needs(project), outcome(project, "a"))


@pytest.mark.slow
def test_a_pause_ends_as_advised_with_and_without_an_engine(project: Project):
    project.plan(
        "tasks:\n  a: {run: 'until test -e ../go; do sleep 0.05; done; echo > a'}\n"
        "  b: {run: 'echo > b', after: [a]}\n"
    )
    engine = project.begin("run", "--headless", "--wait")
    until(lambda: project.events(e.AttemptStarted), "the task to start")
    porch(project, "pause", "a")
    assert "porch resume-tasks a" == step(project)
    followed(project, ["porch", "resume-tasks", "a"])
    porch(project, "pause")
    (project.root.parent / "go").touch()
    until(lambda: outcome(project, "a") == "landed", "a to land")
    assert "porch resume-tasks" == step(project)
    kill(engine)

    assert step(project) == "porch resume (no engine is alive, and there is work left)"
    followed(project, ["porch", "resume"])

    assert {"a": "landed", "b": "landed"} == project.outcomes()


def test_a_blocked_landing_may_be_merged_by_hand(project: Project):
    project.plan("tasks:\n  a: {run: 'echo more >> README.md'}\n")
    project.write("README.md", "mine\n")
    project.porch("run", "--headless", expect=1)
    [advice] = needs(project).values()
    assert advice.startswith("commit, stash or move README.md (git branch validated-a refs/porch/")

    [made] = follow(project, advice)

    assert made.startswith("git branch validated-a refs/porch/")
    assert "more" in project.git("show", "validated-a:README.md")
    project.git("stash", "-q")
    followed(project, ["porch", "resume"])
    assert ({}, "landed") == (needs(project), outcome(project, "a"))


@pytest.mark.slow
def test_a_branch_that_was_deleted_is_brought_back_as_advised(project: Project):
    project.plan("tasks:\n  a: {run: 'echo more >> README.md'}\n")
    project.write("README.md", "mine\n")
    project.porch("run", "--headless", expect=1)
    project.git("checkout", "-q", "README.md")
    project.git("worktree", "remove", "-f", "-f", "../app-a")
    project.git("branch", "-D", "feature/a")
    porch(project, "withdraw", "a")
    porch(project, "requeue", "a")
    project.porch("resume", "--headless", expect=1)

    made, requeued = follow(project, needs(project)["a"])
    assert (made[:20], requeued) == ("git branch feature/a", "porch requeue a")
    followed(project, ["porch", "resume"])

    assert ({}, "landed") == (needs(project), outcome(project, "a"))


def test_a_closed_run_is_reported_and_cleaned(project: Project):
    ended(project, "tasks:\n  a: {run: 'exit 1'}\n")
    assert 0 == porch(project, "close").code

    assert step(project) == "porch report (the run is closed; porch clean removes its worktrees)"
    assert ["porch report", "porch clean"] == follow(project, step(project))
    assert 4 == project.porch("resume", "--headless", expect=None).returncode


def test_resume_of_a_run_at_rest_does_nothing_and_is_not_advised(project: Project):
    ended(project, "tasks:\n  a: {run: 'echo > a'}\n", 0)
    before = [type(one.event) for one in project.records()]
    assert "porch resume" not in porch(project, "status").out

    followed(project, ["porch", "resume"])

    assert [*before, e.EngineTookOver] == [type(one.event) for one in project.records()]
