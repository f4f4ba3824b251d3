"""Worktrees are made once, found again, and never someone else's."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import porch_tui
from porch_tui.errors import RepositoryError
from porch_tui.git.runner import GitError
from porch_tui.git.worktree import removal
from porch_tui.git.worktree.base_checkout import tracked_files
from porch_tui.git.worktree.creation import (
    ensure,
    ensure_detached,
    is_fresh,
    mark_set_up,
    quickest_s,
)
from porch_tui.git.worktree.registration import WorktreeRequest, ensure_registered
from porch_tui.git.worktree.removal import remove
from porch_tui.git.worktree_list import (
    find_worktree,
    has_plain_layout,
    list_worktrees,
    run_among_races,
    worktrees_on,
)

REASON = "porch run/auth"


@pytest.fixture
def there(tmp_path):
    return tmp_path / "place" / "app-auth"


def made(repo, there, branch="feature/auth"):
    ensure(repo.opened(), there, branch, repo.tip(), REASON)


def test_it_is_made_on_a_new_branch_at_the_base_with_all_files(repo, there):
    made(repo, there)

    assert ("feature/auth", repo.tip()) == (
        repo.git("branch", "--show-current", at=there),
        repo.tip("feature/auth"),
    )
    assert ("", "one\n") == (
        repo.git("status", "--porcelain", "--ignored", at=there),
        (there / "sub/h").read_text(),
    )
    assert REASON == find_worktree(repo.opened(), there).lock_reason


def test_git_accepts_a_worktree_that_porch_registered(repo, there):
    made(repo, there)
    repo.commit({"f": "2\n"}, at=there)
    repo.git("worktree", "prune")
    repo.git("worktree", "unlock", there)
    repo.git("worktree", "move", there, f"{there}-moved")

    assert "" == repo.git("fsck", "--no-dangling")
    repo.git("worktree", "remove", f"{there}-moved")
    assert 1 == len(list_worktrees(repo.opened()))


def test_the_list_read_from_files_is_the_one_git_prints(repo, tmp_path):
    first = repo.tip()
    second = repo.commit({"g": "2\n"})
    repo.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    for name, where in {"loose": "-bloose", "packed": "-bpacked", "detached": "--detach"}.items():
        repo.git("worktree", "add", "-q", where, tmp_path / name, first)
    repo.git("worktree", "lock", "--reason", "on a disk\nthat is away", tmp_path / "packed")
    repo.git("worktree", "add", "-q", tmp_path / "gone", "-b", "topic/gone", second)
    shutil.rmtree(tmp_path / "gone")
    repo.git("pack-refs", "--all")
    repo.commit({"h": "3\n"}, at=tmp_path / "loose")
    repo.git("symbolic-ref", "HEAD", "refs/heads/alias")

    listed = repo.git("worktree", "list", "--porcelain", "-z").split("\0\0")
    printed = [dict(line.partition(" ")[::2] for line in block.split("\0")) for block in listed if block]
    of_git = {
        (one["worktree"], one["HEAD"], one.get("branch", "").removeprefix("refs/heads/"), one.get("locked"))
        for one in printed
    }

    assert of_git == {
        (str(one.path), one.head, one.branch or "", one.lock_reason) for one in list_worktrees(repo.opened())
    }
    for branch in ("main", "loose", "packed", "topic/gone", "nowhere"):
        on_it = tuple(one for one in list_worktrees(repo.opened()) if one.branch == branch)
        assert on_it == worktrees_on(repo.opened(), branch)


def test_ensuring_again_changes_nothing_not_even_uncommitted_work(repo, there):
    made(repo, there)
    repo.commit({"f": "2\n"}, at=there)
    repo.write("f", "dirty\n", at=there)
    repo.write("new", "untracked\n", at=there)
    before = repo.picture(there)
    made(repo, there)

    assert before == repo.picture(there)


def test_the_persons_own_worktree_is_never_touched(repo, there):
    repo.git("worktree", "add", "-q", "-b", "feature/auth", there)
    repo.write("f", "mine\n", at=there)
    before = repo.picture(there)

    with pytest.raises(RepositoryError, match="porch did not make"):
        made(repo, there)
    with pytest.raises(RepositoryError, match="porch did not make"):
        ensure_detached(repo.opened(), there, repo.tip())
    with pytest.raises(RepositoryError, match="did not make it"):
        remove(repo.opened(), there)
    assert before == repo.picture(there)


def test_the_persons_folder_is_never_touched(repo, there):
    repo.write("notes", "mine\n", at=there)

    with pytest.raises(RepositoryError, match="something porch did not make"):
        made(repo, there)
    assert ["notes"] == [one.name for one in there.iterdir()]
    assert "" == repo.git("branch", "--list", "feature/auth")


def test_the_persons_branch_is_never_taken(repo, there):
    repo.git("branch", "feature/auth")

    with pytest.raises(RepositoryError, match="one already"):
        made(repo, there)
    assert not there.exists()
    assert 1 == len(list_worktrees(repo.opened()))


def test_a_branch_name_that_is_taken_is_reported(repo, there):
    repo.git("branch", "feature")

    with pytest.raises(RepositoryError, match="could not make the branch"):
        made(repo, there)


def test_a_worktree_on_another_branch_is_reported(repo, there):
    made(repo, there)
    repo.git("switch", "-qc", "elsewhere", at=there)

    with pytest.raises(RepositoryError, match="elsewhere"):
        made(repo, there)


def test_a_worktree_whose_folder_was_deleted_comes_back_with_its_commits(repo, there):
    made(repo, there)
    head = repo.commit({"f": "2\n"}, at=there)
    shutil.rmtree(there)
    made(repo, there)

    assert (head, "") == (
        repo.git("rev-parse", "HEAD", at=there),
        repo.git("status", "--porcelain", at=there),
    )


def test_a_branch_made_before_a_crash_is_reused(repo, there):
    """Killed right after the branch exists, by the hook that sees it appear."""
    program = (
        "import sys; from pathlib import Path; from porch_tui.git.discovery import discover; "
        "from porch_tui.git.worktree.creation import ensure; "
        f"ensure(discover(Path(sys.argv[1])), Path(sys.argv[2]), 'feature/auth', sys.argv[3], {REASON!r})"
    )
    script = '#!/bin/sh\n[ "$1" = committed ] || exit 0\nkill -9 "$PORCH_PID"\n'
    hook = repo.write(".git/hooks/reference-transaction", script)
    hook.chmod(0o755)
    environment = os.environ | {"PYTHONPATH": str(Path(porch_tui.__file__).parents[1])}
    launch = 'PORCH_PID=$$ exec "$@"'
    command = [sys.executable, "-c", program, repo.root, there, repo.tip()]
    killed = subprocess.run(["sh", "-c", launch, "sh", *command], env=environment, check=False)
    hook.unlink()

    assert (-signal.SIGKILL, repo.tip()) == (killed.returncode, repo.tip("feature/auth"))
    made(repo, there)
    assert "" == repo.git("status", "--porcelain", at=there)


def test_an_interrupted_checkout_is_completed(repo, there):
    made(repo, there)
    admin = Path(repo.git("rev-parse", "--absolute-git-dir", at=there))
    (admin / "index").unlink()
    (there / "f").unlink()
    made(repo, there)

    assert "" == repo.git("status", "--porcelain", at=there)


def test_eight_threads_make_eight_worktrees_while_others_read(repo, tmp_path):
    """The person's `worktree add`, `log --all` and `fetch` run at the same time, and must not fail."""
    place, stop, failures = tmp_path / "place", threading.Event(), []
    repo.git("clone", "-q", repo.root, tmp_path / "clone")

    def look():
        while not stop.is_set():
            for command in (
                ("log", "--all", "-1"),
                ("worktree", "list"),
                ("fetch", "-q", str(tmp_path / "clone")),
            ):
                try:
                    repo.git(*command)
                except AssertionError as error:
                    failures.append(error)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        with ThreadPoolExecutor(8) as pool:
            base, repository = repo.tip(), repo.opened()
            list(
                pool.map(
                    lambda n: ensure(repository, place / f"t{n}", f"feature/t{n}", base, f"porch r/t{n}"),
                    range(24),
                )
            )
    finally:
        stop.set()
        watcher.join()

    assert [] == failures
    assert 25 == len(list_worktrees(repository))
    assert {""} == {repo.git("status", "--porcelain", at=place / f"t{n}") for n in range(24)}


