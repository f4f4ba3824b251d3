"""The commands and their options, as `porch --help` tells them. Knows no command's work, only where it is."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn

from porch_tui import __version__
from porch_tui.cli.arguments import count, slots
from porch_tui.cli.quick_imports import import_msgspec
from porch_tui.cli.screen_options import add_screen
from porch_tui.cli.where import add_where
from porch_tui.errors import PlanError

Command = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """Refuses in porch's way: one message, exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Raise PlanError with what is wrong and where help is."""
        raise PlanError(f"{message}\n{self.format_usage().strip()}")

    def _print_message(self, message: str, file: object = None) -> None:
        """Print help as any other answer: argparse would be silent where it cannot be printed."""
        from porch_tui.cli.output.printing import write

        write(message)


def lazily(module: str, name: str) -> Command:
    """Return a command that imports its module when it is called."""

    def command(options: argparse.Namespace) -> int:
        if module != "commands.attach":  # that gives its sign before anything slow is imported
            import_msgspec()
        run: Command = getattr(import_module(f"porch_tui.cli.{module}"), name)
        return run(options)

    return command


def parse(words: list[str]) -> argparse.Namespace:
    """Return the options, with `command` to call; PlanError if they make no sense."""
    line = _with_plain_paths(words) or ["attach"]
    return build(only=line[0]).parse_args(line)


def _with_plain_paths(words: list[str]) -> list[str]:
    """Return the words of `resolve` with what stands behind `--` as paths that no option looks like.

    argparse would end the list of an option such as --take there.
    """
    if words[:1] != ["resolve"] or "--" not in words:
        return words
    at = words.index("--")
    rest = [f"./{word}" if word.startswith("-") else word for word in words[at + 1 :]]
    return [*words[:at], *rest]


def build(only: str = "") -> Parser:
    """Return the parser of the whole command line.

    With `only` the name of a command, the others are left out: to make all of them takes 15 ms, for which a
    person would wait with each command.
    """
    parser = Parser(
        prog="porch",
        description="Run many pieces of work on one git repository side by side, "
        "and land them without losing anything.",
        epilog="Start with `porch demo`, then `porch init` in a repository of yours.",
    )
    parser.add_argument("--version", action="version", version=f"porch {__version__}")
    added = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    commands = Commands(added, only)
    _add_running(commands)
    _add_reading(commands)
    _add_steering(commands)
    _add_resolving(commands)
    _add_keeping(commands)
    _add_later(commands)
    return parser if only in ("", *added.choices) else build()


class LeftOut(Parser):
    """Stands for a command that is not asked for: makes nothing of its options."""

    def add_argument(self, *names: Any, **options: Any) -> Any:
        """Take it for added."""

    def add_argument_group(self, *names: Any, **options: Any) -> Any:
        """Return what takes the arguments of the group."""
        return self

    add_mutually_exclusive_group = add_argument_group


class Commands:
    """What commands are added to; the parser gets all of them, or only one."""

    def __init__(self, added: argparse._SubParsersAction[Parser], only: str) -> None:
        self._added = added
        self._only = only
        self._left_out = LeftOut()

    def add_parser(self, name: str, **options: Any) -> Parser:
        """Return what takes the command's options."""
        return self._added.add_parser(name, **options) if self._only in ("", name) else self._left_out


def _add(commands: Commands, name: str, module: str, function: str, summary: str) -> Parser:
    parser = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
    parser.add_argument("-C", dest="directory", metavar="DIR", default=".", help="work as if started in DIR")
    parser.set_defaults(command=lazily(module, function))
    return parser


def _add_running(commands: Commands) -> None:
    demo = _add(commands, "demo", "commands.demo", "demo", "make a small repository with a plan, and run it")
    demo.add_argument(
        "folder", nargs="?", metavar="DIR", help="where to make it (default: a temporary folder)"
    )
    _add_how_to_run(demo)
    run = _add(commands, "run", "commands.run", "run", "check the plan, then run it")
    run.add_argument("plan", nargs="?", metavar="PLAN", help=PLAN)
    _add_how_to_run(run)
    run.add_argument("--slots", type=count, metavar="N", help="run N attempts at once")
    run.add_argument("--on", metavar="PLACE", help="where attempts run (threads)")
    mode = run.add_mutually_exclusive_group()
    mode.add_argument("--serial", action="store_true", help="one task at a time, whatever the analysis says")
    mode.add_argument("--parallel", action="store_true", help="side by side, whatever the analysis says")
    run.add_argument("--allow-red-base", action="store_true", help=RED_BASE)
    run.add_argument("--beside", action="store_true", help="also while a run of this plan is going on")
    run.add_argument("--fresh", action="store_true", help="validate again what earlier runs have validated")
    resume = _add(
        commands, "resume", "commands.run", "resume", "start an engine on a run that has none, and go on"
    )
    _add_run(resume)
    _add_how_to_run(resume)
    resume.add_argument("--allow-red-base", action="store_true", help=RED_BASE)
    attach = _add(commands, "attach", "commands.attach", "attach", "open the screen on a run")
    _add_run(attach)
    add_screen(attach)


