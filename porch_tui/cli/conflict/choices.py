"""Parses what `porch resolve` is to choose: `main app/calc.py:2` becomes a step of a record."""

from __future__ import annotations

from collections.abc import Sequence

from porch_tui.core.conflict.conflict import (
    Choice,
    Conflict,
    ConflictRecord,
    Decision,
    Hunk,
    PathConflict,
    Settled,
    Step,
    Subject,
)
from porch_tui.core.conflict.offers import OfferSource, as_step, for_what_is_open
from porch_tui.core.conflict.splice import edited, said
from porch_tui.core.conflict.view import ConflictView
from porch_tui.core.model.wording import listed
from porch_tui.engine.effects.resolving import why_not_named
from porch_tui.errors import PlanError
from porch_tui.git.merge.resolution import merged_text
from porch_tui.git.repository import Repository
from porch_tui.present.nearest import did_you_mean


def steps(shown: ConflictView, record: ConflictRecord, takes: Sequence[Sequence[str]]) -> list[Step]:
    """Return a step for each CHOICE with its places; PlanError if one names nothing in the conflict.

    A place is PATH or PATH:HUNK; a path alone means all its hunks. An offered choice without a place means
    everything that `record` and the previous steps leave open.
    """
    found: list[Step] = []
    for choice, *places in takes:
        if choice in set(OfferSource):
            step = _offered(shown, record, OfferSource(choice), places)
        elif places:
            step = tuple(one for place in places for one in _chosen(shown.conflict, choice, place))
        else:
            raise PlanError(f"--take {choice} needs a PATH, or PATH:HUNK, after it")
        found.append(step)
        record = record.with_step(step)
    return found


def namings(
    repository: Repository, conflict: Conflict, record: ConflictRecord, wanted: Sequence[Sequence[str]]
) -> list[Step]:
    """Return a step for each (NAME, PATH): a version of PATH lands as NAME. PlanError if it cannot."""
    found: list[Step] = []
    for name, place in wanted:
        path = path_named(conflict, place)
        if not {2, 3} & {stage.number for stage in path.stages}:
            raise PlanError(f"--as {name} {place}: neither side has a version of it that could be renamed")
        step = (Settled(path.path, path.stages, Decision(Choice.AS, name=name)),)
        record = record.with_step(step)
        if why := why_not_named(repository, conflict, path, record, name):
            raise PlanError(f"--as {name} {place}: {why}; give another name")
        found.append(step)
    return found


def written(
    repository: Repository, conflict: Conflict, record: ConflictRecord, place: str, text: bytes
) -> Step:
    """Return the step that puts a text in place of PATH:HUNK, or of PATH; PlanError if that is no text."""
    path, hunks = _place(conflict, place)
    if place not in (path.path, f"./{path.path}"):
        return (Settled(path.path, hunks[0], said(hunks[0], text)),)
    if not path.hunks and merged_text(repository, conflict, path) is None:
        choices = ", ".join(path.choices)
        raise PlanError(f"--with: {path.path} is not merged as text; take for it one of: {choices}")
    return edited(path, record, text)


def path_named(conflict: Conflict, name: str) -> PathConflict:
    """Return the conflicted path of this name; PlanError, with the nearest name, if there is none."""
    names = (name, name.removeprefix("./"))
    found = next((path for one in names for path in conflict.paths if path.path == one), None)
    if found is None:
        known = [path.path for path in conflict.paths]
        hint = did_you_mean(name, known, f"in conflict: {listed(known)}")
        raise PlanError(f"{name!r} is not in conflict; {hint}")
    return found


def _chosen(conflict: Conflict, word: str, place: str) -> Step:
    path, hunks = _place(conflict, place)
    known = [str(choice) for choice in path.choices]
    if word not in known:
        raise PlanError(f"--take {word} {place}: choose for {path.path} one of: {', '.join(known)}")
    decision = Decision(Choice(word))
    subjects: Sequence[Subject] = hunks or (path.stages,)
    return tuple(Settled(path.path, subject, decision) for subject in subjects)


def _offered(shown: ConflictView, record: ConflictRecord, word: OfferSource, places: Sequence[str]) -> Step:
    offers = shown.offers.get(word, {})
    found = [*for_what_is_open(shown.conflict.paths, record, offers)] if not places else []
    for place in places:
        path, hunks = _place(shown.conflict, place)
        found += (decided := as_step(path, hunks, offers))
        if not decided:
            raise PlanError(f"--take {word} {place}: nothing is {word} for it; porch conflicts {shown.task}")
    if not found:
        raise PlanError(f"--take {word}: nothing that is open is {word}; porch conflicts {shown.task}")
    return tuple(found)


def _place(conflict: Conflict, place: str) -> tuple[PathConflict, tuple[Hunk, ...]]:
    """Return the path and the hunks; a path whose name ends in a colon and digits has precedence."""
    name, colon, number = place.rpartition(":")
    is_path = any(path.path == place for path in conflict.paths)
    if is_path or not colon or not (number.isascii() and number.isdigit()):
        path = path_named(conflict, place)
        return path, path.hunks
    path = path_named(conflict, name)
    if not 1 <= int(number) <= len(path.hunks):
        count = len(path.hunks)
        there = f"hunks 1 to {count}" if count > 1 else "one hunk, 1" if count else "no hunks: name the path"
        raise PlanError(f"{name} has no hunk {number}; it has {there}")
    return path, (path.hunks[int(number) - 1],)
