"""Commands of a person's own: from their settings to a program in the worktree of a task, and its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.cli import main
from porch_tui.cli.screen.keymap import checked_keys
from porch_tui.cli.screen.own_command import started
from porch_tui.cli.settings import read_settings
from porch_tui.errors import RefusedError
from porch_tui.present.own_commands import OwnCommand, filled, variables
from project import Project, until
from tests.cli.screen.in_terminal import terminal

FACTS = {"run": "r1", "target": "main", "root": "/repo", "task": "a b", "branch": "feature/a b"}


def written(folder: Path, text: str) -> Path:
    (folder / "porch").mkdir(exist_ok=True)
    file = folder / "porch/settings.toml"
    file.write_text(text)
    return file


def test_placeholders_are_filled_into_single_words_and_doubled_braces_stay(tmp_path: Path) -> None:
    words = ("gh", "--head={branch}", "{task}{run}", "awk '{{print}}'", "{ }")

    assert ("gh", "--head=feature/a b", "a br1", "awk '{print}'", "{ }") == filled(words, FACTS)
    assert "feature/a b" == variables(FACTS)["PORCH_BRANCH"]


def test_a_command_runs_in_its_folder_with_the_facts_and_its_end_is_known(tmp_path: Path) -> None:
    own = OwnCommand(
        "f7", ("sh", "-c", 'echo "$PWD $PORCH_TASK $1"; read x; exit 3', "sh", "{branch}"), "say"
    )

    running = started(own, FACTS, tmp_path, tmp_path / "texts/out.log")
    until(lambda: running.code() is not None, "the command has not ended")

    assert (3, f"{tmp_path} a b feature/a b\n") == (running.code(), running.output.read_text())


def test_stopping_ends_it_with_all_it_has_started_and_the_second_time_for_good(tmp_path: Path) -> None:
    script = (
        "trap '' TERM; (trap - TERM; echo begun; sleep 600); echo child gone; while :; do sleep 0.1; done"
    )
    running = started(OwnCommand("f7", ("sh", "-c", script), "x"), {}, tmp_path, tmp_path / "texts/out.log")
    until(lambda: "begun" in running.output.read_text(), "it has not begun")

    running.stop()
    until(lambda: "child gone" in running.output.read_text(), "its child was not asked to end")
    assert running.code() is None
    running.stop()
    until(lambda: running.code() is not None, "it lives")
    assert -9 == running.code()


def test_a_program_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="no-such-program could not be started: No such file"):
        started(OwnCommand("f7", ("no-such-program",), "x"), {}, tmp_path, tmp_path / "texts/out.log")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('key = "f7"\nrun = ["a", "{brnch}"]', 3, "found the placeholder {brnch}; expected {run}, {target}"),
        (
            'key = "f7"\nrun = ["a", "{task}"]\non = "run"',
            3,
            "{task}; expected {run}, {target}, {root}, or",
        ),
        ('key = "f7"', 1, "found nothing for run; expected a list of words"),
        ('run = ["a"]', 1, "found nothing for key; expected the name of one key"),
        ('key = "f7"\nrun = "gh pr"', 3, 'found "gh pr" for run'),
        ('key = "f7"\nrun = ["a"]\non = "all"', 4, 'found "all" for on; expected "task" or "run"'),
        (
            'key = "f7"\nrun = ["a"]\nonn = "run"',
            4,
            "a command is called 'onn'; did you mean 'on'?",
        ),
        ('key = "f7"\nrun = ["a"]\nlabel = 3', 4, "found 3 for label"),
    ],
)
def test_a_mistake_is_reported_with_its_line_and_the_other_commands_stay(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    good = '\n[[commands]]\nkey = "f8"\nrun = ["true"]\n'
    file = written(tmp_path, f"[[commands]]\n{text}{good}")

    settings = read_settings(file)

    (warning,) = settings.warnings
    assert warning.startswith(f"{file}:{line}: ") and words in warning
    assert [OwnCommand("f8", ("true",), "true")] == [*settings.commands]


def test_a_key_of_porch_is_not_taken_unless_it_is_given_up(tmp_path: Path) -> None:
    command = '[[commands]]\nkey = "X"\nrun = ["true"]\n'
    file = written(tmp_path, command)
    keys = checked_keys(read_settings(file))
    assert [""] == [own.key for own in keys.commands]
    assert f"{file}:1: X is the key of " in keys.warnings[0] and "in the palette" in keys.warnings[0]

    given_up = '[keys]\ntask.kill = "f9"\nconflict.abort = "f9"\n'
    keys = checked_keys(read_settings(written(tmp_path, f"{given_up}{command}")))
    assert (["X"], ()) == ([own.key for own in keys.commands], keys.warnings)


def test_its_key_shows_what_it_prints_and_how_it_ended_and_q_goes_back(
    ended: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(
        tmp_path,
        '[[commands]]\nkey = "f7"\nlabel = "who"\n'
        'run = ["sh", "-c", "echo it is $PORCH_TASK on {branch}; exit 4"]\n',
    )
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with terminal(monkeypatch, columns=200) as shown:
        shown.press_once_shown(b"who", b"\x1b[18~")
        shown.press_once_shown(b"exit 4", b"q", b"q")
        code = main(["attach", "-C", str(ended.root)])

    assert 0 == code
    assert b"it is good on feature/good" in shown.output
