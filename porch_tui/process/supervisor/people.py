"""What people type into, of a step that has it: few have, and only for them it is imported.

Stdlib only, and of porch nothing but the files beside it: the shim imports this file from its own folder.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from typing import Any

    from porch_tui.process.supervisor.open_stdin import OpenStdin
    from porch_tui.process.supervisor.terminal import Terminal


def terminal_of(step: dict[str, Any], directory: str, log: int) -> Terminal | None:
    """Return the terminal of a step of the attempt in `directory`; None if it has none. Raises OSError."""
    size = step.get("terminal")
    if not size:
        return None
    if TYPE_CHECKING:
        from porch_tui.process.supervisor import terminal
    else:
        import terminal

    return terminal.Terminal(directory, log, size["cols"], size["rows"])


def stdin_of(step: dict[str, Any], directory: str, log: int) -> OpenStdin | None:
    """Return the standard input to which people write; None if the step has none. Raises OSError."""
    if not step.get("has_open_stdin"):
        return None
    if TYPE_CHECKING:
        from porch_tui.process.supervisor import open_stdin
    else:
        import open_stdin

    return open_stdin.OpenStdin(directory, log)
