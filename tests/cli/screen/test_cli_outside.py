"""What the screen reaches outside: the report, a task's changes, the person's programs and clipboard."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.cli.lookup import repository_at
from porch_tui.cli.screen.outside import OutsideActions
from porch_tui.core.model.plan import TaskId
from porch_tui.errors import RefusedError
from porch_tui.present.cells import cells
from project import Project
from tests.at_rest import at_rest

A, LATER, GONE = TaskId("a"), TaskId("later"), TaskId("gone")
PLAN = """\
tasks:
  a: {run: 'echo more >> README.md; echo draft > draft; exit 3'}
  gone: {run: 'echo > landed'}
  later: {run: 'true', after: [a]}
"""


def run_with_a_draft(project: Project) -> None:
    """Have `a` fail with changes, land `gone` and remove its worktree; `later` never starts."""
    project.plan(PLAN)
    project.porch("run", "--headless", expect=1)
    project.git("worktree", "remove", "-f", "-f", f"{project.root}-gone")


@pytest.fixture
def project() -> Project:
    """A run at rest."""
    return at_rest(run_with_a_draft)


@pytest.fixture
def outside(project: Project) -> OutsideActions:
    return OutsideActions(repository_at(str(project.root)), project.rundir)


def program(folder: Path, line: str, name: str = "program") -> str:
    """Write a program, and return its path."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
    return str(path)


def test_the_report_is_that_of_the_command(outside: OutsideActions):
    assert "1 of 3 tasks landed on main, 1 failed, 1 waiting" in outside.report(79)


def test_the_report_is_as_wide_as_its_screen_wants(outside: OutsideActions):
    for width in (79, 150):
        assert max(map(cells, outside.report(width).splitlines())) == width


def test_a_diff_is_of_the_worktree_while_it_is_there_and_else_of_the_branch(
    outside: OutsideActions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    seen = tmp_path / "seen"
    monkeypatch.setenv("GIT_PAGER", f"cat > {seen}")

    assert "README.md | 1 +" in outside.diffstat(A)
    assert "landed | 1 +" in outside.diffstat(GONE)
    with pytest.raises(RefusedError, match="later has changed nothing yet: it has not started"):
        outside.reviewing.page(LATER)
    outside.reviewing.page(A)


def test_a_diff_has_as_many_lines_around_a_change_as_are_asked_for(project: Project, outside: OutsideActions):
    plan = Path(f"{project.root}-a/porch.yaml")
    plan.write_text(plan.read_text() + "  more: {run: 'true'}\n")

    near, wide = outside.reviewing.diff(A).patch, outside.reviewing.diff(A, 9).patch

    assert b"\n+  more:" in near and b"\n tasks:" not in near
    assert b"\n+  more:" in wide and b"\n tasks:" in wide


def test_changed_files_are_opened_in_the_persons_editor(
    project: Project, outside: OutsideActions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GIT_EDITOR", program(tmp_path, 'for file; do echo edited >> "$file"; done'))

    assert {"README.md", "draft"} == set(outside.changed_files(A))
    outside.open_editor(A, ["draft"])

    assert "draft\nedited\n" == Path(f"{project.root}-a/draft").read_text()
    for missing in (GONE, LATER):
        with pytest.raises(RefusedError, match="has no worktree"):
            outside.open_editor(missing, ["draft"])


def test_a_shell_is_opened_in_the_worktree_and_one_that_cannot_be_started_is_reported(
    project: Project, outside: OutsideActions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SHELL", program(tmp_path, f"pwd > {tmp_path}/where"))
    outside.open_shell(A)
    assert f"{project.root}-a\n" == (tmp_path / "where").read_text()

    monkeypatch.setenv("SHELL", str(tmp_path / "nowhere"))
    with pytest.raises(RefusedError, match=r"could not be started: .*; set SHELL or core\.pager"):
        outside.open_shell(A)


def test_a_text_is_copied_by_the_persons_program_and_kept_for_its_owner_alone(
    outside: OutsideActions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PORCH_COPY", program(tmp_path, f"cat > {tmp_path}/copied"))

    copied = outside.copy("a\udce9\n")

    path = copied.kept.path
    assert path is not None and "PORCH_COPY" == copied.by
    assert b"a\xe9\n" == (tmp_path / "copied").read_bytes() == path.read_bytes()
    assert 0o600 == path.stat().st_mode & 0o777

    path.unlink()
    (path / "in the way").mkdir(parents=True)
    assert "cannot be written" in outside.keep(path.name, ["x"]).trouble


def test_a_log_is_shown_in_the_persons_pager(
    outside: OutsideActions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PAGER", program(tmp_path, f'cp "$1" {tmp_path}/paged'))
    log = tmp_path / "log"
    log.write_text("output\n")

    assert "" == outside.read_in_pager(log)
    assert "output\n" == (tmp_path / "paged").read_text()
    monkeypatch.setenv("PAGER", str(tmp_path / "nowhere"))
    assert f"the log is {log}" in outside.read_in_pager(log)


def test_there_is_a_conflict_only_where_there_is_one(outside: OutsideActions):
    with pytest.raises(RefusedError, match="gone is not in conflict: it has landed; no task is in conflict"):
        outside.conflicts.conflict_view(GONE)


def test_only_a_file_inside_of_a_tasks_worktree_is_found_by_what_a_log_says(
    project: Project, outside: OutsideActions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    worktree = Path(f"{project.root}-a")
    (worktree / "way out").symlink_to("/etc/hostname")
    (worktree / "sub").mkdir()

    assert "draft" == outside.file_in_worktree(A, "draft") == outside.file_in_worktree(A, "./sub/../draft")
    assert "draft" == outside.file_in_worktree(A, str(worktree / "draft"))
    for name in ("/etc/hostname", "../x/README.md", "way out", "sub", "missing", "", "x" * 5000, "nul\0"):
        assert "" == outside.file_in_worktree(A, name), name

    monkeypatch.setenv("GIT_EDITOR", program(tmp_path, f'printf "%s\\n" "$@" > {tmp_path}/asked', "vim"))
    outside.open_editor(A, ["draft"], 12)
    assert f"+12\n{worktree}/draft\n" == (tmp_path / "asked").read_text()
