"""Run directories for tests of the screen: real journals, logs and samples, made in a line each.

The world is described by events; what follows from them is added by
`core.settle`, as an engine would. No engine, no git, no clock but the recording's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path

from porch_tui.core.merge_queue.train import train
from porch_tui.core.model import events as e
from porch_tui.core.model.budget import NONE as NO_BUDGET
from porch_tui.core.model.budget import Budget
from porch_tui.core.model.copying import replace
from porch_tui.core.model.forecast import Predicted, PredictedTask, TaskTimes, Work
from porch_tui.core.model.place import PlaceSpec
from porch_tui.core.model.plan import (
    Agent,
    Hypothesis,
    Kind,
    Plan,
    Resolver,
    RunId,
    Sha,
    TaskId,
    TaskSpec,
    from_shell,
)
from porch_tui.core.model.state import RunState
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.rules.evolve import begin, evolve
from porch_tui.core.rules.settle import settle
from porch_tui.journal import rundir, telemetry
from porch_tui.journal.lease import Lease
from porch_tui.journal.log import Journal
from porch_tui.journal.rundir import OUTPUT, RunDir
from porch_tui.session.session import Session

OPENED_AT = 1_795_334_400.0
"""22 November 2026, 08:00:00 UTC."""
RUN = RunId("20261122-080000-refactor-layers")
MEGABYTE = 1_000_000


def sha(name: str) -> Sha:
    """Return an object id that is always the same for a name."""
    return Sha(hashlib.sha1(name.encode()).hexdigest())


def task(
    name: str,
    title: str = "",
    *,
    after: Iterable[str] = (),
    kind: Kind = Kind.CHANGE,
    run: str = "",
    retries: int = 0,
) -> TaskSpec:
    """Return a task of a plan."""
    earlier = tuple(TaskId(one) for one in after)
    return TaskSpec(
        TaskId(name),
        title or name,
        from_shell(run or f"./{name}.sh"),
        kind=kind,
        after=earlier,
        retries=retries,
    )


class Recording:
    """A run directory that grows as the test says."""

    def __init__(
        self,
        folder: Path,
        tasks: Iterable[TaskSpec | str],
        *,
        slots: int = 4,
        validate: bool = True,
        target: str = "main",
        resolver: Resolver | None = None,
        base: Sha | None = None,
        agents: tuple[Agent, ...] = (),
        budget: Budget = NO_BUDGET,
        expected_s: float | None = None,
        hypotheses: tuple[Hypothesis, ...] = (),
        places: tuple[PlaceSpec, ...] = (),
    ) -> None:
        """With `expected_s` each task was expected to wait for so long when the run began."""
        folder.mkdir(parents=True, exist_ok=True)
        self.rundir: RunDir = rundir.create(folder, RUN)
        self.now = OPENED_AT
        self._journal = Journal.create(self.rundir.journal)
        specs = tuple(one if isinstance(one, TaskSpec) else task(one) for one in tasks)
        validation = (from_shell("pytest -q"),) if validate else ()
        plan = Plan(
            "refactor-layers", specs, agents=agents, target=target, validate=validation, resolver=resolver
        )
        on = tuple(spec.name for spec in places)
        plan = replace(plan, budget=budget, hypotheses=hypotheses, places=places, on=on)
        self.state: RunState
        opened = _opened(plan, slots, target, base or sha("base"))
        if expected_s is not None:
            times = TaskTimes(run=Work(wait_s=expected_s))
            expected = tuple(PredictedTask(spec.id, 0.0, expected_s, times) for spec in specs)
            opened = replace(opened, predicted=Predicted("parallel", 0.0, (0.0, 0.0), 0.0, 0.0, expected))
        self._record(opened)
        self._settle()

    def clock(self) -> float:
        """Return the recording's time, for a screen that shows it."""
        return self.now

    def session(self, start_engine: Callable[[], None] | None = None) -> Session:
        """Return what a screen is given."""
        return Session(self.rundir, start_engine)

    def engine(self) -> AbstractContextManager[Lease]:
        """Hold the run's lease, as a living engine does."""
        return Lease.take(self.rundir)

    def wait(self, seconds: float) -> Recording:
        """Let time pass."""
        self.now += seconds
        return self

    def say(self, *events: e.AnyEvent, cause: str = "world") -> Recording:
        """Write events, and what follows from each automatically."""
        for event in events:
            self._record(event, cause)
            self._settle()
        return self

    def start(self, *names: str) -> Recording:
        """Have scheduled attempts run."""
        return self.say(*(e.AttemptStarted(self.attempt(name), pid=4242) for name in names))

    def succeed(self, *names: str, wall_s: float = 41.0) -> Recording:
        """Have running attempts end well; their work stands in the queue."""
        used = e.Used(wall_s, 0.0, wall_s * 0.8, 212 * MEGABYTE)
        return self.say(
            *(e.AttemptSucceeded(self.attempt(name), sha(f"head {name}"), used) for name in names)
        )

    def fail(self, name: str, text: str = "exit 3", kind: e.FailureKind = e.FailureKind.EXIT) -> Recording:
        """Have a running attempt end badly."""
        return self.say(
            e.AttemptFailed(
                self.attempt(name), e.Failure(kind, text, 3), e.Used(12.0, 0.0, 9.5, 96 * MEGABYTE)
            )
        )

    def build(self) -> Recording:
        """Have every candidate built that the train lacks."""
        while (missing := train(self.state).missing) is not None:
            name = "+".join((missing.onto, missing.entry.task))
            entry = missing.entry
            self.say(
                e.CandidateBuilt(
                    entry.task, entry.head, missing.onto, missing.on_top_of, sha(name), sha(f"tree {name}")
                )
            )
        return self

    def conflict(self, name: str, *paths: str, partners: Iterable[str] = ()) -> Recording:
        """Have the candidate that the train lacks, this task's, not merge."""
        missing = train(self.state).missing
        assert missing is not None and missing.entry.task == name
        others = tuple(TaskId(one) for one in partners)
        return self.say(
            e.CandidateConflicted(
                TaskId(name),
                missing.entry.head,
                missing.onto,
                missing.on_top_of,
                paths,
                others,
                "it does not merge",
            )
        )

    def judge(self, *, passes: bool, text: str = "exit 1") -> Recording:
        """End the validation in flight, all that there are."""
        for flight in list(self.state.validations.in_flight.values()):
            if passes:
                self.say(e.ValidationPassed(flight.tree, flight.number))
            else:
                self.say(e.ValidationFailed(flight.tree, flight.number, text, 1))
        return self

    def land(self, *names: str) -> Recording:
        """Land entries with a candidate on the tip."""
        for name in names:
            entry = self.state.entries[TaskId(name)]
            assert entry.candidate is not None and entry.tree is not None
            self.say(e.Landed(entry.task, entry.head, self.state.target.tip, entry.candidate, entry.tree))
        return self

    def through(self, *names: str) -> Recording:
        """Have scheduled tasks run, succeed and land, one after the other."""
        for name in names:
            self.start(name).wait(5).succeed(name).build().wait(3)
            while self.state.validations.in_flight:
                self.judge(passes=True)
            self.land(name)
        return self

    def attempt(self, name: str) -> e.AttemptId:
        """Return the id of a task's present attempt."""
        attempt = self.state.tasks[TaskId(name)].attempt
        assert attempt is not None, f"{name} was not scheduled: {self.state.tasks[TaskId(name)]}"
        return attempt.id

    def log(self, name: str, text: str | bytes, number: int = 0) -> Recording:
        """Add to the output of an attempt; of the current one by default."""
        folder = self.rundir.attempt(f"{name}.{number}" if number else str(self.attempt(name)))
        return self._output(folder, text)

    def validation_log(self, tree: Sha, number: int, text: str) -> Recording:
        """Add to what a validation has put out."""
        return self._output(self.rundir.validation(tree, number), text)

    def usage(self, name: str, cpu_percent: float, megabytes: int, log_bytes: int = 0) -> Recording:
        """Add a sample of what the present attempt uses, and of how long its log is."""
        folder = self.rundir.attempt(str(self.attempt(name)))
        folder.mkdir(parents=True, exist_ok=True)
        telemetry.append(
            folder,
            Sample(
                self.now, cpu_percent, 1.0, megabytes * MEGABYTE, megabytes * MEGABYTE, 3, log_bytes=log_bytes
            ),
        )
        return self

    def _output(self, folder: Path, text: str | bytes) -> Recording:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / OUTPUT).open("ab") as file:
            file.write(text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text)
        return self

    def _record(self, event: e.AnyEvent, cause: str = "settle") -> None:
        for record in self._journal.append([event], cause, now=self.clock):
            self.state = begin(record) if record.seq == 1 else evolve(self.state, record)

    def _settle(self) -> None:
        while due := settle(self.state):
            for event in due:
                self._record(event)


