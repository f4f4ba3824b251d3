"""Which files a prompt asks to change, and which it only mentions."""

from __future__ import annotations

import pytest

from porch_tui.core.uses.calls import Area
from porch_tui.core.uses.prompts import Known, read_prompt, symbols_in

KNOWN = Known(
    {"src/a.py": 1, "src/b.py": 1, "docs/style.md": 1, "README.md": 1},
    {"Parser": ("src/a.py",), "helper": ("src/a.py", "src/b.py")},
)


def changed(prompt: str) -> set[str]:
    return {use.name for use in read_prompt(prompt, KNOWN) if use.area is Area.FILE and use.writes}


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Make `src/a.py` faster, and src/b.py too.", {"src/a.py", "src/b.py"}),
        ("Fix the crash at src/a.py:42.", {"src/a.py"}),
        ("Refactor `Parser`.", {"src/a.py"}),
        ("Refactor `helper`.", set()),
        ("Clean up everything in `src/`.", {"src"}),
        ("Clean up everything in src/ and in src/new/.", {"src"}),
        ("Let Parser() and helper() be faster.", {"src/a.py"}),
        ("Write docs/new.md.", {"docs/new.md"}),
        ("Follow docs/style.md and README.md; change src/a.py.", {"src/a.py"}),
        ("Change src/a.py as docs/style.md says.", {"src/a.py"}),
        ("Do not touch src/b.py. Change src/a.py.", {"src/a.py"}),
        ("Change src/a.py without changing src/b.py.", {"src/a.py"}),
        ("Improve error messages, e.g. for v1.2 or https://example.com/src/a.py.", set()),
    ],
)
def test_a_prompt_names_what_it_changes(prompt: str, expected: set[str]):
    assert changed(prompt) == expected


def test_a_port_counts_where_something_is_to_run_on_it():
    def ports(prompt: str) -> list[str]:
        return [use.name for use in read_prompt(prompt, KNOWN) if use.area is Area.STATE]

    assert ports("Start the server on port 8123 and try it.") == ["port 8123"]
    assert ports("Document the default port 8123.") == []


def test_names_in_backticks_or_with_brackets_may_be_symbols():
    assert symbols_in("Use `Parser.parse()` and `None`, not `src/a.py` or Helper, nor io.load().") == {
        "parse",
        "load",
    }
