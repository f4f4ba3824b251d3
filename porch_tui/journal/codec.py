"""Records and commands as lines of JSON, and back: the one place that knows the format.

A line is flat, the fields of the event beside those of the record:

    {"seq": 41, "at": "2026-11-22T08:15:00.123Z", "cause": "cmd-17", "v": 1, "type": "Landed", "task": …}

The names in a line are stable, whatever the code calls an event or a field: runs of earlier versions are
read, and scripts read `porch run --json`. Where the two differ, `WIRE_NAMES` says so. Whoever changes what
a field means raises VERSION: a porch that does not know all of a fact must not act on half of it. Nothing
here opens a file.
"""

from __future__ import annotations

import json
import re
from collections import ChainMap
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Annotated, Any, NoReturn, cast, get_args

import msgspec
from msgspec import Struct

from porch_tui import __version__
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.commands import AnyCommand
from porch_tui.core.model.events import AnyEvent, AttemptId, Record
from porch_tui.core.model.plan import TaskId
from porch_tui.errors import JournalError

VERSION = 1
"""Of the format."""

_ONE_AT_A_TIME = Lock()
"""msgspec builds what it knows of a type at its first use, and crashes if two threads do that at once."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
ATTEMPT = re.compile(r"(.+)\.([1-9][0-9]*)", re.ASCII | re.DOTALL)
"""A task's id may contain dots, so the number comes after the last one."""


class WireName(Struct, frozen=True):
    """How a line spells an event or a command that the code calls differently."""

    type: str
    fields: Mapping[str, str] = {}
    """By the name in the code: the name in a line."""
    fixed: Mapping[str, str] = {}
    """What else the line says, to distinguish events that share a type."""


WIRE_NAMES: dict[type[Struct], WireName] = {
    c.RetryTask: WireName("RetryTask", {"keep_worktree": "goes_on"}),
    c.StopTask: WireName("StopTask", {"kill_now": "is_at_once"}),
    c.ValidateEntry: WireName("ValidateEntry", {"on_top_of": "upon"}),
    e.AdHocValidationBuilt: WireName("TrialBuilt", {"on_top_of": "upon"}),
    e.AdHocValidationImpossible: WireName("TrialImpossible", {"on_top_of": "upon"}),
    e.AdHocValidationRequested: WireName("TrialAsked", {"on_top_of": "upon"}),
    e.AttemptFailed: WireName("AttemptFailed", {"leftover_ref": "left"}),
    e.AttemptScheduled: WireName("AttemptScheduled", {"keep_worktree": "goes_on"}),
    e.AttemptStopped: WireName("AttemptStopped", {"leftover_ref": "left"}),
    e.AttemptSucceeded: WireName("AttemptSucceeded", {"undeclared_paths": "stray"}),
    e.CandidateBuilt: WireName("CandidateBuilt", {"on_top_of": "upon"}),
    e.CandidateConflicted: WireName("CandidateConflicted", {"on_top_of": "upon"}),
    e.CollectionRequested: WireName("CollectionAsked"),
    e.CulpritFound: WireName("GuiltFound"),
    e.EntryValidationStopped: WireName("EntryWithdrawn", fixed={"why": "its validation was stopped"}),
    e.EntryWithdrawn: WireName("EntryWithdrawn", fixed={"why": "withdrawn"}),
    e.ProbeBuilt: WireName("ProbeBuilt", {"on_top_of": "upon"}),
    e.RevertAdded: WireName("TaskAdded"),
    e.SlotsChanged: WireName("SlotsChanged", {"starts_blocked": "is_held"}),
    e.StopRequested: WireName("StopRequested", {"kill_now": "is_at_once"}),
    e.TaskRetried: WireName("TaskRetried", {"keep_worktree": "goes_on"}),
    e.UndoRequested: WireName("UndoAsked"),
}
"""Where the names differ. Renaming an event, a command or a field of one needs a line here, nothing else."""


class _Stamp(Struct, frozen=True):
    """What a line says of a record apart from its event."""

    seq: Annotated[int, msgspec.Meta(ge=1)]
    at: str
    cause: str


class _Shape(Struct, frozen=True):
    """A kind of event or command, and how a line spells it."""

    kind: type[Any]
    wire: WireName
    names: Mapping[str, str]
    """By the name in a line: the name in the code, where that is another."""
    keys: frozenset[str]
    """What a line may have: the names of its fields, and those of the envelope."""
    attempts: frozenset[str]
    """Names in a line of fields that are an AttemptId, written `parser.2`."""


class _Shapes(Struct, frozen=True):
    """The members of a union of events or commands."""

    by_kind: Mapping[type, _Shape]
    by_type: Mapping[str, tuple[_Shape, ...]]
    """More than one only where `WireName.fixed` distinguishes them."""


def _shapes(union: object, *envelope: str) -> _Shapes:
    """Return the shapes of the union's members; none may have a field named like one of the envelope."""
    by_kind: dict[type, _Shape] = {}
    by_type: dict[str, tuple[_Shape, ...]] = {}
    for kind in get_args(union):
        wire = WIRE_NAMES.get(kind) or WireName(kind.__name__)
        names = {wire.fields.get(name, name): name for name in kind.__struct_fields__}
        assert names.keys().isdisjoint(envelope), f"{kind.__name__} has a field that the envelope needs"
        # as they are written: to evaluate the hints of a hundred classes takes a tenth of `porch status`
        written = ChainMap(*(vars(base).get("__annotations__", {}) for base in kind.__mro__))
        attempts = frozenset(key for key, name in names.items() if written[name] == AttemptId.__name__)
        renamed = {key: name for key, name in names.items() if key != name}
        shape = _Shape(kind, wire, renamed, frozenset((*names, *wire.fixed, *envelope)), attempts)
        by_kind[kind] = shape
        by_type[wire.type] = (*by_type.get(wire.type, ()), shape)
    return _Shapes(by_kind, by_type)


