"""What goes through `tty.in`, from whoever types to the shim: frames, each written at once.

    kind, 1 byte · length of the rest, 2 bytes, the lower first · at most 500 bytes

A pipe takes so few bytes whole or not at all, on macOS too: frames of several people never mix.

Stdlib only, nothing of porch: the shim imports this file from its own folder.
"""

from __future__ import annotations

import struct

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from collections.abc import Iterator

TYPED, PASSIVE, SIZE, REDRAW = b"i", b"p", b"s", b"r"
"""Kinds: what a person typed; what their terminal says (mouse, focus); columns and rows, as two numbers of 2
bytes; have the program draw everything again."""
MOST_BYTES = 500
HEAD = struct.Struct("<cH")
COLS_ROWS = struct.Struct("<HH")


def frame(kind: bytes, payload: bytes = b"") -> bytes:
    """Return one frame. ValueError if its payload is too long."""
    if len(payload) > MOST_BYTES:
        raise ValueError(f"a frame of {len(payload)} bytes: at most {MOST_BYTES} are written at once")
    return HEAD.pack(kind, len(payload)) + payload


def frames(kind: bytes, data: bytes) -> Iterator[bytes]:
    """Yield the frames that carry some data; none if there is none."""
    for at in range(0, len(data), MOST_BYTES):
        yield frame(kind, data[at : at + MOST_BYTES])


def take(buffer: bytes) -> tuple[tuple[bytes, bytes] | None, bytes]:
    """Return the first frame in a buffer, as kind and payload, or None if not all is there; and the rest."""
    if len(buffer) < HEAD.size:
        return None, buffer
    kind, length = HEAD.unpack_from(buffer)
    end = HEAD.size + length
    return ((kind, buffer[HEAD.size : end]), buffer[end:]) if len(buffer) >= end else (None, buffer)
