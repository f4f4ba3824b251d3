"""What a plan may say and its author probably does not mean.

Warnings never keep a plan from running; one that a sensible plan would earn does
not belong here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set

from porch_tui.agents.prompt import is_too_long
from porch_tui.core.model.place import HERE
from porch_tui.core.model.plan import Kind, Plan, TaskId, TaskSpec
from porch_tui.core.tasks.delegated_work import beyond_reach, client_of, starts_container
from porch_tui.planfile.text.nodes import entry_at
from porch_tui.planfile.text.source import Source
from porch_tui.planfile.values.hypotheses import warn_of_hypotheses


def add_warnings(plan: Plan, source: Source) -> None:
    """Add a warning for each thing that is allowed and probably not intended."""
    warn_of_tasks(plan.tasks, plan.tasks, source)
    _warn_of_locks(plan, source)
    _warn_of_own_places(plan, source)
    warn_of_hypotheses(plan, source)
    fenced = [task.id for task in plan.tasks if task.wrap and (not task.wrap.command or task.wrap.end)]
    if fenced and plan.validate and plan.validate_wrap is None:
        source.warn(
            ("validate",),
            f"'validate' runs what task '{fenced[0]}' wrote, outside of that task's fence: 'validate_wrap'"
            " puts one before it",
        )
    with_priority = [task for task in plan.tasks if "priority" in source.keys_of_task(task.id)]
    if with_priority and len({task.priority for task in plan.tasks}) == 1:
        source.warn(
            source.task_path(with_priority[0].id, "priority"),
            "'priority' has no effect: it is the same for all tasks",
        )
    if plan.pool_keep and not plan.pool:
        source.warn(("pool_keep",), "'pool_keep' has no effect without 'pool'")
    for key in ("validate_timeout", "validate_keep"):
        if not plan.has_validation and key in source.written():
            source.warn((key,), f"'{key}' has no effect without 'validate' or 'hooks: run'")


def warn_of_tasks(tasks: Iterable[TaskSpec], others: Iterable[TaskSpec], source: Source) -> None:
    """Add a warning for each thing in the tasks that is probably not intended.

    `others` are all that they may come after.
    """
    checks = {task.id for task in others if task.kind is Kind.CHECK}
    failing = {task.id for task in others if task.expected_failure}
    groups = set[str]()
    for task in tasks:
        if task.group not in groups:  # what is said of the first of a group is so of all
            _warn_of_task(task, checks, failing, source)
        groups |= {task.group} - {""}


def _warn_of_task(task: TaskSpec, checks: Set[TaskId], failing: Set[TaskId], source: Source) -> None:
    def warn(key: str, text: str, item: str | None = None) -> None:
        path = source.task_path(task.id, key)
        source.warn(path if item is None else source.item_path(path, item), text)

    if task.kind is Kind.CHECK and task.paths:
        warn("paths", f"task '{task.id}' is a check and names 'paths': nothing it writes is merged")
    for path in task.paths:
        if "\\" in path or path.startswith("!"):
            text = f"'{path}' of task '{task.id}' fits no ordinary path:"
            warn("paths", f"{text} '/' divides folders, and '!' excludes nothing", path)
    if task.estimate_s and task.timeout_s and task.estimate_s > task.timeout_s:
        warn(
            "estimate",
            f"task '{task.id}' is estimated at {task.estimate_s:g} s and stopped after {task.timeout_s:g} s",
        )
    command_key = "prompt" if task.agent else "run"
    if any(map(is_too_long, task.command)):
        warn(
            command_key,
            f"task '{task.id}' has an argument of more than 128 KiB, which Linux refuses: keep it in a file",
        )
    wrap = task.wrap
    container = starts_container(task.command)
    if wrap is not None and not wrap.end and (container := starts_container(wrap.command) or container):
        command_key = "wrap"
    if container and (wrap is None or not wrap.end):
        what = "cannot stop, pause or measure" if client_of(task) else "leaves running if it is killed itself"
        warn(
            command_key,
            f"task '{task.id}' has its work done in a container ({container}), which porch {what}: give it as"
            " an entry of 'wraps' with 'end' (porch help fences)",
        )
    elif client := client_of(task):
        warn(command_key, f"task '{task.id}' {beyond_reach(client)}")
    if after := [name for name in task.after if name in checks]:
        more = f" and {len(after) - 1} more like it" if len(after) > 1 else ""
        warn(
            "after",
            f"task '{task.id}' comes after '{after[0]}', a check{more}: nothing of a check lands",
            after[0],
        )
    if after := [name for name in task.after if name in failing]:
        text = f"task '{task.id}' comes after '{after[0]}', which is expected to fail: then it does not start"
        warn("after", text, after[0])


def _warn_of_own_places(plan: Plan, source: Source) -> None:
    """Warn that an option does not decide where a task runs that says it itself."""
    option = entry_at(source.root, ("place",)).place.source
    own = [task for task in plan.tasks if task.place and set(task.place) - set(plan.on or (HERE,))]
    if option and own:
        first = own[0]
        keep = f"and {len(own) - 1} more keep their" if len(own) > 1 else "keeps its"
        text = f"task '{first.id}' {keep} own 'place': {option} is for tasks that name none"
        source.warn(source.task_path(first.id, "place"), text)


def _warn_of_locks(plan: Plan, source: Source) -> None:
    holders: dict[str, list[TaskSpec]] = defaultdict(list)
    for task in plan.tasks:
        for lock in task.locks:
            holders[lock].append(task)
    for lock, tasks in holders.items():
        if len(tasks) == 1:
            near = source.found.near(lock, [other for other in holders if other != lock])
            path = source.task_path(tasks[0].id, "locks")
            source.warn(
                source.item_path(path, lock),
                f"lock '{lock}' is named by task '{tasks[0].id}' only and keeps nothing apart{near}",
            )
