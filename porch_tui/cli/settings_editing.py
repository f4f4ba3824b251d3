"""A value put into the text of a file of settings, or taken out of it, every other character as it was."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from porch_tui.cli.output.printing import replace_file
from porch_tui.cli.settings import BOM, NO_UTF8, as_written, bad_line, flat
from porch_tui.cli.toml_text import Entry, TomlText, error_line
from porch_tui.errors import PlanError, RepositoryError
from porch_tui.journal.durable import read_file

AS_IT_WAS = "nothing was changed; mend that first: porch settings edit"


def set_in_file(file: Path, name: str, value: object, begun: str) -> int:
    """Set a value in a file by its name, `theme` or `keys.task.retry`; return its line.

    A file that is not there begins as `begun`. If it cannot be read, understood or written, or would not say
    that afterwards and otherwise the same, PlanError or RepositoryError is raised, and it is as it was.
    """
    text = _edited(file, lambda text: with_value(text, name, as_written(value)), name, value, begun)
    return TomlText(text).line_of(name)


def unset_in_file(file: Path, name: str) -> None:
    """Take a value out of a file, if it is there; the same errors as of `set_in_file`."""
    if file.exists():
        _edited(file, lambda text: without(text, name), name, None, "")


def _edited(file: Path, edit: Callable[[str], str], name: str, value: object | None, begun: str) -> str:
    """Write what `edit` makes of the file, once it is proven to say what was meant; return it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        content = read_file(file)
    except FileNotFoundError:
        content = None
    except OSError as error:
        raise RepositoryError(
            f"{error.filename} cannot be read: {error.strerror}; nothing was changed"
        ) from error
    try:
        text = content.decode() if content is not None else begun
        mark = BOM if text.startswith(BOM) else ""
        text = text.removeprefix(mark)
        wanted = flat(tomllib.loads(text))
    except UnicodeDecodeError as error:
        raise PlanError(f"{file}:{bad_line(error)}: {NO_UTF8}; {AS_IT_WAS}") from error
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"{file}:{error_line(error, text)}: {error}; {AS_IT_WAS}") from error
    edited = edit(text)
    wanted.pop(name, None)
    if value is not None:
        wanted[name] = value
    if not _says(edited, wanted):
        place = f"{file}:{TomlText(text).line_of(name)}"
        raise PlanError(f"{place}: {name} cannot be set beside what stands here; {AS_IT_WAS}")
    if edited != text or content is None:
        _write(file, (mark + edited).encode(), content)
    return edited


def _write(file: Path, content: bytes, before: bytes | None) -> None:
    """Put the content in place of what was read, in the file that a link leads to."""
    try:
        replace_file(file, content, instead_of=before)
    except RepositoryError as error:
        why = error.__cause__.strerror if isinstance(error.__cause__, OSError) else error
        raise RepositoryError(f"{file.resolve()} cannot be written: {why}; nothing was changed") from error


