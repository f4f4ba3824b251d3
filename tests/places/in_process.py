"""A host in the process of its engine: both sides of the wire, without a program between them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from porch_tui.places.carriers.stream import Stream
from porch_tui.places.host.hosts import Hosts

_HOSTS: dict[Path, Hosts] = {}
"""By their folder: whoever connects finds those that are there."""


def close(root: Path) -> None:
    """Forget the hosts of a folder, as if their process had ended."""
    if (hosts := _HOSTS.pop(root, None)) is not None:
        hosts.close()


class InProcess:
    """The way to the host of a folder, in this process."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> Stream:
        """Connect by a pair of sockets."""
        here, there = socket.socketpair()
        hosts = _HOSTS.setdefault(self._root, Hosts(self._root))
        threading.Thread(target=hosts.serve, args=(there,), daemon=True).start()

        def finish() -> None:
            with suppress(OSError):  # the other side was first
                here.shutdown(socket.SHUT_RDWR)

        def end() -> None:
            stream.close()
            here.close()
            on_lost("the host has ended the connection")

        stream = Stream(here.fileno(), here.fileno(), finish)
        stream.read(on_data, end)
        return stream
