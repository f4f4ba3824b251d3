"""`porch clean` on other machines: what has come home is removed there, and what is only there stays."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boxes
import pytest

from project import Project
from tests.places.sshd import Sshd

PLAN = """\
validate: test -f README.md
place: box
places: {{box: {{run: {box}, slots: 2}}}}
tasks:
  landed: {{run: 'echo a > a'}}
  failed: {{run: 'echo b > b; git add b; git commit -qm b; echo lost > c; exit 3'}}
  edited: {{run: 'echo d > d; exit 3'}}
  ignored: {{run: 'echo mine > notes.log; mkdir __pycache__; exit 3'}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A run at rest that has left a worktree of each kind on a box."""
    project, home = Project(tmp_path), tmp_path / "box"
    project.commit({"README.md": "x\n", ".gitignore": "*.log\n__pycache__\n"})
    (tmp_path / "sh").symlink_to("/bin/sh")
    project.plan(PLAN.format(box=boxes.way_in(home).replace(" sh]", f" {tmp_path}/sh]")))
    project.porch("run", "--headless", expect=1)
    yield project
    boxes.end_host(home)


def worktrees(tmp_path: Path) -> dict[str, Path]:
    """Return the worktrees on the box by task."""
    found = (tmp_path / "box/.cache/porch/hosts").glob("*/worktrees/*/app-*")
    return {path.name.removeprefix("app-"): path for path in found}


def cleaned(project: Project, *words: str, env: dict[str, str] | None = None) -> dict[str, Any]:
    """Clean, and return what became of the worktrees elsewhere."""
    done = json.loads(project.porch("clean", "--json", *words, env=env).stdout)
    return {
        one["name"].removeprefix("app-"): one
        for run in done["runs"]
        for place in run["places"]
        for one in place["worktrees"]
    }


@pytest.mark.slow
def test_what_has_come_home_is_removed_there_and_what_is_only_there_stays(project: Project, tmp_path: Path):
    there = worktrees(tmp_path)
    (there["edited"] / "d").write_text("by hand, later\n")

    assert {name for name, one in cleaned(project, "--dry-run").items() if one["removed"]} == {
        "landed",
        "failed",
    }
    assert worktrees(tmp_path) == there

    done = cleaned(project)

    assert {name for name, one in done.items() if one["removed"]} == {"landed", "failed"}
    assert done["edited"]["why"] == "what is uncommitted in it is only there"
    assert done["ignored"]["why"] == "ignored files in it are only there: notes.log"
    assert set(worktrees(tmp_path)) == {"edited", "ignored"}
    assert (there["edited"] / "d").read_text() == "by hand, later\n"
    assert (
        "kept: worktree box:app-edited: what is uncommitted in it is only there"
        in project.porch("clean").stdout
    )

    (there["edited"] / "d").write_text("d\n")
    (there["ignored"] / "notes.log").unlink()
    cleaned(project)

    assert worktrees(tmp_path) == {}
    folder = there["edited"].parents[2]
    assert [*folder.glob("attempts/*"), *folder.glob("worktrees/*")] == []
    assert (
        project.git("-C", str(next(folder.glob("*/.git"))), "for-each-ref", "refs/heads", "refs/porch/2*")
        == ""
    )
    (tmp_path / "sh").unlink()  # the box is not entered again
    assert "box" not in project.porch("clean").stdout


@pytest.mark.slow
def test_a_place_that_cannot_be_reached_is_said_and_left(project: Project, tmp_path: Path):
    there = worktrees(tmp_path)
    (tmp_path / "sh").unlink()

    said = project.porch("clean").stdout

    assert "kept: what is on box: it cannot be reached: " in said
    assert worktrees(tmp_path) == there


@pytest.mark.slow
def test_a_name_that_leads_to_another_machine_now_is_said_and_looked_behind_again(tmp_path: Path):
    if os.getuid() or shutil.which("unshare") is None:
        pytest.skip("a machine of another name takes unshare --uts, and root")
    renamed = ("unshare", "--uts", "sh", "-c", 'hostname elsewhere && exec "$@"', "sh")
    project = Project(tmp_path)
    project.plan("place: ssh:big\ntasks: {a: {run: 'echo a > a'}}\n")
    with Sshd(tmp_path / "one") as one, Sshd(tmp_path / "other", within=renamed) as other:
        to_one, to_other = ({"PATH": f"{it.client()}:{os.environ['PATH']}"} for it in (one, other))
        project.porch("run", "--headless", env=to_one)

        said = project.porch("clean", env=to_other).stdout

        assert (
            "kept: what is on ssh:big: another machine answers there than the one that ran a; "
            "what is left on that one stays" in " ".join(said.split())
        )
        assert cleaned(project, env=to_one)["a"]["removed"]
        assert "ssh:big" not in project.porch("clean", env=to_other).stdout
        for server in (one, other):
            boxes.end_host(server.home)
