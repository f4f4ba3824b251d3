"""What differs is read from git's machine formats, whatever the files are called."""

from __future__ import annotations

import pytest

from porch_tui.git.changes import (
    FileLines,
    StatusEntry,
    Version,
    changed_paths,
    changes,
    lines_changed_between,
    parse_status,
    paths_changed_between,
    uncommitted,
)


def status(repo):
    listed = repo.opened().git.lines_z("status", "--porcelain=v2", "--branch", "-z", "--no-renames")
    return {entry.path: entry for entry in parse_status(listed)}


def test_every_state_of_a_path_is_read(repo, odd_name):
    blob = repo.tip("HEAD:f")
    repo.write("f", "staged\n")
    repo.git("add", "f")
    staged = repo.tip(":f")
    repo.write("f", "working\n")
    repo.git("rm", "-q", "g")
    repo.write(odd_name, "new\n")

    entries = status(repo)

    assert StatusEntry("f", "M", "M", "N...", ("100644",) * 3, (blob, staged)) == entries["f"]
    assert ("D", ".", ("100644", "000000", "000000")) == (
        entries["g"].staged,
        entries["g"].unstaged,
        entries["g"].modes,
    )
    assert StatusEntry(odd_name) == entries[odd_name]


def test_an_unmerged_path_has_its_three_versions(repo):
    repo.branch("side", repo.made(repo.tip(), {"f": "side\n"}))
    base, side = repo.tip("HEAD:f"), repo.tip("side:f")
    repo.commit({"f": "mine\n"})
    repo.git("merge", "side", fails=True)

    assert {
        "f": StatusEntry("f", "U", "U", "N...", ("100644",) * 3, (base, repo.tip("HEAD:f"), side))
    } == status(repo)


def test_commits_are_compared_path_by_path(repo, odd_name):
    old = repo.tip()
    new = repo.made(old, {odd_name: "new\n", "f": ("120000", "target"), "g": None})

    differing = {change.path: change for change in changes(repo.opened().git, old, new)}

    assert tuple(sorted(differing)) == changed_paths(repo.opened().git, old, new)
    assert ["A", "T", "D"] == [differing[name].status for name in (odd_name, "f", "g")]
    assert (None, Version("100644", repo.tip(f"{old}:g")), None) == (
        differing[odd_name].before,
        differing["g"].before,
        differing["g"].after,
    )


def test_untracked_files_are_listed_as_far_as_they_are_wanted(repo):
    repo.write("f", "edited\n")
    repo.write("folder/a", "")
    repo.write("folder/b", "")
    git = repo.opened().git

    assert [(" M", "f")] == uncommitted(git, "no")
    assert [(" M", "f"), ("??", "folder/")] == uncommitted(git)
    assert [(" M", "f"), ("??", "folder/a"), ("??", "folder/b")] == uncommitted(git, "all")


def test_the_paths_of_many_ranges_are_read_by_one_process(repo, odd_name):
    base = repo.tip()
    first = repo.commit({odd_name: "1\n", "new/file": "1\n"})
    second = repo.commit({"new/file": "2\n"})
    git = repo.opened().git
    ranges = [(base, first), (first, second), (base, second), (second, second)]

    found = paths_changed_between(git, ranges)

    assert {one: changed_paths(git, *one) for one in ranges} == found
    assert ((), ("new/file",)) == (found[second, second], found[first, second])
    assert {} == paths_changed_between(git, [])


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_range_whose_head_is_gone_has_no_changes_and_the_others_keep_theirs(repo, place):
    base = repo.tip()
    first = repo.commit({"a": "1\n"})
    second = repo.commit({"b": "2\n"})
    git, gone = repo.opened().git, (base, "7" * 40)
    ranges = [(base, first), (first, second)]
    ranges.insert(place, gone)

    paths, lines = paths_changed_between(git, ranges), lines_changed_between(git, ranges)

    assert {(base, first): ("a",), (first, second): ("b",), gone: ()} == paths
    assert lines[first, second] == (FileLines("b", 1, 0),) and lines[gone] == ()
