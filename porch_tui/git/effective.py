"""What git is configured to do here, of all files together: asked once, and again when one has changed.

Who only wants to know what a single file says reads it without git: see `configuration`.
"""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from porch_tui.git.configuration import is_true
from porch_tui.git.repository import Repository
from porch_tui.git.runner import records
from porch_tui.git.stamps import Stamp, configuration_stamps, stamp

_COMMAND = "command"
"""The scope of what is given on the command line of git, or in the environment as if it were."""


class Effective(Struct, frozen=True):
    """Every setting in force, in the order in which git reads them: the last one of a key counts."""

    settings: tuple[tuple[str, str, str], ...]
    """Scope, key (section and name in small letters) and value; `true` where there is a name only."""

    def last(self, key: str, *, is_from_files: bool = False) -> str | None:
        """Return the value of a key; None if it is not set. `is_from_files`: command lines do not count."""
        values = [
            value
            for scope, name, value in self.settings
            if name == key and not (is_from_files and scope == _COMMAND)
        ]
        return values[-1] if values else None

    def is_on(self, key: str) -> bool:
        """Whether a key is set, and to yes."""
        return is_true(self.last(key) or "false")

    def values(self) -> dict[str, str]:
        """Return the value in force of each key."""
        return {key: value for _, key, value in self.settings}


_NOTHING = Effective(())


def effective(repository: Repository) -> Effective:
    """What is configured in the main worktree now; nothing if git cannot read it.

    It does not go stale: every file that git read, included ones too, and the usual places of those that
    were not there are looked at (inode, size and times) whenever this is asked. Environment variables that
    configure git stay as they are while porch runs. Only an included file that was not there is not noticed
    until one of the others changes.
    """
    stamps = configuration_stamps(repository)
    known = _known.get(repository.git_dir)
    if known is not None and known[0] == stamps and all(_looks(file) == seen for file, seen in known[1]):
        return known[2]
    words = ("config", "--list", "--includes", "-z", "--show-scope", "--show-origin")
    asked = repository.git.run(*words, check=False)
    if asked.code != 0:
        return _NOTHING
    fields = [os.fsdecode(field) for field in records(asked.stdout)]
    found = []
    for scope, key_and_value in zip(fields[::3], fields[2::3], strict=True):
        key, has_value, value = key_and_value.partition("\n")
        found.append((scope, key, value if has_value else "true"))
    own = repository.git_dir / "config.worktree"  # of a bare repository's worktree it is another file
    files = {own} | {
        repository.root / name.removeprefix("file:") for name in fields[1::3] if name.startswith("file:")
    }
    now = Effective(tuple(found))
    _known[repository.git_dir] = (stamps, tuple((file, _looks(file)) for file in sorted(files)), now)
    return now


def _looks(file: Path) -> Stamp:
    """The stamp of a file, or of what a link leads to: people keep their configuration elsewhere."""
    return stamp(file, is_followed=True)


_known: dict[Path, tuple[tuple[Stamp, ...], tuple[tuple[Path, Stamp], ...], Effective]] = {}
