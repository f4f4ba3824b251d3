"""Describes an unexpected error: a condition of the machine, or a bug of porch with its traceback."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path

from porch_tui.errors import PorchError, is_full_disk, limit_met

NOT_OURS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ESTALE, errno.ELOOP, errno.ENAMETOOLONG}
"""What a system answers, whatever a program does, where it may not or cannot do what it is asked."""


def condition(error: BaseException) -> str:
    """Return what is in the way and what to do about it; empty if the error is a bug of porch."""
    if limit := limit_met(error):
        return f"porch cannot continue: {limit}"
    if is_full_disk(error) and getattr(error, "errno", None) != errno.EROFS:
        name = getattr(error, "filename", None)
        where = f"the disk of {_text(name)} is full" if name else "a disk is full"
        return f"porch cannot continue: {where}; free some space, then try again"
    if "No usable temporary directory" in str(error):
        return "porch cannot continue: there is no writable temporary folder; create one, or set TMPDIR"
    if isinstance(error, OSError) and error.errno in NOT_OURS:
        place = f"{_text(error.filename)}: " if error.filename is not None else ""
        hint = _owner_hint(error) or "fix that"
        return f"porch cannot continue: {place}{error.strerror}; {hint}, then try again"
    return ""


def _owner_hint(error: OSError) -> str:
    """Return which other user owns what may not be read or written, and what to do; empty if none does."""
    if error.errno not in (errno.EACCES, errno.EPERM) or error.filename is None:
        return ""
    place = Path(os.fsdecode(error.filename)) if not isinstance(error.filename, int) else Path()
    for path in (place, *place.parents):
        with suppress(OSError):
            user = path.lstat().st_uid
            if user == os.geteuid():
                return ""
            return f"{path} belongs to {_name(user)}, have it given back (chown -R {_name(os.geteuid())} …)"
    return ""


def _name(user: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


def _text(name: object) -> str:
    return os.fsdecode(name) if isinstance(name, str | bytes) else str(name)


def save_traceback() -> str:
    """Write the traceback of the present exception to a file, and say where.

    Into the newest run's directory, else into a new folder that only its owner may enter: others write in
    the temporary one, too.
    """
    text = traceback.format_exc()
    for place in (_in_newest_run, lambda: Path(tempfile.mkdtemp(prefix="porch-")) / "traceback.txt"):
        with suppress(OSError, PorchError):
            path = place()
            if path is not None:
                _append(path, text)
                return f"its traceback is in {path}"
    return text


def _in_newest_run() -> Path | None:
    from porch_tui.git.discovery import discover
    from porch_tui.journal.rundir import all_runs

    runs = all_runs(discover(Path.cwd()).common_dir)
    return runs[0].traceback if runs else None


def _append(path: Path, text: str) -> None:
    """Append to a regular file of ours; follow no link, and never wait for the reader of a pipe."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "a", encoding="utf-8", errors="backslashreplace") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise PermissionError(f"{path} is not a regular file")
        file.write(text)