def _opened(plan: Plan, slots: int, target: str, base: Sha) -> e.RunOpened:
    return e.RunOpened(
        run=RUN,
        plan=plan,
        plan_path="porch.yaml",
        root="/repo",
        target=target,
        base=base,
        base_tree=sha("base tree"),
        tip=base,
        tip_tree=sha("base tree"),
        slots=slots,
        slots_reason="as the test says",
        validate_jobs=1,
        cores=8,
        memory_bytes=16_000 * MEGABYTE,
    )


LOG = "".join(
    f"08:{n // 60:02}:{n % 60:02} \x1b[32mINFO\x1b[0m  tests/auth/test_session_{n % 7}.py::test_login_{n}"
    f" \x1b[32mPASSED\x1b[0m\n"
    for n in range(120)
)


def busy(folder: Path) -> Recording:
    """Return a run with a task in every state a person meets, eight minutes old."""
    run = Recording(
        folder,
        [
            task("schema", "Version the database schema"),
            task(
                "auth", "Split the session code", after=["schema"], run="claude -p 'Split the session code'"
            ),
            task("logging", "One structured logger"),
            task("cache", "Cache compiled templates"),
            task("utf8", "Read every file as UTF-8"),
            task("api", "Version the HTTP API"),
            task("search", "Index the documents"),
            task("docs", "Rewrite the user guide", after=["api"]),
            task("lint", "Ruff and mypy over everything", kind=Kind.CHECK, run="ruff check . && mypy src"),
            task("release", "Draft the release notes", after=["docs", "cache"]),
        ],
        slots=9,
    )
    run.judge(passes=True)
    run.wait(4).start("schema", "logging", "cache", "utf8", "api", "search", "lint")
    run.log("utf8", "reading 412 files\n\x1b[31mUnicodeDecodeError\x1b[0m: src/legacy/latin.py, byte 0xe9\n")
    run.wait(38).succeed("lint").wait(9).fail("utf8").wait(20).succeed("schema", wall_s=67).build().wait(31)
    run.judge(passes=True).land("schema").wait(30).start("auth").wait(12)
    run.succeed("logging").conflict("logging", "src/app.py", "src/log/handlers.py", partners=["schema"])
    run.wait(95).succeed("api").build().wait(40).judge(
        passes=False, text="exit 1: 2 failed, 310 passed"
    ).wait(20)
    run.judge(passes=False, text="exit 1: 2 failed, 310 passed").wait(70).succeed("search").build().wait(41)
    run.log("auth", LOG)
    return run.usage("auth", 97.4, 431).usage("cache", 38.2, 53)
