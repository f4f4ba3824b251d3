"""`porch plan`: writes a plan for review, by an agent, from a list or by parts. Runs none of it."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from porch_tui.agents.preset import preset
from porch_tui.cli.arguments import count, time_s
from porch_tui.cli.first_steps import PLAN_NAMES
from porch_tui.cli.lookup import repository_at
from porch_tui.cli.output.printing import replace_file, say, write
from porch_tui.cli.plans import errors_with_lines, prepared, shown_path
from porch_tui.cli.repository_items import RepositoryItems
from porch_tui.core.forecast.verdict import Mode
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import BWRAP, Wrap
from porch_tui.core.model.wording import counted
from porch_tui.core.relations.relations import Relation
from porch_tui.core.splitting.parts import By, split
from porch_tui.errors import PlanError, PorchError, RepositoryError
from porch_tui.git.repository import Repository
from porch_tui.git.worktree import removal
from porch_tui.planfile.read import PlanFile, content_of, plan_from
from porch_tui.planfile.values.value_parsing import seconds
from porch_tui.planning.draft import Draft, plan_text
from porch_tui.planning.from_list import draft_of
from porch_tui.planning.lists.reading import FORMATS, read_list
from porch_tui.planning.request import Request
from porch_tui.planning.tracked import TrackedFiles
from porch_tui.planning.workers import named_agent, worker
from porch_tui.report.check import ADVICE

STDIN, STDOUT = "-", "-"
ROUNDS, TIMEOUT_S = 3, 1800.0
_SOURCES = {"planner": "--with", "list": "--from", "by": "--by"}
_ONLY_WITH = {
    "planner": ("tasks", "rounds", "timeout", "wrap"),
    "list": ("format",),
    "by": ("prompt", "parts"),
}
"""Options that mean something only with one source of the plan."""
MOST_CONFLICTS = 5
"""Pairs of tasks that are listed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "goal", nargs="?", metavar="GOAL", help="what is to be reached, in a sentence or more"
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--with", dest="planner", metavar="AGENT", help="the agent that splits GOAL: a preset, or a command"
    )
    source.add_argument(
        "--from",
        dest="list",
        metavar="FILE",
        help="a list of tasks: Markdown, tasks.json, issues; - is stdin",
    )
    source.add_argument(
        "--by",
        choices=[one.value for one in By],
        help="parts of the repository, without a model: COMMAND for each",
    )
    parser.add_argument("--format", choices=FORMATS, help="what FILE is (default: by its content)")
    parser.add_argument(
        "--agent", metavar="NAME", help="who does the tasks: a preset, or a command with {prompt} in it"
    )
    parser.add_argument(
        "-o", dest="output", metavar="FILE", help="where to write (default: porch.yaml); - prints it"
    )
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")
    parts = parser.add_argument_group("by parts", "porch plan --by dirs|packages|tests [-- COMMAND {paths}]")
    parts.add_argument(
        "--prompt", metavar="TEXT", help="what --agent does in each part; {paths} are its paths"
    )
    parts.add_argument("--parts", type=count, metavar="N", help="how many parts (default: by what is cut)")
    planner = parser.add_argument_group("with an agent")
    planner.add_argument("--tasks", type=count, metavar="N", help="how many tasks at most")
    planner.add_argument(
        "--rounds", type=count, metavar="N", help=f"how often it may be asked (default: {ROUNDS})"
    )
    planner.add_argument("--timeout", type=time_s, metavar="TIME", help="of each round (default: 30m)")
    planner.add_argument("--wrap", choices=[BWRAP], help="put this fence around it (porch help fences)")


def run(options: argparse.Namespace) -> int:
    """Write the plan, and say in short what porch check thinks of it."""
    repository = repository_at(options.directory)
    place = _place(repository, options)
    draft = _draft(repository, options)
    text = plan_text(draft)
    read = plan_from(text.encode(), "the plan", Path(place or "porch").stem, RepositoryItems(repository))
    if place is None:
        write(text)
    else:
        _put(place, text, is_forced=options.force)
    _say_what_it_is(repository, read, place)
    return 0


def _place(repository: Repository, options: argparse.Namespace) -> Path | None:
    """Return where the plan goes; None to standard output. PlanError if something is there already."""
    output: str | None = options.output
    if output == STDOUT:
        return None
    if output:
        place = Path(options.directory) / output
        if os.path.lexists(place) and not options.force:
            raise PlanError(f"-o {output}: it exists, and porch plan overwrites only with --force")
        return place
    there = next((name for name in PLAN_NAMES if os.path.lexists(repository.root / name)), None)
    if there and not options.force:
        raise PlanError(
            f"there is a plan already, {repository.root / there}: name another file with -o FILE, print it"
            " with -o -, or replace it with --force"
        )
    return repository.root / (there or PLAN_NAMES[0])


