"""`porch report --format json`: the whole story of a run as one JSON document."""

from __future__ import annotations

from collections.abc import Mapping

from porch_tui.core.merge_queue import ad_hoc_validation
from porch_tui.core.merge_queue.undo import reverted
from porch_tui.core.model.plan import Sha, TaskId, shown
from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.rules.ending import has_ended
from porch_tui.core.tasks import graph
from porch_tui.present.amounts import moment
from porch_tui.present.explain import reason
from porch_tui.present.gantt import took_s, walked_path
from porch_tui.present.outcome import all_is_well, outcome
from porch_tui.present.plots import plots
from porch_tui.present.summary import Summary, agent_usage_of_run, usage, wall_s
from porch_tui.report.check import pairs_document
from porch_tui.report.hypothesis_json import hypothesis_documents
from porch_tui.report.lessons_json import lessons_document
from porch_tui.report.report import ReportFacts, outcome_lines, whole_sentence
from porch_tui.report.sections.conflicts import how_it_ended
from porch_tui.report.sections.decomposition import is_related, related
from porch_tui.report.sections.forecast_outcome import forecast_document
from porch_tui.report.sections.integration import how_validated, rejected, taken_out_by_person, validation_log
from porch_tui.report.sections.layout import layout_of_run
from porch_tui.report.sections.left_for_you import left_for_you
from porch_tui.report.sections.resources import validation_s
from porch_tui.report.sections.task_facts import Collision, TaskFacts
from porch_tui.report.usage_json import agent_document, budget_document, usage_document

SCHEMA_VERSION = 1
"""Raised when a key goes or changes its meaning; a new key does not raise it."""

Json = dict[str, object]


def report_document(facts: ReportFacts) -> Json:
    """Return the report of a run, finished or not, as a JSON document. Text in it is as it came.

    Seconds end in `_s` (those named `at_s`, `start_s`, `end_s` count from the
    run's opening), bytes in `_bytes`, moments in `_at` (`2026-11-22T08:15:00.123Z`);
    null is "not known" or "not yet". The keys:

    - `schema_version`, `run`, `plan` {name, goal, path}, `target`, `base`, `tip`, `opened_at`, `changed_at`,
      `closed_at`, `engine` alive or gone, `ended`: nothing more happens without a person
    - `result` {lines [{text, command}], sentence, is_good, counts: outcome or `under-way` -> number of tasks}
    - `decomposition` {verdict, tasks [{id, title, kind, agent, command, after, locks, paths, estimate_s}],
      waves [[id]], pairs [as in `check`] that are ordered or conflicting (null: too many tasks
      to compare), soft_orders [{later, earlier, reason}], predicted {verdict, wall_s, range_s, serial_s,
      parallel_s, took_s, tasks [{task, starts_s, done_s, estimate_s, is_guess, started_s, was_done_s}]}
      or null}
    - `tasks` [{task, title, outcome, why: it came or stands so, landed: as which commit, worktree_kept: why,
      although its work has landed, command, prompt, files [{path, added, removed: null if binary}] or null:
      not known, last_lines: of the output that says why it failed, log: where that is, collisions: of the
      conflict it has, or had when it was resolved [{path, base, main, task: null of a whole file, chosen:
      in words, by: who chose it, null: no person, or not known}]}]
    - `overrides` [{task or null, at_s, text}], where a person decided otherwise than porch or the plan
    - `layout` [{task, path, branch, base, head, disk_bytes: of the worktree, null if not measured}]
    - `timeline` [{what: attempt|validation|landing, name, start_s, end_s, how}]
    - `critical_path` [id], as it went
    - `resources`, of what is under way until now {wall_s, task_s, waited_s, speedup, cpu_s,
      peak_rss_bytes, validation_wall_s, validation_cpu_s, slots, cores, agents and budget: as in
      `status`, tasks [{task, outcome, took_s,
      wall_s, paused_s, waited_s: for a person, cpu_s, peak_rss_bytes, agent and budget: as in `status`,
      attempts [{number, started_at, ended_at, waited_s,
      wall_s, failure, exit_code, text, stray,
      agent: as in `status`, left: a ref or null,
      ended_processes: name -> number, of what it left running}]}],
      over_time [{what, piece_s, top, amounts: one for each piece of the time, folds: long times without
      an engine, which count as if they had taken no longer than shown_s [{start_s, end_s, shown_s}]}]}
    - `integration` {landed [{task, commit, tree, at_s, validation, resolved, resolved_by}],
      verdicts [{tree, tasks, has_passed, tries, text, exit_code, log}], rejected [{task, with, reason, log}],
      taken_out [{task, how: withdrawn|validation-stopped|undone}], by a person,
      reverted [{task, by: the task that took its landing back}],
      trials [{task, upon, result, text, conflicts, log}]}
    - `hypotheses`: as in `status`
    - `conflicts` [{task, with, paths, at_s, end}]
    - `reviews` [{task, at_s, result: approved|sent-back, head, by, said}]
    - `edits` [{task, at_s, what: prompt|command, text}], before a retry
    - `needs_you` [{task or null, why, next}], `noticed` [{text, task or null}], `refusals` [{command, why}],
      `engine_takeovers`
    - `lessons` [{run, text}], what the run has taught about its plan
    """
    summary = facts.summary
    state = summary.state
    took = took_s(summary)
    return {
        "schema_version": SCHEMA_VERSION,
        "result": {
            "lines": [{"text": one.text, "command": one.command or None} for one in outcome_lines(facts)],
            "sentence": whole_sentence(facts),
            "is_good": all_is_well(state),
            "counts": {str(how.value if how else "under-way"): n for how, n in summary.counts.items()},
        },
        "needs_you": [
            {"task": need.task, "why": need.why, "next": need.next}
            for need in left_for_you(summary, engine_is_alive=facts.engine_is_alive)
        ],
        "run": state.run,
        "plan": {"name": state.plan.name, "goal": state.plan.goal, "path": summary.started_with.plan_path},
        "target": state.target.name,
        "base": state.target.base,
        "tip": state.target.tip,
        "opened_at": moment(state.opened_at),
        "changed_at": moment(state.changed_at),
        "closed_at": moment(state.closed_at),
        "engine": "alive" if facts.engine_is_alive else "gone",
        "ended": has_ended(state),
        "tasks": [_task(state, task, facts.tasks.get(task)) for task in state.tasks],
        "overrides": [{"task": one.task, "at_s": one.at_s, "text": one.text} for one in summary.overrides],
        "decomposition": _decomposition(summary),
        "layout": _layout(summary, facts.disk_bytes),
        "timeline": [
            {"what": one.what, "name": one.name, "start_s": one.start_s, "end_s": one.end_s, "how": one.how}
            for one in summary.spans
        ],
        "critical_path": list(walked_path(state, took)),
        "resources": {
            **_resources(summary, facts.samples, took),
            "over_time": [
                {
                    "what": one.title,
                    "piece_s": one.piece_s,
                    "folds": [
                        {"start_s": fold.gap.start_s, "end_s": fold.gap.end_s, "shown_s": fold.shown_s}
                        for fold in one.folds
                    ],
                    "top": one.top,
                    "amounts": list(one.amounts),
                }
                for one in plots(summary, facts.histories)
            ],
        },
        "integration": _integration(state, facts.validation_logs),
        "hypotheses": hypothesis_documents(state),
        "conflicts": [
            {
                "task": seen.task,
                "with": list(seen.partners),
                "paths": list(seen.paths),
                "at_s": seen.at_s,
                "end": how_it_ended(summary, seen, facts.tasks),
            }
            for seen in summary.conflicts
        ],
        "reviews": [
            {
                "task": one.task,
                "at_s": one.at_s,
                "result": "approved" if one.head else "sent-back",
                "head": one.head,
                "by": one.by or None,
                "said": one.said or None,
            }
            for one in summary.reviews
        ],
        "edits": [
            {"task": one.task, "at_s": one.at_s, "what": one.what, "text": one.text} for one in summary.edits
        ],
        "noticed": [{"text": one.text, "task": one.task} for one in state.noticed],
        "refusals": [{"command": refusal.command, "why": refusal.why} for refusal in summary.refusals],
        "engine_takeovers": summary.takeovers,
        "lessons": lessons_document(facts.lessons),
    }


