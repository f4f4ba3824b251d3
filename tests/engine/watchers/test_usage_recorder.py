"""What attempts use is sampled and recorded."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.telemetry import Sample
from porch_tui.engine.watchers.usage_recorder import MOST_WRITTEN, UsageRecorder, with_sampled
from porch_tui.journal import telemetry
from porch_tui.journal.rundir import OUTPUT, USAGE, RunDir
from porch_tui.process import control
from porch_tui.process.assignment import Assignment, Step
from porch_tui.process.liveness import wait
from porch_tui.process.spawn import start
from tests.builders import attempt
from tests.project import until

HOLD = "import pathlib, time\nblock = bytearray(60_000_000)\npathlib.Path('ready').touch()\ntime.sleep(1000)"


@pytest.fixture
def holding(tmp_path: Path):
    """An attempt that holds 60 MB."""
    directory = tmp_path / "attempt"
    step = Step("run", (sys.executable, "-c", HOLD))
    start(Assignment(directory, (step,), tmp_path, dict(os.environ), timeout_s=None))
    until((tmp_path / "ready").exists, "the memory to be taken")
    yield directory
    control.stop(directory, grace_s=0)
    wait(directory)


def sample(**fields: float) -> Sample:
    given = {"at": 1.0, "cpu_percent": 0.0, "cpu_s": 0.0, "rss_bytes": 0, "peak_rss_bytes": 0, "processes": 1}
    return Sample(**{**given, **fields})  # type: ignore[arg-type]


def test_each_look_writes_one_sample_of_each_attempt(holding):
    recorder = UsageRecorder(lambda: {e.AttemptId(TaskId("hold"), 1): holding}, dict, lambda samples: None)

    recorder.look()
    recorder.look()

    assert 2 == len(telemetry.history(holding))
    assert telemetry.latest(holding) == recorder.latest["hold.1"]
    assert recorder.latest["hold.1"].rss_bytes >= 60_000_000


def test_of_many_attempts_elsewhere_each_sample_is_known_and_each_is_written_in_turn(tmp_path: Path):
    count = MOST_WRITTEN + 10
    places = {attempt(f"t{n}"): tmp_path / f"t{n}.1" for n in range(count)}
    for path in places.values():
        path.mkdir()
    heard = dict.fromkeys(places, sample(at=5.0))
    recorder = UsageRecorder(lambda: places, lambda: heard, lambda samples: None)

    def written() -> list[int]:
        return [len(telemetry.history(path)) for path in places.values()]

    recorder.look()
    assert (len(recorder.latest), sum(written())) == (count, MOST_WRITTEN)
    recorder.look()

    assert min(written()) == 1 and sum(written()) == 2 * MOST_WRITTEN


def test_a_sample_has_the_length_of_the_log(holding):
    recorder = UsageRecorder(lambda: {e.AttemptId(TaskId("hold"), 1): holding}, dict, lambda samples: None)
    with (holding / OUTPUT).open("a") as log:
        log.write("twelve bytes")

    recorder.look()

    assert 12 == recorder.latest["hold.1"].log_bytes


def test_the_peak_sampled_by_an_earlier_engine_is_kept(holding):
    telemetry.append(holding, sample(peak_rss_bytes=900_000_000))

    recorder = UsageRecorder(lambda: {e.AttemptId(TaskId("hold"), 1): holding}, dict, lambda samples: None)
    recorder.look()

    assert 900_000_000 == recorder.latest["hold.1"].peak_rss_bytes


def test_an_attempt_that_is_over_is_not_sampled(holding):
    recorder = UsageRecorder(lambda: {e.AttemptId(TaskId("hold"), 1): holding}, dict, lambda samples: None)
    recorder.look()
    control.stop(holding, grace_s=0)
    wait(holding)

    until(lambda: recorder.look() or not recorder.latest, "its last process to be gone")
    kept = telemetry.history(holding)
    recorder.look()

    assert kept == telemetry.history(holding)


def test_the_file_of_samples_stays_small(tmp_path):
    for second in range(5000):
        telemetry.append(tmp_path, sample(at=float(second), cpu_s=float(second)))

    kept = telemetry.history(tmp_path)
    assert (tmp_path / USAGE).stat().st_size <= telemetry.FULL_BYTES + telemetry.TAIL_BYTES
    assert (0 <= kept[0].at <= 64) and kept[-1].cpu_s == 4999.0
    assert [path.name for path in tmp_path.iterdir()] == [USAGE]


def test_what_an_attempt_used_in_all_includes_the_memory_of_all_its_processes(tmp_path):
    rundir, offered = RunDir(tmp_path), []
    rundir.attempt("parser.1").mkdir(parents=True)
    telemetry.append(rundir.attempt("parser.1"), sample(peak_rss_bytes=400, cpu_s=2.0, written_bytes=7))
    offer = with_sampled(lambda *events: offered.extend(events), rundir)

    offer(e.AttemptStopped(attempt("parser"), e.Used(wall_s=9.0, cpu_s=2.5, peak_rss_bytes=300)))

    together = e.Used(wall_s=9.0, cpu_s=2.5, peak_rss_bytes=400, written_bytes=7)
    assert [together] == [one.used for one in offered]


def test_a_lost_attempt_is_reported_with_its_last_sample(tmp_path):
    rundir, offered = RunDir(tmp_path), []
    rundir.attempt("parser.1").mkdir(parents=True)
    telemetry.append(rundir.attempt("parser.1"), sample(peak_rss_bytes=400, cpu_s=2.0))
    lost = e.AttemptFailed(attempt("parser"), e.Failure(e.FailureKind.LOST, "lost: reboot"))

    with_sampled(lambda *events: offered.extend(events), rundir)(lost)

    assert [e.Used(cpu_s=2.0, peak_rss_bytes=400)] == [one.used for one in offered]


def test_an_attempt_without_samples_is_reported_unchanged(tmp_path):
    offered, ended = [], e.AttemptStopped(attempt("parser"))

    with_sampled(lambda *events: offered.extend(events), RunDir(tmp_path))(ended)

    assert [ended] == offered
