"""Completions come from the parser, so every command and option people are printed of is in them."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from in_process import porch

from porch_tui.cli.commands.completion import commands
from project import Project

SHELLS = ["bash", "zsh", "fish"]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_option_is_in_the_script(project: Project, shell: str):
    script = porch(project, "completion", shell).out

    for command in commands():
        assert command.name in script
        for flag in command.flags:
            for name in flag.names:
                spelt = (
                    name
                    if shell != "fish"
                    else f"-l {name[2:]}"
                    if name.startswith("--")
                    else f"-s {name[1:]}"
                )
                assert spelt in script


def test_what_is_not_for_people_is_not_offered():
    names = {command.name for command in commands()}

    assert "engine" not in names
    assert {"run", "status", "clean", "resume-tasks"} <= names


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_can_read_it(project: Project, shell: str):
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} here")
    script = porch(project, "completion", shell).out

    done = subprocess.run([program, "-n"], input=script, capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["re"], {"resume", "report", "resume-tasks", "retry", "requeue", "release", "reload", "resolve"}),
        (["report", "--format", "m"], {"md"}),
        (["clean", "--d"], {"--dry-run"}),
        (["completion", "z"], {"zsh"}),
        (["pause", "--run", "2"], {"RUN"}),
        (["status", "2"], {"RUN"}),
        (["wait", "--for", "n"], {"needs-you"}),
        (["init", "--for", "c"], {"claude", "codex"}),
    ],
)
def test_bash_completes(ended: Project, words: list[str], offered: set[str]):
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")
    line = " ".join(f"'{word}'" for word in words)
    script = porch(ended, "completion", "bash").out
    script += (
        f'COMP_WORDS=(porch {line}); COMP_CWORD={len(words)}; _porch; printf "%s\\n" "${{COMPREPLY[@]}}"\n'
    )

    done = subprocess.run([bash, "-c", script], cwd=ended.root, capture_output=True, text=True, check=True)

    run = ended.rundir.run
    assert {run if word == "RUN" else word for word in offered} == set(done.stdout.split())


def test_an_unknown_shell_is_exit_2(project: Project):
    assert 2 == porch(project, "completion", "tcsh").code
