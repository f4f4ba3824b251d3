"""A value put into the text of a file of settings, or taken out of it, every other character as it was.

tomlkit finds where a value is. What is made of the text counts only if `tomllib` reads in it what was meant,
and the rest as before.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

from porch_tui.cli.output.printing import replace_file
from porch_tui.cli.settings import BOM, NO_UTF8, as_written, bad_line, flat
from porch_tui.cli.toml_lines import KeyPath, leads, line_of, mistake, paths, statement
from porch_tui.errors import PlanError, RepositoryError
from porch_tui.journal.durable import read_file

AS_IT_WAS = "nothing was changed; mend that first: porch settings edit"
BY_HAND = "nothing was changed; do it by hand: porch settings edit"
MARK = "the value that is looked for"
"""Stands where a value was. A text that has it besides is not changed."""


def set_in_file(file: Path, name: str, value: object, begun: str) -> int:
    """Set a value in a file by its name, `theme` or `keys.task.retry`; return its line.

    A file that is not there begins as `begun`. If it cannot be read, understood or written, or would not say
    that afterwards and otherwise the same, PlanError or RepositoryError is raised, and it is as it was.
    """
    return line_of(_edited(file, lambda text: with_value(text, name, value), name, begun), name)


def unset_in_file(file: Path, name: str) -> None:
    """Take a value out of a file, if it is there; the same errors as of `set_in_file`."""
    if file.exists():
        _edited(file, lambda text: without(text, name), name, "")


def _edited(file: Path, edit: Callable[[str], str | None], name: str, begun: str) -> str:
    """Write what `edit` makes of the text of the file, unless that is None; return it."""
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
        edited = edit(text)
    except UnicodeDecodeError as error:
        raise PlanError(f"{file}:{bad_line(error)}: {NO_UTF8}; {AS_IT_WAS}") from error
    except tomllib.TOMLDecodeError as error:
        line, said = mistake(error, text)
        raise PlanError(f"{file}:{line}: {said}; {AS_IT_WAS}") from error
    if edited is None:
        place = f"{file}:{line_of(text, name)}"
        raise PlanError(f"{place}: {name} cannot be changed beside what stands here; {BY_HAND}")
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


def with_value(text: str, name: str, value: object) -> str | None:
    """Return a text with a value, in place of an earlier one of its name; None if no way to do that is right.

    Raises tomllib.TOMLDecodeError if the text is no TOML.
    """
    found = tomllib.loads(text)
    known = [*paths(found, name)]
    ways = _with_values(text, known, as_written(value)) if known else _with_new(text, found, name, value)
    wanted = {**flat(found), name: value}
    return next((way for way in ways if (read := _read(way)) is not None and flat(read) == wanted), None)


def without(text: str, name: str) -> str | None:
    """Return a text without a value; a comment behind it stays. Errors and None as of `with_value`."""
    rest = _others(tomllib.loads(text), name)
    while known := [*paths(tomllib.loads(text), name)]:
        place = _span(text, known[0])
        for cut in _cuts(text, *place) if place is not None else ():
            found = _read(cut)
            if found is not None and [*paths(found, name)] == known[1:] and _others(found, name) == rest:
                text = cut
                break
        else:
            return None
    return text


def _others(found: Mapping[str, Any], name: str) -> dict[str, object]:
    return {one: value for one, value in flat(found).items() if one != name}


def _read(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _with_values(text: str, known: Iterable[KeyPath], written: str) -> Iterator[str]:
    """Yield a text with this in place of each of the values, if they are found."""
    for path in known:
        if (place := _span(text, path)) is None:
            return
        text = text[: place[0]] + written + text[place[1] :]
    yield text


def _with_new(text: str, found: Mapping[str, Any], name: str, value: object) -> Iterator[str]:
    """Yield a text with a new value in each place where one may write it, the best first.

    Some are wrong: what looks like a comment may be within a text, and a table may be written in many ways.
    """
    table, _, key = name.partition(".") if "." in name else ("", "", name)
    written, newline = as_written(key) if table else key, _newline(text)
    pair = f"{written} = {as_written(value)}"
    for shown in re.finditer(rf"^[ \t]*#[ \t]*{re.escape(written)}[ \t]*=", text, re.MULTILINE):
        yield _with_line(text, shown.end(), pair)
    for start, end in _beside(text, found, table):
        yield _with_line(text, end, _indentation(text, start) + pair)
        yield _with_line(text, end, f"{table}.{pair}")
        yield f"{text[:end]}, {pair}{text[end:]}"
    if not table:
        yield _with_line(text, len(text), pair)
        yield f"{pair}{newline}{newline}{text}"
        return
    for header in re.finditer(rf"^[ \t]*\[[ \t]*([\"']?){table}\1[ \t]*\]", text, re.MULTILINE):
        yield _with_line(text, header.end(), pair)
    if found.get(table) == {} and (place := _span(text, (table,))):
        yield f"{text[: place[0]]}{{ {pair} }}{text[place[1] :]}"
    gap = newline if text.strip() else ""
    yield _with_line(text, len(text), f"{gap}[{table}]{newline}{pair}")


def _beside(text: str, found: Mapping[str, Any], table: str) -> list[tuple[int, int]]:
    """Return where the values are that are already in a table, or above all tables, the last first."""
    known: list[KeyPath] = [(name,) for name, value in found.items() if not isinstance(value, dict)]
    if table:
        names = [name for name in flat(found) if name.startswith(f"{table}.")]
        known = [path for name in names for path in paths(found, name)]
    places = [_span(text, path) for path in known]
    return sorted((place for place in places if place), reverse=True)


def _cuts(text: str, start: int, end: int) -> Iterator[str]:
    """Yield a text without the value from `start` to `end` and what goes with it; some are wrong."""
    line, line_end = text.rfind("\n", 0, start) + 1, _line_end(text, end)
    behind = text[end:line_end].lstrip(" \t")
    if not behind.strip():
        yield text[:line] + text[line_end:]
    elif behind.startswith("#"):
        yield text[:line] + _indentation(text, line) + behind + text[line_end:]
    comma, brace = text.rfind(",", line, start), text.rfind("{", line, start) + 1
    if comma >= 0:
        yield text[:comma] + text[end:]
    if brace:
        yield text[:brace] + text[text.find(",", end) + 1 :]
        yield text[:brace] + text[end:]


def _span(text: str, path: KeyPath) -> tuple[int, int] | None:
    """Return where the value begins and ends that a path leads to; None if tomlkit does not find it."""
    import tomlkit

    start, end = statement(text, path)
    piece = text[start:end]
    found = tomllib.loads(piece)
    *around, key = next(path[at:] for at in range(len(path)) if leads(found, path[at:]))
    try:
        document: Any = tomlkit.parse(piece)
        reduce(getitem, around, document)[key] = MARK
        before, mark, behind = tomlkit.dumps(document).partition(f'"{MARK}"')
    except tomlkit.exceptions.TOMLKitError:
        return None
    is_found = mark and len(before) + len(behind) <= len(piece)
    is_as_it_was = piece.startswith(before) and piece.endswith(behind)
    return (start + len(before), end - len(behind)) if is_found and is_as_it_was else None


def _with_line(text: str, above: int, line: str) -> str:
    """Return a text with a line below the one at an offset."""
    newline, at = _newline(text), _line_end(text, above)
    is_open = at > 0 and not text[:at].endswith("\n")
    return f"{text[:at]}{newline if is_open else ''}{line}{newline}{text[at:]}"


def _indentation(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : _line_end(text, at)]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _line_end(text: str, at: int) -> int:
    return text.find("\n", at) + 1 or len(text)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
