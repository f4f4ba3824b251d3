"""Where the host's process of a folder is found. Loads next to nothing: a connection must be quick."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from porch_tui.places.wire.protocol import PROTOCOL

SOCKET = f"socket.{PROTOCOL}"
IDLE_S = 60.0
"""A host's process ends when for so long no engine was connected and nothing ran."""


def connected(root: Path, name: str = SOCKET) -> socket.socket:
    """Return a connection to the host's process of a folder, which becomes the current one.

    Raises OSError if it does not run.
    """
    os.chdir(root)  # a path may be too long for a socket
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(name)
    except OSError:
        connection.close()
        raise
    return connection
