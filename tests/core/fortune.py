"""Random plans, and random worlds for them, from one generator."""

from __future__ import annotations

from random import Random

from porch_tui.core.model import events as e
from porch_tui.core.model.budget import Budget
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import HERE, PlaceName, PlaceSpec, Scheme
from porch_tui.core.model.plan import (
    Agent,
    Integrity,
    Kind,
    LandedWorktree,
    OpenStdin,
    Order,
    Plan,
    Resolver,
    Terminal,
    Want,
)
from tests.builders import hypothesis, plan, run_opened, task, unvalidated
from tests.core.fake_places import Climate
from tests.core.fake_world import Habits

CLUSTER = PlaceName("tls://c:8786")
MOST = 12
"""Tasks of a plan, without what lanes need."""

STORM = Habits(
    clash=0.4,
    breakage=0.1,
    bad=0.1,
    failure=0.1,
    flake=0.05,
    fault=0.15,
    lie=0.2,
    block=0.5,
    move=0.01,
    rewrite=0.1,
    twice=0.7,
    late=1.0,
    command=0.4,
)
"""Everything at once: what only happens when three rare things meet happens here."""


def random_opening(rng: Random, is_red: bool = False, most: int = MOST) -> e.RunOpened:
    """Return how a run of a plan of 1 to 12 tasks begins; on a base that fails often with what that takes."""
    names = [f"t{n}" for n in range(rng.randint(1, most))]
    density = rng.choice((0.0, 0.1, 0.3))
    specs = [
        task(
            name,
            kind=Kind.CHECK if rng.random() < 0.15 else Kind.CHANGE,
            after=[earlier for earlier in names[:n] if rng.random() < density],
            locks=("lock",) if rng.random() < 0.2 else (),
            retries=rng.choice((0, 0, 0, 1, 2)),
            needs_review=(n + len(names)) % 6 == 0,
            priority=rng.choice((0, 0, 0, 1, 5)),
            estimate_s=rng.choice((None, 10.0, 300.0)),
            cpus=rng.choice((None, None, 1.0, 3.0, 6.0)),
            memory_bytes=rng.choice((None, None, None, 3, 9)),
        )
        for n, name in enumerate(names)
    ]
    soft = [(later, earlier) for n, later in enumerate(names) for earlier in names[:n] if rng.random() < 0.05]
    a_plan = plan(*specs) if rng.random() < 0.85 else unvalidated(*specs)
    # by name, so that all else comes out as it did before there were such tasks
    visited = [
        replace(spec, terminal=Terminal() if n % 2 else None, open_stdin=None if n % 2 else OpenStdin())
        if (n + len(names)) % 5 == 0
        else spec
        for n, spec in enumerate(a_plan.tasks)
    ]
    a_plan = replace(a_plan, tasks=tuple(visited))
    order = Order.FIFO if len(names) % 3 else Order.FEWEST_CONFLICTS
    if rng.random() < 0.25:
        a_plan = replace(a_plan, integrity=Integrity.EVERY)
    resolver = _resolver(len(names), bool(a_plan.validate), is_red)
    # by name, so that all else comes out as it did before there were such checks
    specs = [
        replace(spec, is_shared=True, group="g", max_fail=2 if len(names) % 2 else None)
        if spec.kind is Kind.CHECK and n % 3 and not spec.is_interactive
        else spec
        for n, spec in enumerate(a_plan.tasks)
    ]
    # enough of them for lanes; of short stories they make long ones, so that few have them
    if len(names) in (1, 4, 9) if most == MOST else len(names) == 4 and density == 0.3:
        more = (f"s{n}" for n in range(12))
        specs += [replace(task(name, kind=Kind.CHECK), is_shared=True, group="s") for name in more]
    a_plan = replace(a_plan, tasks=tuple(specs), setup=(("make",),) if len(names) % 5 == 0 else ())
    thrifty = [
        replace(spec, agent="codex", budget=Budget(tokens=1_000 if n % 2 else None))
        if (n + len(names)) % 3 == 0
        else spec
        for n, spec in enumerate(a_plan.tasks)
    ]
    a_plan = replace(a_plan, tasks=tuple(thrifty), agents=(Agent("codex", ("codex",), "codex"),))
    if len(names) % 4 == 0:
        a_plan = replace(a_plan, budget=Budget(tokens=5_000))
    if len(names) % 4 == 3:
        a_plan = _with_rivals(a_plan)
        theories = {spec.id for spec in a_plan.tasks if spec.of}
        soft = [(later, earlier) for later, earlier in soft if later not in theories]
    opened = run_opened(
        replace(a_plan, order=order, resolver=resolver),
        slots=rng.randint(1, 5),
        validate_jobs=rng.randint(1, 3),
        cores=4,
        memory_bytes=8,
        soft=soft,
        allow_red_base=rng.random() < (0.6 if is_red else 0.1),
    )
    landed = LandedWorktree.REMOVE if len(names) % 4 == 1 else LandedWorktree.KEEP
    return replace(opened, plan=replace(opened.plan, landed=landed), is_slots_auto=len(names) % 2 == 0)


