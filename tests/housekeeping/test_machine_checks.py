"""The machine checks of `porch doctor`, on machines that are not this one."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from porch_tui.housekeeping import machine_checks
from porch_tui.housekeeping.findings import Finding, Weight
from porch_tui.process import logout


def checked(what: str) -> list[Finding]:
    """Return the findings about one thing."""
    return [one for one in machine_checks.machine_findings() if one.what == what]


def test_a_git_that_is_too_old_is_a_problem(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(machine_checks, "git_version", lambda: (2, 20, 1))

    [git] = checked("git")

    assert (Weight.PROBLEM, True) == (git.weight, git.text.startswith("2.20.1, which cannot merge"))


def test_few_file_descriptors_are_reported_with_the_limit_that_can_be_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 4096))

    [files] = checked("open files")

    assert ("only 256 at once", True) == (files.text, files.do.startswith("ulimit -n 4096"))


def test_agents_on_the_path_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name, script in {"codex": "echo codex-cli 9.9", "pi": "exit 1"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    texts = [one.text.partition(";")[0] for one in checked("agent")]

    assert texts == ["codex: codex-cli 9.9", "pi: its version is unknown"]


def test_an_agent_without_a_login_or_key_is_named_with_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "codex").write_text("#!/bin/sh\necho 9.9\n")
    (tmp_path / "codex").chmod(0o755)
    for name in ("CODEX_HOME", "CODEX_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    (without,) = checked("agent")
    (tmp_path / ".codex").mkdir()
    (tmp_path / ".codex/auth.json").touch()
    (with_login,) = checked("agent")

    assert "no login and no key was found" in without.text and "codex login" in without.do
    assert "no login" not in with_login.text


def test_without_any_agent_porch_says_where_they_are_listed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))

    [agents] = checked("agents")

    assert "porch help agents" in agents.text


def test_fences_on_the_path_are_named_and_a_bwrap_that_may_do_nothing_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    works = {"bwrap": "echo bubblewrap 9.9", "podman": "echo podman version 9.9"}
    for broken in (False, True):
        fails = 'test "$1" = --version || { echo denied >&2; exit 1; }; ' if broken else ""
        for name, script in works.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{fails}{script}\n")
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))

        bwrap, podman = checked("fence")

        assert (podman.text, podman.weight) == ("podman version 9.9", Weight.FINE)
        assert bwrap.text.startswith("bubblewrap 9.9")
        assert bwrap.weight is (Weight.ADVICE if broken else Weight.FINE)


def test_over_ssh_porch_says_that_the_engine_outlives_the_connection(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    monkeypatch.setenv("TMUX", "/tmp/tmux")

    [terminal] = checked("terminal")

    assert terminal.text.startswith("over SSH, inside a multiplexer")


@pytest.mark.parametrize(
    ("settings", "is_reported"),
    [
        ({}, False),
        ({"logind.conf": "#KillUserProcesses=yes\n"}, True),
        (
            {"logind.conf": "#KillUserProcesses=yes\n", "logind.conf.d/a.conf": "KillUserProcesses=no\n"},
            False,
        ),
        ({"logind.conf": "KillUserProcesses=no\n", "logind.conf.d/a.conf": "KillUserProcesses=yes\n"}, True),
    ],
)
def test_a_machine_that_kills_processes_at_logout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: dict[str, str], is_reported: bool
):
    for name, text in settings.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(logout, "LOGIND", (tmp_path,))
    monkeypatch.setattr(logout, "SYSTEMD", tmp_path)
    monkeypatch.setattr(logout, "LINGERING", tmp_path / "linger")
    monkeypatch.setenv("LOGNAME", "ada")

    assert is_reported == bool(checked("logout"))

    (tmp_path / "linger").mkdir()
    (tmp_path / "linger" / "ada").touch()
    assert not checked("logout")
