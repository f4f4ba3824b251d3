"""A person steps into a task's terminal: what they type arrives, what it shows is shown, and no more."""

from __future__ import annotations

import os
import random
import re
import signal

import pytest

from porch_tui.cli.enter.own_terminal import BEGIN, END
from porch_tui.emulator import modes
from porch_tui.emulator.keys import NAMES, key
from porch_tui.emulator.screen import Screen
from porch_tui.process.supervisor.kernel import IS_LINUX
from project import until
from tests.cli.enter.visitor import LEAVE, Visitor
from tests.tui.pty_harness import PtyProgram

KEYS = (
    *NAMES,
    *(f"ctrl+{char}" for char in "abcdefghijklmnopqrstuvwxyz@\\^_"),
    *(f"{held}+{name}" for held in ("ctrl", "shift", "alt") for name in ("up", "home", "delete", "f5")),
    "shift+tab", "alt+x", "alt+enter", "alt+backspace", "ctrl+alt+c", "é", "漢", "~",
)  # fmt: skip
SEQUENCE = re.compile(rb"\x1b\[[?<>=0-9;]*[A-Za-z]|\x1b[=>]|[^\x00-\x1f\x7f]+")
DRAWN = re.compile(rb"\x1b\[[0-9;]*[HKGSJmr]|\x1b\[\?(?:25|2026)[hl]|[^\x00-\x1f\x7f]+")
"""All that may be written between stepping in and leaving, while a program asks for nothing."""
DIRECT = """
import os, sys, tty
tty.setraw(0)
os.write(1, b"ready")
with open(sys.argv[1], "ab", buffering=0) as typed:
    while data := os.read(0, 65_536):
        typed.write(data)
"""


def restored(visitor: PtyProgram, screen: Screen) -> bool:
    """Say whether a terminal sends and shows what it did before."""
    output = bytes(visitor.output)
    left = output.rindex(b"\x1b[?1049l")
    screen.feed(b"")
    return (
        visitor.is_as_before
        and not screen.is_alternate
        and screen.modes == modes.AT_FIRST
        and screen.keyboard == [0]
        and screen.style == 0
        and (screen.top, screen.bottom) == (0, screen.rows - 1)
        and not SEQUENCE.sub(b"", output[left:]).strip(b"\r\n")
    )


@pytest.mark.slow
def test_every_key_arrives_as_in_a_terminal_of_its_own(listener, tmp_path):
    assert len(set(KEYS)) >= 77
    direct_file = tmp_path / "typed"
    with PtyProgram(DIRECT, str(direct_file)) as direct, Visitor(listener) as visitor:
        direct.read_until_bytes(b"ready")
        visitor.step_in()
        for switched in (b"\x1b[?1l", b"\x1b[?1h"):
            listener.says(switched)
            visitor.until_arrows_are(is_application=switched.endswith(b"h"))
            for name in KEYS:
                sent = key(name, visitor.shown().modes)
                direct.send(sent)
                visitor.send(sent)
                until(lambda: direct_file.stat().st_size >= len(sent), name)  # noqa: B023 - ends in this turn
                assert listener.typed(len(sent)) == direct_file.read_bytes() == sent, name
                os.truncate(direct_file, 0)
        assert visitor.leave() == 0


@pytest.mark.parametrize("is_asked_for", [True, False])
def test_a_paste_of_300_kb_arrives_whole_with_the_leave_key_inside(listener, is_asked_for):
    dice = random.Random(7)
    inside = b"".join(
        dice.choice([b"some text ", b"\x1d", b"\x1b[93;5u", b"\r", "漢".encode()]) for _ in range(60_000)
    )
    assert len(inside) > 200_000
    inside += b"x" * (300_000 - len(inside))
    paste = b"\x1b[200~" + inside + b"\x1b[201~"
    listener.says(b"\x1b[?2004h" if is_asked_for else b"")
    with Visitor(listener) as visitor:
        visitor.step_in()
        for at in range(0, len(paste), 3000):
            visitor.send(paste[at : at + 3000])
            visitor.read_for(0.001)
        expected = paste if is_asked_for else inside

        assert listener.typed(len(expected)) == expected
        assert visitor.leave() == 0


