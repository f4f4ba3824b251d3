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
from tests.tui.pty_harness import PtyProgram

ATTACH = "import sys; from porch_tui.cli import main; sys.exit(main(['attach', '-C', sys.argv[1]]))"
ON_TERMINAL = """
import sys
from pathlib import Path
from porch_tui.cli.screen.own_command import run_on_terminal
from porch_tui.present.own_commands import OwnCommand

words = ("sh", "-c", sys.argv[1], "sh", "{task}")
print("said:", repr(run_on_terminal(OwnCommand("f7", words, "ask"), {"task": "a b"}, Path.cwd())))
"""
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
    with pytest.raises(RefusedError, match="no-such-program could not be started: there is no such program"):
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
        ('key = "f7"\nrun = ["a"]\nterminal = "yes"', 4, 'found "yes" for terminal; expected true or false'),
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


def answered(shown: PtyProgram, number: int, row: int) -> None:
    """Wait for the question where the cursor is, asked for the so manyth time, and answer it."""
    shown.read_until(lambda: shown.output.count(b"\x1b[6n") == number, "the question for the cursor")
    shown.send(f"\x1b[{row};1R")


def test_on_the_terminal_it_reads_keys_and_what_it_leaves_there_is_read_before_the_screen_comes_back() -> (
    None
):
    script = 'test -t 0 && test -t 1 && read answer && echo "$PORCH_TASK, $1: $answer"; exit 4'
    with PtyProgram(ON_TERMINAL, script, columns=100) as shown:
        answered(shown, 1, 3)
        shown.send("fine\r")
        answered(shown, 2, 5)
        shown.read_until_shown("porch: exit 4; enter goes back to the screen")
        assert any("a b, a b: fine" in line for line in shown.screen())
        shown.send("x\r")
        shown.read_until_shown("said: 'ask: exit 4'")
        assert 0 == shown.wait()
        assert shown.is_as_before


def test_one_that_leaves_the_cursor_where_it_was_goes_back_at_once() -> None:
    with PtyProgram(ON_TERMINAL, "printf '\\033[?1049h'; read x; printf '\\033[?1049l'") as shown:
        answered(shown, 1, 3)
        shown.send("\r")
        answered(shown, 2, 3)
        shown.read_until_shown("said: ''")
        assert 0 == shown.wait()


@pytest.mark.slow
def test_one_that_takes_the_terminal_has_it_to_itself_and_gives_it_back(
    ended: Project, tmp_path: Path
) -> None:
    written(
        tmp_path,
        '[[commands]]\nkey = "f7"\nlabel = "ask"\nterminal = true\n'
        """run = ["sh", "-c", "stty -echo raw; echo it is $PORCH_TASK on {branch}; kill -9 $$"]\n"""
        '[[commands]]\nkey = "f8"\nlabel = "missing"\nterminal = true\nrun = ["no-such-program"]\n',
    )
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    with PtyProgram(ATTACH, str(ended.root), columns=140, rows=30, environ=environ) as shown:
        shown.read_until_shown("need you")
        shown.send("\x1b[18~")
        answered(shown, 1, 3)
        shown.read_until_bytes(b"it is good on feature/good")
        answered(shown, 2, 4)
        shown.read_until_bytes(b"ended by signal 9; enter goes back to the screen")
        shown.send("\r")
        shown.read_until_shown("ask: ended by signal 9")
        shown.send("\x1b[19~")
        answered(shown, 3, 3)
        shown.read_until_shown("no-such-program could not be started: there is no such program")
        shown.send("q")
        assert 0 == shown.wait()
        assert shown.is_as_before
