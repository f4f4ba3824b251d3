"""Which files are source, and in which language, by their names; and which of them are tests."""

from __future__ import annotations

import re

LANGUAGES = {
    "Python": ("py", "pyi", "pyw"),
    "JavaScript": ("js", "jsx", "mjs", "cjs"),
    "TypeScript": ("ts", "tsx", "mts", "cts"),
    "Go": ("go",),
    "Rust": ("rs",),
    "C": ("c", "h"),
    "C++": ("cc", "cpp", "cxx", "hh", "hpp", "hxx", "ipp"),
    "C#": ("cs",),
    "Cython": ("pyx", "pxd", "pxi"),
    "Dart": ("dart",),
    "Elixir": ("ex", "exs"),
    "Erlang": ("erl", "hrl"),
    "Haskell": ("hs",),
    "Java": ("java",),
    "Kotlin": ("kt", "kts"),
    "Lua": ("lua",),
    "Objective-C": ("m", "mm"),
    "OCaml": ("ml", "mli"),
    "Perl": ("pl", "pm"),
    "PHP": ("php",),
    "R": ("r",),
    "Ruby": ("rb",),
    "Scala": ("scala",),
    "Shell": ("sh", "bash", "zsh"),
    "SQL": ("sql",),
    "Svelte": ("svelte",),
    "Swift": ("swift",),
    "Vue": ("vue",),
    "Zig": ("zig",),
}
"""By language: how its files end."""

_BY_SUFFIX = {suffix: language for language, suffixes in LANGUAGES.items() for suffix in suffixes}

_TEST_FOLDERS = frozenset({"test", "tests", "testing", "spec", "specs", "__tests__", "e2e"})
_TEST_NAME = re.compile(
    r"test[._-].*|tests?|conftest|.*(?:[._-](?:test|spec)|_unittest)",
    re.IGNORECASE,
)
"""Of a file, without its suffix: `test_core`, `core_test`, `core.test`, `core.spec`."""


def language_of(path: str) -> str | None:
    """Return the language a file is written in, by its name; None if it is no source."""
    name = path.rpartition("/")[2]
    stem, _, suffix = name.rpartition(".")
    return _BY_SUFFIX.get(suffix.lower()) if stem else None


def is_test(path: str) -> bool:
    """Say whether a source file belongs to the tests, by its name or a folder it is in."""
    *folders, name = path.split("/")
    return not _TEST_FOLDERS.isdisjoint(folders) or bool(_TEST_NAME.fullmatch(name.rpartition(".")[0]))


def is_test_module(path: str) -> bool:
    """Say whether a test runner may be given this file: no `conftest.py`, no helper beside the tests."""
    language, (*folders, name) = language_of(path), path.split("/")
    stem = name.rpartition(".")[0].lower()
    if language is None or stem in _NO_MODULE or not is_test(path):
        return False
    if _TEST_NAME.fullmatch(stem):
        return True
    # Python and Go find tests by the names of their files
    return language not in ("Python", "Go") and _NO_MODULE.isdisjoint(folders)


_NO_MODULE = frozenset(
    {"conftest", "helper", "helpers", "util", "utils", "common", "support", "setup", "mod"}
    | {"fixture", "fixtures", "data", "testdata", "mocks", "__mocks__", "snapshots"}
)
