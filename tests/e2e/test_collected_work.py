"""Unusual work of a task lands as git would commit it, or stays where it is and is reported."""

from __future__ import annotations

import pytest

SCAFFOLD = "git init -q {0} && cd {0} && echo precious > code.txt && git add -A && git commit -qm scaffold"
COMMITTED = f"mkdir -p app && ({SCAFFOLD.format('app')}) && git add -A 2> /dev/null && git commit -qm app"


@pytest.fixture(autouse=True)
def _identity_in_every_repository(monkeypatch):
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Eve")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "eve@example.org")


@pytest.mark.parametrize("more", ["", "history: squash\n", "isolation: clone"])
def test_a_repository_the_task_committed_does_not_land_and_clean_keeps_it(project, more):
    inside, top = (more, "") if ":" in more and "\n" not in more else ("", more)
    extra = f", {inside}" if inside else ""
    project.plan(f"{top}tasks:\n  e: {{run: '{COMMITTED}'{extra}}}\n")

    done = project.porch("run", "--headless", "--parallel", expect=None)
    assert "app cannot land" in done.stdout + done.stderr
    assert [] == project.landed()

    project.porch("clean")
    assert ["precious\n"] == [one.read_text() for one in project.root.parent.rglob("code.txt")]


def test_a_refused_repository_lands_as_files_once_its_git_folder_is_gone(project):
    project.plan(f"tasks:\n  e: {{run: '{COMMITTED}'}}\n")
    project.porch("run", "--headless", "--parallel", expect=None)
    there = project.root.with_name("app-e")
    project.porch("requeue", "e")
    again = project.porch("resume", "--headless", expect=None)
    assert "app cannot land" in " ".join(again.stdout.split())

    project.git("rm", "-q", "--cached", "app", cwd=there)
    (there / "app" / ".git").rename(project.root.with_name("saved"))
    project.git("add", "-A", cwd=there)
    project.git("commit", "-qm", "files", cwd=there)
    project.porch("requeue", "e")
    project.porch("resume", "--headless")

    assert "precious" == project.git("show", "main:app/code.txt")


def test_a_repository_below_an_ignored_folder_is_moved_not_deleted(project):
    project.commit({".gitignore": "node_modules/\n"})
    project.plan(
        f"tasks:\n  e: {{run: 'mkdir node_modules; ({SCAFFOLD.format('node_modules/x')}); echo x > x'}}\n"
    )

    project.porch("run", "--headless", "--parallel")
    assert ["e"] == project.landed()

    output = project.porch("clean").stdout
    (left,) = project.root.parent.rglob("code.txt")
    assert "ignored file moved to" in output
    assert "scaffold" == project.git("log", "--format=%s", cwd=left.parent)


def test_a_retry_still_has_the_ignored_link_that_setup_made(project, tmp_path):
    modules = project.root / "node_modules"
    modules.mkdir()
    (modules / "lib.js").write_text("lib")
    project.commit({".gitignore": "node_modules/\n"})
    project.plan(
        f"setup: ln -s {modules} node_modules\n"
        "tasks:\n  x: {run: 'cat node_modules/lib.js > x; test $PORCH_ATTEMPT = 2', retries: 1}\n"
    )

    project.porch("run", "--headless", "--parallel")

    assert "lib" == project.git("show", "main:x")
    assert "node_modules" not in project.git("ls-tree", "--name-only", "main").split()
    assert "removed: worktree" in project.porch("clean").stdout
    assert "lib" == (modules / "lib.js").read_text()


def test_a_retry_starts_without_the_repository_an_attempt_left_which_is_kept(project):
    project.plan(
        f"tasks:\n  e: {{run: 'test $PORCH_ATTEMPT = 2 || ({SCAFFOLD.format('app')}); ls > seen; "
        "test $PORCH_ATTEMPT = 2', retries: 1}\n"
    )

    project.porch("run", "--headless", "--parallel")

    assert "app" not in project.git("show", "main:seen").split()
    (left,) = project.rundir.path.rglob("code.txt")
    assert "scaffold" == project.git("log", "--format=%s", cwd=left.parent)
    assert str(left.parent.parent) in project.porch("report").stdout.replace("\n", "").replace(" ", "")
