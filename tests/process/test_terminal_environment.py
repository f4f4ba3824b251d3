"""A step in a terminal has the environment of a person there, and nothing of where porch was started."""

from __future__ import annotations

from porch_tui.process.environment import in_terminal, task_environment

PERSON = {
    "PATH": "/bin",
    "PAGER": "less",
    "TERM": "tmux-256color",
    "TMUX": "/tmp/tmux-1000/default,1,0",
    "TMUX_PANE": "%1",
    "TERM_PROGRAM": "WezTerm",
    "WEZTERM_PANE": "3",
    "KITTY_WINDOW_ID": "1",
    "VTE_VERSION": "7000",
    "STY": "1.pts",
    "COLUMNS": "80",
    "LINES": "24",
}


def environment(inherited, additions):
    """Return what the step gets."""
    merged = task_environment(inherited, additions) | in_terminal(inherited, additions)
    return {name: value for name, value in merged.items() if value is not None}


def test_there_are_a_persons_own_pager_and_editor_and_no_sign_of_running_unattended():
    found = environment(PERSON, {})

    assert found["PAGER"] == "less"
    assert not {"CI", "GIT_EDITOR", "GIT_TERMINAL_PROMPT", "FORCE_COLOR", "PIP_PROGRESS_BAR"} & found.keys()


def test_it_is_a_terminal_of_its_own_with_all_colors():
    found = environment(PERSON, {})

    assert (found["TERM"], found["COLORTERM"]) == ("xterm-256color", "truecolor")
    others = {"TMUX", "TMUX_PANE", "TERM_PROGRAM", "WEZTERM_PANE", "KITTY_WINDOW_ID", "VTE_VERSION", "STY"}
    assert not (others | {"LINES", "COLUMNS"}) & found.keys()


def test_what_the_plan_sets_is_set():
    found = environment(PERSON, {"CI": "true", "TERM": "dumb", "PORCH_TASK": "a"})

    assert (found["CI"], found["TERM"], found["PORCH_TASK"]) == ("true", "dumb", "a")
