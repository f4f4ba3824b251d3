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
    """Return what each agent of a plan may do without asking, by its name."""
    used = [agent for agent in plan.agents if agent.preset in names()]
    return [(agent.name, _permission(agent)) for agent in used]


def _permission(agent: Agent) -> str:
    chosen = preset(agent.preset or "")
    title = f" ({chosen.title})" if chosen.title != agent.name else ""
    return f"{agent.name}{title} {chosen.permits}"


def _facts(one: Preset) -> Iterator[str]:
    amounts = {"tokens": one.output.input_tokens, "cost": one.output.cost_usd, "turns": one.output.turns}
    known = [name for name, takes in amounts.items() if takes]
    facts = (
        f"{one.title}, tried with version {one.version}; install it: `{one.install}`",
        f"It {one.permits}.",
        f"It needs {one.needs}.",
        f"porch reads how it ended{', '.join(('', *known))} from its output.",
        f"Its command: {shlex.join(one.command)}",
    )
    yield from (fill(f"- {fact}", WIDTH, subsequent_indent="  ", break_on_hyphens=False) for fact in facts)
