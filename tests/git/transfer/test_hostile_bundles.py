"""A stranger's bundle is refused with its reason, and the repository is as it was, to the last byte."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from porch_tui.git.transfer import arrivals, bundles
from porch_tui.git.transfer.bundles import take
from porch_tui.git.transfer.headers import TransferError, is_ref
from tests.git.transfer.conftest import HEAD, Host, give, on_disk
from tests.git.transfer.forging import Forger, everything

CLONE = "refs/porch/run/clone/auth/1/"
ALLOWED = (HEAD, CLONE)


class Taking:
    """A repository, a forger on the other side, and what becomes of what it sends."""

    def __init__(self, repo, host: Host) -> None:
        self.repo, self.repository = repo, repo.opened()
        self.base = repo.commit({"f": "".join(f"line {number}\n" for number in range(500))})
        give(self.repository, host.opened, self.base)
        self.place = host.worktree(self.base)
        self.host, self.forger = host, Forger(host, self.base)
        self.head = host.commit(self.place, {"new": "mine\n" * 1000, "sub/more": "mine\n"})

    def take(self, content: bytes | None, refs: Mapping[str, str], **more: int) -> bool:
        if content is None:
            return take(self.repository, self.base, refs, None, allowed=ALLOWED, **more)
        with on_disk(content) as file:
            return take(self.repository, self.base, refs, file, allowed=ALLOWED, **more)

    def is_refused(self, content: bytes | None, refs: Mapping[str, str], why: str, **more: int) -> None:
        before, counted = everything(self.repository.common_dir), self.repo.git("count-objects", "-v")
        with pytest.raises(TransferError, match=why) as raised:
            self.take(content, refs, **more)
        assert "\n" not in str(raised.value)
        assert str(raised.value).isprintable()
        assert len(str(raised.value)) < 400
        after = everything(self.repository.common_dir)
        assert after == before
        assert self.repo.git("count-objects", "-v") == counted


@pytest.fixture
def taking(repo, host):
    return Taking(repo, host)


@pytest.fixture
def honest(taking) -> bytes:
    return taking.forger.bundle({HEAD: taking.head})


def test_an_honest_one_is_taken_and_again_changes_nothing(taking, honest):
    assert taking.take(honest, {HEAD: taking.head})
    before = everything(taking.repository.common_dir)

    assert not taking.take(honest, {HEAD: taking.head})

    assert everything(taking.repository.common_dir) == before
    assert taking.repo.git("fsck", "--no-dangling", "--full", "--strict") == ""


def test_one_that_is_cut_short_is_refused(taking, honest):
    for part in (0.0, 0.02, 0.3, 0.6, 0.99):
        cut = honest[: int(len(honest) * part)]
        taking.is_refused(cut, {HEAD: taking.head}, "no bundle|refuses its pack")


def test_one_with_a_flipped_bit_in_its_pack_is_refused(taking, honest):
    at = honest.index(b"PACK") + 40
    flipped = honest[:at] + bytes([honest[at] ^ 1]) + honest[at + 1 :]

    taking.is_refused(flipped, {HEAD: taking.head}, "git refuses its pack")


def test_one_with_something_behind_its_pack_is_refused(taking, honest):
    taking.is_refused(honest + b"more", {HEAD: taking.head}, "git refuses its pack: .*junk")


PERSONS = ["refs/heads/main", "refs/heads/other", "refs/tags/v1", "refs/stash", "refs/porch/run/base"]


def test_a_branch_of_the_person_is_refused(taking):
    for ref in PERSONS:
        bundle = taking.forger.bundle({ref: taking.head})

        taking.is_refused(bundle, {ref: taking.head}, f"{ref}'? is no (ref of this attempt|name of a ref)")


def test_the_ref_of_another_attempt_is_refused(taking):
    for ref in (f"{HEAD}2", "refs/porch/run/head/other", "refs/porch/run/clone/auth/10/x", CLONE[:-1]):
        bundle = taking.forger.bundle({ref: taking.head})

        taking.is_refused(bundle, {ref: taking.head}, f"{ref} is no ref of this attempt")


def test_one_ref_more_than_was_announced_is_refused(taking):
    bundle = taking.forger.bundle({HEAD: taking.head, f"{CLONE}x": taking.head})

    taking.is_refused(bundle, {HEAD: taking.head}, f"{CLONE}x, which was not announced")


def test_one_ref_less_than_was_announced_is_refused(taking, honest):
    refs = {HEAD: taking.head, f"{CLONE}x": taking.head}

    taking.is_refused(honest, refs, f"{CLONE}x was announced, and is not in its header")


def test_another_commit_than_was_announced_is_refused(taking, honest):
    other = taking.host.commit(taking.place, {"f": "other\n"})

    taking.is_refused(honest, {HEAD: other}, "announced was")


TREES = {
    ".GIT": ("40000", b".GIT", "hasDotgit"),
    ".git": ("40000", b".git", "hasDotgit"),
    ".git by another name": ("40000", "\u200c.git".encode(), "hasDotgit"),
    "git~1": ("40000", b"git~1", "hasDotgit"),
    "..": ("40000", b"..", "hasDotdot"),
    ".": ("40000", b".", "hasDot"),
    "a/b": ("100644", b"a/b", "fullPathname"),
    "no name": ("100644", b"", "empty"),
    "a symlink .gitmodules": ("120000", b".gitmodules", "gitmodulesSymlink"),
    "a symlink .GITmodules": ("120000", b".GITmodules", "gitmodulesSymlink"),
    "a .gitmodules that runs a program": ("100644", b".gitmodules", "gitmodulesUrl|gitmodulesPath"),
}


SUBMODULE = b'[submodule "x"]\n\tpath = -x\n\turl = -u/x\n'


def test_names_that_would_write_elsewhere_are_refused(taking):
    for case, (mode, name, why) in TREES.items():
        forger = Forger(taking.host, taking.base)
        content = SUBMODULE if case == "a .gitmodules that runs a program" else b"/etc/passwd"
        head = forger.with_entry(mode, name, content)
        bundle = forger.bundle({HEAD: head}, pack=forger.pack_of(forger.made))

        taking.is_refused(bundle, {HEAD: head}, f"git refuses its pack: .*({why})")


def test_the_same_names_deep_in_a_tree_are_refused(taking):
    forger = taking.forger
    inner = forger.tree(("100644", b".GIT", forger.object("blob", b"x")))
    head = forger.commit(forger.tree(("40000", b"a", forger.tree(("40000", b"b", inner)))), taking.base)

    taking.is_refused(forger.bundle({HEAD: head}), {HEAD: head}, "hasDotgit")


def test_an_orphan_is_refused(taking):
    head = taking.forger.commit(taking.host.git("rev-parse", f"{taking.head}^{{tree}}"))
    bundle = taking.forger.bundle({HEAD: head}, needs=[])

    taking.is_refused(bundle, {HEAD: head}, "no commit that descends from")


def test_a_commit_on_something_older_than_the_base_is_refused(taking):
    older = taking.repo.git("rev-parse", f"{taking.base}^")
    tree = taking.host.git("rev-parse", f"{taking.head}^{{tree}}")
    head = taking.forger.commit(tree, older)
    pack = taking.forger.pack_of(
        [head, *taking.host.git("rev-list", "--objects", "--no-object-names", tree).split()]
    )

    for needs in ([taking.base], [taking.base, older]):
        bundle = taking.forger.bundle({HEAD: head}, needs=needs, pack=pack)
        taking.is_refused(bundle, {HEAD: head}, "no commit that descends from")


def test_an_object_that_is_no_commit_is_refused(taking):
    tree = taking.host.git("rev-parse", f"{taking.head}^{{tree}}")
    pack = taking.forger.pack([taking.head], [taking.base])

    for oid in (tree, "1" * 40):
        bundle = taking.forger.bundle({HEAD: oid}, pack=pack)
        taking.is_refused(bundle, {HEAD: oid}, "no commit that descends from")


NO_BUNDLES = {
    "nothing": b"",
    "text": b"hello\n\nworld",
    "a pack": b"PACK\0\0\0\2\0\0\0\0\n\n",
    "another version": b"# v4 git bundle\n\nPACK",
    "a filter": b"# v3 git bundle\n@filter=blob:none\n\nPACK",
    "another hash": b"# v3 git bundle\n@object-format=sha256\n\nPACK",
    "capabilities before their version": b"# v2 git bundle\n@object-format=sha1\n\nPACK",
    "no text": b"# v2 git bundle\n\xff\xfe\n\nPACK",
    "zeros": b"\0" * 5_000_000,
    "escape sequences": b"# v2 git bundle\n\x1b]0;x\x07 \x1b[2J\n\nPACK",
}


def test_what_is_no_bundle_is_refused(taking):
    for content in NO_BUNDLES.values():
        taking.is_refused(content, {HEAD: taking.head}, "no bundle|header|hashed by")


def test_a_header_alone_is_refused(taking, honest):
    header = honest[: honest.index(b"PACK")]

    for rest in (b"", b"PACK", b"PACK\0\0\0\2\0\0\0\0", b"PACK\0\0\0\2\xff\xff\xff\xff" + b"x" * 30):
        taking.is_refused(header + rest, {HEAD: taking.head}, "no pack|refuses its pack|at most")


def test_one_that_is_too_large_is_refused_unread(taking, honest):
    taking.is_refused(honest, {HEAD: taking.head}, "bytes, and at most", most_bytes=len(honest) - 1)


def test_one_that_should_come_and_does_not_is_refused(taking):
    taking.is_refused(None, {HEAD: taking.head}, "no bundle came with it")


def test_one_on_a_base_that_is_not_here_is_refused(taking, honest):
    before = everything(taking.repository.common_dir)

    with on_disk(honest) as file, pytest.raises(TransferError, match="builds on 1111111111, which is not in"):
        take(taking.repository, "1" * 40, {HEAD: taking.head}, file, allowed=ALLOWED)

    assert everything(taking.repository.common_dir) == before


def test_one_that_builds_on_what_no_ref_keeps_is_refused(taking):
    loose = taking.repo.made(taking.base, {"loose": "x\n"})
    give(taking.repository, taking.host.opened, loose)
    head = taking.forger.commit(taking.host.git("rev-parse", f"{taking.head}^{{tree}}"), taking.base, loose)
    bundle = taking.forger.bundle({HEAD: head}, needs=[taking.base, loose])

    taking.is_refused(bundle, {HEAD: head}, f"builds on {loose[:10]}, and no ref here leads to that")


def test_objects_that_are_here_by_chance_do_not_make_up_for_missing_ones(taking):
    """They may be deleted before the ref is made."""
    tree = taking.host.git("rev-parse", f"{taking.head}^{{tree}}")
    blob = taking.host.git("rev-parse", f"{taking.head}:new")
    content = taking.host.git("cat-file", "blob", blob) + "\n"
    assert taking.repo.git("hash-object", "-w", "--stdin", stdin=content.encode()) == blob
    others = ("sub", "sub/more")
    sent = [taking.head, tree, *(taking.host.git("rev-parse", f"{taking.head}:{one}") for one in others)]
    pack = taking.forger.pack_of(sent)
    bundle = taking.forger.bundle({HEAD: taking.head}, pack=pack)

    taking.is_refused(bundle, {HEAD: taking.head}, "objects are missing in its pack")


def test_one_without_all_its_objects_is_refused(taking):
    tree = taking.host.git("rev-parse", f"{taking.head}^{{tree}}")
    bundle = taking.forger.bundle({HEAD: taking.head}, pack=taking.forger.pack_of([taking.head, tree]))

    taking.is_refused(bundle, {HEAD: taking.head}, "git refuses its pack|objects are missing")


def test_a_ref_that_is_somewhere_else_already_is_refused(taking, honest):
    taking.repo.git("update-ref", HEAD, taking.base)

    taking.is_refused(honest, {HEAD: taking.head}, "cannot be made in .*already exists")


def test_a_ref_below_one_that_is_there_is_refused(taking):
    taking.repo.git("update-ref", f"{CLONE}a", taking.base)
    bundle = taking.forger.bundle({f"{CLONE}a/b": taking.head})

    taking.is_refused(bundle, {f"{CLONE}a/b": taking.head}, "cannot be made in")


NO_NAMES = [
    "../../../../heads/main", "a..b", "a.lock", "a.lock/b", ".a", "a//b", "a/", "", "a b", "a\tb", "a\x1b[2J",
    "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b", "@{1}", "-a", "a.", "x" * 300, "x/" * 600 + "x", "a\n",
    "\u202egpj",
]  # fmt: skip
NOT_BELOW_REFS = ["refs/x", "HEAD", "FETCH_HEAD", "refs/../config", f"/{CLONE}a"]
NO_REFS = [*(CLONE + name for name in NO_NAMES), *NOT_BELOW_REFS]


@pytest.mark.slow
def test_what_is_no_ref_is_refused(taking):
    for ref in NO_REFS:
        assert not is_ref(ref)
        bundle = taking.forger.bundle({ref: taking.head})

        taking.is_refused(bundle, {ref: taking.head}, "is no name of a ref")
        taking.is_refused(bundle, {HEAD: taking.head}, "which is no name of a ref|no object id|not announced")


def test_too_many_refs_are_refused(taking, monkeypatch):
    monkeypatch.setattr(bundles, "MOST_REFS", 3)
    refs = {f"{CLONE}{number}": taking.head for number in range(4)}

    taking.is_refused(taking.forger.bundle(refs), refs, "4 refs, and at most 3")


def test_a_pack_of_too_many_objects_is_refused_by_its_header(taking, honest):
    at = honest.index(b"PACK") + 8
    many = honest[:at] + (6_000_000).to_bytes(4, "big") + honest[at + 4 :]

    taking.is_refused(many, {HEAD: taking.head}, "6000000 objects")


def test_a_few_trees_that_stand_for_billions_of_files_are_refused(taking, monkeypatch):
    monkeypatch.setattr(bundles, "MOST_PATHS", 10_000)
    forger = taking.forger
    oid, mode = forger.object("blob", b"x"), "100644"
    for _ in range(10):
        oid, mode = forger.tree(*((mode, f"{n}".encode(), oid) for n in range(10))), "40000"
    head = forger.commit(oid, taking.base)

    taking.is_refused(forger.bundle({HEAD: head}), {HEAD: head}, "has more than 10000 files")


def test_an_object_that_grows_beyond_what_git_may_allocate_is_refused(taking, monkeypatch):
    monkeypatch.setattr(arrivals, "_LARGEST_ALLOCATION", "2m")
    head = taking.host.commit(taking.place, {"zeros": b"\0" * (3 << 20)})

    taking.is_refused(taking.forger.bundle({HEAD: head}), {HEAD: head}, "git refuses its pack: .*over limit")


@pytest.mark.parametrize("rounds", [50, pytest.param(400, marks=pytest.mark.slow)])
def test_every_damage_is_refused_or_harmless(taking, honest, rounds):
    """Fixed seeds: bytes are changed, cut out, doubled and inserted, anywhere."""
    before = everything(taking.repository.common_dir)
    chance = random.Random(rounds)
    for _ in range(rounds):
        at, kind = chance.randrange(len(honest)), chance.randrange(4)
        rest = honest[at + chance.randrange(1, 60) :]
        damaged = {
            0: honest[:at] + bytes([honest[at] ^ (1 << chance.randrange(8))]) + honest[at + 1 :],
            1: honest[:at] + rest,
            2: honest[:at] + honest[max(0, at - 30) : at] + honest[at:],
            3: honest[:at] + chance.randbytes(chance.randrange(1, 40)) + honest[at:],
        }[kind]
        try:
            is_taken = taking.take(damaged, {HEAD: taking.head})
        except TransferError:
            assert everything(taking.repository.common_dir) == before
            continue
        # the comment behind a prerequisite means nothing
        assert is_taken
        assert _without_comments(damaged) == _without_comments(honest)
        taking.repo.git("update-ref", "-d", HEAD)
        taking.repo.git("gc", "-q", "--prune=now")
        before = everything(taking.repository.common_dir)
    assert taking.repo.git("fsck", "--full", "--strict") == ""


def _without_comments(content: bytes) -> bytes:
    head, _, pack = content.partition(b"\n\n")
    return re.sub(rb"(?m)^(-[0-9a-f]{40}) .*$", rb"\1", head) + pack


def test_an_attempt_can_be_read_by_git_itself(taking, honest, tmp_path):
    """A bundle of porch's is one of git's, for a person who has nothing but that file."""
    file = Path(tmp_path, "out.bundle")
    file.write_bytes(honest)

    assert HEAD in taking.repo.git("bundle", "verify", file)
