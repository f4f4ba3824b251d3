"""What a short command prints: run it, wait for it, and end it when that takes too long."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from porch_tui.errors import PorchError

LONGEST_S = 60.0
MOST_BYTES = 16 * 1024 * 1024
GRACE_S = 1.0
"""How long what the command leaves behind may keep its output open."""
BLOCK_BYTES = 64 * 1024


class CommandError(PorchError):
    """A command gave no answer; the text says why, as the rest of a sentence that begins with the command."""


def printed(command: Sequence[str], cwd: Path, env: Mapping[str, str], longest_s: float = LONGEST_S) -> bytes:
    """Return what a command prints to standard output. CommandError if it fails or does not end.

    It is ended after `longest_s` seconds, or when it prints more than `MOST_BYTES`.
    """
    with tempfile.TemporaryFile() as complaints:
        try:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise CommandError(f"could not be started: {getattr(error, 'strerror', None) or error}") from None
        with process:
            try:
                output = _read(process, longest_s)
            finally:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
        if process.returncode != 0:
            complaints.seek(0)
            said = complaints.read().decode("utf-8", "replace").strip().splitlines()
            how = f"exit {process.returncode}" if process.returncode > 0 else f"signal {-process.returncode}"
            raise CommandError(f"failed with {how}{f': {said[-1][:200]}' if said else ''}")
        return output


def _read(process: subprocess.Popen[bytes], longest_s: float) -> bytes:
    """Return all that the process prints until it ends. CommandError if it is too much, or too late."""
    assert process.stdout is not None
    output, deadline = bytearray(), time.monotonic() + longest_s
    descriptor = process.stdout.fileno()
    while True:
        has_ended = process.poll() is not None
        if has_ended:
            deadline = min(deadline, time.monotonic() + GRACE_S)
        ready, _, _ = select.select([descriptor], [], [], min(0.1, max(0.0, deadline - time.monotonic())))
        if ready:
            if not (block := os.read(descriptor, BLOCK_BYTES)):
                break
            output += block
            if len(output) > MOST_BYTES:
                raise CommandError(f"printed more than {MOST_BYTES >> 20} MiB and was ended")
        elif has_ended:
            return bytes(output)  # what it left behind may hold its output open for ever
        elif time.monotonic() >= deadline:
            raise CommandError(f"did not end within {longest_s:g} s and was ended")
    try:
        process.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise CommandError(f"did not end within {longest_s:g} s and was ended") from None
    return bytes(output)
