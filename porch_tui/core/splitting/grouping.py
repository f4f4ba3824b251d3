"""Groups things so that what is tied together stays together, in groups of a tolerable size.

Things are called by paths, and of things without ties those in one folder are near; besides, nothing is known
of files here. Equal scores go by name, so that the same input always gives the same groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from math import sqrt

Ties = Mapping[tuple[str, str], float]
"""How strongly two things are tied, by their names, sorted."""

BLUR = 0.02
"""Share of the whole below which a size hardly counts: else the tiniest things attract everything."""
CORES = 0.3
"""Share of the largest group up to which groups grow by ties alone."""
WORTH_MOVING = 2
"""Sets that must be saved by moving a thing: one may be chance."""
MOST_PASSES = 10
"""Of moving single things: two or three are enough where it helps at all."""


def groups(
    sizes: Mapping[str, float], ties: Ties, number: int, largest: float, smallest: float
) -> dict[str, str]:
    """Return the group of each thing, by the name of one in it.

    There are `number` groups, or fewer where there are not so many of at least `smallest`. None is larger
    than `largest`, unless there would be too many, or a thing is.
    """
    merging = _Merging(sizes, ties)
    # first small groups of what clearly belongs together: else the first one takes all up to `largest`
    merging.join_tied(number, largest * CORES)
    merging.join_small(len(sizes), largest, smallest)
    merging.join_tied(number, largest)
    merging.join_small(number, largest, smallest)
    return {thing: name for name, things in merging.members.items() for thing in things}


class _Merging:
    """Groups that become fewer: at first each thing is one."""

    def __init__(self, sizes: Mapping[str, float], ties: Ties) -> None:
        self.members = {name: [name] for name in sizes}
        self._size = dict(sizes)
        self._blur = BLUR * sum(sizes.values()) or 1.0
        self._ties: dict[str, dict[str, float]] = {name: {} for name in sizes}
        for (a, b), strength in ties.items():
            self._ties[a][b] = self._ties[b][a] = strength

    def join_tied(self, number: int, largest: float) -> None:
        """Join the two that are tied most strongly for their sizes, until there are few enough."""
        heap = [self._ranked(a, b) for a in sorted(self._ties) for b in self._ties[a] if a < b]
        heapify(heap)
        while heap and len(self.members) > number:
            score, a, b = heappop(heap)
            if b not in self._ties.get(a, ()) or score != self._ranked(a, b)[0]:
                continue  # one of them is gone, or has grown
            if self._size[a] + self._size[b] <= largest:
                self._join(a, b)
                for other in self._ties[a]:
                    heappush(heap, self._ranked(min(a, other), max(a, other)))

    def join_small(self, number: int, largest: float, smallest: float) -> None:
        """Join the smallest with what is nearest to it, until there are few enough and none is too small."""
        while len(self.members) > 1:
            least = min(self.members, key=lambda name: (self._size[name], name))
            if len(self.members) <= number and self._size[least] >= smallest:
                return
            others = [name for name in sorted(self.members) if name != least]
            fitting = [name for name in others if self._size[name] + self._size[least] <= largest] or others
            ties = self._ties[least]
            nearest = max(fitting, key=lambda name: ties.get(name, 0.0))
            if ties.get(nearest, 0.0) < 1:
                near = {name: self._shared_folders(least, name) for name in fitting}
                nearest = max(fitting, key=lambda name: (near[name], -self._size[name]))
            self._join(min(least, nearest), max(least, nearest))

    def _ranked(self, a: str, b: str) -> tuple[float, str, str]:
        sizes = (self._size[a] + self._blur) * (self._size[b] + self._blur)
        return -self._ties[a][b] / sqrt(sizes), a, b

    def _shared_folders(self, a: str, b: str) -> int:
        return max(shared_folders(one, other) for one in self.members[a] for other in self.members[b])

    def _join(self, a: str, b: str) -> None:
        self.members[a] += self.members.pop(b)
        self._size[a] += self._size.pop(b)
        for other, strength in self._ties.pop(b).items():
            del self._ties[other][b]
            if other != a:
                both = self._ties[a].get(other, 0.0) + strength
                self._ties[a][other] = self._ties[other][a] = both


def shared_folders(a: str, b: str) -> int:
    """Return how many folders two paths begin with together."""
    count = 0
    for one, other in zip(a.split("/"), b.split("/"), strict=False):
        if one != other:
            break
        count += 1
    return count


def improved(
    group_of: Mapping[str, str],
    sizes: Mapping[str, float],
    sets: Sequence[frozenset[str]],
    largest: float,
    smallest: float,
) -> dict[str, str]:
    """Return the groups with single things moved to where more of the sets are within one group."""
    group = dict(group_of)
    size = dict.fromkeys(group.values(), 0.0)
    rests: dict[str, list[frozenset[str]]] = {}
    for thing, name in group.items():
        size[name] += sizes[thing]
    for one in sets:
        for thing in one:
            rests.setdefault(thing, []).append(one - {thing})
    for _ in range(MOST_PASSES):
        moved = 0
        for thing in sorted(rests):
            own, weight = group[thing], sizes[thing]
            whole = Counter[str]()
            for rest in rests[thing]:
                if len(there := {group[other] for other in rest}) == 1:
                    whole.update(there)
            better = [name for name in sorted(whole) if whole[name] >= whole[own] + WORTH_MOVING]
            better = [name for name in better if size[name] + weight <= largest]
            if better and size[own] - weight >= smallest:
                group[thing] = max(better, key=lambda name: whole[name])
                size[own] -= weight
                size[group[thing]] += weight
                moved += 1
        if not moved:
            break
    return group
