"""Ends the waits of agents whose accounts may be used again."""

from __future__ import annotations

import time
from collections.abc import Callable

from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.agent_limits import releases
from porch_tui.engine.watchers.watcher import Watcher
from porch_tui.executors.executor import Offer


class AgentWatch(Watcher):
    """Looks at the clock once a second."""

    def __init__(self, offer: Offer, state: Callable[[], RunState]) -> None:
        self._offer = offer
        self._state = state
        super().__init__("agents", period_s=1.0)

    def look(self) -> None:
        """Offer what is over."""
        if events := releases(self._state(), time.time()):
            self._offer(*events)
