"""Imports of Go: packages by the paths of go.mod, and within a package the files whose names are used."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from porch_tui.codebase.languages.grammars import grammar
from porch_tui.codebase.languages.imported import Import, Imports

MODULE = "tree_sitter_go"
CONFIGURATION = ("go.mod",)

_QUERY = """
(import_spec path: (_) @from)
(source_file (function_declaration name: (identifier) @declared))
(source_file (type_declaration (type_spec name: (type_identifier) @declared)))
(source_file (type_declaration (type_alias name: (type_identifier) @declared)))
(source_file (const_declaration (const_spec name: (identifier) @declared)))
(source_file (var_declaration (var_spec name: (identifier) @declared)))
(source_file (var_declaration (var_spec_list (var_spec name: (identifier) @declared))))
[(identifier) (type_identifier) (field_identifier)] @used
"""
_DECLARED, _USED = "=", "?"
"""In the place of a module: what a file declares for its package, and all names that occur in it."""
_NAMED = re.compile(r"^\s*module\s+\"?([^\s\"]+)", re.MULTILINE)


def imports_in(_path: str, content: bytes) -> Imports | None:
    """Return the packages that a file names, what it declares and what it uses; None without the grammar."""
    known = grammar(MODULE, "language", _QUERY)
    if known is None:
        return None
    found = {name: [text for _, text in texts] for name, texts in known.found(content).items()}
    declared = sorted({*found.get("declared", ())} - {"init", "main", "_"})
    used = sorted({*found.get("used", ())} - {*declared})
    packages = [Import(text.strip('"`')) for text in found.get("from", ())]
    return (*packages, Import(_DECLARED, tuple(declared)), Import(_USED, tuple(used)))


class Modules:
    """The files of a repository as packages of Go: a folder is one."""

    def __init__(
        self, paths: Collection[str], imports: Mapping[str, Imports], texts: Mapping[str, str]
    ) -> None:
        """`texts` are those of the `go.mod` files."""
        self._imports = imports
        named = ((path.rpartition("/")[0], _NAMED.search(text)) for path, text in texts.items())
        self._modules = sorted(((name[1], folder) for folder, name in named if name), reverse=True)
        self._files: dict[str, list[str]] = {}
        self._declared: dict[str, dict[str, str]] = {}
        for path in sorted(paths):
            folder = path.rpartition("/")[0]
            self._files.setdefault(folder, []).append(path)
            for name in self._names(path, _DECLARED):
                self._declared.setdefault(folder, {}).setdefault(name, path)

    def _names(self, path: str, kind: str) -> Iterator[str]:
        for one in self._imports.get(path, ()):
            if one.module == kind:
                yield from one.names

    def resolve(self, path: str) -> frozenset[str]:
        """Return the files that a file needs, also those of its own package, which Go does not import."""
        used = frozenset(self._names(path, _USED))
        found = set(self._declaring(path.rpartition("/")[0], used))
        for one in self._imports[path]:
            folder = self._folder(one.module) if one.module not in (_DECLARED, _USED) else None
            if folder is not None:
                declaring = set(self._declaring(folder, used))
                found |= declaring or {file for file in self._files[folder] if not file.endswith("_test.go")}
        return frozenset(found - {path})

    def _declaring(self, folder: str, used: frozenset[str]) -> Iterator[str]:
        """Yield the files of a package that declare one of the names."""
        known = self._declared.get(folder, {})
        yield from (known[name] for name in used & known.keys())

    def _folder(self, package: str) -> str | None:
        """Return the folder of a package; None if it is not in the repository."""
        for name, root in self._modules:
            if package == name or package.startswith(f"{name}/"):
                folder = f"{root}{package[len(name) :]}".strip("/")
                return folder if folder in self._files else None
        return None
