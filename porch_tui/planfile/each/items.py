"""Where the items of `each` come from: what this room asks of the repository, and globs over its answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from porch_tui.core.files.globs import fits
from porch_tui.core.model.plan import CommandLine


class ItemsError(Exception):
    """Items could not be had; the text says why, as the rest of a sentence about the key."""


class ItemSource(Protocol):
    """Answers what only the repository knows."""

    def tracked_files(self, commit: str | None) -> Sequence[str]:
        """Return the files of a commit, relative to the root, in git's order; None: of HEAD. ItemsError."""

    def printed_items(self, command: CommandLine) -> Sequence[str]:
        """Run a command in the main worktree and return the items that it prints. ItemsError."""


class NoItems:
    """Stands where there is no repository to ask."""

    def tracked_files(self, commit: str | None) -> Sequence[str]:
        """Raise ItemsError: there are none."""
        raise ItemsError("found no repository to look for files in; expected a list here")

    def printed_items(self, command: CommandLine) -> Sequence[str]:
        """Raise ItemsError: no command is run."""
        raise ItemsError("found no repository to run it in; expected a list here")


NO_ITEMS = NoItems()


def matching(glob: str, files: Sequence[str]) -> Iterator[str]:
    """Yield the files that a glob fits, in their order; for one that ends in `/` the folders, each with `/`.

    `*` and `?` stay within a folder, `**` crosses folders.
    """
    candidates = _folders(files) if glob.endswith("/") else files
    pattern = glob.removeprefix("./").rstrip("/")
    yield from (path for path in candidates if fits(pattern, path.rstrip("/")))


def _folders(files: Sequence[str]) -> Sequence[str]:
    """Return the folders that hold files, each with `/` at its end, in the order of the files."""
    found: dict[str, None] = {}
    for path in files:
        end = path.rfind("/")
        while end > 0 and path[: end + 1] not in found:
            found[path[: end + 1]] = None
            end = path.rfind("/", 0, end)
    return sorted(found)
