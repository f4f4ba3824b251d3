"""Where in the merge queue an entry is to go: the options of `porch move`."""

from __future__ import annotations

import argparse


def add_where(parser: argparse.ArgumentParser) -> None:
    """Have a parser ask for one task and one place."""
    parser.add_argument("task", metavar="TASK")
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--first", action="store_true", help="jump the queue: ahead of all that are in line")
    place.add_argument("--last", action="store_true", help="behind all that are in line now")
    place.add_argument("--before", metavar="OTHER", help="right ahead of this one")
