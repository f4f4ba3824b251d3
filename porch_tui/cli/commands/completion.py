"""`porch completion`: prints completions for a shell, made from the parsers, so that they never lag behind.

Commands, options and choices are in the script; run ids are listed from the
repository when asked for, without starting Python; files are left to the shell.
"""

from __future__ import annotations

import argparse

from msgspec import Struct

from porch_tui.cli.output.printing import write
from porch_tui.cli.parser import command_parser
from porch_tui.present.commands import CLI_COMMANDS

RUNS = 'ls "$(git rev-parse --git-common-dir 2>/dev/null)/porch/runs" 2>/dev/null'
"""A shell command that lists run ids."""
FISH_RUNS = "ls (git rev-parse --git-common-dir 2>/dev/null)/porch/runs 2>/dev/null"
ZSH_ACTIONS = {"RUN": "_porch_runs", "DIR": "_files -/", "FILE": "_files", "PLAN": "_files"}


class Flag(Struct, frozen=True):
    """An option, by all its names."""

    names: tuple[str, ...]
    summary: str
    takes: str
    """What follows it: a metavar, or words with `|` between them; empty if nothing does."""

    @property
    def choices(self) -> str:
        """The words that may follow it, of which capitals only stand for some; empty if any may."""
        return " ".join(word for word in self.takes.split("|") if "|" in self.takes and not word.isupper())


class Command(Struct, frozen=True):
    """A command, and what may follow it."""

    name: str
    summary: str
    flags: tuple[Flag, ...]
    words: tuple[str, ...]
    """The words its argument is chosen from."""
    takes: frozenset[str]
    """The metavars of its arguments."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("shell", choices=["bash", "zsh", "fish"])


def run(options: argparse.Namespace) -> int:
    """Print the completions for a shell."""
    shells = {"bash": bash, "zsh": zsh, "fish": fish}
    write(shells[options.shell](commands()))
    return 0


def commands() -> tuple[Command, ...]:
    """Return the commands of `porch --help`, as their parsers have them."""
    return tuple(_command(name, spec.summary, command_parser(name)) for name, spec in CLI_COMMANDS.items())


def _command(name: str, summary: str, parser: argparse.ArgumentParser) -> Command:
    flags, words, takes = [], [], []
    for action in parser._actions:
        choices = [str(choice) for choice in action.choices or ()]
        if action.option_strings and action.help != argparse.SUPPRESS:
            value = "" if action.nargs == 0 else str(action.metavar or "|".join(choices))
            flags.append(Flag(tuple(action.option_strings), action.help or "", value))
        elif not action.option_strings:
            words += choices
            takes += str(action.metavar).split("|")
    return Command(name, summary, tuple(flags), tuple(words), frozenset(takes))


def bash(commands: tuple[Command, ...]) -> str:
    """Return the script for bash: `eval "$(porch completion bash)"`."""
    cases = ""
    for one in commands:
        words = " ".join((*(name for flag in one.flags for name in flag.names), *one.words))
        runs = f'" $({RUNS})"' if "RUN" in one.takes else ""
        cases += f"    {one.name}) words={_quoted(words)}{runs} ;;\n"
    places: dict[str, list[str]] = {}  # by what follows an option: the commands that have it, with its names
    for one in commands:
        for flag in one.flags:
            if words := f'"$({RUNS})"' if flag.takes == "RUN" else flag.choices and _quoted(flag.choices):
                places.setdefault(words, []).extend(f"{one.name} {name}" for name in flag.names)
    choices = ""
    for listed, found in places.items():
        pattern = " | ".join(map(_quoted, found))
        choices += f'    {pattern}) COMPREPLY=($(compgen -W {listed} -- "$word")); return ;;\n'
    names = " ".join((*(command.name for command in commands), "--help", "--version"))
    return f"""\
# bash completion for porch: eval "$(porch completion bash)"
_porch() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} words=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W {_quoted(names)} -- "$word"))
    return
  fi
  case "${{COMP_WORDS[1]}} ${{COMP_WORDS[COMP_CWORD-1]}}" in
{choices}  esac
  case ${{COMP_WORDS[1]}} in
{cases}  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _porch porch
"""


def zsh(commands: tuple[Command, ...]) -> str:
    """Return the script for zsh: a file `_porch` on its fpath, or `source <(porch completion zsh)`."""
    listed = "\n".join(f"    {_quoted(f'{command.name}:{command.summary}')}" for command in commands)
    cases = "".join(f"    {command.name}) _arguments {_zsh_arguments(command)} ;;\n" for command in commands)
    return f"""\
#compdef porch
# zsh completion for porch: source <(porch completion zsh)
_porch_runs() {{
  local -a runs
  runs=(${{(f)"$({RUNS})"}})
  compadd -a runs
}}
_porch() {{
  local -a commands
  commands=(
{listed}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
{cases}  esac
}}
if [ "$funcstack[1]" = _porch ]; then _porch "$@"; else compdef _porch porch; fi
"""


def _zsh_arguments(command: Command) -> str:
    specs = []
    for flag in command.flags:
        summary, takes = flag.summary.replace("[", "(").replace("]", ")").replace(":", " -"), flag.takes
        action = f"({flag.choices})" if flag.choices else ZSH_ACTIONS.get(takes, " ")
        value = f":value:{action}" if takes else ""
        specs += [_quoted(f"{name}[{summary}]{value}") for name in flag.names]
    rest = "_porch_runs" if "RUN" in command.takes else "_files"
    if command.words:
        rest = f"({' '.join(command.words)})"
    return " ".join((*specs, _quoted(f"*:argument:{rest}")))


def fish(commands: tuple[Command, ...]) -> str:
    """Return the script for fish: `porch completion fish | source`."""
    lines = ["# fish completion for porch: porch completion fish | source"]
    for command in commands:
        seen = f"-n '__fish_seen_subcommand_from {command.name}'"
        lines.append(
            f"complete -c porch -n __fish_use_subcommand -f -a {command.name} -d {_quoted(command.summary)}"
        )
        if command.words:
            lines.append(f"complete -c porch {seen} -f -a {_quoted(' '.join(command.words))}")
        if "RUN" in command.takes:
            lines.append(f"complete -c porch {seen} -f -a '({FISH_RUNS})'")
        for flag in command.flags:
            names = " ".join(f"-l {one[2:]}" if one[:2] == "--" else f"-s {one[1:]}" for one in flag.names)
            value = " -r" if flag.takes else ""
            if flag.choices:
                value = f" -x -a {_quoted(flag.choices)}"
            elif flag.takes == "RUN":
                value = f" -x -a '({FISH_RUNS})'"
            lines.append(f"complete -c porch {seen} {names}{value} -d {_quoted(flag.summary)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return text as one word of any of the three shells."""
    return "'" + text.replace("'", "’") + "'"
