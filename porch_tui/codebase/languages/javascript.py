"""Imports of JavaScript and TypeScript: relative ones, packages of a workspace, and aliases of tsconfig."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from porch_tui.codebase.languages.grammars import grammar
from porch_tui.codebase.languages.imported import Import, Imports

MODULES = {"JavaScript": "tree_sitter_javascript", "TypeScript": "tree_sitter_typescript"}
CONFIGURATION = ("package.json", "tsconfig.json", "jsconfig.json")
"""Names of files that say where a package or an alias is."""

_QUERY = """
(import_statement source: (string (string_fragment) @from))
(export_statement source: (string (string_fragment) @from))
(call_expression function: (import) arguments: (arguments . (string (string_fragment) @from)))
((call_expression function: (identifier) @called arguments: (arguments . (string (string_fragment) @from)))
 (#eq? @called "require"))
"""
_ALSO_IN_TYPESCRIPT = "(import_require_clause source: (string (string_fragment) @from))"
_GRAMMARS = {
    "JavaScript": (MODULES["JavaScript"], "language", _QUERY),
    "TypeScript": (MODULES["TypeScript"], "language_typescript", _QUERY + _ALSO_IN_TYPESCRIPT),
    "TSX": (MODULES["TypeScript"], "language_tsx", _QUERY + _ALSO_IN_TYPESCRIPT),
}

_ENDINGS = (".ts", ".tsx", ".d.ts", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte")
_WRITTEN = re.compile(r"\.(?:[mc]?js|jsx)$")
"""TypeScript imports a file by the name that it will have when it is compiled."""
_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)


def imports_in(path: str, content: bytes) -> Imports | None:
    """Return the modules that a file names; None if its grammar is not there."""
    suffix = path.rpartition(".")[2]
    language = "TSX" if suffix == "tsx" else "TypeScript" if suffix.endswith("ts") else "JavaScript"
    known = grammar(*_GRAMMARS[language])
    if known is None:
        return None
    return tuple(Import(name) for _, name in known.found(content).get("from", ()))


class Modules:
    """The files of a repository as modules of JavaScript and TypeScript."""

    def __init__(
        self, paths: Collection[str], imports: Mapping[str, Imports], texts: Mapping[str, str]
    ) -> None:
        """`texts` are those of the files that are called as in `CONFIGURATION`."""
        self._paths = frozenset(paths)
        self._imports = imports
        self._packages: dict[str, tuple[str, dict[str, Any]]] = {}
        self._aliases: dict[str, tuple[str, Mapping[str, list[str]]]] = {}
        for path, text in texts.items():
            folder, _, name = path.rpartition("/")
            settings = _settings(text)
            if name == "package.json" and isinstance(settings.get("name"), str):
                self._packages[settings["name"]] = folder, settings
            elif name != "package.json":
                options = settings.get("compilerOptions")
                self._add_aliases(folder, options if isinstance(options, dict) else {})

    def _add_aliases(self, folder: str, options: Mapping[str, Any]) -> None:
        base, paths = options.get("baseUrl"), options.get("paths")
        known = paths if isinstance(paths, dict) else {}
        root = posixpath.normpath(posixpath.join(folder, base if isinstance(base, str) else "."))
        patterns = {key: _texts(value) for key, value in known.items()}
        if isinstance(base, str):
            patterns.setdefault("*", ["*"])
        self._aliases[folder] = root, patterns

    def resolve(self, path: str) -> frozenset[str]:
        """Return the files that a file imports. What is not in the repository is left out."""
        found = {file for one in self._imports[path] if (file := self._file(path, one.module))}
        return frozenset(found - {path})

    def _file(self, path: str, module: str) -> str | None:
        if module.startswith("."):
            return self._at(posixpath.join(posixpath.dirname(path), module))
        places = (*self._by_alias(path, module), *self._by_package(module))
        return next((file for place in places if (file := self._at(place))), None)

    def _by_alias(self, path: str, module: str) -> Iterator[str]:
        """Yield where the aliases of the nearest configuration above a file lead."""
        folder = posixpath.dirname(path)
        while folder not in self._aliases:
            if not folder:
                return
            folder = posixpath.dirname(folder)
        root, patterns = self._aliases[folder]
        for pattern in sorted(patterns, key=len, reverse=True):
            before, star, after = pattern.partition("*")
            if module == pattern or (star and module.startswith(before) and module.endswith(after)):
                middle = module[len(before) : len(module) - len(after)] if star else ""
                for target in patterns[pattern]:
                    yield posixpath.join(root, target.replace("*", middle, 1))

    def _by_package(self, module: str) -> Iterator[str]:
        """Yield where a package of the workspace has a module: built or not, its source is meant."""
        parts = module.split("/")
        length = 2 if module.startswith("@") else 1
        folder, settings = self._packages.get("/".join(parts[:length]), (None, {}))
        if folder is None:
            return
        inside = "/".join(parts[length:])
        if inside:
            yield from (posixpath.join(folder, inside), posixpath.join(folder, "src", inside))
        else:
            named = (settings.get(key) for key in ("source", "module", "main"))
            yield from (posixpath.join(folder, one) for one in named if isinstance(one, str))
            yield from (posixpath.join(folder, "src"), folder)

    def _at(self, place: str) -> str | None:
        """Return the file that is meant by a path, which need not say how it ends."""
        place = posixpath.normpath(place)
        place = "" if place == "." else place
        inside = f"{place}/index" if place else "index"
        bare = _WRITTEN.sub("", place)
        names = [place, *(bare + end for end in _ENDINGS if bare != place)]
        names += [one + end for one in (place, inside) for end in _ENDINGS]
        return next((name for name in names if name in self._paths), None)


def _settings(text: str) -> dict[str, Any]:
    """Return an object of JSON with the comments and commas that tsconfig may have; empty if damaged."""
    try:
        found = json.loads(_COMMENT.sub(lambda one: one[1] or "", text))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
