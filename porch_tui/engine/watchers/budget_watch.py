"""Compares what attempts have used with their budgets, with every sample; the core decides what follows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from porch_tui.core.model.state import RunState
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.scheduling.budgets import reached
from porch_tui.executors.executor import Offer


class BudgetWatch:
    """Offers that a budget is used up. For one thread, the one that samples."""

    def __init__(self, offer: Offer, state: Callable[[], RunState]) -> None:
        self._offer = offer
        self._state = state

    def look(self, samples: Mapping[str, Sample]) -> None:
        """Compare the newest samples, by attempt, with what there is to use."""
        state = self._state()
        live = {
            task: usage
            for task, attempt in state.active_attempts.items()
            if (sample := samples.get(str(attempt.id))) and (usage := sample.agent)
        }
        if events := tuple(reached(state, live, time.time())):
            self._offer(*events)
