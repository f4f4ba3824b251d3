"""The labelled pairs of tasks in `corpus`, as plans with the facts of their repositories; no tests here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path

import yaml
from msgspec import Struct

from porch_tui.core.files.facts import Facts
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Plan
from porch_tui.core.relations.pairs import relations
from porch_tui.core.relations.relations import Pair, Relation
from porch_tui.core.relations.task_uses import wanted_symbols, wanted_texts
from porch_tui.planfile.read import plan_from

CORPUS = Path(__file__).parent / "corpus"
PARTS = ("first_half", "second_half", "later", "fresh", "latest")


class Labelled(Struct, frozen=True, dict=True):
    """Two tasks, and what a careful person says of them."""

    name: str
    plan: Plan
    facts: Facts
    expected: tuple[Relation, ...]
    """The right answers, the best one first."""
    cause: str | None

    @cached_property
    def pair(self) -> Pair:
        """What porch says of them."""
        return next(one for one in relations(self.plan, self.facts).pairs if (one.a, one.b) == ("a", "b"))


@cache
def labelled(part: str) -> tuple[Labelled, ...]:
    """Return the pairs of one part of the corpus."""
    entries = yaml.safe_load((CORPUS / f"{part}.yaml").read_text())
    return tuple(map(_labelled, entries))


def _labelled(entry: dict) -> Labelled:  # type: ignore[type-arg]
    tasks = {name: entry[name] for name in "abc" if name in entry}
    document = {"agents": {"codex": {"preset": "codex"}}, **entry.get("plan", {}), "tasks": tasks}
    plan = plan_from(yaml.safe_dump(document, sort_keys=False).encode(), "porch.yaml", "porch").plan
    expected = entry["expect"] if isinstance(entry["expect"], list) else [entry["expect"]]
    facts = _facts(plan, entry.get("files", {}))
    return Labelled(entry["name"], plan, facts, tuple(map(Relation, expected)), entry.get("cause"))


def _facts(plan: Plan, files: Mapping[str, str]) -> Facts:
    """Return what the room `codebase` would read in a repository with these files."""
    facts = Facts(sizes={path: len(text) for path, text in files.items()})
    while wanted := wanted_texts(plan, facts):
        facts = replace(facts, scripts={**facts.scripts, **{path: files[path] for path in wanted}})
    homes = {
        symbol: tuple(p for p, text in files.items() if re.search(rf"\b(?:class|def) {symbol}\b", text))
        for symbol in wanted_symbols(plan)
    }
    return replace(facts, definitions=homes)
