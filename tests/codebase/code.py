"""Repositories of a few source files, and what is known of them."""

from __future__ import annotations

from pathlib import Path

from porch_tui.codebase.facts import read
from porch_tui.core.files.facts import Facts
from porch_tui.git.discovery import discover
from tests.project import Project


class Code(Project):
    """A repository whose facts are read."""

    def facts(self, commit: str = "HEAD") -> Facts:
        """Return the facts of a commit."""
        return read(discover(self.root), self.git("rev-parse", commit))

    def imports(self, files: dict[str, str]) -> dict[str, list[str]]:
        """Commit files, and return which file of the repository imports which, sorted."""
        self.commit(files)
        return {path: sorted(found) for path, found in self.facts().imports.items()}

    @property
    def kept(self) -> list[Path]:
        """The files in which facts of commits are kept."""
        return sorted((self.root / ".git/porch/codebase").glob("*.facts"))
