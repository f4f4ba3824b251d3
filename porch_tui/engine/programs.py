"""The programs that a plan needs: which of them the machine does not have, and which a fence hides."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator

from porch_tui.agents.preset import preset
from porch_tui.core.model.place import HERE
from porch_tui.core.model.plan import BWRAP, SHELL, CommandLine, Plan, RunId, TaskSpec, Wrap
from porch_tui.executors.checkout import worktree_path
from porch_tui.executors.fence import Fence
from porch_tui.git.repository import Repository

KeyPath = tuple[str | int, ...]
"""Where the plan file has a value."""
Mistake = tuple[KeyPath, str]


def missing_programs(plan: Plan, repository: Repository, run: RunId) -> list[Mistake]:
    """Return what the plan starts and cannot be started here, by where it is named.

    `run` is the run that there will be: worktrees may be named after it.
    """
    return [*_missing_for_agents(plan), *_missing_for_wraps(plan), *_hidden(plan, repository, run)]


def is_only_here(plan: Plan, spec: TaskSpec) -> bool:
    """Say whether a task runs on this machine and on no other."""
    return {*plan.places_of(spec)} == {HERE}


def _missing_for_agents(plan: Plan) -> Iterator[Mistake]:
    """Yield what the agents of a plan need and the machine does not have, as far as they run on it."""
    environment = {**os.environ, **dict(plan.env)}
    by_resolver = plan.resolver.agent if plan.resolver else None
    for agent in plan.agents:
        users = [spec for spec in plan.tasks if spec.agent == agent.name]
        if agent.name == by_resolver or any(HERE in plan.places_of(spec) for spec in users):
            for name in agent.env_from:
                if name not in environment:
                    yield ("agents", agent.name, "env_from"), f"the variable {name} is not set"
        program = agent.command[0]
        user = next((spec.id for spec in users if is_only_here(plan, spec)), None)
        if agent.preset is None or not (user or agent.name == by_resolver):
            continue
        if not shutil.which(program, path=environment.get("PATH")):
            text = f"found no program {program} on PATH; install it: {preset(agent.preset).install}"
            yield ("tasks", user, "agent") if user else ("resolver", "agent"), text


def _missing_for_wraps(plan: Plan) -> list[Mistake]:
    """Return which programs of fences are not there, as far as these are of this machine."""
    used: list[tuple[KeyPath, Wrap | None]] = [
        *((("tasks", spec.id, "wrap"), spec.wrap) for spec in plan.tasks if is_only_here(plan, spec)),
        (("validate_wrap",), plan.validate_wrap if _validates_here(plan) else None),
        (("resolver", "wrap"), plan.resolver.wrap if plan.resolver else None),
    ]
    found, path = dict[str, Mistake](), _search_path(plan)
    for place, wrap in used:
        for program in wrap.programs if wrap else ():
            if program not in found and not shutil.which(program, path=path):
                is_own = wrap is not None and wrap.name not in ("", BWRAP)
                text = f"found no program {program} on PATH; install it, or name another fence"
                found[program] = ("wraps", wrap.name) if wrap is not None and is_own else place, text
    return list(found.values())


def _validates_here(plan: Plan) -> bool:
    """Say whether validations may run on this machine."""
    return HERE in plan.validation_places


def _hidden(plan: Plan, repository: Repository, run: RunId) -> list[Mistake]:
    """Return which programs are there, but not behind the fence of what starts them; each once."""
    found, path = dict[str, Mistake](), _search_path(plan)
    for place, command, fence in _behind_bwrap(plan, repository, run):
        program = _program(command)
        if program and program not in found and (hidden := fence.hidden_program(program, path)):
            text = (
                f"found {hidden}, which is not there behind bwrap: its folder is another one inside; expected"
                " a program elsewhere, or its folder in 'writable' of an entry of 'wraps'"
            )
            found[program] = (place, text)
    return list(found.values())


def _behind_bwrap(
    plan: Plan, repository: Repository, run: RunId
) -> Iterator[tuple[KeyPath, CommandLine, Fence]]:
    """Yield what is started behind porch's own bwrap, with its place in the plan."""
    common_dir, agents = repository.common_dir, {agent.name: agent for agent in plan.agents}
    for spec in plan.tasks:
        if spec.wrap is not None and not spec.wrap.command and HERE in plan.places_of(spec):
            worktree = worktree_path(repository.root, plan.worktree_of(spec.id, repository.name, run))
            fence = Fence(spec.wrap, worktree, worktree, common_dir, agents.get(spec.agent or ""))
            yield from ((("setup",), command, fence) for command in plan.setup)
            yield ("tasks", spec.id, "agent" if spec.agent else "run"), spec.command, fence
            yield from ((("tasks", spec.id, "checks"), command, fence) for command in spec.checks)
    # the worktrees of these two are porch's own, below the common directory
    if plan.validate_wrap is not None and not plan.validate_wrap.command and _validates_here(plan):
        fence = Fence(plan.validate_wrap, common_dir, common_dir, common_dir)
        yield from ((("setup",), command, fence) for command in plan.setup)
        yield from ((("validate",), command, fence) for command in plan.validate)
    resolver = plan.resolver
    if resolver is not None and resolver.wrap is not None and not resolver.wrap.command:
        fence = Fence(resolver.wrap, common_dir, common_dir, common_dir, agents.get(resolver.agent or ""))
        yield ("resolver", "agent" if resolver.agent else "run"), resolver.command, fence


def _program(command: CommandLine) -> str | None:
    """Return the program that a command starts first; None for a shell script that begins otherwise."""
    if command[:2] != SHELL or len(command) != 3:
        return command[0] if command else None
    found = _FIRST_WORD.match(command[2])
    return found[1] if found else None


def _search_path(plan: Plan) -> str:
    return dict(plan.env).get("PATH", os.environ.get("PATH", os.defpath))


_FIRST_WORD = re.compile(r"\s*([\w./+@%:-]+)(?=[\s;&|]|$)")
"""Of a shell script: a program as it is typed, nothing that the shell would replace."""
