"""A decoded plan file made into a Plan: names looked up, texts understood, rules kept.

Goes on after a mistake with something harmless in its place, so that the rest is
checked as well; a Plan made while mistakes were found must not be used.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from msgspec import UNSET, Struct, UnsetType

from porch_tui.agents.prompt import first_call
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import HERE
from porch_tui.core.model.plan import (
    CommandLine,
    HypothesisName,
    Integrity,
    Isolation,
    Kind,
    LandedWorktree,
    OpenStdin,
    Order,
    Plan,
    Resolver,
    RetryWith,
    StepEstimates,
    TaskId,
    TaskSpec,
    Terminal,
)
from porch_tui.core.tasks.graph import after_of
from porch_tui.core.tasks.history import ask_for_history
from porch_tui.planfile.keys.plan_keys import PlanDocument
from porch_tui.planfile.keys.plan_keys import StepEstimates as StepEstimatesEntry
from porch_tui.planfile.keys.task_keys import TaskEntry
from porch_tui.planfile.text.mistakes import KeyPath, shown
from porch_tui.planfile.text.source import Source
from porch_tui.planfile.values import value_parsing as grammar
from porch_tui.planfile.values.agents import Agents
from porch_tui.planfile.values.budgets import budget, check_budgets
from porch_tui.planfile.values.commands import check_program, commands
from porch_tui.planfile.values.dependencies import After, check_amount, check_cycles, known_after
from porch_tui.planfile.values.hypotheses import check_theories, hypotheses, hypothesis_of
from porch_tui.planfile.values.places import Places, with_interactive_here, with_programs
from porch_tui.planfile.values.shared import check_shared
from porch_tui.planfile.values.templates import check_branch, check_worktree
from porch_tui.planfile.values.terminals import (
    check_open_stdin,
    check_terminal,
    has_timeout_for_people,
    pattern_of,
    terminal_of,
)
from porch_tui.planfile.values.wraps import Wraps

OURS = "PORCH_"
GITS = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_CONFIG",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_COUNT",
        "GIT_OBJECT_DIRECTORY",
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_GRAFT_FILE",
        "GIT_INDEX_FILE",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_REPLACE_REF_BASE",
        "GIT_PREFIX",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_SHALLOW_FILE",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
    }
)
"""`git rev-parse --local-env-vars` of git 2.39, and the namespace: they select a repository."""


def plan_of(document: PlanDocument, source: Source, stem: str) -> Plan:
    """Return the plan; `stem` names it if it has no name. Mistakes go to `source`."""
    ids = source.tasks
    agents, wraps, places = Agents(document, source), Wraps(document, source), Places(document, source)
    on = places.find(document.place, ("place",))
    tasks = tuple(
        _task(TaskId(id), entry, _Known(agents, wraps, places), source)
        for id, entry in document.tasks.items()
    )
    setup = commands(source, ("setup",), document.setup)
    validate = commands(source, ("validate",), document.validate)
    validate_on = places.for_validations(
        document.validate_on,
        runs_hooks=document.hooks == "run",
        asks_for_history=ask_for_history((*setup, *validate)),
    )
    resolver = _resolver(document, agents, wraps, source)
    found = hypotheses(document, _judges(document, source), source)
    check_theories(found, tasks, source)
    after: After = {
        str(task): [one for one in earlier if one in document.tasks]
        for task, earlier in after_of(tasks).items()
    }
    check_amount(source, after)
    check_cycles(source, after)
    target = None if document.target is UNSET else document.target
    if target is not None and (not grammar.is_branch_name(target) or target.startswith("refs/")):
        source.refuse(("target",), f"found {shown(target)}; expected a local branch, without refs/heads/")
    for name in document.env:
        if name.startswith(OURS) or name in GITS:
            owner = "porch" if name.startswith(OURS) else "git"
            source.refuse_key(
                ("env", name), f"found {name}, which {owner} sets itself; expected another name"
            )
    plan = Plan(
        name=name_from(stem) if document.name is UNSET else document.name,
        tasks=tasks,
        hypotheses=found,
        agents=agents.used,
        goal=document.goal,
        target=target,
        base=None if document.base is UNSET else document.base,
        worktree=check_worktree(source, document.worktree, ids),
        branch=check_branch(source, document, ids),
        setup=setup,
        copy=tuple(posixpath.normpath(path) for path in _below_root(source, ("copy",), document.copy)),
        pool=document.pool,
        pool_keep=tuple(document.pool_keep),
        validate_keep=tuple(document.validate_keep),
        env=tuple((name, str(value)) for name, value in document.env.items()),
        slots=None if document.slots == "auto" else document.slots,
        validate=validate,
        validate_timeout_s=grammar.seconds(document.validate_timeout),
        validate_wrap=wraps.find(document.validate_wrap, ("validate_wrap",)),
        order=Order(document.order),
        resolver=resolver,
        predict_ignore=_globs(source, ("predict_ignore",), document.predict_ignore),
        integrity=Integrity(document.integrity),
        squash=document.history == "squash",
        budget=budget(document.budget, source, ("budget",)),
        estimates=_step_estimates(document.estimates),
        landed=LandedWorktree(document.landed),
        runs_hooks=document.hooks == "run",
        places=places.used(name for spec in tasks for name in spec.place or on),
        on=() if on == (HERE,) else on,
        validate_on=validate_on,
        on_need=_call(document.on_need, source, "on_need"),
        on_end=_call(document.on_end, source, "on_end"),
    )
    check_budgets(plan, source)
    return with_programs(with_interactive_here(plan))


def _call(words: list[str] | UnsetType, source: Source, key: str) -> CommandLine:
    """Return the command of `on_need` or `on_end`."""
    if words is UNSET:
        return ()
    check_program(source, (key,), words, "a command")
    return tuple(words)


def _step_estimates(entry: StepEstimatesEntry | UnsetType) -> StepEstimates:
    if entry is UNSET:
        return StepEstimates()
    times = (entry.setup, entry.checks, entry.validate)
    return StepEstimates(*(None if time is UNSET else grammar.seconds(time) for time in times))


def name_from(stem: str) -> str:
    """Return a file's stem as a plan's name; `plan` if nothing of it can be kept."""
    name = re.sub(r"[^a-z0-9._-]+", "-", stem.lower())
    name = re.sub(r"\.{2,}", ".", name).lstrip("._-")[:100]
    while name.endswith((".", "-", ".lock")):
        name = name.removesuffix(".lock").rstrip(".-")
    return name or "plan"


class _Known(Struct, frozen=True):
    """What tasks name."""

    agents: Agents
    wraps: Wraps
    places: Places


def _task(task: TaskId, entry: TaskEntry, known: _Known, source: Source) -> TaskSpec:
    wrap = known.wraps.find(entry.wrap, source.task_path(task, "wrap"))
    if wrap is not None and not wrap.command and entry.isolation == "clone":
        source.refuse(
            source.task_path(task, "isolation"),
            "found clone behind bwrap; expected worktree: there git is the task's own already, and a clone's"
            " configuration and hooks could be written, which porch's own git obeys",
        )
    made = source.made.get(task)
    if entry.shared:
        check_shared(task, entry, wrap, source)
    after = known_after(source, task, entry.after)
    questions = source.written("hypotheses")
    terminal = _terminal(task, entry, known.agents, source)
    open_stdin = _open_stdin(task, entry, known.agents, source)
    check_terminal(task, entry, terminal, source)
    check_open_stdin(task, entry, open_stdin, terminal, source)
    command = _command_of(task, entry, terminal, known.agents, source)
    if open_stdin is not None:
        is_own = entry.stdin_open is not UNSET
        place = source.task_path(task, "stdin_open") if is_own else ("agents", str(entry.agent), "stdin_open")
        known.agents.warn_of_open_stdin(str(entry.agent), place)
    has_timeout = (terminal or open_stdin) is None or has_timeout_for_people(task, source)
    title = "" if entry.title is UNSET else " ".join(entry.title.split())
    return TaskSpec(
        id=task,
        title=title or task,
        command=command,
        kind=Kind(entry.kind),
        isolation=Isolation(entry.isolation),
        agent=None if entry.agent is UNSET else entry.agent,
        after=tuple(TaskId(name) for name in after if name not in questions),
        after_hypotheses=tuple(HypothesisName(name) for name in after if name in questions),
        of=hypothesis_of(task, entry, source),
        locks=tuple(dict.fromkeys(entry.locks)),
        paths=_globs(source, source.task_path(task, "paths"), entry.paths),
        checks=commands(source, source.task_path(task, "checks"), entry.checks),
        timeout_s=grammar.seconds(entry.timeout) if has_timeout else None,
        silence_s=known.agents.silence_s(str(entry.agent))
        if entry.silence is UNSET
        else grammar.seconds(entry.silence),
        retries=entry.retries,
        prompt="" if entry.prompt is UNSET or entry.agent is UNSET else entry.prompt,
        retry_with=RetryWith(entry.retry_with),
        may_change_nothing=entry.may_change_nothing,
        expected_failure=_why_expected(task, entry, source),
        wrap=wrap,
        needs_review=entry.review == "required",
        priority=entry.priority,
        estimate_s=None if entry.estimate is UNSET else grammar.seconds(entry.estimate),
        cpus=None if entry.cpus is UNSET else entry.cpus,
        memory_bytes=None if entry.memory is UNSET else grammar.size_bytes(entry.memory),
        budget=budget(entry.budget, source, source.task_path(task, "budget")),
        place=known.places.find(entry.place, source.task_path(task, "place")),
        needs=tuple(dict.fromkeys(entry.needs)),
        has_full_history=entry.history == "full",
        line=source.line_of(source.place_of(task)),
        group=made.group if made else "",
        item=made.item if made else "",
        is_shared=entry.shared,
        max_fail=made.max_fail if made else None,
        terminal=terminal,
        open_stdin=open_stdin,
    )


def _why_expected(task: TaskId, entry: TaskEntry, source: Source) -> str:
    """Return why a task is expected to fail, on one line; empty: it is not."""
    if entry.expected_failure is UNSET:
        return ""
    if entry.kind == "hypothesis":
        source.refuse_key(
            source.task_path(task, "expected_failure"),
            "found 'expected_failure' of a hypothesis; expected none: any of its theories may fail",
        )
    return " ".join(entry.expected_failure.split())


def _terminal(task: TaskId, entry: TaskEntry, agents: Agents, source: Source) -> Terminal | None:
    """Return the terminal that a task, `defaults` or its agent asks for."""
    of_agent = agents.terminal(str(entry.agent))
    if entry.tty is False or (entry.tty is UNSET and of_agent is None):
        return None
    found = of_agent or Terminal()
    if entry.size is not UNSET:
        size = terminal_of(entry.size, source.task_path(task, "size"), source)
        found = replace(found, cols=size.cols, rows=size.rows)
    if entry.waits is not UNSET:
        found = replace(found, waits=pattern_of(entry.waits, source.task_path(task, "waits"), source))
    return found


def _open_stdin(task: TaskId, entry: TaskEntry, agents: Agents, source: Source) -> OpenStdin | None:
    """Return the open standard input that a task, `defaults` or its agent asks for."""
    of_agent = agents.open_stdin(str(entry.agent))
    if entry.stdin_open is False or (entry.stdin_open is UNSET and of_agent is None):
        return None
    if entry.waits is UNSET:
        return of_agent or OpenStdin()
    return OpenStdin(pattern_of(entry.waits, source.task_path(task, "waits"), source))


def _command_of(
    task: TaskId, entry: TaskEntry, terminal: Terminal | None, agents: Agents, source: Source
) -> CommandLine:
    """Return what the task runs; empty unless it is given in exactly one way."""
    ways = source.keys_of_task(task) & {"run", "agent", "prompt"}
    if ways == {"run"}:
        return next(iter(commands(source, source.task_path(task, "run"), entry.run)), ())
    if ways == {"agent", "prompt"}:
        if entry.agent is UNSET or entry.prompt is UNSET:
            return ()  # what was written there is wrong
        agent = agents.find(entry.agent, source.task_path(task, "agent"))
        if terminal is None:
            return first_call(agent, entry.prompt).command
        agents.check_form(
            agent, ("agents", entry.agent, "tty") if entry.tty is UNSET else source.task_path(task, "tty")
        )
        return first_call(agent.in_terminal(), entry.prompt).command
    found = (
        " and ".join(f"'{way}'" for way in ("run", "agent", "prompt") if way in ways)
        or "neither 'run' nor 'agent'"
    )
    source.refuse_key(
        source.place_of(task), f"found {found}; expected either 'run', or 'agent' with 'prompt'"
    )
    return ()


def _resolver(document: PlanDocument, agents: Agents, wraps: Wraps, source: Source) -> Resolver | None:
    """Return what is asked in a conflict; nothing if the plan does not say it in exactly one way."""
    entry, path = document.resolver, ("resolver",)
    if entry is UNSET:
        return None
    ways = source.written("resolver") & {"run", "agent"}
    if len(ways) != 1:
        found = "both 'run' and 'agent'" if ways else "neither 'run' nor 'agent'"
        source.refuse_key(path, f"found {found}; expected one of them")
    if entry.auto and document.validate is UNSET:
        source.refuse(
            (*path, "auto"),
            "found auto: true without 'validate'; expected 'validate' as well:"
            " what no person has looked at lands only when a validation passes",
        )
    if entry.agent is not UNSET:
        command = agents.find(entry.agent, (*path, "agent")).command
    else:
        command = next(iter(commands(source, (*path, "run"), entry.run)), ())
    agent = None if entry.agent is UNSET else entry.agent
    wrap = wraps.find(entry.wrap, (*path, "wrap"))
    return Resolver(command, agent, entry.auto, grammar.seconds(entry.timeout), wrap)


def _judges(document: PlanDocument, source: Source) -> dict[str, CommandLine]:
    entries = {} if document.hypotheses is UNSET else document.hypotheses
    found = {
        name: commands(source, ("hypotheses", name, "judge"), one.judge) for name, one in entries.items()
    }
    return {name: next(iter(words), ()) for name, words in found.items()}


def _below_root(source: Source, path: KeyPath, items: Sequence[str]) -> list[str]:
    """Return the paths that lead below the repository's root, once each; others are mistakes."""
    good = []
    for at, item in enumerate(items):
        if why := grammar.why_not_below(item):
            source.refuse((*path, at), f"found {shown(item)}; {why}")
        else:
            good.append(item)
    return list(dict.fromkeys(good))


def _globs(source: Source, path: KeyPath, items: Sequence[str]) -> tuple[str, ...]:
    return tuple(grammar.as_glob(item) for item in _below_root(source, path, items))
