"""What was decided before, or what an agent proposes: shown before it is taken, and never taken unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.conflict.conflict import Choice, ConflictRecord, Decision, Settled
from porch_tui.core.model import commands as c
from porch_tui.core.model.plan import Resolver, RunId
from porch_tui.journal.resolution_memory import remember
from porch_tui.journal.resolutions import Proposed, fingerprint, read_proposal, write_proposal
from tests.tui.conflict_harness import AUTH, TWO_FILES, Conflicted, ParkedRun, on_conflict
from tests.tui.pane_harness import in_loop

MERGED = b"    return log(plus(a, b))\n"
BY_AGENT = Decision(Choice.TEXT, MERGED, author="claude")


def said(conflict: Conflicted, decision: Decision) -> ConflictRecord:
    """Return a record that decides the first hunk."""
    view = conflict.view.in_file(0)
    return ConflictRecord().with_step((Settled(view.path.path, view.path.hunks[0], decision),))


async def reopen(conflict: Conflicted, text: str) -> None:
    await conflict.press("q", "c")
    conflict.screen = conflict.shown.app.live  # type: ignore[assignment]
    await conflict.until_shown(text)


async def propose(conflict: Conflicted) -> None:
    """Have an agent's proposal for the first hunk, and look at it."""
    conflicted = conflict.view.conflicted
    record = said(conflict, BY_AGENT)
    write_proposal(conflict.run.rundir, AUTH, Proposed(fingerprint(conflicted.conflict), "claude", record))
    await reopen(conflict, '" proposed by claude ')


async def remembered(conflict: Conflicted, choice: Choice) -> None:
    common = conflict.run.repo.root / ".git"
    remember(
        common, RunId("before"), AUTH, conflict.view.conflicted.conflict, said(conflict, Decision(choice))
    )


@in_loop
async def test_an_offer_is_shown_and_one_key_takes_it(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES)) as conflict:
        await propose(conflict)
        assert conflict.shown.shows("~     return log(plus(a, b))") and conflict.decision is None

        await conflict.press('"')

        assert BY_AGENT == conflict.decision
        assert conflict.shown.shows("result: written by claude")


@pytest.mark.slow
@in_loop
async def test_an_offer_is_edited_and_is_then_the_person_s_own(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES)) as conflict:
        await propose(conflict)
        await conflict.press("e", "#", "ctrl+s")

        assert Decision(Choice.TEXT, b"#" + MERGED) == conflict.decision


@pytest.mark.slow
@in_loop
async def test_where_something_is_chosen_the_first_press_shows_the_offer_and_the_second_takes_it(
    tmp_path: Path,
) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES)) as conflict:
        await propose(conflict)
        await conflict.press("<")
        assert not conflict.shown.shows("return log(plus(a, b))")

        await conflict.press('"')
        assert conflict.shown.shows("return log(plus(a, b))") and Decision(Choice.MAIN) == conflict.decision
        await conflict.press('"')

        assert BY_AGENT == conflict.decision


@in_loop
async def test_what_was_decided_before_comes_before_what_is_proposed(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES)) as conflict:
        await remembered(conflict, Choice.BOTH)
        conflicted = conflict.view.conflicted
        proposed = Proposed(fingerprint(conflicted.conflict), "claude", said(conflict, BY_AGENT))
        write_proposal(conflict.run.rundir, AUTH, proposed)
        await reopen(conflict, '" remembered from before: both, main first')

        await conflict.press('"', '"')

        assert Decision(Choice.BOTH) == conflict.decision
        assert conflict.shown.shows('" proposed by claude')


@in_loop
async def test_where_nothing_is_offered_it_says_so(tmp_path: Path) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES)) as conflict:
        await conflict.press('"')
        await conflict.until_shown("no other resolution is remembered or proposed")
        await conflict.press("D")
        await conflict.until_shown("nothing is proposed here")


@pytest.mark.slow
@in_loop
async def test_a_proposal_is_refused_after_a_question(tmp_path: Path) -> None:
    run = ParkedRun(tmp_path, *TWO_FILES, resolver=Resolver(("claude",), agent="claude"))
    async with on_conflict(run) as conflict:
        await propose(conflict)
        await conflict.press("D", "escape")
        assert not read_proposal(run.rundir, AUTH).is_void
        await conflict.press("D", "y")

        await conflict.until(lambda: not conflict.view.offers, "the offer to go")
        assert read_proposal(run.rundir, AUTH).is_void
        assert [c.RefuseProposal] == [type(one) for one in conflict.shown.sent()]
