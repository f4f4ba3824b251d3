"""What was last predicted, as one small file of the run. Not durable, not part of the facts."""

from __future__ import annotations

import json

import msgspec
from msgspec.structs import asdict

from porch_tui.core.merge_queue.prediction import Prediction
from porch_tui.journal.durable import read_file, replace
from porch_tui.journal.rundir import RunDir

_PREDICTIONS = msgspec.json.Decoder(list[Prediction])
"""Made at import: threads must not be the first to use a type of msgspec's."""


def write(rundir: RunDir, predictions: tuple[Prediction, ...]) -> None:
    """Put the predictions in place of the former ones, whole or not at all. Raises OSError."""
    rows = [asdict(one) for one in predictions]
    # the json module, unlike msgspec, takes paths that are not UTF-8 (`surrogateescape`)
    content = json.dumps({"predictions": rows}).encode() + b"\n"
    replace(rundir.predictions, content, is_durable=False)


def latest(rundir: RunDir) -> tuple[Prediction, ...]:
    """Return what was last predicted; nothing if there is no such file, or it is damaged."""
    try:
        content = json.loads(read_file(rundir.predictions))
        return tuple(msgspec.convert(content["predictions"], _PREDICTIONS.type))
    except (OSError, ValueError, KeyError, TypeError):
        return ()
