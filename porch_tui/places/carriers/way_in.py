"""From a way in to porch's host side: a command gives the streams of a Python or a shell, and is sent it.

What a login prints before is skipped, whatever it is. Nothing is answered but what `loader.py` asks, and all
of it within a deadline.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import select
import shlex
import signal
import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

import msgspec
from msgspec import Struct

from porch_tui.git.repository import OLDEST_GIT
from porch_tui.places.carriers.carrier import CarrierError
from porch_tui.places.program import loader
from porch_tui.places.program.contents import ENTRY, Program, host_program
from porch_tui.process.children import Child, start_piped

WITHIN_S = 30.0
"""From starting the command to the host's side running there, with sending it."""
END_WITHIN_S = 0.5
"""For a command that has failed to end before it is made to, so that all its words are here."""
READ_BYTES = 1 << 16
MOST_NOISE_BYTES = 1 << 20
"""Before the first answer."""
LAST_WORDS_BYTES = 4096
OLDEST_PYTHON = (3, 11)
INSTALL_PYTHON = "install it there (apt install python3, brew install python, uv python install 3.12)"
INSTALL_GIT = "install it there (apt install git, brew install git)"
WORDS = (ENTRY, "--root", "{root}/hosts")
"""What runs on a host."""
TO_CONTAINER = (*WORDS, "--shell-path", "last")
"""What made it has set its PATH."""
TO_LOGIN = (*WORDS, "--shell-path", "first")
"""Of a person, who has put version managers first."""

_SHELLS = {"sh", "bash", "dash", "ash", "ksh", "zsh", "busybox"}
_PYTHONS = "python3 python3.14 python3.13 python3.12 python3.11"
_FOLDERS = "~/.local/bin ~/.pyenv/shims /usr/local/bin /opt/homebrew/bin /opt/local/bin ~/miniconda3/bin"
"""Where logins that are not interactive do not look."""


class HostFacts(Struct, frozen=True):
    """What a host has said of itself."""

    python: str = ""
    executable: str = ""
    git: str = ""
    """Its version; empty: there is none."""
    user: str = ""
    host: str = ""
    system: str = ""
    """`linux`, `darwin`."""
    home: str = ""
    root: str = ""
    """Porch's folder there."""
    now: float = 0.0
    """Its clock, in seconds since 1970."""
    disk_free_bytes: int = 0
    is_there: bool = False
    """The program was there already."""
    problem: str = ""
    """Why porch cannot run there."""


class LastWords:
    """Reads what a command says on its standard error, for as long as it lives, and keeps the end of it."""

    def __init__(self, child: Child) -> None:
        assert child.stderr is not None
        self._stream: IO[bytes] = child.stderr
        self._text = b""
        self._thread = threading.Thread(target=self._listen, name="errors of a way in", daemon=True)
        self._thread.start()

    def last_line(self, within_s: float = 1.0) -> str:
        """Return the last line that was said, once all is here; empty if there was none."""
        self._thread.join(within_s)
        return _last_line(self._text)

    def _listen(self) -> None:
        with self._stream, suppress(OSError):
            while data := os.read(self._stream.fileno(), READ_BYTES):
                self._text = (self._text + data)[-LAST_WORDS_BYTES:]


class Entered(Struct, frozen=True):
    """A host's side that runs, and waits for the engine's first message."""

    child: Child
    errors: LastWords
    facts: HostFacts = HostFacts()
    rest: bytes = b""
    """What has arrived already."""


def enter(
    argv: Sequence[str],
    env: Mapping[str, str] | None = None,
    words: Sequence[str] = TO_CONTAINER,
    within_s: float = WITHIN_S,
    program: Program | None = None,
) -> Entered:
    """Start the way in, and the host's side behind it, which is sent if it is not there yet.

    `argv` ends in `python3 -` or in `sh`. `words` name a module and its arguments. Raises CarrierError;
    then nothing of it is left running.
    """
    program = program or host_program()
    token = secrets.token_hex(8)
    first_words, command = _first_words(argv, token, program, words)
    try:
        child = start_piped(command, env)
    except OSError as error:
        raise CarrierError(
            f"cannot start {argv[0]!r}: {error.strerror}; install it, or mend `run`"
        ) from error
    errors = LastWords(child)
    stream = _Stream(child, within_s)
    try:
        stream.write(first_words)
        facts = stream.answer(token)
        if not facts.is_there and not facts.problem:
            stream.write(len(program.data).to_bytes(8, "big") + program.data)
            facts = msgspec.structs.replace(facts, problem=stream.answer(token).problem)
        _check(facts)
    except (CarrierError, OSError) as error:
        stream.end()
        raise CarrierError(_why(error, errors.last_line(), stream.noise)) from error
    except BaseException:
        stream.end()
        raise
    return Entered(child, errors, facts, stream.rest())


