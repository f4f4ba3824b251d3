"""A landing that is interrupted by kill -9 of porch or of git ends as landed, or as if it had never begun."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import porch_tui
from porch_tui.git.landing import landing, transaction
from porch_tui.git.landing.landing import land
from porch_tui.git.landing.recovery import clear_ref_locks, recover
from porch_tui.git.landing.transaction import Blocked, Intent, Landed, Moved, RolledBack
from porch_tui.git.refs import RunRefs
from porch_tui.git.runner import GitKilledError

LANDED_REF = RunRefs("run").landed(1)

LANDER = textwrap.dedent(
    """
    import os, sys
    from pathlib import Path
    from porch_tui.git.discovery import discover
    from porch_tui.git.landing.landing import land
    root, old, new, ref = sys.argv[1:]
    Path(root, "..", "pid").write_text(str(os.getpid()))
    repository = discover(Path(root))
    print(land(repository, "main", old=old, new=new, verify={}, landed_ref=ref, message="porch: land"))
    """
)

KILL_PORCH = 'kill -9 "$(cat ../pid)"'


@pytest.fixture
def old(repo):
    return repo.tip()


@pytest.fixture
def new(repo, old):
    return repo.made(old, {"f": "two\n", "g": None, "new/x": "two\n"})


def hook(repo, name, condition):
    """Kill the landing process from inside git, at a point where `condition` holds."""
    file = repo.write(f".git/hooks/{name}", f"#!/bin/sh\n{condition} || exit 0\n{KILL_PORCH}\nexit 0\n")
    file.chmod(0o755)
    return file


def killed_landing(repo, old, new):
    done = subprocess.run(
        [sys.executable, "-c", LANDER, str(repo.root), old, new, LANDED_REF],
        env=os.environ | {"PYTHONPATH": str(Path(porch_tui.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (-signal.SIGKILL, "") == (done.returncode, done.stdout), done.stderr


def killed_between_files_and_refs(repo, old, new):
    file = hook(repo, "post-index-change", "[ -e .git/porch/landing.json ]")
    killed_landing(repo, old, new)
    file.unlink()
    assert (old, "two\n") == (repo.tip(), (repo.root / "f").read_text())


def test_a_landing_killed_between_files_and_refs_is_completed(repo, old, new):
    repo.write("sub/h", "mine\n")
    killed_between_files_and_refs(repo, old, new)

    assert Landed("main", new) == recover(repo.opened())

    assert (new, new, " M sub/h") == (repo.tip(), repo.tip(LANDED_REF), repo.git("status", "--porcelain"))
    assert None is recover(repo.opened())


def test_the_next_landing_settles_an_interrupted_one(repo, old, new):
    killed_between_files_and_refs(repo, old, new)
    newer = repo.made(new, {"f": "three\n"})

    outcome = land(
        repo.opened(), "main", old=new, new=newer, verify={}, landed_ref=None, message="porch: land"
    )

    assert (Landed("main", newer), "") == (outcome, repo.git("status", "--porcelain"))


def test_a_landing_killed_after_the_refs_has_landed(repo, old, new):
    file = hook(repo, "reference-transaction", '[ "$1" = committed ] && [ -e .git/porch/landing.json ]')
    killed_landing(repo, old, new)
    file.unlink()

    assert Landed("main", new) == recover(repo.opened())
    assert (new, "") == (repo.tip(), repo.git("status", "--porcelain"))


def test_a_landing_killed_before_the_files_changes_nothing_and_leaves_no_lock(repo, old, new):
    repo.write("sub/h", "mine\n")
    before = repo.picture()
    file = hook(repo, "reference-transaction", '[ "$1" = prepared ]')
    killed_landing(repo, old, new)
    file.unlink()

    assert RolledBack("main") == recover(repo.opened())
    assert before == repo.picture()
    repo.commit({"sub/h": "mine\n"})


def test_files_are_restored_when_the_target_moved_meanwhile(repo, old, new):
    repo.write("sub/h", "mine\n")
    killed_between_files_and_refs(repo, old, new)
    rival = repo.made(old, {"other": "rival\n"})
    repo.git("update-ref", "refs/heads/main", rival)

    assert Moved(rival, True) == recover(repo.opened())
    assert ["D  other", " M sub/h"] == repo.git("status", "--porcelain").splitlines()


def test_files_stay_when_the_person_committed_on_top_of_them(repo, old, new):
    killed_between_files_and_refs(repo, old, new)
    repo.git("commit", "-qam", "mine now")
    before = repo.picture()

    assert Moved(repo.tip(), True) == recover(repo.opened())
    assert before == repo.picture()


def test_files_are_restored_when_the_person_switched_branches(repo, old, new):
    killed_between_files_and_refs(repo, old, new)
    repo.git("switch", "-qc", "elsewhere")

    assert RolledBack("main") == recover(repo.opened())
    assert (old, "") == (repo.tip(), repo.git("status", "--porcelain"))


def test_an_edit_blocks_the_recovery_until_it_is_gone(repo, old, new):
    killed_between_files_and_refs(repo, old, new)
    repo.git("switch", "-qc", "elsewhere")
    repo.write("f", "mine\n")
    before = repo.picture()
    blocked = recover(repo.opened())

    assert isinstance(blocked, Blocked)
    assert (("f",), before) == (blocked.paths, repo.picture())
    repo.write("f", "two\n")
    assert RolledBack("main") == recover(repo.opened())


@pytest.mark.slow
def test_files_are_restored_when_git_was_killed_between_them(repo, old, monkeypatch):
    """A smudge filter kills `git read-tree` itself: files partly new, index old, its lock left."""
    monkeypatch.setattr(landing, "_WAITS_S", (0.0,))  # each further try takes two seconds
    new = repo.made(old, {"a": "two\n", "f": "two\n", "sub/h": None, "z.kill": "two\n"})
    repo.write(".git/info/attributes", "*.kill filter=kill\n")
    repo.git("config", "filter.kill.smudge", 'kill -9 "$PPID"')
    repo.write("g", "mine\n")
    before = repo.picture()
    with pytest.raises(GitKilledError, match="SIGKILL"):
        land(repo.opened(), "main", old=old, new=new, verify={}, landed_ref=LANDED_REF, message="porch")

    assert before == repo.picture()
    assert locks(repo) == []
    assert None is recover(repo.opened())


@pytest.mark.parametrize("moment", ["prepared", "committed"])
def test_a_landing_succeeds_when_git_is_killed_while_it_holds_the_refs(repo, old, new, moment):
    """HEAD, the branch and the new ref are locked then, or some of them are moved already."""
    hook_once(repo, f'[ "$1" = {moment} ] && grep -q refs/heads/main', 'kill -9 "$PPID"')

    outcome = land(
        repo.opened(), "main", old=old, new=new, verify={}, landed_ref=LANDED_REF, message="porch: land"
    )

    assert (repo.root / "killed").exists()
    assert (Landed("main", new), new, new) == (outcome, repo.tip(), repo.tip(LANDED_REF))
    assert (locks(repo), "?? killed") == ([], repo.git("status", "--porcelain"))
    repo.git("commit", "-q", "--allow-empty", "-m", "mine")


def test_the_next_porch_removes_the_locks_when_git_and_porch_are_killed_together(repo, old, new):
    """As by the OOM killer, or kill -9 of a whole group: no process is left to unlock."""
    hook_once(repo, '[ "$1" = prepared ] && grep -q refs/heads/main', f'kill -9 "$PPID"; {KILL_PORCH}')
    killed_landing(repo, old, new)
    assert {"HEAD.lock", "main.lock"} <= {lock.name for lock in locks(repo)}

    assert RolledBack("main") == recover(repo.opened())

    assert locks(repo) == []
    repo.git("commit", "-q", "--allow-empty", "-m", "mine")


def killer(repo, *, also=""):
    """Return the command of a filter that kills the git that holds the refs, once, and also `porch`."""
    script = repo.root.parent / "killer.py"
    script.write_text(
        "import pathlib, psutil, sys\n"
        "porch = psutil.Process(int(pathlib.Path(sys.argv[1]).read_text()))\n"
        "for one in porch.children(recursive=True):\n"
        "    if 'update-ref' in one.cmdline():\n"
        "        pathlib.Path(sys.argv[1]).rename(sys.argv[1] + '.killed')\n"
        "        one.kill()\n"
        "        if 'porch' in sys.argv:\n"
        "            porch.kill()\n"
        "        break\n"
    )
    pid = repo.root.parent / "pid"
    return f'if [ -e "{pid}" ]; then {sys.executable} "{script}" "{pid}" {also}; fi; cat'


def test_no_lock_stays_when_git_is_killed_while_a_file_is_found_in_the_way(repo, old, new):
    """The refs are locked then, and what the landing intended is about to be forgotten."""
    repo.write(".git/info/attributes", "f filter=kill\n")
    repo.git("config", "filter.kill.clean", killer(repo))
    repo.write("f", "own\n")  # as long as before, so that git compares it
    (repo.root.parent / "pid").write_text(str(os.getpid()))

    outcome = land(repo.opened(), "main", old=old, new=new, verify={}, landed_ref=None, message="porch: land")

    assert (repo.root.parent / "pid.killed").exists()
    assert isinstance(outcome, Blocked) and outcome.paths == ("f",)
    assert locks(repo) == []
    assert recover(repo.opened()) is None
    assert repo.tip() == old
    assert (repo.root / "f").read_text() == "own\n"


@pytest.mark.slow
def test_locks_are_known_as_those_of_a_landing_that_took_long_to_look_at_the_checkout(repo, old, new):
    """They are older than the last word about the landing, which is written right before the files change."""
    repo.write(".git/info/attributes", "f filter=kill\n")
    repo.git("config", "filter.kill.clean", "sleep 0.5; cat")
    repo.git("config", "filter.kill.smudge", killer(repo, also="porch"))
    repo.write("f", repo.git("show", f"{old}:f") + "\n")  # as it is, and newer than the index

    killed_landing(repo, old, new)
    assert {"HEAD.lock", "main.lock"} <= {lock.name for lock in locks(repo)}

    assert Landed("main", new) == recover(
        repo.opened()
    )  # its files are all there: only the refs were missing
    assert locks(repo) == []


@pytest.mark.slow
def test_a_lock_from_before_the_landing_is_reported_and_not_removed(repo, old, new):
    lock = repo.root / ".git/refs/heads/main.lock"
    lock.touch()

    outcome = land(repo.opened(), "main", old=old, new=new, verify={}, landed_ref=None, message="porch: land")

    assert isinstance(outcome, Blocked)
    assert "main.lock" in outcome.why
    assert lock.exists()


@pytest.mark.parametrize("is_crash", [False, True])
def test_what_the_person_had_deleted_stays_deleted_when_a_landing_is_undone(repo, is_crash):
    """Blocked by a file with skip-worktree, which only `git read-tree` sees."""
    repo.commit({"d/a": "1\n", "d/b": "2\n", "d/c": "3\n"})
    old = repo.tip()
    new = repo.made(old, {"d/a": None, "d/b": None, "d/c": None, "f": "two\n"})
    (repo.root / "d/a").unlink()
    if is_crash:
        (repo.root / ".git/porch").mkdir()
        transaction.write_intent(
            repo.opened(), transaction.Intent("main", old, new, str(repo.root), {}, None, "porch", ("d/a",))
        )
        (repo.root / "d/b").unlink()  # as git had begun to
        before_the_crash = {"d/b", "d/c"}
        recover(repo.opened())
        assert before_the_crash == {f"d/{one.name}" for one in (repo.root / "d").iterdir()}
        return
    repo.git("update-index", "--skip-worktree", "d/b")
    repo.write("d/b", "mine\n")

    outcome = land(repo.opened(), "main", old=old, new=new, verify={}, landed_ref=None, message="porch: land")

    assert isinstance(outcome, Blocked)
    assert not (repo.root / "d/a").exists()
    assert (repo.root / "d/b").read_text() == "mine\n"


def test_what_the_person_deletes_after_a_crash_stays_deleted(repo):
    """Git deletes in order: what is missing after a file that still exists was not deleted by git."""
    repo.commit({"d/a": "1\n", "d/b": "2\n", "d/c": "3\n"})
    old = repo.tip()
    new = repo.made(old, {"d/a": None, "d/b": None, "d/c": None, "f": "two\n"})
    (repo.root / ".git/porch").mkdir()
    transaction.write_intent(
        repo.opened(), transaction.Intent("main", old, new, str(repo.root), {}, None, "porch")
    )
    (repo.root / "d/a").unlink()
    (repo.root / "d/c").unlink()

    assert RolledBack("main") == recover(repo.opened())

    assert (repo.root / "d/a").exists()
    assert not (repo.root / "d/c").exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\0\xff", b'{"target": 1}', b'{"target": "main"}', "a folder", "a pipe"],
)
def test_an_unreadable_intent_is_reported_and_nothing_is_changed(repo, old, new, content):
    file = repo.root / ".git/porch/landing.json"
    file.parent.mkdir()
    if content == "a folder":
        file.mkdir()
    elif content == "a pipe":
        os.mkfifo(file)
    else:
        file.write_bytes(content)

    outcome = land(repo.opened(), "main", old=old, new=new, verify={}, landed_ref=None, message="porch: land")

    assert isinstance(outcome, Blocked)
    assert str(file) in outcome.why
    assert old == repo.tip()


def hook_once(repo, condition, damage):
    """Make the hook of ref transactions do some damage, the first time its input meets a condition."""
    once = repo.root / "killed"
    script = f"#!/bin/sh\n{condition} && ! [ -e {once} ] && {{ touch {once}; {damage}; }}\nexit 0\n"
    repo.write(".git/hooks/reference-transaction", script).chmod(0o755)


def locks(repo):
    """The lock files of git that are there."""
    left = (repo.root / ".git").rglob("*.lock")
    return [lock for lock in left if "porch" not in lock.relative_to(repo.root).parts]


def test_an_intent_survives_odd_names(repo, old, new):
    intent = transaction.Intent(
        "main", old, new, "/place\udce9", {"feature/ü": old}, None, "porch", ("d\udce9",)
    )
    (repo.root / ".git/porch").mkdir()
    transaction.write_intent(repo.opened(), intent)

    assert intent == transaction.read_intent(repo.opened())


def test_locks_on_the_refs_of_a_run_are_removed_if_no_one_holds_them(repo):
    began = time.time()
    branches = ("feature/auth", "feature/log")
    names = ["packed-refs", "refs/heads/feature/auth", "refs/porch/run/head/auth", "refs/porch/other/base"]
    files = [repo.write(f".git/{name}.lock", "") for name in names]
    os.utime(files[0], (began - 60, began - 60))

    left = clear_ref_locks(repo.opened(), "run", branches, began)

    assert [True, False, False, True] == [file.exists() for file in files]
    assert () == left
    assert () == clear_ref_locks(repo.opened(), "another", ("none",), began)


def test_a_landing_whose_lock_is_held_is_not_settled(repo, old, new, monkeypatch):
    monkeypatch.setattr("porch_tui.git.landing.recovery._LOCK_WAIT_S", 0.0)
    repository = repo.opened()
    transaction.write_intent(repository, Intent("main", old, new, str(repo.root), {}, None, "land"))
    lock = repo.write(".git/refs/heads/main.lock", "")
    later = time.time() + 5
    os.utime(lock, (later, later))

    with lock.open("w"):
        os.utime(lock, (later, later))
        blocked = recover(repository)
        assert f"must be settled, but {lock} exists" in blocked.why
        assert transaction.read_intent(repository) is not None

    # any git on the machine that is just ending may hold it, for all that one can see of such a process
    monkeypatch.setattr("porch_tui.git.landing.recovery._LOCK_WAIT_S", 30.0)
    assert RolledBack("main") == recover(repository)
    assert not lock.exists()


def test_an_intent_that_cannot_be_read_stops_every_landing(repo, old, new):
    repo.write(".git/porch/landing.json", "{")
    before = repo.picture()

    blocked = repo.land(old, new)

    assert "should say which landing was cut off, but cannot be read" in blocked.why
    assert before == repo.picture()
