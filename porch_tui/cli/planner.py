"""Has an agent make a plan, and shows how long it thinks; ctrl+c ends it and leaves nothing."""

from __future__ import annotations

import shutil
import time

from porch_tui.agents.preset import preset
from porch_tui.cli.output.printing import say
from porch_tui.cli.output.progress_line import ProgressLine
from porch_tui.cli.signals import ended_by_signals
from porch_tui.core.model.agent_report import AgentUsage
from porch_tui.core.model.plan import BWRAP
from porch_tui.errors import RepositoryError
from porch_tui.git.repository import Repository
from porch_tui.planning.draft import Draft
from porch_tui.planning.planner import Listener, plan_with
from porch_tui.planning.request import Request
from porch_tui.present.amounts import agent_usage, elapsed


def planned(repository: Repository, request: Request) -> Draft:
    """Return the draft that an agent makes. Raises PorchError where there is none."""
    planner = request.planner
    program = planner.command[0] if planner.command else preset(planner.name).program
    for needed in (program, *([BWRAP] if request.wrap else [])):
        if shutil.which(needed) is None:
            raise RepositoryError(
                f"{planner.name} cannot be asked: found no program {needed} on PATH; install it"
            )
    line, began = ProgressLine(), time.monotonic()

    def show(number: int, usage: AgentUsage | None) -> None:
        which = f", round {number} of {request.rounds}" if number > 1 else ""
        used = agent_usage(usage) if usage else ""
        passed = elapsed(time.monotonic() - began)
        line.show(f"porch: {planner.name} is planning{which}: {', '.join(filter(None, (passed, used)))}")

    def tell(text: str) -> None:
        line.clear()
        say(text)

    with ended_by_signals():
        try:
            return plan_with(repository, request, Listener(tell, show))
        finally:
            line.clear()
