"""Fences: what the plan puts before the commands of tasks, validations and the resolver."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from project import Project, until
from tests.fences import needs_bwrap

NOTING = "[env, 'FENCE={worktree} {git} {name}']"
"""A fence that only leaves a variable for those inside."""
NOTED = f"""\
wraps: {{note: {NOTING}}}
defaults: {{wrap: note}}
validate: 'test "${{FENCE%% *}}" = "$PORCH_WORKTREE"'
validate_wrap: note
tasks:
  in: {{run: 'echo $FENCE > in', checks: 'test -n "$FENCE"'}}
  out: {{run: 'test -z "$FENCE" && echo out > out', wrap: none, checks: 'test -z "$FENCE"'}}
"""


def program(path: Path, script: str = "echo tool") -> Path:
    """Write a program."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_wrap_is_before_command_and_checks_of_a_task_and_before_validations(project: Project):
    project.plan(NOTED)

    project.porch("run", "--headless")

    assert project.outcomes() == {"in": "landed", "out": "landed"}
    worktree, git, name = project.git("show", "main:in").split()
    assert (worktree, git) == (str(project.root.with_name("app-in")), str(project.root / ".git"))
    assert name.startswith("porch-in-1-")


@pytest.mark.slow
def test_a_resolver_runs_behind_its_wrap(project: Project):
    project.plan(
        "resolver: {run: 'test -n \"$FENCE\" && echo both > app.txt && git add app.txt', wrap: "
        f"{NOTING}, auto: true}}\n"
        "validate: test -f app.txt\n"
        "tasks:\n"
        "  a: {run: 'echo a > app.txt'}\n"
        "  b: {run: 'sleep 1; echo b > app.txt'}\n"
    )

    project.porch("run", "--headless")

    assert project.outcomes() == {"a": "landed", "b": "landed"}
    assert project.git("show", "main:app.txt") == "both"


def test_a_wrap_without_its_program_is_refused_with_file_and_line(project: Project):
    project.plan(
        "wraps:\n"
        "  far: [no-such-fence, x]\n"
        "defaults: {wrap: [nor-this]}\n"
        "tasks:\n"
        "  a: {run: 'true', wrap: far}\n"
        "  b: {run: 'true'}\n"
    )
    for command in (("check",), ("run", "--headless")):
        said = project.porch(*command, expect=2).stderr

        assert "porch.yaml:2:8: wraps.far: found no program no-such-fence on PATH" in said
        assert "porch.yaml:3:18: defaults.wrap: found no program nor-this on PATH" in said
    assert not (project.root / ".git" / "porch" / "runs").exists()


@needs_bwrap
def test_a_task_behind_bwrap_commits_and_lands_and_changes_nothing_outside(project: Project):
    attacks = "; ".join(
        f"echo x >> {place} && exit 9"
        for place in ("$G/config", "$G/hooks/post-commit", "~/.porch-test", "$PORCH_WORKTREE/../app-b/x")
    )
    project.plan(
        "defaults: {wrap: bwrap}\n"
        "validate: test ! -e /run/user && git add -A\n"
        "validate_wrap: bwrap\n"
        "tasks:\n"
        "  a:\n"
        "    checks: git status\n"
        "    run: |\n"
        "      G=$(git rev-parse --git-common-dir); echo one > one; git add one; git commit -qm one\n"
        f"      {attacks}\n"
        "      echo two > two; git add two; exit 0\n"
        "  b: {run: 'echo b > b'}\n"
    )
    before = (project.root / ".git" / "config").read_bytes()

    project.porch("run", "--headless")

    assert project.outcomes() == {"a": "landed", "b": "landed"}
    assert project.git("show", "main:one", "main:two") == "one\ntwo"
    assert "one" in project.git("log", "--format=%s", "main").splitlines()
    assert (project.root / ".git" / "config").read_bytes() == before


@needs_bwrap
def test_a_stop_leaves_what_is_behind_bwrap_its_grace(project: Project):
    project.plan(
        "tasks:\n"
        "  a: {wrap: bwrap, run: 'trap \"echo bye; exit 3\" TERM; echo on; while :; do sleep 0.1; done'}\n"
    )
    engine = project.begin("run", "--headless")
    log = until(
        lambda: next(iter(project.root.glob(".git/porch/runs/*/attempts/a.1/output.log")), None), "a log"
    )
    until(lambda: "on" in log.read_text(), "the command")

    project.porch("stop", "--all")
    engine.communicate(timeout=60)

    assert log.read_text().endswith("bye\n")


