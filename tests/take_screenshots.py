"""Makes the pictures in screenshots/ from the recordings the tests use, the same every time.

    python -m tests.take_screenshots [NAME…]

SVG always; PNG as well where CairoSVG and Pillow are installed (`pip install cairosvg pillow`). The picture
of the HTML report is one of a demo that runs for it, taken by Chromium if there is one.
"""

from __future__ import annotations

import asyncio
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from porch_tui.core.model.copying import replace
from porch_tui.core.model.events.task import AttemptWaits
from porch_tui.core.model.plan import Terminal
from porch_tui.process.supervisor.spool import TTY_IN
from porch_tui.tui.app.app import PorchApp
from porch_tui.tui.model.comments import Comment
from porch_tui.tui.model.outside import NoRepository
from porch_tui.tui.terminal.options import DARK, LIGHT, ScreenOptions
from tests.emulator.recorded import recording
from tests.session.terminal_files import TerminalFiles
from tests.tui.conflict_harness import TWO_FILES, ParkedRun
from tests.tui.crowds import crowded
from tests.tui.diff.test_diff_screen import Desk, World, waiting
from tests.tui.places.test_places_screen import two_hosts
from tests.tui.recordings import Recording, busy, task

FOLDER = Path(__file__).parents[1] / "screenshots"
FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
LOCAL_FONT = "'DejaVu Sans Mono', Menlo, Consolas, monospace"


@dataclass(frozen=True)
class Picture:
    """One state of the screen."""

    name: str
    size: tuple[int, int]
    keys: tuple[str, ...]
    theme: str = DARK
    recording: Callable[[Path], Recording] = busy
    outside: Callable[[], NoRepository] | None = None


def in_conflict(folder: Path) -> ParkedRun:
    """Return a run with a task in a real conflict."""
    return ParkedRun(folder, *TWO_FILES)


REVIEWED = b"""\
diff --git a/api/session.py b/api/session.py
--- a/api/session.py
+++ b/api/session.py
@@ -1,12 +1,16 @@ Sessions
 from datetime import UTC, datetime, timedelta
 
-LIFETIME = timedelta(days=30)
+LIFETIME = timedelta(hours=12)
 
 
 class Session:
     def __init__(self, user: str) -> None:
         self.user = user
         self.begun = datetime.now(UTC)
 
-    def is_valid(self) -> bool:
-        return True
+    @property
+    def ends(self) -> datetime:
+        return self.begun + LIFETIME
+
+    def is_valid(self, now: datetime) -> bool:
+        return now < self.ends  # an expired one raises nowhere
diff --git a/tests/test_session.py b/tests/test_session.py
new file mode 100644
--- /dev/null
+++ b/tests/test_session.py
@@ -0,0 +1,5 @@
+from api.session import LIFETIME, Session
+
+
+def test_it_ends(now):
+    assert not Session("ada").is_valid(now + LIFETIME)
"""


def under_review() -> NoRepository:
    """Return what a task has changed, with a comment on it."""
    desk = Desk(REVIEWED)
    desk.kept = (Comment("api/session.py", 3, "long enough for a night shift?"),)
    return World(desk)


def in_terminals(folder: Path) -> Recording:
    """Return a run of two programs in terminals, recorded from real ones: an agent asks."""
    programs = {"auth": ("codex", "codex"), "changes": ("vim CHANGES.md", "vimedit")}
    specs = [
        replace(task(name, run=command), terminal=Terminal(*recording(program).size))
        for name, (command, program) in programs.items()
    ]
    run = Recording(folder, [*specs, task("docs", run="make docs")]).start(*programs, "docs").wait(41)
    for name, (_, program) in programs.items():
        files, recorded = TerminalFiles(run.rundir.attempt(f"{name}.1")), recording(program)
        files.size(*recorded.size)
        files.print(recorded.data)
        os.mkfifo(files.directory / TTY_IN)
        os.open(files.directory / TTY_IN, os.O_RDWR | os.O_NONBLOCK)  # someone takes what is typed
    run.log("docs", "building 12 pages\n")
    return run.say(AttemptWaits(run.attempt("auth"), "Press enter to continue"))


