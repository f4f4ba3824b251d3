"""Parse the output of `git merge-tree --write-tree -z --messages`. Pure."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from porch_tui.core.conflict.conflict import ConflictKind, Stage


class ConflictedPath(Struct, frozen=True):
    """A path that git could not merge on its own."""

    path: str
    """As shown: where git appended a side's object id, this has `~target` or `~task`."""
    kind: ConflictKind
    stages: tuple[Stage, ...]
    tree_path: str
    """As it is in the merged tree."""
    origin: str = ""
    """Where it would be if git had not followed the other side's renaming of a directory."""


class MergeMessage(Struct, frozen=True):
    """A message of git about one or several paths; some conflicts have no other trace."""

    paths: tuple[str, ...]
    type: str
    """Git's stable word, such as "CONFLICT (contents)" or "Auto-merging"."""
    text: str


class MergeOutput(Struct, frozen=True):
    """The result of one merge."""

    tree: str
    """With conflicts, it has the files with markers."""
    conflicts: tuple[ConflictedPath, ...]
    messages: tuple[MergeMessage, ...]


def parse(output: bytes, labels: Mapping[str, str]) -> MergeOutput:
    """Parse one result; `labels` maps the object ids given to git to what is shown instead of them."""
    return _answer(iter(output.removesuffix(b"\0").split(b"\0")), labels)


def parse_stream(output: bytes, labels: Sequence[Mapping[str, str]]) -> list[tuple[bool, MergeOutput]]:
    """Parse the output of `--stdin`: whether each merge is clean, and its result.

    There may be fewer results than `labels`, which has one item for each pair of the request.
    """
    fields = iter(output.removesuffix(b"\0").split(b"\0") if output else ())
    return [(word == b"1", _answer(fields, shown)) for shown, word in zip(labels, fields, strict=False)]


def _answer(fields: Iterator[bytes], labels: Mapping[str, str]) -> MergeOutput:
    tree = next(fields).decode()
    stages: dict[str, list[Stage]] = {}
    for record in fields:
        if not record:
            break
        entry, _, path = record.partition(b"\t")
        mode, oid, number = entry.decode().split(" ")
        stages.setdefault(os.fsdecode(path), []).append(Stage(int(number), mode, oid))
    messages = []
    for count in fields:
        if not count.isdigit():  # the end, or advice on submodules that git puts after it
            break
        *paths, kind, text = (os.fsdecode(next(fields)) for _ in range(int(count) + 2))
        shown = tuple(_shown(path, labels) for path in paths)
        messages.append(MergeMessage(shown, kind, _shown(text, labels).rstrip("\n")))
    conflicts = (
        _conflicted(path, _shown(path, labels), tuple(versions), messages)
        for path, versions in stages.items()
    )
    return MergeOutput(tree, tuple(conflicts), tuple(messages))


def _conflicted(
    tree_path: str, path: str, stages: tuple[Stage, ...], messages: Sequence[MergeMessage]
) -> ConflictedPath:
    about = [one for one in messages if path in one.paths and one.type.startswith("CONFLICT")]
    kinds = [_kind_of(one.type) for one in about]
    # the most specific one: anything is, compared to contents
    kind = min(kinds, key=lambda one: one is ConflictKind.CONTENT, default=ConflictKind.OTHER)
    origin = ""
    if kind is ConflictKind.DIRECTORY_RENAME:  # git names the suggested path first, then the one it had
        named = (one.paths for one in about if _kind_of(one.type) is kind and one.paths[0] == path)
        origin = next((names[1] for names in named if len(names) > 1), "")
    return ConflictedPath(path, kind, stages, tree_path, origin)


def _kind_of(message_type: str) -> ConflictKind:
    word = message_type.removeprefix("CONFLICT (").removesuffix(")")
    return next((kind for kind in ConflictKind if kind.value == word), ConflictKind.OTHER)


def _shown(text: str, labels: Mapping[str, str]) -> str:
    for oid, label in labels.items():
        text = text.replace(oid, label)
    return text
