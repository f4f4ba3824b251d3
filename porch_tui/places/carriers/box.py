"""A place that a plan makes: `up` makes it, `run` is the way in, `down` takes it away, such as a container.

Whether it is there is asked by going in, so nothing has to be remembered: it outlives engines, and the next
one finds it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from porch_tui.core.model.place import PlaceSpec
from porch_tui.core.model.plan import CommandLine
from porch_tui.places.carriers.carrier import CarrierError
from porch_tui.places.carriers.pipe import PipeCarrier, PipeLink
from porch_tui.places.carriers.way_in import TO_CONTAINER
from porch_tui.process.children import why_failed

UP_WITHIN_S = 600.0
"""It may fetch an image."""
DOWN_WITHIN_S = 60.0


def box_name(repository_id: str, place: str) -> str:
    """Return what `{name}` stands for: one name for a place of a repository, in every run."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", f"porch-{repository_id[:12]}-{place}")


def filled(command: CommandLine, name: str) -> CommandLine:
    """Return a command of a place with its name for `{name}`."""
    return tuple(word.replace("{name}", name) for word in command)


class BoxCarrier:
    """Goes into a place, which is made if it is not there."""

    def __init__(self, spec: PlaceSpec, name: str, environ: Mapping[str, str] | None = None) -> None:
        self._up, self._run, self._down = (filled(one, name) for one in (spec.up, spec.run, spec.down))
        self._environ = os.environ if environ is None else environ
        self._pipe = PipeCarrier(self._run, self._environ, TO_CONTAINER)
        self._may_make = bool(self._up)
        """Not again before it was there: a place that is made in vain is made once."""

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> PipeLink:
        """Go in. Raises CarrierError with what the commands said."""
        try:
            link = self._pipe.open(on_data, on_lost)
        except CarrierError as error:
            if not self._may_make:
                raise
            self._may_make = False
            why = why_failed(self._up, Path("/"), self._environ, UP_WITHIN_S)
            try:  # another engine may have been faster
                link = self._pipe.open(on_data, on_lost)
            except CarrierError as second:
                raise CarrierError(f"{error}; then `up` failed: {why}" if why else str(second)) from second
        self._may_make = bool(self._up)
        return link

    def remove(self) -> str:
        """Take it away, with all that runs there; return why that failed, or nothing."""
        return why_failed(self._down, Path("/"), self._environ, DOWN_WITHIN_S) if self._down else ""
