"""What a host asked for, in parts: the objects of a base."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

from porch_tui.git.repository import Repository
from porch_tui.git.transfer import packs
from porch_tui.places.wire import messages as m
from porch_tui.places.wire.lines import PART_BYTES


def parts(repository: Repository, need: m.Need) -> Iterator[m.Message]:
    """Yield the messages that bring what is needed. Raises GitError."""
    there = packs.Tips(need.bases, need.histories)
    choice = packs.choose(repository, need.base, there, is_full=need.is_full, is_again=need.is_again)
    if choice.kind is packs.Kind.HIT:  # it is there by now
        choice = packs.Choice(packs.Kind.SNAPSHOT)
    with tempfile.TemporaryFile() as file:
        packs.write(repository, need.base, choice, file)
        size = file.seek(0, 2)
        file.seek(0)
        at = 0
        while data := file.read(PART_BYTES):
            yield m.Pack(need.base, at, size, data)
            at += len(data)
