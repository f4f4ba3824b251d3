"""`porch help`: lists the topics of `porch_tui/help`, prints one of its pages, or the help of a command."""

from __future__ import annotations

import argparse
from pathlib import Path

from porch_tui.cli.output.printing import write
from porch_tui.cli.parser import command_parser
from porch_tui.errors import PlanError
from porch_tui.present.commands import CLI_COMMANDS
from porch_tui.present.nearest import did_you_mean

PAGES = Path(__file__).parents[2] / "help"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("topic", nargs="?", metavar="TOPIC", help="a topic or a command (default: list them)")


def run(options: argparse.Namespace) -> int:
    """Print the list of topics, a page, or the help of a command."""
    pages = {page.stem: page for page in sorted(PAGES.glob("*.md"))}
    if options.topic is None:
        width = max(map(len, pages))
        # the first line of each page is its title
        titles = {topic: page.read_text("utf-8").partition("\n")[0] for topic, page in pages.items()}
        topics = "".join(f"  {topic:{width}}  {title.lstrip('# ')}\n" for topic, title in titles.items())
        write(f"Topics for porch help TOPIC:\n\n{topics}\nporch --help lists the commands.\n")
    elif options.topic in pages:
        write(pages[options.topic].read_text("utf-8"))
        # what is made from the types and tables themselves ends a page
        if options.topic == "plan":
            from porch_tui.planfile.reference import key_reference as plan_keys

            write(f"\n{plan_keys()}\n")
        elif options.topic == "keys":
            from porch_tui.tui.app.key_reference import key_reference as screen_keys

            write(f"\n{screen_keys()}\n")
        elif options.topic == "settings":
            from porch_tui.cli.settings_text import settings_reference

            write(f"\n{settings_reference()}\n")
        elif options.topic == "agents":
            from porch_tui.agents.reference import preset_reference

            write(f"\n{preset_reference()}\n")
    elif options.topic in CLI_COMMANDS:
        write(command_parser(options.topic).format_help())
    else:
        hint = did_you_mean(options.topic, [*pages, *CLI_COMMANDS], "porch help lists the topics")
        raise PlanError(f"there is no help for {options.topic!r}; {hint}")
    return 0
