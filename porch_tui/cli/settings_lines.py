"""Where something stands in a file of settings: `tomllib` does not say."""

from __future__ import annotations

import re
from pathlib import Path


class SettingsLines:
    """The lines of one file. Of a name that is written with escapes, the first line is returned."""

    def __init__(self, file: Path, text: str) -> None:
        self._file = file
        self._lines = text.splitlines()

    def place(self, name: str) -> str:
        """Return file and line of a key or table of the file itself."""
        head = re.compile(rf"\s*\[*\s*[\"']?{re.escape(name)}[\"']?\s*[=.\]]")
        return self._at(self._first(head))

    def place_of_key(self, id: str) -> str:
        """Return file and line of the key of an action, in a table or not, with quotes or not."""
        head = re.compile(rf"\s*[\"']?({re.escape(id)}|{re.escape(id.rpartition('.')[2])})[\"']?\s*=")
        inline = re.compile(rf".*{re.escape(id)}")
        start = self._first(re.compile(r"\s*\[\s*keys\b")) or 0
        return self._at(self._first(head, start) or self._first(inline, start))

    def place_in_command(self, number: int, name: str) -> str:
        """Return file and line of a key of a person's own command, else of the command itself, from 0."""
        heads = [at for at, line in enumerate(self._lines) if re.match(r"\s*\[\[\s*commands\s*\]\]", line)]
        if number >= len(heads):
            return self.place("commands")
        start, end = heads[number], heads[number + 1] if number + 1 < len(heads) else None
        head = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=")
        found = self._first(head, start, end) if name else None
        return self._at(start if found is None else found)

    def _first(self, pattern: re.Pattern[str], start: int = 0, end: int | None = None) -> int | None:
        lines = enumerate(self._lines[start:end], start)
        return next((at for at, line in lines if pattern.match(line)), None)

    def _at(self, index: int | None) -> str:
        return f"{self._file}:{(index or 0) + 1}"
