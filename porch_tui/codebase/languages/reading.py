"""One way to read every language: the imports of a file, and the files they lead to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Protocol

from porch_tui.codebase.languages import go, javascript, python, rust
from porch_tui.codebase.languages.grammars import is_installed
from porch_tui.codebase.languages.imported import Imports
from porch_tui.core.files.languages import language_of

READERS: Mapping[str, Callable[[str, bytes], Imports | None]] = {
    "Python": python.imports_in,
    "JavaScript": javascript.imports_in,
    "TypeScript": javascript.imports_in,
    "Go": go.imports_in,
    "Rust": rust.imports_in,
}
"""By language: finds the imports in a file, by its path and content; returns None without a grammar."""
_GRAMMARS = {**javascript.MODULES, "Go": go.MODULE, "Rust": rust.MODULE}
CONFIGURATION = frozenset({*javascript.CONFIGURATION, *go.CONFIGURATION, *rust.CONFIGURATION})
"""Names of files that say where packages are."""
_WEB = ("JavaScript", "TypeScript", "Vue", "Svelte")
"""Their files import each other."""


class Resolver(Protocol):
    """Finds the files that imports lead to."""

    def resolve(self, path: str) -> frozenset[str]:
        """Return the files of the repository that a file imports, without itself."""


def readable() -> frozenset[str]:
    """Return the languages that can be read here, as far as that is known without trying."""
    return frozenset(
        language for language in READERS if language not in _GRAMMARS or is_installed(_GRAMMARS[language])
    )


def resolved(
    paths: Collection[str], imports: Mapping[str, Imports], texts: Mapping[str, str]
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each file that imports files of the repository, with these.

    `paths` are all files of the repository, `imports` those that were found in its source files, and `texts`
    those of the files that are called as in `CONFIGURATION`.
    """
    of: dict[str, list[str]] = {}
    for path in paths:
        if language := language_of(path):
            of.setdefault(language, []).append(path)
    web = [path for language in _WEB for path in of.get(language, ())]
    resolvers: list[tuple[Collection[str], Resolver]] = [
        (of.get("Python", ()), python.Modules(of.get("Python", ()), imports)),
        (web, javascript.Modules(web, imports, _called(javascript.CONFIGURATION, texts))),
        (of.get("Go", ()), go.Modules(of.get("Go", ()), imports, _called(go.CONFIGURATION, texts))),
        (of.get("Rust", ()), rust.Modules(of.get("Rust", ()), imports, _called(rust.CONFIGURATION, texts))),
    ]
    for files, resolver in resolvers:
        for path in files:
            if imports.get(path) and (found := resolver.resolve(path)):
                yield path, found


def _called(names: tuple[str, ...], texts: Mapping[str, str]) -> dict[str, str]:
    return {path: text for path, text in texts.items() if path.rpartition("/")[2] in names}
