"""A base comes to a host in the cheapest way that works, and stays."""

from __future__ import annotations

from porch_tui.git.transfer import packs
from porch_tui.git.transfer.packs import Choice, Kind
from tests.git.transfer.conftest import give


def test_a_snapshot_has_the_files_of_the_base_and_none_of_its_history(repo, host):
    old = repo.tip()
    base = repo.commit({"f": "two\n"})

    assert give(repo.opened(), host.opened, base).kind == Kind.SNAPSHOT

    assert host.git("rev-list", base) == base
    assert host.git("cat-file", "-t", old, fails=True) == ""
    place = host.worktree(base)
    assert (place / "f").read_text() == "two\n"
    assert (place / "sub/h").read_text() == "one\n"
    assert packs.has(host.opened, base)
    assert host.git("fsck", "--no-dangling", "--full") == ""


def test_a_base_that_is_there_is_not_sent_again(repo, host):
    give(repo.opened(), host.opened, repo.tip())

    assert packs.choose(repo.opened(), repo.tip(), packs.tips(host.opened)) == Choice(Kind.HIT)


def test_a_later_base_comes_as_what_has_changed(repo, host):
    first = repo.commit({"large": "".join(f"line {number}\n" for number in range(20_000))})
    give(repo.opened(), host.opened, first)
    second = repo.commit({"f": "two\n"})
    later = repo.commit({"f": "three\n"})

    assert give(repo.opened(), host.opened, later) == Choice(Kind.THIN, (first,))

    assert host.git("cat-file", "-t", second, fails=True) == ""
    assert host.git("show", f"{later}:f") == "three"
    assert set(host.git("rev-list", "--all").split()) == {later, first}
    assert host.git("fsck", "--no-dangling", "--full") == ""


def test_full_history_comes_after_a_snapshot_and_completes_it(repo, host):
    old = repo.tip()
    first = repo.commit({"f": "two\n"})
    give(repo.opened(), host.opened, first)
    later = repo.commit({"f": "three\n"})

    assert give(repo.opened(), host.opened, later, is_full=True).kind == Kind.FULL

    assert host.git("rev-list", later).split() == [later, first, old]
    assert packs.has(host.opened, first, is_full=True)
    assert packs.has(host.opened, old)
    assert not (host.opened.common_dir / "shallow").exists()
    assert host.git("fsck", "--no-dangling", "--full") == ""
