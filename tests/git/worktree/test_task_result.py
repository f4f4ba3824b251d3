"""What a task leaves becomes commits on its branch, or is reported."""

from __future__ import annotations

import os
import threading

import pytest

from porch_tui.git.changes import changed_paths, changes
from porch_tui.git.worktree.creation import ensure
from porch_tui.git.worktree.task_result import (
    TaskResult,
    UncollectableError,
    commit_leftovers,
    remove_outward_links,
    tracked_state,
)

MESSAGE = "Split the session code\n\nPorch-Task: auth\n"


@pytest.fixture
def there(repo, tmp_path):
    repo.commit({"run.sh": "#!/bin/sh\n", "gone": "x\n"})
    place = tmp_path / "place" / "app-auth"
    ensure(repo.opened(), place, "feature/auth", repo.tip(), "porch run/auth")
    return place


def collected(repo, there):
    return commit_leftovers(repo.opened().at(there), "feature/auth", MESSAGE).head


def test_edits_additions_deletions_modes_and_symlinks_are_committed_as_the_person(repo, there, odd_name):
    repo.write("f", "two\n", at=there)
    repo.write(odd_name, "new\n", at=there)
    repo.write("a.env", "ignored\n", at=there)
    (there / "run.sh").chmod(0o755)
    (there / "gone").unlink()
    (there / "link").symlink_to("f")

    head = collected(repo, there)

    assert head == repo.tip("feature/auth")
    assert ("", "Ada", MESSAGE.strip()) == (
        repo.git("status", "--porcelain", at=there),
        repo.git("log", "-1", "--format=%an", head),
        repo.git("log", "-1", "--format=%B", head).strip(),
    )
    assert {"f", odd_name, "run.sh", "gone", "link"} == set(
        changed_paths(repo.opened().git, repo.tip(), head)
    )
    assert {"100755", "120000"} == {
        repo.git("ls-tree", head, name).split(" ")[0] for name in ("run.sh", "link")
    }


def test_the_ref_that_keeps_it_moves_together_with_the_branch(repo, there):
    repo.write("f", "two\n", at=there)
    tree, ref = repo.opened().at(there), "refs/porch/run/head/auth.1"

    result = commit_leftovers(tree, "feature/auth", MESSAGE, keep=ref)

    assert result.is_kept
    assert result.head == repo.tip("feature/auth") == repo.git("rev-parse", ref)
    assert repo.git("reflog", "-1", "--format=%gs", at=there) == "commit: Split the session code"
    assert repo.git("reflog", "-1", "--format=%gs", "feature/auth") == "commit: Split the session code"
    again = commit_leftovers(tree, "feature/auth", MESSAGE, keep=ref)
    assert (again.head, again.is_kept) == (result.head, False)  # nothing was committed: the caller keeps it


@pytest.mark.parametrize("change", ["changed", "as it was"])
def test_a_short_git_command_in_the_worktree_is_waited_for(repo, there, change):
    if change == "changed":
        repo.write("f", "two\n", at=there)
    lock = repo.opened().at(there).git_dir / "index.lock"
    lock.touch()
    ends = threading.Timer(0.3, lock.unlink)
    ends.start()

    head = collected(repo, there)

    ends.join()
    assert head == repo.tip("feature/auth")
    assert (head != repo.tip()) == (change == "changed")


def test_the_tasks_commits_are_taken_unchanged(repo, there):
    head = repo.commit({"f": "two\n"}, at=there)

    assert head == collected(repo, there)


def test_staged_and_unstaged_work_is_committed_on_top_of_the_tasks_commits(repo, there):
    head = repo.commit({"f": "two\n"}, at=there)
    repo.write("g", "two\n", at=there)
    repo.git("add", "g", at=there)

    assert head == repo.git("rev-parse", f"{collected(repo, there)}^")


def test_a_task_that_changed_nothing_leaves_the_base(repo, there):
    os.utime(there / "f", (1, 1))

    assert repo.tip() == collected(repo, there)


def test_hooks_and_signing_of_the_person_do_not_lose_the_work(repo, there):
    for name in ("pre-commit", "commit-msg", "prepare-commit-msg", "post-commit"):
        repo.write(f".git/hooks/{name}", "#!/bin/sh\nexit 1\n").chmod(0o755)
    repo.git("config", "commit.gpgSign", "true")
    repo.git("config", "gpg.program", "false")
    repo.write("f", "two\n", at=there)

    assert repo.tip() == repo.git("rev-parse", f"{collected(repo, there)}^")


def detach(repo, there):
    repo.git("checkout", "-q", "--detach", at=there)


