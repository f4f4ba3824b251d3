"""Splits the source files of a repository into parts that are rarely changed together, without any model.

What belongs together is found out from history (files that the same commits change), from imports and from
folders. The same facts always give the same parts, and each source file is in one of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import combinations, pairwise

from msgspec import Struct

from porch_tui.core.files.facts import Facts
from porch_tui.core.files.folders import folders_above
from porch_tui.core.files.languages import is_test, is_test_module, language_of
from porch_tui.core.files.tested_files import tested_by, users_of
from porch_tui.core.splitting.grouping import groups, improved, shared_folders

FEWEST, MOST = 3, 8
"""Parts, unless a number is asked for: a person has to review what is done in each of them."""
GOOD = 0.8
"""Share of the last commits that should change one part only: with more parts it is smaller."""
WORTH_LESS_PARTS = 0.02
"""By how much that share must grow for fewer parts to be better."""
TOLERATED, HALF = 2.0, 0.5
"""The largest part: so many times an equal share, and of everything. A file is never split."""
TINY = 0.35
"""Of an equal share: what is smaller is no part of its own."""
LEAF = 0.5
"""Of an equal share: a folder of which nothing outside imports anything is kept together up to this."""
IMPORT = 1.0
"""What an import counts, in commits, if the imported file has no other user."""
NEIGHBOURS = 0.5
"""What it counts to lie in one folder, for files that follow each other in it."""
SMALLEST_BYTES = 1000.0
"""No file counts as smaller: the work on one does not end at its bytes."""


class By(StrEnum):
    """What parts are made of."""

    DIRS = "dirs"
    """Folders: the files that lie directly in one are not split."""
    PACKAGES = "packages"
    """Files, by imports and history."""
    TESTS = "tests"
    """Test modules, and nothing else."""


class Part(Struct, frozen=True):
    """Source files that one task works on."""

    name: str
    """The path of its main folder or file: no other part has it."""
    files: tuple[str, ...]
    """Sorted."""
    bytes: int


class Cut(Struct, frozen=True):
    """What ties two parts nevertheless."""

    a: str
    b: str
    imports: int
    """Of files of one by files of the other, in both directions."""
    commits: int
    """Those of the last ones that changed both."""


class Shared(Struct, frozen=True):
    """A file that most other parts import, their tests not counted."""

    path: str
    part: str
    users: tuple[str, ...]
    """The other parts that import it."""


class Split(Struct, frozen=True):
    """Source files in parts."""

    by: By
    parts: tuple[Part, ...]
    """The largest first; test modules in the order of their paths."""
    cuts: tuple[Cut, ...] = ()
    """The strongest first."""
    shared: tuple[Shared, ...] = ()
    """Those with the most users first, parts and then files."""
    whole: int = 0
    """How many of the last commits that changed any of the files changed those of one part only."""
    commits: int = 0
    """Of how many."""


def split(facts: Facts, by: By, number: int | None = None) -> Split:
    """Return the parts: as many as asked for, as far as there are so many of some size.

    Without a number as many as leave most of the last commits within one part. No sources: no parts.
    """
    sources = sorted(path for path in facts.sizes if language_of(path))
    if by is By.TESTS:
        return _tests(facts, sources, number)
    if not sources:
        return Split(by, ())
    splitting = _Splitting(facts, by, sources)
    group_of = splitting.groups(number or MOST)
    share = splitting.share_whole(group_of)
    for fewer in range(MOST - 1, FEWEST - 1, -1) if number is None else ():
        if share >= GOOD:
            break
        other = splitting.groups(fewer)
        if splitting.share_whole(other) > share + WORTH_LESS_PARTS:
            group_of, share = other, splitting.share_whole(other)
    return _described(facts, by, group_of, splitting.changes)


class _Splitting:
    """Tries different numbers of parts."""

    def __init__(self, facts: Facts, by: By, sources: Sequence[str]) -> None:
        self._facts = facts
        self._bytes = {path: max(facts.sizes[path], SMALLEST_BYTES) for path in sources}
        owners = tested_by(facts, sources)
        self._unit = {path: owners.get(path, path) for path in sources}
        if by is By.DIRS:
            self._unit = {path: unit.rpartition("/")[0] for path, unit in self._unit.items()}
        self._folders = dict(_leaf_folders(facts, sources))
        known = frozenset(sources)
        self.changes = [paths & known for paths in facts.history if paths & known]
        """The sources that the last commits changed, without those that changed none."""

    def groups(self, number: int) -> dict[str, str]:
        """Return the group of each source file."""
        total = sum(self._bytes.values())
        unit_of = self._with_leaf_folders(LEAF * total / number)
        sizes = dict.fromkeys(sorted(unit_of.values()), 0.0)
        for path, unit in unit_of.items():
            sizes[unit] += self._bytes[path]
        largest = max(min(TOLERATED / number, HALF) * total, *sizes.values())
        smallest = TINY * total / number
        sets = [frozenset(unit_of[path] for path in paths) for paths in self.changes]
        found = groups(sizes, self._ties(unit_of, sets), number, largest, smallest)
        found = improved(found, sizes, [one for one in sets if len(one) > 1], largest, smallest)
        return {path: found[unit] for path, unit in unit_of.items()}

    def share_whole(self, group_of: Mapping[str, str]) -> float:
        """Return the share of commits that change one group only; 1 without any commits."""
        return _whole(group_of, self.changes) / len(self.changes) if self.changes else 1.0

    def _with_leaf_folders(self, most_bytes: float) -> dict[str, str]:
        """Return what each source is kept with: its folder, where that is one to be kept together."""
        unit_of = dict(self._unit)
        for folder, files in self._folders.items():
            if sum(self._bytes[path] for path in files) <= most_bytes:
                for path, unit in unit_of.items():
                    if unit == folder or unit.startswith(f"{folder}/"):
                        unit_of[path] = folder
        return unit_of

    def _ties(
        self, unit_of: Mapping[str, str], sets: Iterable[frozenset[str]]
    ) -> dict[tuple[str, str], float]:
        ties: dict[tuple[str, str], float] = {}

        def tie(a: str, b: str, strength: float) -> None:
            if a != b:
                pair = (a, b) if a < b else (b, a)
                ties[pair] = ties.get(pair, 0.0) + strength

        for one in sets:
            for a, b in combinations(sorted(one), 2):
                tie(a, b, 1 / (len(one) - 1))
        users = users_of(self._facts)
        for user, used in _imports(self._facts, unit_of):
            tie(unit_of[user], unit_of[used], IMPORT / users[used])
        for a, b in pairwise(sorted(set(unit_of.values()))):
            tie(a, b, NEIGHBOURS * shared_folders(a, b) / max(a.count("/"), b.count("/"), 1))
        return ties


def _imports(facts: Facts, known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield which known file imports which."""
    for path in sorted(facts.imports):
        if path in known:
            yield from ((path, one) for one in sorted(facts.imports[path]) if one in known)


