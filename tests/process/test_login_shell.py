"""The environment as a person's own shell has it: real shells, with files that greet, fail and hang."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from porch_tui.process.login_shell import joined, login_environment
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

    assert login_environment(BASH or "")["PATH"].startswith("/opt/tools/bin:")


def test_what_it_exports_is_found_whatever_is_in_it_and_nothing_about_the_shell_itself(bashrc: Path):
    bashrc.write_text(
        "export NVM_DIR=/opt/nvm TWO=$'a\\nPATH=/lies\\nb' TMOUT=5\nNOT=exported\nf() { :; }; export -f f\n"
    )

    found = login_environment(BASH or "")

    assert (found["NVM_DIR"], found["TWO"]) == ("/opt/nvm", "a\nPATH=/lies\nb")
    assert not found.keys() & {"NOT", "TMOUT", "SHLVL", "PWD", "_"}
    assert all(name.isidentifier() for name in found)


def test_a_shell_that_ends_where_it_has_no_terminal_is_asked_as_a_script(bashrc: Path):
    bashrc.write_text("PATH=/never\ntest -t 1 || exit 1\n")
    (bashrc.parent / ".bash_profile").open("a").write("PATH=/profile:$PATH\n")

    assert login_environment(BASH or "")["PATH"].startswith("/profile:")


@pytest.mark.slow
def test_a_shell_that_hangs_is_ended_with_all_it_started(bashrc: Path):
    bashrc.write_text("sleep 1000 & echo $! > ~/pid; wait\n")

    found = login_environment(BASH or "", within_s=1)

    assert found == {}
    pid = (bashrc.parent / "pid").read_text().strip()
    until(lambda: not Path("/proc", pid).exists(), "its child to be gone")


def test_what_a_shell_leaves_running_does_not_make_it_slow(bashrc: Path):
    bashrc.write_text("sleep 1000 &\nPATH=/opt/tools/bin:$PATH\n")

    assert login_environment(BASH or "", within_s=60)["PATH"].startswith("/opt/tools/bin:")


def test_a_program_that_is_no_shell_exports_nothing():
    assert login_environment("/no/such/shell") == {}
    assert login_environment("/bin/false") == {}


def test_paths_are_joined_without_repetition():
    assert joined("/a:/b", "", "/b:/c:") == "/a:/b:/c"
