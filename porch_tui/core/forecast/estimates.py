"""How long tasks will take: from earlier runs, else from the plan, else guessed, and then with a range.

A time of the plan says how long, not whether the task computes or waits meanwhile. Earlier runs know both.
Without them a command keeps a core busy, unless `cpus` says otherwise, it sleeps, or its work is done
elsewhere; an agent waits for its model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from math import inf

from msgspec import Struct, field

from porch_tui.core.model.copying import replace
from porch_tui.core.model.forecast import TaskTimes, Work
from porch_tui.core.model.plan import CommandLine, Hypothesis, HypothesisName, Plan, TaskId, TaskSpec
from porch_tui.core.tasks.delegated_work import client_in
from porch_tui.core.tasks.graph import DEFAULT_ESTIMATE_S

AGENT_BUSY = 0.1
"""The share of its time in which an agent computes: it waits for its model, mostly."""
STEP_S = 10.0
"""What setup, checks or a validation is guessed to take, each."""
RANGE = 12.0
"""A guess may be off by this factor, in both directions; if things go well it waits and disturbs no other."""
_SLEEP = re.compile(r"\bsleep\b(?:[\s('\",]+(\d+(?:\.\d+)?)([smh])?)?")
_LOOP = re.compile(r"\b(?:while|until|for)\b")
"""In a command that sleeps, how often is not known."""
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


class EstimateFrom(StrEnum):
    """Where a task's expected time comes from."""

    PLAN = "plan"
    HISTORY = "history"
    DEFAULT = "default"
    """A guess."""


class Guess(Struct, frozen=True):
    """How long a command may take of which nothing is known, in seconds."""

    seconds: float = DEFAULT_ESTIMATE_S
    low_s: float = DEFAULT_ESTIMATE_S / RANGE
    high_s: float = DEFAULT_ESTIMATE_S * RANGE
    reason: str = ""
    """What speaks for that, in a few words."""


class Estimate(Struct, frozen=True):
    """What a task is expected to take, on a machine where nothing else runs."""

    times: TaskTimes
    source: EstimateFrom
    low: TaskTimes | None = None
    """If things go well; None: as `times`, because nothing about it is guessed."""
    high: TaskTimes | None = None
    reason: str = ""
    """Why it is guessed so, if it is."""

    @property
    def seconds(self) -> float:
        """What is most likely: setup, command and checks together."""
        return self.times.alone_s

    @property
    def range_s(self) -> tuple[float, float]:
        """From how many seconds to how many."""
        return (self.low or self.times).alone_s, (self.high or self.times).alone_s


class History(Struct, frozen=True):
    """What earlier runs of a repository took: medians."""

    tasks: Mapping[TaskId, TaskTimes] = field(default_factory=dict)
    """Of each task of the plan that is known from one. Its setup is empty if it had none then."""
    setup: Work | None = None
    validation: Work | None = None
    validation_setup: Work | None = None
    judges: Mapping[HypothesisName, Work] = field(default_factory=dict)
    """What judging once takes, of each hypothesis that is known from one."""
    runs: int = 0
    """How many runs that is from."""


def estimates(
    plan: Plan, history: History, guess: Callable[[TaskSpec], Guess], cores: int
) -> dict[TaskId, Estimate]:
    """Return what each task is expected to take. `guess` is asked about tasks of which nothing is known."""
    fitting = {
        spec.id: replace(spec, cpus=min(spec.cpus, float(cores))) if spec.cpus else spec
        for spec in plan.tasks
    }
    return {task: _estimate(plan, spec, history, guess) for task, spec in fitting.items()}


