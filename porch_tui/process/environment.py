"""The environment of a task's processes: the person's own, adapted to running unattended.

Nothing is read from this process here; the caller passes what is inherited.
"""

from __future__ import annotations

from collections.abc import Mapping

MARK = "PORCH_ATTEMPT_DIRECTORY"
"""The variable that tells which attempt a process belongs to, in case its shim is killed."""

GIT_LOCAL_VARIABLES = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
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
"""Those of `git rev-parse --local-env-vars` that would send git to another repository.

GIT_CONFIG_COUNT and GIT_CONFIG_PARAMETERS stay: a person may configure git with them."""

UNATTENDED = {
    "CI": "1",
    "CARGO_TERM_PROGRESS_WHEN": "never",
    "GIT_EDITOR": "true",
    "GIT_TERMINAL_PROMPT": "0",
    "PAGER": "cat",
    "PIP_PROGRESS_BAR": "off",
    "PYTHONUNBUFFERED": "1",
}
"""No questions, no editor, no pager, no progress bars, and unbuffered output."""

COLORED = {
    "CARGO_TERM_COLOR": "always",
    "CLICOLOR_FORCE": "1",
    "FORCE_COLOR": "1",
    "PY_COLORS": "1",
}
"""Colors, although output goes to a file. Left out when the person has set NO_COLOR."""

OUTER = frozenset({"COLUMNS", "INSIDE_EMACS", "LINES", "STY", "TERMINAL_EMULATOR", "VTE_VERSION", "WINDOWID"})
OUTER_PREFIXES = (
    "ALACRITTY_", "GHOSTTY_", "ITERM_", "KITTY_", "KONSOLE_", "LC_TERMINAL", "TERM_PROGRAM", "TERM_SESSION_",
    "TMUX", "WEZTERM_", "WT_", "ZELLIJ",
)  # fmt: skip
"""What says in which terminal a person has started porch; a task's own is another one."""

TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
"""What a task's terminal can do."""

GIT_SETTINGS = (("gc.auto", "0"), ("maintenance.auto", "false"), ("advice.detachedHead", "false"))
"""git's own housekeeping would outlive the command that started it, as an orphan process."""


def task_environment(inherited: Mapping[str, str], additions: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a task; `additions` (the plan's, PORCH_…) override everything.

    git settings in variables (GIT_CONFIG_COUNT) are kept: the person's, then the plan's, porch's last.
    """
    numbered = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")  # renumbered below
    kept = {
        name: value
        for name, value in inherited.items()
        if name not in GIT_LOCAL_VARIABLES and not name.startswith(numbered)
    }
    colors = {} if inherited.get("NO_COLOR") else COLORED
    pairs = (*_pairs(inherited), *_pairs(additions), *GIT_SETTINGS)
    settings = {"GIT_CONFIG_COUNT": str(len(pairs))}
    for number, (key, value) in enumerate(pairs):
        settings[f"GIT_CONFIG_KEY_{number}"] = key
        settings[f"GIT_CONFIG_VALUE_{number}"] = value
    return {**kept, **UNATTENDED, **colors, **additions, **settings}


def in_terminal(inherited: Mapping[str, str], additions: Mapping[str, str]) -> dict[str, str | None]:
    """Return what differs from `task_environment` in a terminal into which people step; None: not set.

    There are questions, editors and pagers there, the person's own, and colors as in any terminal.
    """
    own = {name: inherited.get(name) for name in (*UNATTENDED, *COLORED)}
    outer = dict.fromkeys(name for name in inherited if name in OUTER or name.startswith(OUTER_PREFIXES))
    differences = {**own, **outer, **TERMINAL}
    return {name: value for name, value in differences.items() if name not in additions}


def with_open_stdin(inherited: Mapping[str, str], additions: Mapping[str, str]) -> dict[str, str | None]:
    """Return what differs from `task_environment` where people write to the standard input; None: not set.

    With CI=1 programs ask nothing.
    """
    return {} if "CI" in additions else {"CI": inherited.get("CI")}


def _pairs(variables: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the git settings among variables, without those that git would refuse to read."""
    count = variables.get("GIT_CONFIG_COUNT", "")
    numbers = range(int(count)) if count.isascii() and count.isdecimal() and len(count) < 6 else ()
    found = ((variables.get(f"GIT_CONFIG_KEY_{n}"), variables.get(f"GIT_CONFIG_VALUE_{n}")) for n in numbers)
    return [(key, value) for key, value in found if key is not None and value is not None]
