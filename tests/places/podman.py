"""A real podman with storage of its own, and an image of this machine's programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LINKS = ("bin", "lib", "lib64", "sbin")
"""Into /usr: with that mounted, an image needs nothing else but git's and Python's settings."""
IMAGE_OPTIONS = (
    "--network=none", "--init=false", "-v", "/usr:/usr:ro",
    "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096",
)  # fmt: skip
"""Of `podman run`, for such an image."""


@contextmanager
def podman_with_image(name: str) -> Iterator[tuple[str, ...]]:
    """Give podman's command line, with an image of that name; skip where it does not work."""
    if not shutil.which("podman") or os.getuid():
        pytest.skip("no podman, or not root")
    if not all(Path("/", link).is_symlink() for link in LINKS if Path("/", link).exists()):
        pytest.skip("the folders of programs are no links into /usr here")
    runtime = ["--runtime", "runc"] if shutil.which("runc") else []
    folder = Path(tempfile.mkdtemp(prefix="porch-pod-"))  # a longer path is refused
    roots = ["--root", f"{folder}/pod", "--runroot", f"{folder}/run"]
    client = ("podman", *runtime, "--cgroup-manager=cgroupfs", "--storage-driver=vfs", *roots)
    tar = ["tar", "-cf", folder / "image.tar", "-C", "/", *(n for n in LINKS if Path("/", n).exists())]
    for words in (tar, [*client, "import", "-q", folder / "image.tar", name]):
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            pytest.skip(f"podman does not work here: {done.stderr.strip()[-300:]}")
    yield client
    subprocess.run([*client, "rm", "--all", "--force", "--time", "0"], check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)
