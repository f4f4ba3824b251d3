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


class Flag(Struct, frozen=True):
    """An option, by all its names."""

    names: tuple[str, ...]
    summary: str
    takes: str
    """What follows it: a metavar, or words with `|` between them; empty if nothing does."""


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
    actions = [action for action in parser._actions if action.help != argparse.SUPPRESS]
    arguments = [action for action in actions if not action.option_strings]
    return Command(
        name,
        summary,
        tuple(_flag(action) for action in actions if action.option_strings),
        tuple(str(word) for action in arguments for word in action.choices or ()),
        frozenset(str(action.metavar) for action in arguments if action.metavar),
    )


def _flag(action: argparse.Action) -> Flag:
    choices = "|".join(map(str, action.choices or ()))
    takes = "" if action.nargs == 0 else str(action.metavar or choices)
    return Flag(tuple(action.option_strings), action.help or "", takes)


def bash(commands: tuple[Command, ...]) -> str:
    """Return the script for bash: `eval "$(porch completion bash)"`."""
    cases = "".join(
        f"    {one.name}) words={_quoted(' '.join((*_names(one), *one.words)))}{_bash_runs(one)} ;;\n"
        for one in commands
    )
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
  case ${{COMP_WORDS[COMP_CWORD-1]}} in
    --run) COMPREPLY=($(compgen -W "$({RUNS})" -- "$word")); return ;;
{_bash_choices(commands)}  esac
  case ${{COMP_WORDS[1]}} in
{cases}  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _porch porch
"""


def _bash_runs(command: Command) -> str:
    return f'" $({RUNS})"' if "RUN" in command.takes else ""


def _bash_choices(commands: tuple[Command, ...]) -> str:
    choices = {flag.names: flag.takes for command in commands for flag in command.flags if "|" in flag.takes}
    lines = (
        (" | ".join(names), f"compgen -W {_quoted(takes.replace('|', ' '))}")
        for names, takes in choices.items()
    )
    return "".join(f'    {names}) COMPREPLY=($({words} -- "$word")); return ;;\n' for names, words in lines)


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
        summary = flag.summary.replace("[", "(").replace("]", ")").replace(":", " -")
        for name in flag.names:
            specs.append(_quoted(f"{name}[{summary}]{_zsh_value(flag.takes)}"))
    rest = (
        f"({' '.join(command.words)})"
        if command.words
        else "_porch_runs"
        if "RUN" in command.takes
        else "_files"
    )
    return " ".join((*specs, _quoted(f"*:argument:{rest}")))


def _zsh_value(takes: str) -> str:
    if not takes:
        return ""
    action = f"({takes.replace('|', ' ')})" if "|" in takes else ZSH_ACTIONS.get(takes, " ")
    return f":value:{action}"


ZSH_ACTIONS = {"RUN": "_porch_runs", "DIR": "_files -/", "FILE": "_files", "PLAN": "_files"}


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
            lines.append(f"complete -c porch {seen} -f -a '({_fish_runs()})'")
        lines += [f"complete -c porch {seen} {_fish_flag(flag)}" for flag in command.flags]
    return "\n".join(lines) + "\n"


def _fish_flag(flag: Flag) -> str:
    names = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in flag.names]
    value = ""
    if "|" in flag.takes:
        value = f" -x -a {_quoted(flag.takes.replace('|', ' '))}"
    elif flag.takes == "RUN":
        value = f" -x -a '({_fish_runs()})'"
    elif flag.takes:
        value = " -r"
    return f"{' '.join(names)}{value} -d {_quoted(flag.summary)}"


def _fish_runs() -> str:
    return RUNS.replace('"$(', "(").replace(')/porch/runs"', ")/porch/runs")


def _names(command: Command) -> tuple[str, ...]:
    return tuple(name for flag in command.flags for name in flag.names)


def _quoted(text: str) -> str:
    """Return text as one word of any of the three shells."""
    return "'" + text.replace("'", "’") + "'"
