"""Without the extra `languages` their files are counted, and nothing else changes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from porch_tui.codebase.facts import unread_languages
from porch_tui.codebase.languages import grammars
from porch_tui.git.discovery import discover
from tests.codebase.code import Code

FILES = {
    "a.js": "",
    "b.ts": "",
    "c.tsx": "",
    "d.rs": "",
    "e.go": "",
    "f.py": "import g\n",
    "g.py": "",
    "h.c": "",
}


@pytest.fixture
def without_grammars(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """An environment that has only what Python has, and porch needs."""
    grammars.grammar.cache_clear()
    for name in [name for name in sys.modules if name.startswith("tree_sitter")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    yield tmp_path
    grammars.grammar.cache_clear()


def test_files_whose_grammar_is_not_installed_are_counted(code: Code, without_grammars: Path):
    code.commit(FILES)
    found = code.facts()

    assert {"JavaScript": 1, "TypeScript": 2, "Rust": 1, "Go": 1} == found.unread
    assert {"f.py": {"g.py"}} == found.imports


def test_a_grammar_that_does_not_work_is_tried_again(code: Code, without_grammars: Path):
    for name in ("tree_sitter", "tree_sitter_go"):
        (without_grammars / f"{name}.py").write_text("raise ImportError('built for another system')\n")
    code.commit(FILES)

    assert 1 == code.facts().unread["Go"]
    assert not code.kept


def test_what_was_read_without_a_grammar_is_read_again_with_it(
    code: Code, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    pytest.importorskip("tree_sitter_go")
    code.commit(FILES)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "path", [str(tmp_path)])
        patch.setattr(grammars, "grammar", lambda *_: None)
        for name in [name for name in sys.modules if name.startswith("tree_sitter")]:
            patch.delitem(sys.modules, name)
        assert code.facts().unread

    assert {} == code.facts().unread


def test_the_doctor_says_what_is_not_read(code: Code, without_grammars: Path):
    code.commit(FILES)

    read, missing = unread_languages(discover(code.root), "HEAD")

    assert ["Python"] == read
    assert (
        "1 file of Go, 1 file of JavaScript, 1 file of Rust and 1 more not read for imports"
        == missing.unread_text
    )
    assert missing.unread_note.endswith("pip install 'porch-tui[languages]'")
