"""Files of `copy:` arrive as they were, and nothing else arrives anywhere."""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

import pytest

from porch_tui.errors import PlanError
from porch_tui.git.transfer import copies
from porch_tui.git.transfer.copies import Copies, Entry
from porch_tui.git.transfer.headers import TransferError
from tests.git.conftest import contents
from tests.git.transfer.conftest import on_disk


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with files of several kinds."""
    root = tmp_path / "app"
    for name, text in {".env": "KEY=1\n", "cache/a/one": "1", "cache/new\nline": "2", "other": "3"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "cache" / "empty").mkdir(mode=0o700)
    (root / "cache" / "run").write_bytes(b"#!/bin/sh\n")
    (root / "cache" / "run").chmod(0o755)
    (root / ".env").chmod(0o600)
    os.utime(root / ".env", ns=(10**18, 10**18 + 7))
    return root


def written(root: Path, listed: Copies) -> bytes:
    with tempfile.TemporaryFile() as file:
        copies.write(root, listed, file)
        file.seek(0)
        return file.read()


def forged(*entries: Entry) -> bytes:
    """What a stranger sends, with a content of as many x as it says."""
    parts = (copies._line(one) + b"x" * one.size for one in entries)
    return copies._FIRST + b"".join(parts)


def unpacked(content: bytes, digest: str, folder: Path, **more: int) -> None:
    with on_disk(content) as file:
        copies.unpack(file, digest, folder, **more)


def test_files_and_folders_arrive_with_their_permissions_and_times(root, tmp_path):
    listed = copies.listed(root, [".env", "cache"])

    unpacked(written(root, listed), listed.digest, tmp_path / "there")

    there = contents(tmp_path / "there")
    assert there == {name: one for name, one in contents(root).items() if name != "other"}
    assert (tmp_path / "there/cache/empty").is_dir()
    assert (tmp_path / "there/.env").stat().st_mtime_ns == 10**18 + 7
    assert copies.listed(tmp_path / "there", [".env", "cache"]) == listed


def test_the_digest_changes_with_any_content_and_permission(root):
    before = copies.listed(root, ["cache"]).digest

    (root / "cache" / "run").chmod(0o700)
    mode = copies.listed(root, ["cache"]).digest
    (root / "cache/a/one").write_text("2")

    assert len({before, mode, copies.listed(root, ["cache"]).digest}) == 3


def test_what_is_there_already_is_not_unpacked_again(root, tmp_path):
    (tmp_path / "there").mkdir()

    unpacked(b"", "0" * 64, tmp_path / "there")

    assert list((tmp_path / "there").iterdir()) == []


def test_a_symlink_is_refused_before_anything_is_sent(root):
    (root / "cache" / "link").symlink_to("/etc/passwd")

    with pytest.raises(PlanError, match="'cache/link' is a symlink"):
        copies.surveyed(root, ["cache"])


def test_a_repository_in_a_folder_is_refused_before_anything_is_sent(root):
    (root / "cache" / ".git").mkdir()

    with pytest.raises(PlanError, match=r"'cache/.git/'"):
        copies.surveyed(root, ["cache"])


def test_too_much_is_refused_before_anything_is_sent(root):
    with pytest.raises(PlanError, match="place: threads"):
        copies.surveyed(root, ["cache"], most_bytes=5)


def test_a_file_that_changes_while_it_is_sent_is_an_error(root):
    listed = copies.listed(root, [".env"])
    (root / ".env").write_text("KEY=22\n")

    with pytest.raises(TransferError, match=r"'.env' of `copy` is not what it was"):
        written(root, listed)


OUTSIDE = [
    "../outside", "a/../../outside", "/tmp/outside", ".git/hooks/x", "a/.GIT/config", "a//b", "./a", "",
    "a\0b", "x" * 300, "a/" * 3000 + "b", ".git", ".git. /x",
]  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE, ids=[repr(path[:20]) for path in OUTSIDE])
def test_a_path_that_leads_elsewhere_is_refused(path, tmp_path):
    with pytest.raises(TransferError, match="no path below a worktree"):
        unpacked(forged(Entry(path, 0o644, 0, 1)), "0" * 64, tmp_path / "store" / "there")


@pytest.fixture(autouse=True)
def _nothing_is_left(tmp_path):
    (tmp_path / "store").mkdir()
    yield
    assert list((tmp_path / "store").iterdir()) == []


def test_the_same_file_twice_is_refused(tmp_path):
    x = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    one = Entry("a", 0o644, 0, 1, x)
    for second in (one, Entry("a/b", 0o644, 0, 1, x), Entry("a/", 0o755, 0)):
        with pytest.raises(TransferError, match="twice"):
            unpacked(forged(one, second), "0" * 64, tmp_path / "store" / "there")


def test_permissions_beyond_the_ordinary_ones_are_dropped(tmp_path):
    x = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    entry = Entry("a", 0o6777, 0, 1, x)
    digest = copies.hashlib.sha256(copies._line(entry)).hexdigest()

    unpacked(forged(entry), digest, tmp_path / "there")

    assert (tmp_path / "there/a").stat().st_mode & 0o7777 == 0o777


def test_more_than_was_agreed_is_refused_at_the_first_byte_too_many(tmp_path):
    huge = copies._FIRST + copies._line(Entry("a", 0o644, 0, 10**15))

    with pytest.raises(TransferError, match="more than"):
        unpacked(huge, "0" * 64, tmp_path / "store" / "there")


def test_damaged_copies_are_refused_wherever_the_damage_is(root, tmp_path):
    listed = copies.listed(root, [".env", "cache"])
    whole = written(root, listed)
    chance = random.Random(14)
    for _ in range(60):
        at = chance.randrange(len(whole))
        damaged = whole[:at] + bytes([whole[at] ^ (1 << chance.randrange(8))]) + whole[at + 1 :]
        for content in (damaged, whole[:at]):
            with pytest.raises(TransferError):
                unpacked(content, listed.digest, tmp_path / "store" / "there")


def test_what_a_killed_process_was_unpacking_is_swept(tmp_path):
    (tmp_path / "store" / ".arriving-abc" / "a").mkdir(parents=True)

    copies.sweep(tmp_path / "store")
