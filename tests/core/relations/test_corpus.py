"""How well relations are found: a corpus of labelled pairs, most of them never used to tune the rules."""

from __future__ import annotations

from collections import Counter

import pytest
from core.relations.labelled_pairs import PARTS, Labelled, labelled

from porch_tui.core.relations.relations import Relation

RECALL, PRECISION = 0.8, 0.9


@pytest.fixture(params=PARTS, scope="module")
def part(request: pytest.FixtureRequest) -> str:
    """A part of the corpus, whose tests follow one another: what they look at is worked out once."""
    return request.param


@pytest.mark.slow
def test_each_relation_is_found_and_seldom_where_it_is_not(part: str):
    answers = [(one, one.pair.relation) for one in labelled(part)]
    missed = [described(one) for one, answer in answers if answer not in one.expected]
    for text in missed:
        print(text)

    expected = Counter(answer if answer in one.expected else one.expected[0] for one, answer in answers)
    found = Counter(answer for _, answer in answers)
    right = Counter(answer for one, answer in answers if answer in one.expected)
    for relation in Relation:
        assert right[relation] >= RECALL * expected[relation], f"{relation}: too few are found"
        assert right[relation] >= PRECISION * found[relation], f"{relation}: too often where it is not"


def test_what_is_found_is_what_makes_them_conflict(part: str):
    conflicting = [one for one in labelled(part) if one.cause]

    found = [one for one in conflicting if one.cause in {each.cause for each in one.pair.evidence}]

    assert len(found) >= RECALL * len(conflicting)


def test_every_pair_has_evidence_and_what_conflicts_is_quoted(part: str):
    pairs = [one.pair for one in labelled(part)]

    assert all(pair.evidence for pair in pairs)
    assert all(
        one.quotes and all(quote.text for quote in one.quotes)
        for pair in pairs
        if pair.relation is Relation.CONFLICTING
        for one in pair.evidence
    )


def described(one: Labelled) -> str:
    """Return what porch says of a pair, and what it should."""
    pair = one.pair
    return f"{one.name}: {pair.relation} instead of {'/'.join(one.expected)}: {'; '.join(pair.reasons)}"
