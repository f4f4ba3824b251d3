"""Merge drivers find what they would find when the person merges in the target's checkout."""

from __future__ import annotations

import pytest

from porch_tui.git.merge.candidates import Built, Conflicted
from porch_tui.git.merge.prediction import Verdict, predict

BASE, OURS, THEIRS = "a\nm\nz\n", "a\nb\nm\nz\n", "a\nc\nm\nz\n"
SORT = '#!/bin/sh\nsort -u "$2" "$3" -o "$2"\n'


def drive(repo, command, files=None, attribute="*.list merge=lst\n"):
    """Two commits that only the driver merges."""
    repo.git("config", "merge.lst.driver", command)
    start = {".gitattributes": attribute, "f.list": BASE, "sub/f.list": BASE, **(files or {})}
    base = repo.made(repo.tip(), start)
    ours = repo.made(base, {"f.list": OURS, "sub/f.list": OURS})
    theirs = repo.made(base, {"f.list": THEIRS, "sub/f.list": THEIRS})
    return ours, theirs


def assert_as_in_git(repo, scratch, tmp_path, pair):
    """Merged, cleanly, and as `git merge` does it."""
    built = repo.build(scratch, *pair)
    assert isinstance(built, Built)
    assert "a\nb\nc\nm\nz" == repo.git("show", f"{built.commit}:sub/f.list")
    assert built.tree == repo.merged_by_git(*pair, tmp_path / "real")
    forecast = predict(repo.opened(), scratch, tmp_path / "objects", [pair])
    assert Verdict.CLEAN is forecast[pair].verdict


EXECUTABLE = {"tools/m.sh": ("100755", SORT)}


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("./tools/m.sh %O %A %B", EXECUTABLE),
        ("sh tools/m.sh %O %A %B", EXECUTABLE),
        ("cd tools && ./m.sh ../%O ../%A ../%B", EXECUTABLE),
        ('sh -c "`git rev-parse --show-toplevel`/tools/m.sh %O %A %B"', EXECUTABLE),
        ("git show HEAD:tools/m.sh > .m && sh .m %O %A %B; x=$?; rm .m; exit $x", EXECUTABLE),
        ("make -s OURS=%A THEIRS=%B", {"Makefile": "all:\n\t@sort -u $(OURS) $(THEIRS) -o $(OURS)\n"}),
    ],
)
def test_a_driver_finds_the_files_of_the_commit_merged_into(repo, scratch, tmp_path, command, files):
    assert_as_in_git(repo, scratch, tmp_path, drive(repo, command, files))


@pytest.mark.slow
def test_each_merge_finds_the_files_of_its_own_commit(repo, scratch, tmp_path):
    ours, theirs = drive(repo, "./tools/m.sh %O %A %B", EXECUTABLE)
    broken = repo.made(ours, {"tools/m.sh": ("100755", "#!/bin/sh\nexit 1\n"), "more": "1\n"})

    assert isinstance(repo.build(scratch, broken, theirs), Conflicted)
    assert_as_in_git(repo, scratch, tmp_path, (ours, theirs))
    forecasts = predict(
        repo.opened(), scratch, tmp_path / "objects", [(broken, theirs), (ours, theirs), (theirs, broken)]
    )
    assert [Verdict.CONFLICT, Verdict.CLEAN, Verdict.CLEAN] == [one.verdict for one in forecasts.values()]


@pytest.mark.parametrize("where", ["node_modules/.bin/m", "tools/bin/m", "build/m"])
def test_an_ignored_driver_comes_from_the_persons_checkout(repo, scratch, where):
    ours, theirs = drive(repo, f"{where} %O %A %B", {"tools/known": "1\n"})
    repo.write(where, SORT).chmod(0o755)

    assert isinstance(repo.build(scratch, ours, theirs), Built)
    assert SORT == (repo.root / where).read_text()


def test_files_that_a_driver_leaves_are_gone_at_the_next_merge(repo, scratch, tmp_path):
    command = (
        "test ! -e left && touch left f.orig && echo > tools/m.sh.bak && ./tools/m.sh %O %A %B; rm -f left"
    )
    pair = drive(repo, command, EXECUTABLE)

    for _ in range(2):
        assert isinstance(repo.build(scratch, *pair), Built)
    assert "" == repo.git("status", "--porcelain")


def test_a_driver_that_no_attribute_selects_costs_nothing(repo, scratch):
    pair = drive(repo, "./tools/m.sh %O %A %B", EXECUTABLE, attribute="*.list merge=union\n")

    assert isinstance(repo.build(scratch, *pair), Built)
    assert not (scratch / "merging").exists()


@pytest.mark.parametrize("command", ["true", "cat %B >> %A", "git merge-file --union %A %O %B"])
def test_a_driver_that_needs_no_files_costs_nothing(repo, scratch, command):
    assert isinstance(repo.build(scratch, *drive(repo, command)), Built)
    assert not (scratch / "merging").exists()


@pytest.mark.parametrize("place", ["info", "person"])
def test_attributes_outside_the_tree_count(repo, scratch, tmp_path, place):
    rule = "*.list merge=lst\n"
    if place == "info":
        repo.write(".git/info/attributes", rule)
    else:
        (tmp_path / "attributes").write_text(rule)
        repo.git("config", "core.attributesFile", str(tmp_path / "attributes"))

    assert_as_in_git(repo, scratch, tmp_path, drive(repo, "./tools/m.sh %O %A %B", EXECUTABLE, ""))


def test_a_filter_in_the_repository_is_found_when_merges_renormalize(repo, scratch, tmp_path):
    files = {".gitattributes": "*.txt filter=up\n", "tools/up.sh": ("100755", "#!/bin/sh\ntr a-z A-Z\n")}
    base = repo.made(repo.tip(), files | {"x.txt": "one\ntwo\n"})
    pair = repo.made(base, {"x.txt": "ONE\nTWO\n"}), repo.made(base, {"x.txt": "one\nTWO!\n"})
    repo.git("config", "filter.up.clean", "./tools/up.sh")
    repo.git("config", "merge.renormalize", "true")

    built = repo.build(scratch, *pair)

    assert "ONE\nTWO!" == repo.git("show", f"{built.commit}:x.txt")
    assert built.tree == repo.merged_by_git(*pair, tmp_path / "real")


def test_a_driver_runs_without_files_where_a_filter_stops_the_checkout(repo, scratch):
    rules = "*.list merge=lst\n*.secret filter=crypt\n"
    pair = drive(repo, "sort -u %A %B -o %A", {"a.secret": "x\n"}, rules)
    repo.git("config", "filter.crypt.smudge", "false")
    repo.git("config", "filter.crypt.required", "true")

    assert isinstance(repo.build(scratch, *pair), Built)


def test_a_driver_configured_later_is_used(repo, scratch, tmp_path):
    ours, theirs = drive(repo, "false", EXECUTABLE)
    assert isinstance(repo.build(scratch, ours, theirs), Conflicted)
    repo.git("config", "merge.lst.driver", "./tools/m.sh %O %A %B")

    assert_as_in_git(repo, scratch, tmp_path, (ours, theirs))
