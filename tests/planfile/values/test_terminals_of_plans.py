"""By what a terminal shows that its task waits: a pattern that is searched quickly, or a refusal."""

from __future__ import annotations

import re
import time

import pytest
from planfile.plan_reading import plan, refusal, spec_in

from porch_tui.core.model.plan import Terminal
from porch_tui.engine.watchers.last_rows import CELLS

GOOD = [
    r"\\?",
    r"\\[y/n\\]",
    "Do you want .* (proceed|go on)",
    "^> $",
    "(?i)password: *$",
    "a{3}(bc){2}",
    "x?y*z+",
]
BAD = ["(a+)+", "(a*)*b", "(a|aa)+", "(.*a){9,}", "a*a*a*a*", "((ab)*c)*", r"(a)\\1+.*.*", "(a?){60}"]


@pytest.mark.parametrize("pattern", GOOD)
def test_a_pattern_is_a_key_of_the_task(pattern: str):
    found = spec_in(plan(f'tasks: {{a: {{run: x, tty: true, waits: "{pattern}"}}}}'), "a").terminal
    assert found is not None and found.waits == pattern.replace("\\\\", "\\")


@pytest.mark.parametrize("pattern", BAD)
def test_a_pattern_that_may_take_for_ever_is_refused_with_its_place(pattern: str):
    text = refusal(f'tasks:\n  a: {{run: x, tty: true, waits: "{pattern}"}}')
    assert ":2:" in text and "tasks.a.waits: found" in text and "none within another" in text


@pytest.mark.parametrize("pattern", ["(", "*", "[a", "(?P<x", "a{99999999999}"])
def test_what_is_no_pattern_is_refused_with_its_place(pattern: str):
    text = refusal(f'tasks:\n  a: {{run: x, tty: true, waits: "{pattern}"}}')
    assert ":2:" in text and "expected a regular expression (" in text


def test_a_pattern_of_defaults_or_an_agent_holds_for_its_tasks():
    agents = "agents: {mine: {preset: codex, tty: true, waits: 'allow'}}\n"
    found = plan(f"{agents}tasks: {{a: {{agent: mine, prompt: x}}, b: {{agent: mine, prompt: x, waits: y}}}}")
    assert Terminal(waits="allow") == spec_in(found, "a").terminal
    assert Terminal(waits="y") == spec_in(found, "b").terminal

    found = plan("defaults: {tty: true, waits: z}\ntasks: {a: {run: x}, b: {run: x, tty: false}}")
    assert Terminal(waits="z") == spec_in(found, "a").terminal and spec_in(found, "b").terminal is None


def test_what_is_let_through_is_searched_quickly_in_the_longest_row():
    began = time.process_time()
    re.compile(".*a.*b.*c").search("ab" * (CELLS // 2))
    assert time.process_time() - began < 5
