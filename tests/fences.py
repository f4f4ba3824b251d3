"""Which fences start on this machine, for tests that need one."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache

import pytest

NOT_ROOT = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
"""What is put before a command that root must not run."""


@cache
def _why_no_bwrap() -> str:
    if not shutil.which("bwrap"):
        return "bwrap is not installed"
    words = ["bwrap", "--ro-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "true"]
    done = subprocess.run([*NOT_ROOT, *words], capture_output=True, text=True, check=False)
    return f"bwrap does not start here: {done.stderr.strip()}" if done.returncode else ""


needs_bwrap = pytest.mark.skipif(bool(_why_no_bwrap()), reason=_why_no_bwrap())
