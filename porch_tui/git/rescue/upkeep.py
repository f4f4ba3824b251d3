"""Git's own upkeep: what its everyday commands do now and then, and the plumbing of a run never does.

Beside tasks it is kept from happening: it locks refs under a landing, and outlives whoever began it.
"""

from __future__ import annotations

from porch_tui.git.configuration import is_true
from porch_tui.git.effective import effective
from porch_tui.git.repository import Repository

USUAL_LOOSE = 6700
"""How many loose objects git itself takes for too many (git-config, gc.auto)."""


def tidy(repository: Repository) -> None:
    """Have git pack its loose objects if there are too many, in the background, as `git commit` would.

    The person's `gc.auto` and `maintenance.auto` count; so does a lock that says one is packing already.
    What keeps git from it is told by its own next command, and raises nothing here.
    """
    wishes = effective(repository)  # without what porch puts on every command line
    loose = wishes.last("gc.auto", is_from_files=True) or str(USUAL_LOOSE)
    if not is_true(loose) or not is_true(wishes.last("maintenance.auto", is_from_files=True) or "true"):
        return
    repository.git.run("-c", f"gc.auto={loose}", "gc", "--auto", "--quiet", check=False)
