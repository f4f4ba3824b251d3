"""Whatever is in a source file or a manifest, reading it ends, and without an error."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from porch_tui.codebase.languages.imported import Import, Imports
from porch_tui.codebase.languages.reading import CONFIGURATION, READERS, resolved

PIECES = (
    "import", "from", "use", "mod", "super", "crate", "self", "as", "require(", "export", "package", "func",
    "..", ".", "::", "{", "}", "(", ")", ";", ",", "*", "'", '"', "`", "\n", "    ", "\\\n", "\0", "é", "a",
    "b.c", "./a", "../a", "if x:", "try:", "'''", "/*", "//", "#", "<", ">", "=", "type", "const", "var",
)  # fmt: skip
LANGUAGES = {
    "py": "Python", "js": "JavaScript", "ts": "TypeScript", "tsx": "TypeScript", "go": "Go", "rs": "Rust"
}  # fmt: skip
SUFFIXES = st.sampled_from(sorted(LANGUAGES))
SOURCES = st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join)
KEYS = st.sampled_from(["name", "main", "compilerOptions", "baseUrl", "paths", "source", "package", "lib"])
VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
MANIFESTS = st.dictionaries(KEYS, VALUES, max_size=4).map(json.dumps) | SOURCES


def read(path: str, content: bytes) -> Imports | None:
    """Return the imports that are found in a file."""
    return READERS[LANGUAGES[path.rpartition(".")[2]]](path, content)


@given(SUFFIXES, SOURCES.map(str.encode) | st.binary(max_size=60))
def test_any_content_has_imports_or_none(suffix: str, content: bytes):
    assert all(isinstance(one, Import) for one in read(f"x.{suffix}", content) or ())


@pytest.mark.slow
@given(st.dictionaries(SUFFIXES, SOURCES), st.dictionaries(st.sampled_from(sorted(CONFIGURATION)), MANIFESTS))
def test_any_manifest_leads_to_files_of_the_repository(sources: dict[str, str], manifests: dict[str, str]):
    paths = {f"{folder}x.{suffix}": text for suffix, text in sources.items() for folder in ("", "a/", "a/b/")}
    imports = {path: read(path, text.encode()) or () for path, text in paths.items()}

    found = dict(resolved(paths, imports, {f"a/{name}": text for name, text in manifests.items()}))

    assert all(files <= paths.keys() and path not in files for path, files in found.items())


def test_nesting_without_end_is_read_as_far_as_it_goes():
    deep = "[" * 100_000

    assert {} == dict(resolved(["a.ts", "b.rs"], {}, {"tsconfig.json": deep, "Cargo.toml": f"a = {deep}"}))
    assert [Import("b"), Import("c")] == list(read("a.py", f"import b\nx = {deep}\nimport c".encode()) or ())
