"""A worktree passes on only if nothing whatsoever has changed in it, and is never half moved."""

from __future__ import annotations

import signal
import subprocess

import pytest
from killing import in_child, kill_at

from porch_tui.git.git_files import linked_git_dir
from porch_tui.git.worktree import passing_on
from porch_tui.git.worktree.creation import ensure
from porch_tui.git.worktree.passing_on import Move, is_untouched, picture, pictured_again
from porch_tui.git.worktree_list import find_worktree, list_worktrees, worktrees_lock

ODDITIES = {
    "untracked": "echo x > new",
    "ignored": "echo x > cache",
    "a folder with nothing in it": "mkdir empty",
    "what is there no more": "echo x > new; rm new",
    "changed": "echo x > f",
    "changed, of the same size and time": "touch -r f t; printf ONE > f; touch -r t f; rm t",
    "deleted": "rm g",
    "another file of the same content": "cp -p f t; mv t f",
    "deeper": "echo x >> sub/h",
    "a link in its place": "rm g; ln -s f g",
    "a second name for it elsewhere": "ln f ../../f-elsewhere",
    "mode": "chmod +x f",
    "mode of a folder": "chmod o-rx sub",
    "times": "touch f",
    "staged": "echo x > f; git add f",
    "committed": "echo x > f; git commit -qam x",
    "committed without a change": "git commit -q --allow-empty -m x",
    "switched": "git switch -qc other",
    "detached": "git checkout -q --detach",
    "switched and back": "git switch -qc back-$$; git switch -q -",
    "hidden": "git update-index --assume-unchanged f",
    "stashed": "echo x > f; git stash -q",
    "bisecting": "git bisect start",
    "merging": "git merge -q --no-commit --no-ff side",
    "a repository inside": "git init -q inside",
    "a submodule": "git -c protocol.file.allow=always submodule --quiet add ./.. module || mkdir module",
    "a lock": "touch $(git rev-parse --git-dir)/index.lock",
    "its own refs": "git update-ref refs/worktree/x HEAD",
    "another link": "echo gitdir: elsewhere > .git",
    "a mode of the link": "chmod 600 .git",
    "gone": "rm -r $PWD",
    # from here on worktrees have settings of their own
    "sparse": "git sparse-checkout set sub",
    "its own settings": "git config extensions.worktreeConfig true; git config --worktree a.b c",
}


@pytest.fixture
def there(repo, tmp_path):
    repo.commit({".gitignore": "cache\n", "f": "one", "g": "g\n", "sub/h": "h\n"})
    repo.branch("side", repo.made(repo.tip(), {"new": "side\n"}))
    place = tmp_path / "place" / "there"
    ensure(repo.opened(), place, "feature/there", repo.tip(), "porch run/there")
    return place


@pytest.fixture
def again(tmp_path):
    return tmp_path / "place" / "again"


def pictured(place):
    admin = linked_git_dir(place)
    found = picture(place, admin)
    assert found is not None
    return found, admin


@pytest.mark.slow
def test_any_change_keeps_it_from_passing_on(repo, there, tmp_path):
    unseen = []
    for number, (oddity, script) in enumerate(ODDITIES.items()):
        place = tmp_path / "place" / f"odd{number}"
        ensure(repo.opened(), place, f"feature/odd{number}", repo.tip(), f"porch run/odd{number}")
        before, admin = pictured(place)
        subprocess.run(["sh", "-c", script], cwd=place, check=True, capture_output=True)
        if is_untouched(before, place, admin):
            unseen.append(oddity)

    assert [] == unseen


