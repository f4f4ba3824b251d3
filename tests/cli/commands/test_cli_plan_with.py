"""An agent plans: it is asked again with its mistakes, changes nothing, and leaves nothing."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from pathlib import Path

import pytest
from in_process import CommandResult, porch

from porch_tui.git.discovery import discover
from porch_tui.planfile.read import read_plan
from porch_tui.planning.draft import DraftAgent
from porch_tui.planning.planner import Listener, plan_with
from porch_tui.planning.request import Request
from porch_tui.process.processes import all_processes
from project import DEADLINE_S, Project, kill, until
from tests.fences import needs_bwrap

PROSE = """\
I had a look. Here is the plan:

```yaml
tasks:
  one: {prompt: Split it., paths: [src/app.py], colour: red, after: [two]}
  two: {prompt: Test it., paths: [tests/test_two.py], after: [one]}
```
Tell me what you think!
"""
GOOD = json.dumps(
    {
        "tasks": [
            {"id": "one", "prompt": "Split it.", "paths": ["src/app.py"], "reason": "It stands alone."},
            {"id": "two", "prompt": "Test it.", "paths": ["tests/test_two.py"], "estimate": "5m"},
        ],
        "notes": "Mind the gap.",
    }
)
OVERLAPPING = GOOD.replace("tests/test_two.py", "src/app.py")


class Planner:
    """A program with one answer for each time it is asked."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.folder = project.root.parent / "planner"
        self.folder.mkdir()
        project.commit({"src/app.py": "x = 1\n", "tests/test_one.py": "def test_one(): pass\n"})

    def answers(self, *texts: str, before: str = ":", after: str = ":") -> None:
        """Have it answer these texts, after running a shell command; the last one again and again."""
        for number, text in enumerate(texts, 1):
            (self.folder / f"{number}.txt").write_text(text)
        (self.folder / "agent.sh").write_text(
            f"printf '%s\\n=====\\n' \"$1\" >> {self.folder}/asked\n{before}\n"
            f"n=$(grep -c ===== {self.folder}/asked); f={self.folder}/$n.txt\n"
            f"test -e $f || f={self.folder}/{len(texts)}.txt\ncat $f\n{after}\n"
        )

    @property
    def words(self) -> tuple[str, ...]:
        """The words that have porch ask it."""
        command = f"sh {shlex.quote(str(self.folder / 'agent.sh'))} {{prompt}}"
        return "Tidy up", "--with", command, "--agent", "mine {prompt}"

    def ask(self, *more: str) -> CommandResult:
        return porch(self.project, "plan", *self.words, *more)

    @property
    def asked(self) -> list[str]:
        """The prompts that it got."""
        return (self.folder / "asked").read_text().split("\n=====\n")[:-1]


@pytest.fixture
def planner(project: Project) -> Planner:
    return Planner(project)


def traces(project: Project) -> list[str]:
    """Return what of a planner is left: worktrees, folders beside the repository, folders of porch's own."""
    beside = [path.name for path in project.root.parent.iterdir() if path.name.startswith("app.porch")]
    own = [path.name for path in (project.root / ".git/porch/throwaway").glob("*")]
    worktrees = project.git("worktree", "list", "--porcelain").count("worktree ") - 1
    return [*beside, *own, *(["worktrees"] if worktrees else [])]


def picture(project: Project) -> tuple[object, ...]:
    """Return what no planner may change."""
    files = (path for path in project.root.rglob("*") if path.is_file() and ".git" not in path.parts)
    contents = {path: path.read_bytes() for path in files}
    config, index = ((project.root / ".git" / name).read_bytes() for name in ("config", "index"))
    return contents, config, index, project.git("for-each-ref"), project.git("rev-parse", "HEAD")


def test_prose_around_yaml_with_an_unknown_key_and_a_cycle_is_sent_back_until_it_is_a_plan(planner: Planner):
    planner.answers(PROSE, GOOD)
    planner.project.write("notes", "uncommitted")

    written = planner.ask()

    assert written.code == 0, written.err
    plan = read_plan(planner.project.root / "porch.yaml").plan
    assert [(task.id, task.paths, task.estimate_s) for task in plan.tasks] == [
        ("one", ("src/app.py",), None),
        ("two", ("tests/test_two.py",), 300.0),
    ]
    assert "# It stands alone.\n  one:" in (planner.project.root / "porch.yaml").read_text()
    first, second = planner.asked
    assert "Tidy up" in first and "src/ 1 file" in first and "pytest -q" in first
    assert "unknown key 'colour'" in second and "found a cycle: one -> two -> one" in second
    assert PROSE.strip() in second, "it does not remember what it has said"
    assert traces(planner.project) == []


