"""`hooks: run`: what lands has passed the hooks of `git merge`, with the message as they changed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.journal.rundir import OUTPUT
from project import Project

PLAN = """\
hooks: run
validate: test -e README.md
tasks:
  a: {run: 'echo a > a'}
  b: {run: 'echo b > b', after: [a]}
"""
CHANGE_ID = 'git interpret-trailers --in-place --trailer "Change-Id: I$(git hash-object "$1")" "$1"\n'


def install(project: Project, name: str, script: str, folder: str = ".git/hooks") -> Path:
    """Install a hook; return its file."""
    hook = project.write(f"{folder}/{name}", f"#!/bin/sh\n{script}")
    hook.chmod(0o755)
    return hook


def failures(project: Project) -> list[str]:
    """Return the reason of each failed validation."""
    return [event.text for event in project.events(e.ValidationFailed)]


def test_a_hook_sees_what_git_merge_would_show_it(project: Project):
    seen = project.root.parent / "seen"
    look = f"git diff --cached --name-only >> {seen}; git diff --name-only >> {seen}\n"
    install(project, "pre-merge-commit", look)
    install(
        project,
        "commit-msg",
        f"git rev-parse -q --verify MERGE_HEAD >> {seen} && head -1 $1 >> {seen}; true\n",
    )
    project.plan(PLAN.replace("  b: {run: 'echo b > b', after: [a]}\n", ""))

    project.porch("run", "--headless")

    assert f"a\n{project.git('rev-parse', 'feature/a')}\nMerge branch 'feature/a': a\n" == seen.read_text()


@pytest.mark.slow
def test_a_hook_sees_everything_that_a_prefix_adds(project: Project):
    """Otherwise only the work of the last task would be checked."""
    install(project, "pre-merge-commit", "! git diff --cached --name-only | grep bad\n")
    project.plan(
        "hooks: run\ntasks:\n"
        "  a: {run: 'until test -e ../app-b/b; do sleep 0.02; done; echo > bad'}\n  b: {run: 'echo > b'}\n"
    )

    project.porch("run", "--headless", expect=1)

    assert {"a": "rejected", "b": "landed"} == project.outcomes()


def test_a_hook_that_refuses_fails_the_validation_and_its_output_is_in_the_log(project: Project):
    install(project, "pre-merge-commit", "test ! -e b || { echo no b, please; exit 3; }\n")
    project.plan(PLAN)

    project.porch("run", "--headless", expect=1)

    assert {"a": "landed", "b": "rejected"} == project.outcomes()
    assert ["hook pre-merge-commit: exit 3"] * 2 == failures(project)[:2]
    [found] = (task["reason"] for task in project.status()["tasks"] if task["id"] == "b")
    assert "hook pre-merge-commit: exit 3" in found
    [failed, *_] = project.events(e.ValidationFailed)
    assert "no b, please" in (project.rundir.validation(failed.tree, 1) / OUTPUT).read_text()


def test_a_refused_message_rejects_only_its_own_task(project: Project):
    install(project, "commit-msg", '! grep -q "feature/b\'" $1\n')
    wait = "until git log -1 --format=%B main | grep Porch-Task; do sleep 0.02; done; "
    project.plan(PLAN.replace(", after: [a]", "").replace("echo b", f"{wait}echo b"))

    project.porch("run", "--headless", expect=1)

    assert {"a": "landed", "b": "rejected"} == project.outcomes()
    assert "hook commit-msg: exit 1" in failures(project)[0]
    assert [False] == [found.passes_alone for found in project.events(e.CulpritFound)]


def test_a_landing_has_the_message_as_the_hook_left_it(project: Project):
    install(project, "commit-msg", CHANGE_ID)
    project.plan(PLAN)

    project.porch("run", "--headless")

    keys = project.git("log", "-1", "--format=%(trailers:keyonly)", "main").splitlines()
    assert ["Change-Id", "Porch-Task", "Porch-Run", "Porch-Validated"] == keys


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(CHANGE_ID, id="a trailer more"),
        pytest.param('printf "\\nSeen by no one.\\n" >> $1\n', id="a paragraph more", marks=pytest.mark.slow),
        pytest.param("sed -i.bak /Porch/d $1\n", id="trailers lost"),
        pytest.param('echo "Porch-Task: x" >> $1\n', id="a trailer like ours", marks=pytest.mark.slow),
    ],
)
def test_an_unrecorded_landing_is_found_whatever_the_hook_made_of_its_message(project: Project, script: str):
    install(project, "commit-msg", script)
    project.plan(PLAN)
    project.porch("run", "--headless")
    tip, journal = project.git("rev-parse", "main"), project.rundir.journal
    lines = journal.read_bytes().splitlines(keepends=True)
    landings = [n for n, line in enumerate(lines) if b'"Landed"' in line]
    journal.write_bytes(b"".join(lines[: landings[-1]]))

    project.porch("resume", "--headless")

    assert tip == project.git("rev-parse", "main")
    assert ["a", "b"] == [event.task for event in project.events(e.Landed)]
    assert ["b", "a"] == project.landed()


def test_a_hook_that_edits_a_file_proves_nothing(project: Project):
    install(project, "pre-merge-commit", "echo neat > README.md; git add README.md\n")
    project.plan(PLAN)

    project.porch("run", "--headless", expect=1)

    assert "it passed, but changed tracked files: README.md" in failures(project)
    assert [] == project.landed()


@pytest.mark.slow
def test_a_hook_that_hangs_is_ended_and_the_next_validation_has_a_clean_worktree(project: Project):
    stuck = project.root.parent / "stuck"
    project.plan(PLAN.replace("validate:", "validate_timeout: 1s\nvalidate:"))
    once = f"git rev-parse -q --verify MERGE_HEAD && test ! -e {stuck} && touch {stuck} && sleep 600\n"
    install(project, "commit-msg", f"{once}exit 0\n")

    project.porch("run", "--headless")

    assert ["hook commit-msg: not finished within 1 s"] == failures(project)
    assert ["b", "a"] == project.landed()


def test_hooks_in_the_tree_are_those_of_the_combined_state(project: Project):
    install(project, "pre-merge-commit", "test ! -e strict -o ! -e b\n", folder=".husky")
    project.git("config", "core.hooksPath", ".husky")
    project.plan(PLAN.replace("echo a > a", "echo > strict"))

    project.porch("run", "--headless", expect=1)

    assert {"a": "landed", "b": "rejected"} == project.outcomes()


def test_hooks_alone_are_a_validation(project: Project):
    install(project, "pre-merge-commit", "test ! -e b\n")
    project.plan(PLAN.replace("validate: test -e README.md\n", ""))

    project.porch("run", "--headless", expect=1)

    assert {"a": "landed", "b": "rejected"} == project.outcomes()
    assert "Porch-Validated: " in project.git("log", "-1", "--format=%B", "main")


def test_hooks_are_not_run_unless_the_plan_says_so(project: Project):
    project.plan(PLAN.replace("hooks: run\n", ""))
    install(project, "pre-merge-commit", "exit 1\n")
    install(project, "commit-msg", "! grep Merge $1\n")

    project.porch("run", "--headless")

    assert ["b", "a"] == project.landed()


def test_a_known_state_is_not_validated_again_but_its_message_is_checked(project: Project):
    ran = project.root.parent / "ran"
    install(project, "pre-merge-commit", f"echo >> {ran}\n")
    install(project, "commit-msg", CHANGE_ID)
    project.plan(
        "worktree: ../{repo}-{run}-{task}\nbranch: '{run}/{task}'\n"
        "hooks: run\ntasks: {a: {run: 'echo a > a'}}\n"
    )
    project.porch("run", "--headless")
    project.porch("undo")
    assert 2 == len(ran.read_text().splitlines()), "the base and the task's work"
    project.porch("close")

    project.porch("run", "--headless")

    assert 2 == len(ran.read_text().splitlines())
    assert [True, True] == [bool(passed.from_run) for passed in project.events(e.ValidationPassed)]
    assert "Change-Id: " in project.git("log", "-1", "--format=%B", "main")


def test_a_changed_hook_needs_a_new_validation(project: Project):
    hook = install(project, "pre-merge-commit", "exit 0\n")
    project.plan("hooks: run\ntasks: {a: {run: 'true'}}\n")
    project.porch("run", "--headless")
    hook.write_text("#!/bin/sh\nexit 10\n")
    project.git("branch", "-m", "feature/a", "elsewhere")
    project.git("worktree", "unlock", "../app-a")
    project.git("worktree", "remove", "../app-a")

    project.porch("run", "--headless", expect=None)

    assert ["hook pre-merge-commit: exit 10"] * 2 == failures(project)


def test_hooks_do_not_wait_for_locks_of_other_git_commands(project: Project):
    """Any git command that deletes a ref has packed-refs.lock, also during two validations."""
    lock = project.root / ".git" / "packed-refs.lock"
    install(project, "pre-merge-commit", f"touch {lock}\n")
    install(project, "commit-msg", f"! git rev-parse -q --verify MERGE_HEAD || touch {lock}\n")
    project.plan(f"hooks: run\nvalidate: rm -f {lock}\ntasks: {{a: {{run: 'echo > a'}}}}\n")

    project.porch("run", "--headless")

    assert ["a"] == project.landed()
