"""The hypotheses of a run: what was asked, what each theory was worth, who won, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterator

from porch_tui.core.judging.scores import Score, number
from porch_tui.core.model.hypothesis import theories
from porch_tui.core.model.plan import Hypothesis, shown
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.progress import hypotheses, scores_of
from porch_tui.present.hypothesis_text import BASE, against_base, finding_text, left_text, score_text
from porch_tui.present.outcome import Outcome
from porch_tui.present.statuses import look, status_of
from porch_tui.present.summary import Summary
from porch_tui.report.forms.page import Align, Block, Column, Paragraph, Section, table

LISTED = 6
"""Of the numbers of a theory; JSON has all of them."""
COLUMNS = (
    Column("theory"),
    Column("result"),
    Column("median", Align.RIGHT),
    Column("spread", Align.RIGHT),
    Column("of base", Align.RIGHT),
    Column("each time"),
    Column("changes"),
)


def hypotheses_section(summary: Summary) -> tuple[Section, ...]:
    """Return the section; nothing in a run without hypotheses."""
    state = summary.state
    blocks = [block for one in hypotheses(state).values() for block in _blocks(state, one)]
    return (Section("Hypotheses", tuple(blocks)),) if blocks else ()


def _blocks(state: RunState, hypothesis: Hypothesis) -> Iterator[Block]:
    name = hypothesis.name
    known, scores = state.hypotheses[name], scores_of(state, name)
    times = f", {hypothesis.repeat} times each" if hypothesis.repeat > 1 else ""
    yield Paragraph(f"{name}: {' '.join(hypothesis.question.split())}")
    yield Paragraph(f"Judge: {shown(hypothesis.judge)} (want: {hypothesis.want}{times}).")
    base = scores[None]
    rows = [(BASE, "", *_numbers(base, base), "")]
    for task in theories(state)[name]:
        score = scores.get(task, Score(task))
        status = Outcome.WON if task == known.winner else status_of(state, task)
        rows.append((task, look(status).word, *_numbers(score, base), left_text(known, task)))
    yield table(COLUMNS, rows, "It has no theories.")
    yield Paragraph(f"{finding_text(state, name)}.")
    if known.evidence:
        refs = sorted({one.ref.rpartition("/")[0] for one in known.evidence.values()})
        yield Paragraph(f"What each theory left, with all numbers: {refs[0]}/THEORY")


def _numbers(score: Score, base: Score) -> tuple[str, str, str, str]:
    """Return the median, the spread, the median as a share of the base's, and each result."""
    if score.median is None:
        return score_text(score), "", "", ""
    each = ", ".join(map(number, score.values[:LISTED]))
    if len(score.values) > LISTED:
        each = f"{each} … ({len(score.values)} times)"
    share = against_base(score, base)
    of_base = "" if share is None or score.theory is None else f"{share:.0%}"
    why = f"; then {score.why}" if score.why else ""
    return number(score.median), number(score.spread), of_base, f"{each}{why}"