def test_the_checkout_is_as_it_was_but_for_the_plan(planner: Planner):
    planner.answers(GOOD)
    planner.project.write("notes", "uncommitted")
    planner.project.write("src/app.py", "x = 2\n")
    before = picture(planner.project)

    assert planner.ask("-o", "-").code == 0

    assert picture(planner.project) == before
    assert traces(planner.project) == []


def test_after_the_last_round_nothing_is_written_and_the_last_mistake_and_answer_are_named(planner: Planner):
    planner.answers(PROSE)

    failed = planner.ask("--rounds", "2")

    assert failed.code == 1
    assert len(planner.asked) == 2
    assert "no plan that can be used in 2 rounds" in failed.err and "unknown key 'colour'" in failed.err
    kept = planner.project.root / ".git/porch/plan-answer.txt"
    assert str(kept) in failed.err and kept.read_text() == PROSE
    assert not (planner.project.root / "porch.yaml").exists()
    assert traces(planner.project) == []


def test_a_planner_that_edits_files_is_found_out_and_its_edits_are_discarded(planner: Planner):
    planner.answers(GOOD, before="echo x > made.txt; echo y >> src/app.py; git commit -qam mine")
    before = picture(planner.project)

    written = planner.ask("-o", "-")

    assert written.code == 0
    assert "was to change nothing, and changed made.txt, src/app.py, HEAD (" in written.err
    assert "discarded" in written.err
    assert picture(planner.project) == before
    assert traces(planner.project) == []


def test_what_a_planner_changes_outside_of_its_worktree_is_reported(planner: Planner):
    root = planner.project.root
    planner.answers(
        GOOD, before=f"echo x > {root}/made.txt; git branch oops; git config core.hooksPath /tmp/none"
    )

    written = planner.ask("-o", "-")

    assert "your checkout changed: made.txt" in written.err
    assert "refs/heads/oops changed" in written.err
    assert "core.hookspath was set to '/tmp/none'" in written.err


@needs_bwrap
def test_behind_a_fence_it_reaches_nothing_outside(planner: Planner):
    root = planner.project.root
    # its own script would be in /tmp, and the fence has another /tmp
    script = f"echo x > {root}/made.txt; echo x > made.txt; git branch oops; git commit -q --allow-empty -m x"
    before = picture(planner.project)

    written = porch(
        planner.project, "plan", "Tidy up", "--agent", "mine {prompt}", "-o", "-", "--wrap", "bwrap",
        "--with", shlex.join(["sh", "-c", f"{script}; echo '{GOOD}'", "{prompt}"]),
    )  # fmt: skip

    assert written.code == 0, written.err
    assert "changed made.txt, HEAD (" in written.err
    assert "checkout changed" not in written.err and "oops" not in written.err
    assert picture(planner.project) == before
    assert traces(planner.project) == []


@needs_bwrap
def test_a_planner_that_a_fence_hides_is_refused(planner: Planner):
    program = planner.project.root.parent / "hidden"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)

    refused = porch(
        planner.project, "plan", "Tidy up", "--wrap", "bwrap", "--with", f"{program} {{prompt}}", "-o", "-"
    )

    assert refused.code == 3
    assert f"{program} is not there behind bwrap" in refused.err
    assert traces(planner.project) == []


def test_tasks_that_would_write_one_file_are_sent_back_and_in_the_end_pointed_out(planner: Planner):
    planner.answers(OVERLAPPING)

    written = planner.ask("-o", "-", "--rounds", "2")

    assert written.code == 0
    assert "src/app.py" in planner.asked[1] and "let one come after the other" in planner.asked[1]
    assert "# Not mended by agent: tasks one and two" in written.out


def test_more_tasks_than_are_wanted_are_sent_back(planner: Planner):
    planner.answers(GOOD, json.dumps({"tasks": json.loads(GOOD)["tasks"][:1]}))

    written = planner.ask("-o", "-", "--tasks", "1")

    assert "Make at most 1 tasks" in planner.asked[0]
    assert "2 tasks; expected at most 1" in planner.asked[1]
    assert "two:" not in written.out


@pytest.mark.parametrize(
    ("answer", "after", "expected"),
    [
        ("Which of the two parsers?", ":", "asked, and got no answer: “Which of the two parsers?”"),
        ("I am broken.", "exit 3", "could not plan: exit 3: I am broken."),
        ("", "kill -9 $$", "could not plan"),
    ],
)
def test_a_planner_that_does_not_answer_is_one_clear_message(
    planner: Planner, answer: str, after: str, expected: str
):
    planner.answers(answer, after=after)

    failed = planner.ask()

    assert failed.code == 1
    assert expected in failed.err
    assert len(planner.asked) == 1 and not (planner.project.root / "porch.yaml").exists()
    assert traces(planner.project) == []


