"""What is found at a place before a run: reached how fast, with what, and what is missing there."""

from __future__ import annotations

import os
import select
import statistics
import time
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from porch_tui.core.model.place import PlaceSpec, Scheme
from porch_tui.places.carriers.box import box_name, filled
from porch_tui.places.carriers.carrier import CarrierError
from porch_tui.places.carriers.ssh import advice, ssh_command
from porch_tui.places.carriers.way_in import Entered, HostFacts, enter
from porch_tui.places.host.__main__ import FIRST, LAST
from porch_tui.places.program.contents import FINDINGS
from porch_tui.places.wire.findings import HostFindings

PINGS = 5
WITHIN_S = 30.0
"""For what a host finds out; a shell with many plugins takes a second of it."""
MOST_BYTES = 1 << 20
"""Of what it answers."""


class Survey(Struct, frozen=True):
    """What was found at a place that was reached."""

    facts: HostFacts
    findings: HostFindings
    ready_s: float
    """From starting the way in to the host's side running there."""
    round_trip_s: float
    """Median of some."""
    clock_ahead_s: float
    """Of the clock there before the one here; exact to half a round trip."""


def survey(
    spec: PlaceSpec, repository: str, tools: Iterable[str], environ: Mapping[str, str] | None = None
) -> Survey:
    """Enter a place that is reached by ssh or a command, and look around. Raises CarrierError.

    It is not made if it is not there. `repository` is the id of the one it was made for.
    """
    is_login = spec.scheme is Scheme.SSH
    argv = ssh_command(spec.address) if is_login else filled(spec.run, box_name(repository, spec.name))
    words = (FINDINGS, "{root}", FIRST if is_login else LAST, *tools)
    began = time.monotonic()
    try:
        entered = enter(argv, environ, words)
    except CarrierError as error:
        raise CarrierError(advice(str(error), spec.address) if is_login else str(error)) from error
    ready_s = time.monotonic() - began
    conversation = _Conversation(entered)
    try:
        findings = msgspec.json.decode(conversation.line(), type=HostFindings)
        trips = [conversation.round_trip() for _ in range(PINGS)]
    except (OSError, msgspec.DecodeError) as error:
        raise CarrierError(f"what it answers is not understood: {error}") from error
    finally:
        conversation.end()
    return Survey(
        entered.facts,
        findings,
        ready_s,
        statistics.median(took for took, _ in trips),
        min(trips)[1],
    )


def survey_cluster(
    spec: PlaceSpec, tools: Iterable[str], environ: Mapping[str, str]
) -> dict[str, Survey | CarrierError]:
    """Enter each worker of a dask cluster, and look around; return why not for those that cannot be entered.

    Raises PorchError if the scheduler cannot be asked, or has no workers.
    """
    from porch_tui.places.dask.extra import require

    require(f"the cluster {spec.name}")
    from porch_tui.places.dask.look import Look, look_at_workers

    def as_survey(look: Look) -> Survey:
        median = statistics.median(took for took, _ in look.trips)
        return Survey(look.facts, look.findings, look.ready_s, median, min(look.trips)[1])

    looks = look_at_workers(spec, tuple(tools), environ)
    return {name: as_survey(one) if isinstance(one, Look) else one for name, one in looks.items()}


class _Conversation:
    """Lines there and back."""

    def __init__(self, entered: Entered) -> None:
        assert entered.child.stdin is not None
        assert entered.child.stdout is not None
        self._child, self._errors, self._unread = entered.child, entered.errors, entered.rest
        self._in, self._out = entered.child.stdin, entered.child.stdout

    def line(self) -> bytes:
        """Return the next line. Raises CarrierError if none comes."""
        deadline = time.monotonic() + WITHIN_S
        poll = select.poll()
        poll.register(self._out, select.POLLIN)
        while b"\n" not in self._unread:
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise CarrierError(f"no answer within {WITHIN_S:g} s")
            data = os.read(self._out.fileno(), 1 << 16)
            if not data or len(self._unread) > MOST_BYTES:
                raise CarrierError(self._errors.last_line() or "it ended before it had answered")
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def round_trip(self) -> tuple[float, float]:
        """Return how long an answer takes, and how far the clock there is ahead, in seconds."""
        began = time.monotonic()
        os.write(self._in.fileno(), b"\n")
        now: float = msgspec.json.decode(self.line(), type=float)
        took = time.monotonic() - began
        return took, now - (time.time() - took / 2)

    def end(self) -> None:
        """Let go of the place, where nothing stays."""
        self._in.close()
        self._out.close()
        self._child.terminate()
        self._child.wait()
