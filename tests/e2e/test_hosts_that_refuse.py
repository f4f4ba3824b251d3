"""Hosts over ssh that do not let porch in: ssh's last line and what to do; no prompt, and nothing changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from in_process import porch

from project import Project
from tests.places.sshd import Sshd, free_port

pytestmark = pytest.mark.slow
NEW_KEY = "its key is new here, or another than before: connect once by hand, and compare it: ssh big"
BY_HAND = "porch answers no prompt: make this work without one: ssh big true"
NO_NAME = "mend the name, or add it to ~/.ssh/config"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sshd]:
    with Sshd(tmp_path / "sshd", "PasswordAuthentication yes") as made:
        monkeypatch.setenv("PATH", f"{made.client()}:{os.environ['PATH']}")
        yield made


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.plan("tasks: {a: {run: 'echo a > a'}}\n")
    return made


def without_key(server: Sshd) -> None:
    (server.folder / "authorized_keys").write_text("")


def with_unknown_host(server: Sshd) -> None:
    server.known_hosts.write_text("")


def with_another_key_than_before(server: Sshd) -> None:
    key = (server.folder / "user_key.pub").read_text()
    server.known_hosts.write_text(f"[127.0.0.1]:{server.port} {key}")


@pytest.mark.parametrize(
    ("spoil", "said", "do"),
    [
        (without_key, "Permission denied (publickey,password)", BY_HAND),
        (with_unknown_host, "Host key verification failed", NEW_KEY),
        (with_another_key_than_before, "Host key verification failed", NEW_KEY),
        (Sshd.close, "Connection refused", "see that it is on, and that sshd runs there"),
    ],
)
def test_a_host_that_lets_no_one_in_without_a_prompt_is_refused_by_run_and_doctor(
    project: Project, server: Sshd, spoil, said: str, do: str
):
    spoil(server)
    known = server.known_hosts.read_bytes()
    before = state(project)

    run, doctor = (
        porch(project, "run", "--headless", "--on", "ssh:big"),
        porch(project, "doctor", "--on", "ssh:big"),
    )

    assert (run.code, doctor.code) == (1, 3)
    (line,) = (line for line in run.err.splitlines() if line.startswith("  ssh:big: "))
    assert line.endswith(f"{said}; {do}")
    shown = doctor.out.splitlines()
    assert shown[:1] == ["ssh:big"] and shown[1].endswith(said) and shown[2].strip() == do
    assert server.known_hosts.read_bytes() == known
    assert state(project) == before


def test_names_and_ports_that_lead_nowhere_are_refused_as_ssh_says(project: Project, server: Sshd):
    before = state(project)

    name = porch(project, "run", "--headless", "--on", "ssh:no-such-host.invalid")
    address = porch(project, "run", "--headless", "--on", f"ssh:me@[::1]:{free_port()}")

    assert (name.code, address.code) == (1, 1)
    assert (
        f"Could not resolve hostname no-such-host.invalid: Name or service not known; {NO_NAME}" in name.err
    )
    assert "ssh: connect to host ::1 port" in address.err
    assert state(project) == before


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("ssh:-oProxyCommand=touch made", "which ssh would take for an option"),
        ("ssh:", "names no host"),
        ("ssh:big:70000", "expected a number from 1 to 65535"),
        ("ssh:big,ssh:big", "'ssh:big' twice"),
    ],
)
def test_what_is_no_host_is_refused_before_ssh_is_started(project: Project, word: str, said: str):
    before = state(project)

    for verb in (("run", "--headless"), ("check",), ("doctor",)):
        done = porch(project, *verb, "--on", word)
        assert done.code == 2
        assert done.err.startswith("porch: --on: found ") and said in done.err and done.err.count("\n") == 1

    assert state(project) == before


def state(project: Project) -> tuple[str, ...]:
    """Return what a run that is refused leaves as it was."""
    runs = project.root / ".git/porch/runs"
    return (
        project.git("for-each-ref"),
        project.git("status", "--porcelain", "--ignored"),
        project.git("worktree", "list"),
        str(sorted(runs.iterdir()) if runs.is_dir() else []),
    )
