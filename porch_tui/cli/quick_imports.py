"""What is imported a shorter way than it would take itself, since a person waits for it with each command."""

from __future__ import annotations

import sys


def import_msgspec() -> None:
    """Import msgspec without typing_extensions, in half the time (26 to 13 ms where textual is installed).

    It takes three names from there that typing has too since Python 3.11, and does so where
    typing_extensions is missing. With it come inspect, ast, dis and tokenize, for nothing.
    """
    if "typing_extensions" in sys.modules or "msgspec" in sys.modules:
        return
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # how Python notes that it is missing
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules["typing_extensions"]
