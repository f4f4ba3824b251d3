"""What a task finds in its environment."""

from __future__ import annotations

import os
import subprocess

from porch_tui.process.environment import GIT_LOCAL_VARIABLES, task_environment


def test_every_variable_that_git_calls_local_is_known():
    printed = subprocess.run(
        ["git", "rev-parse", "--local-env-vars"], capture_output=True, text=True, check=True
    ).stdout

    assert {"GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"} == set(printed.split()) - GIT_LOCAL_VARIABLES


def test_variables_of_the_repository_porch_was_started_in_are_removed():
    leaked = dict.fromkeys(GIT_LOCAL_VARIABLES, "x")
    leaked |= {"GIT_CONFIG_KEY_7": "user.name", "GIT_CONFIG_VALUE_7": "beyond the count"}

    assert task_environment({}, {}) == task_environment(leaked, {})


def test_the_persons_own_variables_stay_and_the_plans_win():
    env = task_environment({"HOME": "/home/me", "CI": "jenkins", "A": "mine"}, {"A": "plan", "PAGER": "less"})

    assert (env["HOME"], env["CI"], env["A"], env["PAGER"]) == ("/home/me", "1", "plan", "less")


def test_a_task_is_not_prompted_and_shows_colors_but_no_progress_bar():
    env = task_environment({}, {})

    assert {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_EDITOR": "true",
        "PAGER": "cat",
        "PYTHONUNBUFFERED": "1",
        "FORCE_COLOR": "1",
        "CLICOLOR_FORCE": "1",
        "PY_COLORS": "1",
        "CARGO_TERM_COLOR": "always",
        "CI": "1",
        "CARGO_TERM_PROGRESS_WHEN": "never",
        "PIP_PROGRESS_BAR": "off",
    }.items() <= env.items()


def test_no_color_is_respected():
    env = task_environment({"NO_COLOR": "1"}, {})

    assert not {"FORCE_COLOR", "CLICOLOR_FORCE", "PY_COLORS", "CARGO_TERM_COLOR"} & env.keys()


def test_git_reads_the_settings_of_porch_and_those_of_the_plan(tmp_path):
    plan = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "The Plan"}
    inherited = {**os.environ, "GIT_DIR": "/nowhere", "GIT_CONFIG_COUNT": "not a number"}
    env = task_environment(inherited, plan)

    keys = ("gc.auto", "maintenance.auto", "advice.detachedHead", "user.name")
    read = [subprocess.check_output(["git", "config", key], env=env, cwd=tmp_path, text=True) for key in keys]
    assert read == ["0\n", "false\n", "false\n", "The Plan\n"]


def test_git_reads_the_persons_settings_too_and_each_next_one_wins(tmp_path):
    mine = settings(("user.name", "Me"), ("user.email", "me@example.org"), ("gc.auto", "7"))
    plan = settings(("user.name", "The Plan"))
    env = task_environment({**os.environ, **mine, "GIT_CONFIG_PARAMETERS": "'color.ui=never'"}, plan)

    keys = ("user.name", "user.email", "gc.auto", "color.ui")
    read = [subprocess.check_output(["git", "config", key], env=env, cwd=tmp_path, text=True) for key in keys]
    assert read == ["The Plan\n", "me@example.org\n", "0\n", "never\n"]


def settings(*pairs: tuple[str, str]) -> dict[str, str]:
    """Return git settings as variables."""
    keys = {f"GIT_CONFIG_KEY_{number}": key for number, (key, _) in enumerate(pairs)}
    values = {f"GIT_CONFIG_VALUE_{number}": value for number, (_, value) in enumerate(pairs)}
    return {"GIT_CONFIG_COUNT": str(len(pairs)), **keys, **values}
