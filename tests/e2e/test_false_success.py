"""Exit code 0 without success: an agent that changed nothing, a task that wrote elsewhere."""

from __future__ import annotations

import json
import os

import pytest

from porch_tui.core.model import events as e
from porch_tui.process.supervisor import kernel
from project import Project, until

pytestmark = pytest.mark.slow

IDLE = """\
agents:
  idle: [sh, -c, 'exit 0', '{{prompt}}']
tasks:
  one: {{agent: idle, prompt: 'Do something.'{more}}}
  two: {{run: 'echo two > two', after: [one]}}
"""


def test_an_agent_that_changes_nothing_needs_the_person(project: Project):
    project.plan(IDLE.format(more=", retries: 1"))

    project.porch("run", "--headless", expect=1)

    status = project.status()
    one, two = status["tasks"]
    assert (one["outcome"], two["outcome"], one["attempt"]) == ("failed", "waiting", 2)
    (need,) = status["needs_you"]
    assert "changed nothing" in need["why"] and "may_change_nothing: true" in need["why"]
    assert "porch retry one" in need["next"]
    assert "changed nothing" in project.porch("report").stdout


def test_an_agent_may_change_nothing_where_the_plan_says_so(project: Project):
    project.plan(IDLE.format(more=", may_change_nothing: true"))

    project.porch("run", "--headless")

    assert project.outcomes() == {"one": "nothing-to-land", "two": "landed"}


def test_an_empty_commit_counts_as_no_change(project: Project):
    project.plan(IDLE.format(more="").replace("exit 0", "git commit -q --allow-empty -m done"))

    project.porch("run", "--headless", expect=1)

    assert project.outcomes()["one"] == "failed"


def test_a_command_may_change_nothing(project: Project):
    project.plan("tasks:\n  one: {run: 'true'}\n")

    project.porch("run", "--headless")

    assert project.outcomes() == {"one": "nothing-to-land"}


def escaping(project: Project, more: str = "") -> None:
    """Run a task that writes to the person's checkout, and stays there until that is noticed."""
    project.plan(
        f"tasks:\n  one: {{run: 'echo > mine; cd {project.root}; echo >> stray; "
        f"until [ -e ../seen ]; do sleep 0.05; done'{more}}}\n"
    )
    process = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptEscaped), "the escape to be noticed")
    (project.root.parent / "seen").touch()
    process.communicate(timeout=60)
    assert process.returncode == 1


@pytest.mark.skipif(not kernel.IS_LINUX, reason="needs /proc to see where processes run")
def test_a_task_that_wrote_to_the_checkout_lands_only_when_a_person_releases_it(project: Project):
    escaping(project)
    (need,) = project.status()["needs_you"]
    assert "in your own checkout, where stray changed" in need["why"]
    assert "in your own checkout, where stray changed" in " ".join(project.porch("report").stdout.split())
    assert project.landed() == []

    assert "porch release one" in need["next"]
    project.porch("release", "one")
    (project.root / "stray").unlink()
    project.porch("resume", "--headless")

    assert project.landed() == ["one"]
    assert project.status()["needs_you"] == []


@pytest.mark.skipif(not kernel.IS_LINUX, reason="needs /proc to see where processes run")
def test_a_check_that_wrote_to_the_checkout_has_not_passed(project: Project):
    escaping(project, ", kind: check, retries: 1")

    (one,) = project.status()["tasks"]
    assert (one["outcome"], one["attempt"]) == ("failed", 1)


def test_a_command_that_wrote_to_the_checkout_by_its_path_needs_the_person(project: Project):
    stray = project.root / "stray"
    project.plan(f"target: main\ntasks:\n  one: {{run: 'echo 1 > {stray}; echo 1 > mine'}}\n")

    project.porch("run", "--headless", expect=1)

    (need,) = project.status()["needs_you"]
    assert "in your own checkout, where stray changed" in need["why"]
    assert "✓ one" not in project.porch("status").stdout
    assert stray.exists()


def test_an_agent_whose_output_names_a_file_that_it_wrote_into_the_checkout_needs_the_person(
    project: Project,
):
    stray = project.root / "stray"
    edit = {"type": "tool_use", "part": {"tool": "write", "state": {"input": {"filePath": str(stray)}}}}
    script = f"echo '{json.dumps(edit)}'; cd {project.root.parent}; echo 1 > {project.root.name}/stray"
    project.plan("target: main\ntasks:\n  one: {agent: opencode, prompt: Do it.}\n")
    script += "; cd -; echo 1 > mine"

    project.porch("run", "--headless", env=program(project, "opencode", script), expect=1)

    (need,) = project.status()["needs_you"]
    assert "was at work outside its worktree: in your own checkout, where stray changed" in need["why"]


@pytest.mark.parametrize("write", ["echo 1 > ../{}/stray", "cd ../{}; echo 1 > stray; cd -"])
def test_a_command_that_names_a_file_of_the_checkout_or_goes_there_wrote_there(project: Project, write: str):
    stray = write.format(project.root.name)
    project.plan(f"target: main\ntasks:\n  one: {{run: '{stray}; echo 1 > mine'}}\n  two: {{run: sleep 1}}\n")

    project.porch("run", "--headless", expect=1)

    assert "in your own checkout, where stray changed" in project.status()["needs_you"][0]["why"]


