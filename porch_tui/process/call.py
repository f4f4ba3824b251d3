"""Runs a short command that is to call a person, within a time, with a text on its standard input."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from porch_tui.process.children import Child
from porch_tui.process.inherited_state import original_umask

SAID_BYTES = 4096
"""Of what the command prints only so much is kept, the end."""
LOOK_S = 0.1


def why_call_failed(
    argv: Sequence[str],
    text: bytes,
    folder: Path,
    environ: Mapping[str, str],
    *,
    timeout_s: float,
    is_given_up: Callable[[], bool] = lambda: False,
) -> str:
    """Run a command to its end with `text` on its standard input; return why it failed, or nothing.

    It is killed after `timeout_s`, or once it `is_given_up`; what it has started in the background goes on
    if it ends in time.
    """
    try:
        with tempfile.TemporaryFile() as given:  # no pipe: the command need not read it
            given.write(text)
            given.seek(0)
            child = Child(
                argv,
                cwd=folder if folder.is_dir() else "/",
                env=environ,
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
                start_new_session=True,
                umask=original_umask(),
            )
    except OSError as error:
        return f"{argv[0]}: {error.strerror or error}"
    said, deadline, why = b"", time.monotonic() + timeout_s, ""
    assert child.stdout is not None
    with child.stdout as output:
        os.set_blocking(output.fileno(), False)
        while child.poll() is None and not why:
            if is_given_up():
                why = "porch was asked to end"
            elif time.monotonic() >= deadline:
                why = f"no end within {timeout_s:g} s"
            said = _more(said, output.fileno(), LOOK_S)
        if why:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        said = _more(said, output.fileno(), 0.0)
    if not why and not child.returncode:
        return ""
    how = why or f"exit {child.returncode}"
    words = " ".join(said.decode("utf-8", "replace").split())[-300:]
    return f"{argv[0]}: {how}: {words}" if words else f"{argv[0]}: {how}"


def _more(said: bytes, descriptor: int, wait_s: float) -> bytes:
    """Return the end of what was said, with what is there within `wait_s`."""
    with suppress(BlockingIOError):
        if select.select([descriptor], [], [], wait_s)[0]:
            while new := os.read(descriptor, 65536):
                said = (said + new)[-SAID_BYTES:]
                if len(new) < 65536:
                    break
            else:
                time.sleep(wait_s)  # it has closed its output, and goes on
    return said
