"""What keeps a plan from running where it says, as far as that can be known before any place is asked."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import HERE, HERE_WORD, PlaceSpec, Scheme
from porch_tui.core.model.plan import Plan
from porch_tui.core.model.wording import all_of
from porch_tui.core.scheduling.job_time import BEGIN_S, END_S, has_timeout
from porch_tui.engine.programs import KeyPath, Mistake, is_only_here
from porch_tui.errors import PlanError, PorchError
from porch_tui.git.repository import Repository
from porch_tui.git.transfer.not_carried import not_carried
from porch_tui.places.dask.extra import EXTRA, HPC, INSTALL, INSTALL_HPC
from porch_tui.planfile.text.mistakes import one_of

PACKAGES = {Scheme.DASK: (EXTRA, INSTALL), Scheme.BATCH: ((*EXTRA, *HPC), INSTALL_HPC)}
"""By scheme what is imported, and the command that installs it."""


def place_mistakes(plan: Plan, repository: Repository, *, is_insecure: bool) -> list[Mistake]:
    """Return what is in the way of running tasks on the places of a plan, by where it is written."""
    found: list[Mistake] = []
    for spec in plan.places:
        path = _written(plan, spec)
        found += [(path, why) for why in _out_of_reach(spec, is_insecure=is_insecure)]
        found += [((*path, key), why) for key, why in _wrong_commands(spec)]
    found += _interactive(plan)
    found += _unmet_needs(plan)
    found += [] if found else _cut_short(plan)
    if plan.runs_elsewhere:
        found += _not_copied(plan, repository.root)
    return found


def with_validations_placed(plan: Plan, repository: Repository, base: str) -> Plan:
    """Return a plan whose validations run here if its repository has submodules, which do not go along."""
    if {*plan.validation_places} == {HERE} or not not_carried(repository, base).submodules:
        return plan
    return replace(plan, validate_on=(HERE,))


def unknown_needs(plan: Plan, of_run: Plan) -> Iterator[Mistake]:
    """Yield which tasks need something that no place of a run was asked for when it began."""
    known = {need for task in of_run.tasks for need in task.needs}
    for task in plan.tasks:
        if unknown := [need for need in task.needs if need not in known]:
            text = f"found {all_of(unknown)}, which was not looked for when the run began; expected"
            yield ("tasks", task.id, "needs"), f"{text} what its tasks need, or start a run of its own"


def unknown_places(plan: Plan, of_run: Plan) -> Iterator[Mistake]:
    """Yield which tasks name a place that a run does not have, or has another one of that name."""
    known = {spec.name: replace(spec, line=0) for spec in of_run.places or (PlaceSpec(HERE, Scheme.HERE),)}
    wanted = {spec.name: replace(spec, line=0) for spec in plan.places}
    for task in plan.tasks:
        for name in task.place:
            here = ("tasks", task.id, "place")
            if name not in known:
                expected = one_of(one or HERE_WORD for one in known)
                text = f"found {name or HERE_WORD}, a place that the run does not use; expected {expected}"
                yield here, text
            elif name != HERE and wanted.get(name) != known[name]:
                yield here, f"the run has another place '{name}'; expected the same, or another name"


def _written(plan: Plan, spec: PlaceSpec) -> KeyPath:
    """Return where a plan names a place."""
    if spec.line:
        return "places", spec.name
    if spec.name in plan.on:
        return "place", plan.on.index(spec.name)
    user = next((task.id for task in plan.tasks if spec.name in task.place), None)
    return ("tasks", user, "place") if user else ("validate_on",)


def _out_of_reach(spec: PlaceSpec, *, is_insecure: bool) -> Iterator[str]:
    """Yield why the scheduler of a place cannot be asked, or must not be."""
    packages, install = PACKAGES.get(spec.scheme, ((), ""))
    if missing := [name for name in packages if find_spec(name) is None]:
        yield f"found {spec.address}, which needs {all_of(missing)}, not installed here; install: {install}"
        return
    if spec.scheme is Scheme.BATCH:
        yield from _no_jobs(spec)
    if spec.scheme is Scheme.DASK:
        from porch_tui.places.dask.access import access_to  # imports a part of dask

        try:
            access_to(spec.address, os.environ, is_insecure=is_insecure and spec.address.startswith("tcp://"))
        except PorchError as error:
            yield str(error).replace("or --insecure", "or tcp:// with --insecure")


def _no_jobs(spec: PlaceSpec) -> Iterator[str]:
    """Yield why the jobs of a batch system cannot be submitted."""
    from porch_tui.places.dask.batch_systems import section_of, why_no_submission, word_of

    if why := why_no_submission(spec):
        yield why
        return
    from porch_tui.places.dask.batch_profile import Profile  # imports a part of dask

    try:
        Profile.of(word_of(spec), section_of(spec))
    except PorchError as error:
        yield str(error)


def _cut_short(plan: Plan) -> Iterator[Mistake]:
    """Yield which tasks say that they may take longer than the jobs in which they may run."""
    jobs = {spec.name: spec for spec in plan.places if spec.scheme is Scheme.BATCH}
    for task in plan.tasks:
        timeout_s = task.timeout_s
        if timeout_s is None or not has_timeout(task):
            continue
        for spec in (jobs[name] for name in plan.places_of(task) if name in jobs):
            from porch_tui.places.dask.batch_profile import Profile  # imports a part of dask
            from porch_tui.places.dask.batch_systems import section_of, system_of, word_of

            profile = Profile.of(word_of(spec), section_of(spec))
            if profile.walltime_s is not None and timeout_s + BEGIN_S + END_S > profile.walltime_s:
                text = f"found {timeout_s:g} s, and {system_of(spec).title} ends each job of {spec.name}"
                kept = f"{BEGIN_S + END_S:g} s of which are for its own beginning and end"
                do = f"expected less, or a longer walltime in dask-jobqueue's section {profile.section}"
                yield ("tasks", task.id, "timeout"), f"{text} after {profile.get('walltime')}, {kept}; {do}"
                break


def _wrong_commands(spec: PlaceSpec) -> Iterator[tuple[str, str]]:
    """Yield the keys of a place whose commands cannot lead there, each with why."""
    if spec.scheme is Scheme.SSH and not shutil.which("ssh"):
        yield "at", "found no program ssh on PATH; install it (Debian: apt install openssh-client)"
    if spec.scheme is Scheme.PIPE:
        from porch_tui.places.carriers.carrier import CarrierError  # few plans have such a place
        from porch_tui.places.carriers.way_in import check_way_in

        try:
            check_way_in(spec.run)
        except CarrierError as error:
            yield "run", str(error)
    for key in ("up", "run", "down"):
        words: tuple[str, ...] = getattr(spec, key)
        if words and not shutil.which(words[0]):
            yield key, f"found no program {words[0]} on PATH; install it, or name another place"


def tools_here(plan: Plan) -> tuple[str, ...]:
    """Return what this machine has of what tasks need."""
    path = dict(plan.env).get("PATH", os.environ.get("PATH", os.defpath))
    needs = dict.fromkeys(need for task in plan.tasks for need in task.needs)
    return tuple(need for need in needs if shutil.which(need, path=path))


def _interactive(plan: Plan) -> Iterator[Mistake]:
    """Yield which tasks may run where no one can type into them."""
    for task in plan.tasks:
        if task.is_interactive and {*plan.places_of(task)} != {HERE}:
            key = "tty" if task.terminal is not None else "stdin_open"
            names = [name for name in plan.places_of(task) if name != HERE]
            text = f"found {key}: true and the place {all_of(names)}; interactive tasks run on this machine"
            yield ("tasks", task.id, key), f"{text}; expected place: threads for it, or {key}: false"


def _unmet_needs(plan: Plan) -> Iterator[Mistake]:
    """Yield which tasks run only here and need what is not here."""
    known = {*tools_here(plan), *(tool for spec in plan.places if spec.name == HERE for tool in spec.has)}
    for task in plan.tasks:
        if not is_only_here(plan, task):
            continue
        if lacking := [need for need in task.needs if need not in known]:
            text = f"found {all_of(lacking)}, which is not on PATH here, where the task runs"
            yield ("tasks", task.id, "needs"), f"{text}; install it, or let it run on a place that has it"


def _not_copied(plan: Plan, root: Path) -> Iterator[Mistake]:
    """Yield that the files of `copy` cannot go along to other machines."""
    from porch_tui.git.transfer import copies

    try:
        copies.surveyed(root, plan.copy)
    except PlanError as error:
        yield ("copy",), str(error).removeprefix("copy: ")