PLAN = "plan file (default: porch.yaml or porch.yml)"
JSON = "print one JSON document"
WHICH_RUN = "which run (default: the living, else the newest)"
RED_BASE = "land what makes nothing worse, although the target itself fails its validation"


def _add_how_to_run(parser: Parser) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--headless", action="store_true", help="no screen: a line per change")
    how.add_argument("--detach", action="store_true", help="start the engine only, and print the run's id")
    parser.add_argument("--json", action="store_true", help="headless: records and the final status as JSON")
    parser.add_argument(
        "--wait", action="store_true", help="headless: do not return while anything needs a person"
    )
    add_screen(parser)


def _add_json(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help=JSON)


def _add_run(parser: Parser) -> None:
    parser.add_argument(
        "run",
        nargs="?",
        metavar="RUN",
        help="run id, or its beginning (default: the living, else the newest)",
    )


def _add_reading(commands: Commands) -> None:
    check = _add(
        commands, "check", "commands.check", "check", "say what a plan would do and whether parallel pays"
    )
    check.add_argument("plan", nargs="?", metavar="PLAN", help=PLAN)
    _add_json(check)
    check.add_argument("--slots", type=count, metavar="N", help="as if N attempts ran at once")
    status = _add(
        commands, "status", "run_status", "status", "tell where everything stands and what needs you"
    )
    _add_run(status)
    _add_json(status)
    logs = _add(commands, "logs", "commands.logs", "logs", "print a task's output")
    logs.add_argument("task", metavar="TASK")
    logs.add_argument("-f", "--follow", action="store_true", help="go on as it grows")
    which = logs.add_mutually_exclusive_group()
    which.add_argument("--attempt", type=count, metavar="N", help="of an earlier attempt")
    which.add_argument(
        "--validation",
        dest="is_validation",
        action="store_true",
        help="of what judges its work or has judged it",
    )
    logs.add_argument("--run", metavar="RUN", help=WHICH_RUN)
    logs.add_argument("--raw", action="store_true", help="as it was written, control characters and all")
    report = _add(commands, "report", "run_status", "report", "tell the whole story of a run")
    _add_run(report)
    formats = ["text", "md", "json", "html", "trace"]
    report.add_argument("--format", choices=formats, default="text", help="default: text")
    report.add_argument("-o", dest="output", metavar="FILE", help="write it there")
    runs = _add(commands, "runs", "commands.runs", "runs", "list the runs of this repository")
    _add_json(runs)


def _add_steering(commands: Commands) -> None:
    for name, what, summary in STEERING:
        parser = _add(commands, name, "steering", "steer", summary)
        parser.set_defaults(verb=name)
        if what == "slots":
            parser.add_argument("slots", type=slots, metavar="N", help="or auto: as the machine has room")
        elif what:
            parser.add_argument("tasks", nargs=what, metavar="TASK")
        if name in ALL:
            parser.add_argument("--all", action="store_true", help=ALL[name])
        if name == "stop":
            parser.add_argument("--now", dest="kill_now", action="store_true", help=AT_ONCE)
            parser.add_argument("--finish", dest="is_finishing", action="store_true", help=FINISH)
            parser.add_argument("--validation", dest="is_validation", action="store_true", help=UNJUDGED)
        if name == "move":
            add_where(parser)
        if name == "retry":
            parser.add_argument("--keep", action="store_true", help="in the worktree as it is, instead")
        parser.add_argument("--run", metavar="RUN", help=WHICH_RUN)
        _add_json(parser)
    validate = _add(
        commands,
        "validate",
        "commands.validate",
        "validate",
        "find out whether a task's work passes, by itself or upon others'; land nothing",
    )
    validate.add_argument("task", metavar="TASK")
    validate.add_argument(
        "--upon", action="append", default=[], metavar="OTHER",
        help="merged upon this task's work, landed or not; repeatable, in that order",
    )  # fmt: skip
    validate.add_argument("--run", metavar="RUN", help=WHICH_RUN)
    _add_json(validate)
    undo = _add(
        commands, "undo", "commands.undo", "undo", "take the last landing back, or all down to a task's"
    )
    _add_run(undo)
    undo.add_argument("task", nargs="?", metavar="TASK", help="undo down to this one (default: the last)")
    undo.add_argument(
        "--revert",
        dest="is_revert",
        action="store_true",
        help="take TASK alone back, by a new commit that goes through the queue",
    )
    _add_json(undo)


