"""`porch help`: lists the topics of `porch_tui/help`, prints one of its pages, or the help of a command."""

from __future__ import annotations

import argparse
from difflib import get_close_matches
from pathlib import Path

from porch_tui.cli.output.printing import write
from porch_tui.cli.parser import command_parser
from porch_tui.errors import PlanError
from porch_tui.present.commands import CLI_COMMANDS

PAGES = Path(__file__).parents[2] / "help"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("topic", nargs="?", metavar="TOPIC", help="a topic or a command (default: list them)")


def run(options: argparse.Namespace) -> int:
    """Print the list of topics, a page, or the help of a command."""
    pages = {page.stem: page for page in sorted(PAGES.glob("*.md"))}
    if options.topic is None:
        width = max(map(len, pages))
        topics = "".join(f"  {topic:{width}}  {_title(page)}\n" for topic, page in pages.items())
        write(f"Topics for porch help TOPIC:\n\n{topics}\nporch --help lists the commands.\n")
    elif options.topic in pages:
        write(pages[options.topic].read_text("utf-8") + _reference(options.topic))
    elif options.topic in CLI_COMMANDS:
        write(command_parser(options.topic).format_help())
    else:
        near = get_close_matches(options.topic, [*pages, *CLI_COMMANDS], n=1)
        hint = f"did you mean {near[0]!r}?" if near else "porch help lists the topics"
        raise PlanError(f"there is no help for {options.topic!r}; {hint}")
    return 0


def _reference(topic: str) -> str:
    """Return what is made from the types and tables themselves for the end of a page."""
    if topic == "plan":
        from porch_tui.planfile.reference import key_reference as plan_keys

        return f"\n{plan_keys()}\n"
    if topic == "keys":
        from porch_tui.tui.app.key_reference import key_reference as screen_keys

        return f"\n{screen_keys()}\n"
    return ""


def _title(page: Path) -> str:
    """Return the first heading of a page."""
    lines = page.read_text("utf-8").splitlines()
    return next((line.lstrip("# ") for line in lines if line.startswith("#")), "")