def _leaf_folders(facts: Facts, sources: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the folders from which only tests and their own files import, outer ones first: examples, say.

    With the source files in them, but for tests.
    """
    inside: dict[str, list[str]] = {}
    for path in sources:
        if not is_test(path):
            for folder in folders_above(path):
                inside.setdefault(folder, []).append(path)
    outside = {
        folder
        for user, files in facts.imports.items()
        if not is_test(user)
        for one in files
        for folder in folders_above(one)
        if not user.startswith(f"{folder}/")
    }
    for folder in sorted(inside.keys() - outside, key=lambda one: (one.count("/"), one)):
        yield folder, inside[folder]


def _whole(group_of: Mapping[str, str], changes: Iterable[frozenset[str]]) -> int:
    return sum(len({group_of[path] for path in paths}) == 1 for paths in changes)


def _described(facts: Facts, by: By, group_of: Mapping[str, str], changes: Sequence[frozenset[str]]) -> Split:
    """Return the parts with their names, and what ties them."""
    members: dict[str, list[str]] = {}
    for path in sorted(group_of):
        members.setdefault(group_of[path], []).append(path)
    named = {group: _name(facts, files, group_of) for group, files in members.items()}
    part_of = {path: named[group] for path, group in group_of.items()}
    parts = [_part(facts, named[group], files) for group, files in members.items()]
    parts.sort(key=lambda part: (-part.bytes, part.name))
    cuts, shared = _cuts(facts, part_of, changes), _shared(facts, part_of, len(parts))
    return Split(by, tuple(parts), cuts, shared, _whole(part_of, changes), len(changes))


def _part(facts: Facts, name: str, files: Sequence[str]) -> Part:
    return Part(name, tuple(files), sum(facts.sizes[path] for path in files))


def _name(facts: Facts, files: Sequence[str], group_of: Mapping[str, str]) -> str:
    """Return the folder that most of a part is in and no other part has files in; else its main file."""
    own = set(files)
    bytes_in = Counter[str]()
    for path in files:
        for folder in folders_above(path):
            bytes_in[folder] += facts.sizes[path]
    strangers = {folder for path in group_of if path not in own for folder in folders_above(path)}
    half = sum(facts.sizes[path] for path in files) / 2
    folders = [folder for folder, size in bytes_in.items() if size > half and folder not in strangers]
    if folders:
        return min(folders, key=lambda folder: (folder.count("/"), folder))
    return max(files, key=lambda path: (not is_test(path), facts.commits.get(path, 0), facts.sizes[path]))


def _cuts(facts: Facts, part_of: Mapping[str, str], changes: Iterable[frozenset[str]]) -> tuple[Cut, ...]:
    imports, commits = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for path, one in _imports(facts, part_of):
        a, b = sorted((part_of[path], part_of[one]))
        imports[a, b] += a != b
    for paths in changes:
        commits.update(combinations(sorted({part_of[path] for path in paths}), 2))
    found = [Cut(a, b, imports[a, b], commits[a, b]) for a, b in sorted({*+imports, *commits})]
    return tuple(sorted(found, key=lambda cut: (-cut.commits, -cut.imports)))


def _shared(facts: Facts, part_of: Mapping[str, str], number: int) -> tuple[Shared, ...]:
    """Return the files that more than half of the other parts import, if those are several."""
    users: dict[str, Counter[str]] = {}
    for path, one in _imports(facts, part_of):
        if part_of[path] != part_of[one] and not is_test(path):
            users.setdefault(one, Counter())[part_of[path]] += 1
    most = [one for one in sorted(users) if len(users[one]) > max(1, (number - 1) / 2)]
    most.sort(key=lambda one: (-len(users[one]), -users[one].total()))
    return tuple(Shared(one, part_of[one], tuple(sorted(users[one]))) for one in most)


def _tests(facts: Facts, sources: Iterable[str], number: int | None) -> Split:
    """Return the test modules by folders; where that makes too few or too many, in runs of equal size."""
    modules = [path for path in sources if is_test_module(path)]
    folders: dict[str, list[str]] = {}
    for path in modules:
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    # a package is what Go can test
    things = [
        thing
        for folder, files in sorted(folders.items())
        for thing in ([files] if language_of(files[0]) == "Go" else [[path] for path in files])
    ]
    wanted = number or MOST
    if number is None and FEWEST <= len(folders) <= MOST:
        runs = list(folders.values())
    else:
        runs = list(_runs(facts, things, min(wanted, len(things))))
    parts = (_part(facts, _name_of_tests(files, modules), files) for files in runs)
    return Split(By.TESTS, tuple(parts))


def _runs(facts: Facts, things: Sequence[Sequence[str]], number: int) -> Iterator[list[str]]:
    """Yield the files of the things, in order, in runs of about the same bytes: none is empty."""
    left = [sum(max(facts.sizes[path], SMALLEST_BYTES) for path in files) for files in things]
    at = 0
    for more in range(number, 0, -1):
        run, size, share = list(things[at]), left[at], sum(left[at:]) / more
        at += 1
        while at < len(things) and len(things) - at >= more and (more == 1 or size + left[at] / 2 <= share):
            run, size, at = [*run, *things[at]], size + left[at], at + 1
        yield run


def _name_of_tests(files: Sequence[str], modules: Iterable[str]) -> str:
    folder = files[0].rpartition("/")[0]
    own = set(files)
    others = any(path not in own and path.rpartition("/")[0] == folder for path in modules)
    return (
        files[0] if others or not folder or len({path.rpartition("/")[0] for path in files}) > 1 else folder
    )