def test_eight_threads_that_ensure_the_same_worktree_make_one(repo, there):
    base, repository = repo.tip(), repo.opened()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ensure(repository, there, "feature/auth", base, REASON), range(8)))

    assert (2, "") == (len(list_worktrees(repository)), repo.git("status", "--porcelain", at=there))


@pytest.mark.parametrize("setting", ["extensions.worktreeConfig", "core.sparseCheckout"])
def test_git_makes_it_where_the_layout_is_unknown(repo, there, setting):
    repo.git("config", setting, "true")
    made(repo, there)
    made(repo, there)

    assert not has_plain_layout(repo.opened())
    assert REASON == find_worktree(repo.opened(), there).lock_reason
    assert "feature/auth" == repo.git("branch", "--show-current", at=there)


def test_eight_threads_make_eight_worktrees_where_the_layout_is_unknown(repo, tmp_path):
    repo.git("config", "extensions.worktreeConfig", "true")
    base, repository, place = repo.tip(), repo.opened(), tmp_path / "place"
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda n: ensure(repository, place / f"t{n}", f"feature/t{n}", base, f"porch r/t{n}"),
                range(12),
            )
        )

    assert 13 == len(list_worktrees(repository))


def test_the_persons_post_checkout_hook_runs_once(repo, there):
    hook = repo.write(".git/hooks/post-checkout", '#!/bin/sh\npwd >> "$HOME.hook"\n')
    hook.chmod(0o755)
    made(repo, there)
    made(repo, there)

    assert f"{there}\n" == Path(f"{os.environ['HOME']}.hook").read_text()


