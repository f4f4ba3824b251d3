"""For every test: no git configuration, identity or terminal of the person leaks in, and nothing out."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable

import pytest
from hypothesis import settings

# The time of an example depends on the machine more than on porch. The same code gets the same examples, so
# that whoever sees a test fail sees why it does; the profile `explore` looks for what no one has seen.
settings.register_profile("porch", deadline=None, max_examples=50, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("porch")

GIT_VARIABLES = [name for name in os.environ if name.startswith("GIT_")]

for name in [
    *GIT_VARIABLES,
    "NO_COLOR",
    "FORCE_COLOR",
    "SSH_CONNECTION",
    "SSH_TTY",
    "TMUX",
    "COLUMNS",
    "LINES",
]:
    os.environ.pop(name, None)

# Tests have no git configuration, like a new machine.
os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
os.environ["GIT_CONFIG_SYSTEM"] = os.devnull

# An installed porch has its byte code, and so has each of the thousand programs that tests start: a third
# less CPU.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A shell's `&` starts programs with SIGINT ignored, and what ignores it cannot be interrupted.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure() -> None:
    """Have a home without anything in it: what tests start keeps things there, such as a host its program."""
    os.environ["HOME"] = tempfile.mkdtemp(prefix="porch-tests-home-")


def pytest_unconfigure() -> None:
    """Remove it."""
    shutil.rmtree(os.environ["HOME"], ignore_errors=True)


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Wait for a condition, with a deadline that only a broken program reaches."""

    def wait_until(is_true: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not is_true():
            assert time.monotonic() < deadline, "the condition did not come true"
            time.sleep(0.01)

    return wait_until


def pytest_collection_finish() -> None:
    """Keep the garbage collector from examining modules and tests, which stay anyway."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