def test_a_task_that_wrote_into_the_worktree_of_another_one_needs_the_person(project: Project):
    other = project.root.parent / f"{project.root.name}-one"
    project.plan(
        "target: main\ntasks:\n  one: {run: echo 1 > mine}\n"
        f"  two: {{run: 'sleep 3; echo 2 > {other}/stray; sleep 1; echo 2 > other', after: [one]}}\n"
    )

    project.porch("run", "--headless", expect=1)

    (need,) = project.status()["needs_you"]
    assert (need["task"], "in the worktree of one" in need["why"]) == ("two", True)


def test_processes_a_task_leaves_running_are_ended_and_named(project: Project):
    project.plan("tasks:\n  one: {run: 'sleep 1000 & sleep 1000 & echo > mine'}\n")

    output = project.porch("run", "--headless").stdout

    ended = "ended 2 processes still running: sleep (2)"
    assert ended in output
    assert ended in project.porch("logs", "one").stdout
    assert ended in project.porch("status").stdout
    assert ended in project.porch("report").stdout
    (one,) = project.status()["tasks"]
    assert one["ended_processes"] == {"sleep": 2}


def test_a_process_that_ends_on_its_own_was_not_left_running(project: Project):
    project.plan("tasks:\n  one: {run: '(sleep 0.02; :) & echo > mine'}\n")

    project.porch("run", "--headless")

    assert project.status()["tasks"][0]["ended_processes"] == {}


ASKS = 'echo \'{"type":"item.completed","item":{"type":"agent_message","text":"I see two ways. A or B?"}}\''


def program(project: Project, name: str, script: str) -> dict[str, str]:
    """Return an environment in which a program of this name runs a shell script."""
    folder = project.root.parent / "programs"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def test_an_agent_that_asks_and_changes_nothing_has_got_no_answer_and_the_person_sees_the_question(
    project: Project,
):
    project.plan("target: main\ntasks:\n  one: {agent: codex, prompt: Do it.}\n")

    project.porch("run", "--headless", env=program(project, "codex", ASKS), expect=1)

    (failed,) = project.events(e.AttemptFailed)
    assert failed.failure.kind is e.FailureKind.ASKED
    (need,) = project.status()["needs_you"]
    assert 'asked, and got no answer: "A or B?"' in need["why"]
    assert need["next"].startswith('porch retry one --keep --say "ANSWER"')
    assert "A or B?" in project.porch("report").stdout
    assert "A or B?" in project.porch("status").stdout


def test_an_agent_that_asks_and_has_done_its_work_has_succeeded(project: Project):
    project.plan("target: main\ntasks:\n  one: {agent: codex, prompt: Do it.}\n")

    project.porch("run", "--headless", env=program(project, "codex", f"echo 1 > made; {ASKS}"))

    assert project.outcomes() == {"one": "landed"}


LITTER = """\
mkdir -p sub .litter.cache
echo secret > .litter.history; echo > sub/.litter.input; echo > .litter.cache/tags
echo changed > .litter.conf
git add .litter.history; {commits}
echo 1 > made
"""


@pytest.mark.parametrize("commits", ["", "git commit -qm mine .litter.history"])
def test_litter_of_an_agent_lands_never_keeps_no_worktree_and_is_not_lost(project: Project, commits: str):
    (project.root / ".litter.conf").write_text("the person's\n")
    project.git("add", ".litter.conf")
    project.git("commit", "-qm", "conf")
    project.plan(
        "target: main\nagents: {own: {preset: codex, exclude: ['.litter*']}}\n"
        "tasks:\n  one: {agent: own, prompt: Do it.}\n"
    )

    project.porch("run", "--headless", env=program(project, "codex", LITTER.format(commits=commits)))

    assert project.outcomes() == {"one": "landed"}
    landed = project.git("ls-tree", "-r", "--name-only", "main").split()
    assert "made" in landed
    assert [path for path in landed if ".litter" in path] == [".litter.conf"]
    assert project.git("show", "main:.litter.conf") == "changed"
    (kept,) = project.root.glob(".git/porch/runs/*/attempts/one.1/litter")
    found = {str(one.relative_to(kept)) for one in kept.rglob("*") if one.is_file()}
    assert found == {".litter.history", "sub/.litter.input", ".litter.cache/tags"}
    project.porch("clean")
    assert not (project.root.parent / f"{project.root.name}-one").exists()


def test_an_agent_that_leaves_only_litter_has_changed_nothing(project: Project):
    project.plan(
        "target: main\nagents: {own: {preset: codex, exclude: ['.litter*']}}\n"
        "tasks:\n  one: {agent: own, prompt: Do it.}\n"
    )

    project.porch("run", "--headless", env=program(project, "codex", "echo > .litter.log"), expect=1)

    assert project.events(e.AttemptFailed)[0].failure.kind is e.FailureKind.NO_CHANGE


def test_a_prompt_that_no_argument_can_be_goes_to_standard_input(project: Project):
    prompt = "- Do it. " + "x" * 200_000
    project.plan(
        "target: main\n"
        "agents: {own: {preset: codex, command: [codex, -C, '{worktree}', '{prompt}']}}\n"
        f'tasks:\n  one: {{agent: own, prompt: "{prompt}", checks: test -s read}}\n'
    )
    script = 'echo "$@" > said; cat > read'

    project.porch("run", "--headless", env=program(project, "codex", script))

    assert project.outcomes() == {"one": "landed"}
    assert project.git("show", "main:read") == prompt
    worktree = project.root.parent / f"{project.root.name}-one"
    assert project.git("show", "main:said") == f"-C {worktree} -"
