"""The commands of a plan: text for the shell, or words; and words that are meant to be several."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from porch_tui.core.model.plan import CommandLine, from_shell
from porch_tui.planfile.text.mistakes import KeyPath, shown
from porch_tui.planfile.text.nodes import yaml_list
from porch_tui.planfile.text.source import Source
from porch_tui.planfile.values.value_parsing import several

Commands = str | list[str] | list[str | list[str]] | UnsetType


def commands(source: Source, path: KeyPath, value: Commands) -> tuple[CommandLine, ...]:
    """Return the commands at `path`, each as an argument vector. Mistakes go to `source`."""
    found = [] if value is UNSET else several(value)
    is_nested = not isinstance(value, str | UnsetType) and any(not isinstance(one, str) for one in value)
    for at, command in enumerate(found):
        here = (*path, at) if is_nested else path
        if isinstance(command, str) and not command.strip():
            source.refuse(path, "found a command without a program (empty text); expected one")
        elif not isinstance(command, str):
            check_program(source, here, command, "a command", takes_text=True)
    return tuple(from_shell(each) if isinstance(each, str) else tuple(each) for each in found)


def check_program(
    source: Source, path: KeyPath, words: Sequence[str], what: str, *, takes_text: bool = False
) -> None:
    """Note that an argument vector has no program, or a program that is a whole command line.

    With `takes_text` text for the shell may stand in its place. A program in a folder whose name has a space
    earns a warning only.
    """
    program = words[0]
    if not program.strip():
        source.refuse(path, f"found {what} without a program (empty text); expected one")
        return
    first, *rest = _split(program)
    if not rest:
        return
    if takes_text and len(words) > 1 and all(len(_split(word)) > 1 for word in words):
        fix = f"for several commands write [{', '.join(yaml_list(_split(word)) for word in words)}]"
    else:
        as_text = f", or {program} without brackets" if takes_text and len(words) == 1 else ""
        fix = f"write {yaml_list([first, *rest, *words[1:]])}{as_text}"
    text = f"found {shown(program)} as the name of one program: each word of the list is one argument"
    if "/" in first and not any(word.startswith("-") for word in rest):
        source.warn(path, f"{text}; if it is a command line, {fix}")
    else:
        source.refuse(path, f"{text}; {fix}")


def _split(text: str) -> list[str]:
    """Return the words of a text as a shell sees them; those between spaces where quotes are left open."""
    try:
        return shlex.split(text) or [text]
    except ValueError:
        return text.split() or [text]
