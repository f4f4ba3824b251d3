"""A host behind a command: its standard streams are the connection (ssh, podman exec, a Python here)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from queue import SimpleQueue

from porch_tui.places.carriers.carrier import CarrierError
from porch_tui.process.children import Child, start_piped

READ_BYTES = 1 << 20
LAST_WORDS_BYTES = 4096
"""Of its standard error."""


class PipeCarrier:
    """Starts a command for each connection. What it starts must serve a host on its standard streams."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self._argv = tuple(argv)
        self._env = env

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> PipeLink:
        """Start the command. Raises CarrierError where there is no such program."""
        try:
            child = start_piped(self._argv, self._env)
        except OSError as error:
            raise CarrierError(f"cannot start {self._argv[0]!r}: {error.strerror}") from error
        return PipeLink(child, self._argv[0], on_data, on_lost)


class PipeLink:
    """A running command."""

    def __init__(
        self,
        child: Child,
        name: str,
        on_data: Callable[[bytes], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._name = name
        self._child, self._on_data, self._on_lost = child, on_data, on_lost
        self._outgoing = SimpleQueue[bytes | None]()
        self._last_words = b""
        self._listener = threading.Thread(target=self._listen, name="pipe errors", daemon=True)
        self._listener.start()
        for work in (self._read, self._write):
            threading.Thread(target=work, name="pipe", daemon=True).start()

    def send(self, data: bytes) -> None:
        """Send bytes; returns at once."""
        self._outgoing.put(data)

    def close(self) -> None:
        """End the command."""
        self._outgoing.put(None)
        with suppress(OSError):
            self._child.terminate()

    def _read(self) -> None:
        stream = self._child.stdout
        assert stream is not None
        with stream, suppress(OSError):
            while data := os.read(stream.fileno(), READ_BYTES):
                self._on_data(data)
        self.close()
        self._listener.join(1.0)
        code = self._child.wait()
        words = self._last_words.decode(errors="replace").strip().splitlines()
        self._on_lost(words[-1] if words else f"{self._name} ended with exit code {code}")

    def _listen(self) -> None:
        stream = self._child.stderr
        assert stream is not None
        with stream, suppress(OSError):
            while data := os.read(stream.fileno(), READ_BYTES):
                self._last_words = (self._last_words + data)[-LAST_WORDS_BYTES:]

    def _write(self) -> None:
        stream = self._child.stdin
        assert stream is not None
        with suppress(OSError), stream:
            while (data := self._outgoing.get()) is not None:
                left = memoryview(data)
                while left:
                    left = left[os.write(stream.fileno(), left) :]
