"""The command line as options. `present.commands` lists the commands; each command's file says what it takes.

Only the parser of the command that was typed is built: all of them take 15 ms,
and import everything.
"""

from __future__ import annotations

import argparse
import re
import sys
from functools import partial
from importlib import import_module
from typing import NoReturn

from porch_tui import __version__
from porch_tui.errors import PlanError
from porch_tui.present.commands import CLI_COMMANDS
from porch_tui.present.nearest import did_you_mean

DEFAULT = "attach"
"""What `porch` alone does."""
ABOUT_ALL = ("-h", "--help", "--version")
ENGINE = "engine"
"""How the screen starts an engine; not for people."""


class Parser(argparse.ArgumentParser):
    """Refuses in porch's way: one message, exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Raise PlanError with what is wrong, and the usage."""
        option = re.match(r"unrecognized arguments: (-[^\s=]+)", message)
        if option is not None:
            word = option[1]
            hint = did_you_mean(word, self._option_string_actions, f"{self.prog} --help lists the options")
            message = f"there is no option {word!r}; {hint}"
        raise PlanError(f"{message}\n{self.format_usage().strip()}")

    def _print_message(self, message: str, file: object = None) -> None:
        """Print help as any other answer: argparse would be silent where it cannot be printed."""
        from porch_tui.cli.output.printing import write

        write(message)


def parse(words: list[str]) -> argparse.Namespace:
    """Return the options, with `command` to call; PlanError if they make no sense."""
    name, *rest = words or [DEFAULT]
    if name not in CLI_COMMANDS and name != ENGINE:
        if not name.startswith("-"):
            raise PlanError(f"there is no command {name!r}; {_instead(name)}")
        top = top_parser()
        if name in ABOUT_ALL:
            top.parse_args([name])  # prints it, and ends
        top.error(f"there is no command before {name!r}; options go behind it: porch status -C DIR")
    if name == "resolve" and "--" in rest:
        # argparse would end the list of an option such as --take there: ./ keeps a path from looking like one
        at = rest.index("--")
        rest = [*rest[:at], *(f"./{word}" if word.startswith("-") else word for word in rest[at + 1 :])]
    behind: list[str] = []
    if name == "plan" and "--by" in rest and "--" in rest[rest.index("--by") :]:
        # a command, which may have a -- of its own
        at = rest.index("--", rest.index("--by"))
        rest, behind = rest[:at], rest[at + 1 :]
    if name == "each" and "--" in rest:
        at = rest.index("--")
        rest, behind = rest[:at], rest[at + 1 :]
    parser = command_parser(name)
    options = parser.parse_intermixed_args(rest) if name == "each" else parser.parse_args(rest)
    options.behind = behind
    return options


def _instead(name: str) -> str:
    """Return what may have been meant by a word that is no command."""
    if name.endswith((".yaml", ".yml")):
        import shlex  # not needed for a command

        return f"to run a plan: porch run {shlex.quote(name)}"
    return did_you_mean(name, CLI_COMMANDS, "porch --help lists them")


def top_parser() -> Parser:
    """Return the parser that knows the names of all commands, but not what they take."""
    parser = Parser(
        prog="porch",
        description="Run many tasks on one git repository side by side, and land them without losing work.",
        epilog="Start with `porch demo`, then `porch init` in a repository of yours.",
    )
    parser.add_argument("--version", action="version", version=f"porch {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    for name, spec in CLI_COMMANDS.items():
        commands.add_parser(name, help=spec.summary)
    return parser


def command_parser(name: str) -> Parser:
    """Return the parser of one command, from the file with its name."""
    summary = CLI_COMMANDS[name].summary if name in CLI_COMMANDS else ""
    description = f"{summary[:1].upper()}{summary[1:]}."
    # each new argument makes a formatter, which would import shutil for a width that only help needs
    unprinted = partial(argparse.HelpFormatter, width=80)
    parser = Parser(prog=f"porch {name}", description=description, formatter_class=unprinted)
    parser.add_argument("-C", dest="directory", metavar="DIR", default=".", help="work as if started in DIR")
    if name != DEFAULT:  # that one shows a first sign before anything slow is imported
        import_msgspec()
    module = import_module(f"porch_tui.cli.commands.{name.replace('-', '_')}")
    module.add_arguments(parser)
    parser.set_defaults(command=module.run)
    parser.formatter_class = argparse.HelpFormatter
    return parser


def import_msgspec() -> None:
    """Import msgspec without typing_extensions, in half the time (26 to 13 ms where textual is installed).

    It takes three names from there that typing has too since Python 3.11, and does so where
    typing_extensions is missing. With it come inspect, ast, dis and tokenize, for nothing.
    """
    if "typing_extensions" in sys.modules or "msgspec" in sys.modules:
        return
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # how Python notes that it is missing
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules["typing_extensions"]