def _draft(repository: Repository, options: argparse.Namespace) -> Draft:
    source = next(one for one in _ONLY_WITH if getattr(options, one))
    for other, names in _ONLY_WITH.items():
        given = next((one for one in names if getattr(options, one) is not None), None)
        if other != source and given:
            raise PlanError(f"--{given} belongs to {_SOURCES[other]}")
    if options.by:
        return _by_parts(repository, options)
    return _by_agent(repository, options) if options.planner else _from_list(repository, options)


def _by_parts(repository: Repository, options: argparse.Namespace) -> Draft:
    from porch_tui.codebase.facts import read
    from porch_tui.planning.from_parts import parts_draft, usual_tests, work_of

    by, agent = By(options.by), named_agent(options.agent, "--agent") if options.agent else None
    work = work_of(options.behind, options.prompt, agent)
    if work is None and by is not By.TESTS:
        raise PlanError(
            f"--by {by} needs what is to be done in each part: -- COMMAND {{paths}},"
            " or --agent NAME --prompt TEXT"
        )
    facts = read(repository, repository.git.text("rev-parse", "--verify", "HEAD^{commit}"))
    tracked = TrackedFiles.of(facts.sizes)
    found = split(facts, by, options.parts)
    draft = parts_draft(found, facts, work or usual_tests(tracked), tracked, f"{repository.name}-{by}")
    return replace(draft, goal=options.goal) if options.goal else draft


def _by_agent(repository: Repository, options: argparse.Namespace) -> Draft:
    from porch_tui.cli.planner import planned

    if not (options.goal or "").strip():
        raise PlanError('--with needs a goal: porch plan "Split the parser by layers" --with codex')
    planner = named_agent(options.planner, "--with")
    request = Request(
        goal=options.goal,
        planner=planner,
        worker=planner if options.agent is None else named_agent(options.agent, "--agent"),
        rounds=options.rounds or ROUNDS,
        timeout_s=options.timeout or TIMEOUT_S,
        silence_s=seconds("5m" if planner.command else preset(planner.name).silence),
        most_tasks=options.tasks,
        wrap=Wrap(BWRAP) if options.wrap else None,
    )
    return planned(repository, request)


def _from_list(repository: Repository, options: argparse.Namespace) -> Draft:
    agent = worker(options.agent)
    if options.list == STDIN:
        content, shown = sys.stdin.buffer.read(), "stdin"
    else:
        path = Path(options.directory) / options.list
        shown = shown_path(path, repository)
        content = content_of(path, "the list of tasks", "name another, or - for standard input")
    read = read_list(content, shown, options.format or FORMATS[0])
    draft = draft_of(read, shown, _tracked(repository), agent)
    return replace(draft, goal=options.goal) if options.goal else draft


def _tracked(repository: Repository) -> TrackedFiles:
    return TrackedFiles.of(repository.git.paths("ls-files", "-z"))


def _put(place: Path, text: str, *, is_forced: bool) -> None:
    """Write the plan file; one that came into being meanwhile is not overwritten."""
    if is_forced:
        replace_file(place, text.encode())
        return
    try:
        with place.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise PlanError(
            f"{place} was created meanwhile, and porch plan overwrites only with --force"
        ) from None
    except OSError as error:
        raise RepositoryError(
            f"cannot write {place}: {error.strerror}; -o names another file, -o - prints it"
        ) from error


def _say_what_it_is(repository: Repository, read: PlanFile, place: Path | None) -> None:
    """Say in short what porch check finds, and what to type next."""
    from porch_tui.engine.new_run import RunOverrides

    shown = shown_path(place, repository) if place else "the plan"
    written = f"porch: {'wrote ' if place else ''}{shown}: {counted(len(read.plan.tasks), 'task')}"
    try:
        with errors_with_lines(read):
            analysis = prepared(repository, read, shown, RunOverrides()).analysis
    except PorchError as error:
        say(f"{written}, which porch check refuses here: {error}")
        return
    removal.empty_trash(repository)  # of the worktree whose creation was timed
    say(f"{written}, at most {max(map(len, analysis.waves))} side by side")
    advice = "" if analysis.mode is Mode.CANNOT_TELL else f"{ADVICE[analysis.mode]}: "
    say(f"porch: {advice}{'; '.join(analysis.reasons[:2])}")
    conflicts = [pair for pair in analysis.pairs if pair.relation is Relation.CONFLICTING]
    for pair in conflicts[:MOST_CONFLICTS]:
        say(f"porch: {pair.a} and {pair.b} conflict: {pair.reasons[0]}")
    if len(conflicts) > MOST_CONFLICTS:
        say(f"porch: {len(conflicts) - MOST_CONFLICTS} more pairs conflict; porch check lists them")
    for warning in read.warnings:
        say(f"porch: line {warning.line}: {warning.text}")
    if place:
        is_usual = place.name in PLAN_NAMES and place.parent.resolve() == repository.root
        named = "" if is_usual else f" {shlex.quote(os.path.relpath(place))}"
        say(f"porch: nothing has run. Review it, then: porch check{named}")
