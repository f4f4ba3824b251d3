"""Imports of Rust: the modules a file declares, and paths that lead to modules of its crate or workspace."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from porch_tui.codebase.languages.grammars import grammar
from porch_tui.codebase.languages.imported import Import, Imports

MODULE = "tree_sitter_rust"
CONFIGURATION = ("Cargo.toml",)

_QUERY = """
(mod_item name: (identifier) @mod !body)
(mod_item body: (declaration_list) @inside)
(use_declaration argument: (_) @use)
(extern_crate_declaration name: (identifier) @crate)
[(scoped_identifier) (scoped_type_identifier)] @path
"""
_DECLARED = "mod"
_LIST = re.compile(r"[{},]|[^{},]+")

Place = tuple[str, tuple[str, ...]]
"""Of a file: the first file of its crate, and its module from there."""


def imports_in(_path: str, content: bytes) -> Imports | None:
    """Return the modules that a file declares and the paths it uses; None if the grammar is not there."""
    known = grammar(MODULE, "language", _QUERY)
    if known is None:
        return None
    found = known.found(content)
    inside, uses = (_spans(found.get(name, ())) for name in ("inside", "use"))
    # of `a::b::c` the grammar also finds `a::b`, which begins at the same place
    longest = dict(found.get("path", ()))
    written = [(at, [text]) for at, text in longest.items() if not _depth(uses, at)]
    written += [(at, _spread(text)) for at, text in found.get("use", ())]
    paths = {path for at, several in written for path in _outside(several, _depth(inside, at))}
    paths |= {text for _, text in found.get("crate", ())}
    declared = tuple(text for at, text in found.get("mod", ()) if not _depth(inside, at))
    return (Import(_DECLARED, declared), *(Import(path) for path in sorted(paths)))


def _spans(texts: Sequence[tuple[int, str]]) -> list[tuple[int, int]]:
    return [(at, at + len(text.encode())) for at, text in texts]


def _depth(spans: Sequence[tuple[int, int]], at: int) -> int:
    """Return in how many of the spans a place is."""
    return sum(start <= at < end for start, end in spans)


def _spread(use: str) -> list[str]:
    """Return the paths of a use with lists in it: `a::{b, c::{self, d}}` is `a::b`, `a::c` and `a::c::d`."""
    found, before, path = [], list[str](), ""
    for part in _LIST.findall(use):
        if part == "{":
            before.append(path)
        elif part == "}":
            path = before.pop() if before else ""
            continue
        elif part == ",":
            path = before[-1] if before else ""
        else:
            path = (before[-1] if before else "") + part.partition(" as ")[0].strip()
            found.append(path.removesuffix("::self").removesuffix("::"))
    return found


def _outside(paths: Sequence[str], depth: int) -> Iterator[str]:
    """Yield the paths as they are at the top of the file; those that stay inside it are left out."""
    for path in paths:
        segments = [one.strip() for one in path.split("<")[0].removeprefix("::").split("::") if one.strip()]
        up = next((at for at, one in enumerate(segments) if one != "super"), len(segments))
        if segments and segments[0] == "self":
            if not depth:
                yield "::".join(segments)
        elif up >= depth and 0 < up < len(segments):
            yield "::".join(["super"] * (up - depth) or ["self"]) + "".join(
                f"::{one}" for one in segments[up:]
            )
        elif not up and len(segments) > 1:
            yield "::".join(segments)


class Modules:
    """The files of a repository as modules of the crates in it."""

    def __init__(
        self, paths: Collection[str], imports: Mapping[str, Imports], texts: Mapping[str, str]
    ) -> None:
        """`texts` are those of the `Cargo.toml` files."""
        self._paths = frozenset(paths)
        self._imports = imports
        self._place: dict[str, Place] = {}
        self._file: dict[Place, str] = {}
        self._libraries: dict[str, str] = {}
        manifests = {path.rpartition("/")[0]: _settings(text) for path, text in texts.items()}
        for folder, manifest in sorted(manifests.items()):
            name, library = _library(folder, manifest)
            if name and library in self._paths:
                self._libraries[name] = library
                self._walk(library, library, ())
        # programs, tests, examples, and what no manifest mentions: the first file of a crate each
        for path in sorted(self._paths, key=lambda path: (posixpath.basename(path) != "main.rs", path)):
            if path not in self._place:
                self._walk(path, path, ())

    def _walk(self, root: str, path: str, module: tuple[str, ...]) -> None:
        """Give a file its place, and the modules that it declares theirs."""
        self._place[path] = root, module
        self._file[root, module] = path
        folder = posixpath.dirname(path)
        if module and posixpath.basename(path) != "mod.rs":
            folder = posixpath.join(folder, module[-1])
        for name in (
            name for one in self._imports.get(path, ()) if one.module == _DECLARED for name in one.names
        ):
            for place in (f"{name}.rs", f"{name}/mod.rs"):
                file = posixpath.join(folder, place)
                if file in self._paths and file not in self._place:
                    self._walk(root, file, (*module, name))

    def resolve(self, path: str) -> frozenset[str]:
        """Return the files of the repository that a file declares as modules, or uses."""
        root, module = self._place[path]
        found = set()
        for one in self._imports[path]:
            if one.module == _DECLARED:
                found |= {self._file.get((root, (*module, name))) for name in one.names}
            else:
                found.add(self._used(root, module, one.module.split("::")))
        return frozenset(file for file in found if file and file != path)

    def _used(self, root: str, module: tuple[str, ...], segments: list[str]) -> str | None:
        """Return the file of the innermost module on a path."""
        first, *rest = segments
        if first == "crate":
            return self._innermost(root, rest)
        if first == "self":
            return self._innermost(root, [*module, *rest])
        if first == "super":
            up = next((at for at, one in enumerate(segments) if one != "super"), len(segments))
            return self._innermost(root, [*module[: max(0, len(module) - up)], *segments[up:]])
        if (root, (*module, first)) in self._file:
            return self._innermost(root, [*module, *segments])
        library = self._libraries.get(first)
        return self._innermost(library, rest) if library else None

    def _innermost(self, root: str, module: Sequence[str]) -> str | None:
        lengths = range(len(module), -1, -1)
        return next((file for n in lengths if (file := self._file.get((root, tuple(module[:n]))))), None)


def _library(folder: str, manifest: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name by which a package's library is used, and the first file of it."""
    package, library = (_table(manifest.get(key)) for key in ("package", "lib"))
    name = library.get("name") or package.get("name") or ""
    place = library.get("path") or "src/lib.rs"
    return str(name).replace("-", "_"), posixpath.normpath(posixpath.join(folder, str(place)))


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _settings(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}
