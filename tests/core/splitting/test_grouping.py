"""Things that are tied together are grouped, whatever their order, within sizes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from porch_tui.core.splitting.grouping import groups, improved

NAMES = [f"{folder}/{name}" for folder in "abc" for name in "xyz"]
TIES = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda pair: pair[0] < pair[1]),
    st.floats(0.1, 10),
)


def grouped(sizes: dict[str, float], ties: dict[tuple[str, str], float], number: int, **limits: float):
    found = groups(sizes, ties, number, limits.get("largest", 1e9), limits.get("smallest", 0))
    return sorted(sorted(one for one in found if found[one] == group) for group in set(found.values()))


def test_the_strongest_ties_are_kept():
    ties = {("a", "b"): 5.0, ("b", "c"): 1.0, ("c", "d"): 5.0}

    assert [["a", "b"], ["c", "d"]] == grouped(dict.fromkeys("abcd", 1.0), ties, 2)


def test_no_group_grows_beyond_the_largest():
    ties = {("a", "b"): 5.0, ("b", "c"): 4.0, ("a", "c"): 4.0}

    assert [["a", "b"], ["c"]] == grouped(dict.fromkeys("abc", 10.0), ties, 1 + 1, largest=20)


def test_what_is_too_small_joins_what_is_near():
    sizes = {"docs/a": 100.0, "src/x/b": 100.0, "src/y/c": 100.0, "src/x/tiny": 1.0}

    assert ["src/x/b", "src/x/tiny"] in grouped(sizes, {}, 4, smallest=10)


def test_too_many_groups_are_joined_even_without_ties():
    assert 3 == len(grouped(dict.fromkeys(NAMES, 1.0), {}, 3))


@given(TIES, st.integers(1, 9), st.randoms(use_true_random=False))
def test_the_order_of_the_input_makes_no_difference(ties, number, chance):
    names, pairs = list(NAMES), list(ties)
    chance.shuffle(names)
    chance.shuffle(pairs)
    sizes = {name: float(NAMES.index(name) + 1) for name in NAMES}
    mixed = grouped({name: sizes[name] for name in names}, {pair: ties[pair] for pair in pairs}, number)

    assert grouped(sizes, ties, number) == mixed
    assert sorted(NAMES) == sorted(name for group in mixed for name in group)
    assert len(mixed) <= number


def test_a_thing_moves_to_where_more_sets_are_whole():
    group_of = {"a": "one", "b": "one", "c": "two"}
    sets = [frozenset("bc"), frozenset("bc"), frozenset("ab")]
    sizes = dict.fromkeys("abc", 1.0)

    assert group_of == improved(group_of, sizes, sets, 9, 1)
    assert {"a": "one", "b": "two", "c": "two"} == improved(group_of, sizes, [*sets, frozenset("bc")], 9, 1)
    assert group_of == improved(group_of, sizes, [*sets, frozenset("bc")], 1, 1)
    assert group_of == improved(group_of, sizes, [*sets, frozenset("bc")], 9, 2)
