"""A host behind a command: its standard streams are the connection (ssh, podman exec, a Python here)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from porch_tui.places.carriers.carrier import CarrierError
from porch_tui.places.carriers.ssh import advice, ssh_command
from porch_tui.places.carriers.stream import Stream
from porch_tui.places.carriers.way_in import TO_LOGIN, Entered, LastWords, enter
from porch_tui.process.children import start_piped


class PipeCarrier:
    """Starts a command for each connection.

    With `words` it is a way in, to which the host's side is sent and run with them; without, it must serve a
    host on its standard streams.
    """

    def __init__(
        self, argv: Sequence[str], env: Mapping[str, str] | None = None, words: Sequence[str] = ()
    ) -> None:
        self._argv = tuple(argv)
        self._env = env
        self._words = tuple(words)

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> PipeLink:
        """Start the command. Raises CarrierError where there is no such program, or no host behind it."""
        if self._words:
            return PipeLink(enter(self._argv, self._env, self._words), self._argv[0], on_data, on_lost)
        try:
            child = start_piped(self._argv, self._env)
        except OSError as error:
            raise CarrierError(f"cannot start {self._argv[0]!r}: {error.strerror}") from error
        return PipeLink(Entered(child, LastWords(child)), self._argv[0], on_data, on_lost)


class SshCarrier:
    """Reaches a host by ssh: `big`, `me@big` or `ssh://me@big:2222`.

    Making it raises CarrierError if the address is none of these.
    """

    def __init__(
        self, address: str, env: Mapping[str, str] | None = None, words: Sequence[str] = TO_LOGIN
    ) -> None:
        self._address = address
        self._pipe = PipeCarrier(ssh_command(address), env, words)

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> PipeLink:
        """Connect. Raises CarrierError with what ssh said, and what to do about it."""
        try:
            return self._pipe.open(on_data, on_lost)
        except CarrierError as error:
            raise CarrierError(advice(str(error), self._address)) from error


class PipeLink:
    """A running command."""

    def __init__(
        self,
        entered: Entered,
        name: str,
        on_data: Callable[[bytes], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._name = name
        self._child, self._errors, self.facts = entered.child, entered.errors, entered.facts
        self._on_data, self._on_lost = on_data, on_lost
        self._rest = entered.rest
        stdin, stdout = self._child.stdin, self._child.stdout
        assert stdin is not None and stdout is not None

        def finish() -> None:
            with suppress(OSError):
                stdin.close()

        self._stdout = stdout
        self._stream = Stream(stdout.fileno(), stdin.fileno(), finish)
        if self._rest:
            threading.Thread(target=self._begin, name="pipe", daemon=True).start()
        else:
            self._begin()

    def send(self, data: bytes) -> None:
        """Send bytes; returns at once."""
        self._stream.send(data)

    def close(self) -> None:
        """End the command."""
        self._stream.close()
        with suppress(OSError):
            self._child.terminate()

    def _begin(self) -> None:
        try:
            if self._rest:
                self._on_data(self._rest)
        except OSError:
            self._end()
        else:
            self._stream.read(self._on_data, self._end)

    def _end(self) -> None:
        with suppress(OSError):
            self._stdout.close()
        self.close()
        said = self._errors.last_line()
        code = self._child.wait()
        self._on_lost(said or f"{self._name} ended with exit code {code}")