class _EndedError(CarrierError):
    """The way in ended before Python ran there."""


class _LateError(CarrierError):
    """The way in has not answered."""


class _Stream:
    """Both directions of a way in, until the host's side has them."""

    def __init__(self, child: Child, within_s: float) -> None:
        assert child.stdin is not None
        assert child.stdout is not None
        self._child, self._within_s = child, within_s
        self._deadline = time.monotonic() + within_s
        self._in, self._out = child.stdin.fileno(), child.stdout.fileno()
        self._unread, self._has_ended = b"", False
        self.noise = b""
        """What came before the first answer."""

    def write(self, data: bytes) -> None:
        """Send all of it, or as much as is taken: then its answer, or its end, says more."""
        left = memoryview(data)
        os.set_blocking(self._in, False)
        try:
            while left and not self._has_ended:
                if self._in in self._wait({self._in: select.POLLOUT, self._out: select.POLLIN}):
                    left = left[os.write(self._in, left) :]
                else:
                    self._read()
        except BrokenPipeError:
            return
        finally:
            os.set_blocking(self._in, True)

    def answer(self, token: str) -> HostFacts:
        """Return the next answer of the loader. Raises CarrierError if none comes."""
        sign = f"\n{_MARK}{token} ".encode()
        while True:
            before, found, after = (b"\n" + self._unread).partition(sign)
            if found and b"\n" in after:
                line, _, self._unread = after.partition(b"\n")
                self.noise += before
                try:
                    return msgspec.json.decode(line, type=HostFacts)
                except msgspec.DecodeError as error:
                    raise CarrierError(f"what it answers is not understood: {error}") from error
            if len(self._unread) > MOST_NOISE_BYTES:
                raise CarrierError("it prints without end; `run` must end in `python3 -` or `sh`")
            if self._has_ended:
                self.noise += self._unread
                raise _EndedError
            self._wait({self._out: select.POLLIN})
            self._read()

    def rest(self) -> bytes:
        """Return what has come behind the last answer."""
        return self._unread

    def _read(self) -> None:
        data = os.read(self._out, READ_BYTES)
        self._unread += data
        self._has_ended = not data

    def _wait(self, for_what: Mapping[int, int]) -> set[int]:
        """Return which of these descriptors are ready. Raises CarrierError after the deadline."""
        poll = select.poll()
        for fd, event in for_what.items():
            poll.register(fd, event)
        ready = {fd for fd, _ in poll.poll(max(0.0, self._deadline - time.monotonic()) * 1000)}
        if not ready:
            raise _LateError(f"no answer within {self._within_s:g} s")
        return ready

    def end(self) -> None:
        """End the command, and all it has started in its session."""
        for number in (None, signal.SIGTERM, signal.SIGKILL):
            if number is not None:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._child.pid, number)
            for stream in (self._child.stdin, self._child.stdout):
                with suppress(OSError):
                    stream.close() if stream is not None else None
            if _has_ended(self._child):
                return


def _has_ended(child: Child) -> bool:
    deadline = time.monotonic() + END_WITHIN_S
    while child.poll() is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


_MARK = "porch-"
"""Before the token; nowhere in one piece in what is sent, so that an echo of it is no answer."""


def check_way_in(argv: Sequence[str]) -> None:
    """Raise CarrierError if a command starts, by its last words, neither a shell nor a Python."""
    last = Path(argv[-2] if argv[-1] == "-" and len(argv) > 1 else argv[-1]).name
    if argv[-1] != "-" and last in _SHELLS:
        return
    if not last.startswith("python"):
        raise CarrierError(f"{shlex.join(argv)!r} leads to no Python; `run` must end in `python3 -` or `sh`")


