"""`history: squash`: each task lands as one commit, with the same protection and undo."""

from __future__ import annotations

import pytest

from porch_tui.core.model import events as e
from project import Project

pytestmark = pytest.mark.slow

PLAN = """\
history: squash
validate: test -e README.md
tasks:
  a: {title: Add a, run: 'for n in 1 2; do echo $n > a; git add a; git commit -qm "step $n"; done'}
  b: {title: Add b, run: 'echo b > b', after: [a]}
"""


@pytest.fixture
def squashed(project: Project) -> Project:
    """A run whose two tasks have landed as one commit each."""
    project.plan(PLAN)
    project.porch("run", "--headless")
    return project


def test_each_task_is_one_commit_that_lists_the_original_ones(squashed: Project):
    a, b = squashed.git("log", "-2", "--reverse", "--format=%H", "main").split()

    assert ["b", "a"] == squashed.landed()
    assert squashed.git("rev-parse", f"{a}^@") == squashed.git("rev-parse", f"{b}~2")
    assert "Add a\n\n* step 1\n* step 2\n\nPorch-Task: a\n" in squashed.git("log", "-1", "--format=%B", a)
    assert squashed.git("rev-parse", "feature/a^{tree}") == squashed.git("rev-parse", f"{a}^{{tree}}")


def test_an_unrecorded_squashed_landing_is_found_and_not_repeated(squashed: Project):
    journal, tip = squashed.rundir.journal, squashed.git("rev-parse", "main")
    lines = journal.read_bytes().splitlines(keepends=True)
    landings = [n for n, line in enumerate(lines) if b'"Landed"' in line]
    journal.write_bytes(b"".join(lines[: landings[-1]]))

    squashed.porch("resume", "--headless")

    assert tip == squashed.git("rev-parse", "main")
    assert ["a", "b"] == [event.task for event in squashed.events(e.Landed)]


def test_a_squashed_landing_is_undone_and_lands_again(squashed: Project):
    squashed.porch("undo")
    assert ["a"] == squashed.landed()

    squashed.porch("requeue", "b")
    squashed.porch("resume", "--headless")

    assert ["b", "a"] == squashed.landed()


def test_clean_removes_branches_whose_content_was_squashed(squashed: Project):
    squashed.porch("close")
    squashed.porch("clean")

    assert "" == squashed.git("branch", "--list", "feature/*")


def test_a_squashed_landing_keeps_its_authors_also_with_a_message_hook(project: Project):
    hook = project.root / ".git" / "hooks" / "commit-msg"
    hook.write_text('#!/bin/sh\necho "Change-Id: I1" >> "$1"\n')
    hook.chmod(0o755)
    write = "echo $0 >> x; git add x; printf '%s\\n\\nSigned-off-by: Sue <sue@x>\\n' step | git commit -qF -"
    project.plan(
        "history: squash\nhooks: run\ntasks:\n  x:\n    run: |\n"
        f"      GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@x sh -c '{write.replace(chr(39), chr(34))}'\n"
        f"      GIT_AUTHOR_NAME=Bob GIT_AUTHOR_EMAIL=bob@x sh -c '{write.replace(chr(39), chr(34))}'\n"
    )

    project.porch("run", "--headless")

    author, *lines = project.git("log", "-1", "--format=%an <%ae>%n%(trailers:only)", "main").splitlines()
    assert "Ann <ann@x>" == author
    found = {line for line in lines if not line.startswith(("Porch-Run", "Porch-Validated"))}
    assert {"Signed-off-by: Sue <sue@x>", "Co-authored-by: Bob <bob@x>", "Porch-Task: x"} <= found
