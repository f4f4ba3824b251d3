"""Whether any place of a plan answers, before its run is written: else the run would wait for ever."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue

from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import HERE, PlaceName, PlaceSpec, Scheme
from porch_tui.core.model.plan import Plan
from porch_tui.core.model.wording import listed
from porch_tui.errors import PorchError, UnreachableError
from porch_tui.executors.background import start_thread
from porch_tui.git.repository import Repository
from porch_tui.places.carriers.box import box_name, made_in, take_away
from porch_tui.places.near.by_place import carrier_of, greeting_for, known_id
from porch_tui.places.near.visit import Visit
from porch_tui.places.wire import messages as m

PATIENCE_S = 2.0
"""After so long without an answer a person hears what is waited for."""

Knock = Callable[[], None]
"""Returns once a place has answered; raises PorchError or OSError with the reason if it does not."""


def first_answer(
    plan: Plan,
    repository: Repository,
    say: Callable[[str], None] = lambda text: None,
    file: str = "",
) -> tuple[str, ...]:
    """Wait for the first place of a plan that answers; return why those that were asked in vain do not.

    Where tasks run on this machine too, only schedulers of clusters are asked: the others may take longer
    than a run should wait for them. `say` gets what takes long; `file` is the plan's, if it has no
    usual name. Raises UnreachableError if no place is
    left; what was made for the question is taken away then.
    """
    specs = [spec for spec in plan.places if spec.name != HERE]
    is_here = len(specs) < len(plan.places) or not specs
    if is_here:
        specs = [spec for spec in specs if spec.is_cluster]
    if not specs:
        return ()
    silent, greeting = dict[PlaceName, str](), greeting_for(repository, plan)
    waits_for = f"waiting for {listed([spec.name for spec in specs])} to answer"
    # first without making any: `up` may take minutes
    knocks = {spec.name: _knock(replace(spec, up=()), greeting, repository) for spec in specs}
    has_answered = _ask(knocks, silent, lambda: say(waits_for), waits_for_all=is_here)
    makes = [spec for spec in specs if spec.up]
    if makes and not has_answered:
        before = made_in(repository.own_dir)
        say(f"making {listed([spec.name for spec in makes])}, since no other place answers")
        knocks = {spec.name: _knock(spec, greeting, repository) for spec in makes}
        has_answered = _ask(knocks, silent, lambda: None, waits_for_all=True)
        if not has_answered:
            _take_away(makes, repository, before)
    if not has_answered and not is_here:
        raise UnreachableError(_refusal(silent, file))
    return tuple(f"nothing runs on {name} until it answers: {why}" for name, why in silent.items())


def _refusal(silent: Mapping[PlaceName, str], file: str) -> str:
    reasons = "\n".join(f"  {name}: {why}" for name, why in silent.items())
    head = "no task can run, because no place of the plan can be reached:"
    doctor = shlex.join(["porch", "doctor", *filter(None, [file]), "--on", ",".join(silent)])
    return f"{head}\n{reasons}\nNothing was started. {doctor} says more."


def _ask(
    knocks: Mapping[PlaceName, Knock],
    silent: dict[PlaceName, str],
    on_slow: Callable[[], None],
    *,
    waits_for_all: bool,
) -> bool:
    """Ask places at once until one answers, or all have been asked; return whether one has.

    `silent` gets why those that failed by then do not. The others are asked on, and no one waits for them.
    """
    answers = SimpleQueue[tuple[PlaceName, str]]()
    for name, knock in knocks.items():

        def ask(name: PlaceName = name, knock: Knock = knock) -> None:
            knock()
            answers.put((name, ""))

        def fail(error: Exception, name: PlaceName = name) -> None:
            answers.put((name, str(error) or repr(error)))

        start_thread(f"asking {name}", ask, fail)
    left, has_answered, slow_at = set(knocks), False, time.monotonic() + PATIENCE_S
    while left and (waits_for_all or not has_answered):
        try:
            name, why = answers.get(timeout=max(0.0, slow_at - time.monotonic()))
        except Empty:
            on_slow()
            slow_at = time.monotonic() + 3600
            continue
        left.discard(name)
        silent.pop(name, None)
        if why:
            silent[name] = why
        has_answered |= not why
    return has_answered


def _knock(spec: PlaceSpec, greeting: m.Greeting, repository: Repository) -> Knock:
    if spec.scheme is Scheme.DASK:
        return lambda: _ask_scheduler(spec)
    if spec.scheme is Scheme.BATCH:
        return lambda: _ask_batch_system(spec)

    def visit() -> None:
        Visit(carrier_of(spec, greeting.repository, repository.own_dir), greeting).close()

    return visit


def _ask_scheduler(spec: PlaceSpec) -> None:
    from porch_tui.places.dask.access import access_to, knock  # imports a part of dask

    knock(access_to(spec.address, os.environ, is_insecure=spec.address.startswith("tcp://")))


def _ask_batch_system(spec: PlaceSpec) -> None:
    from porch_tui.places.dask.batch_look import look_at_batch  # imports a part of dask

    look_at_batch(spec)


def _take_away(specs: list[PlaceSpec], repository: Repository, before: tuple[str, ...]) -> None:
    """Take away what was made in vain."""
    for spec in specs:
        name = box_name(known_id(repository), spec.name)
        if name in made_in(repository.own_dir) and name not in before:
            with suppress(PorchError, OSError):
                take_away(repository.own_dir, name, os.environ)
