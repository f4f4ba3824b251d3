"""What an error in an effect means: it waits for what passes, and fails in its own way otherwise."""

from __future__ import annotations

import errno
import threading

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.rules import effects as f
from porch_tui.engine.effect_runner import failure_events
from porch_tui.engine.watchers import watcher
from porch_tui.engine.watchers.watcher import Watcher
from tests.builders import board, opened, plan

A, HEAD, ONTO, TREE = TaskId("a"), Sha("a1"), Sha("c0"), Sha("t1")
LINK = f.Link(A, HEAD, TREE, 0.0)


@pytest.mark.parametrize(
    ("effect", "event"),
    [
        (f.BuildCandidate(A, HEAD, ONTO, (), None), e.EntryFaulted(A, "why")),
        (f.LandTrain(ONTO, (LINK,)), e.EntryFaulted(A, "why")),
        (f.RemoveWorktree(A), e.WorktreeKept(A, "why")),
        (f.RollBackLanding(A, HEAD, ONTO), e.UndoRefused(A, "why")),
        (f.ApplyResolution(A, HEAD, "a"), e.ResolutionRefused(A, "why")),
        (f.ProposeResolution(A, HEAD, ONTO), e.ResolutionProposed(A, HEAD, ONTO, "", False, "why")),
        (
            f.ValidateCandidate(TREE, 1, HEAD, (A,)),
            e.ValidationFailed(TREE, 1, "it could not be run: why", None),
        ),
        (
            f.BuildAdHocValidation(A, (), (HEAD,)),
            e.AdHocValidationImpossible(A, (), (HEAD,), (), "could not be merged to be validated: why"),
        ),
    ],
    ids=lambda one: type(one).__name__,
)
def test_an_effect_that_cannot_be_carried_out_reports_its_own_kind_of_failure(
    effect: f.Effect, event: e.AnyEvent
):
    assert [event] == failure_events(effect, board(opened(plan("a")), "a"), "why")


class Faltering(Watcher):
    """Meets a limit of the system at its first look."""

    def __init__(self) -> None:
        self.looks = 0
        self.has_recovered = threading.Event()
        super().__init__("faltering", 0.0)

    def look(self) -> None:
        """Look once."""
        self.looks += 1
        if self.looks == 1:
            raise OSError(errno.EMFILE, "Too many open files")
        self.has_recovered.set()


def test_a_watcher_that_meets_a_limit_of_the_system_looks_again_later(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watcher, "RETRY_S", 0.0)
    watch = Faltering()

    watch.begin()

    assert watch.has_recovered.wait(60)
    watch.end()
