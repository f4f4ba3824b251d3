"""The parser of one command is that of the whole command line, only sooner."""

from __future__ import annotations

import argparse

import pytest

from porch_tui.cli.parser import Parser, build
from porch_tui.errors import PlanError


def commands(parser: Parser) -> dict[str, Parser]:
    """Return the parser of each command."""
    return next(dict(a.choices) for a in parser._actions if isinstance(a, argparse._SubParsersAction))


WHOLE = commands(build())


@pytest.mark.parametrize("name", WHOLE)
def test_the_parser_of_one_command_takes_what_the_whole_takes(name: str):
    alone = commands(build(only=name))

    assert [name] == list(alone)
    assert alone[name].format_help() == WHOLE[name].format_help()
    assert alone[name].get_default("verb") == WHOLE[name].get_default("verb")


@pytest.mark.parametrize("line", [["runn"], ["-x", "run"]])
def test_what_is_no_command_is_refused_with_all_there_are(line: list[str]):
    with pytest.raises(PlanError, match=r"run.*status|usage: porch"):
        build(only=line[0]).parse_args(line)


@pytest.mark.parametrize("first", ["--help", "-h", "runn"])
def test_help_names_every_command(first: str):
    assert WHOLE.keys() == commands(build(only=first)).keys()
