"""The person's mergetool runs in a real merge of its own, and what it decided is read back."""

from __future__ import annotations

import pytest

from porch_tui.core.conflict.conflict import Choice, ConflictRecord, Decision, Settled
from porch_tui.git.merge.conflict_worktree import use_mergetool
from porch_tui.git.worktree_list import list_worktrees
from tests.git.merge.test_resolution import conflict

BASE, OURS, THEIRS = ({"f": f"{side}\n", "g": f"{side}\n"} for side in ("base", "ours", "theirs"))


@pytest.fixture
def use(repo, scratch, tmp_path):
    """Return a function that runs a command line as the mergetool, and returns what was decided."""

    def run(command, record=None, versions=(BASE, OURS, THEIRS), names=("f",)):
        repo.git("config", "merge.tool", "mine")
        repo.git("config", "mergetool.mine.cmd", command)
        repo.git("config", "mergetool.mine.trustExitCode", "true")
        onto, head = repo.sides(*versions)
        met = conflict(repo, scratch, onto, head)
        worktree = tmp_path / "place" / "resolve"
        before = repo.picture()
        step = use_mergetool(
            repo.opened(), worktree, "porch run resolve", sides=(onto, head), conflict=met,
            record=record(met) if record else ConflictRecord(),
            paths=[path for path in met.paths if path.path in names],
        )  # fmt: skip
        assert (before, 1) == (repo.picture(), len(list_worktrees(repo.opened())))
        assert not worktree.exists()
        return {one.path: one.decision for one in step}

    return run


@pytest.mark.slow
@pytest.mark.parametrize(
    "command, decision",
    [
        ('cp "$LOCAL" "$MERGED"', Decision(Choice.MAIN)),
        ('cp "$REMOTE" "$MERGED"', Decision(Choice.TASK)),
        ('cp "$BASE" "$MERGED"', Decision(Choice.BASE)),
        ('echo mine > "$MERGED"', Decision(Choice.TEXT, b"mine\n")),
    ],
)
def test_what_the_tool_makes_of_a_path_is_the_decision(use, command, decision):
    assert {"f": decision} == use(command)


@pytest.mark.slow
def test_a_tool_that_is_left_decides_nothing(use):
    assert {} == use("exit 1")


@pytest.mark.slow
def test_what_is_decided_already_is_in_place_for_the_tool(use):
    def with_g(met):
        path = next(one for one in met.paths if one.path == "g")
        subject = path.hunks[0] if path.hunks else path.stages
        return ConflictRecord().with_step((Settled("g", subject, Decision(Choice.TASK)),))

    assert {"f": Decision(Choice.TEXT, b"theirs\n!\n")} == use('(cat g; echo "!") > "$MERGED"', with_g)
