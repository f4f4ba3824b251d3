"""The grammars of tree-sitter, which read the languages that Python's standard library cannot.

They are an extra of the package (`languages`): nothing else here imports them, and where one is missing the
files of its language are counted instead of read.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

_LIBRARY = "tree_sitter"


class Grammar:
    """Finds what a query names in the content of a file, whatever is wrong with the rest of it."""

    def __init__(self, module: str, function: str, query: str) -> None:
        """`function` of the `module` returns the grammar; raises what a grammar that does not fit raises."""
        # any types: those who check this need not have installed it
        library: Any = import_module(_LIBRARY)
        language = library.Language(getattr(import_module(module), function)())
        self._parser = library.Parser(language)
        self._query = library.Query(language, query)
        self._cursor = library.QueryCursor

    def found(self, content: bytes) -> Mapping[str, list[tuple[int, str]]]:
        """Return what was found under each name of the query: where, in bytes, and its text; in order."""
        nodes = self._cursor(self._query).captures(self._parser.parse(content).root_node)
        return {
            name: sorted((node.start_byte, node.text.decode("utf-8", "replace")) for node in several)
            for name, several in nodes.items()
        }


@cache
def grammar(module: str, function: str, query: str) -> Grammar | None:
    """Return a grammar with a query; None where it is not installed, or does not fit the library."""
    try:
        return Grammar(module, function, query)
    except (ImportError, AttributeError, TypeError, ValueError):
        return None


def is_installed(module: str) -> bool:
    """Say whether a grammar and the library are installed, without importing them."""
    return find_spec(_LIBRARY) is not None and find_spec(module) is not None
