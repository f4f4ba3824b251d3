"""A candidate rebuilt after a landing is what a merge would give, although nothing is merged."""

from __future__ import annotations

import pytest

from porch_tui.core.model import events as e
from project import Project

UNTIL_ALL_ARE_IN_LINE = "until git for-each-ref refs/porch | grep -q cand/4; do sleep 0.05; done"


@pytest.mark.slow
def test_every_candidate_has_the_tree_that_git_merges(project: Project):
    tasks = "".join(f"  t{n}: {{run: echo {n} > f{n}, priority: {5 - n}}}\n" for n in range(1, 5))
    project.plan(f"validate: {UNTIL_ALL_ARE_IN_LINE}; test ! -f f4\ntasks:\n{tasks}")

    project.porch("run", "--headless", "--slots", "4", expect=1)

    assert {"t1": "landed", "t2": "landed", "t3": "landed", "t4": "rejected"} == project.outcomes()
    built = project.events(e.CandidateBuilt)
    assert [one.tree for one in built] == [
        project.git("merge-tree", "--write-tree", one.onto, one.head) for one in built
    ]
    assert len(built) > len({one.task for one in built})
