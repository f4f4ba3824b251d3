"""A process of another user, which the shim may not kill, is waited for and named."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from porch_tui.process import liveness
from porch_tui.process.spawn import SHIM
from porch_tui.process.supervisor import spool

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
PYTHON = "/usr/bin/python3"
"""One that everybody may run; a shim needs nothing of porch but the files beside it."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of the user nobody, with the shim and a program that becomes root."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None or not Path(PYTHON).exists():
        pytest.skip("needs root, setpriv and a python for everybody")
    place = Path(tempfile.mkdtemp(prefix="porch-unkillable-"))
    try:
        shutil.copytree(SHIM.parent, place / "process")
        program = place / "as-root"
        shutil.copy(str(shutil.which("setpriv")), program)
        for path in (place, *place.rglob("*")):
            path.chmod(0o755)
        (place / "attempt").mkdir()
        os.chown(place / "attempt", 65534, 65534)
        program.chmod(0o4755)
        asked = subprocess.run(
            [*NOBODY, program, "--reuid=0", "id", "-ru"], capture_output=True, text=True, check=False
        )
        if asked.stdout.strip() != "0":
            pytest.skip("setuid programs do not work in the temporary folder")
        yield place
    finally:
        shutil.rmtree(place)


@pytest.mark.slow
def test_a_process_that_cannot_be_killed_is_reported_with_its_owner(folder: Path, until):
    directory = folder / "attempt"
    argv = [str(folder / "as-root"), "--reuid=0", "sleep", "1000"]
    spec = {
        "steps": [{"name": "run", "argv": argv, "shown": ""}],
        "cwd": "/", "timeout_s": 0.1, "grace_s": 0.1, "open_files": None, "umask": 0o22,
    }  # fmt: skip
    spool.put(f"{directory}/spec.json", spec)
    (directory / "spec.json").chmod(0o644)
    with tempfile.TemporaryFile() as environment:
        environment.write(json.dumps({"PATH": "/usr/bin:/bin"}).encode())
        environment.flush()
        shim = [*NOBODY, PYTHON, "-I", "-S", folder / "process" / "shim.py", directory]
        subprocess.run(shim, stdin=environment, stdout=subprocess.DEVNULL, check=True)

    def named() -> list[tuple[str, str]]:  # until it has become `sleep`, it is named as what makes it root
        return [(one.name, one.owner) for one in getattr(liveness.find(directory), "stuck", ())]

    until(lambda: named() == [("sleep", "root")])

    (stuck,) = liveness.find(directory).stuck
    until(lambda: f"waits for process {stuck}" in (directory / "output.log").read_text())
    os.kill(stuck.pid, signal.SIGKILL)
    found = liveness.wait(directory, timeout_s=60)
    assert isinstance(found, liveness.Ended) and found.exit.cause is liveness.Cause.TIMEOUT