def switch(repo, there):
    repo.git("switch", "-qc", "elsewhere", at=there)


def delete_branch(repo, there):
    detach(repo, there)
    repo.git("branch", "-qD", "feature/auth")
    repo.git("symbolic-ref", "HEAD", "refs/heads/feature/auth", at=there)


def begin_merge(repo, there):
    repo.branch("side", repo.made(repo.tip(), {"f": "side\n"}))
    repo.commit({"f": "mine\n"}, at=there)
    repo.git("merge", "side", at=there, fails=True)


def begin_rebase(repo, there):
    repo.branch("side", repo.made(repo.tip(), {"f": "side\n"}))
    repo.commit({"f": "mine\n"}, at=there)
    repo.git("rebase", "side", at=there, fails=True)


def nest(repo, there):
    type(repo)(there / "vendor" / "lib").commit({"x": "1"})


@pytest.mark.parametrize(
    ("leave", "says"),
    [
        (detach, "detached"),
        (switch, "on elsewhere"),
        (delete_branch, "does not exist any more"),
        (begin_merge, "merge is under way"),
        (begin_rebase, "rebase is under way"),
        (nest, "vendor/lib"),
    ],
)
def test_an_uncollectable_state_is_reported_and_left_alone(repo, there, leave, says):
    leave(repo, there)
    repo.write("g", "mine\n", at=there)
    before = repo.picture(there)

    with pytest.raises(UncollectableError, match=says):
        collected(repo, there)
    assert before == repo.picture(there)


def squash(repo, there):
    repo.git("merge", "-q", "--squash", "side", at=there, fails=True)


def pick(repo, there):
    repo.git("cherry-pick", "-n", "side", at=there, fails=True)


def apply(repo, there):
    patch = repo.git("diff", "main", "side", at=there) + "\n"
    repo.git("apply", "-3", at=there, stdin=patch.encode(), fails=True)


def pop(repo, there):
    repo.git("reset", "-q", "--hard", "main", at=there)
    repo.write("f", "stashed\n", at=there)
    repo.git("stash", "-q", at=there)
    repo.commit({"f": "mine\n"}, at=there)
    repo.git("stash", "pop", "-q", at=there, fails=True)


def take_over(repo, there):
    repo.write("f", "not committed\n", at=there)
    repo.git("checkout", "-q", "-m", "--detach", "side", at=there, fails=True)
    repo.git("symbolic-ref", "HEAD", "refs/heads/feature/auth", at=there)


@pytest.mark.parametrize("leave", [squash, pick, apply, pop, take_over])
def test_unmerged_paths_are_no_result_even_without_a_merge_under_way(repo, there, leave):
    repo.branch("side", repo.made(repo.tip(), {"f": "side\n"}))
    head = repo.commit({"f": "mine\n"}, at=there)
    leave(repo, there)
    before = repo.picture(there)
    assert "<<<<<<<" in (there / "f").read_text()

    with pytest.raises(UncollectableError, match=r"unmerged paths\) in f\."):
        collected(repo, there)

    assert before == repo.picture(there)
    assert leave is pop or head == repo.tip("feature/auth")


def test_a_file_outside_the_cone_of_a_sparse_checkout_is_collected(repo, tmp_path):
    repo.commit({"in/f": "1", "out/g": "1", "out/deep/h": "1"})
    repo.git("sparse-checkout", "set", "--cone", "in")
    there = tmp_path / "place" / "app-auth"
    ensure(repo.opened(), there, "feature/auth", repo.tip(), "porch run/auth")
    repo.write("out/new", "2", at=there)
    repo.write("in/f", "2", at=there)

    head = collected(repo, there)

    assert {"out/new", "in/f"} == set(changed_paths(repo.opened().git, repo.tip(), head))


@pytest.fixture
def modules(repo, there, tmp_path):
    """The person's folder, ignored as a folder, and a link to it in the worktree."""
    repo.commit({".gitignore": "node_modules/\n"}, at=there)
    folder = tmp_path / "place" / "app" / "node_modules"
    folder.mkdir()
    (there / "node_modules").symlink_to(folder)
    return folder


def test_a_link_to_an_ignored_folder_is_ignored_like_the_folder(repo, there, modules):
    repo.write("f", "two\n", at=there)
    (there / "sub" / "node_modules").symlink_to("../../app/node_modules")

    result = commit_leftovers(repo.opened().at(there), "feature/auth", MESSAGE)

    assert {"f", ".gitignore"} == set(changed_paths(repo.opened().git, repo.tip(), result.head))
    assert () == result.remarks
    assert (there / "node_modules").is_symlink()


