"""What commit-msg may do to a message, porch's own trailers come through."""

from __future__ import annotations

from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.engine.effects.hooks import OURS
from porch_tui.engine.effects.merging import merge_message
from tests.builders import board, opened, plan


def test_every_trailer_of_a_message_is_recognized_as_ours():
    """Or a hook that loses it would take it from what lands."""
    state = board(opened(plan("a")), "a")

    text = merge_message(state, TaskId("a"), Sha("t1"), resolved=("same",), resolved_by=("claude",))

    trailers = text.rpartition("\n\n")[2].splitlines()
    assert 5 == len(trailers)
    assert [] == [line for line in trailers if not OURS.match(line)]
