"""A candidate is what `git merge` would make of the same two commits: result, paths and tree."""

from __future__ import annotations

import random
import shutil
import subprocess

import pytest

from porch_tui.core.conflict.conflict import ConflictKind, Stage
from porch_tui.git.merge.candidates import Built, Conflicted, touched_by
from porch_tui.git.merge.commits import commit_tree
from porch_tui.git.runner import GitError

LINES = "".join(f"line {number}\n" for number in range(12))


def edited(number, text="edited"):
    return LINES.replace(f"line {number}\n", f"{text}\n")


CONFLICTS = {
    "same line": ({"x": LINES}, {"x": edited(3, "a")}, {"x": edited(3, "b")}, {ConflictKind.CONTENT}),
    "adjacent lines": ({"x": LINES}, {"x": edited(3)}, {"x": edited(4)}, {ConflictKind.CONTENT}),
    "add/add": ({}, {"x": "a\n"}, {"x": "b\n"}, {ConflictKind.CONTENT}),
    "add/add modes": ({}, {"x": "a\n"}, {"x": ("100755", "a\n")}, {ConflictKind.CONTENT}),
    "modify/delete": ({"x": LINES}, {"x": edited(3)}, {"x": None}, {ConflictKind.MODIFY_DELETE}),
    "delete/modify": ({"x": LINES}, {"x": None}, {"x": edited(3)}, {ConflictKind.MODIFY_DELETE}),
    "rename/delete": ({"x": LINES}, {"x": None, "y": LINES}, {"x": None}, {ConflictKind.RENAME_DELETE}),
    "rename/rename 1to2": (
        {"x": LINES},
        {"x": None, "y": LINES},
        {"x": None, "z": LINES},
        {ConflictKind.RENAME_RENAME},
    ),
    "rename/rename 2to1": (
        {"x": LINES, "y": LINES.upper()},
        {"x": None, "z": LINES},
        {"y": None, "z": LINES.upper()},
        {ConflictKind.CONTENT},
    ),
    "rename/add": ({"x": LINES}, {"x": None, "y": LINES}, {"y": "other\n"}, {ConflictKind.CONTENT}),
    "binary": ({"x": b"\0a"}, {"x": b"\0b"}, {"x": b"\0c"}, {ConflictKind.BINARY, ConflictKind.CONTENT}),
    "symlinks": (
        {"x": ("120000", "a")},
        {"x": ("120000", "b")},
        {"x": ("120000", "c")},
        {ConflictKind.CONTENT},
    ),
    "symlink and file": ({"x": "a\n"}, {"x": ("120000", "b")}, {"x": "c\n"}, {ConflictKind.DISTINCT_TYPES}),
    "file/directory": ({}, {"d/x": "a\n"}, {"d": "file\n"}, {ConflictKind.FILE_DIRECTORY}),
    "directory/file": ({}, {"d": "file\n"}, {"d/x": "a\n"}, {ConflictKind.FILE_DIRECTORY}),
    "directory rename": (
        {"old/a": LINES, "old/b": LINES.upper()},
        {"old/a": None, "old/b": None, "new/a": LINES, "new/b": LINES.upper()},
        {"old/c": "added\n"},
        {ConflictKind.DIRECTORY_RENAME},
    ),
    "submodule": (
        {"m": ("160000", "1" * 40)},
        {"m": ("160000", "2" * 40)},
        {"m": ("160000", "3" * 40)},
        {ConflictKind.SUBMODULE, ConflictKind.SUBMODULE_ABSENT},
    ),
    "CRLF on one side": (
        {"x": LINES},
        {"x": LINES.replace("\n", "\r\n")},
        {"x": edited(3)},
        {ConflictKind.CONTENT},
    ),
}

