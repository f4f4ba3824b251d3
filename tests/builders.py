"""Plans, states and records in one line each, so that a test is three lines long.

States are made as porch makes them, by folding events. Their names are imaginary and readable: the base is
`c0`, its tree `t0`, and the candidate of `a` and then `b` on top of it is `c0+a+b` with the tree `t0+a+b`.
There are no tests here, and nothing that touches a disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.merge_queue.train import train
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import (
    CommandLine,
    Hypothesis,
    HypothesisName,
    Kind,
    OpenStdin,
    Plan,
    RunId,
    Sha,
    TaskId,
    TaskSpec,
    Terminal,
    Want,
    from_shell,
)
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus, TaskStatus
from porch_tui.core.rules.evolve import begin, evolve
from porch_tui.core.rules.settle import settle

BASE, BASE_TREE = Sha("c0"), Sha("t0")
OPENED_AT = 1_000_000.0
SETTLES = 10_000
"""More rounds of `settle` than any test needs; a livelock ends here."""


def task(
    name: str,
    *,
    kind: Kind = Kind.CHANGE,
    of: str | None = None,
    after_hypotheses: Iterable[str] = (),
    after: Iterable[str] = (),
    locks: tuple[str, ...] = (),
    paths: tuple[str, ...] = (),
    retries: int = 0,
    needs_review: bool = False,
    priority: int = 0,
    estimate_s: float | None = None,
    cpus: float | None = None,
    memory_bytes: int | None = None,
    terminal: Terminal | None = None,
    open_stdin: OpenStdin | None = None,
) -> TaskSpec:
    """Return a task that runs `true`."""
    return TaskSpec(
        id=TaskId(name),
        title=f"Do {name}",
        command=("true",),
        kind=kind,
        of=None if of is None else HypothesisName(of),
        after=tuple(TaskId(earlier) for earlier in after),
        after_hypotheses=tuple(HypothesisName(name) for name in after_hypotheses),
        locks=locks,
        paths=paths,
        retries=retries,
        needs_review=needs_review,
        priority=priority,
        estimate_s=estimate_s,
        cpus=cpus,
        memory_bytes=memory_bytes,
        terminal=terminal,
        open_stdin=open_stdin,
    )


def plan(*tasks: str | TaskSpec, validate: tuple[CommandLine, ...] = (from_shell("make test"),)) -> Plan:
    """Return a plan of these tasks; a name is a task with default settings."""
    specs = tuple(task(each) if isinstance(each, str) else each for each in tasks)
    return Plan(name="plan", tasks=specs, target="main", validate=validate)


def theory(name: str, of: str = "slow", **settings: Any) -> TaskSpec:
    """Return a theory of a hypothesis."""
    return task(name, kind=Kind.HYPOTHESIS, of=of, **settings)


def hypothesis(name: str = "slow", want: Want = Want.MIN, **settings: Any) -> Hypothesis:
    """Return a hypothesis whose judge is `./judge`."""
    return Hypothesis(HypothesisName(name), f"Why {name}?", ("./judge",), want, **settings)


def asking(*parts: str | TaskSpec | Hypothesis) -> Plan:
    """Return a plan without validation of these tasks and hypotheses."""
    tasks = [part for part in parts if not isinstance(part, Hypothesis)]
    asked = tuple(part for part in parts if isinstance(part, Hypothesis))
    return replace(unvalidated(*tasks), hypotheses=asked)


def unvalidated(*tasks: str | TaskSpec) -> Plan:
    """Return a plan of these tasks without validation."""
    return plan(*tasks, validate=())


def run_opened(
    a_plan: Plan,
    *,
    slots: int = 2,
    validate_jobs: int = 1,
    cores: int = 4,
    memory_bytes: int = 8 << 30,
    soft: Iterable[tuple[str, str]] = (),
    allow_red_base: bool = False,
) -> e.RunOpened:
    """Return the first event of a run. `soft` names pairs: the later task, then the earlier one."""
    return e.RunOpened(
        run=RunId("run-1"),
        plan=a_plan,
        plan_path="porch.yaml",
        root="/repo",
        target="main",
        base=BASE,
        base_tree=BASE_TREE,
        tip=BASE,
        tip_tree=BASE_TREE,
        slots=slots,
        slots_reason="as the test says",
        validate_jobs=validate_jobs,
        cores=cores,
        memory_bytes=memory_bytes,
        estimates=tuple((spec.id, spec.estimate_s) for spec in a_plan.tasks if spec.estimate_s is not None),
        soft_orders=tuple(
            e.SoftOrder(TaskId(later), TaskId(earlier), "same paths") for later, earlier in soft
        ),
        allow_red_base=allow_red_base,
    )


def opened(
    a_plan: Plan | None = None,
    *,
    slots: int = 2,
    validate_jobs: int = 1,
    cores: int = 4,
    memory_bytes: int = 8 << 30,
    soft: Iterable[tuple[str, str]] = (),
    allow_red_base: bool = False,
) -> RunState:
    """Return the state of a run that has just begun; without a plan it has the one task `parser`."""
    event = run_opened(
        a_plan or plan("parser"),
        slots=slots,
        validate_jobs=validate_jobs,
        cores=cores,
        memory_bytes=memory_bytes,
        soft=soft,
        allow_red_base=allow_red_base,
    )
    return begin(record(event))


def record(event: e.AnyEvent, seq: int = 1, at: float = OPENED_AT, cause: str = "test") -> e.Record:
    """Return one line of a journal."""
    return e.Record(seq=seq, at=at, cause=cause, event=event)


def records(*events: e.AnyEvent) -> list[e.Record]:
    """Return a journal of these events, a second apart."""
    return [record(event, seq, OPENED_AT + seq - 1) for seq, event in enumerate(events, start=1)]


def fold(state: RunState, *events: e.AnyEvent) -> RunState:
    """Return the state after these events, a second apart."""
    for event in events:
        state = evolve(state, record(event, at=state.changed_at + 1))
    return state


def settled(state: RunState) -> RunState:
    """Return the state after everything that happens automatically."""
    for _ in range(SETTLES):
        due = settle(state)
        if not due:
            return state
        state = fold(state, *due)
    raise AssertionError("settle comes to no end")


def with_target(state: RunState, **changes: Any) -> RunState:
    """Return the state with another base or tip."""
    return replace(state, target=replace(state.target, **changes))


def with_slots(state: RunState, **changes: Any) -> RunState:
    """Return the state with other slots."""
    return replace(state, slots=replace(state.slots, **changes))


def with_machine(state: RunState, **changes: Any) -> RunState:
    """Return the state on another machine."""
    return replace(state, machine=replace(state.machine, **changes))


def with_validations(state: RunState, **changes: Any) -> RunState:
    """Return the state with other validations known or running."""
    return replace(state, validations=replace(state.validations, **changes))


def attempt(name: str, number: int = 1) -> e.AttemptId:
    """Return an attempt's id."""
    return e.AttemptId(TaskId(name), number)


