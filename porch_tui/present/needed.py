"""How far a run is, and whom it needs for what, in few words: for a header, a title and a call."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from msgspec import Struct

from porch_tui.core.model.state import RunState
from porch_tui.present.clean import clean
from porch_tui.present.explain import Need
from porch_tui.present.outcome import Results, outcome
from porch_tui.present.signs import Charset
from porch_tui.present.statuses import status_of

CALL_CHARACTERS = 160
"""Of a notification: more is cut off, by this or by what shows it."""
_BETWEEN = {Charset.UNICODE: " · ", Charset.ASCII: ", "}


class Progress(Struct, frozen=True):
    """How much of a run has come to its good end: `landed 3/7`."""

    word: str
    """`landed` where every task is to land, `passed` in a run of checks, else `done`."""
    done: int
    of: int

    @property
    def figures(self) -> str:
        """Only the numbers."""
        return f"{self.done}/{self.of}"


def progress(counts: Results) -> Progress:
    """Return how far a run is; each hypothesis counts once."""
    done = counts.landed + counts.idle + counts.passed + counts.answered
    of = counts.changes + counts.checks + counts.hypotheses
    if counts.changes == of and not counts.idle:
        return Progress("landed", done, of)
    return Progress("passed" if counts.checks == of else "done", done, of)


def needed(needs: Sequence[Need], charset: Charset = Charset.UNICODE) -> str:
    """Return `1 waits for you · 2 need you`; empty if nothing does."""
    waiting = sum(need.is_waiting for need in needs)
    others = len(needs) - waiting
    return _BETWEEN[charset].join(
        text
        for count, text in (
            (waiting, f"{waiting} {'waits' if waiting == 1 else 'wait'} for you"),
            (others, f"{others} {'needs' if others == 1 else 'need'} you"),
        )
        if count
    )


def title(counts: Results, needs: Sequence[Need]) -> str:
    """Return the title of a window that shows the run: `porch 3/7 !1`."""
    return f"porch {progress(counts).figures}" + (f" !{len(needs)}" if needs else "")


def needed_line(needs: Sequence[Need]) -> str:
    """Return one short line that says what needs the person now, without anything that steers a terminal."""
    if len(needs) == 1:
        text = clean(needs[0].text)
    else:
        text = f"{needed(needs, Charset.ASCII)}: {clean(', '.join(need.task or 'the run' for need in needs))}"
    return text if len(text) <= CALL_CHARACTERS else f"{text[: CALL_CHARACTERS - 1]}…"


def need_key(state: RunState, need: Need) -> str:
    """Return what is the same for the same need, however its text changes, and another one for the next.

    A task that is retried, requeued or answered and then needs the person again has another need.
    """
    if need.task is None:
        return need.why
    entry, attempt = state.entries.get(need.task), state.tasks[need.task].attempt
    number = attempt.id.number if attempt is not None else 0
    since = attempt.waits_since if attempt is not None and need.is_waiting else None
    place = entry.place if entry is not None else 0
    return f"{need.task} {status_of(state, need.task)} {number} {since or place}"


def end_key(state: RunState) -> str:
    """Return what is the same for the same end of a run: how each task came out, after how many tries."""
    ends = ((task, outcome(state, task), len(known.attempts)) for task, known in state.tasks.items())
    return f"{crc32(repr(list(ends)).encode('utf-8', 'surrogateescape')):08x}"