ALL = {
    "pause": "start nothing more, and freeze all that runs",
    "resume-tasks": "start tasks again, and let all that is frozen go on",
    "stop": "start nothing more, end all that runs, then end the engine; porch resume goes on",
}
FINISH = "with --all: let the tasks that run finish first"
AT_ONCE = "without the grace in which they may end by themselves; also what is being stopped"
UNJUDGED = "not the tasks, but what validates their work: no verdict; without TASK all, and pause"
STEERING = (
    ("pause", "*", "freeze tasks; without TASK start no more, and freeze validations"),
    ("resume-tasks", "*", "let frozen tasks go on; without TASK the run"),
    ("stop", "*", "end tasks, or take them out before they begin"),
    ("retry", "+", "run tasks again, from the tip"),
    ("requeue", "+", "put parked entries back into the merge queue"),
    ("withdraw", "+", "take entries out of the merge queue; their branches stay"),
    ("hold", "+", "keep entries of the merge queue from being merged, until released"),
    ("release", "+", "let entries that were held be merged"),
    ("move", "", "have an entry of the merge queue merged earlier, or later"),
    ("slots", "slots", "change how many attempts run at once; auto adapts to the machine"),
    ("close", "", "end a run for good"),
)


def _add_resolving(commands: Commands) -> None:
    conflicts = _add(
        commands, "conflicts", "conflict.view", "conflicts", "list conflicts, and what each side did"
    )
    conflicts.add_argument("task", nargs="?", metavar="TASK")
    conflicts.add_argument("--run", metavar="RUN", help=WHICH_RUN)
    _add_json(conflicts)
    resolve = _add(
        commands, "resolve", "commands.resolve", "resolve", "choose in a task's conflict, step by step"
    )
    resolve.add_argument("task", metavar="TASK")
    resolve.add_argument(
        "--take", nargs="+", action="append", default=[], metavar=("CHOICE", "PATH[:HUNK]"),
        help="main, task, both, both-reversed, base or none; or remembered, proposed: then no PATH is all",
    )  # fmt: skip
    resolve.add_argument(
        "--as", nargs=2, action="append", default=[], dest="names", metavar=("NAME", "PATH"),
        help="land the task's version of PATH as NAME, or the only one there is; the target's stays",
    )  # fmt: skip
    resolve.add_argument("--edit", action="append", default=[], metavar="PATH", help="in your git editor")
    resolve.add_argument("--tool", nargs="?", const="", metavar="PATH", help="in your git mergetool")
    back = resolve.add_mutually_exclusive_group()
    back.add_argument("--undo", dest="is_undo", action="store_true", help="take the last choice back")
    back.add_argument("--redo", dest="is_redo", action="store_true", help="make it again")
    back.add_argument("--abort", dest="is_abort", action="store_true", help="forget all choices")
    back.add_argument(
        "--refuse", dest="is_refused", action="store_true", help="take nothing of what is proposed"
    )
    resolve.add_argument("--run", metavar="RUN", help=WHICH_RUN)
    _add_json(resolve)


def _add_keeping(commands: Commands) -> None:
    init = _add(
        commands, "init", "commands.check", "init", "write a commented porch.yaml that fits this repository"
    )
    init.add_argument("--print", dest="is_printed", action="store_true", help="print it instead")
    clean = _add(
        commands,
        "clean",
        "commands.clean",
        "clean",
        "remove worktrees and branches that hold nothing unlanded",
    )
    clean.add_argument("runs", nargs="*", metavar="RUN", help="which runs (default: all that have ended)")
    clean.add_argument(
        "--shelve", action="store_true", help="set unlanded work of RUN aside too, for porch unshelve"
    )
    clean.add_argument("--dry-run", action="store_true", help="only say what would go")
    _add_json(clean)
    unshelve = _add(
        commands, "unshelve", "commands.unshelve", "unshelve", "put work back that clean --shelve set aside"
    )
    unshelve.add_argument("tasks", nargs="+", metavar="TASK")
    unshelve.add_argument("--run", metavar="RUN", help=WHICH_RUN)
    _add_json(unshelve)
    doctor = _add(
        commands, "doctor", "commands.doctor", "doctor", "look at git, disk and leftovers, and say what to do"
    )
    _add_json(doctor)
    _add(commands, "schema", "commands.check", "schema", "print the JSON Schema of plan files")
    completion = _add(
        commands, "completion", "commands.completion", "completion", "print completions for a shell"
    )
    completion.add_argument("shell", choices=["bash", "zsh", "fish"])
    engine = commands.add_parser("engine")  # how a screen starts the engine it looks at; not for people
    engine.add_argument("-C", dest="directory", default=".")
    engine.add_argument("run")
    engine.set_defaults(command=lazily("commands.run", "engine"))


def _add_later(commands: Commands) -> None:
    for name, summary in LATER:
        parser = _add(commands, name, "later", "refuse", f"{summary} (not supported yet)")
        parser.add_argument("words", nargs=argparse.REMAINDER)
        parser.set_defaults(verb=name)


LATER = (("each", "one check task per match, without a plan file"),)
