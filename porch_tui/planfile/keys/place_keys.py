"""The keys of an entry of `places` in a plan file: see `plan_keys`."""

# no `from __future__ import annotations`: msgspec would evaluate their texts at each start, which takes 5 ms
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from porch_tui.planfile.keys.value_types import Argv, Line, Time


class PlaceEntry(Struct, forbid_unknown_fields=True, kw_only=True):
    """A place with a name of its own: `at`, or `run`; of `threads`, this machine, only `slots` and `has`."""

    at: Annotated[
        Line | UnsetType,
        Meta(description="Where it is: ssh:HOST, tls://HOST:PORT or slurm, as `place` says it."),
    ] = UNSET
    run: Annotated[
        Argv | UnsetType,
        Meta(
            description="Instead of `at`: a command whose standard input and output are those of a shell,"
            " or of a Python 3.11 or newer, there: [docker, exec, -i, box, sh]."
        ),
    ] = UNSET
    up: Annotated[
        Argv | UnsetType,
        Meta(
            description="With `run`: a command that makes the place where it is not there; {name} in all"
            " three is a name that no other repository has."
        ),
    ] = UNSET
    down: Annotated[
        Argv | UnsetType, Meta(description="With `up`: takes the place away, at `porch clean`.")
    ] = UNSET
    slots: Annotated[
        Annotated[int, Meta(ge=1)] | UnsetType,
        Meta(
            description="How many attempts run there at once; default: as many as it has cores.",
            extra={"expected": "a whole number from 1"},
        ),
    ] = UNSET
    has: Annotated[
        list[Line],
        Meta(description="What it has for tasks with `needs`, besides programs on its PATH: a name, as gpu."),
    ] = []
    lease: Annotated[
        Time | UnsetType,
        Meta(
            description="How long its attempts go on while it cannot be reached; default: 1h, with dask and"
            " batch systems 2m."
        ),
    ] = UNSET
