"""The entries of `hypotheses`, and which tasks are theories of which."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET

from porch_tui.core.model.plan import CommandLine, Hypothesis, HypothesisName, Plan, TaskSpec, Want
from porch_tui.planfile.keys.hypothesis_keys import HypothesisEntry
from porch_tui.planfile.keys.plan_keys import PlanDocument
from porch_tui.planfile.keys.task_keys import TaskEntry
from porch_tui.planfile.text.mistakes import shown
from porch_tui.planfile.text.source import Source
from porch_tui.planfile.values import value_parsing as grammar

MEASURED_REPEATS = 3
"""With fewer nothing is known of how far measurements differ among themselves."""


def hypotheses(
    document: PlanDocument, judges: dict[str, CommandLine], source: Source
) -> tuple[Hypothesis, ...]:
    """Return the hypotheses of a plan; `judges` are their commands. Mistakes go to `source`."""
    entries = {} if document.hypotheses is UNSET else document.hypotheses
    for name in entries:
        if name in source.tasks or name in source.groups:
            what = "a group of `each`" if name in source.groups else "a task"
            text = f"found {shown(name)}, which is the id of {what}; expected another name"
            source.refuse_key(("hypotheses", name), text)
    return tuple(_hypothesis(name, entry, judges[name], source) for name, entry in entries.items())


def _hypothesis(name: str, entry: HypothesisEntry, judge: CommandLine, source: Source) -> Hypothesis:
    want = Want(entry.want)
    default = MEASURED_REPEATS if want.is_measured else 1
    is_share = isinstance(entry.margin, str)
    return Hypothesis(
        name=HypothesisName(name),
        question=entry.question,
        judge=judge,
        want=want,
        lands=entry.land == "winner",
        repeat=default if entry.repeat is UNSET else entry.repeat,
        timeout_s=grammar.seconds(entry.timeout),
        margin=0.0 if isinstance(entry.margin, str) else entry.margin,
        margin_share=float(str(entry.margin).removesuffix("%")) / 100 if is_share else 0.0,
        estimate_s=None if entry.estimate is UNSET else grammar.seconds(entry.estimate),
        line=source.line_of(("hypotheses", name)),
    )


def hypothesis_of(task: str, entry: TaskEntry, source: Source) -> HypothesisName | None:
    """Return the hypothesis that a task answers; None for other tasks. Mistakes go to `source`."""
    path, known = source.task_path(task, "of"), source.written("hypotheses")
    is_theory = entry.kind == "hypothesis"
    if entry.of is UNSET:
        if is_theory and "of" not in source.keys_of_task(task):
            text = (
                "found kind: hypothesis without 'of'; expected 'of' with the name of an entry of 'hypotheses'"
            )
            source.refuse(source.task_path(task, "kind"), text)
        return None
    if not is_theory:
        if "kind" not in source.keys_of_task(task) or entry.kind in ("change", "check"):
            text = f"found 'of' in a task whose kind is {entry.kind}; expected kind: hypothesis"
            source.refuse(path, text)
        return None
    if entry.of not in known:
        near = source.found.near(entry.of, known)
        source.refuse(path, f"found {shown(entry.of)}; expected the name of an entry of 'hypotheses'{near}")
        return None
    return HypothesisName(entry.of)


def check_theories(entries: Sequence[Hypothesis], tasks: Sequence[TaskSpec], source: Source) -> None:
    """Note hypotheses without a theory, and tasks that wait for a theory or for their own hypothesis."""
    of = {task.id: task.of for task in tasks if task.of is not None}
    for entry in entries if not source.others else ():
        if entry.name not in of.values():
            text = f"no task is a theory of it; expected tasks with kind: hypothesis and of: {entry.name}"
            source.refuse_key(("hypotheses", entry.name), text)
    for task in tasks:
        path = source.task_path(task.id, "after")
        for earlier in task.after:
            if earlier in of and path[0] != "defaults":
                text = f"found '{earlier}', a theory, which lands only if it wins"
                source.refuse(
                    source.item_path(path, earlier), f"{text}; expected its hypothesis, '{of[earlier]}'"
                )
        if task.of in task.after_hypotheses and path[0] != "defaults":
            text = f"found '{task.of}', which waits for this theory; expected others"
            source.refuse(source.item_path(path, str(task.of)), text)


def warn_of_hypotheses(plan: Plan, source: Source) -> None:
    """Add a warning for what a hypothesis says and its author probably does not mean."""
    for one in plan.hypotheses:
        theories = [task.id for task in plan.tasks if task.of == one.name]
        path = ("hypotheses", one.name)
        if len(theories) == 1:
            source.warn(path, f"'{one.name}' has one theory, '{theories[0]}': it competes with the base only")
        if one.want.is_measured and one.repeat == 1:
            text = (
                f"'{one.name}' is measured once, so chance may decide: with repeat: 3 porch sees by how much"
            )
            source.warn((*path, "repeat"), f"{text} measurements differ")
        if not one.want.is_measured and "margin" in source.written(*path):
            source.warn((*path, "margin"), "'margin' has no effect with want: pass")
