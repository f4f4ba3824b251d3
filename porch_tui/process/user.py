"""Who runs this process, by name."""

from __future__ import annotations

import os


def user_name() -> str:
    """Return the name that this user has logged in with, or the number of one that has none.

    A container may run as a user that its /etc/passwd does not know.
    """
    from getpass import getuser  # with termios: a status needs neither

    try:
        return getuser()
    except (KeyError, OSError):  # OSError since Python 3.13
        return str(os.getuid())
