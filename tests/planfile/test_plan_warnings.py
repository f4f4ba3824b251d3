"""What is allowed and probably not meant."""

from __future__ import annotations

import pytest
from planfile.plan_reading import FULL, ONE_TASK, task, warnings_of

WARNINGS = [
    (task("run: x, kind: check, paths: [a]"), 2, "is a check and names 'paths'"),
    ("tasks:\n  a: {run: x, kind: check}\n  b: {run: x,\n    after: [a]}\n", 4, "comes after 'a', a check"),
    (
        "tasks:\n  a: {run: x, expected_failure: no network}\n  b: {run: x,\n    after: [a]}\n",
        4,
        "task 'b' comes after 'a', which is expected to fail: then it does not start",
    ),
    (task("run: x, locks: [db]"), 2, "lock 'db' is named by task 'a' only"),
    ("tasks: {a: {run: x, locks: [data]}, b: {run: x, locks: [date]}}", 1, "did you mean 'date'?"),
    (task("run: x, estimate: 2h"), 2, "estimated at 7200 s and stopped after 3600 s"),
    (task("run: docker run img"), 2, "(docker run), which porch cannot stop, pause or measure"),
    (task("run: docker run img"), 2, "an entry of 'wraps' with 'end' (porch help fences)"),
    (task("run: podman run img"), 2, "(podman run), which porch leaves running if it is killed itself"),
    (task("run: x, wrap: [docker, run, img]"), 2, "(docker run), which porch cannot stop, pause or measure"),
    ("validate: x\ndefaults: {wrap: bwrap}\n" + ONE_TASK, 1, "outside of that task's fence"),
    (task("run: x, priority: 0"), 2, "'priority' has no effect"),
    ("tasks: {a: {run: x, priority: 3}}", 1, "'priority' has no effect"),
    (task("run: x, paths: ['src\\a']"), 2, "fits no ordinary path"),
    (task("run: x, paths: ['!src']"), 2, "fits no ordinary path"),
    (task("run: [./my tools/go, x]"), 2, "if it is a command line, write [./my, tools/go, x]"),
    ("validate_timeout: 5m\n" + ONE_TASK, 1, "no effect without 'validate'"),
    ("agents:\n  c: [sh, -c, 'c {prompt}']\n" + ONE_TASK, 2, "hands the prompt to a shell"),
    (
        task("run: x, budget: {tokens: 2M, wall: 1h}"),
        2,
        "is a command, and uses no tokens",
    ),
    (task("agent: codex, prompt: x, budget: {usd: 5, wall: 1h}"), 2, "'usd' does not count 'codex'"),
    (
        "budget: {usd: 5}\n" + task("agent: codex, prompt: x").replace("run: x", "agent: pi, prompt: x"),
        1,
        "'usd' does not count 'codex', which does not report cost",
    ),
    (f"tasks:\n  a:\n    run: {'x' * 140_000}\n", 3, "more than 128 KiB"),
]


@pytest.mark.parametrize(("text", "line", "part"), WARNINGS, ids=[part for _, _, part in WARNINGS])
def test_what_is_probably_not_intended_is_reported_with_its_line(text: str, line: int, part: str):
    assert [line] == [at for at, warning in warnings_of(text) if part in warning], warnings_of(text)


@pytest.mark.parametrize(
    "text",
    [
        FULL,
        ONE_TASK,
        "defaults: {budget: {tokens: 2M}}\n" + ONE_TASK,
        "validate: x\nvalidate_wrap: bwrap\ndefaults: {wrap: bwrap}\n" + ONE_TASK,
        "validate: x\ndefaults: {wrap: [nice]}\n" + ONE_TASK,
        "agents: {c: [sh, -c, 'c \"$1\"', sh, '{prompt}']}\n" + ONE_TASK,
    ],
)
def test_a_sensible_plan_earns_no_warning(text: str):
    assert [] == warnings_of(text)
