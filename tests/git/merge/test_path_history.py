"""The commits on either side that touched a path in conflict, and the task with which they landed."""

from __future__ import annotations

import pytest

from porch_tui.git.merge.candidates import Conflicted
from porch_tui.git.merge.path_history import history
from porch_tui.git.merge.resolution import conflict_of
from tests.git.merge.test_merging import CONFLICTS, LINES, edited


def subjects(repo, scratch, onto, head, path=None):
    """Return the subjects of main's commits, with their tasks, and of the task's, for one path."""
    outcome = repo.build(scratch, onto, head)
    assert isinstance(outcome, Conflicted)
    paths = conflict_of(repo.opened(), outcome, onto, head).paths
    touched = history(repo.opened(), next(one for one in paths if path in (None, one.path)), onto, head)
    return [(one.subject, one.task) for one in touched.main], [one.subject for one in touched.task]


def landed(repo, onto, files, task, message):
    """Land a commit as porch does: by a merge that names the task. Return that."""
    work = repo.made(onto, files, message)
    tree = repo.git("rev-parse", f"{work}^{{tree}}")
    subject = f"Merge {task}\n\nPorch-Task: {task}\nPorch-Run: r"
    return repo.git("commit-tree", tree, "-p", onto, "-p", work, "-m", subject)


def test_commits_of_both_sides_that_touched_the_path_newest_first(repo, scratch):
    base = repo.made(repo.tip(), {"x": LINES, "y": LINES})
    onto = repo.made(repo.made(base, {"x": edited(3, "a")}, "first"), {"x": edited(3, "b")}, "second")
    onto = repo.made(onto, {"y": edited(1)}, "elsewhere")
    head = repo.made(base, {"x": edited(3, "c")}, "theirs")

    assert ([("second", ""), ("first", "")], ["theirs"]) == subjects(repo, scratch, onto, head)


def test_commits_of_a_landing_name_its_task(repo, scratch):
    base = repo.made(repo.tip(), {"x": LINES})
    onto = landed(repo, base, {"x": edited(3, "a")}, "log", "One logger")
    onto = repo.made(onto, {"x": edited(3, "b")}, "by hand")
    onto = landed(repo, onto, {"x": edited(3, "c")}, "cache", "A cache")
    head = repo.made(base, {"x": edited(3, "d")}, "theirs")

    assert ([("A cache", "cache"), ("by hand", ""), ("One logger", "log")], ["theirs"]) == subjects(
        repo, scratch, onto, head
    )


def test_commits_before_a_rename_belong_to_the_file(repo, scratch):
    base = repo.made(repo.tip(), {"x": LINES})
    onto = repo.made(repo.made(base, {"x": edited(3, "a")}, "edit"), {"x": None, "y": edited(3, "a")}, "move")
    head = repo.made(base, {"x": edited(3, "b")}, "theirs")

    assert ([("move", ""), ("edit", "")], ["theirs"]) == subjects(repo, scratch, onto, head, "y")


def test_a_name_that_git_made_up_has_the_history_of_the_original(repo, scratch):
    onto, head = repo.sides({}, {"d/x": "a\n"}, {"d": "file\n"})

    assert ([("ours", "")], ["theirs"]) == subjects(repo, scratch, onto, head, "d~task")


@pytest.mark.parametrize("case", CONFLICTS)
def test_every_kind_of_conflict_has_a_history(repo, scratch, case):
    onto, head = repo.sides(*CONFLICTS[case][:3])

    main, task = subjects(repo, scratch, onto, head)

    assert main or task


def test_odd_names_have_a_history_too(repo, scratch, odd_name):
    onto, head = repo.sides({odd_name: "a\n"}, {odd_name: "b\n"}, {odd_name: "c\n"})

    assert ([("ours", "")], ["theirs"]) == subjects(repo, scratch, onto, head)


def test_the_persons_log_settings_change_nothing(repo, scratch):
    onto, head = repo.sides({"x": "a\n"}, {"x": "b\n"}, {"x": "c\n"})
    for name, value in (
        ("log.showSignature", "true"),
        ("i18n.logOutputEncoding", "latin1"),
        ("log.date", "iso"),
    ):
        repo.git("config", name, value)

    assert ([("ours", "")], ["theirs"]) == subjects(repo, scratch, onto, head)