CLEAN = {
    "different lines": ({"x": LINES}, {"x": edited(1)}, {"x": edited(9)}),
    "same change": ({"x": LINES}, {"x": edited(3)}, {"x": edited(3)}),
    "same file added": ({}, {"x": "a\n"}, {"x": "a\n"}),
    "rename and edit": ({"x": LINES}, {"x": None, "y": LINES}, {"x": edited(3)}),
    "mode and edit": ({"x": LINES}, {"x": ("100755", LINES)}, {"x": edited(3)}),
    "submodule on one side": ({"m": ("160000", "1" * 40)}, {"m": ("160000", "2" * 40)}, {"x": "a\n"}),
}


@pytest.mark.parametrize("case", CONFLICTS)
def test_a_conflict_has_the_paths_git_merge_has(repo, scratch, tmp_path, case):
    *versions, kinds = CONFLICTS[case]
    onto, head = repo.sides(*versions)

    outcome = repo.build(scratch, onto, head)

    assert isinstance(outcome, Conflicted)
    assert repo.merged_by_git(onto, head, tmp_path / "real") == {one.path for one in outcome.conflicts}
    assert not kinds.isdisjoint({one.kind for one in outcome.conflicts}), outcome
    assert ConflictKind.OTHER not in {one.kind for one in outcome.conflicts}


@pytest.mark.parametrize("case", CLEAN)
def test_a_clean_merge_has_the_tree_git_merge_makes(repo, scratch, tmp_path, case):
    onto, head = repo.sides(*CLEAN[case])

    outcome = repo.build(scratch, onto, head)

    assert isinstance(outcome, Built)
    assert (
        repo.merged_by_git(onto, head, tmp_path / "real")
        == outcome.tree
        == repo.tip(f"{outcome.commit}^{{tree}}")
    )
    assert f"{onto} {head}" == repo.git("log", "-1", "--format=%P", outcome.commit)


def test_odd_names_conflict_under_their_name(repo, scratch, tmp_path, odd_name):
    onto, head = repo.sides({odd_name: "a\n"}, {odd_name: "b\n"}, {odd_name: "c\n"})
    built = repo.build(scratch, onto, head)

    assert (odd_name,) == tuple(one.path for one in built.conflicts)
    assert (1, 2, 3) == tuple(stage.number for stage in built.conflicts[0].stages)


def test_sides_are_called_target_and_task_but_the_tree_has_gits_own_path(repo, scratch):
    onto, head = repo.sides({}, {"d/x": "a\n"}, {"d": "file\n"})
    (conflict,) = repo.build(scratch, onto, head).conflicts

    assert ("d~task", f"d~{head}") == (conflict.path, conflict.tree_path)
    assert (Stage(3, "100644", repo.tip(f"{head}:d")),) == conflict.stages


def test_the_same_merge_is_the_same_commit(repo, scratch, tmp_path):
    onto, head = repo.sides(*CLEAN["different lines"])

    assert repo.build(scratch, onto, head) == repo.build(tmp_path / "other", onto, head)
    assert "1700000000 1700000000" == repo.git(
        "log", "-1", "--format=%at %ct", repo.build(scratch, onto, head).commit
    )


def test_merging_what_is_merged_changes_nothing(repo, scratch):
    base = repo.tip()
    onto = repo.made(base, {"x": "a\n"})
    unchanged = repo.tip(f"{onto}^{{tree}}")

    assert unchanged == repo.build(scratch, onto, base).tree == repo.build(scratch, onto, onto).tree


def test_a_change_that_the_target_has_already_gives_the_targets_tree(repo, scratch):
    onto, head = repo.sides(*CLEAN["same change"])

    assert repo.tip(f"{onto}^{{tree}}") == repo.build(scratch, onto, head).tree


@pytest.mark.parametrize("missing", ["nowhere", "0" * 40, "main^{tree}"])
def test_a_missing_commit_is_an_error_and_no_conflict(repo, scratch, missing):
    """git merge-tree exits 1 for some of these, with nothing on stdout."""
    with pytest.raises(GitError):
        repo.build(scratch, repo.tip(), missing)


def test_unrelated_histories_are_an_error(repo, scratch):
    with pytest.raises(GitError, match="unrelated histories"):
        repo.build(scratch, repo.tip(), repo.made(None, {"x": "a"}))


