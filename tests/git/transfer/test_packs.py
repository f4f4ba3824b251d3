"""A base comes to a host in the cheapest way that works, and stays."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from porch_tui.errors import RepositoryError
from porch_tui.git.discovery import discover
from porch_tui.git.transfer import bundles, packs
from porch_tui.git.transfer.headers import TransferError
from porch_tui.git.transfer.host_repository import prepared
from porch_tui.git.transfer.packs import Choice, Kind, LacksBaseError
from tests.git.conftest import Sandbox
from tests.git.transfer.conftest import HEAD, Host, bundle, give, on_disk, sent
from tests.git.transfer.forging import Forger, everything


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


def test_an_earlier_base_comes_after_a_later_one(repo, host):
    old = repo.tip()
    later = repo.commit({"f": "two\n"})
    give(repo.opened(), host.opened, later)

    assert give(repo.opened(), host.opened, old) == Choice(Kind.THIN, (later,))

    assert host.git("show", f"{old}:f") == "one"
    assert host.git("rev-list", "--all", "--count") == "2"
    assert host.git("fsck", "--no-dangling", "--full") == ""


def test_a_base_that_merges_what_is_older_than_the_one_that_is_there_is_whole(repo, host):
    """Its tree has a file of an ancestor of the other base, which a host with snapshots has never seen."""
    old = repo.commit({"lost": "found\n"})
    side = repo.made(old, {"side": "x\n"})
    first = repo.made(old, {"lost": None})
    give(repo.opened(), host.opened, first)
    tree = repo.git("rev-parse", f"{side}^{{tree}}")
    merged = repo.branch("merged", repo.git("commit-tree", tree, "-p", first, "-p", side, "-m", "merged"))

    assert give(repo.opened(), host.opened, merged).kind == Kind.THIN

    assert host.git("show", f"{merged}:lost") == "found"
    assert (host.worktree(merged) / "lost").read_text() == "found\n"
    assert host.git("fsck", "--no-dangling", "--full") == ""


def test_a_snapshot_does_not_cut_a_history_that_is_there(repo, host):
    old = repo.tip()
    middle = repo.commit({"f": "two\n"})
    later = repo.commit({"f": "three\n"})
    give(repo.opened(), host.opened, later, is_full=True)
    with sent(repo.opened(), middle, Choice(Kind.SNAPSHOT)) as file:
        packs.receive(host.opened, middle, file)

    assert host.git("rev-list", later).split() == [later, middle, old]
    assert packs.has(host.opened, middle, is_full=True)


def test_a_history_of_which_a_part_is_there_comes_without_that(repo, host):
    first = repo.commit({"large": "".join(f"{number}\n" for number in range(50_000))})
    give(repo.opened(), host.opened, first, is_full=True)
    later = repo.commit({"f": "two\n"})
    choice = packs.choose(repo.opened(), later, packs.tips(host.opened), is_full=True)
    assert choice == Choice(Kind.FULL, (first,))

    with sent(repo.opened(), later, choice) as file:
        assert os.fstat(file.fileno()).st_size < 2000
        packs.receive(host.opened, later, file)

    assert host.git("rev-list", "--count", later) == "3"


def test_a_host_that_lost_what_a_thin_pack_builds_on_gets_a_snapshot(repo, host):
    first = repo.tip()
    give(repo.opened(), host.opened, first)
    later = repo.commit({"f": "two\n"})
    known = packs.tips(host.opened)
    host.git("update-ref", "-d", f"{packs.BASES}{first}")
    before = everything(host.opened.common_dir)

    thin = packs.choose(repo.opened(), later, known)
    with sent(repo.opened(), later, thin) as file, pytest.raises(LacksBaseError, match=first[:10]):
        packs.receive(host.opened, later, file)
    assert everything(host.opened.common_dir) == before
    again = packs.choose(repo.opened(), later, known, is_again=True)
    with sent(repo.opened(), later, again) as file:
        packs.receive(host.opened, later, file)

    assert again == Choice(Kind.SNAPSHOT)
    assert host.git("show", f"{later}:f") == "two"


def test_the_person_may_have_a_shallow_clone(repo, host, tmp_path):
    repo.commit({"f": "two\n"})
    base = repo.commit({"f": "three\n"})
    cut = repo.git("rev-parse", f"{base}^")
    clone = tmp_path / "place" / "clone"
    repo.git("clone", "-q", "--depth=2", f"file://{repo.root}", clone)

    assert give(discover(clone), host.opened, base, is_full=True).kind == Kind.FULL

    assert host.git("rev-list", base).split() == [base, cut]
    assert (host.opened.common_dir / "shallow").read_text() == f"{cut}\n"
    assert packs.has(host.opened, base, is_full=True)


def test_damaged_and_foreign_bases_are_refused_and_leave_nothing(repo, host):
    base = repo.tip()
    with sent(repo.opened(), base, Choice(Kind.SNAPSHOT)) as file:
        file.seek(0)
        whole = file.read()
    before, at = everything(host.opened.common_dir), whole.index(b"PACK") + 40
    damaged = {
        "cut": whole[:-30],
        "flipped": whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :],
        "empty": b"",
        "a bundle": b"# v2 git bundle\n\nPACK",
        "unknown line": whole.replace(b"base ", b"bass ", 1),
        "without its tree": whole[: whole.index(b"PACK")] + Forger(repo, base).pack_of([base]),
    }
    for content in damaged.values():
        with on_disk(content) as file, pytest.raises(TransferError):
            packs.receive(host.opened, base, file)
        assert everything(host.opened.common_dir) == before
    with on_disk(whole) as file, pytest.raises(TransferError, match="it should be 1111111111, and is"):
        packs.receive(host.opened, "1" * 40, file)


def test_two_processes_may_receive_the_same_base_at_once(repo, host):
    base = repo.commit({f"d{number}/f": f"{number}\n" for number in range(300)})
    script = (
        "import sys; from pathlib import Path; from porch_tui.git.transfer import packs;"
        "from porch_tui.git.repository import Repository;"
        "root = Path(sys.argv[1]); git = root / '.git';"
        "packs.receive(Repository(root, git, git, 'app'), sys.argv[2], open(sys.argv[3], 'rb'))"
    )
    with sent(repo.opened(), base, Choice(Kind.SNAPSHOT)) as file:
        path = host.root.parent / "base.pack"
        file.seek(0)
        path.write_bytes(file.read())
    words = [sys.executable, "-c", script, host.root, base, path]
    running = [subprocess.Popen(words) for _ in range(3)]

    assert [one.wait() for one in running] == [0, 0, 0]

    assert (host.opened.common_dir / "shallow").read_text() == f"{base}\n"
    assert host.git("fsck", "--no-dangling", "--full") == ""
    assert len(list(host.worktree(base).glob("d*/f"))) == 300


ODD = {
    "an empty tree": {},
    "odd names": {
        "new\nline": "1", 'tab\tand "quote"': "2", "ünï": "3", "-dash": "4", ":(top)x": "5", " ": "6",
    },
    "LFS pointers and links": {
        "large.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12\n",
        ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
        "module": ("160000", "1" * 40),
        "link": ("120000", "../outside"),
        "run": ("100755", "#!/bin/sh\n"),
    },
}  # fmt: skip


@pytest.mark.parametrize("case", ODD)
def test_a_tree_of_any_kind_arrives_and_comes_back(repo, host, case):
    base = repo.branch("odd", repo.made(None, ODD[case]))
    repository = repo.opened()
    give(repository, host.opened, base)
    listed = host.git("ls-tree", "-r", "-z", base)
    forger = Forger(host, base)
    head = forger.commit(host.git("rev-parse", f"{base}^{{tree}}"), base)
    result, content = bundle(host.opened, base, {HEAD: head})

    with on_disk(content) as file:
        bundles.take(repository, base, result.refs, file, allowed=[HEAD])

    assert listed == repo.git("ls-tree", "-r", "-z", base)
    assert repo.tip(HEAD) == head
    assert repo.git("fsck", "--no-dangling", "--full") == ""


def test_repositories_hashed_by_sha256_work_as_well(tmp_path):
    root = tmp_path / "place" / "app"
    subprocess.run(["git", "init", "-q", "-b", "main", "--object-format=sha256", root], check=True)
    repo = object.__new__(Sandbox)
    repo.root = root
    repo.git("config", "user.name", "Ada")
    repo.git("config", "user.email", "ada@example.org")
    base = repo.commit({"f": "one\n"})
    later = repo.commit({"f": "two\n"})
    host = Host(tmp_path / "hosts" / "app", 64)
    give(repo.opened(), host.opened, base)
    assert give(repo.opened(), host.opened, later) == Choice(Kind.THIN, (base,))
    head = host.commit(host.worktree(later), {"f": "three\n"})
    result, content = bundle(host.opened, later, {HEAD: head})

    with on_disk(content) as file:
        bundles.take(repo.opened(), later, result.refs, file, allowed=[HEAD])

    assert repo.git("show", f"{HEAD}:f") == "three"
    assert content.startswith(b"# v3 git bundle\n@object-format=sha256\n")


def test_a_host_keeps_one_kind_of_ids(host):
    with pytest.raises(RepositoryError, match="hashed by sha256, and is for sha1"):
        prepared(host.root, 64)
