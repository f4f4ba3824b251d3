"""What arrives in parts from engines: the objects of a base, and files to copy into worktrees."""

from __future__ import annotations

from pathlib import Path

from porch_tui.errors import PorchError
from porch_tui.git import refs
from porch_tui.git.repository import Repository
from porch_tui.places.host.session import Session
from porch_tui.places.wire import messages as m


class Arrivals:
    """Parts of packs and copies, until they are whole."""

    def __init__(self, folder: Path, repository: Repository) -> None:
        self._folder, self._repository = folder, repository
        folder.mkdir(mode=0o700, exist_ok=True)

    def bases(self) -> tuple[str, ...]:
        """Return the commits that engines may build thin packs on."""
        return tuple(refs.below(self._repository, "refs/porch/base/").values())

    def has_copies(self, digest: str) -> bool:
        """Say whether the files of `copy` with this digest are here."""
        return (self._folder / digest).exists()

    def take(self, session: Session, message: m.Pack | m.Copies) -> bool:
        """Add a part; return whether all is here and in its place now. Raises PorchError or OSError."""
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
                self._index(message, path)
            else:
                path.rename(self._folder / name)
        finally:
            path.unlink(missing_ok=True)
        return True

    def _index(self, message: m.Pack, path: Path) -> None:
        git = self._repository.git
        git.run("index-pack", "--stdin", "--fix-thin", stdin=path.read_bytes())
        if message.is_shallow:
            shallow = self._repository.common_dir / "shallow"
            known = shallow.read_text().split() if shallow.exists() else []
            shallow.write_text("".join(f"{commit}\n" for commit in dict.fromkeys([*known, message.base])))
        refs.keep(self._repository, f"refs/porch/base/{message.base}", message.base)
