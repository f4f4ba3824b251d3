"""Who will be in whose way, as a matrix: tasks by tasks, with the number of paths. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from porch_tui.core.analysis.prediction import Prediction, target_ref
from porch_tui.core.model.state import RunState


class Matrix(Struct, frozen=True):
    """The conflicts that are foreseen, by the names of both sides."""

    names: tuple[str, ...]
    """Tasks in plan order, then the target if it is anybody's partner."""
    pairs: dict[frozenset[str], Prediction]

    def between(self, a: str, b: str) -> Prediction | None:
        """Return what is foreseen of two; None: they merge, as far as anybody can say."""
        return self.pairs.get(frozenset((a, b)))

    def partner(self, a: str, at: int) -> str:
        """Return who stands in a column; without any column, nobody."""
        return self.names[at] if at < len(self.names) else ""


def matrix(state: RunState, predictions: Sequence[Prediction]) -> Matrix:
    """Return the matrix of all that are foreseen to conflict with anybody."""
    target = target_ref(state)
    involved = {name for one in predictions for name in (one.a, one.b)}
    names = [task for task in state.tasks if task in involved]
    if target in involved:
        names.append(target)  # type: ignore[arg-type]
    pairs: dict[frozenset[str], Prediction] = {}
    for one in predictions:
        key = frozenset((one.a, one.b))
        known = pairs.get(key)
        # what is committed says more than what a person has still open
        if known is None or known.is_uncommitted:
            pairs[key] = one
    return Matrix(tuple(map(str, names)), pairs)


def shown_name(state: RunState, name: str) -> str:
    """Return what a side is called: the target by its own name."""
    return state.target if name == target_ref(state) else name


def cell(prediction: Prediction | None) -> str:
    """Return what stands in a cell: how many paths, `!` where there are only words, nothing where none."""
    if prediction is None:
        return ""
    return str(len(prediction.paths)) if prediction.paths else "!"
