"""What arrives in parts from engines: the objects of a base, and files to copy into worktrees."""

from __future__ import annotations

from pathlib import Path

from porch_tui.errors import PorchError
from porch_tui.git.repository import Repository
from porch_tui.git.transfer import packs
from porch_tui.places.host.session import Session
from porch_tui.places.wire import messages as m


class Arrivals:
    """Parts of packs and copies, until they are whole."""

    def __init__(self, folder: Path, repository: Repository) -> None:
        self._folder, self._repository = folder, repository
        self._here = set[tuple[str, bool]]()
        folder.mkdir(mode=0o700, exist_ok=True)
        for part in folder.glob("*.part"):  # of a host process that was killed
            part.unlink()

    def has_base(self, base: str, *, is_full: bool) -> bool:
        """Say whether a base is here, with its history if that is asked for."""
        if (base, is_full) not in self._here and packs.has(self._repository, base, is_full=is_full):
            self._here.add((base, is_full))
        return (base, is_full) in self._here

    def need(self, base: str, *, is_full: bool, is_again: bool = False) -> m.Need:
        """Return the request for a base."""
        tips = packs.tips(self._repository)
        return m.Need(base, tips.bases, tips.histories, is_full, is_again)

    def has_copies(self, digest: str) -> bool:
        """Say whether the files of `copy` with this digest are here."""
        return (self._folder / digest).exists()

    def take(self, session: Session, message: m.Pack | m.Copies) -> bool:
        """Add a part; return whether all is here and in its place now.

        Raises PorchError or OSError, `packs.LacksBaseError` if it builds on what is gone by now.
        """
        name = message.base if isinstance(message, m.Pack) else message.digest
        if not name.isalnum():
            raise PorchError(f"{name[:80]!r} is no id")
        path = self._folder / f"{name}.{id(session):x}.part"
        with path.open("r+b" if path.exists() else "w+b") as file:
            file.truncate(message.at)
            file.seek(message.at)
            file.write(message.data)
        if message.at + len(message.data) < message.size:
            return False
        try:
            if isinstance(message, m.Pack):
                with path.open("rb") as file:
                    packs.receive(self._repository, message.base, file)
            else:
                path.rename(self._folder / name)
        finally:
            path.unlink(missing_ok=True)
        return True
