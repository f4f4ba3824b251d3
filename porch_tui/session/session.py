"""A run as a front end sees it: state from the journal, logs and samples from files, commands to the engine.

The same for a screen that started the run, one opened later, and one that shows a finished run. It never
writes the journal.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from porch_tui.core.merge_queue.prediction import Prediction, still_open
from porch_tui.core.merge_queue.verdicts import is_base_red
from porch_tui.core.model.commands import AnyCommand, StopRun
from porch_tui.core.model.events import (
    AttemptId,
    Record,
    RunOpened,
    ValidationFailed,
    ValidationPassed,
    ValidationScheduled,
)
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import ON_TRAIN, EntryStatus
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.rules.evolve import begin, evolve, evolve_all
from porch_tui.errors import JournalError
from porch_tui.journal import inbox, lease, predictions, telemetry
from porch_tui.journal.codec import command_from_bytes
from porch_tui.journal.log import Follower
from porch_tui.journal.rundir import OUTPUT, RunDir
from porch_tui.process.user import user_name

if TYPE_CHECKING:
    from porch_tui.session.readable_log import Transcripts

VERDICTS = ValidationPassed | ValidationFailed
ENGINE_START_S = 5.0
"""No second engine is started within this time: the first may not have taken its lease yet."""


class Session:
    """Follows one run. Not for several threads at once."""

    def __init__(self, rundir: RunDir, start_engine: Callable[[], object] | None = None) -> None:
        """Read the run as it is now; JournalError if it cannot be read or has not begun.

        `start_engine` is called when a command is sent and no engine is running.
        """
        self.rundir = rundir
        self.records: list[Record] = []
        self._last_by_cause: dict[str, Record] = {}
        """The last record that each command, or other cause, has led to."""
        self._follower = Follower(rundir.journal)
        self._start_engine = start_engine
        self._started_at = float("-inf")
        first = self._follower.new_records()
        if not first:
            raise JournalError(
                f"run {rundir.run} has not begun: its journal is empty; start it with porch run"
            )
        self._fold(first)

    @property
    def state(self) -> RunState:
        """The run as of the last `catch_up`."""
        return self._state

    @property
    def person(self) -> str:
        """Who sits at this screen, by the name that they have logged in with."""
        return user_name()

    @property
    def opened(self) -> RunOpened:
        """How the run began: its plan and options, and what was found out about the machine."""
        first = self.records[0].event
        assert isinstance(first, RunOpened)  # `begin` has folded it
        return first

    def catch_up(self) -> list[Record]:
        """Read the records written since the last call, and return them."""
        records = self._follower.new_records()
        if records:  # only an engine writes: the one that was started runs
            self._started_at = float("-inf")
        self._fold(records)
        return records

    def send(self, command: AnyCommand) -> None:
        """Put a command into the engine's inbox; its answer is a record whose cause is the command's id."""
        inbox.drop(self.rundir, command)
        self.start_engine()

    def new_command_id(self) -> str:
        """Return a new id for a command to `send`."""
        return inbox.new_command_id()

    @property
    def can_start_engine(self) -> bool:
        """Whether this session is able to start an engine."""
        return self._start_engine is not None

    @property
    def is_engine_expected(self) -> bool:
        """Whether an engine was started a moment ago, and does not run yet."""
        return time.monotonic() - self._started_at < ENGINE_START_S

    def start_engine(self) -> None:
        """Start an engine on the run, unless one runs, is being started, or this session cannot."""
        if self._start_engine is None or self.is_engine_expected or self.is_engine_alive():
            return
        self._started_at = time.monotonic()
        self._start_engine()

    @property
    def has_waiting_commands(self) -> bool:
        """Whether the inbox has commands that no engine has taken yet."""
        return any(self.rundir.inbox.glob("*.json"))

    @property
    def is_stop_waiting(self) -> bool:
        """Whether a command to stop the run waits for the next engine."""
        return any(isinstance(command, StopRun) for command in self.waiting_commands())

    def anticipated(self) -> RunState:
        """Return the run as it will be when an engine has taken the waiting commands."""
        state = self.state
        waiting = self.waiting_commands()
        if not waiting:
            return state
        from porch_tui.core.rules.decide import decide  # most commands find none that waits

        for command in waiting:
            for event in decide(state, command):
                state = evolve(state, Record(0, state.changed_at, command.id, event))
        return state

    def answer(self, command: AnyCommand) -> Record | None:
        """Return a record the command led to, including a refusal; None until there is one."""
        return self._last_by_cause.get(command.id)

    def is_engine_alive(self) -> bool:
        """Say whether an engine works on the run."""
        is_alive = lease.holder(self.rundir) is not None
        if is_alive:  # should it die soon, the next may be started at once
            self._started_at = float("-inf")
        return is_alive

    def engine_host(self) -> str:
        """Return the machine or container the engine is on; empty if it is this one."""
        holder = lease.holder(self.rundir)
        return holder.host if holder is not None and holder.host != os.uname().nodename else ""

    def log(self, task: TaskId, number: int | None = None) -> Path | None:
        """Return where an attempt's output is (None: the last attempt's); None without an attempt."""
        attempts = self.state.tasks[task].attempts
        if not attempts or (number is not None and not 1 <= number <= len(attempts)):
            return None
        return self.rundir.attempt(f"{task}.{number or len(attempts)}") / OUTPUT

    def transcripts(self, task: TaskId) -> Transcripts | None:
        """Return what makes the output of a task readable; None if it is readable as it is."""
        agent = self.state.plan.agent_of(self.state.specs[task])
        if agent is None:
            return None
        from porch_tui.agents.preset import output_of  # most commands show no log of an agent
        from porch_tui.agents.transcript import Transcript

        output = output_of(agent)
        return partial(Transcript, output, has_colors=True) if output and output.show else None

    def next_log(self, task: TaskId) -> Path:
        """Return where the output of the task's next attempt will be."""
        return self.rundir.attempt(f"{task}.{len(self.state.tasks[task].attempts) + 1}") / OUTPUT

    def validation_log(self, tree: Sha, number: int) -> Path:
        """Return where the output of a validation is."""
        return self.rundir.validation(tree, number) / OUTPUT

    def running_validation(self, task: TaskId) -> tuple[Sha, int] | None:
        """Return tree and number of a running validation that covers the task's work; None without one."""
        covering = (one for one in self.state.validations.in_flight.values() if task in one.tasks)
        return next(((one.tree, one.number) for one in covering), None)

    def deciding_validation(self, task: TaskId) -> tuple[Sha, int] | None:
        """Return tree and number of the validation that decided about the task's work; None without one.

        For a rejected task the one that rejected it; for one that waits because the target itself fails, the
        target's; otherwise the last that covered it.
        """
        entry, state = self.state.entries.get(task), self.state
        if entry is not None and entry.status in ON_TRAIN and is_base_red(state):
            return state.target.tip_tree, state.validations.begun[state.target.tip_tree]
        rejected = entry.tree if entry is not None and entry.status is EntryStatus.REJECTED else None
        if rejected is not None and rejected in state.validations.verdicts:
            return rejected, state.validations.begun[rejected]
        covering = {
            (event.tree, event.number)
            for record in self.records
            if isinstance(event := record.event, ValidationScheduled) and task in event.tasks
        }
        ends = (r.event for r in reversed(self.records) if isinstance(r.event, VERDICTS))
        return next(((one.tree, one.number) for one in ends if (one.tree, one.number) in covering), None)

    def validation_logs(self) -> dict[Sha, str]:
        """Return where the output of each tree's last validation is."""
        numbers = self.state.validations.begun
        return {tree: str(self.validation_log(tree, number)) for tree, number in numbers.items()}

    def sample(self, task: TaskId) -> Sample | None:
        """Return the last sample of the task's last attempt; None without one."""
        attempts = self.state.tasks[task].attempts
        return telemetry.latest(self.rundir.attempt(str(attempts[-1].id))) if attempts else None

    def samples(self, task: TaskId, count: int) -> list[Sample]:
        """Return the last samples of the task's last attempt, at most `count`, oldest first."""
        attempts = self.state.tasks[task].attempts
        return telemetry.tail(self.rundir.attempt(str(attempts[-1].id)), count) if attempts else []

    def history(self, attempt: AttemptId) -> list[Sample]:
        """Return all kept samples of an attempt, oldest first."""
        return telemetry.history(self.rundir.attempt(str(attempt)))

    def predictions(self) -> tuple[Prediction, ...]:
        """Return the last predicted conflicts that are still possible."""
        found = predictions.latest(self.rundir)
        return still_open(self.state, found) if found else ()

    def waiting_commands(self) -> list[AnyCommand]:
        """Return the commands that no engine has answered, oldest first."""
        found = []
        for file in sorted(self.rundir.inbox.glob("*.json")):
            with suppress(OSError, JournalError):  # just taken, or no command: the engine reports that
                found.append(command_from_bytes(file.read_bytes(), str(file)))
        return [command for command in found if command.id not in self._last_by_cause]

    def _fold(self, records: list[Record]) -> None:
        new = records
        if records and records[0].seq == 1:
            # also when the engine had to truncate its journal: what was read before is void
            self._state, self.records, new = begin(records[0]), [], records[1:]
            self._last_by_cause.clear()
        self._state = evolve_all(self._state, new)
        self.records += records
        self._last_by_cause |= {record.cause: record for record in records}
