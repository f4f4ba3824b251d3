"""Imports of Python: found by the syntax tree, and resolved as the interpreter would, from likely roots."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterator, Mapping

from porch_tui.codebase.languages.imported import Import, Imports

_LAST_MENTIONED = re.compile(rb".*\bimport\b[^\n(]*(?:\([^)]*\))?[^\n]*\n?", re.DOTALL)
_IMPORT = re.compile(rb"^[ \t]*import[ \t]+([\w.]+(?:[ \t]*,[ \t]*[\w.]+)*)", re.MULTILINE)
_FROM = re.compile(rb"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+\(?([\w \t,*]+)", re.MULTILINE)
_ROOTS = frozenset({"src", "lib", "python"})
"""Folders that projects put on the path, besides those that hold a package."""
_INSIDE = ("body", "orelse", "finalbody", "handlers", "cases")
"""Where statements hold further statements."""


def imports_in(_path: str, content: bytes) -> Imports:
    """Return what a file imports, wherever in it; found by expressions where it is no Python 3."""
    head = _LAST_MENTIONED.match(content)
    if head is None:
        return ()
    # most files import at their top only, and to parse the rest takes nearly all of the time
    for text in dict.fromkeys((head[0], content)):
        try:
            return tuple(_found(ast.parse(text), content))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # the head ends within a block or a text; or it is no Python 3
    return tuple(_guessed(content))


def _found(tree: ast.Module, content: bytes) -> Iterator[Import]:
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ImportFrom):
            yield Import("." * node.level + (node.module or ""), tuple(alias.name for alias in node.names))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, _used(alias.asname or alias.name, content))
                top, dot, _ = alias.name.partition(".")
                if dot and not alias.asname:  # `import a.b` makes `a` known
                    yield Import(top, _used(top, content))
        else:
            for part in _INSIDE:
                waiting += getattr(node, part, ())


def _used(name: str, content: bytes) -> tuple[str, ...]:
    """Return what a file uses of a module: `echo` where it says `click.echo`."""
    if name.partition(".")[0] in sys.stdlib_module_names:
        return ()
    found = re.findall(rb"\b" + re.escape(name.encode()) + rb"\.([A-Za-z_]\w*)", content)
    return tuple(sorted({one.decode() for one in found}))


def _guessed(content: bytes) -> Iterator[Import]:
    for found in _IMPORT.finditer(content):
        yield from (Import(name.strip().decode("ascii", "replace")) for name in found[1].split(b","))
    for found in _FROM.finditer(content):
        names = (name.split()[0] for name in found[2].split(b",") if name.strip())
        module, taken = found[1].decode("ascii", "replace"), tuple(sorted({*names}))
        yield Import(module, tuple(name.decode("ascii", "replace") for name in taken))


class Modules:
    """The modules of a repository, by their dotted names from each likely root.

    A root is a folder that projects put on the path: the repository, `src`, and each folder that holds a
    package and is none itself. A script also finds what is beside it, and a test what is above it.
    """

    def __init__(self, paths: Collection[str], imports: Mapping[str, Imports]) -> None:
        """`imports` are those found in each of the files."""
        self._imports = imports
        self._packages = {path.rpartition("/")[0] for path in paths if _stem(path) == "__init__"}
        self._by_name: dict[str, list[tuple[str, str]]] = {}
        for path in sorted(paths, key=lambda path: (path.endswith(".pyi"), path)):
            self._add(path)

    def _add(self, path: str) -> None:
        parts = path.split("/")
        name = parts[:-1] if _stem(path) == "__init__" else [*parts[:-1], _stem(path)]
        for depth in range(len(name)):
            root = "/".join(parts[:depth])
            if root not in self._packages or not depth:
                self._by_name.setdefault(".".join(name[depth:]), []).append((root, path))

    def resolve(self, path: str) -> frozenset[str]:
        """Return the files that a file imports. What is not in the repository is left out."""
        found = {file for one in self._imports[path] for file in self._files(path, one, frozenset())}
        return frozenset(found - {path})

    def _files(self, path: str, one: Import, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
        """Yield the files an import leads to, also those where a package's `__init__` has the names from."""
        module = self._absolute(path, one.module) if one.module.startswith(".") else one.module
        file = self._file(path, module)
        is_needed = not one.names
        for name in one.names:
            if submodule := self._file(path, f"{module}.{name}" if module else name, file):
                yield submodule
                continue
            is_needed = True
            if file is not None and (file, name) not in seen:
                yield from self._re_exported(file, name, seen | {(file, name)})
        if file is not None and is_needed:
            yield file
        elif file is None and "." in module and (parent := self._file(path, module.rpartition(".")[0])):
            # a module that is made when the project is built, or by another module
            yield parent

    def _re_exported(self, file: str, name: str, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
        if _stem(file) == "__init__":
            for one in self._imports.get(file, ()):
                if name in one.names:
                    yield from self._files(file, Import(one.module, (name,)), seen)

    def _absolute(self, path: str, module: str) -> str:
        """Return the dotted name from the repository's root of a relative import."""
        rest = module.lstrip(".")
        folders = path.split("/")[:-1]
        up = len(module) - len(rest) - 1
        return ".".join([*folders[: len(folders) - up if up else None], *([rest] if rest else [])])

    def _file(self, path: str, module: str, package: str | None = None) -> str | None:
        """Return the file of a module as the file at `path` finds it; None if it is not in the repository.

        With a `package` the module is one of its own.
        """
        known = self._by_name.get(module, ())
        if package is not None:
            inside = package.rpartition("/")[0] + "/"
            known = [one for one in known if one[1].startswith(inside)]
        folder = path.rpartition("/")[0]
        likely = [one for one in known if self._is_on_path(one[0], folder, module)]
        best = max(likely, key=lambda one: (_shared(one[0], folder), -len(one[0])), default=None)
        return best[1] if best else None

    def _is_on_path(self, root: str, folder: str, module: str) -> bool:
        top = module.partition(".")[0]
        is_above = not root or folder == root or folder.startswith(f"{root}/")
        if top in sys.stdlib_module_names:
            return is_above and (not root or folder == root)
        return (
            is_above
            or root.rpartition("/")[2] in _ROOTS
            or (f"{root}/{top}" if root else top) in self._packages
        )


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _shared(root: str, folder: str) -> int:
    """Return how many folders two paths begin with together."""
    count = 0
    for one, other in zip(root.split("/"), folder.split("/"), strict=False):
        if one != other or not one:
            break
        count += 1
    return count
