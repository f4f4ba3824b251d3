"""`porch choose`: a person decides a hypothesis."""

from __future__ import annotations

import argparse

from porch_tui.cli.arguments import add_json, add_run_option
from porch_tui.cli.lookup import session_of, task_named
from porch_tui.cli.person import name_of_person
from porch_tui.cli.steering import print_answers, send
from porch_tui.core.model.commands import ChooseTheory
from porch_tui.core.model.plan import HypothesisName, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.errors import PlanError
from porch_tui.journal.inbox import new_command_id


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("name", metavar="THEORY", help="the task that wins; with --none the hypothesis")
    parser.add_argument("--none", action="store_true", help="no theory wins; what still runs is stopped")
    add_run_option(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Decide the hypothesis of the theory named, or the one named."""
    repository, session = session_of(options)
    state, by = session.state, name_of_person(repository)
    if options.none:
        choice = ChooseTheory(new_command_id(), _hypothesis_named(state, options.name), None, by)
    else:
        theory = task_named(state, options.name)
        choice = ChooseTheory(new_command_id(), _hypothesis_of(state, theory), theory, by)
    return print_answers(session, send(session, [choice]), options.json)


def _hypothesis_named(state: RunState, name: str) -> HypothesisName:
    if name in state.hypotheses:
        return HypothesisName(name)
    raise PlanError(f"{name}: no hypothesis of run {state.run}; {_known(state)}")


def _hypothesis_of(state: RunState, theory: TaskId) -> HypothesisName:
    of = state.specs[theory].of
    if of is not None:
        return of
    raise PlanError(f"{theory} answers no hypothesis, so it cannot win; {_known(state)}")


def _known(state: RunState) -> str:
    names = list(state.hypotheses)
    return f"its hypotheses are: {listed(names)}" if names else "the run has none"
