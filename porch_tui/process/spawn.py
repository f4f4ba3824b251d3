"""Starts an attempt under a shim of its own, once, however often it is called.

What the steps mean is the caller's business; so is a retry, which gets another directory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from porch_tui.errors import RepositoryError
from porch_tui.process import zygote_client
from porch_tui.process.assignment import Assignment, Behind
from porch_tui.process.children import Child
from porch_tui.process.environment import MARK
from porch_tui.process.inherited_state import original_file_limit, original_umask
from porch_tui.process.liveness import NotStarted, find
from porch_tui.process.supervisor import spool

SHIM = Path(__file__).with_name("supervisor") / "shim.py"
BEGIN_WITHIN_S = 30.0
"""A shim begins in about 30 ms; a machine so busy that it takes this long cannot use another task."""


class ShimError(RepositoryError):
    """The machine would not let an attempt begin."""


def start(assignment: Assignment) -> None:
    """Start the attempt, and return as soon as its shim supervises it.

    Does nothing if it has begun before, whatever has become of it since. Raises ShimError if it has not
    begun in time; it still may, so ask `find` before using another directory.
    """
    directory = assignment.directory.absolute()  # the shim works elsewhere
    try:
        directory.mkdir(mode=0o700, exist_ok=True)  # no parents: a run that was deleted stays so
        with spool.one_at_a_time(str(directory)):
            problem = _begin(assignment, directory)
    except OSError as error:
        problem = str(error)
    if not _has_begun(directory):
        raise ShimError(
            f"an attempt was to begin in {directory}, but its supervisor did not come up: "
            f"{problem or 'it gave no reason'}; fix that, then retry the task"
        )


def _has_begun(directory: Path) -> bool:
    if spool.has(f"{directory}/run.json"):
        return True
    return spool.has(f"{directory}/lock") and not isinstance(find(directory), NotStarted)


def _begin(assignment: Assignment, directory: Path) -> str:
    if _has_begun(directory):
        return ""  # another process was faster, or it was long ago
    spec: dict[str, object] = {
        "steps": msgspec.to_builtins(assignment.steps),
        "cwd": str(assignment.cwd),
        "mark": str(directory),
        "timeout_s": assignment.timeout_s,
        "grace_s": assignment.grace_s,
        "open_files": original_file_limit(),
        "umask": original_umask(),
        "fence": msgspec.to_builtins(assignment.fence),
        "lease_s": assignment.lease_s,
    }
    if assignment.behind:
        behind = [_behind(one) for one in assignment.behind]
        ends = assignment.ends_at_failure
        spec |= {"behind": behind, "ends_at_failure": ends, "hold_s": assignment.hold_s}
    spool.put(f"{directory}/spec.json", spec)
    kept = {name: value for name, value in assignment.env.items() if name != "OLDPWD"}
    env = {**kept, "PWD": str(assignment.cwd), MARK: str(directory)}  # some programs trust PWD
    with _nameless_file(json.dumps(env).encode()) as environment:
        zygote_client.fork_shim(directory, environment)
        return "" if _has_begun(directory) else _launch(directory, environment)


def _behind(one: Behind) -> dict[str, object]:
    mark = str(one.directory.absolute())
    return {
        "name": one.directory.name,
        "steps": msgspec.to_builtins(one.steps),
        "mark": mark,
        "timeout_s": one.timeout_s,
        "env": {**one.env, MARK: mark},
    }


@contextmanager
def _nameless_file(content: bytes) -> Iterator[int]:
    """Create a file without a name: an environment holds secrets, and a run directory is kept."""
    with (
        os.fdopen(os.memfd_create("porch"), "wb") if sys.platform == "linux" else tempfile.TemporaryFile()
    ) as file:
        file.write(content)
        file.flush()
        yield file.fileno()


def _launch(directory: Path, environment: int) -> str:
    """Start a shim as a program and return its error message; empty once it has begun.

    It closes its output when it begins; until then errors come here.
    """
    command = [sys.executable, "-I", "-S", str(SHIM), str(directory)]
    with Child(
        command,
        cwd="/",
        stdin=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=BEGIN_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return f"it had not begun after {BEGIN_WITHIN_S:g} s"
    return output.decode(errors="replace").strip().rpartition("\n")[2]  # the last line of a traceback