EVENTS = _shapes(AnyEvent, "seq", "at", "cause", "v", "type")
COMMANDS = _shapes(AnyCommand, "v", "type")


def record_to_bytes(record: Record) -> bytes:
    """Return the record as one line, newline included. `at` is kept to the millisecond.

    ValueError for a number that JSON does not have (infinity, NaN).
    """
    moment = EPOCH + round(record.at * 1000) * MILLISECOND
    at = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    envelope = {"seq": record.seq, "at": at, "cause": record.cause}
    return _line(envelope | _payload(record.event, EVENTS))


def record_from_bytes(line: bytes, where: str) -> Record:
    """Return the record that a line encodes; `where` names it (`journal.jsonl:41`) in a JournalError."""
    try:
        content = _content(line)
        event = _value(content, EVENTS, where)
        seq, at, cause = content.get("seq"), content.get("at"), content.get("cause")
        if not (type(seq) is int and seq >= 1 and type(at) is str and type(cause) is str):
            msgspec.convert(content, _Stamp)  # says what is wrong; of a record that is right it takes long
            raise ValueError("its number, time or cause is none")
        if not at.endswith("Z"):
            raise ValueError(f"expected a time in UTC such as 2026-11-22T08:15:00.123Z, found {at!r}")
        return Record(seq, (datetime.fromisoformat(at) - EPOCH) // MILLISECOND / 1000, cause, event)
    except (ValueError, RecursionError) as error:
        raise JournalError(
            f"{where}: cannot read this record of the run: {error}; the line is damaged."
            " Restore the file from a copy, or start again with porch run"
        ) from error


def command_to_bytes(command: AnyCommand) -> bytes:
    """Return the command as one line, newline included."""
    return _line(_payload(command, COMMANDS))


def command_from_bytes(content: bytes, where: str) -> AnyCommand:
    """Return the command a file holds; `where` names the file in a JournalError."""
    try:
        return cast(AnyCommand, _value(_content(content), COMMANDS, where))
    except (ValueError, RecursionError) as error:
        raise JournalError(f"{where}: cannot read this command: {error}; give it again") from error


def attempt_from_text(text: str) -> AttemptId:
    """Return the attempt that `parser.2` names, the inverse of `str`; ValueError if it names none."""
    match = ATTEMPT.fullmatch(text)
    if match is None:
        raise ValueError(f"expected an attempt such as parser.2, found {text!r}")
    return AttemptId(TaskId(match[1]), int(match[2]))


def _payload(value: object, shapes: _Shapes) -> dict[str, Any]:
    """Return version, type and fields of an event or a command, made of JSON's own types."""
    shape = shapes.by_kind[type(value)]
    content: dict[str, Any] = msgspec.to_builtins(value)
    for key in shape.attempts:
        content[key] = str(getattr(value, key))
    if shape.names:
        content = {shape.wire.fields.get(name, name): field for name, field in content.items()}
    return {"v": VERSION, "type": shape.wire.type, **content, **shape.wire.fixed}


def _value(content: dict[str, Any], shapes: _Shapes, where: str) -> Any:
    """Return the event or command that `content` describes."""
    version, name = content.get("v"), content.get("type")
    if type(version) is not int or version < 1 or not isinstance(name, str):
        raise ValueError("it has no version, or no type")
    if version > VERSION:
        _refuse(where, f"format {version}")
    for shape in shapes.by_type.get(name, ()):
        if shape.wire.fixed.items() <= content.items():
            break
    else:
        _refuse(where, f"the type {name!r}")
    if not shape.keys.issuperset(content):
        unknown = content.keys() - shape.keys
        _refuse(where, f"{name} with {', '.join(sorted(map(repr, unknown)))}")
    fields = dict(content)
    for key in shape.attempts:
        if key in content:
            attempt = attempt_from_text(msgspec.convert(content[key], str))
            fields[key] = {"task": attempt.task, "number": attempt.number}
    for key, name in shape.names.items():
        if key in content:
            fields[name] = fields.pop(key)
    with _ONE_AT_A_TIME:
        return msgspec.convert(fields, shape.kind)


def _refuse(where: str, what: str) -> NoReturn:
    raise JournalError(
        f"{where}: a newer porch wrote this: porch {__version__} reads format {VERSION} and does not know"
        f" {what}; upgrade porch to work with this run"
    )


def _line(content: dict[str, Any]) -> bytes:
    # Paths that are not UTF-8 hold lone surrogates (`surrogateescape`). msgspec refuses them both ways;
    # the json module does not, and what `backslashreplace` makes of one is just how JSON spells it.
    return (
        json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace") + b"\n"
    )


def _content(line: bytes) -> dict[str, Any]:
    try:
        content = msgspec.json.decode(line)
    except msgspec.DecodeError:  # lone surrogates, mostly; of what is really wrong the slower one says more
        content = _DECODER.decode(line.decode("utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"expected an object, found {type(content).__name__}")
    return content


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


_DECODER = json.JSONDecoder(parse_constant=_no_number)
"""Made once: `json.loads` would make one for every line."""
