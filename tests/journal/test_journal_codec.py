"""Every fact and every command comes back as it went; what is not understood is refused by name."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import fields

from porch_tui.core.model.commands import AnyCommand, SetSlots
from porch_tui.core.model.events import (
    AnyEvent,
    AttemptId,
    AttemptPaused,
    AttemptStarted,
    LandingBlocked,
    Record,
    SlotsChanged,
)
from porch_tui.core.model.events.run import Used
from porch_tui.core.model.events.task import AttemptSucceeded
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.errors import JournalError
from porch_tui.journal.codec import (
    attempt_from_text,
    command_from_bytes,
    command_to_bytes,
    record_from_bytes,
    record_to_bytes,
)

PRINTED = settings(deadline=None, database=None, print_blob=True, max_examples=15)

PATHS = st.binary(max_size=12).map(lambda name: name.decode("utf-8", "surrogateescape"))
TASK_IDS = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,8}", fullmatch=True)
PLAIN: dict[object, st.SearchStrategy[Any]] = {
    str: st.text(max_size=12) | PATHS,
    int: st.integers(-(2**70), 2**70),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
    AttemptId: st.builds(AttemptId, TASK_IDS, st.integers(1, 10**6)),
}


def instances(hint: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for any type an event is made of; str includes names that are not UTF-8."""
    if hint in PLAIN:
        return PLAIN[hint]
    if isinstance(hint, typing.NewType):
        return instances(hint.__supertype__)
    if isinstance(hint, types.UnionType) or get_origin(hint) is typing.Union:
        return st.one_of([instances(member) for member in get_args(hint)])
    if get_origin(hint) is Mapping:
        return st.dictionaries(*map(instances, get_args(hint)), max_size=3)
    if get_origin(hint) is tuple:
        members = get_args(hint)
        if members[-1] is Ellipsis:
            return st.lists(instances(members[0]), max_size=3).map(tuple)
        return st.tuples(*map(instances, members))
    if isinstance(hint, type) and issubclass(hint, Struct):
        hints = get_type_hints(hint)
        return st.builds(hint, **{field.name: instances(hints[field.name]) for field in fields(hint)})
    assert issubclass(hint, Enum), hint
    return st.sampled_from(hint)


MOMENTS = st.integers(0, 4_000_000_000_000).map(lambda ms: ms / 1000)


@pytest.mark.parametrize("kind", get_args(AnyEvent), ids=lambda kind: kind.__name__)
def test_every_event_comes_back_from_its_line(kind: type[Any]) -> None:
    @PRINTED
    @given(st.builds(Record, st.integers(1, 2**53), MOMENTS, st.text(), instances(kind)))
    def comes_back(record: Record) -> None:
        line = record_to_bytes(record)

        assert record == record_from_bytes(line, "journal.jsonl:1")
        assert line.count(b"\n") == 1

    comes_back()


@pytest.mark.parametrize("kind", get_args(AnyCommand), ids=lambda kind: kind.__name__)
def test_every_command_comes_back_from_its_file(kind: type[Any]) -> None:
    @PRINTED
    @given(instances(kind))
    def comes_back(command: AnyCommand) -> None:
        assert command == command_from_bytes(command_to_bytes(command), "inbox/1.json")

    comes_back()


def test_a_record_is_one_flat_object() -> None:
    record = Record(41, 1795335300.123, "cmd-17", AttemptStarted(AttemptId(TaskId("parser"), 2), pid=4242))

    assert record_to_bytes(record) == (
        b'{"seq": 41, "at": "2026-11-22T08:15:00.123Z", "cause": "cmd-17", "v": 1,'
        b' "type": "AttemptStarted", "attempt": "parser.2", "pid": 4242}\n'
    )


