"""Merge drivers come from the target commit, and from nowhere else."""

from __future__ import annotations

import shutil

import pytest

from porch_tui.git.merge.candidates import Built, Conflicted


def attributed(repo, where=""):
    rule = {f"{where}.gitattributes": "CHANGES merge=union\n", f"{where}CHANGES": "top\n"}
    base = repo.made(repo.tip(), rule)
    change = f"{where}CHANGES"
    return repo.made(base, {change: "a\ntop\n"}), repo.made(base, {change: "b\ntop\n"})


@pytest.mark.parametrize("where", ["", "docs/", "a folder/ü/"])
def test_the_merge_driver_of_the_target_is_used(repo, scratch, where):
    onto, head = attributed(repo, where)

    assert isinstance(repo.build(scratch, onto, head), Built)


@pytest.mark.parametrize("dirty", ["", "CHANGES -merge\n", None])
def test_attributes_changed_in_the_checkout_are_ignored(repo, scratch, dirty):
    onto, head = attributed(repo)
    repo.git("reset", "-q", "--hard", onto)
    repo.git("rm", "-q", "--cached", ".gitattributes")
    (repo.root / ".gitattributes").unlink()
    if dirty is not None:
        repo.write(".gitattributes", dirty)

    assert isinstance(repo.build(scratch, onto, head), Built)


def test_attributes_only_in_the_checkout_are_ignored(repo, scratch):
    onto, head = repo.sides({"CHANGES": "top\n"}, {"CHANGES": "a\ntop\n"}, {"CHANGES": "b\ntop\n"})
    repo.write(".gitattributes", "CHANGES merge=union\n")
    repo.git("add", ".gitattributes")

    assert isinstance(repo.build(scratch, onto, head), Conflicted)


def test_a_driver_only_in_the_task_is_ignored(repo, scratch, tmp_path):
    base = repo.made(repo.tip(), {"CHANGES": "top\n"})
    onto = repo.made(base, {"CHANGES": "a\ntop\n"})
    head = repo.made(base, {"CHANGES": "b\ntop\n", ".gitattributes": "CHANGES merge=union\n"})

    assert {"CHANGES"} == {one.path for one in repo.build(scratch, onto, head).conflicts}
    assert {"CHANGES"} == repo.merged_by_git(onto, head, tmp_path / "real")


def test_a_deleted_scratch_folder_is_made_again(repo, scratch):
    onto, head = attributed(repo)
    repo.build(scratch, onto, head)
    shutil.rmtree(scratch)

    assert isinstance(repo.build(scratch, onto, head), Built)


def test_attributes_that_change_in_the_queue_are_noticed(repo, scratch):
    """The merge runs ahead with the attributes of the last one; a wrong guess must not count."""
    union = repo.made(repo.tip(), {".gitattributes": "list merge=union\n", "list": "a\n"})
    plain = repo.made(repo.tip(), {"list": "a\n"})
    here = {base: repo.made(base, {"list": "a\nb\n"}) for base in (union, plain)}
    there = {base: repo.made(base, {"list": "a\nc\n"}) for base in (union, plain)}

    kinds = [type(repo.build(scratch, here[base], there[base])) for base in (union, plain, union, plain)]

    assert [Built, Conflicted, Built, Conflicted] == kinds
