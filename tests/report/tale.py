"""Small runs as lists of records, second by second; events that the engine adds are added here too."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha1

from porch_tui.core.merge_queue.train import train
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Kind, Plan, RunId, Sha, TaskId, TaskSpec, from_shell
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.evolve import begin, evolve
from porch_tui.core.rules.settle import settle
from porch_tui.present.summary import Summary, summarise
from porch_tui.report.progress import progress_line

OPENED_AT = 1_795_335_300.0
"""2026-11-22T08:15:00Z."""


def oid(name: str) -> Sha:
    """Return an object id that is the same for the same name."""
    return Sha(sha1(name.encode()).hexdigest())


def spec(
    name: str,
    *,
    title: str | None = None,
    kind: Kind = Kind.CHANGE,
    after: Iterable[str] = (),
    locks: tuple[str, ...] = (),
    paths: tuple[str, ...] = (),
    command: str = "true",
    retries: int = 0,
    estimate_s: float | None = None,
) -> TaskSpec:
    """Return a task."""
    return TaskSpec(
        TaskId(name),
        f"Do {name}" if title is None else title,
        from_shell(command),
        kind=kind,
        after=tuple(map(TaskId, after)),
        locks=locks,
        paths=paths,
        retries=retries,
        estimate_s=estimate_s,
    )


def a_plan(*tasks: TaskSpec, name: str = "layers", goal: str = "", is_validated: bool = True) -> Plan:
    """Return a plan of these tasks."""
    validate = (from_shell("make test"),) if is_validated else ()
    return Plan(name=name, goal=goal, tasks=tasks, target="main", validate=validate)


class Tale:
    """A run that is being written."""

    def __init__(self, plan: Plan, *, slots: int = 4, root: str = "/home/ann/src/app") -> None:
        opened = e.RunOpened(
            run=RunId(f"20261122-081500-{plan.name}"),
            plan=plan,
            plan_path="porch.yaml",
            root=root,
            target="main",
            base=oid("base"),
            base_tree=oid("basetree"),
            tip=oid("base"),
            tip_tree=oid("basetree"),
            slots=slots,
            slots_reason="two cores, two tasks a core",
            validate_jobs=2,
            cores=2,
            memory_bytes=4 << 30,
            estimates=tuple((one.id, one.estimate_s) for one in plan.tasks if one.estimate_s is not None),
            verdict="2.1 times faster side by side",
        )
        self.records = [e.Record(1, OPENED_AT, "test", opened)]
        self.state: RunState = begin(self.records[0])
        self.lines: list[str] = []
        self._tell()
        self._settle()

    @property
    def summary(self) -> Summary:
        """The run in figures, as far as it has been written."""
        return summarise(self.state, self.records)

    def at(self, offset_s: float, *events: e.AnyEvent, cause: str = "test") -> Tale:
        """Tell what happened so many seconds after the opening, and what was due then."""
        for event in events:
            self._write(event, OPENED_AT + offset_s, cause)
            self._settle()
        return self

    def start(self, offset_s: float, *names: str) -> Tale:
        """Tell that these tasks' scheduled attempts run."""
        for name in names:
            self.at(offset_s, e.AttemptStarted(self.attempt(name), pid=4200))
        return self

    def succeed(self, offset_s: float, name: str, *, stray: tuple[str, ...] = ()) -> Tale:
        """Tell that the task's attempt ended well."""
        head = oid(f"head {name}")
        return self.at(
            offset_s, e.AttemptSucceeded(self.attempt(name), head, self.used(offset_s, name), stray)
        )

    def fail(self, offset_s: float, name: str, text: str = "exit 3") -> Tale:
        """Tell that the task's attempt failed."""
        failure = e.Failure(e.FailureKind.EXIT, text, 3)
        return self.at(offset_s, e.AttemptFailed(self.attempt(name), failure, self.used(offset_s, name)))

    def build(self, offset_s: float) -> Tale:
        """Tell that every candidate the train lacks was built."""
        while (missing := train(self.state).missing) is not None:
            entry = missing.entry
            line = [*missing.on_top_of, entry.task]
            tree, commit = oid(f"tree {line}"), oid(f"{entry.task} on {missing.onto}")
            self.at(
                offset_s,
                e.CandidateBuilt(entry.task, entry.head, missing.onto, missing.on_top_of, commit, tree),
            )
        return self

    def conflict(self, offset_s: float, partners: Iterable[str], *paths: str) -> Tale:
        """Tell that the candidate the train lacks next did not merge."""
        missing = train(self.state).missing
        assert missing is not None
        entry, names = missing.entry, tuple(map(TaskId, partners))
        event = e.CandidateConflicted(
            entry.task, entry.head, missing.onto, missing.on_top_of, paths, names, "CONFLICT (contents)"
        )
        return self.at(offset_s, event)

    def validated(self, offset_s: float, names: str, *, text: str | None = None) -> Tale:
        """Tell how the validation of these tasks together (`a b`; empty: the base) ended: well, or not."""
        tasks = tuple(map(TaskId, names.split()))
        flight = next(flight for flight in self.state.validations.in_flight.values() if flight.tasks == tasks)
        used = e.Used(wall_s=OPENED_AT + offset_s - flight.scheduled_at, cpu_s=0.5, peak_rss_bytes=40_000_000)
        if text is None:
            return self.at(offset_s, e.ValidationPassed(flight.tree, flight.number, used))
        return self.at(offset_s, e.ValidationFailed(flight.tree, flight.number, text, 1, used))

    def asked(self, offset_s: float, name: str, text: str | None = None) -> Tale:
        """Tell that a person had a task's work validated alone, and how that ended."""
        task, heads = TaskId(name), (oid(f"head {name}"),)
        tree, commit = oid(f"tree of {name} alone"), oid(f"{name} alone")
        built = e.AdHocValidationBuilt(task, (), heads, commit, tree)
        return self.at(offset_s, e.AdHocValidationRequested(task, (), heads), built).validated(
            offset_s, name, text=text
        )

    def land(self, offset_s: float, *names: str) -> Tale:
        """Tell that these tasks landed, in this order."""
        for name in names:
            entry = self.state.entries[TaskId(name)]
            assert entry.candidate is not None and entry.tree is not None
            self.at(
                offset_s,
                e.Landed(entry.task, entry.head, self.state.target.tip, entry.candidate, entry.tree),
            )
        return self

    def attempt(self, name: str) -> e.AttemptId:
        """Return the task's present attempt."""
        attempt = self.state.tasks[TaskId(name)].attempt
        assert attempt is not None
        return attempt.id

    def used(self, offset_s: float, name: str) -> e.Used:
        """Return an amount that fits an attempt that ends now: half a core, 53 MB."""
        attempt = self.state.tasks[TaskId(name)].attempt
        assert attempt is not None
        wall_s = OPENED_AT + offset_s - attempt.scheduled_at
        return e.Used(wall_s=wall_s, cpu_s=wall_s / 2, peak_rss_bytes=53_000_000)

    def _write(self, event: e.AnyEvent, at: float, cause: str) -> None:
        record = e.Record(len(self.records) + 1, at, cause, event)
        self.records.append(record)
        self.state = evolve(self.state, record)
        self._tell()

    def _settle(self) -> None:
        while due := settle(self.state):
            for event in due:
                self._write(event, self.records[-1].at, "settle")

    def _tell(self) -> None:
        line = progress_line(self.state, self.records[-1])
        if line is not None:
            self.lines.append(line)


