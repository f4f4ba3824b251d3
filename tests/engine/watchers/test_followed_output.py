"""Who waits is read from files alone, whenever one begins to read them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from porch_tui.emulator.attention import Titles
from porch_tui.engine.watchers.followed_output import FIRST_IDLE_S, IDLE_S, QUIET_S, FollowedOutput
from porch_tui.engine.watchers.last_rows import Patterns
from porch_tui.process.supervisor.calls import append
from tests.engine.watchers.ordinary_output import ORDINARY

CALLS = {
    "bell": (b"\x07", ""),
    "note": (b"\x1b]9;may I?\x07", "may I?"),
    "notify": (b"\x1b]777;notify;codex;may I?\x1b\\", "codex: may I?"),
    "kitty": (b"\x1b]99;i=1;may I?\x1b\\", "may I?"),
    "state": (b"\x1b]7501;state=blocked:kind=permission\x1b\\", "permission"),
    "done": (b"\x1b]7501;state=done\x1b\\", "says it is done"),
}
MEGABYTE = 1_000_000


class Task:
    """The directory of an attempt, and an engine that follows it."""

    def __init__(
        self,
        directory: Path,
        *,
        has_terminal: bool = True,
        has_open_stdin: bool = False,
        pattern: str = "",
        picture: str = "",
    ) -> None:
        self.directory, self.has_terminal, self.now = directory, has_terminal, 0.0
        self.has_open_stdin = has_open_stdin
        own, form = (re.compile(one) if one else None for one in (pattern, picture))
        self.patterns = Patterns(own, form, has_questions=not pattern and not picture)
        self.titles = Titles(waits=own)
        self.say(b"setup\n")
        if has_terminal:
            self.resize(120, 36)
        self.output = self.engine()

    def engine(self) -> FollowedOutput:
        """Return how another engine follows it."""
        return FollowedOutput(
            self.directory,
            has_terminal=self.has_terminal,
            has_open_stdin=self.has_open_stdin,
            patterns=self.patterns,
            titles=self.titles,
            clock=lambda: self.now,
        )

    def rest(self, seconds: float = QUIET_S) -> None:
        """Let some time pass without output."""
        self.now += seconds
        at = (self.directory / "output.log").stat().st_mtime - seconds
        os.utime(self.directory / "output.log", (at, at))

    @property
    def size(self) -> int:
        return (self.directory / "output.log").stat().st_size

    def say(self, data: bytes) -> None:
        with (self.directory / "output.log").open("ab") as log:
            log.write(data)

    def resize(self, cols: int, rows: int) -> None:
        with (self.directory / "tty.sizes").open("a") as file:
            file.write(f"{self.size} {cols} {rows}\n")

    def type(self) -> None:
        (self.directory / "tty.typed").write_text(f"{self.size:020}")

    def look(self) -> str | None:
        """Return what it waits with, as an engine sees it that was there, and one that comes just now."""
        self.output.look(MEGABYTE)
        fresh = self.engine()
        fresh.look(MEGABYTE)
        assert fresh.is_unsure or fresh.call == self.output.call, "another engine comes to something else"
        return self.output.call


@pytest.fixture
def task(tmp_path: Path) -> Task:
    return Task(tmp_path)


@pytest.fixture
def plain(tmp_path: Path) -> Task:
    return Task(tmp_path, has_terminal=False)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_however_it_is_split_waits_until_something_is_typed(tmp_path: Path, name: str):
    call, text = CALLS[name]
    for cut in range(len(call) + 1):
        folder = tmp_path / str(cut)
        folder.mkdir()
        task = Task(folder)
        task.say(b"working\r\n" + call[:cut])
        if cut < len(call) - 1:
            assert task.look() is None
        task.say(call[cut:])
        assert text == task.look()
        task.say(b"and a prompt")
        assert text == task.look()
        task.type()
        assert task.look() is None
        task.say(b"yes\r\n")
        assert task.look() is None


def test_a_call_behind_the_answer_is_heard_even_if_nothing_was_printed_in_between(task: Task):
    task.say(b"\x07")
    task.type()
    task.say(b"\x07")

    assert "" == task.look()


def test_only_the_output_of_the_terminal_itself_rings(task: Task):
    for ring in (b"\x07", b"\x1b]7501;state=idle\x1b\\"):
        task.say(ring)
    assert "" == task.look()

    task.resize(0, 0)
    assert task.look() is None, "it is over: its checks run"
    task.say(b"\x07")
    assert task.look() is None


def test_what_is_idle_for_a_moment_does_not_wait_yet(task: Task):
    task.say(b"\x1b]7501;state=idle\x1b\\")
    assert task.output.look(MEGABYTE) and task.output.call is None

    task.now += FIRST_IDLE_S
    assert task.output.call is None, "it still prints: it may be about to begin"
    task.rest(FIRST_IDLE_S)
    assert "" == task.output.call

    task.say(b"\x1b]7501;state=working\x1b\\")
    task.output.look(MEGABYTE)
    assert task.output.call is None
    task.say(b"\x1b]7501;state=idle\x1b\\")
    task.output.look(MEGABYTE)
    assert task.output.call is None
    task.now += IDLE_S
    assert "" == task.output.call


def test_a_hook_is_heard_although_nothing_is_printed(task: Task):
    notify = str(task.directory)
    typed_ns = 10**18
    task.type()
    os.utime(task.directory / "tty.typed", ns=(typed_ns, typed_ns))

    append(notify, "waiting", "an answer to what was typed", typed_ns - 1)
    assert task.look() is None
    append(notify, "waiting", "may I?\x1b[2J\u202e", typed_ns + 1)
    assert "may I?[2J" == task.look()
    os.utime(task.directory / "tty.typed", ns=(typed_ns + 2, typed_ns + 2))
    assert task.look() is None
    append(notify, "waiting", "and now?", typed_ns + 3)
    assert "and now?" == task.look()
    append(notify, "working", "", typed_ns + 4)
    assert task.look() is None
    append(notify, "done", "see src/", typed_ns + 5)
    assert "says it is done: see src/" == task.look()


def test_without_a_terminal_it_waits_until_it_says_that_it_works(plain: Task):
    plain.say(b"\x1b]9;log in at http://localhost\x07\x07")
    assert "log in at http://localhost" == plain.look()

    append(str(plain.directory), "working", "", 1)
    assert plain.look() is None


@pytest.mark.parametrize("name", ORDINARY)
@pytest.mark.parametrize("has_terminal", [True, False])
def test_ordinary_output_calls_no_one(tmp_path: Path, name: str, has_terminal: bool):
    task = Task(tmp_path, has_terminal=has_terminal)
    data = ORDINARY[name]
    for at in range(0, len(data), 37):
        task.say(data[at : at + 37])
        task.output.look(MEGABYTE)
        assert task.output.call is None
    assert task.look() is None
    task.rest()
    assert task.look() is None


def test_a_log_that_has_lost_its_middle_is_read_on_behind_it(task: Task):
    task.say(b"\x1b]9;bro")
    task.look()
    os.truncate(task.directory / "output.log", 40 * MEGABYTE)
    task.say(b"ken\x07\x1b]9;whole\x07")

    assert "whole" == task.look()


def test_a_flood_is_read_in_pieces_and_its_call_is_found(task: Task):
    task.say(b"\x1b[32mcompiling\x1b[0m\r\n" * 200_000 + b"\x07")
    looks = 0
    while task.output.look(256 * 1024):
        looks += 1

    assert looks > 10
    assert "" == task.output.call


def test_files_that_are_nonsense_call_no_one(task: Task):
    (task.directory / "tty.typed").write_bytes(b"\xff" * 20)
    (task.directory / "tty.sizes").write_bytes(b"x\n1 2\n" + b"9" * 5000 + b" 1 1\n")
    (task.directory / "calls.jsonl").write_bytes(b"\0" * 100)

    assert task.look() is None


def test_a_text_of_ten_kilobytes_is_cut(task: Task):
    task.say(b"\x1b]9;" + b"x" * 3000 + b"\x07")
    assert 200 == len(task.look() or "")
    task.type()
    append(str(task.directory), "note", "\x1b]0;x\x07" * 10_000, 2**62)
    assert "\x1b" not in (task.look() or "\x1b")


@pytest.fixture
def asking(tmp_path: Path) -> Task:
    return Task(tmp_path, pattern=r"\?|Action")


def test_a_question_in_the_last_rows_is_found_once_nothing_is_printed(asking: Task):
    asking.say(b"\x1b[2J\x1b[H\x1b[1mReally \x1b[31mdelete\x1b[0m it? [y/n] ")
    assert asking.look() is None and asking.output.is_unsure
    asking.rest()
    assert "Really delete it? [y/n]" == asking.look() and not asking.output.is_unsure
    began = asking.output.began

    asking.resize(80, 24)
    asking.say(b"\x1b[2J\x1b[HReally delete it? [y/n] ")
    asking.rest()
    assert asking.look() and asking.output.began == began, "drawn again, it is the same question"

    asking.type()
    assert asking.look() is None
    asking.say(b"y\r\nReally delete it? [y/n] ")
    asking.rest()
    assert asking.look() and asking.output.began != began


@pytest.mark.parametrize(
    "asked",
    [
        "Continue? [y/N]",
        "Do you want to continue? [Y/n]",
        "Ok to proceed? (y)",
        "Are you sure you want to continue connecting (yes/no/[fingerprint])?",
        "(1/1) Stage this hunk [y,n,q,a,d,e,?]?",
        "[sudo] password for ann:",
        "Overwrite 'a.txt'?",
    ],
)
def test_a_question_in_front_of_the_cursor_needs_no_pattern(task: Task, asked: str):
    task.say(b"$ ./release.sh\r\n\x1b[1m" + asked.encode() + b"\x1b[0m ")
    assert task.look() is None
    task.rest()
    assert asked == task.look()
    began = task.output.began

    task.type()
    task.say(b"y")
    task.rest()
    assert task.look() is None, "it was answered, though no line break ended that yet"

    task.say(b"\r\nagain\r\n" + asked.encode() + b" ")
    task.rest()
    assert asked == task.look() and began != task.output.began


@pytest.mark.parametrize(
    "shown",
    [
        b"Continue? [y/N] \r\nit went on\r\n",
        b"Continue? [y/N] \r\x1b[1A",
        b"Continue? [y/N] \x1b[10D",
        b"\x1b[?1049h\x1b[2J\x1b[HWhat is an editor for?",
        b"$ ",
        b">>> ",
        b"In [1]: ",
        b"ann@box:~/app$ ",
        b"Downloading: 35% [====>    ] eta 12s ",
        b"Is anyone there? Nobody was found ",
    ],
)
def test_what_is_no_question_at_the_cursor_calls_no_one(task: Task, shown: bytes):
    task.say(shown)
    task.rest()
    assert task.look() is None


def test_what_a_person_is_typing_asks_no_one(task: Task):
    task.say(b"$ ")
    task.type()
    task.say(b"echo really?")
    task.rest()
    assert task.look() is None

    task.say(b"\r\nreally?\r\n$ ")
    task.rest()
    assert task.look() is None


def test_the_last_rows_may_be_searched_together(tmp_path: Path):
    task = Task(tmp_path, picture=r"(?s)\A(?!.*esc to cancel).*Type your message")
    task.say(b"esc to cancel\r\n" + b"> Type your message\r\nno sandbox")
    task.rest()
    assert task.look() is None, "it works"

    task.say(b"\x1b[2J\x1b[H> Type your message\r\nno sandbox")
    task.rest()
    assert "> Type your message" == task.look()


def test_what_goes_on_printing_waits_no_more(asking: Task):
    asking.say(b"Continue?")
    asking.rest()
    assert "Continue?" == asking.look()
    for _ in range(4):
        asking.say(b"\r\nworking" * 50)
        asking.now += QUIET_S / 2
        asking.output.look(MEGABYTE)

    assert asking.output.call is None


def test_what_is_drawn_again_in_pieces_is_the_same_wait(asking: Task):
    asking.say(b"Continue?")
    asking.rest()
    assert asking.look()
    began = asking.output.began

    asking.say(b"\x1b[2J\x1b[H")
    asking.output.look(MEGABYTE)
    asking.now += QUIET_S / 4
    asking.say(b"Continue?")
    asking.output.look(MEGABYTE)
    asking.rest(QUIET_S * 7 / 8)
    assert asking.output.look(MEGABYTE) == 0 and asking.output.call == "Continue?"
    asking.rest(QUIET_S / 8)

    assert asking.look() and asking.output.began == began


def test_a_title_counts_if_the_pattern_is_in_it_and_a_row_far_up_does_not(asking: Task):
    asking.say(b"What?" + b"\r\n." * 20)
    asking.rest()
    assert asking.look() is None
    asking.say(b"\x1b]0;working\x07")
    assert asking.look() is None
    asking.say(b"\x1b]0;Action required\x07")
    assert "Action required" == asking.look()


@pytest.fixture
def reading(tmp_path: Path) -> Task:
    (tmp_path / "tty.in").touch()
    return Task(tmp_path, has_terminal=False, has_open_stdin=True, pattern="name:|\\[y/n\\]")


def test_what_reads_its_open_input_waits_until_it_is_written_to(reading: Task):
    append(str(reading.directory), "waiting", "Who?", 1)
    assert reading.look() == "Who?"

    reading.type()

    assert reading.look() is None


def test_a_pattern_is_found_in_the_last_lines_of_one_with_an_open_input(reading: Task):
    reading.say(b"\x1b[1mname:\x1b[0m \nmore\rgo on? [y/n] ")
    assert reading.look() is None
    reading.rest()

    assert reading.look() == "go on? [y/n]"

    reading.type()
    assert reading.look() is None


def test_a_question_to_an_open_input_needs_no_pattern(tmp_path: Path):
    (tmp_path / "tty.in").touch()
    task = Task(tmp_path, has_terminal=False, has_open_stdin=True)
    task.say(b"Ok to proceed? (y) ")
    task.rest()
    assert "Ok to proceed? (y)" == task.look()

    task.type()
    assert task.look() is None
    task.say(b"Sure? ")
    task.rest()
    assert "Ok to proceed? (y) Sure?" == task.look(), "what is written there is in no row"


def test_once_its_command_is_over_no_pattern_is_looked_for(reading: Task):
    reading.say(b"name: ")
    reading.rest()
    assert reading.look() == "name:"

    (reading.directory / "tty.in").unlink()
    reading.say(b"a check\n")

    assert reading.look() is None
