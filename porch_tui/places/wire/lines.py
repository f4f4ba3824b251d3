"""Messages as lines of JSON, and back, from a side that is not trusted.

A line is `{"type": "Log", …}`. Too long a line, or one that is no message, breaks the connection, not the
engine; a kind that is not known is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from porch_tui.errors import PorchError
from porch_tui.places.wire.messages import FROM_ENGINE, FROM_HOST, Message

LONGEST_LINE = 8 << 20
"""In bytes. A task with a very long prompt fits; whatever is larger comes in parts of `PART_BYTES`."""
PART_BYTES = 256 << 10
"""Of a log, a pack or a bundle in one message."""


for _kind in (*FROM_ENGINE, *FROM_HOST):
    # msgspec builds what it knows of a type at its first use, and crashes if two threads do that at once
    msgspec.json.Decoder(_kind)


class WireError(PorchError):
    """What came over a connection is no message."""


def encode(message: Message) -> bytes:
    """Return a message as a line."""
    fields = {"type": type(message).__name__, **msgspec.to_builtins(message)}
    return msgspec.json.encode(fields) + b"\n"


class Lines:
    """Cuts a stream into messages of one side."""

    def __init__(self, kinds: Sequence[type[Message]]) -> None:
        self._kinds = {kind.__name__: kind for kind in kinds}
        self._rest = bytearray()
        self._is_broken = False

    @classmethod
    def from_engine(cls) -> Lines:
        """Return the reader of what engines say."""
        return cls(FROM_ENGINE)

    @classmethod
    def from_host(cls) -> Lines:
        """Return the reader of what hosts say."""
        return cls(FROM_HOST)

    def __len__(self) -> int:
        """Return how many bytes wait for the rest of their line."""
        return len(self._rest)

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield the messages that are complete by now. Raises WireError; after that nothing more is read."""
        if self._is_broken:
            return
        searched = len(self._rest)
        self._rest += data
        begin = 0
        while (end := self._rest.find(b"\n", max(begin, searched))) >= 0:
            line, begin = bytes(self._rest[begin:end]), end + 1
            if (message := self._message(line)) is not None:
                yield message
        del self._rest[:begin]
        if len(self._rest) > LONGEST_LINE:
            raise self._broken(f"a line of more than {LONGEST_LINE >> 20} MiB")

    def _broken(self, why: str) -> WireError:
        self._is_broken = True
        self._rest.clear()
        return WireError(why)

    def _message(self, line: bytes) -> Message | None:
        try:
            fields = msgspec.json.decode(line)
            kind = self._kinds.get(fields.pop("type"))
            return None if kind is None else msgspec.convert(fields, kind)
        except (msgspec.DecodeError, RecursionError, KeyError, AttributeError, TypeError) as error:
            raise self._broken(f"no message: {line[:80]!r}: {error}") from error
