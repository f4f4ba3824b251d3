"""Numbers as they are typed behind an option; argparse tells whatever is wrong with them."""

from __future__ import annotations

import argparse


def slots(text: str) -> int | None:
    """Return a whole number from 1; None for `auto`."""
    return None if text == "auto" else count(text)


def count(text: str) -> int:
    """Return a whole number from 1."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)