def test_keys_in_any_pieces_are_the_same_bytes(listener):
    dice = random.Random(3)
    data = b"".join(key(name) for name in dice.choices(KEYS, k=300))
    with Visitor(listener) as visitor:
        visitor.step_in()
        at = 0
        while at < len(data):
            count = dice.randint(1, 9)
            visitor.send(data[at : at + count])
            at += count

        assert listener.typed(len(data)) == data


def test_the_leave_key_twice_is_for_the_task(listener):
    with Visitor(listener) as visitor:
        visitor.step_in()
        visitor.send(b"a" + LEAVE + LEAVE + b"b")

        assert listener.typed(3) == b"a\x1db"
        assert visitor.leave() == 0
        assert "left listener, which goes on" in "".join(visitor.texts())
        assert restored(visitor, visitor.shown())


def test_what_follows_the_leave_key_is_not_for_the_task(listener):
    with Visitor(listener) as visitor:
        visitor.step_in()
        visitor.send(b"a" + LEAVE + b"rm -rf\r")

        assert visitor.wait() == 0
        assert listener.typed(1) == b"a"


def test_another_leave_key_can_be_set(listener, tmp_path):
    (tmp_path / "porch").mkdir()
    (tmp_path / "porch/settings.toml").write_text('leave_keys = ["f12"]\n')
    with Visitor(listener, environ={"XDG_CONFIG_HOME": str(tmp_path)}) as visitor:
        visitor.step_in()
        visitor.until_shown("f12 leaves")
        visitor.send(b"\x1d\x1b[24~")

        assert visitor.wait() == 0
        assert listener.typed(1) == b"\x1d"


def test_what_a_program_asks_of_its_terminal_is_asked_of_the_persons_and_taken_back(listener):
    asked = b"\x1b[?1h\x1b=\x1b[?1002h\x1b[?1006h\x1b[?1004h\x1b[?2004h\x1b[>5u"
    with Visitor(listener) as visitor:
        visitor.step_in()
        listener.says(asked)
        wanted = {modes.ARROWS, modes.KEYPAD, modes.MOUSE_BUTTONS, modes.MOUSE_SGR, modes.FOCUS, modes.PASTE}
        visitor.read_until(lambda: wanted <= visitor.shown().modes, "the modes")
        assert visitor.shown().keyboard[-1] == 5
        assert not wanted & {modes.MOUSE, modes.MOUSE_ALL} & visitor.shown().modes

        listener.says(b"\x1b[?1;1002;1004l\x1b>\x1b[<u")
        visitor.read_until(lambda: modes.FOCUS not in visitor.shown().modes, "them to be taken back")
        assert visitor.shown().modes & (wanted - {modes.PASTE}) == set()
        assert visitor.shown().keyboard[-1] == 0

        listener.says(asked)
        visitor.read_until(lambda: wanted <= visitor.shown().modes, "the modes")
        assert visitor.leave() == 0
        assert restored(visitor, visitor.shown())


def test_the_mouse_is_reported_where_it_is_in_the_task_and_only_to_who_asked(listener):
    with Visitor(listener, cols=60, rows=12) as visitor:
        visitor.step_in()
        until(lambda: listener.screen().rows == 11, "the size")
        visitor.send(b"\x1b[<0;10;5My")  # no one has asked for the first
        assert listener.typed(1) == b"y"
        listener.says(b"\x1b[?1000h")
        visitor.read_until(lambda: modes.MOUSE in visitor.shown().modes, "the mode")
        visitor.send(b"\x1b[<0;10;5M\x1b[<0;10;12Mx")  # the second is on the status line
        assert listener.typed(7) == b"\x1b[M *%x"
        with Visitor(listener, cols=90, rows=30) as other:  # the first sees a part of a larger terminal now
            other.step_in()
            until(lambda: listener.screen().rows == 29, "the size of the other")
            listener.says(b"\x1b[?1006h\x1b[29;1Hthe last row")
            visitor.until_shown("the last row")
            visitor.send(b"\x1b[<0;10;11Mx")
            assert listener.typed(12) == b"\x1b[<0;10;29Mx"