def test_a_validation_worktree_is_reused_and_keeps_its_caches(repo, there):
    one, two = repo.tip(), repo.made(repo.tip(), {"f": "2\n", "g": None})
    ensure_detached(repo.opened(), there, one)
    repo.write("f", "dirty\n", at=there)
    repo.write("left", "over\n", at=there)
    repo.write("cache", "warm\n", at=there)
    ensure_detached(repo.opened(), there, two)

    assert (two, "") == (repo.git("rev-parse", "HEAD", at=there), repo.git("status", "--porcelain", at=there))
    assert (True, False) == ((there / "cache").exists(), (there / "left").exists())


def test_odd_places_work(repo, tmp_path, odd_name):
    there = tmp_path / "place" / odd_name
    if "\n" in odd_name:
        pytest.skip("git cannot keep a worktree behind a newline: preflight refuses it")
    made(repo, there)
    made(repo, there)

    assert (2, "") == (len(list_worktrees(repo.opened())), repo.git("status", "--porcelain", at=there))
    remove(repo.opened(), there)
    removal.empty_trash(repo.opened())
    assert not os.path.lexists(there)


def test_every_worktree_on_a_branch_is_listed(repo, tmp_path):
    for number in range(3):
        repo.git("worktree", "add", "-q", "-b", f"b{number}", str(tmp_path / f"w{number}"))
        repo.git("worktree", "add", "-q", "--detach", str(tmp_path / f"w{number}-detached"))

    there = {one.path.name for one in list_worktrees(repo.opened())}

    assert {f"w{number}{more}" for number in range(3) for more in ("", "-detached")} < there


