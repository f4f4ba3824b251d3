"""How a command's answer gets out: in the terminal's width, colours and encoding, or whole into a file."""

from __future__ import annotations

import json
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from porch_tui.errors import PlanError, RepositoryError
from porch_tui.report.columns import WIDTH
from porch_tui.report.palette import ASCII, COLOURED, PLAIN, Palette

NARROWEST = 40
"""Cells; text made for less is no easier to read."""


def write(text: str) -> None:
    """Write to stdout at once; what its encoding lacks is written as Python escapes it."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()


def write_json(document: object) -> None:
    """Write one JSON document, in ASCII; a byte of a path that is not UTF-8 is written `\\udce9`."""
    write(json.dumps(document, indent=2, allow_nan=False) + "\n")


def has_colours() -> bool:
    """Say whether stdout is a terminal whose owner has nothing against colours (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def palette() -> Palette:
    """Return the glyphs and colours that stdout can take."""
    try:
        "".join(PLAIN.glyphs.values()).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return ASCII
    return COLOURED if has_colours() else PLAIN


def width() -> int:
    """Return the cells of a line: the terminal's, or those of a page where nobody looks."""
    return max(shutil.get_terminal_size().columns, NARROWEST) if sys.stdout.isatty() else WIDTH


def replace_file(path: Path, content: bytes) -> None:
    """Put content into a file so that nobody ever sees half of it; devices and pipes are written to.

    PlanError if the path is a folder or lies in none, RepositoryError if the disk refuses.
    """
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise PlanError(f"cannot write to {path}: it is a folder, or lies in none; name a file")
    place = path.resolve()
    aside = place.with_name(f".{place.name[:200]}.{os.urandom(6).hex()}.porch")
    try:
        if place.exists() and not place.is_file():
            place.write_bytes(content)
            return
        with aside.open("xb") as file:
            file.write(content)
        if place.exists():
            shutil.copymode(place, aside)
        aside.replace(place)
    except OSError as error:
        raise RepositoryError(
            f"cannot write to {path}: {error.strerror}; mend that, or name another file"
        ) from error
    finally:
        with suppress(OSError):
            aside.unlink()
