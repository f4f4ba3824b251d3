"""One way to read every language: the imports of a file, and the files they lead to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Protocol

from porch_tui.codebase.languages import python
from porch_tui.codebase.languages.imported import Imports
from porch_tui.core.analysis.languages import language_of

READERS: Mapping[str, Callable[[bytes], Imports]] = {"Python": python.imports_in}
"""By language: what finds the imports in the content of a file."""


class Resolver(Protocol):
    """Finds the files that imports lead to."""

    def resolve(self, path: str) -> frozenset[str]:
        """Return the files of the repository that a file imports, without itself."""


def readable() -> frozenset[str]:
    """Return the languages that can be read here."""
    return frozenset(READERS)


def resolved(paths: Collection[str], imports: Mapping[str, Imports]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each file that imports files of the repository, with these.

    `paths` are all files of the repository, `imports` those that were found in its source files.
    """
    by_language: dict[str, list[str]] = {}
    for path in paths:
        if language := language_of(path):
            by_language.setdefault(language, []).append(path)
    resolvers: dict[str, Resolver] = {"Python": python.Modules(by_language.get("Python", ()), imports)}
    for language, resolver in resolvers.items():
        for path in by_language.get(language, ()):
            if imports.get(path) and (found := resolver.resolve(path)):
                yield path, found
