"""Hand a text to a program, or the terminal to one: for a person who copies or reads, in the foreground."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from porch_tui.process.beginning import usual_umask
from porch_tui.process.child import Child

PATIENCE_S = 5.0


def hand_over(argv: Sequence[str], text: bytes, environ: Mapping[str, str]) -> str:
    """Give a program a text on its standard input; return why it did not take it, empty if it did.

    What it prints is not heard: programs that keep a clipboard stay in the background with
    whatever they were given open.
    """
    try:
        with Child(
            argv,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # the person's ctrl+c, or the screen's end, is not meant for it
            umask=usual_umask(),
        ) as taker:
            try:
                taker.communicate(text, timeout=PATIENCE_S)
            except subprocess.TimeoutExpired:
                taker.kill()
                raise
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return f"{argv[0]} exited with {taker.returncode}" if taker.returncode else ""


def lend_terminal(argv: Sequence[str], environ: Mapping[str, str], folder: Path | None = None) -> str:
    """Run a program on this terminal until it ends; return why it could not run, empty if it did.

    It stays in this process's session and group, or the terminal would not take its keys.
    """
    try:
        subprocess.run(argv, check=False, env=_of(environ, folder), cwd=folder, umask=usual_umask())
    except OSError as error:
        return f"{argv[0]}: {error.strerror}"
    return ""


def _of(environ: Mapping[str, str], folder: Path | None) -> dict[str, str]:
    """Return an environment whose PWD, which some programs believe, is the folder a program starts in."""
    if folder is None:
        return dict(environ)
    kept = {name: value for name, value in environ.items() if name != "OLDPWD"}
    return {**kept, "PWD": str(folder)}
