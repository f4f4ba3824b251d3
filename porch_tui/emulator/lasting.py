"""What output that is not replayed leaves behind: modes, the alternate screen, flags of the keyboard."""

from __future__ import annotations

import re

_LASTING = re.compile(rb"\x1b(?:\[\?[0-9;]{1,64}[hl]|\[!p|\[[<>=][0-9;]{0,16}u|[=>c]|[()][0B])")
LONGEST = 70
"""Bytes of such a sequence."""


def lasting(output: bytes) -> bytes:
    """Return the sequences in some output whose effect lasts, in their order: much less than the output.

    Fed to a screen, they make it take further output, and keys, as if it had seen all of it.
    """
    return b"".join(_LASTING.findall(output))
