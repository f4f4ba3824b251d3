"""How a command ended, in a few words; of a program that was not found, which one."""

from __future__ import annotations

import re
from pathlib import Path

from porch_tui.process import output
from porch_tui.process.liveness import Cause, Exit

NOT_EXECUTABLE, NOT_FOUND = 126, 127
"""What a shell ends with when it could not start a program, or found none of that name."""
LAST_LINES = 10
"""Of the output, among which the shell's own is sought: what started the shell may have the last word."""
LAST_BYTES = 16 * 1024

_STYLE = re.compile(r"\x1b\[[0-9;:]*[A-Za-z]|\r$")
_NAME = r"['\"‘“]?(?P<name>[^\s:'\"‘’“”]+)['\"’”]?"
_UNKNOWN = re.compile(rf"(?:^|: ){_NAME}: (?:command )?not found$")
_UNKNOWN_TO_ZSH = re.compile(rf"command not found: {_NAME}$")
_MISSING = re.compile(
    rf"(?:^|: ){_NAME}: (?:No such file or directory|cannot execute: required file not found)$"
)
_REFUSED = re.compile(
    rf"(?:^|: ){_NAME}: (?:cannot execute binary file: )?"
    r"(?P<why>Permission denied|Exec format error|[Ii]s a directory)$"
)


def exit_text(exit_: Exit, log: Path) -> str:
    """Return how the last command of an attempt ended: `exit 3`, `exit 127: pytest: command not found`.

    `log` is the attempt's output.
    """
    if exit_.cause is not Cause.EXIT:
        return exit_.detail
    how = f"exit {exit_.code}"
    if exit_.code == NOT_FOUND:
        return f"{how}: {_not_found(_last_lines(log))}"
    if exit_.code == NOT_EXECUTABLE:
        return f"{how}: {_not_executable(_last_lines(log))}"
    return how


def _not_found(lines: list[str]) -> str:
    for pattern, among in ((_UNKNOWN, lines), (_UNKNOWN_TO_ZSH, lines), (_MISSING, lines[:1])):
        for line in among:
            if found := pattern.search(line):
                name = found["name"]
                return f"{name}: {'not found' if '/' in name else 'command not found'}"
    return "a program was not found"


def _not_executable(lines: list[str]) -> str:
    found = next((found for line in lines if (found := _REFUSED.search(line))), None)
    return f"{found['name']}: {found['why'].lower()}" if found else "a program could not be executed"


def _last_lines(log: Path) -> list[str]:
    """Return the last lines that say anything, the last one first."""
    text = output.tail(log, LAST_LINES, LAST_BYTES).content.decode("utf-8", "replace")
    lines = (_STYLE.sub("", line).strip() for line in text.split("\n"))
    return [line for line in reversed(list(lines)) if line]
