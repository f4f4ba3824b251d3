"""Which of the files that a log names are there: asked in a thread, some at a time, and remembered."""

from __future__ import annotations

from pathlib import Path

from porch_tui.session.worktree_files import file_in
from porch_tui.tui.log.links import FileLink, Link
from porch_tui.tui.log.search import Background

MOST_ASKED = 64
"""At once."""
MOST_KNOWN = 10_000


class NamedFiles:
    """The files of one worktree, as far as they were named."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self._worktree: Path | None = None
        self._known: dict[str, bool] = {}
        self._wanted: dict[str, None] = {}
        self._answers: list[tuple[Path, dict[str, bool]]] = []
        """What a thread has found out, and `look` has not taken."""
        self._is_asking = False

    def begin(self, worktree: Path | None) -> None:
        """Know nothing, and ask about this worktree from now on; None: there is none to ask about."""
        self._worktree = worktree
        self._known.clear()
        self._wanted.clear()

    @property
    def is_asked(self) -> bool:
        """Whether there is anything that a log may point at."""
        return self._worktree is not None

    def has(self, link: Link) -> bool:
        """Return whether a link leads somewhere, as far as that is known; what is not is asked for."""
        if not isinstance(link, FileLink):
            return True
        if (known := self._known.get(link.path)) is None and len(self._wanted) < MOST_KNOWN:
            self._wanted[link.path] = None
        return bool(known)

    def look(self) -> frozenset[str]:
        """Ask for what is wanted, and return which files were found since the last look."""
        found: set[str] = set()
        while self._answers:
            worktree, answers = self._answers.pop()
            self._is_asking = False
            if worktree == self._worktree:
                self._known.update(answers)
                found.update(name for name, is_there in answers.items() if is_there)
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        if self._wanted and not self._is_asking and self._worktree is not None:
            self._ask(self._worktree, tuple(self._wanted)[-MOST_ASKED:])
        return frozenset(found)

    def _ask(self, worktree: Path, names: tuple[str, ...]) -> None:
        def find() -> None:
            self._answers.append((worktree, {name: bool(file_in(worktree, name)) for name in names}))

        if self._background(find):
            self._is_asking = True
            for name in names:
                del self._wanted[name]
