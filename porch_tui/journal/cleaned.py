"""At which places nothing of a run is left: there it need not be looked for again. Not part of the facts."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import msgspec

from porch_tui.core.model.place import PlaceName
from porch_tui.journal.durable import read_file, replace
from porch_tui.journal.rundir import RunDir

_CLEANED = msgspec.json.Decoder(dict[PlaceName, float])
"""Made at import: threads must not be the first to use a type of msgspec's."""


def cleaned(rundir: RunDir) -> Mapping[PlaceName, float]:
    """Return when the run had last changed, Unix time, as nothing of it was left at a place, by place."""
    try:
        return _CLEANED.decode(read_file(rundir.cleaned))
    except (OSError, msgspec.DecodeError):
        return {}


def remember(rundir: RunDir, places: Mapping[PlaceName, float]) -> None:
    """Put these in place of the former ones; where they cannot be written, places are looked at again."""
    with suppress(OSError):
        replace(rundir.cleaned, msgspec.json.encode(places) + b"\n", is_durable=False)
