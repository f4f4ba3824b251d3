"""PATH as a person's own shell has it: real shells, with files that greet, fail and hang."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from porch_tui.process.login_shell import joined, login_path
from project import until

BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(not BASH, reason="no bash")


@pytest.fixture
def bashrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that bash reads for a person alone, in a home of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".bash_profile").write_text("case $- in *i*) . ~/.bashrc;; esac\n")
    return tmp_path / ".bashrc"


def test_what_only_an_interactive_shell_adds_to_path_is_found(bashrc: Path):
    bashrc.write_text("echo Welcome\nPATH=/opt/tools/bin:$PATH\nprintf 'no end of line'\n")

    assert login_path(BASH or "").startswith("/opt/tools/bin:")


def test_a_shell_that_ends_where_it_has_no_terminal_is_asked_as_a_script(bashrc: Path):
    bashrc.write_text("PATH=/never\ntest -t 1 || exit 1\n")
    (bashrc.parent / ".bash_profile").open("a").write("PATH=/profile:$PATH\n")

    assert login_path(BASH or "").startswith("/profile:")


@pytest.mark.slow
def test_a_shell_that_hangs_is_ended_with_all_it_started(bashrc: Path):
    bashrc.write_text("sleep 1000 & echo $! > ~/pid; wait\n")

    path = login_path(BASH or "", within_s=1)

    assert path == ""
    pid = (bashrc.parent / "pid").read_text().strip()
    until(lambda: not Path("/proc", pid).exists(), "its child to be gone")


def test_what_a_shell_leaves_running_does_not_make_it_slow(bashrc: Path):
    bashrc.write_text("sleep 1000 &\nPATH=/opt/tools/bin:$PATH\n")

    assert login_path(BASH or "", within_s=60).startswith("/opt/tools/bin:")


def test_a_program_that_is_no_shell_has_no_path():
    assert login_path("/no/such/shell") == ""
    assert login_path("/bin/false") == ""


def test_paths_are_joined_without_repetition():
    assert joined("/a:/b", "", "/b:/c:") == "/a:/b:/c"
