"""A place that a plan makes: `up` makes it, `run` is the way in, `down` takes it away, such as a container.

Whether it is there is asked by going in. It outlives engines, and the next one finds it. A file in porch's
own folder of the repository keeps how to take it away, also once no plan names it any more.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from porch_tui.core.model.place import PlaceSpec
from porch_tui.core.model.plan import CommandLine
from porch_tui.places.carriers.carrier import CarrierError
from porch_tui.places.carriers.pipe import PipeCarrier, PipeLink
from porch_tui.places.carriers.way_in import TO_CONTAINER
from porch_tui.process.children import why_failed

MADE = "made"
"""The folder of those files."""
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

    def __init__(
        self, spec: PlaceSpec, name: str, folder: Path, environ: Mapping[str, str] | None = None
    ) -> None:
        """`folder` is porch's own of the repository."""
        self._record = folder / MADE / name
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
            self._keep_record()
            why = why_failed(self._up, Path("/"), self._environ, UP_WITHIN_S)
            try:  # another engine may have been faster
                link = self._pipe.open(on_data, on_lost)
            except CarrierError as second:
                raise CarrierError(f"{error}; then `up` failed: {why}" if why else str(second)) from second
        self._may_make = bool(self._up)
        return link

    def _keep_record(self) -> None:
        """Write down how to take it away, before it is made."""
        if not self._down:
            return
        try:
            self._record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._record.write_bytes(msgspec.json.encode(self._down))
        except OSError as error:
            raise CarrierError(f"cannot write {self._record}: {error.strerror}") from error


def made_in(folder: Path) -> tuple[str, ...]:
    """Return the names of what was made for a repository, and not taken away since."""
    with suppress(OSError):
        return tuple(sorted(path.name for path in (folder / MADE).iterdir()))
    return ()


def take_away(folder: Path, name: str, environ: Mapping[str, str]) -> str:
    """Take a made place away, with all that runs there; return why that failed, or nothing."""
    record = folder / MADE / name
    try:
        down = msgspec.json.decode(record.read_bytes(), type=CommandLine)
    except (OSError, msgspec.DecodeError) as error:
        return f"{record}: {error}"
    if not (why := why_failed(down, Path("/"), environ, DOWN_WITHIN_S)):
        record.unlink(missing_ok=True)
    return why
