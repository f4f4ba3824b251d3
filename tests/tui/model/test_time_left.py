"""How long a run still takes is said as long as an engine works on it, and not too often worked out."""

from __future__ import annotations

from pathlib import Path

from porch_tui.core.model import events as e
from porch_tui.tui.model.watch import Watch
from porch_tui.tui.terminal.options import ScreenOptions
from tests.tui.recordings import Recording


def watching(run: Recording) -> Watch:
    return Watch(run.session(), ScreenOptions(), run.clock)


def test_it_is_what_was_expected_less_what_is_over(tmp_path: Path):
    run = Recording(tmp_path, ["auth", "docs"], validate=False, expected_s=600.0).start("auth", "docs")
    with run.engine():
        watch = watching(run)
        assert watch.view.left == "about 10 min left"

        run.wait(300)
        watch.look(is_urgent=True)
        assert watch.view.left == "about 5 min left"


def test_between_two_times_it_stays_as_it_is(tmp_path: Path):
    run = Recording(tmp_path, ["auth"], validate=False, expected_s=100.0).start("auth")
    with run.engine():
        watch = watching(run)
        run.wait(1).succeed("auth")
        watch.look(is_urgent=True)

        assert watch.view.left == "about 2 min left"


def test_nothing_is_said_without_an_engine_while_paused_or_of_a_run_that_kept_no_forecast(tmp_path: Path):
    run = Recording(tmp_path / "kept", ["auth"], expected_s=100.0).start("auth")
    assert watching(run).view.left == ""
    with run.engine():
        assert watching(run.say(e.RunPaused())).view.left == ""

    old = Recording(tmp_path / "old", ["auth"]).start("auth")
    with old.engine():
        assert watching(old).view.left == ""
