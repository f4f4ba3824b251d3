"""A worktree is restored to what its setup left, to the last file, without touching the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from porch_tui.errors import RepositoryError
from porch_tui.git.worktree import untracked
from porch_tui.git.worktree.creation import ensure_detached
from porch_tui.git.worktree.restoring import KeepRules, record_setup, restore


@pytest.fixture
def there(repo, tmp_path):
    """A worktree in which a setup has made some ignored files, and one that is not ignored."""
    place = tmp_path / "place" / "checks"
    ensure_detached(repo.opened(), place, repo.tip())
    for name in ("build/made", "build/deep/made", "a.env", "generated"):
        repo.write(name, "setup", at=place)
    return repo.opened().at(place)


@pytest.fixture
def record(there, tmp_path):
    record_setup(there, tmp_path / "scratch" / "checks.ready")
    return tmp_path / "scratch" / "checks.ready"


def names(there):
    """All untracked files, by name."""
    inside = untracked.inventory(
        str(there.path), untracked.untracked_paths(str(there.git_dir), str(there.path))
    )
    return {name for name in inside if (there.path / name).is_file() or (there.path / name).is_symlink()}


SETUP = {"build/made", "build/deep/made", "a.env", "generated"}


def test_later_files_are_deleted_wherever_they_are(repo, there, record, odd_name):
    for name in (odd_name, f"build/{odd_name}", "build/deep/x", "new/build/x.env", "b.env"):
        repo.write(name, "later", at=there.path)
    (there.path / "build" / "link").symlink_to(repo.root)
    type(repo)(there.path / "build" / "nested").commit({"x": "1"})
    (there.path / "empty").mkdir()

    assert restore(there, record, KeepRules()).is_as_setup_left_it

    assert (SETUP, False) == (names(there), (there.path / "empty").exists())
    assert "one\n" == (repo.root / "f").read_text()


def test_read_only_folders_are_deleted_too(repo, there, record):
    file = repo.write("build/cache/pkg/mod.go", "later", at=there.path)
    file.chmod(0o444)
    for folder in (file.parent, file.parent.parent):
        folder.chmod(0o555)

    assert restore(there, record, KeepRules()).is_as_setup_left_it

    assert SETUP == names(there)


def edit(there):
    (there.path / "build/made").write_text("valid")


def swap(there):
    made, known = there.path / "build/made", (there.path / "build/made").stat()
    (there.path / "aside").write_text("SETUP")
    (there.path / "aside").replace(made)
    os.utime(made, ns=(known.st_atime_ns, known.st_mtime_ns))


def hide(there):
    made, known = there.path / "build/made", (there.path / "build/made").stat()
    made.write_text("SETUP")
    os.utime(made, ns=(known.st_atime_ns, known.st_mtime_ns))


def delete(there):
    (there.path / "build/made").unlink()


def make_executable(there):
    (there.path / "build/made").chmod(0o755)


@pytest.mark.parametrize("change", [edit, swap, hide, delete, make_executable])
def test_a_changed_product_of_setup_is_reported_and_setup_runs_again(there, record, change):
    change(there)

    restored = restore(there, record, KeepRules())

    assert (False, ("build/made",), set()) == (restored.is_as_setup_left_it, restored.changed, names(there))
    assert not restore(there, record, KeepRules()).is_as_setup_left_it


def test_a_hard_link_elsewhere_changes_no_product(repo, there, tmp_path):
    (there.path / "build/linked").write_text("from a store")
    (tmp_path / "store").hardlink_to(there.path / "build/linked")
    record_setup(there, tmp_path / "record")
    (tmp_path / "other").hardlink_to(tmp_path / "store")

    assert restore(there, tmp_path / "record", KeepRules()).is_as_setup_left_it


def test_files_to_keep_stay_and_may_change(repo, there, record):
    for name in ("build/cache/x", "pkg/.mypy_cache/x", "build/made", "copied/x"):
        repo.write(name, "later", at=there.path)
    stays = KeepRules(always=(".mypy_cache/", "build/cache", "build/m*"), paths=("copied",))

    assert restore(there, record, stays).is_as_setup_left_it

    assert SETUP | {"build/cache/x", "pkg/.mypy_cache/x", "copied/x"} == names(there)
    assert "later" == (there.path / "build/made").read_text()


def test_without_a_record_only_caches_to_keep_are_left(there, tmp_path):
    stays = KeepRules(always=("a.env",), before_setup=("deep",))

    assert not restore(there, tmp_path / "none", stays).is_as_setup_left_it

    assert {"a.env", "build/deep/made"} == names(there)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": {}}', '{"files": {}, "links": [], "more": 1}'])
def test_an_unreadable_record_counts_as_none(there, tmp_path, text):
    (tmp_path / "damaged").write_text(text)

    assert not restore(there, tmp_path / "damaged", KeepRules()).is_as_setup_left_it


def test_a_file_that_became_tracked_is_no_longer_a_product(repo, there, record):
    commit = repo.made(repo.tip(), {"build/later": "tracked\n", ".gitignore": "build/\n"})
    ensure_detached(repo.opened(), there.path, commit, is_cleaned=False)

    assert restore(there, record, KeepRules()).is_as_setup_left_it

    assert "tracked\n" == (there.path / "build/later").read_text()
    assert SETUP == names(there)


def test_the_record_is_also_written_by_a_separate_program(there, record, tmp_path):
    program = [sys.executable, "-I", "-S", untracked.__file__, there.git_dir, there.path, tmp_path / "again"]
    subprocess.run(program, check=True)

    assert json.loads(record.read_text()) == json.loads((tmp_path / "again").read_text())


def test_an_unwritable_record_fails_no_validation(there, tmp_path):
    program = [
        sys.executable,
        "-I",
        "-S",
        untracked.__file__,
        there.git_dir,
        there.path,
        tmp_path / "no" / "x",
    ]

    assert 0 == subprocess.run(program, check=True).returncode


@pytest.fixture
def lib(repo, tmp_path):
    """A submodule of main, which has one itself."""
    (tmp_path / "home").mkdir()
    repo.git("config", "--global", "protocol.file.allow", "always")
    deep = type(repo)(tmp_path / "deep")
    deep.commit({"d": "1", ".gitignore": "*.o\n"})
    other = type(repo)(tmp_path / "lib")
    other.commit({"l": "1", ".gitignore": "*.o\n"})
    other.git("submodule", "--quiet", "add", str(deep.root), "deep")
    other.commit({})
    repo.git("submodule", "--quiet", "add", str(other.root), "lib")
    repo.commit({})
    return other


def test_products_inside_submodules_are_deleted_too(repo, lib, tmp_path):
    place = tmp_path / "place" / "checks-lib"
    ensure_detached(repo.opened(), place, repo.tip())
    repo.git("submodule", "--quiet", "update", "--init", "--recursive", at=place)
    there = repo.opened().at(place)
    repo.write("lib/setup.o", "setup", at=place)
    record_setup(there, tmp_path / "record")
    for name in ("lib/x.o", "lib/deep/x.o", "lib/deep/new/x"):
        repo.write(name, "later", at=place)

    assert restore(there, tmp_path / "record", KeepRules()).is_as_setup_left_it

    assert {"lib/setup.o"} == names(there)
    assert ("1", "1") == ((place / "lib/l").read_text(), (place / "lib/deep/d").read_text())


def test_a_new_submodule_makes_setup_run_again(repo, lib, tmp_path):
    place = tmp_path / "place" / "checks-lib"
    before = repo.git("rev-parse", "HEAD^")
    ensure_detached(repo.opened(), place, before)
    there = repo.opened().at(place)
    record_setup(there, tmp_path / "record", is_empty=True)

    ensure_detached(repo.opened(), place, repo.tip(), is_cleaned=False)

    assert not restore(there, tmp_path / "record", KeepRules()).is_as_setup_left_it


def test_a_worktree_that_git_cannot_read_is_not_touched(there, record):
    (there.git_dir / "index").write_text("damaged")

    for call in (lambda: restore(there, record, KeepRules()), lambda: record_setup(there, record)):
        with pytest.raises(RepositoryError, match="git cannot list what is untracked"):
            call()
    assert all((there.path / name).exists() for name in SETUP)


def test_a_record_that_cannot_be_read_counts_as_none(there, record):
    record.write_text("[]")

    assert not restore(there, record, KeepRules()).is_as_setup_left_it
    assert set() == names(there)


def test_an_empty_worktree_is_recorded_without_git(repo, there, record):
    record_setup(there, record, is_empty=True)

    assert {"links": [], "files": {}} == json.loads(record.read_text())
