"""`porch init`: writes a plan that fits the repository and runs as it is, or a definition for an agent.

Overwrites nothing that a person has written.
"""

from __future__ import annotations

import argparse
import os
import shutil

from porch_tui.agents.preset import installed, preset
from porch_tui.cli.agent_definition import DEFINITIONS, Definition, write_definition
from porch_tui.cli.first_steps import PLAN_NAMES
from porch_tui.cli.lookup import repository_at
from porch_tui.cli.output.printing import say, write
from porch_tui.core.model.wording import all_of
from porch_tui.errors import RepositoryError
from porch_tui.git.repository import Repository
from porch_tui.planfile.starter_plan import starting_plan

CODEX_READS_BYTES = 32 * 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--for", dest="program", choices=DEFINITIONS, help="instead, tell this agent how to drive porch"
    )
    parser.add_argument("--print", dest="is_printed", action="store_true", help="print it instead")


def run(options: argparse.Namespace) -> int:
    """Write the plan or the definition, or print it."""
    repository = repository_at(options.directory)
    if options.program:
        return _define(repository, DEFINITIONS[options.program], is_printed=options.is_printed)
    agents = [(name, preset(name).permits) for name in installed()]
    missing: dict[str, None] = {}

    def is_on_path(program: str) -> bool:
        is_there = shutil.which(program) is not None
        missing.update({} if is_there else {program: None})
        return is_there

    plan = starting_plan(repository.name, repository.git.paths("ls-files", "-z"), agents, is_on_path)
    if options.is_printed:
        write(plan)
        return 0
    existing = next((name for name in PLAN_NAMES if os.path.lexists(repository.root / name)), None)
    path = repository.root / (existing or PLAN_NAMES[0])
    refusal = f"porch init writes {PLAN_NAMES[0]}, but {path} exists, and it never overwrites"
    if existing:
        raise RepositoryError(f"{refusal}; porch init --print shows what it would write")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(plan)
    except FileExistsError as error:  # created this very moment
        raise RepositoryError(refusal) from error
    except OSError as error:
        raise RepositoryError(
            f"cannot write {path}: {error.strerror}; porch init --print needs no file"
        ) from error
    if missing:
        say(f"porch: {all_of(list(missing))} is not on PATH, so what would need it is a comment in the plan")
    say(f"porch: wrote {path}; look at it, then: porch check")
    return 0


def _define(repository: Repository, definition: Definition, *, is_printed: bool) -> int:
    """Write or print the definition of an agent that drives porch."""
    if is_printed:
        write(definition.new)
        return 0
    path, is_changed = write_definition(repository.root, definition)
    say(f"porch: {'wrote' if is_changed else 'nothing new for'} {path}")
    if definition.permission:
        say(f"porch: {definition.permission}")
    if definition.path == "AGENTS.md":
        if (path.parent / "AGENTS.override.md").exists():
            say("porch: AGENTS.override.md is there too, and Codex reads only that: copy the text into it")
        if path.stat().st_size > CODEX_READS_BYTES:
            say("porch: Codex reads the first 32 KiB of it, unless project_doc_max_bytes says more")
    return 0
