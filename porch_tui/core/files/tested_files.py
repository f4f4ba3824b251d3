"""Which source file a test belongs to, as far as names, history and imports tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from math import sqrt

from porch_tui.core.files.facts import Facts
from porch_tui.core.files.languages import is_test

NAME, STRANGER, IMPORT = 1.0, 0.5, 0.5
"""What it counts if a test is called like a file; if it is, but imports others and not that; and if it is the
only one that imports it. To have changed in the same commits and no others counts 1."""
_OF_FOLDER = frozenset({"__init__", "index", "mod", "lib", "main"})
"""Files that are called after the folder they are in."""


def tested_by(facts: Facts, sources: Collection[str]) -> dict[str, str]:
    """Return, by test, the source file it most likely tests; tests of which nothing is known are left out."""
    tests = [path for path in sources if is_test(path)]
    others = set(sources).difference(tests)
    named: dict[str, list[str]] = {}
    for path in others:
        named.setdefault(bare_name(path), []).append(path)
    together = _together(facts, frozenset(tests), others)
    users = users_of(facts)
    found = {}
    for test in tests:
        scores = together.get(test, {})
        imports = facts.imports.get(test, frozenset()) & others
        for one in imports:
            scores[one] = scores.get(one, 0.0) + IMPORT / users[one]
        for one in named.get(bare_name(test), ()):
            scores[one] = scores.get(one, 0.0) + (NAME if one in imports or not imports else STRANGER)
        if scores:
            found[test] = max(sorted(scores), key=scores.__getitem__)
    return found


def _together(facts: Facts, tests: Collection[str], others: Collection[str]) -> dict[str, dict[str, float]]:
    """Return how much each test and each other file change together: 1 is always."""
    found: dict[str, dict[str, float]] = {}
    for pair, count in facts.together.items():
        for test, other in (pair, pair[::-1]):
            if test in tests and other in others:
                both = sqrt(facts.commits[test] * facts.commits[other])
                found.setdefault(test, {})[other] = count / both
    return found


def users_of(facts: Facts) -> Counter[str]:
    """Return how many files import each file."""
    return Counter(one for files in facts.imports.values() for one in files)


def bare_name(path: str) -> str:
    """Return what a file is called without what marks it as a test: `core` of `test_core.py`."""
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0].lower()
    if stem in _OF_FOLDER:
        stem = folder.rpartition("/")[2].lower()
    for mark in ("test", "tests", "spec"):
        for joint in "_-":
            stem = stem.removeprefix(mark + joint).removesuffix(joint + mark)
    return stem.strip("_")
