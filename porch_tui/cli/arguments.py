"""Arguments that several commands take. Imports nothing slow."""

from __future__ import annotations

import argparse
import re

WHICH_RUN = "(default: the active run, else the newest)"


def slots(text: str) -> int | None:
    """Return a whole number from 1; None for `auto`."""
    return None if text == "auto" else count(text)


def count(text: str) -> int:
    """Return a whole number from 1."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def places(text: str) -> list[str]:
    """Return the places in a text with commas between them."""
    words = [word.strip() for word in text.split(",")]
    if not all(words):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of places such as threads,ssh:HOST")
    return words


def add_on(parser: argparse.ArgumentParser, what: str = "where tasks run") -> None:
    """Add where tasks run, instead of where the plan says."""
    text = f"{what}, instead of the plan's `place`: threads (here), ssh:HOST, tls://HOST:PORT, slurm, or"
    add_places(parser, f"{text} names of its `places` (porch help places)")


def add_places(parser: argparse.ArgumentParser, about: str) -> None:
    """Add `--on`, which names places."""
    parser.add_argument(
        "--on",
        type=places,
        action="extend",
        default=[],
        metavar="PLACE[,PLACE…]",
        help=about,
    )
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="use tcp:// beyond this machine, although whoever reaches it can run programs on all of it",
    )


def time_s(text: str) -> float:
    """Return a time such as `90s`, `10m` or `1h30m` in seconds."""
    if not re.fullmatch(r"\d+|(\d+h)?(\d+m)?(\d+s)?", text) or not text:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 90s, 10m or 1h30m")
    from porch_tui.planfile.values.value_parsing import seconds

    return seconds(text)


def add_plan(parser: argparse.ArgumentParser) -> None:
    """Add the plan file."""
    parser.add_argument(
        "plan", nargs="?", metavar="PLAN", help="plan file (default: porch.yaml or porch.yml)"
    )


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add the run as an argument."""
    parser.add_argument("run", nargs="?", metavar="RUN", help=f"run id, or its beginning {WHICH_RUN}")


def add_run_option(parser: argparse.ArgumentParser) -> None:
    """Add the run as an option, for commands whose arguments are tasks."""
    parser.add_argument("--run", metavar="RUN", help=f"which run {WHICH_RUN}")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add an answer for programs."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def add_steering(parser: argparse.ArgumentParser, nargs: str | None = None) -> None:
    """Add what the commands to a running engine have in common; `nargs` says how many tasks they take."""
    if nargs:
        parser.add_argument("tasks", nargs=nargs, metavar="TASK")
    add_run_option(parser)
    add_json(parser)


def add_red_base(parser: argparse.ArgumentParser) -> None:
    """Add that a target which fails its own validation keeps nothing from landing."""
    parser.add_argument(
        "--allow-red-base",
        action="store_true",
        help="land changes that make nothing worse, although the target fails its validation",
    )


def add_how_to_run(parser: argparse.ArgumentParser) -> None:
    """Add where the engine runs, and what is shown of it."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--headless", action="store_true", help="no screen: print a line per change")
    how.add_argument("--detach", action="store_true", help="only start the engine, and print the run's id")
    parser.add_argument("--json", action="store_true", help="records and the final status as JSON, or the id")
    parser.add_argument(
        "--wait", action="store_true", help="headless: do not return while anything needs a person"
    )
    add_screen(parser)


def add_low_bandwidth(parser: argparse._ActionsContainer) -> None:
    """Add how much is drawn."""
    parser.add_argument(
        "--low-bandwidth",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="reduce output for slow connections",
    )


def add_screen(parser: argparse.ArgumentParser) -> None:
    """Add how the screen is drawn."""
    screen = parser.add_argument_group("screen")
    screen.add_argument("--fps", type=count, metavar="N", help="frames a second (default 10, over SSH 4)")
    add_low_bandwidth(screen)
    screen.add_argument("--ascii", action="store_true", help="draw porch's own signs in ASCII only")
    screen.add_argument(
        "--theme", default="", metavar="NAME", help="dark, light, contrast, ansi, or a theme of Textual"
    )
    screen.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
