"""What hosts have asked for, in files while it is sent: the objects of a base, the files of `copy`.

A host gets the bases and the copies of attempts that it was ordered to run, and nothing else: what it asks
for is looked up among these.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from porch_tui.errors import PorchError
from porch_tui.executors.checkout import TaskCheckout
from porch_tui.git.transfer import copies, packs
from porch_tui.git.transfer.copies import ChangedError, Copies, Entry
from porch_tui.places.wire import messages as m
from porch_tui.places.wire.lines import PART_BYTES

_listed: dict[tuple[Path, tuple[str, ...]], tuple[list[Entry], Copies]] = {}
"""By root and names: how the files were when they were read, and the list with their hashes."""
_reading = threading.Lock()


def listed(root: Path, names: Sequence[str]) -> Copies:
    """Return the list of files of `copy`; they are read only if one has changed.

    Raises PlanError for what cannot be sent, OSError.
    """
    key = (root, tuple(names))
    with _reading:
        found = copies.surveyed(root, names)
        before = _listed.get(key)
        if before is None or before[0] != found:
            before = _listed[key] = (found, copies.listed(root, names))
        return before[1]


class _Open(Struct):
    """A file that is being sent."""

    file: BinaryIO
    size: int


class Supplies:
    """What one host may have, and the files that it is being sent."""

    def __init__(self) -> None:
        self._ordered: dict[str, tuple[TaskCheckout, bool]] = {}
        """For which checkout a base or copies are, by their names; whether with full history."""
        self._files: dict[str, _Open] = {}
        self._lock = threading.Lock()

    def note(self, order: m.Order, checkout: TaskCheckout) -> None:
        """Note that a host was ordered to run an attempt, and so may have what that takes."""
        _, is_full = self._ordered.get(order.base, (checkout, False))
        self._ordered[order.base] = checkout, is_full or order.has_full_history
        if order.copies:
            self._ordered[order.copies] = checkout, False

    def send(self, need: m.Need, say: Callable[[m.Message], None]) -> None:
        """Say the parts of what is needed, up to a window's worth; the host asks for the rest.

        Says nothing to what it may not have. Raises PorchError or OSError if it cannot be had any more; then
        the host knows as well.
        """
        name = need.base or need.copies
        checkout, is_full = self._ordered.get(name, (None, False))
        if checkout is None or need.is_full > is_full:
            return
        with self._lock:
            at, there = need.at, self._files.get(name)
            if there is None or not 0 < at < there.size:  # new, or of another connection
                try:
                    at, there = 0, self._made(name, need, checkout)
                except (PorchError, OSError):
                    say(m.Pack(name, 0, 0, b"") if need.base else m.Copies(name, 0, 0, b""))
                    raise
            for message in _parts(need, there, at):
                say(message)
            if at + m.WINDOW >= there.size:
                self._files.pop(name).file.close()

    def _made(self, name: str, need: m.Need, checkout: TaskCheckout) -> _Open:
        if (before := self._files.pop(name, None)) is not None:
            before.file.close()
        file = tempfile.TemporaryFile()  # noqa: SIM115 - it stays open until the last part was sent
        try:
            if need.base:
                self._write_base(need, checkout, file)
            else:
                _write_copies(need.copies, checkout, file)
        except BaseException:
            file.close()
            raise
        self._files[name] = made = _Open(file, file.seek(0, 2))
        return made

    @staticmethod
    def _write_base(need: m.Need, checkout: TaskCheckout, file: BinaryIO) -> None:
        repository, there = checkout.repository, packs.Tips(need.bases, need.histories)
        choice = packs.choose(repository, need.base, there, is_full=need.is_full, is_again=need.is_again)
        if choice.kind is packs.Kind.HIT:  # it is there by now, or so it says
            choice = packs.Choice(packs.Kind.FULL if need.is_full else packs.Kind.SNAPSHOT)
        packs.write(repository, need.base, choice, file)


def _write_copies(digest: str, checkout: TaskCheckout, file: BinaryIO) -> None:
    root = checkout.repository.root
    now = listed(root, checkout.copy)
    if now.digest != digest:
        raise ChangedError("files of `copy` have changed since the attempt was ordered")
    copies.write(root, now, file)


def _parts(need: m.Need, there: _Open, at: int) -> Iterator[m.Message]:
    end = min(at + m.WINDOW, there.size)
    there.file.seek(at)
    while at < end:
        data = there.file.read(min(PART_BYTES, end - at))
        if need.base:
            yield m.Pack(need.base, at, there.size, data)
        else:
            yield m.Copies(need.copies, at, there.size, data)
        at += len(data)