def five_tasks() -> Tale:
    """Return the run of a clean merge, a conflict, a failure, and what depends on that."""
    plan = a_plan(
        spec("schema", title="Add the sessions table", locks=("database",), paths=("db/**",), estimate_s=60),
        spec("auth", title="Split the session code", after=["schema"], paths=("src/auth/**",)),
        spec("log", paths=("src/log.py",)),
        spec("mul", paths=("app/calc.py",)),
        spec("div", paths=("app/calc.py", "app/registry.py")),
        spec("seed", command="./seed", locks=("database",)),
        spec("docs", after=["seed"]),
        spec("review", kind=Kind.CHECK),
        goal="Refactor auth, logging and database access",
    )
    tale = Tale(plan, slots=8)
    tale.start(0.3, "schema", "log", "mul", "div", "review").validated(0.9, "")
    tale.succeed(2.0, "log").build(2.1).validated(2.9, "log").land(3.1, "log")
    tale.succeed(4.0, "schema").succeed(4.1, "mul").start(4.2, "seed").build(4.3)
    tale.validated(5.0, "schema mul").land(5.2, "schema", "mul").start(5.3, "auth")
    tale.succeed(5.5, "div").conflict(5.6, ["mul"], "app/calc.py")
    tale.fail(6.0, "seed").succeed(6.5, "review")
    tale.succeed(8.0, "auth").build(8.1).validated(8.8, "auth").land(9.0, "auth")
    return tale
