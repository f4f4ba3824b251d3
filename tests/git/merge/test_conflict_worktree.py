"""A conflict is shown to a program as a merge that stopped, and its result is read back to the byte."""

from __future__ import annotations

import os

import pytest

from porch_tui.core.conflict.conflict import Choice, ConflictRecord, Decision, Settled
from porch_tui.git.merge import conflict_worktree
from porch_tui.git.merge.candidates import Conflicted
from porch_tui.git.merge.resolution import conflict_of
from tests.git.merge.test_merging import CONFLICTS, LINES, edited


@pytest.fixture
def laid_out(repo, scratch, tmp_path):
    """Return a function that lays out a conflict, and returns worktree, first commit and conflict."""

    def lay_out(versions, record=None):
        onto, head = repo.sides(*versions)
        built = repo.build(scratch, onto, head)
        assert isinstance(built, Conflicted)
        conflict = conflict_of(repo.opened(), built, onto, head)
        worktree = tmp_path / "place" / "resolve"
        begun = conflict_worktree.create(
            repo.opened(),
            worktree,
            "run",
            sides=(onto, head),
            conflict=conflict,
            record=record or ConflictRecord(),
        )
        return worktree, begun, conflict

    return lay_out


def decisions(step):
    return [one.decision for one in step]


def read(repo, worktree, begun, conflict, record=None):
    return conflict_worktree.read_back(repo.opened(), worktree, begun, conflict, record or ConflictRecord())


# of a file that both sides renamed differently, the old name is decided: it is gone
@pytest.mark.parametrize("name", [name for name in CONFLICTS if name != "rename/rename 1to2"])
def test_untouched_files_decide_nothing(repo, laid_out, name):
    *versions, _ = CONFLICTS[name]
    worktree, begun, conflict = laid_out(versions)

    assert () == read(repo, worktree, begun, conflict)
    assert () == conflict_worktree.other_changes(repo.opened().at(worktree), begun, conflict)
    listed = repo.git("ls-tree", "-r", "--name-only", begun)
    assert not any(oid in listed for oid in repo.git("log", "-1", "--format=%P", begun).split())


def test_resolved_hunks_are_read_back_and_the_others_stay_open(repo, laid_out):
    sides = (edited(1, side).replace("line 9\n", f"{side}\n") for side in ("m", "t"))
    worktree, begun, conflict = laid_out(({"x": LINES}, *({"x": side} for side in sides)))
    file = worktree / "x"
    text = file.read_text()
    first, mark, rest = text.partition(">>>>>>> task\n")
    file.write_text(first[: first.index("<<<<<<<")] + "mine\n" + rest)

    (one,) = read(repo, worktree, begun, conflict)

    assert mark
    assert (conflict.paths[0].hunks[0], Decision(Choice.TEXT, b"mine\n")) == (one.subject, one.decision)


@pytest.mark.slow
def test_a_persons_choices_are_in_place_and_not_read_back(repo, laid_out, scratch):
    versions = ({"x": LINES}, {"x": edited(3, "a")}, {"x": edited(3, "b")})
    onto, head = repo.sides(*versions)
    path = conflict_of(repo.opened(), repo.build(scratch, onto, head), onto, head).paths[0]
    record = ConflictRecord().with_step((Settled("x", path.hunks[0], Decision(Choice.TASK)),))

    worktree, begun, conflict = laid_out(versions, record)

    assert edited(3, "b") == (worktree / "x").read_text()
    assert "" == repo.git("status", "--porcelain", at=worktree)
    assert () == read(repo, worktree, begun, conflict, record)


def test_a_deleted_file_is_removed_and_an_added_one_stays(repo, laid_out):
    worktree, begun, conflict = laid_out(({"x": LINES}, {"x": edited(3)}, {"x": None}))
    repo.git("add", "x", at=worktree)
    stays = read(repo, worktree, begun, conflict)
    (worktree / "x").unlink()
    repo.git("add", "x", at=worktree)

    assert [Decision(Choice.MAIN)] == [one.decision for one in stays]
    assert [Decision(Choice.NONE)] == decisions(read(repo, worktree, begun, conflict))


