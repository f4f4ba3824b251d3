"""What a plan may say and its author probably does not mean.

Warnings never keep a plan from running; one that a sensible plan would earn does
not belong here.
"""

from __future__ import annotations

from collections import defaultdict

from porch_tui.core.analysis.delegated_work import beyond_reach, client_in
from porch_tui.core.model.plan import Kind, Plan, TaskId, TaskSpec
from porch_tui.planfile.source import Source

LONGEST_ARGUMENT_BYTES = 131_071
"""Linux, MAX_ARG_STRLEN: 32 pages less the NUL."""


def add_warnings(plan: Plan, source: Source) -> None:
    """Add a warning for each thing that is allowed and probably not intended."""
    kinds = {task.id: task.kind for task in plan.tasks}
    for task in plan.tasks:
        _warn_of_kind(task, source)
        _warn_of_size(task, source)
        _warn_of_reach(task, source)
        _warn_of_after(task, [name for name in task.after if kinds.get(name) is Kind.CHECK], source)
    _warn_of_locks(plan, source)
    _warn_of_priorities(plan, source)
    if plan.pool_keep and not plan.pool:
        source.warn(("pool_keep",), "'pool_keep' has no effect without 'pool'")
    for key in ("validate_timeout", "validate_keep"):
        if not plan.has_validation and key in source.written():
            source.warn((key,), f"'{key}' has no effect without 'validate' or 'hooks: run'")


def _warn_of_after(task: TaskSpec, checks: list[TaskId], source: Source) -> None:
    if checks:
        more = f" and {len(checks) - 1} more like it" if len(checks) > 1 else ""
        source.warn(
            source.item_path(source.task_path(task.id, "after"), checks[0]),
            f"task '{task.id}' comes after '{checks[0]}', a check{more}: nothing of a check lands",
        )


def _warn_of_kind(task: TaskSpec, source: Source) -> None:
    if task.kind is Kind.CHECK and task.paths:
        source.warn(
            source.task_path(task.id, "paths"),
            f"task '{task.id}' is a check and names 'paths': nothing it writes is merged",
        )
    for path in task.paths:
        if "\\" in path or path.startswith("!"):
            source.warn(
                source.item_path(source.task_path(task.id, "paths"), path),
                f"'{path}' of task '{task.id}' fits no ordinary path:"
                " '/' divides folders, and '!' excludes nothing",
            )


def _warn_of_size(task: TaskSpec, source: Source) -> None:
    if task.estimate_s and task.timeout_s and task.estimate_s > task.timeout_s:
        source.warn(
            source.task_path(task.id, "estimate"),
            f"task '{task.id}' is estimated at {task.estimate_s:g} s and stopped after {task.timeout_s:g} s",
        )
    if any(len(word.encode("utf-8", "surrogatepass")) > LONGEST_ARGUMENT_BYTES for word in task.command):
        source.warn(
            source.task_path(task.id, "prompt" if task.agent else "run"),
            f"task '{task.id}' has an argument of more than 128 KiB, which Linux refuses: keep it in a file",
        )


def _warn_of_reach(task: TaskSpec, source: Source) -> None:
    client = client_in(task.command)
    if client:
        source.warn(
            source.task_path(task.id, "prompt" if task.agent else "run"),
            f"task '{task.id}' {beyond_reach(client)}",
        )


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


def _warn_of_priorities(plan: Plan, source: Source) -> None:
    with_one = [task for task in plan.tasks if "priority" in source.keys_of_task(task.id)]
    if with_one and len({task.priority for task in plan.tasks}) == 1:
        source.warn(
            source.task_path(with_one[0].id, "priority"),
            "'priority' has no effect: it is the same for all tasks",
        )
