"""The plan that `porch init` writes: commented, fitting the repository, and running as it is.

Guesses from the names of tracked files only; looks at no disk. Its tasks make small
files in a folder of their own, so that trying porch costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import Template

from porch_tui.core.files.near_tests import setup_for, validation_of
from porch_tui.planfile.values.to_plan import name_from

PLAN = Template("""\
# What porch should do in this repository. Look first: porch check. Then: porch run.
# It runs as it is. Every key is explained by `porch schema`, which editors complete from.
name: "$name"
goal: Try porch on three small tasks        # free text, quoted in the report

# Each task gets a worktree and a branch of its own, made from one commit.
# target: main                              # branch the work lands on; default: the one checked out
# worktree: "../{repo}-{task}"
# branch: "feature/{task}"
# copy: [.env]                              # ignored files that a worktree needs
# pool: 4                                   # worktrees that porch clean keeps warm for the next run
# env: {PYTHONHASHSEED: "0"}
# slots: auto                               # how many tasks run at once

# Once in each new worktree, before the task.
$setup

# Must pass on the combined state before anything lands.
$validate
# hooks: run                               # so must git's hooks pre-merge-commit and commit-msg
# defaults: {timeout: 10m}                 # any task key, for all tasks that have none of their own

# Coding agents on PATH, started so that they work unattended: see porch help agents.
# agents:
$agents# resolver: {agent: $agent}                   # proposes what to do when two tasks collide; you decide

tasks:
  # hello and world run side by side; `paths` is what a task says it will write.
  hello:
    title: Say hello
    run: mkdir -p $folder && echo hello > $folder/hello.txt
    paths: [$folder/hello.txt]
  world:
    title: Say world
    run: mkdir -p $folder && echo world > $folder/world.txt
    paths: [$folder/world.txt]
  together:
    title: Put both together
    after: [hello, world]                   # starts when these have landed
    run: cat $folder/hello.txt $folder/world.txt > $folder/together.txt
    paths: [$folder/together.txt]
    # Must pass in the task's own worktree.
    checks: test -s $folder/together.txt
#  review:
#    kind: check                            # nothing of it is merged
#    run: ruff check .
#  auth:
#    agent: $agent                            # an entry of agents, with a prompt, instead of run
#    prompt: Split src/auth into one module for sessions and one for tokens.
""")


def starting_plan(
    repository_name: str,
    tracked: Sequence[str],
    agents: Sequence[tuple[str, str]] = (),
    is_on_path: Callable[[str], bool] = lambda program: True,
) -> str:
    """Return a plan file for a repository by its tracked paths.

    `agents` are the presets found on PATH, each with what it permits. Of the commands for the whole
    repository, those of a program that is not on PATH are comments.
    """
    validate = validation_of(tracked)
    setup = setup_for(validate, tracked)
    taken = {path.partition("/")[0] for path in tracked}
    offered = "".join(f"#   # {name} {permits}\n#   {name}: {{preset: {name}}}\n" for name, permits in agents)
    names = ("porch-example", *(f"porch-example-{number}" for number in range(2, len(taken) + 3)))
    return PLAN.substitute(
        name=name_from(repository_name),
        setup=_entry("setup", setup, is_on_path) if setup else "# setup: make build",
        validate=_entry("validate", validate, is_on_path) if validate else "# validate: make test",
        folder=next(name for name in names if name not in taken),
        agents=offered or "#   fast: {preset: codex}                 # none that porch knows is here\n",
        agent=agents[0][0] if agents else "fast",
    )


def _entry(key: str, command: str, is_on_path: Callable[[str], bool]) -> str:
    """Return a command of the plan, as a comment if it could not be started."""
    program = command.partition(" ")[0]
    line = f"{key}: {command}"
    return line if is_on_path(program) else f"# {line:<42}# {program} is not on PATH"