def _task(state: RunState, task: TaskId, known: TaskFacts | None) -> Json:
    spec, how = state.specs[task], outcome(state, task)
    found = known or TaskFacts()
    return {
        "task": task,
        "title": spec.title,
        "outcome": how.value if how else None,
        "why": reason(state, task) or None,
        "landed": entry.landed if (entry := state.entries.get(task)) else None,
        "worktree_kept": state.tasks[task].worktree_kept or None,
        "command": shown(spec.command),
        "prompt": spec.prompt or None,
        "files": [{"path": one.path, "added": one.added, "removed": one.removed} for one in found.files]
        if known
        else None,
        "last_lines": list(found.last_lines),
        "log": found.log or None,
        "collisions": [_collision(one) for one in found.collisions],
    }


def _collision(one: Collision) -> Json:
    sides = (None, None, None) if one.hunk is None else (one.hunk.base, one.hunk.main, one.hunk.task)
    base, main, task = (None if side is None else side.decode("utf-8", "surrogateescape") for side in sides)
    return {
        "path": one.path,
        "base": base,
        "main": main,
        "task": task,
        "chosen": one.chosen,
        "by": one.by or None,
    }


def _decomposition(summary: Summary) -> Json:
    opened, plan = summary.started_with, summary.state.plan
    estimates = dict(opened.estimates)
    found = related(plan)
    return {
        "verdict": opened.verdict,
        "tasks": [
            {
                "id": spec.id,
                "title": spec.title,
                "kind": spec.kind.value,
                "agent": spec.agent,
                "command": shown(spec.command),
                "after": [*spec.after, *spec.after_hypotheses],
                "locks": list(spec.locks),
                "paths": list(spec.paths),
                "estimate_s": estimates.get(spec.id),
                "added_at": moment(summary.state.tasks[spec.id].added_at),
            }
            for spec in plan.tasks
        ],
        "waves": [list(wave) for wave in graph.waves(plan)],
        "pairs": None
        if found is None
        else pairs_document((pair for pair in found.pairs if is_related(pair)), opened.plan_path),
        "soft_orders": [
            {"later": order.later, "earlier": order.earlier, "reason": order.reason}
            for order in opened.soft_orders
        ],
        "predicted": forecast_document(summary),
    }


