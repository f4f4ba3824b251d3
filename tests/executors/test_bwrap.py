"""What can and cannot be done behind bwrap, as a user without privileges."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Wrap
from porch_tui.executors.fence import Fence
from porch_tui.git import changes
from porch_tui.git.discovery import discover
from porch_tui.git.worktree import creation, fenced_git, task_result
from porch_tui.git.worktree.task_result import UncollectableError
from porch_tui.process.assignment import Step
from tests.fences import NOT_ROOT, needs_bwrap
from tests.templates import app, copy

pytestmark = needs_bwrap
BRANCH, PREFIX = "feature/a", "refs/porch/run/clone/a/1"


class Place:
    """A repository with the worktree of a task, and its fence, all of a user without privileges."""

    def __init__(self, folder: Path) -> None:
        self.root, self.worktree, self.home = folder / "app", folder / "app-a", folder / "home"
        copy(app, self.root)
        self.home.mkdir()
        self.repository = discover(self.root)
        base = self.git("rev-parse", "HEAD")
        for path, branch in ((self.worktree, BRANCH), (folder / "app-b", "feature/b")):
            creation.ensure(
                self.repository, path, branch, base, "porch run/a", is_clone=False, pool_keep=None
            )
        directory = self.root / ".git" / "porch" / "runs" / "run" / "attempts" / "a.1"
        directory.mkdir(parents=True)
        self.fence = Fence(Wrap("bwrap"), directory, self.worktree, self.repository.common_dir)

    def git(self, *words: str) -> str:
        """Run git in the repository, outside."""
        done = subprocess.run(["git", *words], cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def inside(self, script: str, wrap: Wrap | None = None) -> subprocess.CompletedProcess[str]:
        """Run a script behind the fence."""
        fence = replace(self.fence, wrap=wrap) if wrap else self.fence
        fence.prepare()
        if NOT_ROOT:
            subprocess.run(["chown", "-R", "65534:65534", self.root.parent], check=True)
        argv = fence.around(Step("run", ("sh", "-c", script))).argv
        env = {
            **os.environ,
            "HOME": str(self.home),
            "HERE": str(self.root),
            "NEXT": f"{self.worktree}/../app-b",
        }
        try:
            return subprocess.run(
                [*NOT_ROOT, *argv], cwd=self.worktree, env=env, capture_output=True, text=True, check=False
            )
        finally:
            if NOT_ROOT:
                subprocess.run(["chown", "-R", "0:0", self.root.parent], check=True)

    def bring_home(self) -> tuple[str, ...]:
        """Take over what was made inside, as porch does."""
        return fenced_git.bring_home(self.repository, self.fence.private_git, BRANCH, PREFIX)

    def outside(self) -> dict[str, bytes]:
        """Return all files but those of the worktree, what its own git directory has, and porch's."""
        own = (
            self.worktree,
            *(self.root / ".git" / "worktrees").glob("app-a*"),
            self.root / ".git" / "porch",
        )
        files = (path for path in self.root.parent.rglob("*") if path.is_file())
        return {
            str(path): path.read_bytes() for path in files if not any(path.is_relative_to(one) for one in own)
        }


@pytest.fixture
def place() -> Iterator[Place]:
    # pytest's folders are closed to other users, and below /tmp, which is a private one inside
    parent = next(one for one in (Path("/srv"), Path.home()) if os.access(one, os.W_OK))
    folder = Path(tempfile.mkdtemp(prefix="porch-bwrap-", dir=parent))
    folder.chmod(0o755)
    try:
        yield Place(folder)
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    "attack",
    [
        "echo x > $GIT/hooks/post-checkout",
        "echo x >> $GIT/config",
        "echo x > $GIT/config.worktree",
        "echo x > $NEXT/app.txt",
        "echo x > $HERE/app.txt",
        "echo x > ~/.profile",
        "echo x > $GIT/worktrees/app-b*/HEAD",
        "echo x > $GIT/porch/x",
        "echo x > $GIT/packed-refs",
        "echo x > $GIT/info/attributes",
        "mv $GIT $HERE/away",
        "rm .git",
        "mv .git away",
        "mv $OWN $OWN.away",
        "echo /tmp > $OWN/commondir",
        "rm $OWN/commondir",
        "mount -o remount,rw /",
        "mkdir ~/.ssh",
    ],
)
def test_what_is_outside_cannot_be_written(place: Place, attack: str):
    before = place.outside()
    own = "GIT=$(git rev-parse --git-common-dir) OWN=$(git rev-parse --git-dir)"

    done = place.inside(f"{own}; export GIT OWN; {attack}")

    assert done.returncode != 0
    assert place.outside() == before


def test_the_configuration_of_its_own_worktree_cannot_be_written_either(place: Place):
    place.git("config", "extensions.worktreeConfig", "true")

    done = place.inside(
        "git config --worktree core.fsmonitor x || echo x > $(git rev-parse --git-dir)/config.worktree"
    )

    assert done.returncode != 0
    assert place.git("-C", str(place.worktree), "config", "--default", "", "core.fsmonitor") == ""


