"""The facts that a plan's tasks are compared with: a commit's, and what its commands and prompts name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from porch_tui.codebase.facts import read, read_texts
from porch_tui.core.files.facts import Facts
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Plan
from porch_tui.core.relations.task_uses import wanted_symbols, wanted_texts
from porch_tui.git.repository import Repository

DEEPEST = 6
"""Scripts that run scripts are followed so far."""
MOST_TEXTS, MOST_SYMBOLS = 300, 200
_KEYWORDS = r"(class|def|function|func|fn|struct|interface|trait|enum|type|const|module)"
"""What stands before a name where it is defined, in the usual languages."""


def facts_of_plan(repository: Repository, commit: str, plan: Plan) -> Facts:
    """Return the facts of a commit, with the texts and definitions the plan refers to. Raises `GitError`."""
    facts = read(repository, commit)
    for _ in range(DEEPEST):
        wanted = sorted(wanted_texts(plan, facts) - facts.scripts.keys())[:MOST_TEXTS]
        if not wanted:
            break
        # one that cannot be read is an empty one: it is not asked for again
        texts = dict.fromkeys(wanted, "") | read_texts(repository, commit, wanted)
        facts = replace(facts, scripts={**facts.scripts, **texts})
    symbols = sorted(wanted_symbols(plan))[:MOST_SYMBOLS]
    if not symbols or facts.absent:  # in a partial clone a search would fetch every file
        return facts
    return replace(facts, definitions=_definitions(repository, commit, symbols))


def _definitions(repository: Repository, commit: str, symbols: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the files that define each of the names."""
    names = "|".join(symbols)
    found: dict[str, dict[str, None]] = {}
    options = ("-I", "-z", "--no-color", "-E", "--full-name", "-e", rf"\b{_KEYWORDS}\s+({names})\b")
    done = repository.git.run("grep", *options, commit, "--", check=False)
    pattern = re.compile(rf"\b{_KEYWORDS}\s+({names})\b")
    for line in done.stdout.decode("utf-8", "replace").split("\n"):
        place, _, text = line.partition("\0")
        path = place.partition(":")[2]
        for definition in pattern.finditer(text):
            found.setdefault(definition[2], {})[path] = None
    return {name: tuple(paths) for name, paths in found.items()}