PICTURES = (
    Picture("board", (120, 32), ("j",)),
    Picture("narrow", (80, 24), ("n",)),
    Picture("light", (120, 32), ("j", "enter"), LIGHT),
    Picture("wide", (160, 40), ("n",)),
    Picture("queue", (120, 32), ("m", "k", "k"), recording=crowded),
    Picture("timeline", (120, 32), ("t", "l"), recording=crowded),
    Picture("places", (120, 32), ("O", "G"), recording=two_hosts),
    Picture("grid", (120, 32), ("j", "a")),
    Picture("terminals", (120, 26), (), recording=in_terminals),
    Picture("conflict", (120, 32), ("j", "c", "="), recording=in_conflict),
    Picture("review", (120, 32), ("d", "j", "j", "j"), recording=waiting, outside=under_review),
    Picture("help", (120, 32), ("question_mark",)),
)


async def take(picture: Picture, folder: Path) -> str:
    """Return the picture as SVG that needs no font from elsewhere."""
    run = picture.recording(folder)
    with run.engine():
        beside = run.beside() if isinstance(run, ParkedRun) else picture.outside and picture.outside()
        options = ScreenOptions(fps=0, theme=picture.theme)
        app = PorchApp(run.session(), options=options, outside=beside, now=run.clock)
        async with app.run_test(size=picture.size) as pilot:
            for key in picture.keys:
                await pilot.press(key)
                await app.workers.wait_for_complete()  # a conflict is merged again to be looked at
                await pilot.pause()
            drawn = app.export_screenshot(title="porch")
    drawn = re.sub(r"terminal-\d+", f"terminal-{picture.name}", drawn)
    drawn = re.sub(r"font-family: Fira Code, monospace", f"font-family: {LOCAL_FONT}", drawn)
    return "\n".join(line.rstrip() for line in FONT_FACE.sub("", drawn).splitlines()) + "\n"


def take_report(chromium: str, folder: Path) -> Path:
    """Return the picture of the report of a demo that a person has finished."""

    def porch(*words: str, at: Path) -> str:
        command = [sys.executable, "-m", "porch_tui", *words]
        return subprocess.run(command, cwd=at, capture_output=True, text=True, check=False).stdout

    porch("demo", "--headless", str(folder / "demo"), at=folder)
    repository = folder / "demo" / "calculator"
    status = json.loads(porch("status", "--json", at=repository))
    for one in status["tasks"]:
        if one["outcome"] == "conflict":
            porch("resolve", one["id"], "--take", "both", "app/calc.py", "app/registry.py", at=repository)
        elif one["outcome"] == "rejected":
            porch("retry", one["id"], at=repository)
    porch("resume", "--headless", at=repository)
    (folder / "report.html").write_text(porch("report", "--format", "html", at=repository))
    words = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    words += [f"--user-data-dir={folder / 'profile'}", "--window-size=1000,860"]
    words += [f"--screenshot={folder / 'report.png'}", (folder / "report.html").as_uri()]
    subprocess.run(words, capture_output=True, check=True)
    return folder / "report.png"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    has_cairo = all(map(importlib.util.find_spec, ("cairosvg", "PIL")))
    wanted = sys.argv[1:]
    if (chromium := shutil.which("chromium")) and (not wanted or "report" in wanted):
        with tempfile.TemporaryDirectory() as folder:
            _write_palette(take_report(chromium, Path(folder)).read_bytes(), FOLDER / "report.png")
        print("screenshots/report.png")
    for picture in PICTURES:
        if wanted and picture.name not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder:
            drawn = asyncio.run(take(picture, Path(folder)))
        (FOLDER / f"{picture.name}.svg").write_text(drawn)
        if has_cairo:
            _write_png(drawn, FOLDER / f"{picture.name}.png")
        print(f"screenshots/{picture.name}.svg{' and .png' if has_cairo else ''}")


def _write_png(drawn: str, place: Path) -> None:
    import cairosvg  # type: ignore[import-not-found,import-untyped,unused-ignore]

    _write_palette(cairosvg.svg2png(drawn.encode(), scale=1.5), place)


def _write_palette(png: bytes, place: Path) -> None:
    """Write a picture with a palette, which takes a third of the space and looks the same."""
    from PIL import Image  # type: ignore[import-not-found,import-untyped,unused-ignore]

    picture = Image.open(io.BytesIO(png))
    with_palette = picture.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    with_palette.save(place, optimize=True)


if __name__ == "__main__":
    main()
