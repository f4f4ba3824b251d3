"""`porch doctor`: check everything porch depends on, and say what to do. Changes nothing."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from porch_tui.cli.arguments import add_json, add_places, add_plan
from porch_tui.cli.error_report import condition
from porch_tui.cli.lookup import repository_at
from porch_tui.cli.output.printing import palette, write, write_json
from porch_tui.cli.plans import plan_path
from porch_tui.cli.repository_items import RepositoryItems
from porch_tui.core.files.facts import LANGUAGES
from porch_tui.core.model.place import HERE, HERE_WORD, PlaceSpec, Scheme
from porch_tui.core.model.wording import listed
from porch_tui.errors import PlanError, PorchError, RepositoryError
from porch_tui.git.repository import Repository
from porch_tui.housekeeping.findings import Finding, Weight, advice, problem
from porch_tui.housekeeping.machine_checks import machine_findings
from porch_tui.housekeeping.repository_checks import repository_findings
from porch_tui.present.clean import clean
from porch_tui.present.signs import Sign

SIGNS = {Weight.FINE: Sign.GOOD, Weight.ADVICE: Sign.ASKS, Weight.PROBLEM: Sign.FAILED}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_plan(parser)
    add_json(parser)
    add_places(
        parser, "check these places instead of this machine: ssh:HOST, or names of the plan's `places`"
    )


def run(options: argparse.Namespace) -> int:
    """Check machine, repository and runs, or other places; return 3 if porch cannot run there, else 0."""
    if options.plan is not None and not options.on:
        raise PlanError("a plan says what its places are called: porch doctor PLAN --on NAME")
    if options.on:
        found = _places(options.directory, options.plan, tuple(options.on))
    else:
        found = {"": [*machine_findings(), *_repository(options.directory)]}
    can_run = all(one.weight is not Weight.PROBLEM for findings in found.values() for one in findings)
    if options.json:
        shown = [
            ({"place": place} if options.on else {})
            | {"what": one.what, "weight": one.weight.value, "text": one.text, "do": one.do}
            for place, findings in found.items()
            for one in findings
        ]
        write_json({"can_run": can_run, "findings": shown})
    else:
        for place, findings in found.items():
            write(f"{clean(place)}\n" if options.on else "")
            _print(findings)
    return 0 if can_run else RepositoryError.exit_code


def _print(findings: Iterable[Finding]) -> None:
    signs = palette()
    for one in findings:
        sign = SIGNS[one.weight]
        line = f"{signs.glyph(sign)} {clean(one.what)}: {clean(one.text)}"
        do = f"    {clean(one.do)}\n" if one.do else ""
        write(f"{signs.painted(sign, line)}\n{do}")


def _places(directory: str, given: str | None, words: tuple[str, ...]) -> dict[str, list[Finding]]:
    """Return what is found at places, asked at once, by what each was called; `given` is the plan file."""
    from porch_tui.housekeeping.place_findings import place_findings
    from porch_tui.places.near.by_place import known_id

    specs, needs = _named(directory, given, words)
    repository = ""
    with suppress(RepositoryError):
        repository = known_id(repository_at(directory))

    def check(word: str) -> list[Finding]:
        spec = specs[word]
        if spec.scheme is Scheme.HERE:
            return [*machine_findings(), *_repository(directory)]
        return list(place_findings(spec, needs, repository=repository))

    with ThreadPoolExecutor(len(specs)) as pool:
        return dict(zip(specs, pool.map(check, specs), strict=True))


def _named(
    directory: str, given: str | None, words: tuple[str, ...]
) -> tuple[dict[str, PlaceSpec], tuple[str, ...]]:
    """Return the places by the words that name them, and what tasks of the plan need, if there is a plan.

    Raises PorchError for a plan that was given and cannot be read.
    """
    from porch_tui.planfile.read import read_plan
    from porch_tui.planfile.text.mistakes import PlanMistakes
    from porch_tui.planfile.values.place_text import NoPlace, place_at

    if twice := [word for word in dict.fromkeys(words) if words.count(word) > 1]:
        raise PlanError(f"--on: found {twice[0]!r} twice; expected each place once")
    try:
        repository = repository_at(directory)
        path = plan_path(repository, directory, given)
        plan = read_plan(path, RepositoryItems(repository), on=words).plan
    except (RepositoryError, PlanError) as error:
        if given is not None:
            raise
        found: dict[str, PlaceSpec] = {}
        for word in words:
            try:
                found[word] = place_at(word)
            except NoPlace as why:
                if isinstance(error, PlanMistakes):  # it may be an entry of the plan
                    raise error from None
                raise PlanError(f"--on: found {word!r}{why}") from None
        return found, ()
    known = {str(spec.name or HERE_WORD): spec for spec in (*plan.places, PlaceSpec(HERE, Scheme.HERE))}
    needs = dict.fromkeys(need for task in plan.tasks for need in task.needs)
    return {word: known[word] for word in words}, tuple(needs)


def _languages(repository: Repository) -> Iterator[Finding]:
    from porch_tui.codebase.facts import unread_languages

    read, missing = unread_languages(repository, "HEAD")
    if missing.unread:
        yield advice("languages", missing.unread_text, LANGUAGES)
    elif read:
        yield Finding("languages", f"imports of {listed(read)} are read")


def _repository(directory: str) -> Iterator[Finding]:
    try:
        repository = repository_at(directory)
    except RepositoryError as error:
        yield problem("repository", "porch cannot work here", str(error))
        return
    try:
        yield from repository_findings(repository)
        yield from _languages(repository)
    except (PorchError, OSError) as error:
        text = str(error) if isinstance(error, PorchError) else condition(error)
        if not text:
            raise
        yield problem("repository", "not everything could be checked", text)