def test_deleting_all_that_can_be_written_harms_only_the_task(place: Place):
    before = place.outside()

    place.inside("cd $(git rev-parse --git-common-dir); rm -rf * $HERE/* $HERE/.* ~/* $NEXT/*")
    place.bring_home()

    assert place.outside() == before
    assert place.git("log", "-1", "--format=%s", BRANCH) == place.git("log", "-1", "--format=%s")


def test_a_commit_inside_comes_home_and_other_branches_and_stashes_are_kept(place: Place):
    done = place.inside(
        "set -e; git config user.name || exit 9; echo one > one; git add one; git commit -qm one\n"
        "echo two > two; git stash -qu; git switch -qc side; echo three > three; git add three\n"
        "git commit -qm three; git switch -q feature/a; echo four > four; git add four; git log main"
    )
    assert done.returncode == 0, done.stderr
    assert "one" not in place.git("log", "--format=%s", BRANCH).split()

    kept = place.bring_home()

    assert place.git("log", "-1", "--format=%s", BRANCH) == "one"
    heads, stash = sorted(kept)
    assert heads == "heads/side" and stash.startswith("stash/")
    assert place.git("show", f"{PREFIX}/heads/side:three") == "three"
    assert place.git("show", f"{PREFIX}/{stash}^3:two") == "two"
    assert place.git("-C", str(place.worktree), "diff", "--cached", "--name-only") == "four"
    assert place.bring_home() == ()


def test_commits_are_kept_where_the_branch_was_moved_outside_too(place: Place):
    place.inside("echo one > one; git add one; git commit -qm one")
    other = place.git("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "other")
    place.git("update-ref", f"refs/heads/{BRANCH}", other)

    with pytest.raises(UncollectableError, match="moved to"):
        place.bring_home()

    assert place.git("rev-parse", BRANCH) == other
    assert place.git("log", "-1", "--format=%s", f"{PREFIX}/branch") == "one"


def test_links_and_false_names_among_the_objects_are_not_followed_or_believed(place: Place):
    place.inside(
        "echo one > one; git add one; git commit -qm one; cd $(git rev-parse --git-path objects)\n"
        "id=$(git rev-parse HEAD:one); false=$(echo $id | tr 0-9 1-90)\n"
        "mkdir -p $(echo $false | cut -c1-2)\n"
        "cp $(echo $id | sed 's:^..:&/:') $(echo $false | sed 's:^..:&/:')\n"
        "rm -rf info; ln -s ~ info; ln -s /etc ff; ln -s /etc/passwd ../refs/heads/passwd"
    )
    place.bring_home()

    assert place.git("show", f"{BRANCH}:one") == "one"
    place.git("fsck")
    assert (place.home).exists()


def test_the_network_and_what_may_be_written_are_as_the_plan_says(place: Place):
    wrap = Wrap("quiet", writable=(str(place.home),), network=False)

    closed = place.inside("cat /proc/net/dev; touch ~/state /tmp/x", wrap)

    assert closed.returncode == 0, closed.stderr
    assert [line.split(":")[0].strip() for line in closed.stdout.splitlines()[2:]] == ["lo"]
    assert (place.home / "state").exists()
    assert place.inside("readlink /proc/self/ns/net").stdout.strip() == str(
        Path("/proc/self/ns/net").readlink()
    )


def test_processes_outside_are_out_of_sight_and_so_are_sockets(place: Place):
    done = place.inside("ls -d /proc/[0-9]* | wc -l; ls -A /run /tmp; test ! -S /run/docker.sock")

    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[0]) < 8


NESTED = """
set -e
printf '#!/bin/sh\\necho x >> "%s"\\ncat\\n' "$HERE/started" > start; chmod +x start
{make}
git -C sub config user.email a@b; git -C sub config user.name n
echo x > sub/f; git -C sub add f; git -C sub commit -qm sub; git add sub
git -C sub config core.fsmonitor $PWD/start; git -C sub config core.hooksPath $PWD; cp start post-index-change
git -C sub config filter.x.clean $PWD/start; echo '* filter=x' > sub/.gitattributes; echo y > sub/f
"""


@pytest.mark.parametrize(
    "make",
    [
        "git init -q sub",
        "m=$(git rev-parse --git-dir)/modules; mkdir -p $m; git init -q --separate-git-dir=$m/sub sub",
        "mkdir deep; git init -q deep/sub; ln -s deep/sub/.git x; mkdir sub; git init -q sub",
    ],
)
def test_nothing_that_a_repository_made_inside_names_is_started_outside(place: Place, make: str):
    done = place.inside(NESTED.format(make=make))
    assert done.returncode == 0, done.stderr
    tree, started = place.repository.at(place.worktree), place.root / "started"
    assert started.exists() is False
    changes.uncommitted(tree.git, "all")  # as while the task runs
    assert not started.exists()

    moved = fenced_git.disarm(place.fence.private_git, place.worktree)
    place.bring_home()
    task_result.commit_leftovers(tree, BRANCH, "m")
    tree.git.run("diff", "HEAD")

    assert "sub" in moved and not started.exists()
    assert fenced_git.disarm(place.fence.private_git, place.worktree) == ()