def scheduled(name: str, number: int = 1, slot: int = 0, base: Sha = BASE) -> e.AttemptScheduled:
    """Return the event that schedules an attempt."""
    return e.AttemptScheduled(attempt(name, number), base, slot)


def failure(kind: e.FailureKind = e.FailureKind.EXIT) -> e.Failure:
    """Return why an attempt failed."""
    return e.Failure(kind, "exit 3", 3)


def start(state: RunState, *names: str) -> RunState:
    """Return the state with one more attempt of each task running."""
    for name in names:
        number = len(state.tasks[TaskId(name)].attempts) + 1
        slot = len(state.active)
        state = fold(state, scheduled(name, number, slot), e.AttemptStarted(attempt(name, number), pid=100))
    return state


def running(name: str, attempt: int = 1) -> RunState:
    """Return a run of one task, whose attempt of that number runs; the earlier ones failed."""
    state = opened(plan(name))
    for number in range(1, attempt):
        state = fold(start(state, name), e.AttemptFailed(e.AttemptId(TaskId(name), number), failure()))
        state = fold(state, e.TaskRetried(TaskId(name), is_automatic=False))
    return start(state, name)


def succeed(state: RunState, *names: str) -> RunState:
    """Return the state after each task was started, if it was not, and succeeded with the head `h:<task>`."""
    for name in names:
        if state.tasks[TaskId(name)].status is TaskStatus.PENDING:
            state = start(state, name)
        latest = attempt(name, len(state.tasks[TaskId(name)].attempts))
        state = fold(state, e.AttemptSucceeded(latest, head=Sha(f"h:{name}")))
    return state


