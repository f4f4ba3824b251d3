"""The parsers, the completions and the help agree with the table of commands."""

from __future__ import annotations

import argparse
import re

import pytest
from in_process import porch

from porch_tui.cli.commands.completion import commands
from porch_tui.cli.parser import ENGINE, command_parser, parse, top_parser
from porch_tui.errors import PlanError
from porch_tui.present.commands import CLI_COMMANDS, COMMANDS
from project import Project

LINES = sorted({spec.line for spec in COMMANDS if " " in spec.line})


def options_of(name: str) -> set[str]:
    return {option for action in command_parser(name)._actions for option in action.option_strings}


@pytest.mark.parametrize("name", CLI_COMMANDS)
def test_a_command_of_the_table_has_a_file_with_its_parser(name: str):
    parser = command_parser(name)

    assert f"porch {name}" == parser.prog
    assert CLI_COMMANDS[name].summary.casefold() in " ".join(parser.format_help().casefold().split())
    assert callable(parser.get_default("command"))


@pytest.mark.parametrize("line", LINES)
def test_the_options_in_the_table_are_options_of_the_command(line: str):
    name, *options = line.split()

    assert set(options) <= options_of(name)


def test_help_and_completions_list_the_commands_of_the_table():
    listed = re.findall(r"^    ([a-z-]+)", top_parser().format_help(), re.M)

    assert list(CLI_COMMANDS) == listed == [command.name for command in commands()]


def test_completions_offer_every_option_that_is_not_hidden():
    for command in commands():
        offered = {name for flag in command.flags for name in flag.names}

        assert options_of(command.name) - offered <= {"--upon"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("stauts", "there is no command 'stauts'; did you mean 'status'?"),
        ("xyzzy", "there is no command 'xyzzy'; porch --help lists them"),
        ("my.yaml", "there is no command 'my.yaml'; to run a plan: porch run my.yaml"),
        (
            "-C . run",
            "there is no command before '-C'; options go behind it: porch status -C DIR\nusage: porch",
        ),
        (
            "-- run",
            "there is no command before '--'; options go behind it: porch status -C DIR\nusage: porch",
        ),
        ("run --healess=1", "there is no option '--healess'; did you mean '--headless'?\nusage: porch run"),
        ("run -Q", "there is no option '-Q'; porch run --help lists the options\nusage: porch run"),
        ("status a b c", "unrecognized arguments: b c\nusage: porch status"),
    ],
)
def test_what_there_is_not_is_answered_with_what_was_probably_meant(line: str, said: str):
    with pytest.raises(PlanError) as raised:
        parse(line.split())

    assert str(raised.value).startswith(said)


def test_the_engine_command_is_not_listed():
    assert ENGINE not in CLI_COMMANDS
    assert "engine" == parse(["engine", "1"]).command.__module__.rpartition(".")[2]


def test_the_old_name_of_an_option_is_accepted_and_hidden():
    assert ["a", "b"] == parse(["validate", "c", "--upon", "a", "--on-top-of", "b"]).on_top_of
    assert "--upon" not in command_parser("validate").format_help()


def test_a_path_after_two_dashes_is_no_option():
    assert [["main", "./-odd"]] == parse(["resolve", "a", "--take", "main", "--", "-odd"]).take


def test_porch_alone_attaches():
    assert argparse.Namespace(**vars(parse(["attach"]))) == parse([])


def test_help_lists_topics_and_prints_pages_and_commands(project: Project):
    topics = porch(project, "help").out

    assert "files" in topics and "recovery" in topics
    assert porch(project, "help", "files").out.startswith("# ")
    assert command_parser("retry").format_help() == porch(project, "help", "retry").out
    assert "did you mean 'files'" in porch(project, "help", "file").err
