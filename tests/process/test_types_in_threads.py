"""Records of attempts may be read by several threads from the first moment on."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import os, sys, threading
import msgspec
from porch_tui.process.liveness import Exit

sys.setswitchinterval(1e-6)
numbers = dict.fromkeys(["index", "code", "killed", "max_rss_bytes"], 0)
seconds = dict.fromkeys(["started_at", "ended_at", "wall_s", "paused_s", "cpu_s"], 1.0)
RECORD = {"step": "run", "cause": "exit", "detail": "", "steps": [], "stragglers": [], **numbers, **seconds}

def read():
    barrier.wait()
    msgspec.convert(RECORD, Exit)

for _ in range(300):
    if os.fork() == 0:
        barrier = threading.Barrier(4)
        threads = [threading.Thread(target=read) for _ in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        os._exit(0)
    assert 0 == os.wait()[1]
"""


@pytest.mark.slow
def test_threads_that_read_the_first_record_at_once_do_not_crash():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)
