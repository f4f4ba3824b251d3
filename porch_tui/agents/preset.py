"""Presets: one data file for each agent program that porch knows, read as typed values.

A preset says how the program is started and continued, and how to read its output. What it says was
observed with the version it names. Nothing in the code names an agent: a new one is a new file.
"""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from porch_tui.core.model.plan import Agent

Rule = dict[str, str | int | bool | None]
"""What must be found in a record, by path: a value, or `~` and a regular expression that text must match."""


class Take(Struct, frozen=True, forbid_unknown_fields=True):
    """A fact of a record: `take` is the path of its value in every record in which all of `when` is found.

    A path is made of keys joined by dots; `*` stands for every value of a mapping or list. For plain text,
    `take` is a regular expression with one group instead, and `when` is not used.
    """

    take: str = ""
    when: Rule = {}
    is_piece: bool = False
    """The text continues that of the previous record."""


class Show(Struct, frozen=True, forbid_unknown_fields=True):
    """How a record is shown to a person, where it is one that meets `when`.

    `{path}` in `text` is replaced by the values at that path, each on a line of its own. With `each` the rule
    is for the values at that path instead: those that meet `where`, whose paths begin in the value.
    """

    text: str
    when: Rule = {}
    kind: Literal["words", "command", "result", "note", "error"] = "words"
    each: str = ""
    where: Rule = {}
    unless: Rule = {}
    """Values, or without `each` records, that it is not for."""
    is_piece: bool = False
    """It continues the text of the previous record."""


class OutputFormat(Struct, frozen=True, forbid_unknown_fields=True):
    """How the facts about an attempt are found in what the program prints."""

    format: Literal["jsonl", "text"]
    """A JSON record on each line, between lines of anything; or text."""
    error: tuple[Take, ...] = ()
    """It failed, by its own word; the text says why. What `done` finds later takes that back."""
    done: tuple[Take, ...] = ()
    """It has ended well."""
    session: tuple[Take, ...] = ()
    """What identifies its conversation, to continue it."""
    model: tuple[Take, ...] = ()
    message: tuple[Take, ...] = ()
    """What it says to the person; the last one is shown."""
    question: tuple[Take, ...] = ()
    """What it asks by a tool made for that, rather than in its words."""
    input_tokens: tuple[Take, ...] = ()
    """Added up over all records, as are the other amounts."""
    cached_tokens: tuple[Take, ...] = ()
    """Of the input tokens, those that were read from a cache."""
    output_tokens: tuple[Take, ...] = ()
    cost_usd: tuple[Take, ...] = ()
    turns: tuple[Take, ...] = ()
    """Amounts; without `take`, each record counts as one turn."""
    show: tuple[Show, ...] = ()
    """How records are shown; empty: as they are."""
    hide: tuple[Rule, ...] = ()
    """Records that need not be shown where no rule of `show` has anything in them."""


class Planning(Struct, frozen=True, forbid_unknown_fields=True):
    """How a program is asked for a plan: where it can, so that it writes nothing and answers by a schema."""

    command: tuple[str, ...]
    """Its argument vector, as that of the preset; `{schema}` is replaced by the JSON Schema of the answer,
    and `{schema_file}` by the path of a file with it."""
    resume: tuple[str, ...] = ()
    """What continues `{session}`; empty: the preset's own."""
    fenced: tuple[str, ...] = ()
    """Instead of `command` behind a fence, for a program whose own sandbox does not start in another."""
    fenced_resume: tuple[str, ...] = ()
    answer: tuple[Take, ...] = ()
    """Where the answer is, if it is not in its last message: a text, or the document itself."""
    unanswered: str = ""
    """A regular expression, of an error that only means that it did not answer by the schema."""


