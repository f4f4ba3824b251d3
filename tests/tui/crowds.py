"""Recordings with everything a merge queue can hold at once; small ones are in `recordings`."""

from __future__ import annotations

from pathlib import Path

from porch_tui.core.merge_queue.prediction import Prediction
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.journal import predictions
from tests.tui.recordings import Recording, task

BLOCKED_WHY = "your changes in the checkout of main are in the way"


def crowded(folder: Path) -> Recording:
    """Return a queue with an entry in every standing: in line, held, blocked, suspect, rejected."""
    run = Recording(
        folder,
        [
            task("schema", "Version the database schema"),
            task("auth", "Split the session code", after=["schema"]),
            *("cache", "logging", "search", "api", "utf8", "export", "mail", "ui"),
            task("docs", "Rewrite the user guide", after=["api"]),
        ],
        slots=12,
    )
    run.judge(passes=True).wait(4)
    run.start("schema", "cache", "logging", "search", "api", "utf8", "export", "mail", "ui")
    run.wait(40).succeed("schema").build().wait(20).judge(passes=True).land("schema").start("auth")
    run.wait(5).succeed("api").build().wait(12).judge(passes=False, text="exit 1: 2 failed").wait(9)
    run.judge(passes=False, text="exit 1: 2 failed").wait(3)
    run.succeed("logging").conflict("logging", "src/app.py", "src/log/handlers.py", partners=["schema"])
    run.succeed("cache").build().wait(8).judge(passes=True)
    run.say(e.LandingBlocked(TaskId("cache"), ("src/cache.py", ".env"), BLOCKED_WHY, is_retried=True))
    run.succeed("utf8").say(e.EntryHeld(TaskId("utf8"))).succeed("search").build()
    run.wait(7).judge(passes=False, text="exit 2").succeed("export").build().succeed("mail").build()
    run.wait(15)
    predictions.write(
        run.rundir,
        (
            Prediction("auth", "search", ("src/app.py", "src/session.py")),
            Prediction("auth", "ui", ("src/app.py",)),
            Prediction("mail", "refs/heads/main", ("src/mail.py",), is_uncommitted=True),
        ),
    )
    return run
