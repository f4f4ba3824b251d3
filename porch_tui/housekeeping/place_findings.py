"""Checks of other machines for `porch doctor --on`: what was found at each place, and what to do there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from porch_tui.agents.preset import names, preset
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceSpec, Scheme
from porch_tui.core.model.wording import counted, listed
from porch_tui.errors import PorchError
from porch_tui.housekeeping.findings import Finding, advice, problem
from porch_tui.housekeeping.machine_checks import FENCES
from porch_tui.places.near.survey import Survey, survey, survey_cluster
from porch_tui.present.amounts import size

LITTLE_DISK = 2 << 30
"""Bytes: a repository and some worktrees are soon larger."""
CLOCK_S = 60.0
"""Builds that compare times of files notice more."""


def place_findings(
    spec: PlaceSpec, needs: Sequence[str], environ: Mapping[str, str] | None = None, repository: str = ""
) -> Iterator[Finding]:
    """Check a place. `needs` are programs that tasks of the plan need; `repository` is its id for hosts."""
    agents = {preset(name).program: name for name in names()}
    tools = tuple(dict.fromkeys([*needs, *agents, *FENCES, "git"]))
    later = "a run makes it; look again while one is active"
    if spec.up and not repository:  # it has a name by that id
        yield advice("place", "it is not there: no run of this repository has used places yet", later)
        return
    try:
        if spec.scheme is Scheme.BATCH:
            yield from _batch(spec)
            return
        if spec.scheme is Scheme.DASK:
            yield from _cluster(spec, tools, agents, needs, environ)
            return
        found = survey(spec, repository, tools, environ)
    except PorchError as error:
        if spec.up:
            yield advice("place", f"it is not there: {error}", later)
        else:
            yield _out_of_reach(error)
        return
    yield from _findings(found, agents, needs)


def _out_of_reach(error: PorchError) -> Finding:
    why, _, do = str(error).partition("; ")
    return problem("place", why, do or "no task can run there until it answers")


def _cluster(
    spec: PlaceSpec,
    tools: Sequence[str],
    agents: Mapping[str, str],
    needs: Sequence[str],
    environ: Mapping[str, str] | None,
) -> Iterator[Finding]:
    """Check each worker of a cluster."""
    for name, found in survey_cluster(spec, tools, os.environ if environ is None else environ).items():
        of_worker = (
            [_out_of_reach(found)] if isinstance(found, PorchError) else _findings(found, agents, needs)
        )
        yield from (replace(one, what=f"{name}: {one.what}") for one in of_worker)


def _batch(spec: PlaceSpec) -> Iterator[Finding]:
    """Check that jobs would be taken. None is submitted: what is on their machines is not known."""
    from porch_tui.places.dask.extra import EXTRA, HPC, INSTALL_HPC, require

    require(f"the place {spec.name}", (*EXTRA, *HPC), INSTALL_HPC)
    from porch_tui.places.dask.batch_look import look_at_batch

    found = look_at_batch(spec)
    ends = f", for {found.walltime} at most" if found.walltime else ""
    yield Finding(
        "jobs", f"{counted(found.cores, 'core')}, {found.memory} of memory{ends}, as dask-jobqueue has it"
    )
    yield Finding("submit", found.said or f"{spec.address} was not asked: it has no way to try a job")


def _findings(found: Survey, agents: Mapping[str, str], needs: Sequence[str]) -> Iterator[Finding]:
    yield _place(found)
    yield from _python_and_git(found)
    yield from _disk(found)
    yield _clock(found)
    yield from _tools(found, agents, needs)
    if found.findings.trouble:
        yield problem("processes", found.findings.trouble, "no task can run there until then")
    if found.findings.dies_at_logout:
        text = "systemd kills all of this user's processes when the connection ends, tasks too"
        yield advice("logout", text, "run there: loginctl enable-linger")


def _place(found: Survey) -> Finding:
    facts, said = found.facts, found.findings
    sent = "" if facts.is_there else ", with porch sent there"
    return Finding(
        "place",
        f"{facts.user}@{facts.host} ({facts.system}), {counted(said.cores, 'core')}, "
        f"{size(said.memory_bytes)} of memory; ready in {found.ready_s:.1f} s{sent}; "
        f"round trip {found.round_trip_s * 1000:.0f} ms",
    )


def _python_and_git(found: Survey) -> Iterator[Finding]:
    facts, said = found.facts, found.findings
    yield Finding("python", f"{facts.python}, {facts.executable}")
    identity = f"commits as {said.identity}" if said.identity else "no identity; yours is used"
    yield Finding("git", f"{facts.git}, {identity}")


def _disk(found: Survey) -> Iterator[Finding]:
    text = f"{size(found.findings.disk_free_bytes)} free in {found.facts.root}"
    if found.findings.disk_free_bytes < LITTLE_DISK:
        yield advice("disk", text, "free some there; tasks wait while there is none")
    else:
        yield Finding("disk", text)


def _clock(found: Survey) -> Finding:
    off_s = abs(found.clock_ahead_s)
    text = f"{off_s:.0f} s {'ahead' if found.clock_ahead_s > 0 else 'behind'}"
    if off_s < 1:
        return Finding("clock", "as here")
    if off_s < CLOCK_S:
        return Finding("clock", text)
    text = f"{text}; porch does not mind, but builds may"
    return advice("clock", text, "set it there, such as by: timedatectl set-ntp true")


def _tools(found: Survey, agents: Mapping[str, str], needs: Sequence[str]) -> Iterator[Finding]:
    said = found.findings
    for tool, path in said.tools.items():
        if tool in agents or tool in needs or tool in FENCES:
            by_shell = f", by {said.shell} only" if tool in said.only_by_shell else ""
            yield Finding(
                "agent" if tool in agents else "tool", f"{agents.get(tool, tool)}: {path}{by_shell}"
            )
    if missing := [tool for tool in needs if tool not in said.tools]:
        do = "install what is missing there, on the PATH of its own shell, or let those tasks run elsewhere"
        yield advice("tools", f"not found: {listed(missing)}, which tasks need", do)
    if not any(tool in agents for tool in said.tools):
        yield Finding("agents", "none that porch knows by name (porch help agents)")
