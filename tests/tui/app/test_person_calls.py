"""What the person's terminal is given when something needs them: title, bell and notification."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.tui.pty_harness import PtyProgram
from tests.tui.recordings import Recording

APP = """
import sys
from pathlib import Path
from porch_tui.journal.rundir import RunDir
from porch_tui.session.session import Session
from porch_tui.present.notify import Notify
from porch_tui.tui.app.run import run_screen
from porch_tui.tui.terminal.options import options_for
path, bell, title, notify = sys.argv[1:]
options = options_for(has_bell=bell == "1", has_title=title == "1", notify=Notify(notify))
run_screen(Session(RunDir(Path(path))), options)
"""

pytestmark = pytest.mark.slow  # each starts a program in a terminal of its own


def under_way(folder: Path) -> Recording:
    return Recording(folder, ["one", "two", "three"], validate=False).start("one", "two", "three")


def screen(run: Recording, *, bell: bool = True, title: bool = True, notify: str = "off", **env: str):
    return PtyProgram(APP, str(run.rundir.path), str(int(bell)), str(int(title)), notify, environ=env)


def test_the_title_is_set_follows_the_run_and_is_given_back(tmp_path: Path) -> None:
    run = under_way(tmp_path)
    with screen(run) as program:
        program.read_until_bytes(b"\x1b[22;2t")
        program.read_until_bytes(b"\x1b]2;porch 0/3\x07")
        run.fail("two")
        program.read_until_bytes(b"\x1b]2;porch 0/3 !1\x07")
        program.send("q")
        program.read_until_shown("quit")
        program.send("d")
        program.read_until_bytes(b"\x1b]2;\x07\x1b[23;2t")


def test_two_needs_of_a_moment_ring_one_bell_and_the_same_need_none(tmp_path: Path) -> None:
    run = under_way(tmp_path)
    with screen(run) as program:
        program.read_until_shown("landed 0/3")
        run.fail("two").fail("three")
        program.read_until(lambda: program.bells == 1, "a bell")
        program.read_for(2.0)

        assert 1 == program.bells
        assert b"\x1b]9;" not in program.output and b"\x1b]777;" not in program.output


def test_what_the_person_looks_at_rings_no_bell(tmp_path: Path) -> None:
    run = under_way(tmp_path)
    with screen(run) as program:
        program.read_until_shown("landed 0/3")
        program.send("j")
        program.read_until_quiet()
        run.fail("two")
        program.read_until_shown("1 needs you")
        program.read_for(2.0)

        assert 0 == program.bells


def test_bell_and_title_are_left_out_if_they_are_off(tmp_path: Path) -> None:
    run = under_way(tmp_path)
    with screen(run, bell=False, title=False) as program:
        program.read_until_shown("landed 0/3")
        run.fail("two")
        program.read_until_shown("1 needs you")
        program.read_for(2.0)

        assert 0 == program.bells and b"\x1b]2;" not in program.output and b"\x1b[22;2t" not in program.output


@pytest.mark.parametrize("how", ["osc9", "osc777"])
def test_a_notification_is_asked_for_if_chosen_and_says_who_needs_the_person(
    tmp_path: Path, how: str
) -> None:
    run = under_way(tmp_path)
    with screen(run, notify=how) as program:
        program.read_until_shown("landed 0/3")
        run.fail("two", "no luck \x1b]0;owned\x07 \x9b2J")
        begin = {"osc9": b"\x1b]9;porch: two: ", "osc777": b"\x1b]777;notify;porch;two: "}[how]
        program.read_until_bytes(begin)
        program.read_until_bytes(b"no luck")

        sequence = bytes(program.output).partition(begin)[2].partition(b"\x07")[0]
        assert b"\x1b" not in sequence and "\x9b".encode() not in sequence and b"no luck" in sequence


@pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
def test_the_window_of_tmux_has_the_title_as_its_name_also_until_porch_is_killed(tmp_path: Path) -> None:
    from porch_tui.cli.screen.tmux_window import TmuxWindow

    socket = str(tmp_path / "socket")

    def tmux(*words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", socket, "-f", "/dev/null", *words], capture_output=True, text=True, check=False
        )
        return done.stdout.rstrip("\n")

    class Window(TmuxWindow):
        def _ask(self, *words: str) -> str | None:
            return tmux(*words) or None

    def named(name: str) -> None:
        deadline = time.monotonic() + 60
        while tmux("display-message", "-p", "#{window_name}") != name:
            assert time.monotonic() < deadline, tmux("display-message", "-p", "#{window_name}")
            time.sleep(0.1)

    porch = "printf '\\033]2;porch 3/7 !1\\007'; exec cat"
    tmux("new-session", "-d", "-x", "80", "-y", "24", "sh")
    try:
        pane = tmux("display-message", "-p", "#{pane_id}")
        before = tmux("show-options", "-w")
        tmux("send-keys", f'sh -c "{porch}"', "Enter")
        named("cat")
        window = Window(pane)
        window.follow_title()
        tmux("send-keys", "more", "Enter")
        named("porch 3/7 !1")
        tmux("send-keys", "C-c")  # nothing is given back, as after kill -9
        named("sh")
        again = Window(pane)
        again.follow_title()
        again.give_back()
        assert before == tmux("show-options", "-w")
    finally:
        tmux("kill-server")
