"""Random checkouts and random landings: nothing of the person's ever changes."""

from __future__ import annotations

import random

import pytest

from porch_tui.git.landing.landing import land
from porch_tui.git.landing.transaction import Blocked, Landed

NAMES = ("a", "b", "d/x", "d/y", "e/deep/z", "v.env", "d/w.env", "build/out", "n", "d")
CASES, QUICK = 40, 15


def landing(chance, tracked):
    """Files for a commit: changed, deleted, added, and folders that become files."""
    files = {}
    for name in chance.sample(NAMES, chance.randint(1, 4)):
        folder = f"{name}/"
        if any(other.startswith(folder) for other in tracked):
            files |= {other: None for other in tracked if other.startswith(folder)}
        parents = [name.rpartition("/")[0]] if "/" in name else []
        files |= {parent: None for parent in parents if parent in tracked}
        files[name] = None if name in tracked and chance.random() < 0.3 else f"landed {chance.random()}\n"
    clashing = [
        name for name in files if files[name] and any(o.startswith(f"{name}/") and files[o] for o in files)
    ]
    return {name: content for name, content in files.items() if name not in clashing}


def disturb(chance, repo):
    """One thing a person may have done."""
    name = chance.choice(NAMES)
    place = repo.root / name
    try:
        match chance.randrange(7):
            case 0 | 1:
                repo.write(name, f"mine {chance.random()}\n")
            case 2:
                repo.write(name, f"mine {chance.random()}\n")
                repo.git("add", "-f", "--", name)
            case 3:
                repo.write(name, f"staged {chance.random()}\n")
                repo.git("add", "-f", "--", name)
                repo.write(name, f"mine {chance.random()}\n")
            case 4:
                place.unlink()
            case 5:
                repo.git("rm", "-q", "--cached", "--", name, fails=True)
            case _:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to("mine")
    except (OSError, AssertionError):
        return  # a folder where a file should go, or the like: nothing done


def index(repo):
    """What is staged, by path."""
    lines = repo.git("ls-files", "-s").splitlines()
    return {line.partition("\t")[2]: line.partition("\t")[0] for line in lines}


@pytest.mark.parametrize(
    "seed", [*range(QUICK), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(QUICK, CASES))]
)
def test_nothing_of_the_persons_changes_in_any_landing(repo, seed):
    """A refused landing changes nothing; a successful one only files that were as in the old commit."""
    chance = random.Random(seed)
    print(f"seed {seed}")
    for name in NAMES[:-1]:
        if chance.random() < 0.6:
            repo.write(name, f"old {name}\n")
            repo.git("add", "-f", name)
    old = repo.commit({})
    tracked = set(repo.git("ls-files").splitlines())
    new = repo.made(old, landing(chance, tracked))
    for _ in range(chance.randrange(4)):
        disturb(chance, repo)
    changed = set(repo.git("diff", "--name-only", "--no-renames", old, new).splitlines())
    as_in_old = changed - set(repo.git("diff", "--name-only", "--no-renames", old).splitlines())
    as_in_old -= set(repo.git("diff", "--cached", "--name-only", "--no-renames", old).splitlines())
    before, index_before = repo.picture(), index(repo)

    outcome = land(repo.opened(), "main", old=old, new=new, verify={}, landed_ref=None, message="porch")

    after = repo.picture()
    if isinstance(outcome, Blocked):
        assert (before, index_before) == (after, index(repo))
        return
    assert Landed("main", new) == outcome
    differing = {name for name in {*before[0], *after[0]} if before[0].get(name) != after[0].get(name)}
    assert differing <= as_in_old & tracked | (changed - tracked - set(before[0]))
    assert {name: entry for name, entry in index_before.items() if name not in changed}.items() <= index(
        repo
    ).items()
