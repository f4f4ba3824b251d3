"""Where things stand in a TOML file: `tomllib` says what there is, but not where.

Only text that `tomllib` has read is looked at, so that nothing has to be checked here again.
"""

from __future__ import annotations

import re
import tomllib

from msgspec import Struct

_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|[\w-]+')
_VALUE = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:\'{0,2})'  # up to two quotes may end a long text
    r'|"(?:\\.|[^"\\])*"|\'[^\']*\''
    r"|[^\s,\]}#]+(?: \d[^\s,\]}#]*)?",  # a space may stand between a date and a time
    re.DOTALL,
)

KeyPath = tuple[str | int, ...]
"""The keys, and the places in lists from 0, that lead to something."""


class Entry(Struct, frozen=True):
    """A value and its key, a value in a list, or a header such as `[keys]`. Offsets count characters."""

    path: KeyPath
    start: int
    """Of its key; of a value in a list: of the value."""
    value: int
    """Where the value begins; -1: it is a header."""
    end: int
    within: int = -1
    """Where the brackets around it open, which stand in a line of their own; -1: it does so itself."""

    @property
    def name(self) -> str:
        """Its keys with dots between them, as people write them: `keys.task.retry`, `commands.0.run`."""
        return ".".join(map(str, self.path))


class TomlText:
    """The text of a valid TOML file, and what stands where in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.entries: list[Entry] = []
        self._at = 0
        self._lengths: dict[KeyPath, int] = {}
        """Of the lists of tables, `[[commands]]`, as far as they have been read."""
        table: KeyPath = ()
        while self._skip() < len(text):
            if text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
        self._starts: dict[str, int] = {}
        for entry in self.entries:
            for length in range(1, len(entry.path) + 1):
                self._starts.setdefault(".".join(map(str, entry.path[:length])), entry.start)

    def line_of(self, name: str) -> int:
        """Return the line, from 1, of a value by its name, else of the nearest thing around it."""
        while name and name not in self._starts:
            name = name.rpartition(".")[0]
        return self.text.count("\n", 0, self._starts.get(name, 0)) + 1

    def named(self, name: str) -> list[Entry]:
        """Return the values of this name: with and without quotes, `a.b` may be there twice."""
        return [entry for entry in self.entries if entry.value >= 0 and entry.name == name]

    def _skip(self) -> int:
        """Go on to what is no space, no comment, and no end of a line; return where that is."""
        gap = _GAP.match(self.text, self._at)
        self._at = gap.end() if gap is not None else self._at
        return self._at

    def _taken(self, mark: str) -> bool:
        is_there = self.text.startswith(mark, self._skip())
        self._at += len(mark) if is_there else 0
        return is_there

    def _keys(self) -> tuple[str, ...]:
        keys: list[str] = []
        while not keys or self._taken("."):
            written = _KEY.match(self.text, self._skip())
            assert written is not None, self.text[self._at :]
            self._at = written.end()
            keys.append(_key(written[0]))
        return tuple(keys)

    def _header(self) -> KeyPath:
        """Take a header; return the path of its table."""
        start, is_list = self._at, self._taken("[[")
        if not is_list:
            self._taken("[")
        path: KeyPath = ()
        for key in self._keys():
            path = (*self._last_of(path), key)
        if is_list:
            self._lengths[path] = self._lengths.get(path, 0) + 1
        self._taken("]]" if is_list else "]")
        table = self._last_of(path)
        self.entries.append(Entry(table, start, -1, self._at))
        return table

    def _last_of(self, path: KeyPath) -> KeyPath:
        return (*path, self._lengths[path] - 1) if path in self._lengths else path

    def _pair(self, table: KeyPath, within: int = -1) -> None:
        start = self._skip()
        path = (*table, *self._keys())
        self._taken("=")
        self._value(path, start, within)

    def _value(self, path: KeyPath, start: int, within: int) -> None:
        """Take a value, and what is in it; before those comes the value itself."""
        value, place = self._skip(), len(self.entries)
        if self._taken("{"):
            while not self._taken("}"):
                self._pair(path, value)
                self._taken(",")
        elif self._taken("["):
            number = 0
            while not self._taken("]"):
                self._value((*path, number), self._skip(), value)
                self._taken(",")
                number += 1
        else:
            written = _VALUE.match(self.text, value)
            assert written is not None, self.text[value:]
            self._at = written.end()
        self.entries.insert(place, Entry(path, start, value, self._at, within))


def _key(written: str) -> str:
    if written[0] == '"':
        return str(tomllib.loads(f"key = {written}")["key"])
    return written.strip("'")


def error_line(error: tomllib.TOMLDecodeError, text: str) -> int:
    """Return the line, from 1, that an error is about; the last one if that is the end of the file."""
    line = re.search(r"at line (\d+)", str(error))
    return int(line[1]) if line else max(1, len(text.splitlines()))
