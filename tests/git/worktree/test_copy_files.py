"""Ignored files are copied into a worktree, and nothing else is."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from killing import in_child

from porch_tui.errors import PlanError, RepositoryError, is_full_disk
from porch_tui.git.worktree import copying
from porch_tui.git.worktree.copying import copy_arrived, copy_files, why_not_copied
from porch_tui.git.worktree.creation import ensure


def copied(repo, there, names):
    """Copy from the main worktree to another."""
    repository = repo.opened()
    copy_files(repository.main, repository.at(there), names)


@pytest.fixture(params=["worktree", "clone"])
def there(repo, tmp_path, request):
    place, is_clone = tmp_path / "place" / "app-auth", request.param == "clone"
    ensure(repo.opened(), place, "feature/auth", repo.tip(), "porch run/auth", is_clone=is_clone)
    return place


def test_files_folders_modes_and_symlinks_are_copied_and_nothing_is_there_to_commit(repo, there):
    repo.write("sub/.env", "SECRET\n").chmod(0o600)
    repo.write("build/bin/tool", "#!/bin/sh\n").chmod(0o755)
    (repo.root / "build/link").symlink_to("../f")
    (repo.root / "cache").symlink_to("/nowhere")
    os.mkfifo(repo.root / "build/pipe")

    copied(repo, there, ["sub/.env", "build", "cache"])
    copied(repo, there, ["sub/.env", "build", "cache"])

    assert ("SECRET\n", 0o600) == (
        (there / "sub/.env").read_text(),
        (there / "sub/.env").stat().st_mode & 0o777,
    )
    assert os.access(there / "build/bin/tool", os.X_OK)
    assert ("../f", "/nowhere") == (str((there / "build/link").readlink()), str((there / "cache").readlink()))
    assert not (there / "build/pipe").exists()
    assert "" == repo.git("status", "--porcelain", at=there)


def test_a_later_change_of_the_copy_does_not_reach_the_original(repo, there):
    repo.write(".env", "SECRET\n")
    copied(repo, there, [".env"])
    (there / ".env").write_text("changed\n")

    assert "SECRET\n" == (repo.root / ".env").read_text()


def test_all_mistakes_are_reported_at_once_and_nothing_is_copied(repo, there, tmp_path):
    repo.write(".env", "SECRET\n")
    repo.write("notes", "not ignored\n")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.env").touch()
    (repo.root / "build").symlink_to(tmp_path / "outside")
    names = [".env", "f", "notes", "missing.env", "../x.env", "/etc/passwd", ".git/config", "build/x.env"]

    with pytest.raises(PlanError) as raised:
        copied(repo, there, names)

    assert len(names) - 1 == len(str(raised.value).splitlines())
    assert not (there / ".env").exists()


def test_odd_names_are_copied(repo, there, odd_name):
    names = [f"build/{odd_name}", f"{odd_name}.env"]
    for name in names:
        repo.write(name, "x\n")
    copied(repo, there, names)

    assert ["x\n", "x\n"] == [(there / name).read_text() for name in names]


def test_times_are_kept_of_files_and_folders(repo, there):
    repo.write("build/a", "x\n")
    for place in ("build/a", "build"):
        os.utime(repo.root / place, (1_000_000, 1_000_000))
    copied(repo, there, ["build"])

    assert [1_000_000, 1_000_000] == [(there / place).stat().st_mtime for place in ("build/a", "build")]


def test_read_only_folders_are_copied_and_replaced(repo, there):
    repo.write("build/mod/a", "one\n")
    (repo.root / "build/mod").chmod(0o555)
    copied(repo, there, ["build"])
    repo.write("build/b", "two\n")
    copied(repo, there, ["build"])

    assert {"mod", "b"} == {file.name for file in (there / "build").iterdir()}
    assert 0o555 == (there / "build/mod").stat().st_mode & 0o777
    for place in (repo.root, there):
        (place / "build/mod").chmod(0o755)


def test_tracked_files_of_the_worktree_are_not_overwritten(repo, there):
    repo.write("build/kept", "theirs\n", at=there)
    repo.git("add", "-f", "build/kept", at=there)
    repo.write("build/kept", "mine\n")

    with pytest.raises(PlanError, match="tracks there: build/kept"):
        copied(repo, there, ["build"])
    assert "theirs\n" == (there / "build/kept").read_text()


def test_nothing_is_written_through_a_symlink_that_leads_out_of_the_worktree(repo, there, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    repo.write("build/x.env", "mine\n")
    (there / "build").symlink_to(outside)

    with pytest.raises(PlanError, match="leads out of it"):
        copied(repo, there, ["build/x.env"])
    assert [] == list(outside.iterdir())


def test_a_symlink_in_the_place_of_a_copy_is_replaced_and_not_followed(repo, there, tmp_path):
    repo.write(".env", "new\n")
    (tmp_path / "theirs").write_text("theirs\n")
    (there / ".env").symlink_to(tmp_path / "theirs")
    copied(repo, there, [".env"])

    assert ("new\n", "theirs\n") == ((there / ".env").read_text(), (tmp_path / "theirs").read_text())


def test_files_that_vanish_during_the_copy_are_left_out(repo, there):
    for name in ("a", "b", "c"):
        repo.write(f"build/{name}", "x\n")

    def copy() -> None:
        def vanish(event: str, details: tuple[object, ...]) -> None:
            if event == "open" and str(details[0]) == str(repo.root / "build/a"):
                (repo.root / "build/b").unlink(missing_ok=True)

        sys.addaudithook(vanish)
        copied(repo, there, ["build"])

    assert 0 == in_child(copy)
    assert {"a", "c"} == {file.name for file in (there / "build").iterdir()}


def test_a_file_that_does_not_fit_is_reported_as_a_full_disk(repo, there, tmp_path):
    repo.write("build/huge", b"x" * 3_000_000)
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("may not mount a small disk here")
    try:
        (there / "build").mkdir()
        subprocess.run(["mount", "--bind", disk, there / "build"], check=True)
        with pytest.raises(RepositoryError, match=r"build/huge.*No space left on device") as raised:
            copied(repo, there, ["build/huge"])
        assert is_full_disk(raised.value)
    finally:
        subprocess.run(["umount", there / "build"], check=False)
        subprocess.run(["umount", disk], check=True)


def test_an_unwritable_place_is_one_clear_message(repo, there, tmp_path):
    repo.write("build/big", b"x" * 3_000_000)

    def copy() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        try:
            copied(repo, there, ["build"])
        except RepositoryError as error:
            (tmp_path / "message").write_text(str(error))

    assert 0 == in_child(copy)
    (message,) = (tmp_path / "message").read_text().splitlines()
    assert f"copy: 'build' should go into {there}, but File too large: {repo.root}/build/big." in message


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a file system that shares blocks")
def test_blocks_are_shared_where_the_file_system_can(repo, tmp_path):
    """A copy of 100 MB takes no space."""
    image, disk = tmp_path / "image", tmp_path / "disk"
    with image.open("wb") as file:
        file.truncate(320 << 20)
    disk.mkdir()
    made = [["mkfs.btrfs", "-q", image], ["mount", "-o", "loop", image, disk]]
    try:
        if any(subprocess.run(one, capture_output=True, check=False).returncode for one in made):
            pytest.skip("no btrfs here, or may not mount")
    except FileNotFoundError:
        pytest.skip("no btrfs here")
    try:
        (disk / "source").write_bytes(os.urandom(1 << 20) * 100)
        free = os.statvfs(disk).f_bavail
        copying._copy_file(disk / "source", disk / "target")
        os.sync()
        assert free - os.statvfs(disk).f_bavail < (10 << 20) / os.statvfs(disk).f_bsize
    finally:
        subprocess.run(["umount", disk], check=True)


def test_what_cannot_be_copied_is_known_before_a_worktree_is_made(repo):
    base = repo.tip()
    repo.write(".env", "SECRET\n")
    repo.write("notes", "not ignored\n")
    main = repo.opened().main

    assert "" == why_not_copied(main, base, ".env")
    for name, why in (
        ("f", "would overwrite what git tracks there: f."),
        ("notes", "is not ignored by git"),
        ("missing.env", "does not exist"),
        ("../x", "should be a path inside the repository"),
    ):
        assert why in why_not_copied(main, base, name)


def test_what_came_from_another_machine_is_copied_and_never_committed(repo, there, tmp_path):
    """The rules by which git ignores it may be the person's own, and not be here."""
    arrived, names = tmp_path / "arrived", [".env", "data [1]", "sub/#x"]
    for name in names:
        (arrived / name).parent.mkdir(parents=True, exist_ok=True)
        (arrived / name).write_text("here\n")
    repository = repo.opened()

    for _ in range(2):
        copy_arrived(arrived, repository.at(there), names)

    assert [(there / name).read_text() for name in names] == ["here\n"] * 3
    assert "" == repo.git("status", "--porcelain", at=there)
    exclude = repo.git("rev-parse", "--path-format=absolute", "--git-path", "info/exclude", at=there)
    assert Path(exclude).read_text().splitlines()[-2:] == ["/data\\ \\[1\\]", "/sub/\\#x"]


def test_what_came_from_another_machine_overwrites_nothing_that_git_tracks(repo, there, tmp_path):
    (tmp_path / "arrived").mkdir()
    (tmp_path / "arrived" / "f").write_text("other\n")

    with pytest.raises(PlanError, match="would overwrite what git tracks there: f"):
        copy_arrived(tmp_path / "arrived", repo.opened().at(there), ["f"])

    assert (there / "f").read_text() == "one\n"
