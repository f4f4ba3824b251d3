"""`porch check`: what is known of a plan before anything runs, as the contract's JSON and as a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from porch_tui.core.analysis.analysis import Analysis, Mode
from porch_tui.core.analysis.relations import Evidence, Pair
from porch_tui.core.model.plan import Plan, shown
from porch_tui.core.model.wording import counted, listed
from porch_tui.present.amounts import duration, short
from porch_tui.report.forms.page import Figure, Page, Section, listed_or, listing
from porch_tui.report.sections import decomposition
from porch_tui.report.sections.layout import Layout, drawing

Json = dict[str, object]
ADVICE = {Mode.PARALLEL: "Run it in parallel", Mode.SERIAL: "Run it one by one"}


class Warned(Protocol):
    """Something in a plan file that is allowed and probably not meant."""

    @property
    def line(self) -> int:
        """From 1."""

    @property
    def text(self) -> str:
        """One sentence."""


def check_document(
    plan: Plan,
    analysis: Analysis,
    layout: Layout,
    warnings: Sequence[Warned],
    plan_path: str,
    *,
    permissions: Sequence[tuple[str, str]] = (),
) -> Json:
    """Return what is known of the plan, with exactly the keys of the contract; times in seconds.

    `permissions` are names of agents, and what each may do.
    """
    times = analysis.times
    return {
        "plan": plan_path,
        "tasks": [
            {
                "id": spec.id,
                "kind": spec.kind.value,
                "wave": analysis.wave_of[spec.id],
                "estimate_s": analysis.estimates[spec.id][0],
                "estimate_from": analysis.estimates[spec.id][1].value,
            }
            for spec in plan.tasks
        ],
        "pairs": pairs_document(analysis.pairs),
        "waves": [list(wave) for wave in analysis.waves],
        "critical_path": list(analysis.critical_path),
        "times": {
            "serial_s": times.serial_s,
            "parallel_s": times.parallel_s,
            "overhead_s": times.overhead_s,
            "slots": times.slots,
            "speedup": times.speedup,
            "validation_s": times.validation_s,
            "not_counted": list(times.not_counted),
        },
        "verdict": {"choice": analysis.mode.value, "reasons": list(analysis.reasons)},
        "warnings": [{"line": warning.line, "text": warning.text} for warning in warnings],
        "agents": [{"name": name, "permits": text} for name, text in permissions],
        "fences": [{"fence": name, "commands": users} for name, users in _fences(plan).items()],
        "layout": [{"path": place.path, "branch": place.branch} for place in layout.places],
    }


def check_page(
    plan: Plan,
    analysis: Analysis,
    layout: Layout,
    warnings: Sequence[Warned],
    plan_path: str,
    *,
    permissions: Sequence[tuple[str, str]] = (),
) -> Page:
    """Return what is known of the plan as a page, the verdict first."""
    agents = [Section("Agents", (listing(f"{text}." for _, text in permissions),))] if permissions else []
    lines = (f"{name or 'no fence'}: {listed(users)}" for name, users in _fences(plan).items())
    fences = [Section("Fences", (listing(lines),))] if any(_fences(plan)) else []
    about = decomposition
    tasks = counted(len(plan.tasks), "task")
    times = analysis.times
    predicted = times.parallel_s if analysis.mode is Mode.PARALLEL else times.serial_s
    result = (
        f"{ADVICE[analysis.mode]}: {tasks} for {layout.target} at {short(layout.base)}"
        f" should take about {duration(predicted)}."
    )
    return Page(
        f"{plan.name} ({plan_path})",
        result,
        (
            Section("Verdict", (listing(analysis.reasons), *about.forecast_blocks(analysis))),
            Section("Critical path", (about.path_block(analysis.critical_path, analysis.cost),)),
            Section("Waves", (about.waves_block(analysis.waves),)),
            Section("Tasks", (about.estimates_block(plan, analysis),)),
            Section(
                "Pairs",
                (*about.pairs_blocks(analysis.pairs, plan), about.orders_block(analysis.soft_orders)),
            ),
            Section("Locks and shared state", (about.locks_block(plan),)),
            *agents,
            *fences,
            Section("Worktrees", (Figure(drawing(layout)),)),
            Section(
                "Warnings",
                (listed_or((f"line {one.line}: {one.text}" for one in warnings), "None."),),
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


def pairs_document(pairs: Iterable[Pair]) -> list[Json]:
    """Return how pairs of tasks relate to each other, and why."""
    return [
        {
            "a": pair.a,
            "b": pair.b,
            "relation": pair.relation.value,
            "reasons": list(pair.reasons),
            "is_known": pair.is_known,
            "evidence": [_evidence(one) for one in pair.evidence],
        }
        for pair in pairs
    ]


def _evidence(one: Evidence) -> Json:
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
                "file": quote.file or None,
                "line": quote.line or None,
            }
            for quote in one.quotes
        ],
    }
