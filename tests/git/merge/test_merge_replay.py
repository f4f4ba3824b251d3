"""A generated history, merged again: porch decides each pair of commits as `git merge` does."""

from __future__ import annotations

import random

import pytest

from porch_tui.git.merge import candidates
from porch_tui.git.runner import GitError

COMMITS = 36
PAIRS = 30
ATTRIBUTES = "list merge=union\nrun.sh merge=keep\n"
"""A driver of git's own, and one of the repository's (`KEEP`)."""
KEEP = ("merge.keep.driver", "cat %B >> %A")
"""Puts the other side behind this one, whatever they are."""
MODULES = tuple(("160000", f"{n}" * 40) for n in (1, 2, 3))
NAMES = ["a.txt", "b.txt", "dir/c.txt", "dir/d.txt", "list", "crlf.txt", "run.sh"]


class History:
    """Commits on top of each other from one root, with merges, without a checkout."""

    def __init__(self, repo, seed: int) -> None:
        self.repo = repo
        self.random = random.Random(seed)
        files = {name: self.lines(name) for name in NAMES}
        self.content = {repo.made(None, files | {".gitattributes": ATTRIBUTES, "module": MODULES[0]}): files}
        self.commits = list(self.content)

    def lines(self, name: str) -> str:
        end = "\r\n" if name == "crlf.txt" else "\n"
        return end.join(f"{name} {n}" for n in range(6)) + end

    def grow(self) -> None:
        """Add a commit on top of a random one, or a clean merge of two (criss-cross in time)."""
        parent = self.random.choice(self.commits)
        if len(self.commits) > 6 and self.random.random() < 0.25:
            self.merge(parent, self.random.choice(self.commits))
            return
        files = self.content.get(parent) or self.content[self.commits[0]]
        made = self.repo.made(parent, self.change(files) | self.change(files))
        self.commits.append(made)

    def change(self, files):
        name = self.random.choice(NAMES)
        text = files[name]
        match self.random.randrange(10):
            case 0:
                return {name: None, f"moved/{name}": text}
            case 1:
                return {name: None}
            case 2:
                return {name: ("100755", text)}
            case 3:
                return {name: ("120000", f"to-{self.random.randrange(3)}")}
            case 4:
                return {f"new-{self.random.randrange(3)}": f"{self.random.random()}\n"}
            case 5:
                return {"module": self.random.choice(MODULES)}
            case _:
                return {name: self.edited(text)}

    def edited(self, text: str) -> str:
        lines = text.splitlines(keepends=True)
        at = self.random.randrange(len(lines))
        lines[at] = f"edit {self.random.randrange(5)}" + ("\r\n" if lines[at].endswith("\r\n") else "\n")
        return "".join(lines)

    def merge(self, one: str, other: str) -> None:
        done = self.repo.git("merge-tree", "--write-tree", one, other, fails=True)
        if "\n" not in done and len(done) == 40:
            made = self.repo.git("commit-tree", done, "-p", one, "-p", other, "-m", "merge")
            self.commits.append(made)


def as_git_merge(repo, checkout, onto: str, head: str) -> object:
    """Return the tree of a real merge, or the set of paths it leaves unmerged."""
    repo.git("checkout", "-q", "-f", "--detach", onto, at=checkout)
    repo.git("clean", "-fdxq", at=checkout)
    repo.git("merge", "--no-ff", "-q", "-m", "replay", head, at=checkout, fails=True)
    unmerged = repo.git("diff", "--name-only", "--diff-filter=U", at=checkout)
    if not unmerged:
        return repo.git("rev-parse", "HEAD^{tree}", at=checkout)
    repo.git("merge", "--abort", at=checkout)
    return frozenset(line.partition("~")[0] for line in unmerged.splitlines())


def as_porch(repo, scratch, onto: str, head: str) -> object:
    try:
        merged = candidates.merge(repo.opened(), scratch, onto, head)
    except GitError as error:
        return str(error)
    if isinstance(merged, str):
        return merged
    return frozenset(one.path.partition("~")[0] for one in merged.conflicts)


@pytest.mark.parametrize(
    "seed", [11, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (12, *range(100, 108)))]
)
def test_every_pair_of_a_generated_history_merges_as_git_merges_it(repo, scratch, tmp_path, seed):
    repo.git("config", *KEEP)
    history = History(repo, seed)
    while len(history.commits) < COMMITS:
        history.grow()
    checkout = tmp_path / "checkout"
    repo.git("worktree", "add", "-q", "--detach", str(checkout), history.commits[0])
    pairs = [tuple(history.random.sample(history.commits, 2)) for _ in range(PAIRS)]

    theirs = [as_git_merge(repo, checkout, onto, head) for onto, head in pairs]
    ours = [as_porch(repo, scratch, onto, head) for onto, head in pairs]

    assert theirs == ours, f"seed {seed}"
    assert {str, frozenset} == set(map(type, theirs)), (
        "a history without conflicts, or all conflicts, says little"
    )
