"""Worktrees that are copied from one checkout of the base are those that git would have made."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from porch_tui.git.worktree import base_checkout
from porch_tui.git.worktree.base_checkout import MOST_AHEAD, WORTH_FILES, WORTH_TASKS, layout_of
from porch_tui.git.worktree.creation import ensure, ensure_detached

LEFT = "porch/base-checkout-*"


@pytest.fixture
def large(repo):
    """A repository with so many files that a checkout to copy from is worth it, some of them unusual."""
    files = {f"many/{number % 7}/file {number}.txt": f"{number}\n" for number in range(WORTH_FILES)}
    files |= {
        "empty": "",
        "ünïcode/néw\nline": "x",
        "a" * 200: "long\n",
        ".gitattributes": "*.crlf eol=crlf\n",
    }
    repo.write("tool", "#!/bin/sh\n").chmod(0o755)
    (repo.root / "link").symlink_to("many/0")
    (repo.root / "broken").symlink_to("nowhere")
    repo.commit(files | {"windows.crlf": "one\ntwo\n"})
    yield repo
    base_checkout.end(repo.opened())


@pytest.fixture
def places(tmp_path):
    return [tmp_path / "place" / name for name in ("by-git", "copied")]


def begin(repo, commit=None):
    base_checkout.begin(repo.opened(), commit or repo.tip(), WORTH_TASKS)
    return base_checkout.of(repo.opened().common_dir)


def contents(folder):
    found = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        what = str(path.readlink()) if stat.S_ISLNK(mode) else path.read_bytes() if stat.S_ISREG(mode) else ""
        found[str(path.relative_to(folder))] = (stat.filemode(mode), what)
    del found[".git"]
    return found


def made(repo, path, start=None):
    ensure(repo.opened(), path, path.name, start or repo.tip(), f"porch run/{path.name}")
    return path


def left(repo):
    return [*(repo.root / ".git").glob(LEFT)]


def test_a_copied_worktree_has_the_files_modes_and_index_of_one_made_by_git(large, places):
    by_git = made(large, places[0])
    assert begin(large) is not None
    copied = made(large, places[1])

    assert contents(by_git) == contents(copied)
    assert large.git("ls-files", "-s", "-v", at=by_git) == large.git("ls-files", "-s", "-v", at=copied)
    assert "" == large.git("status", "--porcelain", "--ignored", at=copied)
    # without reading a file, so what the index says of each is right
    assert "" == large.git("diff-files", at=copied)


def test_git_need_not_read_the_files_of_a_copied_worktree_again(large, places):
    begin(large)
    copied = made(large, places[1])

    written_s = int((copied / "windows.crlf").stat().st_mtime)
    assert written_s < int((large.opened().at(copied).git_dir / "index").stat().st_mtime)


def test_a_change_of_the_same_size_in_the_same_second_is_noticed(large, places):
    begin(large)
    copied = made(large, places[1])
    (copied / "many/0/file 0.txt").write_text("9\n")

    assert " M " in large.git("status", "--porcelain", at=copied)


def test_a_worktree_of_another_commit_has_only_the_files_of_that(large, places):
    begin(large)
    large.git("rm", "-q", "windows.crlf")
    later = large.commit({"many/0/file 0.txt": "new\n", "added": "1\n"})
    copied = made(large, places[1], later)

    assert ("", later) == (
        large.git("status", "--porcelain", at=copied),
        large.git("rev-parse", "HEAD", at=copied),
    )
    assert (False, "new\n") == (
        (copied / "windows.crlf").exists(),
        (copied / "many/0/file 0.txt").read_text(),
    )


def test_a_copy_that_was_cut_off_leaves_no_file_of_another_commit(large, places, monkeypatch):
    begin(large)
    large.git("rm", "-q", "windows.crlf")
    later = large.commit({"added": "1\n"})
    base_checkout.of(large.opened().common_dir)._working.join()
    (next(iter(left(large))) / "tree/empty").unlink()
    copied = made(large, places[1], later)

    assert contents(made(large, places[0], later)) == contents(copied)
    assert "" == large.git("status", "--porcelain", "--ignored", at=copied)


def test_without_a_program_that_copies_git_writes_the_files(large, places, monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").symlink_to(shutil.which("git"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    begin(large)
    copied = made(large, places[1])

    assert "" == large.git("status", "--porcelain", at=copied)
    assert "one\r\ntwo\r\n" == (copied / "windows.crlf").read_bytes().decode()


def test_copies_that_were_made_ahead_are_moved_into_worktrees_like_any_other(large, places):
    by_git = made(large, places[0])
    begin(large)._working.join()
    (place,) = left(large)
    ahead = {file.stat().st_ino for file in place.glob("copy-*/tool")}
    assert MOST_AHEAD == len(ahead)
    copied = [made(large, places[1].with_name(f"copied-{number}")) for number in range(MOST_AHEAD + 1)]

    assert ahead == {inode for one in copied if (inode := (one / "tool").stat().st_ino) in ahead}
    for one in copied:
        assert contents(by_git) == contents(one)
        assert ("", "") == (large.git("diff-files", at=one), large.git("status", "--porcelain", at=one))


def test_what_is_copied_ahead_is_used_only_on_its_own_file_system(large, places):
    elsewhere = Path("/dev/shm")
    if not elsewhere.is_dir() or elsewhere.stat().st_dev == large.root.stat().st_dev:
        pytest.skip("there is only one file system here")
    begin(large)._working.join()
    with tempfile.TemporaryDirectory(dir=elsewhere) as folder:
        copied = made(large, Path(folder) / "copied")

        assert "" == large.git("status", "--porcelain", at=copied)
        assert contents(made(large, places[0])) == contents(copied)


def test_begun_once_more_it_is_kept_for_the_same_commit_and_made_again_for_another(large, tmp_path):
    first = begin(large)
    base_checkout.begin(large.opened(), large.tip(), WORTH_TASKS + 7)
    assert first is base_checkout.of(large.opened().common_dir)
    later = large.commit({"added": "1\n"})

    assert begin(large) is not first
    assert "" == large.git("status", "--porcelain", at=made(large, tmp_path / "place/a", later))


def test_begun_once_more_for_too_few_tasks_it_is_ended(large):
    begin(large)
    base_checkout.begin(large.opened(), large.tip(), WORTH_TASKS - 1)

    assert (None, []) == (base_checkout.of(large.opened().common_dir), left(large))


def test_a_validation_s_worktree_is_copied_too(large, places):
    begin(large)
    ensure_detached(large.opened(), places[1], large.tip())

    assert "" == large.git("diff-files", at=places[1])


@pytest.mark.parametrize("version", ["2", "4"])
def test_an_index_of_any_version_gives_a_clean_worktree(large, places, version):
    large.git("config", "index.version", version)
    begin(large)

    assert "" == large.git("status", "--porcelain", at=made(large, places[1]))


def test_entries_with_extended_flags_are_understood(large, places):
    large.write("planned", "1\n")
    large.git("add", "--intent-to-add", "planned")
    index = (large.root / ".git/index").read_bytes()

    assert 3 == index[7]
    assert large.git("ls-files", "-z").split("\0")[:-1] == [
        os.fsdecode(path) for _, path in layout_of(index, 20).entries
    ]


def test_a_split_index_is_refused(large):
    large.git("update-index", "--split-index")

    with pytest.raises(ValueError, match="link"):
        layout_of((large.root / ".git/index").read_bytes(), 20)


@pytest.mark.parametrize(
    ("key", "value"),
    [("filter.mine.smudge", "cat"), ("filter.Mine.process", "cat"), ("core.sparseCheckout", "true")],
)
def test_where_each_worktree_may_get_other_files_nothing_is_copied(large, key, value):
    large.git("config", key, value)

    assert begin(large) is None


def test_git_lfs_does_not_keep_worktrees_from_being_copied(large):
    large.git("config", "filter.lfs.smudge", "git-lfs smudge -- %f")

    assert begin(large) is not None


def test_for_few_files_or_few_tasks_nothing_is_checked_out(repo, large):
    base_checkout.begin(large.opened(), large.tip(), WORTH_TASKS - 1)
    large.git("rm", "-rq", "many")
    large.commit({})
    base_checkout.begin(large.opened(), large.tip(), WORTH_TASKS)

    assert (None, []) == (base_checkout.of(large.opened().common_dir), left(large))


def test_it_is_deleted_after_the_copies_it_was_made_for(large, tmp_path):
    begin(large)
    for number in range(WORTH_TASKS + 1):
        made(large, tmp_path / f"place/{number}")

    deadline = time.monotonic() + 20
    while left(large) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [] == left(large)
    assert "" == large.git("status", "--porcelain", at=made(large, tmp_path / "place/one-more"))


def test_ending_it_breaks_off_a_checkout_that_takes_long(large):
    large.git("config", "filter.lfs.smudge", "touch ../../../began; sleep 600; cat")
    large.commit({".gitattributes": "*.txt filter=lfs\n"})
    began = time.monotonic()
    for is_under_way in (False, True):
        begin(large)
        while is_under_way and not (large.root / ".git/began").exists():
            time.sleep(0.01)
        base_checkout.end(large.opened())
        assert [] == left(large)

    assert time.monotonic() - began < 300


def test_what_a_killed_process_left_is_deleted_and_what_is_in_use_is_not(large):
    left_over = large.root / ".git/porch/base-checkout-1"
    in_use = large.root / ".git/porch/base-checkout-2"
    for folder in (left_over, in_use):
        (folder / "tree").mkdir(parents=True)
    holding = (
        "import fcntl, sys; lock = open(sys.argv[1], 'w'); fcntl.flock(lock, fcntl.LOCK_EX); "
        "print('held', flush=True); input()"
    )
    command = [sys.executable, "-c", holding, str(in_use / "lock")]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert b"held\n" == holder.stdout.readline()
    base_checkout.delete_left(large.opened())

    assert [in_use] == left(large)
    holder.communicate(b"\n")
