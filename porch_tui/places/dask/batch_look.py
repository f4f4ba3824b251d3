"""What a batch system says to a job of porch's before one is submitted."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.place import PlaceSpec
from porch_tui.core.model.wording import one_line
from porch_tui.errors import RepositoryError
from porch_tui.places.dask.batch_profile import Profile
from porch_tui.places.dask.batch_systems import section_of, system_of, why_no_submission, word_of
from porch_tui.process.children import first_line, why_failed

WITHIN_S = 30.0


class BatchFindings(Struct, frozen=True):
    """What jobs of a place are like."""

    cores: int
    memory: str
    """As the configuration says it."""
    walltime: str
    """Likewise; empty: it does not say."""
    said: str
    """By the batch system about such a job, such as when it could begin; empty: it was not asked."""


def look_at_batch(spec: PlaceSpec) -> BatchFindings:
    """Return what is found without submitting a job.

    Raises RepositoryError if none can be, or the batch system would not take it.
    """
    if why := why_no_submission(spec):
        raise RepositoryError(why)
    profile = Profile.of(word_of(spec), section_of(spec))
    with tempfile.TemporaryDirectory() as folder:
        slots = spec.slots or profile.cores
        job = profile.job("porch", "tls://127.0.0.1:1", slots, Path(folder), Path(folder))
        said = _said(spec, Path(folder), job.job_script())
    walltime = profile.get("walltime")
    return BatchFindings(profile.cores, str(profile.get("memory")), str(walltime or ""), said)


def _said(spec: PlaceSpec, folder: Path, text: str) -> str:
    """Return what the batch system says to a job. Raises RepositoryError if it would not take it."""
    system = system_of(spec)
    if not system.test:
        return ""
    script = folder / "job.sh"
    script.write_text(text)
    asked = [*system.test, str(script)]
    if (said := first_line(*asked, timeout_s=WITHIN_S)) is not None:
        return one_line(said.removeprefix(f"{system.submit}: "))
    why = one_line(why_failed(asked, folder, os.environ, WITHIN_S)).replace(str(script), "SCRIPT")
    raise RepositoryError(f"{system.title} would take no job: {why}")