@pytest.mark.parametrize("how", ["staged", "changed", "committed"])
def test_links_are_checked_however_they_were_committed(repo, there, modules, how):
    base = repo.git("rev-parse", "HEAD", at=there)
    if how == "staged":
        repo.git("add", "node_modules", at=there)
    elif how == "committed":
        repo.commit({}, at=there)
    else:
        (there / "f").unlink()
        (there / "f").symlink_to("g")

    assert not commit_leftovers(repo.opened().at(there), "feature/auth", MESSAGE, base=base).is_plain


def test_a_task_that_only_wrote_files_is_plain(repo, there):
    repo.write("new/x", "two\n", at=there)
    repo.write("f", "two\n", at=there)

    assert commit_leftovers(repo.opened().at(there), "feature/auth", MESSAGE, base=repo.tip()).is_plain


def test_other_links_out_of_the_worktree_are_left_out_and_reported(repo, there, tmp_path):
    (there / "[data] *").symlink_to(tmp_path)
    (there / "inside").symlink_to(there / "f")
    (there / "nowhere").symlink_to("no-such-file")

    result = commit_leftovers(repo.opened().at(there), "feature/auth", MESSAGE)

    assert {"inside", "nowhere"} == set(changed_paths(repo.opened().git, repo.tip(), result.head))
    assert ["[data] * leads out of the worktree"] == [one[:34] for one in result.remarks]


def test_a_committed_link_is_a_result_unless_it_is_ignored_as_a_folder(repo, there, modules, tmp_path):
    (there / "data").symlink_to(tmp_path)
    head = repo.commit({}, at=there)
    assert "node_modules" in repo.git("ls-tree", "--name-only", head).split()

    changed = changes(repo.opened().git, repo.tip(), head)
    result = remove_outward_links(repo.opened().at(there), TaskResult(head), changed)

    names = repo.git("ls-tree", "--name-only", result.head).split()
    assert ("data" in names, "node_modules" in names) == (True, False)
    assert "it committed node_modules" in result.remarks[0]
    assert head == repo.git("rev-parse", f"{result.head}^")


def test_changes_inside_a_submodule_are_reported(repo, tmp_path):
    (tmp_path / "home").mkdir()
    repo.git("config", "--global", "protocol.file.allow", "always")
    type(repo)(tmp_path / "lib").commit({"l": "1"})
    repo.git("submodule", "--quiet", "add", str(tmp_path / "lib"), "lib")
    repo.commit({})
    there = tmp_path / "place" / "app-auth"
    ensure(repo.opened(), there, "feature/auth", repo.tip(), "porch run/auth")
    repo.git("submodule", "--quiet", "update", "--init", at=there)
    repo.write("lib/l", "2", at=there)

    result = commit_leftovers(repo.opened().at(there), "feature/auth", MESSAGE)

    assert repo.tip() == result.head
    assert "the submodule lib has changes" in result.remarks[0]


def test_a_committed_submodule_link_is_not_set_back(repo, tmp_path):
    (tmp_path / "home").mkdir()
    repo.git("config", "--global", "protocol.file.allow", "always")
    lib = type(repo)(tmp_path / "lib")
    lib.commit({"l": "1"})
    repo.git("submodule", "--quiet", "add", str(lib.root), "lib")
    base = repo.commit({})
    there = tmp_path / "place" / "app-auth"
    ensure(repo.opened(), there, "feature/auth", base, "porch run/auth")
    repo.git("submodule", "--quiet", "update", "--init", at=there)
    newer = lib.commit({"l": "2"})
    repo.git("update-index", "--cacheinfo", f"160000,{newer},lib", at=there)
    repo.git("commit", "-qm", "move lib", at=there)
    repo.write("f", "two\n", at=there)

    result = commit_leftovers(repo.opened().at(there), "feature/auth", MESSAGE, base=base)

    assert newer == repo.git("rev-parse", f"{result.head}:lib")
    assert "two" == repo.git("show", f"{result.head}:f")


def test_a_rename_is_two_changed_paths(repo):
    base = repo.tip()
    head = repo.made(base, {"f": None, "renamed": "one\n"})

    assert ("f", "renamed") == changed_paths(repo.opened().git, base, head)


def test_reading_an_idle_worktree_refreshes_its_index(repo, there):
    os.utime(there / "f", (1, 1))
    index = repo.opened().at(there).git_dir / "index"
    before = index.read_bytes()

    tracked_state(repo.opened().at(there))

    assert before != index.read_bytes()
