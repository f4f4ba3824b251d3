"""The folders that a path of a repository is in."""

from __future__ import annotations

from collections.abc import Iterator


def folders_above(path: str) -> Iterator[str]:
    """Yield the folders a path is in, the innermost first, but for the repository itself."""
    while path := path.rpartition("/")[0]:
        yield path