def test_the_branch_lock_of_a_killed_checkout_blocks_nothing(repo, tmp_path):
    repository, base, there = repo.opened(), repo.tip(), tmp_path / "place" / "cut-off"
    ensure_registered(
        repository, WorktreeRequest(there, "porch run/cut-off", base, "feature/cut-off")
    )  # with nothing checked out
    lock = repo.root / ".git/refs/heads/feature/cut-off.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()

    ensure(repository, there, "feature/cut-off", base, "porch run/cut-off")

    assert not lock.exists()
    assert repo.git("rev-parse", "HEAD", at=there) == base
    assert repo.git("status", "--porcelain", at=there) == ""


def test_a_worktree_is_fresh_until_its_setup_has_run(repo, there):
    ensure(repo.opened(), there, "feature/auth", repo.tip(), REASON)
    assert is_fresh(repo.opened(), there)

    mark_set_up(repo.opened(), there)
    mark_set_up(repo.opened(), there.with_name("none"))
    assert not is_fresh(repo.opened(), there)


def test_the_quickest_creation_and_the_files_to_check_out_are_known(repo, there, tmp_path):
    repository = repo.opened()
    before = quickest_s(repository)
    ensure(repository, there, "feature/auth", repo.tip(), REASON)

    assert (None, True, 4) == (before, 0 < quickest_s(repository) < 60, tracked_files(repository))
    (repository.git_dir / "index").unlink()
    assert 0 == tracked_files(repository)


@pytest.mark.parametrize("is_clone", [False, True])
def test_nothing_is_left_of_a_worktree_that_cannot_be_filled(repo, there, is_clone):
    head = repo.made(repo.tip(), {"big": "x\n"})
    blob = repo.tip(f"{head}:big")
    (repo.root / ".git/objects" / blob[:2] / blob[2:]).unlink()

    with pytest.raises(GitError, match="unable to read"):
        ensure(repo.opened(), there, "feature/auth", head, REASON, is_clone=is_clone)

    assert not there.exists()
    assert 1 == len(list_worktrees(repo.opened()))
    assert "" == repo.git("branch", "--list", "feature/*")


def test_where_refs_are_no_files_git_lists_the_same_worktrees(repo, there, tmp_path):
    made(repo, there)
    repo.git("worktree", "add", "-q", "--detach", "--lock", "--reason", "a disk", tmp_path / "mine")
    by_porch = list_worktrees(repo.opened())
    (repo.root / ".git/reftable").touch()
    by_git = list_worktrees(repo.opened())

    assert [one.made_for for one in by_porch] == ["", REASON, ""]
    assert {(one.path, one.head, one.branch, one.lock_reason) for one in by_porch} == {
        (one.path, one.head, one.branch, one.lock_reason) for one in by_git
    }
    with pytest.raises(RepositoryError, match="reftable"):
        ensure(repo.opened(), there.with_name("clone"), "feature/clone", repo.tip(), REASON, is_clone=True)
    assert not there.with_name("clone").exists()
    assert "" == repo.git("branch", "--list", "feature/clone")


def test_a_git_that_reads_a_half_written_record_is_asked_again(repo, tmp_path, monkeypatch):
    script = f"""#!/bin/sh
    case "$*" in *"worktree list"*)
      echo . >> {tmp_path}/tries
      if [ "$(wc -l < {tmp_path}/tries)" -le 2 ]; then echo "failed to read x/commondir" >&2; exit 128; fi;;
    esac
    exec {shutil.which("git")} "$@"
    """
    (tmp_path / "git").write_text(script)
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    listed = run_among_races(repo.opened().git, "worktree", "list", "--porcelain")

    assert f"worktree {repo.root}" in listed.stdout.decode()
    assert 3 == len((tmp_path / "tries").read_text().splitlines())
    with pytest.raises(GitError, match="unknown option"):
        run_among_races(repo.opened().git, "worktree", "list", "--no-such-option")
