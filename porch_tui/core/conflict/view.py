"""A task in conflict with all that is known of it, as a value and as the document that programs are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from porch_tui.core.conflict.conflict import Choice, Conflict, ConflictRecord, Decision, PathConflict, Subject
from porch_tui.core.conflict.offers import Offers, OfferSource
from porch_tui.core.conflict.splice import undecided
from porch_tui.core.model.plan import RunId, TaskId


class ConflictView(Struct, frozen=True):
    """A task in conflict, what a person has decided, and what is offered."""

    run: RunId
    task: TaskId
    target: str
    partners: tuple[TaskId, ...]
    conflict: Conflict
    record: ConflictRecord
    missing: tuple[str, ...]
    """What is left, a sentence a path."""
    offers: Mapping[OfferSource, Offers] = field(default_factory=dict)


def document(one: ConflictView) -> dict[str, Any]:
    """Return it for programs: texts as they are, bytes that are not UTF-8 as surrogates."""
    return {
        "task": one.task,
        "with": list(one.partners),
        "is_complete": not one.missing,
        "missing": list(one.missing),
        "text": one.conflict.text,
        "paths": [_path_document(path, one) for path in one.conflict.paths],
    }


def _path_document(path: PathConflict, one: ConflictView) -> dict[str, Any]:
    decisions = one.record.decisions()
    whole = decisions.get((path.path, path.stages))
    return {
        "path": path.path,
        "kind": path.kind.value,
        "stages": {str(stage.number): {"mode": stage.mode, "oid": stage.oid} for stage in path.stages},
        "choice": whole.choice.value if whole else None,
        "name": whole.name if whole and whole.choice is Choice.AS else None,
        "origin": path.origin or None,
        "choices": [choice.value for choice in path.choices],
        "left": list(undecided(path, one.record)),
        **_offered(path, path.stages, one),
        "hunks": [
            {
                "hunk": number,
                "base": _text(hunk.base),
                "main": _text(hunk.main),
                "task": _text(hunk.task),
                **_chosen(decisions.get((path.path, hunk))),
                **_offered(path, hunk, one),
            }
            for number, hunk in enumerate(path.hunks, 1)
        ],
    }


def _chosen(decision: Decision | None) -> dict[str, Any]:
    text = _text(decision.text) if decision and decision.choice is Choice.TEXT else None
    name = {"name": decision.name} if decision and decision.choice is Choice.AS else {}
    return {"choice": decision.choice.value if decision else None, "text": text, **name}


def _offered(path: PathConflict, subject: Subject, one: ConflictView) -> dict[str, Any]:
    """Return an object, or null, for each kind of offer there is."""
    documents: dict[str, Any] = {}
    for word in OfferSource:
        offer = one.offers.get(word, {}).get((path.path, subject))
        documents[str(word)] = offer and {
            "run": offer.run or None,
            "task": offer.task or None,
            "author": offer.decision.author or None,
            **_chosen(offer.decision),
        }
    return documents


def _text(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
