"""How checks came out, in a few lines, however many there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import counted, one_line
from porch_tui.present.amounts import duration
from porch_tui.present.clean import clean
from porch_tui.present.explain import reason
from porch_tui.present.outcome import GOOD, Outcome, in_words, outcome, results
from porch_tui.present.statuses import look
from porch_tui.report.forms.palette import PLAIN, Palette

MOST_LISTED = 50


def checks_text(state: RunState, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield a line for each check that failed, one for those that were not started, and the headline."""
    ends = {task: outcome(state, task) for task in state.tasks}
    failed = [task for task, end in ends.items() if end not in GOOD and end not in NOT_RUN]
    for task in failed[:MOST_LISTED]:
        yield _failed(state, task, ends[task], palette)
    if len(failed) > MOST_LISTED:
        yield f"and {len(failed) - MOST_LISTED} more failed"
    for why, count in Counter(reason(state, task) for task, end in ends.items() if end in NOT_RUN).items():
        yield f"{counted(count, 'check')} not started{f': {clean(why)}' if why else ''}"
    took = f" in {duration(state.changed_at - state.opened_at)}"
    again = f"; porch retry {failed[0]}, then porch resume" if failed else ""
    yield f"{in_words(results(state))}{took}{again}"


NOT_RUN = frozenset({Outcome.STOPPED, Outcome.WAITING})


def _failed(state: RunState, task: TaskId, end: Outcome | None, palette: Palette) -> str:
    item, why = state.specs[task].item, reason(state, task)
    about = f" ({clean(one_line(item))})" if item else ""
    sign = palette.glyph(look(end).sign) if end is not None else " "
    return f"{sign} {task}: {clean(why)}{about}"
