"""A plan's commands in the words of whoever wrote them."""

from __future__ import annotations

import pytest

from porch_tui.core.model.plan import from_shell, shown


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("make test\n", "make test"),
        ("make lint\n\n  make test\n", "make lint; make test"),
        ("for i in 1 2; do\n  echo $i\ndone", "for i in 1 2; do echo $i; done"),
        ("if a; then\n  b\nelse\n  c\nfi", "if a; then b; else c; fi"),
        ("pytest \\\n  -q", "pytest -q"),
        ("a |\nb &&\nc", "a | b && c"),
        ("{\n  a\n}", "{ a; }"),
        ("echo undo\necho b", "echo undo; echo b"),
        ("", ""),
    ],
)
def test_a_script_of_several_lines_is_one_that_would_do_the_same(text: str, line: str) -> None:
    assert line == shown(from_shell(text))


def test_a_list_of_words_is_quoted_where_a_shell_would_need_it() -> None:
    assert "claude -p 'split the session code'" == shown(("claude", "-p", "split the\nsession code"))
