"""Start other programs: as children with a reliable exit status, detached, or in the foreground."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from porch_tui.process.inherited_state import original_umask

UNKNOWN_STATUS = 255 << 8
"""As waitpid gives it: exit code 255, which no command of git answers with."""
DESCRIPTORS = 8
"""What starting a program takes for a moment, with pipes for all of its streams."""
PIPE_TIMEOUT_S = 5.0


class Child(subprocess.Popen[bytes]):
    """`Popen`, but for a status that cannot be collected: there Python says 0, which means success.

    Raises OSError (EMFILE) where there are not enough descriptors, and leaves none open then, as Python does.
    """

    is_status_unknown = False

    def __init__(self, args: Any, **options: Any) -> None:
        taken: list[int] = []
        try:
            taken.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
            for _ in range(DESCRIPTORS - 1):
                taken.append(os.dup(taken[0]))
        finally:
            for descriptor in taken:
                os.close(descriptor)
        super().__init__(args, **options)

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        """Collect the status. `Popen` calls this for `wait` and `communicate` in every Python since 3.3."""
        try:
            return os.waitpid(self.pid, wait_flags)
        except ChildProcessError:
            self.is_status_unknown = True
            return self.pid, UNKNOWN_STATUS

    def poll(self) -> int | None:
        """Return the exit code; None while it lives."""
        try:
            return self.wait(timeout=0)
        except subprocess.TimeoutExpired:
            return None


def start_detached(
    argv: Sequence[str], cwd: Path, output: Path, environ: Mapping[str, str] | None = None
) -> Child:
    """Start a program that outlives this one: in its own session, without a terminal.

    `output` is appended to, and readable by its owner only. Without `environ` it has this one's environment.
    Raises OSError.
    """
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return Child(
            argv,
            cwd=cwd,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,
            umask=original_umask(),
        )
    finally:
        os.close(descriptor)


def start_piped(argv: Sequence[str], environ: Mapping[str, str] | None = None) -> Child:
    """Start a program in a session of its own, whose standard streams are pipes. Raises OSError."""
    return Child(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ,
        bufsize=0,
        start_new_session=True,
    )


def pipe_text(argv: Sequence[str], text: bytes, environ: Mapping[str, str]) -> str:
    """Give a program a text on its standard input; return why that failed, or an empty string.

    Its output is not read: programs that keep a clipboard stay in the background with the descriptors they
    were given.
    """
    try:
        with Child(
            argv,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # not for it: the person's ctrl+c, or the end of the screen
            umask=original_umask(),
        ) as program:
            try:
                program.communicate(text, timeout=PIPE_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                program.kill()
                raise
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return f"{argv[0]} exited with {program.returncode}" if program.returncode else ""


def first_line(program: str, *words: str, timeout_s: float = 10.0) -> str | None:
    """Return the first line that a program prints, on either stream; None if it fails, or takes longer."""
    try:
        done = subprocess.run(
            [program, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout_s,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
    return lines[0] if lines and done.returncode == 0 else None


def why_failed(argv: Sequence[str], folder: Path, environ: Mapping[str, str], timeout_s: float = 30.0) -> str:
    """Run a program to its end; return why it failed, with its command and what it said, or nothing."""
    try:
        done = subprocess.run(
            argv,
            cwd=folder if folder.is_dir() else "/",
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout_s,
            start_new_session=True,
            check=False,
        )
    except OSError as error:
        return f"{' '.join(argv)}: {error.strerror}"
    except subprocess.TimeoutExpired:
        return f"{' '.join(argv)}: no end within {timeout_s:g} s"
    said = " ".join(done.stdout.decode("utf-8", "replace").split())[-300:]
    return f"{' '.join(argv)}: exit {done.returncode}: {said}" if done.returncode else ""


def run_in_foreground(argv: Sequence[str], environ: Mapping[str, str], folder: Path | None = None) -> str:
    """Run a program on this terminal until it ends; return why it could not run, or an empty string."""
    try:
        exit_in_foreground(argv, environ, folder)
    except OSError as error:
        return f"{argv[0]}: {error.strerror}"
    return ""


def exit_in_foreground(argv: Sequence[str], environ: Mapping[str, str], folder: Path | None = None) -> int:
    """Run a program on this terminal until it ends; return its exit code, of a signal the negative number.

    It stays in this process's session and group, or the terminal would not send it keys. Raises OSError.
    """
    env = dict(environ)
    if folder is not None:  # some programs believe PWD
        env.pop("OLDPWD", None)
        env["PWD"] = str(folder)
    return subprocess.run(argv, check=False, env=env, cwd=folder, umask=original_umask()).returncode
