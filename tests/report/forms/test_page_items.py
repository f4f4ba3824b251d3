"""The commands of a point, apart from the words between and after them."""

from __future__ import annotations

import pytest

from porch_tui.report.forms.page import Item


@pytest.mark.parametrize(
    ("command", "commands"),
    [
        ("porch resolve div", ["porch resolve div"]),
        ("porch logs a; porch retry a", ["porch logs a", "porch retry a"]),
        (
            "porch validate a --on-top-of b, or porch retry a, which builds on that",
            ["porch validate a --on-top-of b", "porch retry a"],
        ),
        (
            "porch requeue a then takes its work over; porch retry a runs it again",
            ["porch requeue a", "porch retry a"],
        ),
        ("porch budget a +1M raises it; porch stop a gives it up", ["porch budget a +1M", "porch stop a"]),
        (
            'porch retry a --keep --say "ANSWER"; porch logs a',
            ['porch retry a --keep --say "ANSWER"', "porch logs a"],
        ),
        ("porch retry then; porch logs shows", ["porch retry then", "porch logs shows"]),
        ("", []),
    ],
)
def test_each_command_stands_alone_and_nothing_is_lost(command: str, commands: list[str]) -> None:
    found = Item("text", command).commands

    assert [one for one in found[::2] if one] == commands
    assert "".join(found) == command
