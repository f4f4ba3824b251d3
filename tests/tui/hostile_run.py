"""A run in a real repository that has the hostile corpus wherever its reader did not choose the text."""

from __future__ import annotations

from pathlib import Path

from porch_tui.core.conflict.conflict import Choice, ConflictRecord, Decision, Settled
from porch_tui.core.merge_queue.prediction import Prediction
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Resolver, TaskId, TaskSpec, from_shell
from porch_tui.journal import predictions
from porch_tui.journal.resolutions import Proposed, fingerprint, write_proposal
from tests.tui.conflict_harness import AUTH, ParkedRun
from tests.tui.hostile import HOSTILE, as_path, turned

FAILING = [f"fails-{at}" for at in range(len(HOSTILE))]
"""One task a piece of the corpus: a column that shows little of a text shows another piece in each row."""


class HostileRun(ParkedRun):
    """At rest, without an engine: failures, a conflict with a proposal, a blocked and a rejected entry."""

    def __init__(self, folder: Path) -> None:
        self.file, self.removed = as_path(1) + ".py", as_path(2) + ".py"
        self.told_paths = (self.file,)
        self.committer = turned(16).replace("\0", "")
        self.messages = (turned(17).replace("\0", ""), turned(0).replace("\0", ""))
        super().__init__(
            folder,
            {self.file: _source("base"), self.removed: _line("base"), "safe.py": "a = 1\n"},
            {self.file: _source("main"), self.removed: _line("changed"), "safe.py": "a = 2\n"},
            {self.file: _source("task"), self.removed: None, "safe.py": "a = 3\n"},
            title=turned(3),
            resolver=Resolver((turned(4),), agent=turned(4)),
            more=[
                *(TaskSpec(TaskId(name), turned(at), _command(at)) for at, name in enumerate(FAILING)),
                *(TaskSpec(TaskId(one), turned(5), _command(5)) for one in ("blocked", "rejected", "runs")),
            ],
        )
        self.repo.git("config", "core.quotePath", "false")
        self.repo.branch("feature/auth", self.head)
        self.log("auth", _text(6)).usage("auth", 12.0, 30, log_bytes=4)
        self._fail()
        self._park()
        self._notice()

    def _fail(self) -> None:
        for at, name in enumerate(FAILING):
            self.start(name).log(name, _text(at)).usage(name, 12.0, 30).fail(name, turned(at))

    def _park(self) -> None:
        """Make a task blocked, one rejected, one predicted to conflict, one with a proposal."""
        self.start("blocked", "rejected", "runs").log("runs", _text(7))
        self.succeed("blocked").build().judge(passes=True)
        self.say(e.LandingBlocked(TaskId("blocked"), (as_path(8),), turned(9), is_retried=False))
        self.succeed("rejected").build()
        tree = self.state.entries[TaskId("rejected")].tree
        assert tree is not None
        for number in (1, 2):
            self.validation_log(tree, number, turned(10) + "\n").judge(passes=False, text=turned(10))
        predictions.write(self.rundir, (Prediction("auth", "runs", (as_path(11),)),))
        self._propose()

    def _propose(self) -> None:
        conflicted = self.beside().conflicts.conflict_view(AUTH)
        path = next(one for one in conflicted.conflict.paths if one.path == self.file)
        decision = Decision(Choice.TEXT, _line("proposed"), author=turned(12))
        record = ConflictRecord().with_step((Settled(path.path, path.hunks[0], decision),))
        proposed = Proposed(fingerprint(conflicted.conflict), turned(12), record, turned(13))
        write_proposal(self.rundir, AUTH, proposed)
        missing = e.ResolutionProposed(
            AUTH, self.state.entries[AUTH].head, self.state.target.tip, turned(12), False, turned(13)
        )
        self.say(missing)

    def _notice(self) -> None:
        self.say(e.Noticed(turned(14), TaskId("fails-0")), e.Noticed(turned(14)))
        self.say(e.AttemptNoticed(self.attempt("runs"), turned(15)))
        self.say(e.SlotsChanged(3, reason=turned(16)), e.CommandRefused(turned(17), turned(0)))


def _command(at: int) -> tuple[str, ...]:
    return from_shell(f"echo {turned(at)}")


def _line(word: str) -> bytes:
    # git takes a file with a NUL in it for binary, and shows nothing of it
    return f"{word} {turned(len(word))}\n".encode("utf-8", "surrogateescape").replace(b"\0", b"")


def _source(word: str) -> bytes:
    """Return a file of two hunks, the first with the corpus in it."""
    kept = "".join(f"kept_{at} = {at}\n" for at in range(8))
    return _line("kept") + _line(word) + _line("kept") + kept.encode() + f"last = '{word}'\n".encode()


def _text(at: int) -> bytes:
    """Return a log: the corpus in one line, then a piece a line."""
    pieces = [turned(at), *HOSTILE.values(), "error: " + turned(at + 1)]
    return "".join(f"{one}\n" for one in pieces).encode("utf-8", "surrogateescape")