def test_a_new_text_of_a_file_without_hunks_counts_without_git_add(repo, laid_out):
    worktree, begun, conflict = laid_out(({"x": LINES}, {"x": edited(3)}, {"x": None}))
    (worktree / "x").write_text("new\n")

    assert [Decision(Choice.TEXT, b"new\n")] == [
        one.decision for one in read(repo, worktree, begun, conflict)
    ]


def test_line_ends_of_the_checkout_are_no_changes(repo, laid_out):
    repo.git("config", "core.autocrlf", "true")
    worktree, begun, conflict = laid_out(({"x": LINES}, {"x": edited(3, "a")}, {"x": edited(3, "b")}))
    file = worktree / "x"
    assert b"\r\n" in file.read_bytes()
    file.write_bytes(edited(3, "c").encode().replace(b"\n", b"\r\n"))

    assert [Decision(Choice.TEXT, b"c\n")] == decisions(read(repo, worktree, begun, conflict))


def test_a_folder_replaced_by_a_link_is_not_followed(repo, laid_out, tmp_path):
    worktree, begun, conflict = laid_out(({"d/x": LINES}, {"d/x": edited(3, "a")}, {"d/x": edited(3, "b")}))
    (tmp_path / "x").write_text("secret\n")
    (worktree / "d" / "x").unlink()
    (worktree / "d").rmdir()
    (worktree / "d").symlink_to(tmp_path)

    assert () == read(repo, worktree, begun, conflict)


def test_other_changes_are_reported_committed_or_not(repo, laid_out):
    worktree, begun, conflict = laid_out(({"x": LINES}, {"x": edited(3, "a")}, {"x": edited(3, "b")}))
    repo.write("f", "changed\n", at=worktree)
    repo.write("new", "new\n", at=worktree)
    repo.write(".env", "ignored\n", at=worktree)
    repo.write("x", "all\n", at=worktree)
    repo.git("add", "-A", at=worktree)
    repo.git("commit", "-q", "-m", "by the program", at=worktree)

    assert ("f", "new") == conflict_worktree.other_changes(repo.opened().at(worktree), begun, conflict)
    assert [Decision(Choice.TEXT, b"all\n")] == [
        one.decision for one in read(repo, worktree, begun, conflict)
    ]


def test_odd_names_work(repo, laid_out, odd_name):
    worktree, begun, conflict = laid_out(({odd_name: "a\n"}, {odd_name: "b\n"}, {odd_name: "c\n"}))
    repo.write(odd_name, "d\n", at=worktree)

    assert [odd_name] == [one.path for one in read(repo, worktree, begun, conflict)]
    assert os.path.lexists(worktree / odd_name)


def test_the_worktree_is_removed_with_all_that_is_in_it(repo, laid_out):
    worktree, _, _ = laid_out(({"x": LINES}, {"x": edited(3, "a")}, {"x": edited(3, "b")}))
    repo.write("new", "new\n", at=worktree)

    conflict_worktree.remove_worktree(repo.opened(), worktree)
    conflict_worktree.remove_worktree(repo.opened(), worktree)

    assert not worktree.exists()


def test_a_conflict_outside_the_cone_of_a_sparse_checkout_is_on_disk(repo, scratch, tmp_path):
    base = repo.commit({"in/f": "1\n", "out/g": "1\n"})
    onto, head = repo.made(base, {"out/g": "main\n"}), repo.made(base, {"out/g": "task\n"})
    repo.git("sparse-checkout", "set", "--cone", "in")
    conflict = conflict_of(repo.opened(), repo.build(scratch, onto, head), onto, head)
    worktree = tmp_path / "place" / "resolve"

    begun = conflict_worktree.create(
        repo.opened(), worktree, "run", sides=(onto, head), conflict=conflict, record=ConflictRecord()
    )

    assert "<<<<<<<" in (worktree / "out/g").read_text()
    assert () == read(repo, worktree, begun, conflict)
    (worktree / "out/g").write_text("both\n")
    assert [Decision(Choice.TEXT, b"both\n")] == decisions(read(repo, worktree, begun, conflict))
