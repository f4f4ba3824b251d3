"""`porch doctor`: check everything porch depends on, and say what to do. Changes nothing."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from porch_tui.cli.arguments import add_json
from porch_tui.cli.error_report import condition
from porch_tui.cli.lookup import repository_at
from porch_tui.cli.output.printing import palette, write, write_json
from porch_tui.core.files.facts import LANGUAGES
from porch_tui.core.model.wording import listed
from porch_tui.errors import PorchError, RepositoryError
from porch_tui.git.repository import Repository
from porch_tui.housekeeping.findings import Finding, Weight, advice, problem
from porch_tui.housekeeping.machine_checks import machine_findings
from porch_tui.housekeeping.repository_checks import repository_findings
from porch_tui.present.clean import clean
from porch_tui.present.signs import Sign

SIGNS = {Weight.FINE: Sign.GOOD, Weight.ADVICE: Sign.ASKS, Weight.PROBLEM: Sign.FAILED}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Check machine, repository and runs; return 3 if porch cannot run here, else 0."""
    findings = [*machine_findings(), *_repository(options.directory)]
    can_run = all(finding.weight is not Weight.PROBLEM for finding in findings)
    if options.json:
        shown = [
            {"what": one.what, "weight": one.weight.value, "text": one.text, "do": one.do} for one in findings
        ]
        write_json({"can_run": can_run, "findings": shown})
    else:
        signs = palette()
        for one in findings:
            sign = SIGNS[one.weight]
            line = f"{signs.glyph(sign)} {clean(one.what)}: {clean(one.text)}"
            do = f"    {clean(one.do)}\n" if one.do else ""
            write(f"{signs.painted(sign, line)}\n{do}")
    return 0 if can_run else RepositoryError.exit_code


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