class Records(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a program writes down its conversations: files with a JSON record on each line."""

    files: str
    """A glob, with `${VARIABLE:-~/.name}` or `~/.name` and perhaps `{session}` in it."""
    output: OutputFormat
    """How facts are found in the records."""
    first: Rule = {}
    """What must be found in the first record; the values `{worktree}` and `{session}` stand for those."""
    once: str = ""
    """The path of what identifies a record that is written again and again; empty: none is."""


class InTerminal(Struct, frozen=True, forbid_unknown_fields=True):
    """How a program is run in a terminal, where it asks before it does what it may not, and never ends alone.

    That it waits for a person is known by a bell, a notification or a state in its output, if it sends one
    while it has no focus; else by its titles, or by what the last rows show.
    """

    command: tuple[str, ...]
    """Its argument vector, as that of the preset; `{session}` is replaced by a UUID that porch makes."""
    permits: str
    """What it may do without asking."""
    resume: tuple[str, ...] = ()
    """What continues `{session}` with another `{prompt}`; empty: it cannot."""
    waiting_title: str = ""
    """A regular expression, of titles that say that it waits, or has nothing to do."""
    working_title: str = ""
    """Of titles that say that it works."""
    waits: str = ""
    """Of the last dozen rows that are not empty, once they stay as they are: it waits."""
    records: Records | None = None
    """Where its usage, its last words and its session are; None: not known."""
    says_session: str = ""
    """A regular expression with one group, of what it prints at its end: how it calls its conversation."""


class Preset(Struct, frozen=True, forbid_unknown_fields=True):
    """One agent program."""

    title: str
    version: str
    """The version with which the preset was tried."""
    install: str
    """The command that installs it."""
    command: tuple[str, ...]
    """Its argument vector: `{prompt}` and `{worktree}` are replaced in place.

    `{model}` and `{args}` are replaced by words of their own.
    """
    permits: str
    """What it may do without asking, for the person who chooses it."""
    output: OutputFormat
    resume: tuple[str, ...] = ()
    """The argument vector that continues `{session}` with another `{prompt}`; empty: it cannot."""
    model: tuple[str, ...] = ()
    """The words that choose `{model}`, where the command has the word `{model}`."""
    stdin: tuple[str, ...] | None = None
    """The words in the place of the one with `{prompt}` where the prompt goes to standard input.

    None: it cannot read it there.
    """
    reads_stdin: bool = False
    """Before it begins it reads its standard input to the end, where that is no terminal."""
    exclude: tuple[str, ...] = ()
    """Patterns of the litter it leaves in the worktree, which is not part of its work."""
    env: dict[str, str] = {}
    """Variables it is started with, unless the plan or the person's environment has others."""
    state: tuple[str, ...] = ()
    """What it must be able to write besides the worktree, as `${VARIABLE:-~/.name}` or `~/.name`."""
    settings: tuple[str, ...] = ()
    """In the first of these, what decides which programs it runs: that stays read-only behind a fence."""
    needs: str = ""
    """What it needs beside the program: a login, a key."""
    signs: tuple[str, ...] = ()
    """Where that usually is: files (`~/…`) or variables, one of which is enough; empty: not known."""
    plan: Planning | None = None
    """How it is asked for a plan; None: like for anything else."""
    interactive: InTerminal | None = None
    """How it is run in a terminal; None: it is not."""
    silence: str = "5m"
    """How long it may be silent before the person is notified: several retry a dead server for ever."""

    @property
    def program(self) -> str:
        """What must be on PATH."""
        return self.command[0]


@cache
def names() -> tuple[str, ...]:
    """Return the names of all presets, sorted."""
    return tuple(sorted(one.name.removesuffix(".toml") for one in _FOLDER.iterdir()))


@cache
def preset(name: str) -> Preset:
    """Return a preset. Raises KeyError for a name that is none of `names`."""
    if name not in names():
        raise KeyError(name)
    import tomllib  # most plans name no preset

    return msgspec.convert(tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8")), Preset)


def has_signs(chosen: Preset) -> bool:
    """Say whether what a program needs is where it usually is, or that is not known."""
    is_there = any(Path(sign).expanduser().exists() for sign in chosen.signs if "/" in sign)
    return not chosen.signs or is_there or any(name in os.environ for name in chosen.signs)


def installed() -> tuple[str, ...]:
    """Return the presets whose program is on PATH."""
    return tuple(name for name in names() if shutil.which(preset(name).program))


def interactive_names() -> tuple[str, ...]:
    """Return the presets that can be run in a terminal."""
    return tuple(name for name in names() if preset(name).interactive)


def interactive_of(agent: Agent | None) -> InTerminal | None:
    """Return how an agent is run in a terminal, if it is and porch knows its program."""
    if agent is None or not agent.is_in_terminal or agent.preset not in names():
        return None
    return preset(agent.preset).interactive


def output_of(agent: Agent | None) -> OutputFormat | None:
    """Return what an agent's program prints; None if porch cannot read it, as in a terminal."""
    if agent is None or agent.is_in_terminal or agent.preset not in names():  # of a porch with other presets
        return None
    return preset(agent.preset).output


_FOLDER = Path(__file__).with_name("presets")