def test_reports_do_not_count_as_typing(listener):
    listener.says(b"\x1b[?1000h\x1b[?1006h")
    with Visitor(listener) as visitor:
        visitor.step_in()
        visitor.send(b"x")
        listener.typed(1)
        until(listener.typed_at, "that something was typed")
        listener.says(b"more")
        before = listener.typed_at()
        visitor.send(b"\x1b[<0;10;5M")
        listener.typed(10)
        assert listener.typed_at() == before

        visitor.send(b"x")
        listener.typed(1)
        until(lambda: listener.typed_at() > before, "that something was typed again")


def test_who_steps_in_has_the_focus_and_loses_it_by_leaving(listener):
    listener.says(b"\x1b[?1004h")
    assert listener.typed(3) == b"\x1b[O"  # at once, since no one looks
    with Visitor(listener) as visitor:
        visitor.step_in()
        assert listener.typed(3) == b"\x1b[I"
        visitor.send(b"\x1b[O")
        assert listener.typed(3) == b"\x1b[O"
        assert visitor.leave() == 0
    assert listener.typed(3) == b"\x1b[O"


def test_two_visitors_and_one_answer_to_a_query(listener):
    with Visitor(listener) as first, Visitor(listener) as second:
        for one in (first, second):
            one.step_in()
        listener.says(b"\x1b[3;5H\x1b[6n")
        assert listener.typed(6) == b"\x1b[3;5R"
        listener.says(b"seen")
        for one in (first, second):
            one.until_shown("seen")
            assert b"\x1b[6n" not in one.output
        assert (listener.folder / "typed").read_bytes() == b""


def test_who_stepped_in_last_sets_the_size_and_both_see_the_same(listener):
    with Visitor(listener, cols=70, rows=20) as first:
        first.step_in()
        until(lambda: (listener.screen().cols, listener.screen().rows) == (70, 19), "the size of the first")
        first.resize(72, 21)
        until(lambda: (listener.screen().cols, listener.screen().rows) == (72, 20), "its new size")
        with Visitor(listener, cols=90, rows=30) as second:
            second.step_in()
            until(lambda: (listener.screen().cols, listener.screen().rows) == (90, 29), "that of the second")
            first.until_shown("90x29")
            listener.says("\x1b[2J\x1b[Hboth see \x1b[31m漢字\x1b[0m\x1b[3;1H".encode())
            for one in (first, second):
                one.until_shown("both see 漢字")
            second.until_it_shows_the_task()
            first.resize(60, 10)
            first.until_shown("90x29")
            first.send(b"x")
            listener.typed(1)
            assert (listener.screen().cols, listener.screen().rows) == (90, 29)


def test_who_only_looks_types_nothing_and_changes_no_size(listener):
    listener.says(b"\x1b[?1000h")
    size = listener.screen().cols, listener.screen().rows
    with Visitor(listener, "--watch", cols=50, rows=12) as visitor:
        visitor.step_in()
        visitor.send(b"hello\r\x1b[<0;1;1M")
        visitor.resize(55, 14)
        listener.says(b"\x1b[Hstill the same")
        visitor.until_shown("still the same")
        assert not visitor.shown().modes & {modes.MOUSE}
        assert visitor.leave() == 0
        assert restored(visitor, visitor.shown())
    with Visitor(listener, "--watch") as visitor:
        visitor.step_in()
        visitor.send(b"q")
        assert visitor.wait() == 0
    assert (listener.screen().cols, listener.screen().rows) == size
    assert (listener.folder / "typed").read_bytes() == b""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_gives_the_terminal_back(listener, number):
    listener.says(b"\x1b[?1003h\x1b[?1h\x1b[>1u\x1b[31mred")
    with Visitor(listener) as visitor:
        visitor.step_in()
        visitor.read_until(lambda: modes.MOUSE_ALL in visitor.shown().modes, "the mode")
        visitor.signal(number)

        assert visitor.wait() == 128 + number
        assert restored(visitor, visitor.shown())