def test_one_in_which_files_were_only_read_passes_on_and_is_the_next_ones_in_every_way(repo, there, again):
    before, admin = pictured(there)
    subprocess.run(
        ["sh", "-c", "cat f g sub/h; ls -la; git log -1; git diff; git status"], cwd=there, check=True
    )
    assert is_untouched(before, there, admin)
    inode = (there / "f").stat().st_ino

    ensure(repo.opened(), again, "feature/again", repo.tip(), "porch run/again", move=Move(there, admin))

    assert (inode, False) == ((again / "f").stat().st_ino, there.exists())
    assert ("feature/again", repo.tip(), "") == (
        repo.git("branch", "--show-current", at=again),
        repo.git("rev-parse", "HEAD", at=again),
        repo.git("status", "--porcelain", "--ignored", at=again),
    )
    assert "porch run/again" == find_worktree(repo.opened(), again).lock_reason
    after = pictured_again(before, again, admin)
    assert after is not None and is_untouched(after, again, admin)
    (again / "f").write_text("two")
    assert not is_untouched(after, again, admin)


def test_the_one_before_gets_another_when_it_runs_again(repo, there, again):
    admin = linked_git_dir(there)
    ensure(repo.opened(), again, "feature/again", repo.tip(), "porch run/again", move=Move(there, admin))

    ensure(repo.opened(), there, "feature/there", repo.tip(), "porch run/there")

    assert "feature/there" == repo.git("branch", "--show-current", at=there)
    assert "feature/again" == repo.git("branch", "--show-current", at=again)


@pytest.mark.parametrize("why", ["its branch was there before", "a hook", "something is there"])
def test_it_stays_where_the_next_one_needs_more_than_its_files(repo, there, again, why):
    admin, base = linked_git_dir(there), repo.tip()
    match why:
        case "its branch was there before":  # an earlier engine made it, and the task has moved it, perhaps
            ensure(repo.opened(), again, "feature/again", base, "porch run/again")
            repo.git("worktree", "remove", "-ff", str(again))
        case "a hook":
            hook = repo.write(".git/hooks/post-checkout", "#!/bin/sh\necho x > hooked\n")
            hook.chmod(0o755)
        case "something is there":
            again.mkdir()

    ensure(repo.opened(), again, "feature/again", base, "porch run/again", move=Move(there, admin))

    assert "feature/there" == repo.git("branch", "--show-current", at=there)
    assert "feature/again" == repo.git("branch", "--show-current", at=again)
    assert (why == "a hook") == (again / "hooked").exists()


@pytest.mark.parametrize("setting", ["core.worktree", "too large"])
def test_no_picture_is_taken_of_one_that_cannot_pass_on(repo, there, setting, monkeypatch):
    if setting == "too large":
        monkeypatch.setattr(passing_on, "MOST_FILES", 2)
    else:
        (linked_git_dir(there) / "config.worktree").write_text(f"[core]\n\tworktree = {there}\n")

    assert picture(there, linked_git_dir(there)) is None


@pytest.mark.parametrize("stride", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_a_move_killed_at_any_step_leaves_two_tasks_with_complete_worktrees(repo, tmp_path, stride):
    """Whatever state it was left in, both tasks get a complete worktree, and nothing else stays."""
    repository, base = repo.opened(), repo.tip()
    place, steps, code = tmp_path / "place", 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        names = f"old{steps}", f"new{steps}"
        old, new = (place / name for name in names)
        ensure(repository, old, f"feature/{old.name}", base, f"porch run/{old.name}")

        def passed_on(old=old, new=new) -> None:
            move = Move(old, linked_git_dir(old))
            ensure(repository, new, f"feature/{new.name}", base, f"porch run/{new.name}", move=move)

        code = in_child(lambda step=steps, work=passed_on: (kill_at(step), work()))
        repo.git("log", "--all", "-1")
        with worktrees_lock(repository):
            passing_on.finish(repository)
        for name in names:
            ensure(repository, place / name, f"feature/{name}", base, f"porch run/{name}")
            assert (base, f"feature/{name}", "") == (
                repo.git("rev-parse", "HEAD", at=place / name),
                repo.git("branch", "--show-current", at=place / name),
                repo.git("status", "--porcelain", "--ignored", at=place / name),
            )
        assert set(place.iterdir()) == {one.path for one in list_worktrees(repository)}
        steps += stride

    assert (0, True) == (code, steps > 15)