def _layout(summary: Summary, disk_bytes: Mapping[TaskId, int]) -> list[Json]:
    tasks = summary.state.tasks
    return [
        {
            "task": place.task,
            "path": place.path,
            "branch": place.branch,
            "base": attempt.base if (attempt := tasks[place.task].attempt) else None,
            "head": tasks[place.task].head,
            "disk_bytes": disk_bytes.get(place.task),
            "removed_at": moment(tasks[place.task].worktree_removed_at),
        }
        for place in layout_of_run(summary).places
    ]


def _resources(summary: Summary, samples: Mapping[TaskId, Sample], took: Mapping[TaskId, float]) -> Json:
    state = summary.state
    checked_s, checked_cpu_s = validation_s(summary)
    return {
        "wall_s": summary.wall_s,
        "task_s": summary.task_s,
        "waited_s": summary.waited_s,
        "speedup": summary.speedup,
        "cpu_s": summary.cpu_s,
        "peak_rss_bytes": summary.peak_rss_bytes,
        "validation_wall_s": checked_s,
        "validation_cpu_s": checked_cpu_s,
        "slots": state.slots.count,
        "cores": state.machine.cores,
        "agents": usage_document(agent_usage_of_run(state, samples)),
        "budget": budget_document(state, None, samples),
        "tasks": [_used_by(summary, task, samples.get(task), took.get(task)) for task in state.tasks],
    }


def _used_by(summary: Summary, task: TaskId, sample: Sample | None, took: float | None) -> Json:
    state = summary.state
    used = usage(state, task, sample, summary.until)
    how = outcome(state, task)
    return {
        "task": task,
        "outcome": how.value if how else None,
        "took_s": took,
        "wall_s": used.wall_s,
        "paused_s": used.paused_s,
        "waited_s": used.waited_s,
        "cpu_s": used.cpu_s,
        "peak_rss_bytes": used.peak_rss_bytes,
        "agent": agent_document(used.agent, None),
        "budget": budget_document(state, task, {task: sample} if sample else {}),
        "attempts": [_attempt(attempt) for attempt in state.tasks[task].attempts],
    }


def _attempt(attempt: Attempt) -> Json:
    failure = attempt.failure
    return {
        "number": attempt.id.number,
        "place": attempt.place or None,
        "lost": attempt.lost_because or None,
        "started_at": moment(attempt.started_at),
        "ended_at": moment(attempt.ended_at),
        "wall_s": wall_s(attempt),
        "waited_s": attempt.waited_s,
        "failure": failure.kind.value if failure else None,
        "exit_code": failure.exit_code if failure else None,
        "text": failure.text if failure else "",
        "stray": list(attempt.undeclared_paths),
        "left": attempt.leftover_ref or None,
        "ended_processes": dict(attempt.left_running),
        "agent": agent_document(said.usage, said) if (said := attempt.used and attempt.used.agent) else None,
    }


def _integration(state: RunState, logs: Mapping[Sha, str]) -> Json:
    landed = [entry for task in state.target.landed if (entry := state.entries.get(task)) is not None]
    return {
        "landed": [
            {
                "task": entry.task,
                "commit": entry.landed,
                "tree": entry.tree,
                "at_s": None if entry.decided_at is None else entry.decided_at - state.opened_at,
                "validation": how_validated(state, entry),
                "resolved": list(entry.resolved),
                "resolved_by": list(entry.resolved_by),
            }
            for entry in landed
        ],
        "verdicts": [
            {
                "tree": tree,
                "tasks": list(verdict.tasks),
                "has_passed": verdict.has_passed,
                "tries": verdict.tries,
                "text": verdict.text,
                "exit_code": verdict.exit_code,
                "log": logs.get(tree),
            }
            for tree, verdict in state.validations.verdicts.items()
        ],
        "rejected": [
            {
                "task": entry.task,
                "with": list(entry.partners),
                "reason": reason(state, entry.task),
                "log": logs.get(entry.tree) if entry.tree else None,
            }
            for entry in rejected(state)
        ],
        "taken_out": [
            {"task": entry.task, "how": entry.status.value} for entry in taken_out_by_person(state)
        ],
        "reverted": [{"task": task, "by": by} for task, by in reverted(state).items()],
        "trials": [
            {
                "task": task,
                "upon": list(one.on_top_of),
                "result": ad_hoc_validation.finding(one).value,
                "text": ad_hoc_validation.described(one),
                "conflicts": list(one.conflicts),
                "log": validation_log(state, one, logs),
            }
            for task in state.entries
            for one in ad_hoc_validation.of_task(state, task)
        ],
    }
