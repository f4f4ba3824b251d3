"""What a landing is about to do to refs and to a checkout, on disk before it is done.

So a landing that was cut off can be understood, and what it had locked is known: `recovery` reads it.
Nothing is decided here.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from porch_tui.errors import RepositoryError
from porch_tui.git.repository import Repository

_ASIDE = "landing-intent-"
"""How the names of files begin in which an intent is written before it gets its name."""


class Intent(Struct, frozen=True):
    """Move `target` from `old` to `new`, its files in `worktree` first, then the refs."""

    target: str
    old: str
    new: str
    worktree: str
    verify: Mapping[str, str]
    """Branches that must be where their work was frozen."""
    landed_ref: str | None
    message: str
    absent: tuple[str, ...] | None = ()
    """Paths the landing deletes that were not there before it began; None: no file was touched yet."""

    def commands(self) -> list[str]:
        """The ref transaction, for `git update-ref --stdin`."""
        lines = [f"update refs/heads/{self.target} {self.new} {self.old}"]
        lines += [f"verify refs/heads/{branch} {oid}" for branch, oid in self.verify.items()]
        return lines + ([f"create {self.landed_ref} {self.new}"] if self.landed_ref else [])


def write(repository: Repository, intent: Intent) -> None:
    """Put it on disk, surely: file and folder are synced before this returns."""
    file = _file(repository)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor, aside = tempfile.mkstemp(dir=file.parent, prefix=_ASIDE)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as stream:
        json.dump(asdict(intent), stream)
        stream.flush()
        os.fsync(stream.fileno())
    Path(aside).replace(file)
    _sync(file.parent)


def read(repository: Repository) -> Intent | None:
    """The intent of a landing that never came to its end. Raises `RepositoryError` if it cannot be read."""
    file = _file(repository)
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # not to wait for a pipe
        with os.fdopen(descriptor, encoding="utf-8", errors="surrogateescape") as stream:
            return _intent(json.load(stream))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise RepositoryError(
            f"{file} should say which landing was cut off, but cannot be read: {why}. "
            f"Look at `git status` in {repository.root}; when all is well there, delete {file}"
        ) from error


def began_at(repository: Repository) -> float:
    """When the intent was written last (Unix time, by the clock of the disk); infinite if there is none."""
    try:
        return _file(repository).stat().st_mtime
    except OSError:
        return math.inf


def clear(repository: Repository) -> None:
    """The landing has come to its end, whichever. For one who holds the landing lock."""
    _file(repository).unlink(missing_ok=True)
    for left in repository.own_dir.glob(f"{_ASIDE}*"):
        left.unlink(missing_ok=True)


def _intent(fields: Any) -> Intent:
    """Return the intent that JSON stands for; ValueError, TypeError or KeyError if it is none."""
    names = ("target", "old", "new", "worktree", "message")
    texts = {name: fields[name] for name in names}
    verify, landed_ref, absent = fields["verify"], fields["landed_ref"], fields.get("absent", ())
    said = [*texts.values(), *verify, *verify.values(), landed_ref or "", *(absent or ())]
    if not isinstance(verify, dict) or not all(isinstance(one, str) for one in said):
        raise ValueError("a field is not what it should be")
    return Intent(
        **texts,
        verify=verify,
        landed_ref=landed_ref,
        absent=None if absent is None else tuple(absent),
    )


def _file(repository: Repository) -> Path:
    return repository.own_dir / "landing.json"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
