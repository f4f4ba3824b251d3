"""Which errors are about the machine or the folder and no bug of porch: a sentence for each of them."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from porch_tui.errors import is_full_disk, limit_met

NOT_OURS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ESTALE, errno.ELOOP, errno.ENAMETOOLONG}
"""What a system answers, whatever a program does, where it may not or cannot do what it is asked."""


def sentence(error: BaseException) -> str:
    """Return what is in the way and what to do about it; empty if the error is a bug of porch."""
    if limit := limit_met(error):
        return f"it could not go on: {limit}"
    if is_full_disk(error) and getattr(error, "errno", None) != errno.EROFS:
        name = getattr(error, "filename", None)
        where = f"the disk of {_text(name)} is full" if name else "a disk is full"
        return f"it could not go on: {where}; make room, then try again"
    if "No usable temporary directory" in str(error):
        return "it could not go on: there is no temporary folder that can be written; make one, or set TMPDIR"
    if isinstance(error, OSError) and error.errno in NOT_OURS:
        place = f"{_text(error.filename)}: " if error.filename is not None else ""
        return f"it could not go on: {place}{error.strerror}; {_owned(error) or 'mend that'}, then try again"
    return ""


def _owned(error: OSError) -> str:
    """Return to whom it belongs that may not be read or written, if that is another user, and what to do."""
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
