"""What `git merge-tree --write-tree -z --messages` says, as values. Pure: it parses, and runs nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from porch_tui.core.conflict.conflict import ConflictKind, Stage


class ConflictedPath(Struct, frozen=True):
    """A path git could not merge by itself."""

    path: str
    """As shown: where git appended a side's object id, this says `~target` or `~task`."""
    kind: ConflictKind
    stages: tuple[Stage, ...]
    tree_path: str
    """As it stands in the merged tree."""
    origin: str = ""
    """Where it would be, had git not followed the other side's renaming of a directory."""


class MergeMessage(Struct, frozen=True):
    """What git has to say on one or several paths; some conflicts have no other trace."""

    paths: tuple[str, ...]
    type: str
    """Git's stable word, such as "CONFLICT (contents)" or "Auto-merging"."""
    text: str


class MergeOutput(Struct, frozen=True):
    """A whole answer."""

    tree: str
    """With conflicts, it holds the files with markers."""
    conflicts: tuple[ConflictedPath, ...]
    messages: tuple[MergeMessage, ...]


def parse(output: bytes, labels: Mapping[str, str]) -> MergeOutput:
    """Parse one answer; `labels` are the object ids given to git, and what to show instead of them."""
    return _answer(iter(output.removesuffix(b"\0").split(b"\0")), labels)


def parse_stream(output: bytes, labels: Sequence[Mapping[str, str]]) -> list[tuple[bool, MergeOutput]]:
    """Parse what `--stdin` adds up: whether each merge is clean, and its answer.

    There may be fewer answers than `labels`, which has those of each pair that was asked.
    """
    fields = iter(output.removesuffix(b"\0").split(b"\0") if output else ())
    return [(word == b"1", _answer(fields, shown)) for shown, word in zip(labels, fields, strict=False)]


def _answer(fields: Iterator[bytes], labels: Mapping[str, str]) -> MergeOutput:
    tree = next(fields).decode()
    stages = _stages(fields)
    messages = tuple(_messages(fields, labels))
    return MergeOutput(
        tree=tree,
        conflicts=tuple(
            _conflicted(path, _shown(path, labels), tuple(found), messages) for path, found in stages.items()
        ),
        messages=messages,
    )


def _stages(fields: Iterator[bytes]) -> dict[str, list[Stage]]:
    stages: dict[str, list[Stage]] = {}
    for record in fields:
        if not record:
            break
        entry, _, path = record.partition(b"\t")
        mode, oid, number = entry.decode().split(" ")
        stages.setdefault(os.fsdecode(path), []).append(Stage(int(number), mode, oid))
    return stages


def _messages(fields: Iterator[bytes], labels: Mapping[str, str]) -> Iterator[MergeMessage]:
    for count in fields:
        if not count.isdigit():  # the end, or advice on submodules that git puts behind it
            break
        paths = tuple(_shown(os.fsdecode(next(fields)), labels) for _ in range(int(count)))
        yield MergeMessage(
            paths, next(fields).decode(), _shown(os.fsdecode(next(fields)), labels).rstrip("\n")
        )


def _conflicted(
    tree_path: str, path: str, stages: tuple[Stage, ...], messages: Sequence[MergeMessage]
) -> ConflictedPath:
    kind = _kind(path, messages)
    origin = ""
    if kind is ConflictKind.DIRECTORY_RENAME:  # git names the suggested path first, then the one it had
        told = (one.paths for one in messages if _kind_of(one.type) is kind and one.paths[0] == path)
        origin = next((names[1] for names in told if len(names) > 1), "")
    return ConflictedPath(path, kind, stages, tree_path, origin)


def _kind(path: str, messages: Sequence[MergeMessage]) -> ConflictKind:
    """The most telling type among the messages that name the path: anything before mere contents."""
    kinds = [_kind_of(one.type) for one in messages if path in one.paths and one.type.startswith("CONFLICT")]
    telling = [kind for kind in kinds if kind is not ConflictKind.CONTENT]
    return (telling or kinds or [ConflictKind.OTHER])[0]


def _kind_of(message_type: str) -> ConflictKind:
    word = message_type.removeprefix("CONFLICT (").removesuffix(")")
    return next((kind for kind in ConflictKind if kind.value == word), ConflictKind.OTHER)


def _shown(text: str, labels: Mapping[str, str]) -> str:
    for oid, label in labels.items():
        text = text.replace(oid, label)
    return text
