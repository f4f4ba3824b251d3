"""Git's own upkeep: what its everyday commands do now and then, and the plumbing of a run never does.

Beside tasks it is kept from happening: it locks refs under a landing, and outlives whoever began it.
"""

from __future__ import annotations

from porch_tui.git.repository import Repository

USUAL_LOOSE = 6700
"""How many loose objects git itself takes for too many (git-config, gc.auto)."""


def tidy(repository: Repository) -> None:
    """Have git pack its loose objects if there are too many, in the background, as `git commit` would.

    The person's `gc.auto` and `maintenance.auto` count; so does a lock that says one is packing already.
    What keeps git from it is told by its own next command, and raises nothing here.
    """
    git = repository.git
    loose = _wish(repository, "gc.auto", "int")
    if loose == "0" or _wish(repository, "maintenance.auto", "bool") == "false":
        return
    git.run("-c", f"gc.auto={loose or USUAL_LOOSE}", "gc", "--auto", "--quiet", check=False)


def _wish(repository: Repository, name: str, kind: str) -> str:
    """Return what the person has configured, without what porch puts on every command line; often nothing."""
    words = ("config", "--show-scope", f"--type={kind}", "--get-all", name)
    lines = repository.git.run(*words, check=False).stdout.decode(errors="replace").splitlines()
    values = [value for scope, _, value in (line.partition("\t") for line in lines) if scope != "command"]
    return values[-1] if values else ""
