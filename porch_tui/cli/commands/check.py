"""`porch check`: analyzes a plan against its repository. Starts nothing; `--fix` may change the plan."""

from __future__ import annotations

import argparse

from porch_tui.agents.reference import permissions
from porch_tui.cli.arguments import add_json, add_on, add_plan, count
from porch_tui.cli.lookup import repository_at
from porch_tui.cli.output.printing import say, width, write, write_json
from porch_tui.cli.plan_advice import advice_for
from porch_tui.cli.plan_fixing import Fixing
from porch_tui.cli.plans import errors_with_lines, plan_path, prepared, shown_path, warnings_about
from porch_tui.cli.repository_items import RepositoryItems
from porch_tui.core.forecast.complexity import complexities
from porch_tui.core.model.plan import Sha
from porch_tui.engine.new_run import RunOverrides
from porch_tui.errors import PlanError, RepositoryError
from porch_tui.git.worktree import removal
from porch_tui.planfile.read import read_plan
from porch_tui.planfile.text.mistakes import PlanWarning
from porch_tui.report.check import Found, check_document, check_page
from porch_tui.report.forms.text import as_text
from porch_tui.report.sections.layout import layout_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_plan(parser)
    add_json(parser)
    parser.add_argument("--slots", type=count, metavar="N", help="as if N tasks ran at once")
    add_on(parser, "as if tasks ran there")
    parser.add_argument("--fix", action="store_true", help="show the advice as edits of the plan, and ask")
    parser.add_argument("--yes", action="store_true", help="with --fix: write them without asking")


def run(options: argparse.Namespace) -> int:
    """Print order, conflicts and speedup, and what would keep the plan from running now."""
    if options.yes and not options.fix:
        raise PlanError("--yes is the answer to --fix: porch check --fix --yes")
    repository = repository_at(options.directory)
    path = plan_path(repository, options.directory, options.plan)
    read = read_plan(path, RepositoryItems(repository), on=tuple(options.on))
    shown = shown_path(path, repository)
    overrides = RunOverrides(options.slots, is_insecure=options.insecure)
    ready = prepared(repository, read, shown, overrides, reads_files=True)
    removal.empty_trash(repository)  # of the worktree whose creation was timed
    advice = advice_for(repository, read, ready)
    fixing = Fixing(read, path, shown, advice.edits) if options.fix else None
    if fixing and not options.json:
        return fixing.offer(options.plan, is_agreed=options.yes)
    pinned, analysis = ready.pinned, ready.analysis
    layout = layout_of(read.plan, str(repository.root), ready.run, pinned.target, Sha(pinned.base))
    obstacles = list(ready.warnings)
    with errors_with_lines(read):
        try:
            ready.check_places()
        except RepositoryError as error:
            obstacles.append(f"porch run would be refused now:\n{error}")
    facts = ready.facts
    if facts.unread_note:
        obstacles.append(facts.unread_note)
    warnings = sorted((*warnings_about(read), *read.warned(ready.about_places), *advice.warnings))
    if options.json:
        # those of the repository are about no line of the plan
        warnings += [PlanWarning(0, text) for text in obstacles]
    found = Found(
        read.plan,
        analysis,
        layout,
        warnings,
        shown,
        permissions=permissions(read.plan),
        complexities=complexities(read.plan.tasks, facts),
        edits=advice.edits,
        lessons=advice.lessons,
    )
    if options.json:
        document = check_document(found)
        code = fixing.add_to(document, is_agreed=options.yes) if fixing else 0
        write_json(document)
        return code
    write(as_text(check_page(found), width()))
    for text in obstacles:
        say(f"porch: {text}")
    return 0
