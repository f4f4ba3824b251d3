"""What is read of a repository to compare a plan's tasks: scripts, what those run, definitions."""

from __future__ import annotations

from porch_tui.codebase.plan_facts import facts_of_plan
from porch_tui.core.relations.pairs import relations
from porch_tui.core.relations.relations import Relation
from porch_tui.git.discovery import discover
from porch_tui.planfile.read import plan_from
from tests.codebase.code import Code

PLAN = """\
agents: {codex: {preset: codex}}
tasks:
  one: {run: ./gen.sh}
  two: {run: make schema}
  three: {agent: codex, prompt: Split `Parser` into two classes.}
"""
FILES = {
    "gen.sh": "#!/bin/sh\nexec sh tools/inner.sh\n",
    "tools/inner.sh": "echo x > schema.json\n",
    "tools/not-run.sh": "echo y\n",
    "Makefile": "schema:\n\techo z > schema.json\n",
    "src/parser.py": "class Parser:\n    pass\n",
    "src/use.py": "from parser import Parser\n",
}


def test_scripts_are_read_as_far_as_the_plan_runs_them(code: Code):
    code.commit(FILES)
    plan = plan_from(PLAN.encode(), "porch.yaml", "porch").plan

    facts = facts_of_plan(discover(code.root), code.git("rev-parse", "HEAD"), plan)

    assert facts.scripts.keys() == {"gen.sh", "tools/inner.sh", "Makefile"}
    assert facts.definitions == {"Parser": ("src/parser.py",)}
    first = relations(plan, facts).pairs[0]
    assert (first.relation, first.reasons) == (Relation.CONFLICTING, ("both write schema.json",))
    assert [(quote.file, quote.line) for quote in first.evidence[0].quotes] == [
        ("tools/inner.sh", 1),
        ("Makefile", 2),
    ]
