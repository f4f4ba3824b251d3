"""What single values of a plan file look like: see `plan_keys`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

MAX_SECONDS = 999_999_999
"""Nine digits, 31 years: no clock and no wait overflows."""

NOT_EMPTY = r"^[\s\S]*\S[\s\S]*$"
ONE_LINE = r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$"
NAME = r"^(?!.*\.\.)(?!.*\.lock$)[a-z0-9]([a-z0-9._-]*[a-z0-9_-])?$"
TASK_ID = r"^(?!.*\.\.)(?!.*\.lock$)[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9_-])?$"
PART = r"(\.[0-9]{1,3})?"
SPAN = rf"([0-9]{{1,5}}{PART}h)?([0-9]{{1,5}}{PART}m)?([0-9]{{1,9}}{PART}s)?"
TIME = rf"^(?=.*[1-9])([0-9]{{1,9}}{PART}|{SPAN})$"
SIZE = r"^[1-9][0-9]{0,8}[KMGT]$"
PLACE_NAME = r"^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9_-])?$"

Text = Annotated[str, Meta(pattern=NOT_EMPTY, extra={"expected": "text that is not empty"})]
Line = Annotated[str, Meta(pattern=ONE_LINE, extra={"expected": "text on one line, not empty"})]
Name = Annotated[
    str,
    Meta(
        pattern=NAME,
        max_length=100,
        extra={
            "expected": "a name of at most 100 of a-z, 0-9, '.', '_' and '-' that begins"
            " with a letter or digit (no '..', no '.' or '.lock' at its end)"
        },
    ),
]
Id = Annotated[
    str,
    Meta(
        pattern=TASK_ID,
        extra={
            "expected": "an id of at most 64 of a-z, 0-9, '.', '_' and '-' that begins with a letter or digit"
            " (no '..', no '.' or '.lock' at its end): it becomes a branch and a folder name"
        },
    ),
]
EnvName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        extra={"expected": "a variable's name: letters, digits and '_', not a digit first"},
    ),
]
EnvValue = Annotated[str | float, Meta(extra={"expected": "text or a number", "as_written": True})]
Time = Annotated[
    Annotated[str, Meta(pattern=TIME)] | Annotated[float, Meta(gt=0, le=MAX_SECONDS)],
    Meta(extra={"expected": "a time above 0 such as 90s, 10m or 1h30m (a bare number is seconds)"}),
]
Size = Annotated[str, Meta(pattern=SIZE, extra={"expected": "a size above 0 such as 512M or 2G"})]
TerminalSize = Annotated[
    str,
    Meta(
        pattern=r"^[1-9][0-9]*x[1-9][0-9]*$",
        extra={"expected": "columns and rows from 2 to 1000, such as 120x36"},
    ),
]
Argv = Annotated[
    list[str], Meta(min_length=1, extra={"expected": "a list of words, the program first, not empty"})
]
# No pattern here: msgspec 0.22 counts references wrong for a union of text that has a
# pattern and a list, and one in five interpreters crashed at its end.
ShellText = Annotated[str, Meta(min_length=1)]
Command = Annotated[
    ShellText | Argv,
    Meta(extra={"expected": "a command: text for /bin/sh, or a list of words, neither empty"}),
]
Commands = Annotated[
    ShellText | Annotated[list[Command], Meta(min_length=1)],
    Meta(
        extra={"expected": "a command (text for /bin/sh, or a list of words) or a list of them, none empty"}
    ),
]


Wrap = Annotated[
    Line | Argv,
    Meta(
        extra={
            "expected": "the name of a wrap (bwrap, none or an entry of 'wraps'), or a list of words,"
            " the program first"
        }
    ),
]
EntryName = Annotated[
    str,
    Meta(
        pattern=PLACE_NAME,
        extra={
            "expected": "a name of at most 64 of a-z, 0-9, '.', '_' and '-' that begins with a letter or"
            " digit"
        },
    ),
]
Where = Annotated[
    ShellText | Annotated[list[Line], Meta(min_length=1)],
    Meta(
        extra={
            "expected": "a place (threads, ssh:HOST, tls://HOST:PORT, slurm or an entry of 'places'), or a"
            " list of them, not empty"
        }
    ),
]
