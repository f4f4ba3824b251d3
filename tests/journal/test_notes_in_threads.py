"""Notes and predictions may be read by several threads from the first moment on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FINDING = '{"tree": "t", "conditions": "c", "has_passed": true, "run": "r", "at": 1.0, "log": ""}'
RESOLUTION = '{"run": "r", "task": "t", "at": 1.0, "known": [{"key": "k", "choice": "main"}]}'
PREDICTIONS = '{"predictions": [{"a": "x", "b": "y", "paths": ["p"]}]}'

SCRIPT = """
import os, sys, threading
from pathlib import Path
from porch_tui.core.conflict.conflict import Conflict
from porch_tui.journal import predictions, resolution_memory, verdicts
from porch_tui.journal.rundir import RunDir

sys.setswitchinterval(1e-6)
where = Path(sys.argv[1])
conflict = Conflict("tree", (), "")

def read():
    barrier.wait()
    assert {0}

for _ in range(200):
    if os.fork() == 0:
        barrier = threading.Barrier(4)
        threads = [threading.Thread(target=read) for _ in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        os._exit(0)
    assert 0 == os.wait()[1]
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "content", "reading"),
    [
        ("porch/verdicts.jsonl", FINDING, "verdicts.find(where, 't', 'c')"),
        ("porch/resolutions.jsonl", RESOLUTION, "resolution_memory.recall(where, conflict) == {}"),
        ("predictions.json", PREDICTIONS, "predictions.latest(RunDir(where))"),
    ],
    ids=["verdicts", "resolutions", "predictions"],
)
def test_threads_that_read_the_first_note_at_once_do_not_crash(
    tmp_path: Path, file: str, content: str, reading: str
):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(f"{content}\n")
    script = SCRIPT.replace("{0}", reading)

    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False
    )

    assert (0, "") == (done.returncode, done.stderr)
