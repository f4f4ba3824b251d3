"""The presets as a page of help, from their files."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from textwrap import fill

from porch_tui.agents.preset import Preset, names, preset
from porch_tui.core.model.plan import Agent, Plan

WIDTH = 79


def preset_reference() -> str:
    """Return a section of Markdown for each preset."""
    return "\n\n".join(f"## {name}\n\n" + "\n".join(_facts(preset(name))) for name in names())


def permissions(plan: Plan) -> list[tuple[str, str]]:
    """Return what each agent of a plan may do without asking, by its name: as it is run for the tasks."""
    users = {agent.name: [task for task in plan.tasks if task.agent == agent.name] for agent in plan.agents}
    found = []
    for agent in plan.agents:
        if agent.preset in names():
            forms = {plan.agent_of(task) or agent for task in users[agent.name]} or {agent}
            for form in sorted(forms, key=lambda one: one.is_in_terminal):
                found.append((agent.name, _permission(form)))
    return found


def _permission(agent: Agent) -> str:
    chosen = preset(agent.preset or "")
    title = f" ({chosen.title})" if chosen.title != agent.name else ""
    if agent.is_in_terminal and chosen.interactive:
        return f"{agent.name}{title} in a terminal {chosen.interactive.permits}"
    return f"{agent.name}{title} {chosen.permits}"


def _facts(one: Preset) -> Iterator[str]:
    amounts = {"tokens": one.output.input_tokens, "cost": one.output.cost_usd, "turns": one.output.turns}
    known = [name for name, takes in amounts.items() if takes]
    facts = [
        f"{one.title}, tried with version {one.version}; install it: `{one.install}`",
        f"It {one.permits}.",
        f"It needs {one.needs}.",
        f"porch reads how it ended{', '.join(('', *known))} from its output.",
        f"Its command: {shlex.join(one.command)}",
    ]
    if one.interactive:
        facts += [
            f"In a terminal it {one.interactive.permits}.",
            f"Its command there: {shlex.join(one.interactive.command)}",
        ]
    yield from (fill(f"- {fact}", WIDTH, subsequent_indent="  ", break_on_hyphens=False) for fact in facts)