def test_a_path_that_is_not_utf_8_is_escaped_and_the_rest_stays_readable() -> None:
    event = LandingBlocked(TaskId("parser"), ("caf\udce9", "café"), "in the way", is_retried=True)

    line = record_to_bytes(Record(1, 0.0, "settle", event))

    assert rb'["caf\udce9", "' + "café".encode() + b'"]' in line
    assert event == record_from_bytes(line, "journal.jsonl:1").event


@pytest.mark.parametrize("text", ["parser.2", "parser.v1.10", "a.1.1", "x.lock.3"])
def test_an_attempt_is_named_by_its_task_and_the_number_after_the_last_dot(text: str) -> None:
    task, _, number = text.rpartition(".")

    assert AttemptId(TaskId(task), int(number)) == attempt_from_text(text)
    assert text == str(attempt_from_text(text))


@pytest.mark.parametrize("text", ["parser", "parser.", ".2", "parser.0", "parser.02", "parser.-1", "p.²", ""])
def test_what_names_no_attempt_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected an attempt such as"):
        attempt_from_text(text)


def test_a_number_that_json_lacks_is_never_written() -> None:
    succeeded = AttemptSucceeded(AttemptId(TaskId("a"), 1), Sha("c0ffee"), Used(wall_s=float("inf")))

    with pytest.raises(ValueError, match="not JSON compliant"):
        record_to_bytes(Record(1, 0.0, "settle", succeeded))


def test_a_number_that_json_lacks_is_never_read() -> None:
    succeeded = AttemptSucceeded(AttemptId(TaskId("a"), 1), Sha("c0ffee"), Used(wall_s=12.5))
    line = record_to_bytes(Record(1, 0.0, "settle", succeeded))

    for number in (b"NaN", b"Infinity"):
        with pytest.raises(JournalError, match="is not a number"):
            record_from_bytes(line.replace(b"12.5", number), "journal.jsonl:1")


PAUSED = AttemptPaused(AttemptId(TaskId("parser"), 1))


def changed(**changes: object) -> bytes:
    """Return the line of a sound record, with some of its values changed."""
    return json.dumps(
        json.loads(record_to_bytes(Record(7, 1.5, "cmd-1", SlotsChanged(4)))) | changes
    ).encode()


@pytest.mark.parametrize(
    "line",
    [changed(v=2), changed(type="Teleported"), changed(colour="red"), changed(v=2, type="Teleported")],
    ids=["version", "type", "field", "both"],
)
def test_what_a_newer_porch_wrote_is_refused_with_the_advice_to_upgrade(line: bytes) -> None:
    with pytest.raises(JournalError, match=r"^journal.jsonl:7: a newer porch wrote this.*upgrade porch"):
        record_from_bytes(line, "journal.jsonl:7")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"\x00\x00",
        b'{"seq": 7}',
        b"\xff" + changed(),
        b"[" * 100_000,
        changed(v=0),
        changed(v=True),
        changed(type=None),
        changed(slots="4"),
        changed(slots=4.5),
        changed(slots=None),
        changed(seq=0),
        changed(seq="7"),
        changed(cause=None),
        changed(at=1.5),
        changed(at="yesterday"),
        changed(at="2026-11-22T08:15:00.123"),
        record_to_bytes(Record(7, 1.5, "cmd-1", PAUSED)).replace(b"parser.1", b"parser"),
    ],
    ids=lambda line: line[:60].decode("latin-1"),
)
def test_a_damaged_line_is_refused_with_its_place(line: bytes) -> None:
    with pytest.raises(JournalError, match=r"^journal.jsonl:7: cannot read this record"):
        record_from_bytes(line, "journal.jsonl:7")


def test_a_command_is_strictly_typed_and_of_a_known_version() -> None:
    content = json.loads(command_to_bytes(SetSlots("cmd-1", 4)))

    for change, expected in [({"slots": "4"}, "cannot read this command"), ({"v": 2}, "upgrade porch")]:
        with pytest.raises(JournalError, match=expected):
            command_from_bytes(json.dumps(content | change).encode(), "inbox/1.json")
