"""A resolved tree is what git makes of the same choices."""

from __future__ import annotations

import random

import pytest

from porch_tui.core.conflict.conflict import Choice, Conflict, ConflictRecord, Decision, Settled
from porch_tui.core.conflict.splice import is_complete
from porch_tui.git.merge.candidates import Conflicted
from porch_tui.git.merge.resolution import (
    conflict_of,
    merged_paths,
    merged_text,
    readable_versions,
    resolved_tree,
    version_texts,
)
from tests.git.merge.test_merging import CONFLICTS, LINES


def conflict(repo, scratch, onto, head) -> Conflict:
    built = repo.build(scratch, onto, head)
    assert isinstance(built, Conflicted)
    return conflict_of(repo.opened(), built, onto, head)


def everywhere(conflict: Conflict, choice: Choice) -> ConflictRecord:
    return ConflictRecord().with_step(
        tuple(
            Settled(path.path, subject, Decision(choice if choice in path.choices else path.choices[0]))
            for path in conflict.paths
            for subject in (path.hunks or (path.stages,))
        )
    )


def merged_by_git(repo, onto, head, side, at):
    repo.git("worktree", "add", "-q", "--detach", at, onto)
    repo.git("merge", "-q", "--no-ff", "--no-commit", f"-X{side}", head, at=at)
    tree = repo.git("write-tree", at=at)
    repo.git("worktree", "remove", "--force", at)
    return tree


@pytest.mark.parametrize("name", CONFLICTS)
def test_every_kind_of_conflict_can_be_resolved(name, repo, tmp_path, scratch):
    base, ours, theirs, _ = CONFLICTS[name]
    onto, head = repo.sides(base, ours, theirs)
    met = conflict(repo, scratch, onto, head)

    for choice in (Choice.MAIN, Choice.TASK, Choice.NONE):
        record = everywhere(met, choice)
        tree = resolved_tree(repo.opened(), met, record)

        assert is_complete(met, record)
        names = repo.git("ls-tree", "-r", "--name-only", tree)
        assert onto not in names
        assert head not in names


@pytest.mark.slow
def test_choosing_one_side_everywhere_is_gits_merge_with_that_side(repo, tmp_path, scratch):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    met = 0
    for number in range(12):
        onto, head = repo.sides({"x": LINES}, {"x": mangled(chance)}, {"x": mangled(chance)})
        built = repo.build(scratch, onto, head)
        if not isinstance(built, Conflicted):
            continue
        opened = conflict_of(repo.opened(), built, onto, head)
        if not opened.paths[0].hunks:  # lines of equal signs may be split in two ways: then it is not
            continue
        met += 1
        for choice, side in ((Choice.MAIN, "ours"), (Choice.TASK, "theirs")):
            tree = resolved_tree(repo.opened(), opened, everywhere(opened, choice))
            assert merged_by_git(repo, onto, head, side, tmp_path / f"at-{number}-{side}") == tree
    assert met


def mangled(chance: random.Random) -> bytes:
    """Return the lines with a few changed, removed or added, and perhaps no last newline."""
    lines = LINES.encode().splitlines(keepends=True)
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(lines))
        lines[at : at + chance.randrange(3)] = [
            b"%d\n" % chance.randrange(9) if chance.random() < 0.7 else b"=======\n"
            for _ in range(chance.randrange(3))
        ]
        lines = lines or [b"left\n"]
    text = b"".join(lines)
    return text if chance.random() < 0.6 else text.rstrip(b"\n")


def test_an_lfs_pointer_is_chosen_as_a_whole(repo, tmp_path, scratch):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 1\n"
    onto, head = repo.sides(*({"x": pointer.format(side)} for side in ("b", "m", "t")))

    assert not conflict(repo, scratch, onto, head).paths[0].hunks


def test_a_renamed_file_is_verified_too(repo, tmp_path, scratch):
    onto, head = repo.sides(
        {"x": LINES}, {"x": None, "y": LINES.replace("line 3", "m")}, {"x": LINES.replace("line 3", "t")}
    )

    (path,) = conflict(repo, scratch, onto, head).paths

    assert [(b"line 3\n", b"m\n", b"t\n")] == [(one.base, one.main, one.task) for one in path.hunks]


def test_versions_that_are_text_are_read_and_others_are_not(repo, scratch):
    link = ("120000", "target")
    onto, head = repo.sides(
        {"binary": b"\0base", "link": ("120000", "old"), "gone": "base\n", "text": LINES},
        {"binary": b"\0ours", "link": link, "gone": None, "text": LINES.replace("line 3", "m")},
        {
            "binary": b"\0theirs",
            "link": ("120000", "other"),
            "gone": "t\n",
            "text": LINES.replace("line 3", "t"),
        },
    )
    met = conflict(repo, scratch, onto, head)
    paths = {path.path: path for path in met.paths}
    repository = repo.opened()

    assert {b"base\n", b"t\n", b"old", b"target", b"other"} == set(
        readable_versions(repository, met).values()
    )
    assert (None, None) == (
        merged_text(repository, met, paths["binary"]),
        merged_text(repository, met, paths["link"]),
    )
    assert b"<<<<<<<" in merged_text(repository, met, paths["text"])
    assert {"binary", "f", "gone", "link", "text"} <= set(merged_paths(repository, met))
    assert (b"old", b"target", b"other") == tuple(
        repo.git("cat-file", "blob", stage.oid).encode() for stage in paths["link"].stages
    )
    assert () == version_texts(repository, paths["link"])


def test_a_tasks_version_may_land_under_another_name(repo, scratch):
    onto, head = repo.sides({"x": b"\0base"}, {"x": b"\0ours"}, {"x": b"\0theirs"})
    met = conflict(repo, scratch, onto, head)
    (path,) = met.paths
    decision = Decision(Choice.AS, name="elsewhere/x")
    record = ConflictRecord().with_step((Settled("x", path.stages, decision),))

    tree = resolved_tree(repo.opened(), met, record)

    assert ("\0ours", "\0theirs") == (
        repo.git("show", f"{tree}:x"),
        repo.git("show", f"{tree}:elsewhere/x"),
    )
