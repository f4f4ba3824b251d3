"""What was predicted of a plan, in the JSON that both the check and the report give."""

from __future__ import annotations

from collections.abc import Iterable

from porch_tui.core.analysis.analysis import Times
from porch_tui.core.analysis.relations import Pair

Json = dict[str, object]


def times_document(times: Times) -> Json:
    """Return predicted wall times, in seconds."""
    return {
        "serial_s": times.serial_s,
        "parallel_s": times.parallel_s,
        "overhead_s": times.overhead_s,
        "slots": times.slots,
        "speedup": times.speedup,
        "validation_s": times.validation_s,
        "not_counted": list(times.not_counted),
    }


def pairs_document(pairs: Iterable[Pair]) -> list[Json]:
    """Return how pairs of tasks stand to each other, and why."""
    return [
        {
            "a": pair.a,
            "b": pair.b,
            "relation": pair.relation.value,
            "reasons": list(pair.reasons),
            "is_known": pair.is_known,
        }
        for pair in pairs
    ]
