"""The first thing that runs on a host: finds porch's program there, or takes it from its standard input.

Its text goes through the way in as one line, so it imports nothing of porch. It answers with lines of JSON
behind a token, which tells them from whatever a login prints, and then becomes the program: standard input
and output stay those of the way in.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import json
import os
import platform
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

MANIFEST = "files.json"
"""Names and sizes of a program's files: whoever cleans up folders may have taken some."""
UNUSED_S = 14 * 24 * 3600.0
"""After this long a program that nothing runs from is removed, when another one comes."""


class Problem(Exception):
    """Why porch cannot run here."""


def main(token: str, name: str, words: list[str]) -> None:
    """Become the program `name`, run with `words`: a module and its arguments.

    In these `{root}` is porch's folder.
    """
    said: dict[str, Any] = {}
    root = None
    try:
        root = find_root(Path.home() / ".cache", Path("/var/tmp"))
        folder = root / "programs" / name
        said = facts(root) | {"is_there": is_whole(folder)}
        say(token, said)
        if not said["is_there"]:
            take(folder)
            say(token, {"is_there": True})
    except (Problem, OSError, RuntimeError, zipfile.BadZipFile) as error:
        is_full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
        say(
            token,
            said | {"problem": f"no room is left in {root}; free some there" if is_full else str(error)},
        )
        os._exit(1)
    os.utime(folder)
    start = [
        sys.executable,
        "-I",
        f"{folder}/start.py",
        *(word.replace("{root}", str(root)) for word in words),
    ]
    os.execv(sys.executable, start)


def say(token: str, what: dict[str, Any]) -> None:
    """Send an answer. The line before may be of something else, and have no end."""
    os.write(1, f"\n{token} {json.dumps(what)}\n".encode())


def facts(root: Path) -> dict[str, Any]:
    """Return what is known of this machine."""
    return {
        "python": platform.python_version(),
        "executable": sys.executable,
        "git": git_version(),
        "user": user(),
        "host": socket.gethostname(),
        "system": sys.platform,
        "home": str(Path.home()),
        "root": str(root),
        "now": time.time(),
        "disk_free_bytes": shutil.disk_usage(root).free,
    }


def user() -> str:
    """Return the name of this user, or the number of one that has none."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def git_version() -> str:
    """Return what git says of its version, as `2.39.5`; empty if there is none."""
    if not shutil.which("git"):
        find_git()
    words = output_of("git", "--version").split()
    return words[2] if len(words) > 2 else ""


def find_git() -> None:
    """Add the folder to PATH where a person's own shell finds git."""
    shell = os.environ.get("SHELL") or "/bin/sh"
    for line in output_of(shell, "-lic", "command -v git").splitlines():
        if line.startswith("/"):
            os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:{Path(line).parent}"


def output_of(*command: str) -> str:
    """Return what a command prints; nothing if it fails, or takes long."""
    try:
        said = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=10,
            check=True,
            start_new_session=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.stdout.decode("utf-8", "replace")


def find_root(*parents: Path) -> Path:
    """Return porch's folder: the one that is there, or the first that can be made. Raises Problem."""
    # of this home: another of the same user's is another place
    instead = f"porch-{os.getuid()}-{hashlib.sha256(bytes(parents[0])).hexdigest()[:8]}"
    choices = [parents[0] / "porch", *(one / instead for one in parents[1:])]
    reasons = []
    for path in sorted(choices, key=lambda path: not path.is_dir()):
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.is_symlink() and path != choices[0]:
                raise Problem(f"{path} is a link")
            if path.stat().st_uid != os.getuid():
                raise Problem(f"{path} belongs to somebody else")
            (path / "programs").mkdir(mode=0o700, exist_ok=True)
            with tempfile.TemporaryFile(dir=path / "programs"):
                return path
        except (OSError, Problem) as error:
            if path == choices[0] and path.is_dir():
                raise  # attempts may run there: they are not to be sought elsewhere
            reasons.append(str(error))
    raise Problem(f"no folder can be made: {' and '.join(reasons)}; make one of them writable there")


def is_whole(folder: Path) -> bool:
    """Say whether a program is there with all its files."""
    try:
        sizes = json.loads((folder / MANIFEST).read_text())
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError):
        return False


def take(folder: Path) -> None:
    """Read a program from standard input, and put it where it belongs at once, or not at all."""
    data = read(int.from_bytes(read(8), "big"))
    scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sizes, digest = {}, hashlib.sha256()
            for name in sorted(archive.namelist()):
                content = archive.read(name)
                sizes[name] = len(content)
                digest.update(b"%s\0%d\0%s" % (name.encode(), len(content), content))
                (scratch / name).parent.mkdir(parents=True, exist_ok=True)
                (scratch / name).write_bytes(content)
        if not digest.hexdigest().startswith(folder.name):
            raise Problem("what arrived is not what was sent")
        (scratch / MANIFEST).write_text(json.dumps(sizes))
        put(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    remove_unused(folder)


def put(scratch: Path, folder: Path) -> None:
    """Rename a program to its name, unless another engine has just brought it."""
    for _ in range(3):
        try:
            scratch.rename(folder)
            return
        except OSError:
            if is_whole(folder):
                return
            if folder.exists():  # a part of it
                shutil.rmtree(folder, ignore_errors=True)
            else:
                raise
    raise Problem(f"{folder} cannot be replaced")


def remove_unused(newest: Path) -> None:
    """Remove programs that nothing has run from for long, and what was left half made."""
    for folder in newest.parent.iterdir():
        try:
            if folder == newest or time.time() - folder.stat().st_mtime < UNUSED_S:
                continue
            if (start := folder / "start.py").exists():
                with start.open() as used:  # start.py holds a lock on itself while it runs
                    fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
            else:
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue


def read(size: int) -> bytes:
    """Read as many bytes from standard input. Ends the process if the other side is gone."""
    parts = []
    while size:
        part = os.read(0, min(size, 1 << 20))
        if not part:
            os._exit(1)
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
