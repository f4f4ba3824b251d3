"""The hosts of a folder, one for each repository, and the engines that are connected to them."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from porch_tui import __version__, log
from porch_tui.errors import PorchError, is_full_disk
from porch_tui.places.host.host import Host
from porch_tui.places.host.repository import folder_of
from porch_tui.places.host.session import Session
from porch_tui.places.wire import messages as m
from porch_tui.places.wire.lines import Lines, WireError, encode

READ_BYTES = 1 << 20


class Hosts:
    """Makes a `Host` for each repository that an engine names. One of these for a folder at a time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._hosts: dict[Path, Host] = {}
        self._lock = threading.Lock()

    def adopt(self) -> None:
        """Watch what an earlier process left running, before any engine asks."""
        for folder in sorted(one.parent for one in self._root.glob("*/attempts")):
            names = [one.name for one in folder.iterdir() if (one / ".git").is_dir()]
            for name in names[:1]:
                with suppress(PorchError, OSError):
                    self._host(m.Greeting(m.PROTOCOL, __version__, folder.name, name))

    def serve(self, connection: socket.socket) -> None:
        """Serve one engine until it is gone, and close the connection."""
        outgoing = SimpleQueue[bytes | None]()
        threading.Thread(target=_write, args=(connection, outgoing), daemon=True).start()
        host, session = None, None
        lines = Lines.from_engine()
        try:
            while data := connection.recv(READ_BYTES):
                for message in lines.feed(data):
                    if session is None or host is None:
                        host, session = self._greet(message, outgoing)
                    else:
                        host.obey(session, message)
        except WireError as error:
            outgoing.put(encode(m.Refused(f"what came is no order: {error}")))
        except (PorchError, OSError) as error:
            log.warning(f"connection lost: {error}")
            why = f"no room is left in {self._root}; free some there" if is_full_disk(error) else str(error)
            outgoing.put(encode(m.Refused(why)))
        finally:
            if host is not None and session is not None:
                host.disconnect(session)
            outgoing.put(None)

    @property
    def is_needed(self) -> bool:
        """Whether an engine is in touch, or an attempt runs."""
        return any(host.is_needed for host in self._all())

    def end_all(self, grace_s: float) -> None:
        """End every attempt that runs."""
        for host in self._all():
            host.end_all(grace_s)

    def tidy(self) -> None:
        """Delete what is no longer needed. No engine can connect any more."""
        for host in self._all():
            host.tidy()

    def close(self) -> None:
        """Forget all hosts. What runs goes on, until its lease is over."""
        for host in self._all():
            host.close()
        with self._lock:
            self._hosts.clear()

    def _all(self) -> list[Host]:
        with self._lock:
            return list(self._hosts.values())

    def _host(self, greeting: m.Greeting) -> Host:
        folder = folder_of(self._root, greeting)
        with self._lock:
            if folder not in self._hosts:
                self._hosts[folder] = Host(folder, greeting)
            return self._hosts[folder]

    def _greet(self, message: m.Message, outgoing: SimpleQueue[bytes | None]) -> tuple[Host, Session]:
        if not isinstance(message, m.Greeting) or message.protocol != m.PROTOCOL:
            raise PorchError(
                f"this host speaks protocol {m.PROTOCOL} of porch {__version__}; use the same porch on both"
            )
        host = self._host(message)
        others = sum(one.running for one in self._all() if one is not host)
        return host, host.connect(message, outgoing.put, others)


def _write(connection: socket.socket, outgoing: SimpleQueue[bytes | None]) -> None:
    """Send what is to be sent, many messages at once where they have queued up."""
    with connection:
        while (data := outgoing.get()) is not None:
            pieces = [data]
            with suppress(Empty):
                while len(pieces) < 64 and (more := outgoing.get_nowait()) is not None:
                    pieces.append(more)
            try:
                connection.sendall(b"".join(pieces))
            except OSError:
                return
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