def test_a_planner_that_takes_too_long_is_ended(planner: Planner):
    planner.answers(GOOD, before="sleep 600")

    failed = planner.ask("--timeout", "1s")

    assert failed.code == 1
    assert "--timeout" in failed.err
    assert traces(planner.project) == []


def test_a_planner_that_says_nothing_for_long_is_pointed_out(planner: Planner):
    planner.answers(GOOD, before=f"until test -e {planner.folder}/seen; do sleep 0.05; done")
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        (planner.folder / "seen").touch()

    command = ("sh", str(planner.folder / "agent.sh"), "{prompt}")
    agent = DraftAgent("quiet", command)
    request = Request("Tidy up", agent, agent, rounds=1, timeout_s=DEADLINE_S, silence_s=0.5)
    plan_with(discover(planner.project.root), request, Listener(say, lambda *_: None))

    assert "quiet has said nothing for " in said[0]


def test_without_a_goal_or_its_program_nothing_is_asked(planner: Planner):
    planner.answers(GOOD)

    without_goal = porch(planner.project, "plan", *planner.words[1:])
    without_program = porch(planner.project, "plan", "Tidy", "--with", "unheard-of-program {prompt}")
    unknown = porch(planner.project, "plan", "Tidy", "--with", "unheard-of")

    assert (without_goal.code, without_program.code, unknown.code) == (2, 3, 2)
    assert not (planner.folder / "asked").exists()


def begun(planner: Planner) -> subprocess.Popen[str]:
    """Start planning, and return when the planner is at work."""
    planner.answers(GOOD, before=f"touch {planner.folder}/begun; exec sleep 600")
    process = planner.project.begin("plan", *planner.words)
    until((planner.folder / "begun").exists, "the planner to begin")
    return process


def at_work(planner: Planner) -> list[int]:
    """Return the processes in the throw-away worktree."""
    return [one.pid for one in all_processes() if one.is_in(planner.project.root.parent / "app.porch")]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_it_ends_the_planner_and_leaves_nothing(planner: Planner, signum: signal.Signals):
    process = begun(planner)
    assert at_work(planner)

    process.send_signal(signum)
    process.send_signal(signum)

    assert process.wait(60) == 130
    assert not at_work(planner)
    assert traces(planner.project) == []
    assert not (planner.project.root / "porch.yaml").exists()
    kill(process)


def test_what_a_killed_porch_has_left_is_reported_and_removed(planner: Planner):
    kill(begun(planner))
    assert at_work(planner) and traces(planner.project)

    assert "porch clean" in planner.project.porch("doctor", expect=None).stdout
    cleaned = planner.project.porch("clean")

    assert "1 worktree of a porch plan that was killed" in cleaned.stdout
    assert not at_work(planner)
    assert traces(planner.project) == []


def test_a_worktree_that_was_only_half_made_is_removed(planner: Planner):
    planner.answers(GOOD)
    hook = planner.project.root / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\ntouch {planner.folder}/begun\nuntil test -e {planner.folder}/go; do sleep 0.05; done\n"
    )
    hook.chmod(0o755)
    process = planner.project.begin("plan", *planner.words)
    until((planner.folder / "begun").exists, "the worktree to be made")
    kill(process)
    hook.unlink()

    planner.project.porch("clean")
    (planner.folder / "go").touch()

    assert traces(planner.project) == []


def test_planning_again_removes_what_a_killed_porch_has_left(planner: Planner):
    kill(begun(planner))
    planner.answers(GOOD)

    assert planner.ask().code == 0

    assert traces(planner.project) == []
    assert not at_work(planner)


def test_two_can_plan_at_the_same_time(planner: Planner):
    process = begun(planner)
    (planner.folder / "asked").unlink()
    planner.answers(GOOD)

    assert planner.ask("-o", "-").code == 0

    assert at_work(planner), "the other is still at it"
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    kill(process)


def test_the_worktree_is_at_the_tip_and_outside_of_the_repository(planner: Planner):
    planner.answers(GOOD, before=f"git rev-parse HEAD > {planner.folder}/head; pwd > {planner.folder}/place")
    planner.project.write("src/app.py", "uncommitted\n")

    planner.ask("-o", "-")

    place = Path((planner.folder / "place").read_text().strip())
    assert (planner.folder / "head").read_text().strip() == planner.project.git("rev-parse", "main")
    assert not place.is_relative_to(planner.project.root) and not place.exists()
