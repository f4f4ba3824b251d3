"""What the README says of other machines is run as it stands: two machines over SSH, and a box for agents."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import Project
from tests.places.network import two_hosts
from tests.places.podman import IMAGE_OPTIONS, podman_with_image

pytestmark = pytest.mark.slow
README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def block(after: str, language: str) -> str:
    """Return the first block of a language in the section on other machines, behind some words."""
    _, found, section = README.partition("## Other machines\n")
    _, also, rest = section.partition(after)
    assert found and also, after
    return rest.partition(f"```{language}\n")[2].partition("```")[0]


def run_block(project: Project, text: str, path: str) -> list[subprocess.CompletedProcess[str]]:
    """Run the lines of a block, each of which must succeed."""
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{path}"}
    lines = [line for line in text.splitlines() if line.strip()]
    return [
        subprocess.run(
            ["bash", "-c", line], cwd=project.root, env=env, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL,
        )
        for line in lines
    ]  # fmt: skip


def test_two_machines_over_ssh(tmp_path: Path):
    project = Project(tmp_path)
    project.plan("tasks: {a: {run: 'echo a > a'}, b: {run: 'echo b > b'}}\n")
    with two_hosts(tmp_path / "net") as network:
        doctor, run = run_block(project, block("machines over SSH:", "sh"), network.env["PATH"])

    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    assert doctor.stdout.count("✓ git: 2.") == 2
    assert run.returncode == 0, run.stdout + run.stderr
    assert project.outcomes() == {"a": "landed", "b": "landed"}
    assert {event.place for event in project.events(e.AttemptScheduled)} <= {"ssh:big", "ssh:mini"}


@pytest.fixture
def podman(tmp_path: Path) -> Iterator[str]:
    """A PATH with a podman that has the README's image, and what it takes to start on any machine."""
    with podman_with_image("my-image") as client:
        program = tmp_path / "bin/podman"
        program.parent.mkdir()
        program.write_text(
            f'#!/bin/sh\nword=$1; shift\ntest $word != run || set -- {" ".join(IMAGE_OPTIONS)} "$@"\n'
            f'exec {shutil.which("podman")} {" ".join(client[1:])} $word "$@"\n'
        )
        program.chmod(0o755)
        yield f"{program.parent}:{os.environ['PATH']}"


def test_a_box_for_agents(tmp_path: Path, podman: str):
    project = Project(tmp_path)
    project.plan(f"{block('container for agents', 'yaml')}tasks: {{a: {{run: 'ls / > seen'}}}}\n")
    (words,) = re.findall(r"A container for agents, in the plan, and then `(porch run [^`]*)`", README)

    (run,) = run_block(project, words, podman)
    (clean,) = run_block(project, "porch clean", podman)

    assert run.returncode == 0, run.stdout + run.stderr
    assert project.outcomes() == {"a": "landed"}
    assert "home" not in project.git("show", "main:seen").split(), "it has not seen this machine's files"
    assert "taken away: the place porch-" in clean.stdout
