"""The hostile corpus through every place that shows foreign text, in a real terminal: none comes out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from tests.tui.hostile import MARK, as_path, obeyed, turned
from tests.tui.hostile_run import HostileRun
from tests.tui.pty_harness import PtyProgram

pytestmark = pytest.mark.slow  # each starts a program in a terminal of its own

PORCH = "import os, sys; os.chdir(sys.argv[1]); from porch_tui.cli import main; sys.exit(main(sys.argv[2:]))"
ENVIRON = {"PORCH_COPY": "cat", "PAGER": "true", "XDG_CONFIG_HOME": "/nowhere"}
ESC = "\x1b[27u"  # as kitty has it: plain, and followed too soon, it is alt
PASTED = f"\x1b[200~{turned(0)}\x1b[201~".encode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class Place:
    """A place that shows foreign text, and how one gets there from the place before."""

    name: str
    keys: tuple[str | bytes, ...]
    shown: str
    """What stands on the screen once one is there."""
    is_marked: bool = True
    """Whether the corpus has to be drawn on the way."""


PLACES = (
    Place("the list and the queue beside it", (), "BLOCKED HOSTILE"),
    Place("the task under the cursor", ("j",), "auth output"),
    Place("its log", ("\r", "g"), "HOSTILE"),
    Place("its log, wrapped and with times", ("w", "t"), "HOSTILE"),
    Place("its log, searched", ("/", "owned", "\r"), "/owned: "),
    Place("a search that was pasted", ("/", PASTED), "search (words)"),
    Place("a wrong expression", ("\x12",), "not a regular expression", is_marked=False),
    Place("its log, filtered", (ESC, ESC, "&", "evil", "\r"), "&evil: 3 lines"),
    Place("marked lines", (ESC, "v", "j"), "2 lines marked"),
    Place("marked lines, copied", ("y",), "lines copied"),
    Place("the log as a whole, saved", ("Y",), "the log as text", is_marked=False),
    Place("the log zoomed, and back", ("z", "z"), "auth output"),
    Place("the list, filtered by what was pasted", (ESC, "/", PASTED), "no task"),
    Place("the palette", (ESC, ":", PASTED), "No matches found"),
    Place("the queue", (ESC, "m"), "predicted conflicts"),
    Place("a blocked entry", ("j",), "in the way HOSTILE"),
    Place("a rejected entry", ("j",), "validation fails"),
    Place("its validation's log", ("\r",), "rejected: "),
    Place("what is predicted", (ESC, "\t"), "predicted conflicts"),
    Place("the timeline", (ESC, "t"), "HOSTILE"),
    Place("the grid", (ESC, "a"), "1 ▸ runs"),
    Place("a task with a notice", (ESC, "i", "g"), "look"),
    Place("a task in conflict", (ESC, "g", "j", "i"), "conflicts  HOSTILE"),
    Place("what it has changed", ("G",), "changes since its base", is_marked=False),
    Place("the report", ("o",), "Left for you"),
    Place("the report, searched", ("/", "owned", "\r"), "lines with owned"),
    Place("a path in conflict that is gone for one", (ESC, "c"), "removed it"),
    Place("a name for it", ("4", PASTED), "HOSTILE"),
    Place("a conflict by hunks, and what is proposed", (ESC, "]"), "proposed by HOSTILE"),
    Place("the commits behind it", ("l",), "HOSTILE"),
    Place("what was before", ("l",), "| base ─"),
    Place("what was before, within each side", ("v",), "- base HOSTILE"),
    Place("a proposal that is taken", ('"',), "written by HOSTILE"),
    Place("a proposal to be refused", ("D",), "Refuse all proposals of HOSTILE"),
    Place("a hunk that cannot be written here", (ESC, "e"), "ctrl+e opens", is_marked=False),
    Place("a hunk written by pasting", ("\x1b[C", "e", PASTED), "HOSTILE"),
    Place("what is left", (ESC, "y", "c"), "left: HOSTILE"),
    Place("the keys", ("?",), "run it", is_marked=False),
)


WORDS = (
    ("status",),
    ("conflicts",),
    ("conflicts", "auth"),
    ("report",),
    ("report", "--format", "md"),
    ("logs", "auth"),
    ("logs", "rejected", "--validation"),
    ("check", "hostile.yaml"),
    ("check", "mistaken.yaml"),
    ("status", "-C", f"/nowhere/{as_path(0)}"),
    ("attach", "--theme", turned(0).replace("\0", "")),
)
"""Commands that tell of foreign text on a terminal."""


def program(run: HostileRun, *words: str, **environ: str) -> PtyProgram:
    environ = {**ENVIRON, **environ}
    return PtyProgram(PORCH, str(run.repo.root), *words, columns=160, rows=48, environ=environ)


def test_nothing_of_it_leaves_through_a_screen(tmp_path: Path) -> None:
    with program(HostileRun(tmp_path), "attach", "--theme", "dark", "--fps", "30") as screen:
        for place in PLACES:
            before = len(screen.output)
            for keys in place.keys:
                screen.send(keys)
                screen.read_until_quiet(0.15)
            screen.read_until_shown(place.shown)
            if place.is_marked:
                screen.read_until(lambda before=before: MARK.encode() in screen.output[before:], place.name)
            screen.read_until_quiet(0.15)

            assert "" == obeyed(bytes(screen.output[before:])), place.name


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (60, 14)])
def test_nothing_of_it_leaves_through_a_small_window(tmp_path: Path, columns: int, rows: int) -> None:
    run = HostileRun(tmp_path)
    with program(run, "attach", "--theme", "ansi") as screen:
        screen.read_until_shown("BLOCKED")
        screen.resize(columns, rows)
        screen.read_until_quiet(0.3)
        run.say(e.CommandRefused(turned(1), turned(2)), e.Noticed(turned(3), TaskId("runs")))
        screen.read_until_quiet(0.5)

        assert "" == obeyed(bytes(screen.output))


def test_nothing_of_it_leaves_through_plain_lines_and_what_stays_when_the_screen_is_gone(
    tmp_path: Path,
) -> None:
    run = HostileRun(tmp_path)
    with program(run, "attach", "--theme", "dark") as screen:
        screen.read_until_shown("BLOCKED")
        screen.send("s")
        screen.read_until_bytes(b"line by line")
        screen.read_until_bytes(b"runs | ")
        run.log("runs", turned(1) + "\nthe last line\n").fail("runs", turned(2))
        screen.read_until_bytes(b"runs | the last line")
        screen.read_until_bytes(b"failed: " + MARK.encode())
        screen.send("s")
        screen.read_until_shown("runs      FAIL")
        screen.send("q")
        code = screen.wait()

    assert (0, "") == (code, obeyed(bytes(screen.output)))
    assert b"fails-17: the end of" in screen.output.rpartition(b"\x1b[?1049l")[2]


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> HostileRun:
    run = HostileRun(tmp_path_factory.mktemp("reported"))
    title = "".join(f"\\U{ord(one):08x}" for one in turned(0).replace("\udcff", "").replace("\0", ""))
    run.repo.write(
        "hostile.yaml", f'goal: "{title}"\ntasks: {{a: {{run: "echo {title}", paths: ["{title}"]}}}}\n'
    )
    run.repo.write("mistaken.yaml", f'tasks:\n  a:\n    run: "true"\n    ? "{title}"\n    : x\n')
    return run


@pytest.mark.parametrize("words", WORDS, ids=lambda words: " ".join(words[:2]))
def test_nothing_of_it_leaves_through_a_command(reported: HostileRun, words: tuple[str, ...]) -> None:
    with program(reported, *words) as command:
        command.wait()

    assert "" == obeyed(bytes(command.output))
    assert MARK.encode() in command.output