def _estimate(plan: Plan, spec: TaskSpec, history: History, guess: Callable[[TaskSpec], Guess]) -> Estimate:
    setup = step(plan.setup, plan.estimates.setup_s, history.setup)
    if (known := history.tasks.get(spec.id)) is not None:
        is_set_up = known.setup.alone_s > 0 or not plan.setup
        before = (known.setup,) * 3 if is_set_up else setup
        ranges = [replace(known, setup=one) for one in before]
        return _with_range(ranges, EstimateFrom.HISTORY)
    checks = step(spec.checks, plan.estimates.checks_s)
    most_s = inf if spec.timeout_s is None else spec.timeout_s
    if spec.estimate_s is not None:
        runs = doing(spec, min(spec.estimate_s, most_s))
        ranges = [TaskTimes(one, runs, two) for one, two in zip(setup, checks, strict=True)]
        return _with_range(ranges, EstimateFrom.PLAN)
    found = guess(spec)
    seconds = (found.seconds, found.low_s, found.high_s)
    if spec.agent is None and (sleeps_s := _slept_s((spec.command,))):
        seconds = (sleeps_s, sleeps_s, sleeps_s * RANGE)
    likely, low, high = (min(one, most_s) for one in seconds)
    guessed = doing(spec, likely), Work(wait_s=low), doing(spec, high)
    ranges = [TaskTimes(*steps) for steps in zip(setup, guessed, checks, strict=True)]
    return _with_range(ranges, EstimateFrom.DEFAULT, found.reason)


def _with_range(found: list[TaskTimes], source: EstimateFrom, reason: str = "") -> Estimate:
    times, low, high = found
    if low.alone_s == times.alone_s == high.alone_s:
        return Estimate(times, source, reason=reason)
    return Estimate(times, source, low, high, reason)


def step(
    commands: Iterable[CommandLine], said_s: float | None, known: Work | None = None
) -> tuple[Work, Work, Work]:
    """Return what setup, checks or a validation take: most likely, at least and at most."""
    commands = tuple(commands)
    if not commands:
        return (Work(),) * 3
    if known is not None:
        return (known,) * 3
    waits_s = _slept_s(commands)
    if said_s is not None:
        return (_shared(said_s, waits_s, 1.0),) * 3
    if waits_s:
        return Work(wait_s=waits_s), Work(wait_s=waits_s), _shared(waits_s * RANGE, waits_s, 1.0)
    return Work(STEP_S), Work(STEP_S / RANGE), Work(STEP_S * RANGE)


def judge_step(hypothesis: Hypothesis, known: Work | None) -> tuple[Work, Work, Work]:
    """Return what judging once takes: most likely, at least and at most; never more than its time limit."""
    likely, low, high = step((hypothesis.judge,), hypothesis.estimate_s, known)
    most_s = hypothesis.timeout_s
    likely, low, high = (one.lasting(min(one.alone_s, most_s)) for one in (likely, low, high))
    return likely, low, high


def doing(spec: TaskSpec, seconds: float) -> Work:
    """Return what a task's command does in so many seconds, by what it says of itself."""
    if spec.cpus is not None:
        busy = min(spec.cpus, 1.0)
        return Work(seconds * spec.cpus, seconds * (1 - busy), max(spec.cpus, 1.0))
    if spec.agent is not None:
        return _shared(seconds, 0.0, AGENT_BUSY)
    if client_in(spec.command):
        return Work(wait_s=seconds)
    text = " ".join(spec.command)
    if "sleep" in text and _SLEEP.search(text):
        return _shared(seconds, _slept_s((spec.command,)) or seconds, 1.0)
    return Work(seconds)


def _shared(seconds: float, waits_s: float, busy: float) -> Work:
    """Return what waits for some seconds, and computes for a share of the rest."""
    waits_s = min(seconds, waits_s)
    cpu_s = (seconds - waits_s) * busy
    return Work(cpu_s, seconds - cpu_s)


def _slept_s(commands: Iterable[CommandLine]) -> float:
    """Return for how long commands say that they sleep, as in `sleep 5`; those in a loop do not say."""
    texts = (" ".join(command) for command in commands)
    known = (text for text in texts if "sleep" in text and not _LOOP.search(text))
    found = (match for text in known for match in _SLEEP.finditer(text) if match[1])
    return sum(float(match[1]) * _UNITS[match[2] or ""] for match in found)
