"""How well relations of tasks are found, and how long that takes.

    python tests/bench/relations.py

Prints recall and precision of each relation for each part of the labelled corpus in
`tests/core/relations/corpus`, what is missed, and the time that 10,000 tasks take to compare (bar: 2 s).
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS)]

from core.relations.labelled_pairs import PARTS, labelled  # noqa: E402

from builders import plan, task  # noqa: E402
from porch_tui.core.model.copying import replace  # noqa: E402
from porch_tui.core.model.plan import from_shell  # noqa: E402
from porch_tui.core.relations.pairs import relations  # noqa: E402
from porch_tui.core.relations.relations import Relation  # noqa: E402

TASKS, BAR_S = 10_000, 2.0


def accuracy(part: str) -> None:
    """Print how well the relations of a part of the corpus are found."""
    answers = [(one, one.pair.relation) for one in labelled(part)]
    right = Counter(answer for one, answer in answers if answer in one.expected)
    found = Counter(answer for _, answer in answers)
    expected = Counter(answer if answer in one.expected else one.expected[0] for one, answer in answers)
    print(f"\n{part}: {len(answers)} pairs, {sum(right.values())} right")
    for relation in Relation:
        if expected[relation] or found[relation]:
            recall = right[relation] / max(expected[relation], 1)
            precision = right[relation] / max(found[relation], 1)
            print(f"  {relation:12} {expected[relation]:4}  recall {recall:.2f}  precision {precision:.2f}")
    for one, answer in answers:
        if answer not in one.expected:
            print(f"  missed: {one.name}: {answer} instead of {'/'.join(one.expected)}")


def speed(name: str, command: str) -> None:
    """Print how long the comparison of many tasks takes, whose commands differ in a number."""
    tasks = [replace(task(f"t{n}"), command=from_shell(command.format(n))) for n in range(TASKS)]
    made = plan(*tasks)
    start, cpu = time.perf_counter(), time.process_time()
    found = relations(made)
    took, used = time.perf_counter() - start, time.process_time() - cpu
    conflicts = found.counts[Relation.CONFLICTING]
    print(f"  {name:20} {took:5.2f} s, {used:5.2f} s of processor; {conflicts} pairs conflicting")


if __name__ == "__main__":
    for each in PARTS:
        accuracy(each)
    print(f"\n{TASKS} tasks (bar: {BAR_S:g} s)")
    speed("tests", "pytest -q tests/test_{}.py")
    speed("edits and tests", "sed -i s/a/b/ src/m{0}.py && pytest -q tests/test_{0}.py > /tmp/{0}.log")
    speed("one port", "serve --port 8000 --root {}")