@needs_bwrap
def test_submodules_can_be_used_behind_bwrap_and_stay_as_they_are(project: Project):
    library = project.root.with_name("library")
    shutil.copytree(project.root, library)
    project.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "lib")
    project.commit({}, "a submodule")
    project.plan("tasks:\n  a: {wrap: bwrap, run: 'test -e lib/app.txt; git -C lib log -1 > a'}\n")

    project.porch("run", "--headless")

    assert project.outcomes() == {"a": "landed"}
    assert project.status()["noticed"] == []
    assert project.git("status", "--porcelain", cwd=project.root.with_name("app-a")) == ""


@needs_bwrap
def test_a_repository_that_a_task_makes_is_moved_aside_and_said(project: Project):
    project.plan(
        "tasks:\n  a:\n    wrap: bwrap\n    run: |\n"
        "      echo a > a; git init -q inner\n"
        "      git -C inner -c user.name=n -c user.email=e commit -q --allow-empty -m inner; git add inner\n"
    )

    project.porch("run", "--headless", expect=None)

    (noticed,) = project.status()["noticed"]
    assert "repositories behind its fence" in noticed["text"] and "inner" in noticed["text"]
    aside = project.rundir.attempt("a.1") / "repositories-behind-fence" / "0" / ".git"
    assert project.git("log", "-1", "--format=%s", cwd=aside) == "inner"


def test_check_lists_what_runs_behind_which_fence(project: Project):
    project.plan(
        "validate: 'true'\nwraps: {low: [nice]}\ntasks:\n  a: {run: 'true', wrap: low}\n  b: {run: 'true'}\n"
    )

    page = project.porch("check").stdout
    document = json.loads(project.porch("check", "--json").stdout)

    assert "low: task a" in page and "no fence: task b, validations" in page
    assert document["fences"] == [
        {"fence": "low", "commands": ["task a"]},
        {"fence": "", "commands": ["task b", "validations"]},
    ]


@needs_bwrap
def test_what_a_validation_leaves_behind_its_fence_is_not_started_for_the_next_one(project: Project):
    started = project.root.with_name("started")
    project.plan(
        "validate: |\n"
        f"  printf '#!/bin/sh\\necho x >> {started}\\n' > start; chmod +x start; git init -q sub\n"
        "  git -C sub -c user.name=n -c user.email=e commit -q --allow-empty -m sub; git add sub\n"
        "  git -C sub config core.fsmonitor $PWD/start; git reset -q; echo validated\n"
        "validate_wrap: bwrap\n"
        "tasks:\n  a: {run: 'echo a > a'}\n  b: {run: 'echo b > b', after: [a]}\n"
    )

    project.porch("run", "--headless")

    assert project.outcomes() == {"a": "landed", "b": "landed"}
    assert not started.exists()


@needs_bwrap
def test_programs_that_bwrap_hides_are_refused_with_their_lines_before_anything_runs(
    project: Project, monkeypatch: pytest.MonkeyPatch
):
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        tool = program(Path(folder, "bin", "tool"))
        monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")
        project.plan(
            f"agents: {{mine: [tool, '{{prompt}}']}}\n"
            f"setup: {tool} --setup\n"
            "validate: tool && git status\n"
            "validate_wrap: bwrap\n"
            "tasks:\n"
            "  a: {wrap: bwrap, agent: mine, prompt: hello}\n"
            f"  b: {{wrap: bwrap, run: [{tool}, x], checks: git status}}\n"
        )
        said = project.porch("run", "--headless", expect=2).stderr

    why = f"found {tool}, which is not there behind bwrap"
    assert f"porch.yaml:2:8: setup: {why}" in said
    assert f"porch.yaml:6:27: tasks.a.agent: {why}" in said
    assert not (project.root / ".git" / "porch" / "runs").exists()


@needs_bwrap
@pytest.mark.parametrize(
    "plan",
    [
        pytest.param("tasks: {a: {run: TOOL > x}}", id="no fence"),
        pytest.param("tasks: {a: {wrap: [env, A=b], run: TOOL > x}}", id="another fence"),
        pytest.param(
            "wraps: {w: {preset: bwrap, writable: [FOLDER]}}\ntasks: {a: {wrap: w, run: TOOL > x}}",
            id="a folder that is shown",
        ),
        pytest.param("tasks: {a: {wrap: bwrap, run: git log > x}}", id="the same program elsewhere too"),
    ],
)
def test_programs_that_can_be_started_are_not_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch, plan: str
):
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        tool = program(Path(folder, "tool"))
        program(Path(folder, "git"), f'exec {shutil.which("git")} "$@"')
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        project.plan(plan.replace("TOOL", str(tool)).replace("FOLDER", folder) + "\n")

        project.porch("run", "--headless")

    assert project.outcomes() == {"a": "landed"}
