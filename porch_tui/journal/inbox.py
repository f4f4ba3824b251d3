"""Commands on their way to the engine: a file each, renamed into a folder, so that none is ever seen half.

An engine takes them in order, and removes one when its record is durable. If it
dies in between, the next one finds the command again; the journal names the ids
of those that were carried out already. Whether to obey is not decided here.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.commands import AnyCommand
from porch_tui.errors import JournalError
from porch_tui.journal.codec import command_from_bytes, command_to_bytes
from porch_tui.journal.durable import read_file, sync_folder, write_new
from porch_tui.journal.rundir import RunDir

CLOCK_DIGITS = 20
"""Of a file's name, nanoseconds since the epoch: name order is time order."""


class Problem(Struct, frozen=True):
    """A file in the inbox that is no command this porch knows."""

    id: str
    """Of the command, judging by the file's name: its sender waits for an answer."""
    why: str


def new_command_id() -> str:
    """Return an id that no command has had, `cmd-` and 16 hexadecimal digits."""
    return f"cmd-{os.urandom(8).hex()}"


def drop(rundir: RunDir, command: AnyCommand) -> Path:
    """Put a command into the inbox, durably, and return its file; JournalError if that cannot be done."""
    name = f"{time.time_ns():0{CLOCK_DIGITS}}-{command.id}.json"
    aside, file = rundir.inbox / f".{name}.tmp", rundir.inbox / name
    try:
        try:
            write_new(aside, command_to_bytes(command))
            aside.rename(file)
        except OSError:
            aside.unlink(missing_ok=True)
            raise
        sync_folder(rundir.inbox)
    except OSError as error:
        raise JournalError(
            f"cannot give run {rundir.run} a command: {rundir.inbox}: {error.strerror};"
            " mend that, and give it again"
        ) from error
    return file


def take(rundir: RunDir) -> list[tuple[Path, AnyCommand | Problem]]:
    """Return the commands that wait, oldest first, each with its file, which stays until `done`.

    What is no command comes as a Problem, once; its file has been moved to `refused/`.
    """
    try:  # twenty times a second: glob takes several times as long to find nothing
        names = sorted(name for name in os.listdir(rundir.inbox) if name.endswith(".json"))  # noqa: PTH208
    except FileNotFoundError:
        return []  # no command can have been put there
    taken: list[tuple[Path, AnyCommand | Problem]] = []
    for name in names:
        file = rundir.inbox / name
        try:
            taken.append((file, command_from_bytes(read_file(file), str(file))))
        except FileNotFoundError:
            continue  # a person removed it, which is their right
        except (OSError, JournalError) as error:
            command = file.stem.partition("-")[2] or file.stem
            taken.append((_refuse(rundir, file), Problem(command, str(error))))
    return taken


def done(path: Path) -> None:
    """Remove a command whose record is durable; nothing happens the second time."""
    # Not synced: if a power cut brings it back, the journal already names its id.
    path.unlink(missing_ok=True)


def _refuse(rundir: RunDir, file: Path) -> Path:
    try:
        return file.rename(rundir.refused / file.name)
    except OSError as error:
        raise JournalError(
            f"cannot move {file}, which is no command, to {rundir.refused}: {error.strerror};"
            " remove it by hand"
        ) from error
