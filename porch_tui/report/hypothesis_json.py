"""What is known of hypotheses, for programs: questions, numbers, winners, evidence."""

from __future__ import annotations

from porch_tui.core.judging.scores import Score
from porch_tui.core.model.hypothesis import theories
from porch_tui.core.model.plan import Hypothesis
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.progress import concluded, hypotheses, scores_of
from porch_tui.present.amounts import moment
from porch_tui.present.hypothesis_text import against_base

Json = dict[str, object]


def hypothesis_documents(state: RunState) -> list[Json]:
    """Return a document for each hypothesis of the run, in plan order."""
    return [_document(state, one) for one in hypotheses(state).values()]


def _document(state: RunState, hypothesis: Hypothesis) -> Json:
    name = hypothesis.name
    known, found, scores = state.hypotheses[name], concluded(state, name), scores_of(state, name)
    base = scores[None]
    return {
        "name": name,
        "question": hypothesis.question,
        "want": hypothesis.want.value,
        "land": "winner" if hypothesis.lands else "none",
        "repeat": hypothesis.repeat,
        "finding": found.finding.value,
        "winner": known.winner,
        "why": found.why,
        "by": known.by or None,
        "decided_at": moment(known.decided_at),
        "base": _score(base),
        "theories": [
            {
                "task": task,
                **_score(scores.get(task, Score(task))),
                "against_base": against_base(scores.get(task, Score(task)), base),
                "evidence": left.ref if (left := (known.evidence or {}).get(task)) else None,
                "files": left.files if left else None,
                "added": left.added if left else None,
                "removed": left.removed if left else None,
            }
            for task in theories(state)[name]
        ],
    }


def _score(score: Score) -> Json:
    return {
        "median": score.median,
        "spread": score.spread if score.values else None,
        "values": list(score.values),
        "passes": score.passes,
        "why": score.why,
    }
