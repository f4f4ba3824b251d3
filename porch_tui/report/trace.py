"""`porch report --format trace`: the run as Chrome trace events, for Perfetto, chrome://tracing and the like.

Three groups of rows: the tasks with their attempts and their time in the merge
queue, the merge queue with merges and landings, and validations side by side.
Beside them a curve of processor and memory for each task. Times are in
microseconds since the run was opened, as that format has them; text is as it
came, for the encoder to escape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from porch_tui.core.model import events as e
from porch_tui.core.model.telemetry import Sample
from porch_tui.present.gantt import Chart, Lane, chart
from porch_tui.present.summary import Summary

Json = dict[str, object]
TASKS, QUEUE, VALIDATIONS = 1, 2, 3
"""Process ids: groups of rows in the viewer."""
MERGES, LANDINGS = 1, 2
"""Thread ids, rows, of the queue."""
LEAST_US = 1.0
"""What takes no time, as far as the journal knows, would not be seen at all."""


def trace_document(
    summary: Summary, records: Sequence[e.Record], histories: Mapping[str, Sequence[Sample]]
) -> Json:
    """Return the run, finished or not, as a document of trace events.

    `histories` are the samples of each attempt, by the name it has in a journal (`auth.2`).
    """
    drawn = chart(summary)
    events = [
        *_names(drawn),
        *_bars(summary, drawn),
        *_queue(records, summary.state.opened_at),
        *_curves(summary, histories),
    ]
    return {
        "traceEvents": events,
        "displayTimeUnit": "ms",
        "otherData": {
            "run": summary.state.run,
            "plan": summary.state.plan.name,
            "critical_path": list(drawn.path),
        },
    }


def _names(drawn: Chart) -> Iterator[Json]:
    for pid, name in ((TASKS, "tasks"), (QUEUE, "merge queue"), (VALIDATIONS, "validations")):
        yield {"name": "process_name", "ph": "M", "pid": pid, "tid": 0, "args": {"name": name}}
        yield {"name": "process_sort_index", "ph": "M", "pid": pid, "tid": 0, "args": {"sort_index": pid}}
    for tid, name in ((MERGES, "merges"), (LANDINGS, "landings")):
        yield {"name": "thread_name", "ph": "M", "pid": QUEUE, "tid": tid, "args": {"name": name}}
    for tid, lane in enumerate(drawn.lanes, start=1):
        name = lane.task or "validations"
        yield {"name": "thread_name", "ph": "M", "pid": _pid(lane), "tid": tid, "args": {"name": name}}


def _bars(summary: Summary, drawn: Chart) -> Iterator[Json]:
    spans = {(span.name, span.start_s): span.used for span in summary.spans}
    for tid, lane in enumerate(drawn.lanes, start=1):
        pid = _pid(lane)
        for bar in lane.bars:
            args: Json = {"how": bar.how, "on_critical_path": lane.is_critical}
            if used := spans.get((bar.name, bar.start_s)):
                args |= {"wall_s": used.wall_s}
                if used.is_measured:
                    args |= {"cpu_s": used.cpu_s, "peak_rss_bytes": used.peak_rss_bytes}
            lasts_us = max(LEAST_US, _us(bar.end_s) - _us(bar.start_s))
            yield _complete(bar.name, bar.part.name.lower(), bar.start_s, (pid, tid), args, lasts_us=lasts_us)
        for flag in lane.flags:
            name, at = flag.mark.name.lower().replace("_", "-"), _us(flag.at_s)
            what = {"name": name, "cat": "mark", "ph": "i", "s": "t", "args": {"text": flag.text}}
            yield {**what, "ts": at, "pid": pid, "tid": tid}


def _queue(records: Sequence[e.Record], zero: float) -> Iterator[Json]:
    """Yield what the queue did: merges, clean or not, landings and what was taken back."""
    for record in records:
        at_s, row = record.at - zero, (QUEUE, MERGES)
        match event := record.event:
            case e.CandidateBuilt():
                args: Json = {"onto": event.onto, "upon": list(event.on_top_of), "candidate": event.candidate}
                yield _complete(f"merge {event.task}", "merge", at_s, row, args)
            case e.CandidateConflicted():
                args = {"onto": event.onto, "paths": list(event.paths), "with": list(event.partners)}
                yield _complete(f"conflict {event.task}", "merge", at_s, row, args)
            case e.Landed():
                args = {"onto": event.onto, "commit": event.commit}
                yield _complete(f"land {event.task}", "landing", at_s, (QUEUE, LANDINGS), args)
            case e.LandingUndone():
                args = {"commit": event.commit, "back_at": event.onto}
                yield _complete(f"undo {event.task}", "landing", at_s, (QUEUE, LANDINGS), args)
            case _:
                pass


def _curves(summary: Summary, histories: Mapping[str, Sequence[Sample]]) -> Iterator[Json]:
    zero = summary.state.opened_at
    for attempt, samples in histories.items():
        task = attempt.rpartition(".")[0]
        for sample in samples:
            at = {"ph": "C", "pid": TASKS, "ts": _us(sample.at - zero)}
            yield {**at, "name": f"cpu {task}", "args": {"percent": sample.cpu_percent}}
            yield {**at, "name": f"memory {task}", "args": {"bytes": sample.rss_bytes}}


def _complete(
    name: str, kind: str, at_s: float, row: tuple[int, int], args: Json, *, lasts_us: float = LEAST_US
) -> Json:
    pid, tid = row
    at = {"ts": _us(at_s), "dur": lasts_us, "pid": pid, "tid": tid}
    return {"name": name, "cat": kind, "ph": "X", **at, "args": args}


def _pid(lane: Lane) -> int:
    return VALIDATIONS if lane.task is None else TASKS


def _us(seconds: float) -> float:
    return round(seconds * 1e6, 1)