def _first_words(
    argv: Sequence[str], token: str, program: Program, words: Sequence[str]
) -> tuple[bytes, tuple[str, ...]]:
    """Return what to say first to what a way in starts, and the way in as it is run."""
    if Path(argv[-1]).name in _SHELLS:
        return _shell_words(_python_code(token, program, words), token), tuple(argv)
    check_way_in(argv)
    rest = tuple(argv[:-1]) if argv[-1] == "-" else tuple(argv)
    # a Python that is given its program on standard input waits for its end, but for one it takes as typed
    return _python_code(token, program, words).encode() + b"\n", (*rest, "-Iqi")


def _python_code(token: str, program: Program, words: Sequence[str]) -> str:
    """Return one line of any Python 3, which runs the loader, or says that it is too old."""
    source = _loader() + f"\nmain({_MARK!r} {token!r}, {program.name!r}, {list(words)!r})\n"
    packed = base64.b64encode(zlib.compress(source.encode(), 9)).decode()
    old = json.dumps({"python": "%s", "is_there": False, "problem": "old"})
    answer = f"""os.write(1,("\\n"+{_MARK!r}+"{token} "+{old!r}%sys.version.split()[0]+"\\n").encode())"""
    return (
        "import os,sys,zlib,base64;"
        f'exec(zlib.decompress(base64.b64decode("{packed}"))) if sys.version_info>={OLDEST_PYTHON} '
        f"else ({answer},os._exit(1))"
    )


@cache
def _loader() -> str:
    return Path(loader.__file__).read_text("utf-8")


def _shell_words(code: str, token: str) -> bytes:
    """Return a script for any sh, which becomes the first Python that is new enough.

    It is one block, so that a shell that reads line by line leaves nothing of it for that Python.
    """
    fit = f"import sys;sys.exit(sys.version_info<{OLDEST_PYTHON})"
    of_interactive_shells = f'"${{SHELL:-sh}}" -lic "command -v {_PYTHONS}" </dev/null 2>/dev/null'
    return f"""{{
code={shlex.quote(code)}
fit() {{ "$1" -I -S -c {shlex.quote(fit)} </dev/null >/dev/null 2>&1; }}
try() {{ fit "$1" && exec "$1" -I -c "$code"; }}
for p in {_PYTHONS}; do try $p; done
for d in {_FOLDERS}; do for p in {_PYTHONS}; do [ -x "$d/$p" ] && try "$d/$p"; done; done
for p in $({of_interactive_shells}); do case $p in /*) try "$p"; esac; done
v=$(python3 --version 2>/dev/null); v=${{v#Python }}
printf '\\n%s%s {{"python": "%s", "problem": "old"}}\\n' {_MARK} {token} "$v"; exit 1
}}
""".encode()


def _check(facts: HostFacts) -> None:
    """Raise CarrierError if a host has not what porch needs."""
    python = ".".join(map(str, OLDEST_PYTHON))
    git = ".".join(map(str, OLDEST_GIT))
    if facts.problem == "old":
        found = f"python3 there is {facts.python}" if facts.python else "there is no python3"
        raise CarrierError(f"{found}; porch needs Python {python} or newer: {INSTALL_PYTHON}")
    if facts.problem:
        raise CarrierError(f"porch cannot be put there: {facts.problem}")
    if not facts.git:
        raise CarrierError(f"there is no git; porch needs git {git} or newer: {INSTALL_GIT}")
    if _numbers(facts.git) < OLDEST_GIT:
        raise CarrierError(f"git there is {facts.git}; porch needs git {git} or newer: {INSTALL_GIT}")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def _why(error: Exception, said: str, noise: bytes) -> str:
    """Return why a way in has failed: what it said, where it ended before Python ran."""
    match error:
        case _EndedError():
            return said or _last_line(noise) or "it ended, and said nothing"
        case _LateError() if said:
            return f"{error}; it said: {said}"
    return str(error)


def _last_line(text: bytes) -> str:
    lines = [line.removeprefix(">>> ").strip() for line in text.decode(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line and line != ">>>"), "")
