"""The files of a task's terminal, as a supervisor writes them."""

from __future__ import annotations

from pathlib import Path


class TerminalFiles:
    """An attempt's directory whose step has, or will have, a terminal."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._log, self._sizes = directory / "output.log", directory / "tty.sizes"

    @property
    def log_bytes(self) -> int:
        return self._log.stat().st_size if self._log.exists() else 0

    def print(self, output: bytes) -> None:
        """Write into the log."""
        with self._log.open("ab") as log:
            log.write(output)

    def size(self, cols: int, rows: int) -> None:
        """Begin the terminal, or give it another size."""
        with self._sizes.open("a") as sizes:
            sizes.write(f"{self.log_bytes} {cols} {rows}\n")

    def end(self) -> None:
        """End the terminal: what is printed from now on is plain text."""
        self.size(0, 0)

    def half_a_size(self, text: str) -> None:
        """Write a line of sizes that has no end yet."""
        with self._sizes.open("a") as sizes:
            sizes.write(text)
