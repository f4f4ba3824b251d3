"""What a plan asks of the machine that it does not have."""

from __future__ import annotations

from collections.abc import Callable

from porch_tui.planfile.program_warnings import warn_of_missing_programs
from porch_tui.planfile.read import PlanFile
from porch_tui.planfile.text.mistakes import Findings, PlanWarning
from porch_tui.planfile.text.source import Source


def machine_warnings(
    read: PlanFile, cores: int, memory_bytes: int, has_program: Callable[[str], bool]
) -> tuple[PlanWarning, ...]:
    """Return a warning, with its line, for each task that declares more than there is; 0: not known.

    And for each program that is certainly needed and not there; `has_program` looks for one by its name.
    """
    source = Source(read.root, Findings(), made=read.made)
    for spec in read.plan.tasks:
        what = f"task '{spec.id}' says that it uses"
        alone = "it runs only while no other task that declares any does"
        if spec.cpus is not None and spec.cpus > cores:
            text = f"{what} {spec.cpus:g} cores, and there are {cores}: {alone}"
            source.warn(source.task_path(spec.id, "cpus"), text)
        if spec.memory_bytes is not None and 0 < memory_bytes < spec.memory_bytes:
            have, want = (f"{size / (1 << 30):.3g}G" for size in (memory_bytes, spec.memory_bytes))
            text = f"{what} {want} of memory, and there are {have}: {alone}"
            source.warn(source.task_path(spec.id, "memory"), text)
    warn_of_missing_programs(read.plan, source, has_program)
    return source.found.warnings