def _with_rivals(a_plan: Plan) -> Plan:
    """Return the plan with its first changes as rivals, and what came after them after their hypothesis."""
    count = len(a_plan.tasks)
    rivals = [spec.id for spec in a_plan.tasks if spec.kind is Kind.CHANGE][:3]
    if not rivals:
        return a_plan
    want = {3: Want.MIN, 7: Want.PASS, 11: Want.MAX}[count]
    lands, repeat = a_plan.integrity is Integrity.TIP, 1 if want is Want.PASS else 2
    asked = hypothesis("q", want, lands=lands, repeat=repeat)
    tasks = []
    for spec in a_plan.tasks:
        if spec.id in rivals:
            tasks.append(replace(spec, kind=Kind.HYPOTHESIS, of=asked.name, after=()))
        else:
            others = tuple(earlier for earlier in spec.after if earlier not in rivals)
            names = (asked.name,) if others != spec.after else ()
            tasks.append(replace(spec, after=others, after_hypotheses=names))
    return replace(a_plan, tasks=tuple(tasks), hypotheses=(asked,))


def _resolver(tasks: int, is_validated: bool, is_red: bool) -> Resolver | None:
    """Return what is asked in a conflict: no resolver, one, or one that is trusted."""
    if is_red:  # where it matters most: what was resolved so is not tolerated as other work is
        return Resolver(("claude",), auto=is_validated)
    return None if tasks % 3 == 0 else Resolver(("claude",), auto=is_validated and tasks % 2 == 0)


def random_habits(rng: Random) -> Habits:
    """Return a world's habits: one in five is kind, one in five a storm; a third never crashes."""

    def maybe(*values: float) -> float:
        return rng.choice((0.0, *values))

    is_kind = rng.random() < 0.2
    crash = 0.0 if rng.random() < 1 / 3 else rng.choice((0.02, 0.1))
    kind = Habits(
        clash=maybe(0.1, 0.3),
        breakage=maybe(0.1, 0.3),
        bad=maybe(0.1, 0.3),
        idle=maybe(0.1, 0.3),
        crash=crash,
        twice=maybe(0.1, 0.5),
        late=maybe(0.5, 1.0),
        has_fixed_dates=rng.random() < 0.8,
    )
    if is_kind:
        return kind
    if rng.random() < 0.25:
        return replace(STORM, crash=crash)
    is_red = rng.random() < 0.15
    return Habits(
        clash=kind.clash or (0.3 if is_red else 0.0),
        breakage=kind.breakage,
        bad=kind.bad,
        failure=maybe(0.1, 0.3),
        idle=kind.idle,
        flake=maybe(0.1),
        fault=maybe(0.03, 0.15),
        lie=maybe(0.03, 0.15),
        block=maybe(0.1, 0.4),
        move=maybe(0.01, 0.05),
        rewrite=maybe(0.0, 0.3),
        twice=kind.twice,
        late=kind.late,
        crash=crash,
        command=maybe(0.03, 0.15, 0.3),
        is_red=is_red,
        has_fixed_dates=kind.has_fixed_dates,
    )


def with_places(opened: e.RunOpened, rng: Random) -> e.RunOpened:
    """Return the run with one to three places, a cluster or the engine's machine perhaps among them."""
    lease_s = rng.choice((10.0, 40.0, 40.0, 200.0))
    names = [PlaceName(f"p{n}") for n in range(rng.randint(1, 3))]
    specs = [PlaceSpec(name, Scheme.SSH, name, lease_s=lease_s) for name in names]
    if rng.random() < 0.3:
        specs.append(PlaceSpec(CLUSTER, Scheme.DASK, CLUSTER, lease_s=lease_s))
    if rng.random() < 0.5:
        specs.append(PlaceSpec(HERE, Scheme.HERE, slots=rng.choice((None, 1, 2))))
    on = tuple(spec.name for spec in specs)
    tasks = tuple(
        replace(
            spec,
            terminal=None,  # what people type into runs on the engine's machine
            open_stdin=None,
            place=(rng.choice(on),) if rng.random() < 0.15 else (),
            needs=("docker",) if rng.random() < 0.15 and spec.of is None else (),
        )
        for spec in opened.plan.tasks
    )
    validate_on = rng.choice((None, on, tuple(names)))
    plan = replace(opened.plan, places=tuple(specs), on=on, tasks=tasks, validate_on=validate_on)
    return replace(opened, plan=plan, tools=("docker",) if rng.random() < 0.5 else ())


def random_climate(rng: Random) -> Climate:
    """Return what befalls the places of a run: in one of five nothing, in one of four all at once."""
    kind = rng.random()
    if kind > 0.95:
        return Climate(reboot=0.2)
    if kind > 0.9:
        return Climate(cut=0.02, reboot=0.02, move=0.2)
    if kind < 0.2:
        return Climate()
    if kind < 0.45:
        return Climate(cut=0.1, reboot=0.02, move=0.1, gone=0.005, full=0.05, change=0.05, impatience=0.02)
    return Climate(
        cut=rng.choice((0.02, 0.1)),
        reboot=rng.choice((0.0, 0.02)),
        gone=rng.choice((0.0, 0.0, 0.01)),
        full=rng.choice((0.0, 0.03)),
        change=rng.choice((0.0, 0.03)),
        impatience=rng.choice((0.0, 0.0, 0.02)),
    )
