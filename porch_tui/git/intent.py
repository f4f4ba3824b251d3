"""What a landing is about to do to a checkout, on disk before it is done.

So a landing that was cut off can be understood: `recovery` reads it. Nothing is decided here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from porch_tui.git.repository import Repository


@dataclass(frozen=True, slots=True)
class Intent:
    """Move `target` from `old` to `new`, its files in `worktree` first, then the refs."""

    target: str
    old: str
    new: str
    worktree: str
    verify: Mapping[str, str]
    """Branches that must be where their work was frozen."""
    landed_ref: str | None
    message: str

    def commands(self) -> list[str]:
        """The ref transaction, for `git update-ref --stdin`."""
        lines = [f"update refs/heads/{self.target} {self.new} {self.old}"]
        lines += [f"verify refs/heads/{branch} {oid}" for branch, oid in self.verify.items()]
        return lines + ([f"create {self.landed_ref} {self.new}"] if self.landed_ref else [])


def write(repository: Repository, intent: Intent) -> None:
    """Put it on disk, surely: file and folder are synced before this returns."""
    file = _file(repository)
    aside = file.with_suffix(".new")
    with aside.open("w", encoding="utf-8", errors="surrogateescape") as stream:
        json.dump(asdict(intent), stream)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(file)
    _sync(file.parent)


def read(repository: Repository) -> Intent | None:
    """The intent of a landing that never came to its end."""
    try:
        text = _file(repository).read_text("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None
    fields: dict[str, Any] = json.loads(text)
    return Intent(**fields)


def clear(repository: Repository) -> None:
    """The landing has come to its end, whichever."""
    _file(repository).unlink(missing_ok=True)


def _file(repository: Repository) -> Path:
    return repository.own_dir / "landing.json"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