def test_neither_worktree_nor_index_nor_refs_are_touched(repo, scratch):
    onto, head = repo.sides(*CLEAN["different lines"])
    repo.write("f", "dirty\n")
    before = repo.picture()
    repo.build(scratch, onto, head)

    assert before == repo.picture()


def test_the_conflicted_tree_has_the_base_between_the_sides(repo, scratch):
    onto, head = repo.sides({"x": "base\n"}, {"x": "a\n"}, {"x": "b\n"})
    built = repo.build(scratch, onto, head)

    assert f"<<<<<<< {onto}\na\n||||||| " in repo.git("show", f"{built.tree}:x")
    assert f"=======\nb\n>>>>>>> {head}" in repo.git("show", f"{built.tree}:x")


def test_entries_that_touched_the_paths_are_found(repo, scratch):
    base = repo.tip()
    one = repo.build(scratch, repo.made(base, {"n": "0\n"}), repo.made(base, {"x": "1\n"})).commit
    two = repo.build(scratch, one, repo.made(base, {"y": "1\n"})).commit
    three = repo.build(scratch, two, repo.made(base, {":(top)z": "1\n"})).commit

    assert (one,) == touched_by(repo.opened(), base, three, ["x"])
    assert (three, one) == touched_by(repo.opened(), base, three, ["x", ":(top)z"])
    assert () == touched_by(repo.opened(), base, three, ["f"])
    assert () == touched_by(repo.opened(), base, three, [])


def test_a_chain_is_committed_again_with_the_same_trees(repo, scratch):
    base = repo.tip()
    onto, head = repo.made(base, {"n": "0\n"}), repo.made(base, {"x": "1\n"})
    candidate = repo.build(scratch, onto, head)
    sealed = commit_tree(
        repo.opened(), candidate.tree, onto, head, message="Land auth\n\nSealed\n", date="1700000000 +0000"
    )

    assert (candidate.tree, f"{onto} {head}") == (
        repo.tip(f"{sealed}^{{tree}}"),
        repo.git("log", "-1", "--format=%P", sealed),
    )


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="signs with an ssh key")
def test_a_merge_commit_is_signed_on_request(repo, scratch, tmp_path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
    repo.git("config", "gpg.format", "ssh")
    repo.git("config", "user.signingKey", str(tmp_path / "key"))
    onto, head = repo.sides(*CLEAN["different lines"])
    candidate = repo.build(scratch, onto, head)

    signed = commit_tree(
        repo.opened(), candidate.tree, onto, head, message="m", date="1700000000 +0000", sign=True
    )

    assert "gpgsig" in repo.git("cat-file", "commit", signed)
    assert "gpgsig" not in repo.git("cat-file", "commit", candidate.commit)


@pytest.mark.parametrize("seed", range(15))
def test_random_merges_agree_with_git_merge(repo, scratch, tmp_path, seed):
    """Edits, renames, deletions, modes and new files on both sides, at random."""
    print(f"seed {seed}")
    chance = random.Random(seed)
    base = {
        f"{folder}{name}": LINES.replace("line", f"{folder}{name}") for folder in ("", "d/") for name in "abc"
    }
    onto, head = repo.sides(base, shuffled(chance, base), shuffled(chance, base))

    outcome = repo.build(scratch, onto, head)

    mine = outcome.tree if isinstance(outcome, Built) else {one.path for one in outcome.conflicts}
    assert repo.merged_by_git(onto, head, tmp_path / "real") == mine


def shuffled(chance, base):
    changes = {}
    for name in chance.sample(sorted(base), 3):
        text = base[name].replace(f" {chance.randrange(12)}\n", f" {chance.random()}\n")
        match chance.randrange(5):
            case 0:
                changes[name] = None
            case 1:
                changes |= {name: None, f"{chance.choice(['d', 'e'])}/moved-{name.replace('/', '-')}": text}
            case 2:
                changes[name] = ("100755", text)
            case _:
                changes[name] = text
    return changes | {chance.choice(["new", "e"]): "new\n"} if chance.random() < 0.3 else changes
