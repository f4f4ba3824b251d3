"""Compose the environment that a task's processes get: the person's own, made fit for running unattended.

Nothing is read from this process here; the caller says what is inherited.
"""

from __future__ import annotations

from collections.abc import Mapping

GIT_LOCAL_VARIABLES = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
"""What `git rev-parse --local-env-vars` prints: inherited, each would send git to another repository."""

UNATTENDED = {
    "CI": "1",
    "CARGO_TERM_PROGRESS_WHEN": "never",
    "GIT_EDITOR": "true",
    "GIT_TERMINAL_PROMPT": "0",
    "PAGER": "cat",
    "PIP_PROGRESS_BAR": "off",
    "PYTHONUNBUFFERED": "1",
}
"""No questions, no editor, no pager, no progress bars, and output when it is written."""

COLOURED = {
    "CARGO_TERM_COLOR": "always",
    "CLICOLOR_FORCE": "1",
    "FORCE_COLOR": "1",
    "PY_COLORS": "1",
}
"""Colours, although output goes to a file. Left out when the person has set NO_COLOR."""

GIT_SETTINGS = (("gc.auto", "0"), ("maintenance.auto", "false"), ("advice.detachedHead", "false"))
"""git's own housekeeping would outlive the command that began it, as a process of nobody's."""


def task_environment(
    inherited: Mapping[str, str],
    additions: Mapping[str, str],
    git_local_variables: frozenset[str] = GIT_LOCAL_VARIABLES,
) -> dict[str, str]:
    """Return the whole environment of a task; `additions` (the plan's, PORCH_…) win over everything.

    git settings among the additions (GIT_CONFIG_COUNT) are kept, with porch's behind them.
    """
    kept = {name: value for name, value in inherited.items() if not _is_of_git(name, git_local_variables)}
    colours = {} if inherited.get("NO_COLOR") else COLOURED
    return {**kept, **UNATTENDED, **colours, **additions, **_git_settings(additions)}


def _is_of_git(name: str, git_local_variables: frozenset[str]) -> bool:
    return name in git_local_variables or name.startswith(("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"))


def _git_settings(additions: Mapping[str, str]) -> dict[str, str]:
    count = additions.get("GIT_CONFIG_COUNT", "")
    first = int(count) if count.isdecimal() else 0
    settings = {"GIT_CONFIG_COUNT": str(first + len(GIT_SETTINGS))}
    for number, (key, value) in enumerate(GIT_SETTINGS, start=first):
        settings[f"GIT_CONFIG_KEY_{number}"] = key
        settings[f"GIT_CONFIG_VALUE_{number}"] = value
    return settings
