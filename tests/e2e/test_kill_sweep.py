"""kill -9 at every git command of resolving and landing: the next start repairs whatever was interrupted.

A `git` first on PATH counts the calls of one porch process and kills that process at one of them: before
git runs (which then continues as an orphan) or right after it. The state it is killed in is made once: one
task in conflict and half resolved, one blocked by the person's files, which are out of the way by now.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import PORCH, Project

PLAN = """\
hooks: run
validate: "! grep -q '<<<' same"
tasks:
  a: {run: "sed -i.log s/one/ONE-a/ same; sed -i.log s/nine/NINE-a/ same"}
  b: {run: "until git log main | grep 'Porch-Task: a'; do sleep 0.02; done;
            sed -i.log s/one/ONE-b/ same; sed -i.log s/nine/NINE-b/ same; echo b > b"}
  c: {run: "echo new > held; echo c > c"}
"""
LINES = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n"
RESOLVED = "ONE-b\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nNINE-b\nNINE-a\n"
MINE = {"dirty": "edited\n", "notes": "untracked\n", "secret.log": "ignored\n"}
SHARES = 6
"""The calls are divided among this many tests, to use as many processors."""
COMMIT_MSG = "#!/bin/sh\necho Change-Id: I$$ >> $1\n"
"""A different message each time."""
GIT = """\
#!/bin/sh
read -r porch < "$SWEEP/pid"
case "$PPID: $*" in "$porch: "*"$SWEEP_WORD"*)
    echo >> "$SWEEP/calls"
    if test "$(wc -l < "$SWEEP/calls")" -ge "$SWEEP_AT" && mkdir "$SWEEP/killed" 2> /dev/null; then
        if test "$SWEEP_HOW" = before; then kill -9 "$porch"; exec {git} "$@"; fi
        {git} "$@"; code=$?; kill -9 "$porch"; exit "$code"
    fi
esac
exec {git} "$@"
"""


@dataclass(frozen=True)
class Sweep:
    """A prepared project, the copy it is restored from, and the git that kills."""

    project: Project
    saved: Path
    tools: Path

    def restore(self) -> None:
        """Put everything back where it was, at the same path."""
        place = self.project.root.parent
        shutil.rmtree(place)
        subprocess.run(["cp", "-a", self.saved, place], check=True)
        shutil.rmtree(self.tools / "sweep", ignore_errors=True)
        (self.tools / "sweep").mkdir()

    def porch(self, at: int, how: str, word: str, *words: str) -> int:
        """Run porch with the git that kills it at the `at`-th call that has `word` in it."""
        sweep = self.tools / "sweep"
        env = {"SWEEP": str(sweep), "SWEEP_AT": str(at), "SWEEP_HOW": how, "SWEEP_WORD": word}
        path = f"{self.tools}{os.pathsep}{os.environ['PATH']}"
        begin = ["sh", "-c", f'echo $$ > {sweep}/pid; exec "$@"', "sh"]
        return subprocess.run(
            [*begin, *PORCH, *words], cwd=self.project.root, stdin=subprocess.DEVNULL, timeout=120,
            env={**os.environ, **env, "PATH": path}, capture_output=True, check=False,
        ).returncode  # fmt: skip

    @property
    def has_killed(self) -> bool:
        """Whether it was killed."""
        return (self.tools / "sweep" / "killed").exists()


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sweep]:
    """One task half resolved, one blocked by a file that is gone by now, and the person's files."""
    folder = tmp_path_factory.mktemp("sweep")
    tools = folder / "tools"
    tools.mkdir()
    project = Project(folder / "place")
    project.commit({"same": LINES, "held": "old\n", "dirty": "committed\n"})
    project.plan(PLAN)
    project.write(".git/hooks/commit-msg", COMMIT_MSG).chmod(0o755)
    for name, text in {**MINE, "held": "mine\n"}.items():
        project.write(name, text)
    project.porch("run", "--headless", expect=1)
    assert {"a": "landed", "b": "conflict", "c": "blocked"} == project.outcomes()
    project.write("held", "old\n")
    project.porch("resolve", "b", "--take", "task", "same:1")
    subprocess.run(["cp", "-a", folder / "place", folder / "saved"], check=True)
    (tools / "git").write_text(GIT.format(git=shutil.which("git")))
    (tools / "git").chmod(0o755)
    yield Sweep(project, folder / "saved", tools)


def killed_and_repaired(sweep: Sweep, at: int, how: str, word: str = "") -> bool:
    """Resolve and land with one kill, then without, and check the result; False: nothing was killed."""
    sweep.restore()
    project = sweep.project
    before = project.git("status", "--porcelain").replace(" M held\n", "")
    if sweep.porch(at, how, word, "resolve", "b", "--take", "both-reversed", "same:2") != 0:
        assert sweep.has_killed
        project.porch("resolve", "b", "--take", "both-reversed", "same:2", expect=None)
    sweep.porch(at, how, word, "resume", "--headless")
    project.porch("resume", "--headless")

    check(project, before)
    return sweep.has_killed


def check(project: Project, before: str) -> None:
    """Everything landed once; nothing of the person or the resolution is lost, and nothing is left over."""
    assert ["a", "b", "c"] == sorted(project.landed())
    assert ["a", "b", "c"] == sorted(event.task for event in project.events(e.Landed))
    first_parents = project.git("rev-list", "--first-parent", f"{project.records()[0].event.base}..main")
    assert 3 == len(first_parents.split())
    assert RESOLVED == (project.root / "same").read_text()
    assert MINE == {name: (project.root / name).read_text() for name in MINE}
    assert before == project.git("status", "--porcelain")
    git_dir = project.root / ".git"
    assert [] == [path for path in git_dir.rglob("*.lock") if "porch" not in path.relative_to(git_dir).parts]
    assert "" == project.git("fsck", "--no-dangling", "--no-progress")
    keys = project.git("log", "--first-parent", "-3", "--format=%(trailers:key=Change-Id)", "main").split()
    assert 3 == keys.count("Change-Id:")
    assert "" == project.git("diff", "main", "--", "same", "held", "b", "c")


@pytest.mark.parametrize(
    ("how", "word"),
    [
        pytest.param("after", "commit-tree", marks=pytest.mark.slow),
        pytest.param("before", "read-tree -m -u", marks=pytest.mark.slow),
        ("after", "read-tree -m -u"),
        ("after", "update-ref -m"),
    ],
)
def test_a_kill_in_the_middle_of_a_landing_is_repaired(sweep: Sweep, how: str, word: str):
    assert killed_and_repaired(sweep, 1, how, word)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(SHARES))
def test_a_kill_at_any_git_command_is_repaired(sweep: Sweep, first: int):
    """Each share takes every n-th call, until there are no more calls.

    Odd calls are killed before git runs, even ones after: between two calls there is one kill, which
    takes two minutes on two cores instead of four. (All of them, both ways, were tried as well.)
    """
    at = first + 1
    while killed_and_repaired(sweep, at, "before" if at % 2 else "after"):
        at += SHARES
    assert at > 50, "the git that kills has not been asked"
