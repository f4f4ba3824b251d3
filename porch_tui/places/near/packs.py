"""What a host asked for, in parts: the objects of a base."""

from __future__ import annotations

from collections.abc import Iterator

from porch_tui.git.repository import Repository
from porch_tui.places.wire import messages as m
from porch_tui.places.wire.lines import PART_BYTES


def parts(repository: Repository, need: m.Need) -> Iterator[m.Message]:
    """Yield the messages that bring what is needed."""
    git = repository.git
    listed = git.text("rev-list", "--objects", "--no-walk", need.base).splitlines()
    names = "".join(f"{line.split(' ', 1)[0]}\n" for line in listed)
    pack = git.run("pack-objects", "--stdout", "-q", stdin=names.encode()).stdout
    for at in range(0, len(pack), PART_BYTES):
        yield m.Pack(need.base, at, len(pack), pack[at : at + PART_BYTES], is_shallow=True)