def test_a_terminal_that_is_gone_ends_the_visit_and_not_the_task(listener):
    with Visitor(listener) as visitor:
        visitor.step_in()
        visitor.hang_up()
        assert visitor.wait() in {128 + signal.SIGHUP, -signal.SIGHUP}
    listener.says(b"alive")


@pytest.mark.skipif(not IS_LINUX, reason="needs /proc to see that a process is stopped")
def test_a_visit_that_is_stopped_gives_the_terminal_back_until_it_continues(listener):
    with Visitor(listener) as visitor:
        visitor.step_in()
        visitor.signal(signal.SIGTSTP)
        visitor.read_until(lambda: not visitor.shown().is_alternate and visitor.is_as_before, "the shell")
        visitor.read_until_stopped()
        listener.says(b"\x1b[5;5Hmeanwhile")
        visitor.signal(signal.SIGCONT)
        visitor.until_it_shows_the_task()
        visitor.send(b"x")
        assert listener.typed(1) == b"x"
        assert visitor.leave() == 0
        assert restored(visitor, visitor.shown())


def test_a_visit_that_was_killed_leaves_the_task_as_it_is_for_the_next(listener):
    with Visitor(listener) as visitor:
        visitor.step_in()
        listener.says("\x1b[?1049h\x1b[2;2H\x1b[1;44mkept 漢字\x1b[0m\x1b[10;1H$ ".encode())
        visitor.until_it_shows_the_task()
        os.kill(visitor.pid, signal.SIGKILL)
        visitor.wait()
    with Visitor(listener) as visitor:
        visitor.step_in()
        visitor.until_it_shows_the_task()
        visitor.send(b"x")
        assert listener.typed(1) == b"x"


HOSTILE = {
    "the clipboard": b"\x1b]52;c;aGVsbG8=\x07",
    "a title": b"\x1b]0;title\x07\x1b]2;title\x1b\\\x1b[22t\x1b[23t",
    "a reset": b"\x1bc\x1b[!p",
    "queries": b"\x1b[6n\x1b[c\x1b[>c\x1b[>q\x1b[?u\x1b[18t\x1b]11;?\x07\x1bP+q544e\x1b\\\x1b[?2026$p",
    "another screen": b"\x1b[?1049h\x1b[?47h\x1b[?1049l",
    "a link": b"\x1b]8;;https://example.org/\x1b\\link\x1b]8;;\x1b\\",
    "a notification": b"\x1b]9;hello\x07\x1b]777;notify;a;b\x07\x07",
    "C1 controls": b"\xc2\x9b6n\xc2\x9d52;c;aGVsbG8=\xc2\x9c",
    "hidden characters": "a\u202eb\u2066c\u200bd\ufeff".encode(),
    "other character sets": b"\x1b(0qqq\x1b(B\x0eqqq\x0f\x1b%G",
    "no end": b"\x1b]52;c;" + b"x" * 5000,
    "printing": b"\x1b[5i secret \x1b[4i",
    "scrolling regions": b"\x1b[3;5r\x1b[?6h\x1b[20;20Hx\x1b[?6l",
}


@pytest.mark.slow
@pytest.mark.parametrize("what", HOSTILE)
def test_nothing_of_a_program_steers_the_persons_terminal(listener, what):
    with Visitor(listener) as visitor:
        visitor.step_in()
        listener.says(HOSTILE[what] + b"\x18\x1b[20;1Hdone")
        visitor.until_shown("done")
        assert visitor.leave() == 0
        output = bytes(visitor.output)
        drawn = output[output.index(BEGIN.encode()) + len(BEGIN) : output.rindex(END.encode())]
        assert DRAWN.sub(b"", drawn) == b""


