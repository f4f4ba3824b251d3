"""A task in a real conflict in a real repository, without any engine, and the conflict screen on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from porch_tui.cli.screen.outside import OutsideActions
from porch_tui.core.conflict.conflict import ConflictRecord, Decision
from porch_tui.core.conflict.splice import splice
from porch_tui.core.merge_queue.train import train
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Resolver, Sha, TaskId, TaskSpec
from porch_tui.git.discovery import discover
from porch_tui.journal.resolutions import read_resolution
from porch_tui.tui.conflict.hunk_editor import HunkEditor
from porch_tui.tui.conflict.screen import ConflictScreen
from porch_tui.tui.conflict.viewpoint import Viewpoint
from porch_tui.tui.terminal.options import ScreenOptions
from tests.git.conftest import Content, Sandbox
from tests.tui.board_harness import PATIENCE_S, STILL, Screened, on_board
from tests.tui.pty_harness import PtyProgram
from tests.tui.recordings import Recording, task

AUTH = TaskId("auth")
SIZES = [
    pytest.param((60, 15), marks=pytest.mark.slow),
    (80, 24),
    pytest.param((120, 36), marks=pytest.mark.slow),
    (160, 48),
    pytest.param((200, 50), marks=pytest.mark.slow),
]
"""Of a window; at each of them the layout is another one."""
Files = Mapping[str, Content]

CALC = "def add(a, b):\n    return a + b\n\n\nOPERATIONS = [add]\nDIGITS = 3\nNAME = 'calc'\n\n\n# the end\n"
"""Two hunks, and lines between them that stay."""
LOGGED = CALC.replace("return a + b", "return log(a + b)").replace("'calc'", "'calc with a log'")
SPLIT = CALC.replace("return a + b", "return plus(a, b)").replace("'calc'", "'calc, split'")
NOTES = "one\n"
TWO_FILES: tuple[Files, Files, Files] = (
    {"app/calc.py": CALC, "notes.txt": NOTES},
    {"app/calc.py": LOGGED, "notes.txt": "one, logged\n"},
    {"app/calc.py": SPLIT, "notes.txt": "one, split\n"},
)
SCREEN = """
import sys
from pathlib import Path
from porch_tui.cli.screen.outside import OutsideActions
from porch_tui.git.discovery import discover
from porch_tui.journal.rundir import RunDir
from porch_tui.session.session import Session
from porch_tui.tui.app.run import run_screen
from porch_tui.tui.terminal.options import options_for
rundir = RunDir(Path(sys.argv[1]))
run_screen(Session(rundir), options_for(), OutsideActions(discover(Path(sys.argv[2])), rundir))
"""
OVER_SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}


class ParkedRun(Recording):
    """A run whose task `auth` is in conflict with `logging`, which has landed."""

    told_paths: tuple[str, ...] = ("x",)
    """What the journal says is in conflict; the screen asks git."""
    committer = "Ada"
    messages = ("ours", "theirs")
    """Of the commits on both sides."""

    def __init__(
        self,
        folder: Path,
        base: Files,
        main: Files,
        theirs: Files,
        *,
        title: str = "",
        resolver: Resolver | None = None,
        more: Sequence[TaskSpec] = (),
    ) -> None:
        self.repo = Sandbox(folder / "app")
        self.repo.commit({"README.md": "An app.\n"})
        self.repo.git("config", "user.name", self.committer)
        onto, self.head = self.repo.sides(base, main, theirs, self.messages)
        tasks = [task("logging", "One structured logger"), task("auth", title or "Split the session code")]
        start = Sha(self.repo.git("rev-parse", f"{onto}^"))
        super().__init__(
            self.repo.root / ".git",
            [*tasks, *more],
            slots=4 + len(more),
            validate=bool(more),
            resolver=resolver,
            base=start if more else None,
        )
        self.through("logging")
        self.start("auth").wait(41)
        used = e.Used(41.0, 0.0, 30.0, 1000)
        self.say(e.AttemptSucceeded(self.attempt("auth"), Sha(self.head), used))
        self.collide(onto)

    def collide(self, onto: str) -> None:
        """Put the task in conflict on a commit."""
        self.onto = onto
        missing = train(self.state).missing
        assert missing is not None
        partners = (TaskId("logging"),)
        self.say(
            e.CandidateConflicted(
                AUTH, Sha(self.head), Sha(onto), missing.on_top_of, self.told_paths, partners, "no merge"
            )
        )

    def collide_upon(self, onto: str) -> None:
        """Put the task in conflict on another commit: the target has moved."""
        self.say(e.EntryRequeued(AUTH))
        self.collide(onto)

    def beside(self) -> OutsideActions:
        """Return what the screen reaches the repository by."""
        return OutsideActions(discover(self.repo.root), self.rundir)

    @property
    def kept(self) -> ConflictRecord:
        """What is on disk of what was chosen."""
        return read_resolution(self.rundir, AUTH)


class Conflicted:
    """The conflict screen, as a test talks about it."""

    def __init__(self, shown: Screened, run: ParkedRun, screen: ConflictScreen) -> None:
        self.shown, self.run, self.screen = shown, run, screen

    @property
    def view(self) -> Viewpoint:
        assert self.screen.viewpoint is not None, self.screen.controller.why_not
        return self.screen.viewpoint

    @property
    def decision(self) -> Decision | None:
        """What is chosen of what is looked at, on disk."""
        return self.view.decisions.get((self.view.path.path, self.view.subject)) if self.is_kept else None

    @property
    def is_kept(self) -> bool:
        return self.view.record == self.run.kept

    @property
    def place(self) -> tuple[int, int]:
        """File and hunk that are looked at, from 1."""
        return self.view.file + 1, self.view.nth + 1

    @property
    def text(self) -> str:
        """The file that is looked at, as it is by what is on disk."""
        return splice(self.view.path, self.run.kept).decode()

    @property
    def is_open(self) -> bool:
        return self.shown.app.live is self.screen

    @property
    def editor(self) -> HunkEditor:
        return self.screen.query_one(HunkEditor)

    async def press(self, *keys: str) -> None:
        await self.shown.press(*keys)

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something holds."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not condition():
                    await self.shown.pilot.pause()
        except TimeoutError:
            raise AssertionError(f"{what}: never. The screen:\n{self.shown.text()}") from None

    async def until_shown(self, text: str) -> None:
        await self.until(lambda: self.shown.shows(text), repr(text))


def conflict_in_terminal(
    run: ParkedRun, columns: int = 80, rows: int = 24, *, link_bytes_a_s: int = 0
) -> PtyProgram:
    """Start the screen as over SSH in a real terminal, on the board with the task in conflict chosen."""
    program = PtyProgram(
        SCREEN, str(run.rundir.path), str(run.repo.root),
        columns=columns, rows=rows, environ=OVER_SSH, link_bytes_a_s=link_bytes_a_s,
    )  # fmt: skip
    program.read_until_shown("needs you")
    program.send("n")
    program.read_until_shown("c resolve")
    return program


@asynccontextmanager
async def on_conflict(
    run: ParkedRun, size: tuple[int, int] = (80, 24), options: ScreenOptions = STILL
) -> AsyncIterator[Conflicted]:
    """Open the screen on the task's conflict, and wait until it is there."""
    async with on_board(run, size, options, outside=run.beside()) as shown:
        shown.board.choose(AUTH)
        await shown.press("c")
        screen = shown.app.live
        assert isinstance(screen, ConflictScreen)
        found = Conflicted(shown, run, screen)
        await found.until(lambda: screen.viewpoint is not None, "the conflict")
        await shown.pilot.pause()
        yield found