def queue(state: RunState, *names: str) -> RunState:
    """Return the state after each task succeeded and was queued, in this order."""
    for name in names:
        state = fold(succeed(state, name), e.EntryQueued(TaskId(name), Sha(f"h:{name}")))
    return state


def candidate_built(state: RunState, name: str, *, is_idle: bool = False) -> e.CandidateBuilt:
    """Return the next candidate the train needs, which must be this task's."""
    missing = train(state).missing
    assert missing is not None and missing.entry.task == name, f"the train lacks {missing}, not {name}"
    links = train(state).entries
    below = links[-1].tree if links else state.target.tip_tree
    assert below is not None
    return e.CandidateBuilt(
        task=missing.entry.task,
        head=missing.entry.head,
        onto=missing.onto,
        on_top_of=missing.on_top_of,
        candidate=Sha(f"{missing.onto}+{name}"),
        tree=below if is_idle else Sha(f"{below}+{name}"),
    )


def build(state: RunState) -> RunState:
    """Return the state with every candidate the train needs built without a conflict."""
    for _ in in_order(state):
        missing = train(state).missing
        if missing is not None:
            state = fold(state, candidate_built(state, missing.entry.task))
    return state


def board(state: RunState, *names: str) -> RunState:
    """Return the state after each task succeeded, was queued, and has its candidate on the train."""
    return build(queue(state, *names))


def conflict(state: RunState, name: str, partners: tuple[str, ...] = ()) -> RunState:
    """Return the state after the next candidate of the train, this task's, did not merge."""
    built = candidate_built(state, name)
    paths, names = ("src/app.py",), tuple(TaskId(partner) for partner in partners)
    return fold(
        state,
        e.CandidateConflicted(
            built.task, built.head, built.onto, built.on_top_of, paths, names, "both edited it"
        ),
    )


def judge(state: RunState, tree: str, *verdicts: bool, exit_code: int | None = 1) -> RunState:
    """Return the state after the tree was validated once per verdict."""
    sha = Sha(tree)
    for has_passed in verdicts:
        number = state.validations.begun.get(sha, 0) + 1
        if sha not in state.validations.in_flight:
            commit = Sha(tree.replace("t", "c", 1))
            state = fold(state, e.ValidationScheduled(sha, number, commit, _prefix(state, sha)))
        state = ended(state, tree, has_passed, exit_code=exit_code)
    return state


def ended(state: RunState, tree: str, has_passed: bool, *, exit_code: int | None = 1) -> RunState:
    """Return the state after the running validation of the tree ended."""
    flight = state.validations.in_flight[Sha(tree)]
    if has_passed:
        return fold(state, e.ValidationPassed(flight.tree, flight.number))
    return fold(state, e.ValidationFailed(flight.tree, flight.number, f"exit {exit_code}", exit_code))


def _prefix(state: RunState, tree: Sha) -> tuple[TaskId, ...]:
    entries = train(state).entries
    length = next((n for n, entry in enumerate(entries, start=1) if entry.tree == tree), 0)
    return tuple(entry.task for entry in entries[:length])


def landed(state: RunState, name: str) -> e.Landed:
    """Return the landing of this task's candidate, which must be on top of the tip."""
    entry = state.entries[TaskId(name)]
    assert entry.candidate is not None and entry.tree is not None
    return e.Landed(entry.task, entry.head, state.target.tip, entry.candidate, entry.tree)


def land(state: RunState, *names: str) -> RunState:
    """Return the state after these tasks, first to last, landed."""
    for name in names:
        state = fold(state, landed(state, name))
    return state


def judged(state: RunState, *results: float | str | bool) -> RunState:
    """Return the state after the judgements that begin automatically have ended, one after the other.

    A number is what the judge prints, True that it passes, and text why there is nothing of that.
    """
    for result in results:
        state = settled(state)
        name, one = next((name, one) for name, known in state.hypotheses.items() for one in known.in_flight)
        value = result if isinstance(result, float) else None
        why = result if isinstance(result, str) else ""
        state = fold(state, e.JudgementEnded(name, one.number, value, why))
    return settled(state)


def statuses(state: RunState) -> dict[str, EntryStatus]:
    """Return the status of each entry of the queue."""
    return {str(entry.task): entry.status for entry in state.entries.values()}
