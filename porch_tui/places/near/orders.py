"""A job as an order for a host, and what a host may report of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

import msgspec

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import LEASE_S, Scheme
from porch_tui.executors.executor import End, Job
from porch_tui.executors.shared_checkout import SharedCheckout
from porch_tui.executors.validation_checkout import ValidationCheckout
from porch_tui.places.wire.messages import Key, Order

Reported = End | e.AttemptNoticed | e.AgentLimited | e.Noticed
REPORTED: dict[str, type[Reported]] = {kind.__name__: kind for kind in get_args(Reported)}
"""What hosts may say. Anything else is dropped: what comes from a host decides about its attempt alone."""
LONGEST_TEXT = 2000


def order_of(job: Job) -> Order:
    """Return what a host must know of a job."""
    checkout, is_validation = job.checkout, isinstance(job.checkout, ValidationCheckout)
    return Order(
        key=Key(job.run, job.attempt.task, job.attempt.number),
        spec=job.spec,
        slot=job.slot,
        base=checkout.base,
        branch=checkout.branch,
        head_ref=checkout.head_ref,
        leftover_ref=checkout.leftover_ref,
        clone_refs=checkout.clone_refs,
        pins=checkout.pins,
        lease_s=LEASE_S[Scheme.PIPE] if job.lease_s is None else job.lease_s,
        isolation=checkout.isolation,
        is_shared=isinstance(checkout, SharedCheckout),
        worktree="" if is_validation else checkout.path.name,
        worktree_here="" if is_validation else str(checkout.path),
        setup=job.setup,
        keep_worktree=job.keep_worktree,
        env=tuple(job.env.items()),
        stdin=job.stdin,
        agent=job.agent,
        collections=job.collections,
        has_full_history=job.spec.has_full_history,
        is_validation=is_validation,
        keep=checkout.keep if isinstance(checkout, ValidationCheckout) else (),
    )


def events_of(job: Job, reported: Iterable[Mapping[str, Any]]) -> list[e.AnyEvent]:
    """Return what a host has reported of this job, without whatever is about anything else."""
    found = list[e.AnyEvent]()
    for fields in reported:
        kind = REPORTED.get(str(fields.get("type")))
        if kind is None:
            continue
        try:
            event = msgspec.convert({name: fields[name] for name in fields if name != "type"}, kind)
        except (msgspec.ValidationError, RecursionError):
            continue
        if (own := _own(job, event)) is not None:
            found.append(own)
    return found


def _own(job: Job, event: Reported) -> Reported | None:
    """Return an event as it may concern this job; None if it does not."""
    match event:
        case e.Noticed():
            return replace(event, task=job.attempt.task, text=_text(event.text))
        case e.AgentLimited():
            return event if job.agent is not None and event.agent == job.agent.name else None
        case e.AttemptFailed():
            failure = replace(event.failure, text=_text(event.failure.text))
            event = replace(event, failure=failure)
    return event if getattr(event, "attempt", None) == job.attempt else None


def _text(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text[:LONGEST_TEXT])
