"""What a run needs is checked before it begins, all of it at once, without changing anything."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porch_tui.errors import PlanError, RepositoryError
from porch_tui.git.discovery import discover
from porch_tui.git.worktree.disk_usage import tree_size
from porch_tui.git.worktree.preflight import (
    TargetAndBase,
    check_layout,
    check_repository,
    clashes,
    is_valid,
    resolve_target_and_base,
    symbolic_target_warning,
)


def test_target_and_base_default_to_the_branch_checked_out(repo):
    tip, tree = repo.tip(), repo.tip("main^{tree}")

    assert TargetAndBase("main", tip, tree, tip, tree) == resolve_target_and_base(repo.opened(), None, None)


def test_target_and_base_may_be_named(repo):
    first, second = repo.tip(), repo.commit({"f": "2"})
    repo.branch("release", first)

    assert ("release", first, second) == pinned(resolve_target_and_base(repo.opened(), "release", "main"))
    assert ("main", second, first) == pinned(resolve_target_and_base(repo.opened(), None, second + "^"))


def pinned(run):
    return (run.target, run.tip, run.base)


def test_a_detached_head_needs_a_target(repo):
    repo.git("checkout", "-q", "--detach")

    with pytest.raises(RepositoryError, match="target:"):
        resolve_target_and_base(repo.opened(), None, None)
    assert "main" == resolve_target_and_base(repo.opened(), "main", None).target


@pytest.mark.parametrize("target", ["nowhere", "HEAD", "v1", "origin/main", "--all"])
def test_a_target_that_is_no_local_branch_is_the_plans_mistake(repo, target):
    repo.git("tag", "v1")
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")

    with pytest.raises(PlanError, match="no local branch"):
        resolve_target_and_base(repo.opened(), target, None)


@pytest.mark.parametrize("base", ["nowhere", "HEAD:f", "--all", ""])
def test_a_base_that_is_no_commit_is_the_plans_mistake(repo, base):
    with pytest.raises(PlanError, match="no commit"):
        resolve_target_and_base(repo.opened(), None, base)


def test_a_base_without_shared_history_is_the_plans_mistake(repo):
    with pytest.raises(PlanError, match="no history"):
        resolve_target_and_base(repo.opened(), None, repo.made(None, {"f": "1"}))


def test_a_missing_identity_is_reported(repo):
    repo.git("config", "user.useConfigOnly", "true")
    repo.git("config", "--unset", "user.email")

    with pytest.raises(RepositoryError, match=r"user\.email"):
        check_repository(repo.opened())


def test_a_shallow_clone_is_a_warning(repo, tmp_path):
    repo.commit({"f": "2"})
    repo.git("clone", "-q", "--depth=1", f"file://{repo.root}", tmp_path / "shallow")
    repo.root = tmp_path / "shallow"
    repo.git("config", "user.name", "Ada")
    repo.git("config", "user.email", "ada@example.org")

    assert "shallow" in " ".join(check_repository(repo.opened()))


def test_a_good_repository_has_no_warnings_and_is_not_changed(repo, tmp_path):
    before = repo.picture()
    resolve_target_and_base(repo.opened(), None, None)

    assert () == check_repository(repo.opened())
    check_layout(repo.opened(), {"a": tmp_path / "place" / "app-a"}, {"a": "feature/a"}, repo.tip())
    assert before == repo.picture()


def test_all_obstacles_to_the_layout_are_reported_at_once(repo, tmp_path):
    place = tmp_path / "place"
    (place / "app-b").mkdir()
    repo.branch("feature/a", repo.tip())
    worktrees = {"a": place / "app-a", "b": place / "app-b"}
    branches = {"a": "feature/a", "b": "feature/b"}

    with pytest.raises(RepositoryError) as raised:
        check_layout(repo.opened(), worktrees, branches, repo.tip())
    assert "feature/a exists" in str(raised.value)
    assert "app-b" in str(raised.value)


def test_tasks_of_which_branch_and_folder_exist_are_said_in_one_line(repo, tmp_path):
    worktrees = {f"t{number}": tmp_path / "place" / f"app-t{number}" for number in range(6)}
    branches = {task: f"feature/{task}" for task in worktrees}
    for task, place in worktrees.items():
        repo.branch(branches[task], repo.tip())
        place.mkdir()

    with pytest.raises(RepositoryError) as raised:
        check_layout(repo.opened(), worktrees, branches, repo.tip())
    said, advice = str(raised.value).splitlines()
    assert said.startswith("tasks t0, t1, t2")
    assert f"need branches and folders that exist: feature/t0 in {worktrees['t0']}, " in said
    assert advice.startswith("Remove or rename")

    with pytest.raises(
        RepositoryError, match=r"task t0 needs the branch feature/t0 and the folder .*both exist"
    ):
        check_layout(repo.opened(), {"t0": worktrees["t0"]}, {"t0": "feature/t0"}, repo.tip())


@pytest.mark.parametrize(
    ("worktrees", "branch", "says"),
    [
        (["{repo}/inside"], "x", "inside"),
        (["{repo}/.git/inside"], "x", "inside"),
        (["{place}/same", "{place}/SAME"], "x", "would both work"),
        (["{place}/outer", "{place}/outer/inner"], "x", "inside the worktree of task"),
        (["{repo}.porch/20261125-1/t0"], "x", "porch's own worktrees"),
        (["{place}/new\nline"], "x", "newline"),
        (["{place}/fine"], "not..valid", "not..valid"),
    ],
)
def test_an_impossible_layout_is_the_plans_mistake(repo, tmp_path, worktrees, branch, says):
    place = tmp_path / "place"
    paths = [os.fspath(one).format(repo=repo.root, place=place) for one in worktrees]
    tasks = {f"t{number}": place / path for number, path in enumerate(paths)}
    branches = {task: f"{branch}-{task}" for task in tasks}

    with pytest.raises(PlanError, match=says.replace(".", r"\.")):
        check_layout(repo.opened(), tasks, branches, repo.tip())


def test_too_little_space_is_reported_in_numbers(repo, tmp_path):
    """One mebibyte four thousand times over makes a tree of 4 GiB that takes no space itself."""
    blob = repo.git("hash-object", "-w", "--stdin", stdin=bytes(2**20))
    tree = repo.git("mktree", stdin="".join(f"100644 blob {blob}\t{name}\n" for name in range(4096)).encode())
    commit = repo.git("commit-tree", tree, "-m", "large")
    count = shutil.disk_usage(tmp_path).free // 2**32 + 1
    worktrees = {f"t{number}": tmp_path / "place" / f"t{number}" for number in range(count)}

    with pytest.raises(
        RepositoryError, match=r"worktrees of 4096\.0 MiB each need .* MiB .* only .* MiB are free"
    ):
        check_layout(repo.opened(), worktrees, {}, commit)


def test_a_parent_that_is_no_folder_is_reported(repo, tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(RepositoryError, match="may not write"):
        check_layout(repo.opened(), {"a": tmp_path / "file" / "a"}, {}, repo.tip())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_parent_is_reported(repo, tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)

    with pytest.raises(RepositoryError, match="may not write"):
        check_layout(repo.opened(), {"a": locked / "a"}, {}, repo.tip())


@pytest.mark.parametrize(
    ("existing", "wanted"),
    [
        (["feature/a"], {"a": "feature/a"}),
        (["feature/a"], {"a": "Feature/A"}),
        (["feature"], {"a": "feature/a"}),
        (["feature/a/deep"], {"a": "feature/a"}),
        ([], {"a": "feature/a", "b": "feature/a"}),
        ([], {"a": "feature", "b": "feature/b"}),
        ([], {"a": "feature/a/x", "b": "feature/a"}),
    ],
)
def test_branches_that_exclude_each_other_are_reported(existing, wanted):
    assert 1 == len(clashes(wanted, existing))


def test_branches_side_by_side_do_not_clash():
    assert [] == clashes({"a": "feature/a", "b": "feature/b"}, ["main", "feature/c", "feature-a"])


@settings(max_examples=30, deadline=None, database=None)
@given(st.text(alphabet="ab./@{}~^:?*[\\- \x7f\tlockHEAD", min_size=0, max_size=8))
def test_a_name_is_valid_if_git_accepts_it(name):
    """Git takes more as a ref than `git branch` as a name: HEAD, its short form, and options."""
    args = ["git", "check-ref-format", f"refs/heads/{name}"]
    is_ref = subprocess.run(args, capture_output=True, check=False, cwd="/").returncode == 0

    assert (is_ref and name not in ("@", "HEAD") and not name.startswith("-")) == is_valid(name)


def test_a_target_that_is_a_symbolic_ref_is_the_branch_it_leads_to(repo):
    repo.branch("real", repo.tip())
    repo.git("symbolic-ref", "refs/heads/alias", "refs/heads/real")
    repo.git("symbolic-ref", "refs/heads/again", "refs/heads/alias")

    assert (
        "real"
        == resolve_target_and_base(repo.opened(), "alias", None).target
        == resolve_target_and_base(repo.opened(), "again", None).target
    )
    assert (
        "lands on real"
        in symbolic_target_warning("alias", resolve_target_and_base(repo.opened(), "alias", None))[0]
    )
    assert () == symbolic_target_warning("real", resolve_target_and_base(repo.opened(), "real", None))


def test_a_target_that_leads_to_a_remote_branch_is_the_plans_mistake(repo):
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.git("symbolic-ref", "refs/heads/alias", "refs/remotes/origin/main")

    with pytest.raises(PlanError, match="symbolic ref to refs/remotes/origin/main"):
        resolve_target_and_base(repo.opened(), "alias", None)


def test_the_size_of_a_partial_clone_is_that_of_what_is_checked_out_and_nothing_is_fetched(repo, tmp_path):
    repo.commit({"in/f": "12345\n", **{f"out/{n}": f"{n}\n" for n in range(5)}})
    for name in ("allowFilter", "allowAnySHA1InWant"):
        repo.git("config", f"uploadpack.{name}", "true")
    clone = tmp_path / "partial"
    repo.git("clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{repo.root}", str(clone))
    repo.git("sparse-checkout", "set", "--cone", "in", at=clone)
    repo.git("checkout", "-q", "main", at=clone)
    repo.git("config", "remote.origin.uploadpack", "false", at=clone)

    size, files = tree_size(discover(clone), repo.tip())

    there = [path for path in clone.rglob("*") if path.is_file() and ".git" not in path.parts]
    assert (sum(path.stat().st_size for path in there), len(there)) == (size, files)


def test_a_branch_whose_commit_is_gone_is_refused_like_a_missing_one(repo):
    repo.git("branch", "broken")
    (repo.root / ".git" / "refs" / "heads" / "broken").write_text("1" * 40 + "\n")

    with pytest.raises(PlanError, match="broken"):
        resolve_target_and_base(repo.opened(), "broken", None)
