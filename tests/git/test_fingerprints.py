"""Fingerprints differ when something has changed, and only then."""

from __future__ import annotations

from porch_tui.git.fingerprints import branch_stamps, changed, fingerprint, stamp, worktree_stamps


def test_paths_that_are_uncommitted_in_a_new_way_are_changed(repo):
    repo.write("f", "edited\n")
    before = fingerprint(repo.opened().main)
    repo.write("f", "edited again\n")
    repo.write("g", "edited\n")
    repo.write("new/file", "new\n")

    assert ("f", "g", "new/") == changed(before, fingerprint(repo.opened().main))


def test_an_untouched_repository_has_the_same_fingerprint(repo):
    repo.write("f", "edited\n")
    (repo.root / "g").unlink()
    before = fingerprint(repo.opened().main)

    assert () == changed(before, fingerprint(repo.opened().main))


def test_a_branch_has_another_stamp_when_it_moved_or_was_packed(repo):
    stamps = [branch_stamps(repo.opened(), "main")]
    repo.commit({"f": "two\n"})
    stamps.append(branch_stamps(repo.opened(), "main"))
    repo.git("pack-refs", "--all")
    stamps.append(branch_stamps(repo.opened(), "main"))

    assert 3 == len(set(stamps))


def test_a_worktree_has_another_stamp_when_something_was_staged_or_committed(repo, tmp_path):
    there = tmp_path / "linked"
    repo.git("worktree", "add", "-q", there)
    stamps = [worktree_stamps(there)]
    repo.write("new", "staged\n", at=there)
    repo.git("add", "new", at=there)
    stamps.append(worktree_stamps(there))
    repo.git("commit", "-q", "-m", "more", at=there)
    stamps.append(worktree_stamps(there))

    assert 3 == len(set(stamps))
    assert () == worktree_stamps(tmp_path / "missing")


def test_a_link_has_its_own_stamp_or_that_of_its_target(tmp_path):
    (tmp_path / "link").symlink_to("target")
    own = stamp(tmp_path / "link")
    assert stamp(tmp_path / "link", is_followed=True) is None
    (tmp_path / "target").write_text("here\n")

    assert own == stamp(tmp_path / "link")
    assert stamp(tmp_path / "target") == stamp(tmp_path / "link", is_followed=True)
