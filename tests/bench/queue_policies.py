"""How long the merge queue takes to decide eight finished tasks, against simpler policies.

    python tests/bench/queue_policies.py

The k-ary search is porch's own core (`settle`, `train`), driven by a clock that
only jumps; the others are written down beside it. Not a sample: every set of bad
tasks is played once and weighted with its probability. A failing state is tried
twice before blame, by porch only. The bar is 1.15 of the design's
table, which was simulated without that second try.
"""

from __future__ import annotations

import heapq
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from porch_tui.core.merge_queue.train import landable
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import ON_TRAIN
from porch_tui.core.rules.effects import BuildProbe, wanted
from tests.builders import board, build, ended, fold, judge, land, opened, plan, settled

NAMES = tuple("abcdefgh")
VALIDATION_S = 5.0
CHANCES = (0.0, 0.1, 0.2)
TABLE_S = {0.0: 5.0, 0.1: 13.9, 0.2: 21.7}
"""All decided, k-ary with W=2 on 2 cores: merge.md 2.4 of the design, 4000 draws a cell."""
BAR = 1.15

Bad = frozenset[str]


@dataclass(frozen=True, slots=True)
class Times:
    """How one queue went. Seconds since all tasks were finished."""

    decided_s: float
    landed_s: tuple[float, ...]
    cpu_s: float
    trees: tuple[str, ...] = ()
    """What landed, in order."""


def k_ary(bad: Bad, jobs: int) -> Times:
    """Have porch's core decide the queue, `jobs` validations at once."""
    state = board(judge(opened(plan(*NAMES), validate_jobs=jobs), "t0", True), *NAMES)
    now, cpu_s, landed = 0.0, 0.0, dict[str, float]()
    due: list[tuple[float, str, int]] = []
    begun: dict[tuple[str, int], float] = {}
    while True:
        state, fresh = _caught_up(state)
        while probes := [effect for effect in wanted(state) if isinstance(effect, BuildProbe)]:
            state = settled(fold(state, *(_by_itself(effect) for effect in probes)))
        landed |= dict.fromkeys(fresh, now)
        flights = {(str(one.tree), one.number) for one in state.validations.in_flight.values()}
        cpu_s += sum(now - begun.pop(gone) for gone in begun.keys() - flights)
        for flight in sorted(flights - begun.keys()):
            begun[flight] = now
            heapq.heappush(due, (now + VALIDATION_S, *flight))
        if not any(entry.status in ON_TRAIN for entry in state.entries.values()):
            return Times(now, tuple(landed.values()), cpu_s, tuple(landed))
        now, tree, number = heapq.heappop(due)
        if (tree, number) in flights:
            state = ended(state, tree, has_passed=bad.isdisjoint(tree.split("+")))


def _by_itself(effect: BuildProbe) -> e.ProbeBuilt:
    """Return what is made for idle workers to validate: a task's own state."""
    return e.ProbeBuilt(effect.task, effect.head, None, effect.head, Sha(effect.task))


def _caught_up(state: RunState) -> tuple[RunState, list[TaskId]]:
    """Return the state once nothing is left but to wait for validations, and what landed meanwhile."""
    landed: list[TaskId] = []
    while True:
        before = state
        state = build(settled(state))
        ready = [entry.task for entry in landable(state)]
        state = land(state, *ready)
        landed += ready
        if state is before:
            return state, landed


def serial(bad: Bad) -> Times:
    """Validate each task on top of what has landed, one after the other."""
    ends = {name: VALIDATION_S * place for place, name in enumerate(NAMES, start=1)}
    total_s = VALIDATION_S * len(NAMES)
    return Times(total_s, tuple(s for name, s in ends.items() if name not in bad), total_s)


def batch_and_bisect(bad: Bad) -> Times:
    """Validate all together; halve what fails, first half first."""
    now, landed, batches = 0.0, list[float](), [NAMES]
    while batches:
        batch = batches.pop()
        now += VALIDATION_S
        if bad.isdisjoint(batch):
            landed += [now] * len(batch)
        elif len(batch) > 1:
            half = len(batch) // 2
            batches += [batch[half:], batch[:half]]
    return Times(now, tuple(landed), now)


def every_set() -> Iterator[Bad]:
    """Yield every set of tasks that could be bad."""
    for size in range(len(NAMES) + 1):
        yield from map(frozenset, combinations(NAMES, size))


def expected(times: dict[Bad, Times], chance: float, measure: Callable[[Times], float]) -> float:
    """Return a measure's mean where each task is bad with this chance."""
    return sum(
        chance ** len(bad) * (1 - chance) ** (len(NAMES) - len(bad)) * measure(one)
        for bad, one in times.items()
    )


def mean_landed_s(times: dict[Bad, Times], chance: float) -> float:
    """Return the mean time at which a good task lands."""
    total = expected(times, chance, lambda one: sum(one.landed_s))
    return total / expected(times, chance, lambda one: float(len(one.landed_s)))


def main() -> None:
    played = {
        "serial": {bad: serial(bad) for bad in every_set()},
        "batch + bisect": {bad: batch_and_bisect(bad) for bad in every_set()},
        "k-ary, W=2": {bad: k_ary(bad, 2) for bad in every_set()},
    }
    print("all decided / mean time to land / CPU, in seconds; 8 tasks, validation 5 s, 2 cores")
    print(f"{'':16}" + "".join(f"{f'{chance:.0%} bad':>22}" for chance in CHANCES))
    for policy, times in played.items():
        cells = (
            f"{expected(times, chance, lambda one: one.decided_s):.1f} / "
            f"{mean_landed_s(times, chance):.1f} / {expected(times, chance, lambda one: one.cpu_s):.1f}"
            for chance in CHANCES
        )
        print(f"{policy:16}" + "".join(f"{cell:>22}" for cell in cells))
    ratios = {
        chance: expected(played["k-ary, W=2"], chance, lambda one: one.decided_s) / TABLE_S[chance]
        for chance in CHANCES
    }
    print(f"{'to the table':16}" + "".join(f"{ratio:>22.2f}" for ratio in ratios.values()))
    print(f"bar {BAR}: {'kept' if max(ratios.values()) <= BAR else 'MISSED'}")


if __name__ == "__main__":
    main()