def _says(text: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return flat(tomllib.loads(text)) == wanted
    except tomllib.TOMLDecodeError:
        return False


def with_value(text: str, name: str, value: str) -> str:
    """Return a text with a value, which is given as it is written, in place of an earlier one of its name."""
    toml = TomlText(text)
    if entries := toml.named(name):
        for entry in reversed(entries):
            text = text[: entry.value] + value + text[entry.end :]
        return text
    table, _, key = name.partition(".")
    return _with_key(toml, table, key, value) if key else _with_plain(toml, name, value)


def without(text: str, name: str) -> str:
    """Return a text without a value; a comment behind it stays."""
    for entry in reversed(TomlText(text).named(name)):
        start, end = _extent(TomlText(text), entry)
        text = text[:start] + text[end:]
    return text


def _extent(toml: TomlText, entry: Entry) -> tuple[int, int]:
    """Return what goes with a value: its line, or between brackets its comma."""
    if entry.within >= 0:
        beside = [one for one in toml.entries if one.within == entry.within]
        at = beside.index(entry)
        if at + 1 < len(beside):
            return entry.start, beside[at + 1].start
        return (beside[at - 1].end if at else entry.start), entry.end
    rest = toml.text[entry.end : _line_end(toml.text, entry.end)]
    if rest.strip():  # a comment
        return entry.start, entry.end + len(rest) - len(rest.lstrip())
    return toml.text.rfind("\n", 0, entry.start) + 1, entry.end + len(rest)


def _with_plain(toml: TomlText, name: str, value: str) -> str:
    """Add a value above all tables: below a comment that shows it, else below the last one there."""
    line, first = f"{name} = {value}", _first_header(toml)
    top = [entry for entry in toml.entries if entry.within < 0 and entry.start < first]
    shown = [
        one.end()
        for one in re.finditer(rf"^[ \t]*#[ \t]*{re.escape(name)}[ \t]*=", toml.text[:first], re.MULTILINE)
        if not any(entry.start < one.start() < entry.end for entry in top)
    ]
    if shown or top:
        return _with_line(toml.text, shown[-1] if shown else top[-1].end, line)
    if first == len(toml.text):
        return _with_line(toml.text, first, line)
    newline = _newline(toml.text)
    at = _above_comments(toml.text, first)
    return f"{toml.text[:at]}{line}{newline}{newline}{toml.text[at:]}"


def _with_key(toml: TomlText, table: str, key: str, value: str) -> str:
    """Add a value to a table, in whatever way the table is written; begin one at the end if there is none."""
    line = f"{as_written(key)} = {value}"
    header = next((one for one in toml.entries if one.value < 0 and one.path == (table,)), None)
    inline = next((one for one in toml.named(table) if toml.text[one.value] == "{"), None)
    dotted = [
        one
        for one in toml.entries
        if one.path[0] == table and one.within < 0 and one.start < _first_header(toml)
    ]
    if header is not None:
        behind = toml.entries[toml.entries.index(header) + 1 :]
        end = next((one.start for one in behind if one.value < 0), len(toml.text))
        lines = [one for one in behind if one.within < 0 and one.start < end]
        return _with_line(toml.text, (lines or [header])[-1].end, line, like=lines[-1] if lines else None)
    if inline is not None:
        inside = [one for one in toml.entries if one.within == inline.value]
        if inside:
            return f"{toml.text[: inside[-1].end]}, {line}{toml.text[inside[-1].end :]}"
        return f"{toml.text[: inline.value]}{{ {line} }}{toml.text[inline.end :]}"
    if dotted:
        return _with_line(toml.text, dotted[-1].end, f"{table}.{line}")
    newline = _newline(toml.text)
    gap = newline if toml.text.strip() else ""
    return _with_line(toml.text, len(toml.text), f"{gap}[{table}]{newline}{line}")


def _with_line(text: str, above: int, line: str, like: Entry | None = None) -> str:
    """Return a text with a line below the one at an offset, with the indentation of another."""
    newline, at = _newline(text), _line_end(text, above)
    if like is not None:
        begin = text.rfind("\n", 0, like.start) + 1
        line = text[begin : like.start] + line
    is_open = at > 0 and not text[:at].endswith("\n")
    return f"{text[:at]}{newline if is_open else ''}{line}{newline}{text[at:]}"


def _first_header(toml: TomlText) -> int:
    return next((entry.start for entry in toml.entries if entry.value < 0), len(toml.text))


def _above_comments(text: str, at: int) -> int:
    """Return where the comment begins that stands right above a line."""
    at = text.rfind("\n", 0, at) + 1
    while at and text[text.rfind("\n", 0, at - 1) + 1 : at].lstrip().startswith("#"):
        at = text.rfind("\n", 0, at - 1) + 1
    return at


def _line_end(text: str, at: int) -> int:
    return text.find("\n", at) + 1 or len(text)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
