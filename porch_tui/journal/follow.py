"""Reading a journal while somebody writes it. Looks when asked to; waits for nothing."""

from __future__ import annotations

from pathlib import Path

from porch_tui.core.model.events import Record
from porch_tui.errors import JournalError
from porch_tui.journal.log import records_in, whole_lines


class Follower:
    """A reader that remembers how far it has read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        """Bytes read, always a whole number of lines."""
        self._seq = 0
        self._last_line = b""
        """The last line returned, to notice if it was taken back."""

    def new_records(self) -> list[Record]:
        """Return what was written since the last look; nothing while there is no journal.

        An append that fails (a full disk) is taken back by its writer; if this
        reader saw some of it, it starts anew. So a list that begins with record
        1 replaces all that was returned before. JournalError as for `log.read`.
        """
        try:
            lines = self._unread_lines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise JournalError(
                f"cannot follow the journal {self._path}: {error.strerror};"
                " the run directory must be readable"
            ) from error
        records = list(records_in(lines, self._path, after=self._seq))
        if records:
            self._offset += len(lines)
            self._seq = records[-1].seq
            self._last_line = lines[lines.rfind(b"\n", 0, -1) + 1 :]
        return records

    def _unread_lines(self) -> bytes:
        """Return the whole lines beyond those returned, which are all of them if ours were taken back."""
        with self._path.open("rb", buffering=0) as file:
            file.seek(self._offset - len(self._last_line))
            block = file.read()
            if not block.startswith(self._last_line):
                self._offset, self._seq, self._last_line = 0, 0, b""
                file.seek(0)
                block = file.read()
        return whole_lines(block[len(self._last_line) :])
