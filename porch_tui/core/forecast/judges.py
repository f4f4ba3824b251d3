"""Judges of hypotheses in simulated time: when they run, and when their hypothesis is decided.

As in `scheduling.judging`: what measures waits until all theories have ended and nothing else runs, and until
it is through nothing else starts; a judge with `want: pass` runs as soon as a theory has ended. Which theory
wins is not known: the first in plan order where they are measured, else the last that is judged, as then
the run takes longest.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from porch_tui.core.forecast.processors import Processors
from porch_tui.core.model.forecast import Costs, Work
from porch_tui.core.model.plan import Hypothesis, HypothesisName, Plan


class Decided(Struct, frozen=True):
    """A hypothesis is decided. Tasks are known by their numbers in the plan."""

    winner: int
    others: tuple[int, ...]
    lands: bool
    """Whether the winner joins the merge queue."""


def judging(hypothesis: Hypothesis, theories: int, work: Work, setup: Work, costs: Costs) -> Work:
    """Return what all judgements of a hypothesis take whose theories were measured in turns."""
    times = (theories + 1) * hypothesis.repeat
    base_s = costs.worktree_s + costs.copy_s
    wait_s = times * (work.wait_s + costs.judgement_s) + setup.wait_s + base_s
    return Work(times * work.cpu_s + setup.cpu_s, wait_s, work.width)


class _Case:
    """One hypothesis."""

    def __init__(self, hypothesis: Hypothesis, work: Work) -> None:
        self.hypothesis, self.work = hypothesis, work
        self.running: set[int] = set()
        """Theories that have not ended."""
        self.ended: list[int] = []
        self.has_begun = self.is_decided = False
        """Whether a theory has started: then its base is known."""
        self.begun = self.judged = 0
        """Of the base and the theories that have ended: how many are judged or were, and how many were."""
        self.done = 0.0
        """How many judgements were done before the simulation, the one under way in part."""

    @property
    def is_over(self) -> bool:
        return self.is_decided or not (self.running or self.ended)

    @property
    def waits_for_quiet(self) -> bool:
        is_measured = self.hypothesis.want.is_measured
        return is_measured and not self.is_decided and not self.running and bool(self.ended)


class Judges:
    """The judges of a plan."""

    def __init__(
        self,
        plan: Plan,
        works: Mapping[HypothesisName, Work],
        cpu: Processors,
        *,
        setup: Work,
        costs: Costs,
        jobs: int,
    ) -> None:
        """`works` is what judging once takes; `setup` is that of a new worktree.

        `jobs` is how many judges run at once that do not measure.
        """
        self._setup, self._costs, self._cpu, self._jobs = setup, costs, cpu, jobs
        self._cases = {one.name: _Case(one, works.get(one.name, Work())) for one in plan.hypotheses}
        self._of: dict[int, _Case] = {}
        for number, spec in enumerate(plan.tasks):
            if spec.of is not None:
                self._of[number] = self._cases[spec.of]
                self._cases[spec.of].running.add(number)
        self._flights = 0

    @property
    def want_quiet(self) -> bool:
        """Whether neither a task nor a validation may start: theories are measured, or are next."""
        return any(case.waits_for_quiet for case in self._cases.values())

    def resume(self, done: Mapping[HypothesisName, float]) -> None:
        """Go on where so many judgements are done."""
        for name, count in done.items():
            self._cases[name].done = count

    def forget(self, number: int) -> None:
        """Leave out a task: it is over, or its hypothesis decided."""
        if number in self._of:
            self._of[number].running.discard(number)

    def note_start(self, number: int) -> None:
        """Note that a task has started."""
        if number in self._of:
            self._of[number].has_begun = True

    def add(self, number: int) -> bool:
        """Note that a task is done; say whether it waits now for being judged."""
        if number not in self._of:
            return False
        case = self._of[number]
        case.running.discard(number)
        case.ended.append(number)
        case.has_begun = True
        return True

    def begin(self, *, is_quiet: bool) -> None:
        """Begin the judges that are due; `is_quiet`: neither a task nor a validation is running."""
        for case in self._cases.values():
            if case.waits_for_quiet:
                if is_quiet and not self._flights:
                    self._measure(case)
                    return
            elif not case.hypothesis.want.is_measured and case.has_begun and not case.is_over:
                while self._flights < self._jobs and case.begun <= len(case.ended):
                    self._judge(case)

    def _measure(self, case: _Case) -> None:
        theories, one = len(case.ended), case.hypothesis
        whole = judging(one, theories, case.work, self._setup, self._costs)
        times = (theories + 1) * one.repeat
        self._start(whole.times(max(0.0, 1 - case.done / times)), one.name)

    def _judge(self, case: _Case) -> None:
        """Let the next be judged as often as the plan says: the base, then the theories as they ended."""
        times = case.hypothesis.repeat
        left = times - min(times, max(0.0, case.done - case.begun * times))
        wait_s = left * (case.work.wait_s + self._costs.judgement_s)
        if not case.begun and left == times:
            wait_s += self._setup.alone_s + self._costs.worktree_s + self._costs.copy_s
        case.begun += 1
        self._start(Work(left * case.work.cpu_s, wait_s, case.work.width), case.hypothesis.name)

    def _start(self, work: Work, name: HypothesisName) -> None:
        self._flights += 1
        self._cpu.begin(work, ("judged", name))

    def absorb(self, name: HypothesisName) -> Decided | None:
        """Take that a judge has ended; return what is decided by it."""
        self._flights -= 1
        case = self._cases[name]
        case.judged += 1
        one = case.hypothesis
        if not one.want.is_measured and (case.running or case.judged <= len(case.ended)):
            return None
        case.is_decided = True
        winner = min(case.ended) if one.want.is_measured else case.ended[-1]
        others = tuple(number for number in case.ended if number != winner)
        return Decided(winner, others, one.lands)
