"""Fences: what the plan puts before the commands of tasks, validations and the resolver."""

from __future__ import annotations

from project import Project

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


def test_a_wrap_is_before_command_and_checks_of_a_task_and_before_validations(project: Project):
    project.plan(NOTED)

    project.porch("run", "--headless")

    assert project.outcomes() == {"in": "landed", "out": "landed"}
    worktree, git, name = project.git("show", "main:in").split()
    assert (worktree, git) == (str(project.root.with_name("app-in")), str(project.root / ".git"))
    assert name.startswith("porch-in-1-")


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
