"""Fences in plans: where they are named, what they may say, and which mistakes are found."""

from __future__ import annotations

import pytest
from planfile.plan_reading import plan, refusal, spec_in

from porch_tui.core.model.plan import Wrap

BOX = '{run: [podman, run, --name, "{name}", image], end: [podman, rm, "{name}"]}'


def test_a_wrap_is_a_name_or_words_and_defaults_give_it_to_all_tasks():
    found = plan(
        f"wraps: {{box: {BOX}, low: [nice]}}\n"
        "defaults: {wrap: bwrap}\n"
        "tasks:\n"
        "  a: {run: x}\n"
        "  b: {run: x, wrap: box}\n"
        "  c: {run: x, wrap: none}\n"
        "  d: {run: x, wrap: [env, 'W={worktree}']}\n"
        "  e: {run: x, wrap: low}\n"
    )

    box = Wrap("box", ("podman", "run", "--name", "{name}", "image"), ("podman", "rm", "{name}"))
    wraps = [spec_in(found, task).wrap for task in "abcde"]
    assert wraps == [Wrap("bwrap"), box, None, Wrap("", ("env", "W={worktree}")), Wrap("low", ("nice",))]
    assert box.is_beyond_reach and not Wrap("bwrap").is_beyond_reach


def test_templates_of_other_programs_are_no_placeholders():
    words = ("docker", "ps", "--format", "{{.ID}}", "${HOME}", "{worktree}:/w")
    written = ", ".join(f"'{word}'" for word in words)

    assert spec_in(plan(f"tasks: {{a: {{run: x, wrap: [{written}]}}}}"), "a").wrap == Wrap("", words)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tasks: {a: {run: x, wrap: bwrep}}", ["1:27", "tasks.a.wrap", "did you mean 'bwrap'?"]),
        ("wraps: {box: [a]}\ntasks: {a: {run: x, wrap: bo}}", ["2:27", "one of box, bwrap, none"]),
        ("wraps: {none: [a]}\ntasks: {a: {run: x}}", ["1:9", "means no fence"]),
        ("wraps: {w: {end: [a]}}\ntasks: {a: {run: x}}", ["1:9", "neither 'run' nor 'preset'"]),
        ("wraps: {w: {run: [a], preset: bwrap}}\ntasks: {a: {run: x}}", ["1:9", "both 'run' and 'preset'"]),
        ("wraps: {w: {preset: bwrap, end: [a]}}\ntasks: {a: {run: x}}", ["1:33", "belongs to 'run'"]),
        ("wraps: {w: {run: [a], network: false}}\ntasks: {a: {run: x}}", ["1:32", "belongs to 'preset'"]),
        ("wraps: {w: {run: [a], hold: [a]}}\ntasks: {a: {run: x}}", ["1:9", "'hold' and 'release' together"]),
        ("wraps: {w: {preset: bwrap, writable: [a]}}\ntasks: {a: {run: x}}", ["1:39", "begins with / or ~/"]),
        ("wraps: {w: {preset: jail}}\ntasks: {a: {run: x}}", ["1:21", "expected bwrap"]),
        ("tasks: {a: {run: x, wrap: [a, '{work}']}}", ["1:31", "{worktree}, {git}, {name}"]),
        ("tasks: {a: {run: x, wrap: bwrap, isolation: clone}}", ["1:45", "found clone behind bwrap"]),
        ("tasks: {a: {run: x, wrap: ['']}}", ["1:28", "the program of the fence"]),
        ("resolver: {run: x, wrap: y}\ntasks: {a: {run: x}}", ["1:26", "resolver.wrap"]),
        ("validate: x\nvalidate_wrap: y\ntasks: {a: {run: x}}", ["2:16", "validate_wrap"]),
    ],
)
def test_mistakes_are_found_with_their_place(text: str, said: list[str]):
    message = refusal(text)

    assert all(part in message for part in said), message
