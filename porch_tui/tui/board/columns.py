"""How wide the columns of the list are, for the width there is. Pure."""

from __future__ import annotations

from msgspec import Struct

from porch_tui.core.model.agent_report import AgentUsage

CPU_CELLS = 5
MEMORY_CELLS = 6
TOKEN_CELLS = 7
COST_CELLS = 9
"""`<$0.0001` and a blank."""
MARK_CELLS = 3
"""The cursor, the glyph, and whether something was noticed."""
LEAST_STATE_CELLS = 15
"""`landed 3f2a9c1` and a blank."""
LEAST_NAME_CELLS = 6
ROOMY_STATE_CELLS = 28
"""What agents used is shown if it leaves this much for the state, a curve if it leaves twice that."""


class Columns(Struct, frozen=True):
    """The columns of a list."""

    width: int
    longest: int
    """The cells of the longest name."""
    used: AgentUsage | None
    """What agents have used; None where porch does not read that."""

    @property
    def name(self) -> int:
        """The cells of the names: the longest, if that leaves enough for the state."""
        return max(LEAST_NAME_CELLS, min(self.longest + 1, self._beside_marks - LEAST_STATE_CELLS))

    @property
    def after_name(self) -> int:
        """The cells behind the name and a blank, but for the last of the row."""
        return self.width - MARK_CELLS - self.name - 1 - 1

    @property
    def spare(self) -> int:
        """The cells that are left beside the name, and what is used now."""
        return max(0, self._beside_marks - self.name)

    @property
    def has_curves(self) -> bool:
        """Whether there is room for one in each row."""
        return self.spare >= 2 * ROOMY_STATE_CELLS

    @property
    def of_agents(self) -> list[tuple[str, int]]:
        """The titles and cells of what agents used, as far as they say so and there is room."""
        if self.used is None:
            return []
        spare = self.spare - ROOMY_STATE_CELLS
        wanted = [("tokens", TOKEN_CELLS), *([("cost", COST_CELLS)] if self.used.cost_usd else [])]
        return [] if spare < TOKEN_CELLS else wanted if spare >= TOKEN_CELLS + COST_CELLS else wanted[:1]

    @property
    def _beside_marks(self) -> int:
        return self.width - MARK_CELLS - 1 - CPU_CELLS - MEMORY_CELLS - 1
