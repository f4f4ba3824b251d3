"""Connections that share the thread that reads them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from porch_tui.places.carriers.stream import Stream
from tests.project import until

MUCH = os.urandom(3 << 20)


class Wire:
    """A connection by two pipes, and what was heard of it."""

    def __init__(self) -> None:
        self.incoming, self._far_out = os.pipe()
        self._far_in, self.outgoing = os.pipe()
        self.finished, self.ended, self.heard = 0, threading.Event(), b""
        self.stream = Stream(self.incoming, self.outgoing, self._finish)

    def listen(self) -> None:
        self.stream.read(self._hear, self.ended.set)

    def say(self, data: bytes) -> None:
        """Say something at the far end."""
        os.write(self._far_out, data)

    def arrived(self, size: int) -> bytes:
        """Return what has arrived at the far end, once it is so much."""
        data = b""
        while len(data) < size and (piece := os.read(self._far_in, 1 << 20)):
            data += piece
        return data

    def hang_up(self) -> None:
        os.close(self._far_out)

    def _hear(self, data: bytes) -> None:
        if data == b"trouble":
            raise OSError(28, "No space left on device")
        self.heard += data

    def _finish(self) -> None:
        self.finished += 1
        os.close(self.outgoing)

    def close(self) -> None:
        self.stream.close()
        for descriptor in (self._far_out, self._far_in):
            with suppress(OSError):
                os.close(descriptor)
        if self.ended.wait(5):
            os.close(self.incoming)


@pytest.fixture
def wires() -> Iterator[list[Wire]]:
    """Two connections."""
    made = [Wire(), Wire()]
    for wire in made:
        wire.listen()
    yield made
    for wire in made:
        wire.close()


def test_each_connection_hears_its_own_and_one_thread_reads_all(wires: list[Wire]):
    for number, wire in enumerate(wires):
        wire.say(b"%d" % number)

    until(lambda: [wire.heard for wire in wires] == [b"0", b"1"], "both to be heard")
    assert [one.name for one in threading.enumerate()].count("streams") == 1


def test_what_is_sent_arrives_whole_and_in_order_and_no_one_waits_for_it(wires: list[Wire]):
    """A pipe takes 64 KiB."""
    one = wires[0].stream
    for data in (b"first ", MUCH, b" last"):
        one.send(data)

    assert wires[0].arrived(len(MUCH) + 11) == b"first " + MUCH + b" last"
    one.send(b"later")
    assert wires[0].arrived(5) == b"later"


def test_an_end_is_said_once_and_the_others_go_on(wires: list[Wire]):
    wires[0].say(b"bye")
    wires[0].hang_up()

    assert wires[0].ended.wait(10) and wires[0].heard == b"bye"
    wires[1].say(b"here")
    until(lambda: wires[1].heard == b"here", "the other one")


def test_a_listener_that_fails_ends_its_connection_and_no_other(wires: list[Wire]):
    wires[0].say(b"trouble")

    assert wires[0].ended.wait(10)
    wires[1].say(b"here")
    until(lambda: wires[1].heard == b"here", "the other one")


def test_nothing_is_written_after_the_end_and_what_waits_is_let_go(wires: list[Wire]):
    wires[0].stream.send(MUCH)
    wires[0].stream.close()
    wires[0].stream.close()
    wires[0].stream.send(b"late")

    until(lambda: wires[0].finished == 1, "the outgoing side to be closed")
    assert len(wires[0].arrived(len(MUCH))) < len(MUCH)


def test_a_forked_process_reads_with_a_thread_of_its_own(wires: list[Wire], tmp_path: Path):
    wires[0].say(b"parent")
    until(lambda: wires[0].heard == b"parent", "the parent to read")
    if not (child := os.fork()):
        wire = Wire()
        wire.listen()
        wire.say(b"child")
        until(lambda: wire.heard == b"child", "the child to read", 20)
        os._exit(0)

    assert os.waitpid(child, 0)[1] == 0