@pytest.mark.slow
def test_a_still_terminal_writes_nothing(listener):
    listener.says(b"\x1b[2J\x1b[Hstill")
    with Visitor(listener) as visitor:
        visitor.step_in()
        visitor.until_shown("still")
        visitor.read_until_quiet(0.5)
        assert visitor.read_for(2.0) == b""


@pytest.mark.slow
@pytest.mark.parametrize("link_bytes_a_s", [3_000, 0])
def test_a_flood_over_a_slow_line_ends_with_what_the_task_shows(listener, link_bytes_a_s):
    environ = {} if link_bytes_a_s else {"SSH_CONNECTION": "a 1 b 2"}
    with Visitor(listener, environ=environ, link_bytes_a_s=link_bytes_a_s) as visitor:
        visitor.step_in()
        before = len(visitor.output)
        for begin in range(0, 40_000, 4_000):
            listener.says(
                b"".join(
                    b"line %d of a flood that no one can read\r\n" % n for n in range(begin, begin + 4_000)
                )
            )
            visitor.read_for(0.05)
        listener.says(b"the end")
        visitor.until_shown("the end")
        visitor.until_it_shows_the_task()
        assert len(visitor.output) - before < 200_000  # of 1.8 MB
        visitor.send(b"x")
        assert listener.typed(1) == b"x"


def test_a_visit_ends_with_the_terminal(listener):
    short = listener.beside("short")
    with Visitor(short) as visitor:
        visitor.step_in()
        visitor.until_shown("well?")
        visitor.send(b"yes\r")

        assert visitor.wait() == 0
        assert "the terminal of short is over; porch status shows" in " ".join(visitor.texts())
        assert restored(visitor, visitor.shown())
    done = listener.project.porch("send", "short", "x", expect=4)
    assert "the terminal of short is over; porch logs short prints what was on it" in done.stderr


@pytest.mark.slow
def test_the_status_line_says_when_the_task_is_paused(listener):
    with Visitor(listener) as visitor:
        visitor.step_in()
        listener.project.porch("pause", "listener")
        visitor.until_shown("paused: porch resume-tasks listener")
        listener.project.porch("resume-tasks", "listener")
        visitor.read_until(lambda: not any("paused" in row for row in visitor.texts()), "it to go on")


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("enter", "listener"), 3, "takes a terminal; porch send listener TEXT types without one"),
        (("enter", "nosuch"), 3, "takes a terminal"),
        (("send", "nosuch", "x"), 2, "has no task 'nosuch'"),
        (("send", "plain", "x"), 4, "plain has no terminal of its own: its plan does not say `tty: true`"),
        (("send", "late", "x"), 4, "late has not started, so it has no terminal yet"),
        (("send", "listener"), 2, "nothing to send"),
        (("send", "listener", "--key", "nosuch"), 2, "there is no key called 'nosuch'"),
        (("send", "listener", "x", "--key", "tab", "--no-enter"), 2, "--no-enter is not needed with --key"),
        (("send", "listener", "--key", "shift+enter"), 2, "no terminal has bytes for 'shift+enter'"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(listener, words, code, text):
    done = listener.project.porch(*words, expect=code)

    assert text in done.stderr
    assert "Traceback" not in done.stderr
    assert (listener.folder / "typed").read_bytes() == b""


@pytest.mark.parametrize(
    ("task", "text"), [("plain", "has no terminal of its own"), ("late", "has not started")]
)
def test_a_task_without_a_terminal_is_not_entered(listener, task, text):
    with Visitor(listener.beside(task)) as visitor:
        assert visitor.wait() == 4
        assert text in "".join(visitor.texts())
        assert b"\x1b[?1049h" not in visitor.output
