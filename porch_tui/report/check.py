"""`porch check`: what is known of a plan before anything runs, as the contract's JSON and as a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from msgspec import Struct

from porch_tui.core.advice.edits import Edit
from porch_tui.core.advice.lessons import Lesson
from porch_tui.core.forecast.analysis import Analysis, Times
from porch_tui.core.forecast.complexity import Complexity
from porch_tui.core.forecast.verdict import Mode
from porch_tui.core.model.plan import Plan, TaskId, shown
from porch_tui.core.model.wording import counted, listed
from porch_tui.core.relations.relations import Evidence, Pair
from porch_tui.present.amounts import between, duration, short
from porch_tui.report.forms.page import Figure, Item, Page, Section, listed_or, listing
from porch_tui.report.lessons_json import lessons_document
from porch_tui.report.sections import decomposition
from porch_tui.report.sections.advice import advice_sections
from porch_tui.report.sections.complexity import complexity_blocks, complexity_document
from porch_tui.report.sections.forecast import estimates_block, forecast_blocks, path_block
from porch_tui.report.sections.layout import Layout, drawing
from porch_tui.report.sections.related_tasks import pairs_blocks

Json = dict[str, object]
NOT_KNOWN: Mapping[TaskId, Complexity] = MappingProxyType({})
ADVICE = {
    Mode.PARALLEL: "Run it in parallel",
    Mode.SERIAL: "Run it one by one",
    Mode.CANNOT_TELL: "Cannot tell whether parallel pays",
}


class Warned(Protocol):
    """Something in a plan file that is allowed and probably not meant."""

    @property
    def line(self) -> int:
        """From 1."""

    @property
    def text(self) -> str:
        """One sentence."""


class Found(Struct, frozen=True):
    """What is known of a plan before it runs."""

    plan: Plan
    analysis: Analysis
    layout: Layout
    warnings: Sequence[Warned]
    plan_path: str
    """As the person wrote it."""
    permissions: Sequence[tuple[str, str]] = ()
    """Names of agents, and what each may do."""
    complexities: Mapping[TaskId, Complexity] = NOT_KNOWN
    edits: Sequence[Edit] = ()
    """What to change in the plan."""
    lessons: Sequence[Lesson] = ()
    """What its runs have shown."""


def check_document(found: Found) -> Json:
    """Return it with exactly the keys of the contract; times in seconds."""
    plan, analysis, times = found.plan, found.analysis, found.analysis.times
    return {
        "plan": found.plan_path,
        "tasks": [
            {
                "id": spec.id,
                "kind": spec.kind.value,
                "wave": analysis.wave_of[spec.id],
                "estimate_s": round(analysis.estimates[spec.id].seconds, 3),
                "estimate_range_s": _rounded(*analysis.estimates[spec.id].range_s),
                "estimate_from": analysis.estimates[spec.id].source.value,
                "complexity": complexity_document(found.complexities.get(spec.id)),
                "starts_s": round(analysis.course.starts[spec.id], 3),
                "done_s": round(analysis.course.landed[spec.id], 3),
            }
            for spec in plan.tasks
        ],
        "pairs": pairs_document(analysis.pairs, found.plan_path),
        "pairs_left_out": analysis.relations.left_out,
        "pair_counts": {one.value: count for one, count in analysis.relations.counts.items()},
        "waves": [list(wave) for wave in analysis.waves],
        "critical_path": list(analysis.critical_path),
        "times": _times_document(times),
        "verdict": {"choice": analysis.mode.value, "reasons": list(analysis.reasons)},
        "warnings": [{"line": warning.line, "text": warning.text} for warning in found.warnings],
        "advice": [
            {
                "task": edit.task,
                "key": edit.key.value,
                "add": list(edit.add),
                "reason": edit.reason,
                "evidence": [_evidence(one, found.plan_path) for one in edit.evidence],
            }
            for edit in found.edits
        ],
        "lessons": lessons_document(found.lessons),
        "agents": [{"name": name, "permits": text} for name, text in found.permissions],
        "fences": [{"fence": name, "commands": users} for name, users in _fences(plan).items()],
        "layout": [{"path": place.path, "branch": place.branch} for place in found.layout.places],
    }


def _times_document(times: Times) -> Json:
    even_s = times.break_even_s
    return {
        "serial_s": round(times.serial_s, 3),
        "parallel_s": round(times.parallel_s, 3),
        "serial_range_s": _rounded(*times.serial_range_s),
        "parallel_range_s": _rounded(*times.parallel_range_s),
        "overhead_s": round(times.overhead_s, 3),
        "task_overhead_s": round(times.task_overhead_s, 3),
        "slots": times.slots,
        "speedup": round(times.speedup, 2),
        "substantial": times.substantial,
        "break_even_s": None if even_s is None else round(even_s, 3),
        "by_slots": [{"slots": slots, "wall_s": round(took_s, 3)} for slots, took_s in times.by_slots],
        "best_slots": times.best_slots,
        "validation_s": times.validation_s,
        "validations": times.validations,
        "judging_s": None if times.judging_s is None else round(times.judging_s, 3),
        "guessed": list(times.guessed),
        "not_counted": list(times.not_counted),
    }


def _rounded(*seconds: float) -> list[float]:
    """Return seconds to the millisecond: more is known of none."""
    return [round(each, 3) for each in seconds]


def check_page(found: Found) -> Page:
    """Return it as a page, the verdict first."""
    plan, analysis, times = found.plan, found.analysis, found.analysis.times
    permits = [listing(f"{text}." for _, text in found.permissions)] if found.permissions else []
    agents = [Section("Agents", tuple(permits))] if permits else []
    lines = (f"{name or 'no fence'}: {listed(users)}" for name, users in _fences(plan).items())
    fences = [Section("Fences", (listing(lines),))] if any(_fences(plan)) else []
    about = decomposition
    tasks = counted(len(plan.tasks), "task")
    predicted_s, ends_s = times.parallel_s, times.parallel_range_s
    if analysis.mode is Mode.SERIAL:
        predicted_s, ends_s = times.serial_s, times.serial_range_s
    result = (
        f"{ADVICE[analysis.mode]}: {tasks} for {found.layout.target} at {short(found.layout.base)}"
        f" should take {between(ends_s) or f'about {duration(predicted_s)}'}."
    )
    return Page(
        f"{plan.name} ({found.plan_path})",
        (Item(result),),
        (
            Section("Verdict", (listing(analysis.reasons), *forecast_blocks(analysis))),
            Section("Critical path", (path_block(analysis.critical_path, analysis.cost),)),
            Section("Waves", (about.waves_block(analysis.waves),)),
            Section("Tasks", (estimates_block(plan, analysis), *complexity_blocks(found.complexities))),
            Section(
                "Pairs",
                (
                    *pairs_blocks(analysis.relations, plan, found.plan_path),
                    about.orders_block(analysis.soft_orders),
                ),
            ),
            Section("Locks and shared state", (about.locks_block(plan, analysis.relations),)),
            *agents,
            *fences,
            Section("Worktrees", (Figure(drawing(found.layout)),)),
            *advice_sections(found.edits, found.lessons, found.plan_path),
            Section(
                "Warnings",
                (listed_or((f"line {one.line}: {one.text}" for one in found.warnings), "None."),),
            ),
        ),
    )


def _fences(plan: Plan) -> dict[str, list[str]]:
    """Return what runs behind each fence of a plan; what runs behind none is at the empty name."""
    resolver = plan.resolver
    used = [
        *((f"task {spec.id}", spec.wrap) for spec in plan.tasks),
        *([("validations", plan.validate_wrap)] if plan.validate else []),
        *([("the resolver", resolver.wrap)] if resolver else []),
    ]
    found: dict[str, list[str]] = {}
    for user, wrap in used:
        name = "" if wrap is None else wrap.name or shown(wrap.command)
        found.setdefault(name, []).append(user)
    return found


def pairs_document(pairs: Iterable[Pair], plan_path: str) -> list[Json]:
    """Return how pairs of tasks relate to each other, and why; `plan_path` is the file that is quoted."""
    return [
        {
            "a": pair.a,
            "b": pair.b,
            "relation": pair.relation.value,
            "reasons": list(pair.reasons),
            "is_known": pair.is_known,
            "evidence": [_evidence(one, plan_path) for one in pair.evidence],
        }
        for pair in pairs
    ]


def _evidence(one: Evidence, plan_path: str) -> Json:
    return {
        "level": one.level.value,
        "cause": one.cause.value,
        "text": one.text,
        "thing": one.thing or None,
        "is_caution": one.is_caution,
        "quotes": [
            {
                "task": quote.task,
                "key": quote.key or None,
                "quote": quote.text,
                "file": quote.file or plan_path,
                "line": quote.line or None,
            }
            for quote in one.quotes
        ],
    }
