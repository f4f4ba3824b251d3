"""Prints text: in the terminal's width, colors and encoding, or whole into a file.

All text passes through here, so that a terminal never acts on a control sequence in it (in a path, a branch,
a message of git): only the colors that porch itself has set pass, where colors are wanted.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from porch_tui.cli.output.streams import MOST_BYTES, put_err, put_out
from porch_tui.errors import PlanError, RefusedError, RepositoryError
from porch_tui.present.cells import WIDTH
from porch_tui.present.clean import clean_message
from porch_tui.present.signs import Sign
from porch_tui.report.forms.as_json import as_json
from porch_tui.report.forms.palette import ASCII, COLORED, PLAIN, Palette

NARROWEST = 40
"""Cells; text made for less is no easier to read."""
COLOR = re.compile("(\x1b\\[[0-9;:]*m)")


def write(text: str) -> None:
    """Write an answer to standard output; characters that its encoding lacks are escaped as in Python.

    Raises OutputError or ReaderGoneError, but not during a run (`printer.unhurried`).
    """
    put_out(_encoded(_fit(text), sys.stdout))


def write_line(line: str) -> None:
    """Write what has just happened; left out if during a run too much waits for the reader already."""
    put_out(_encoded(f"{_fit(line)}\n", sys.stdout), MOST_BYTES)


def write_log(text: str) -> None:
    """Write a piece of a log that a `TerminalFilter` has made fit for standard output."""
    put_out(_encoded(text, sys.stdout))


def write_json(document: object, *, is_line: bool = False) -> None:
    """Write one JSON document, in ASCII; a byte of a path that is not UTF-8 is written `\\udce9`."""
    write(as_json(document, is_line=is_line))


def say(text: str) -> None:
    """Write a message to standard error, with a newline. That it cannot be written is no error."""
    put_err(_encoded(f"{clean_message(text)}\n", sys.stderr))


def _fit(text: str) -> str:
    if "\x1b" not in text or not has_colors():
        return clean_message(text)
    return "".join(part if COLOR.fullmatch(part) else clean_message(part) for part in COLOR.split(text))


def _encoded(text: str, stream: TextIO | None) -> bytes:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace")


def has_colors() -> bool:
    """Say whether stdout is a terminal, and colors are not switched off (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def palette() -> Palette:
    """Return the glyphs and colors that stdout can take."""
    try:
        "".join(map(PLAIN.glyph, Sign)).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return ASCII
    return COLORED if has_colors() else PLAIN


def width() -> int:
    """Return the cells of a line: the terminal's, or those of a page if it goes to a file."""
    if not sys.stdout.isatty():
        return WIDTH
    from shutil import get_terminal_size  # takes 2 ms to import, and what goes to a script needs none of it

    return max(get_terminal_size().columns, NARROWEST)


def replace_file(path: Path, content: bytes, *, instead_of: bytes | None = None) -> None:
    """Replace a file in one step, so that it is never half written; write to devices and pipes.

    PlanError if the path is a folder or in none, RepositoryError if it cannot be written, RefusedError, and
    nothing is written, if `instead_of` is given and the file holds something else.
    """
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise PlanError(f"cannot write to {path}: it is a folder, or in none; name a file")
    place = path.resolve()
    aside = place.with_name(f".{place.name[:200]}.{os.urandom(6).hex()}.porch")
    try:
        if place.exists() and not place.is_file():
            place.write_bytes(content)
            return
        with aside.open("xb") as file:
            file.write(content)
        if place.exists():
            aside.chmod(place.stat().st_mode & 0o7777)
        if instead_of is not None and place.read_bytes() != instead_of:
            raise RefusedError(
                f"{path} was changed meanwhile, so nothing was written to it; do the same again"
            )
        aside.replace(place)
    except OSError as error:
        raise RepositoryError(
            f"cannot write to {path}: {error.strerror}; fix that, or name another file"
        ) from error
    finally:
        with suppress(OSError):
            aside.unlink()
