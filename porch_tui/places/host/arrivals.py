"""What arrives in parts from engines: the objects of a base, and files to copy into worktrees.

It is asked for once, however many attempts wait for it, and a window's worth at a time, so that neither side
has more than that in memory.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from porch_tui.core.model.copying import replace
from porch_tui.errors import PorchError
from porch_tui.git.repository import Repository
from porch_tui.git.transfer import copies, packs
from porch_tui.git.transfer.expiry import forget_bases, forget_copies
from porch_tui.places.host.session import Session
from porch_tui.places.wire import messages as m
from porch_tui.process import output


class Arrivals:
    """Parts of packs and copies, until they are whole."""

    def __init__(self, folder: Path, repository: Repository) -> None:
        self._folder, self._repository = folder, repository
        self._here = set[tuple[str, bool]]()
        folder.mkdir(mode=0o700, exist_ok=True)
        for part in folder.glob("*.part"):  # of a host process that was killed
            part.unlink()
        copies.sweep(folder)

    def lacks(self, order: m.Order) -> m.Need | None:
        """Return what to ask an engine for before an attempt can begin; None: all is here."""
        is_full = order.has_full_history
        if (order.base, is_full) not in self._here:
            if not packs.has(self._repository, order.base, is_full=is_full):
                return self._base(order.base, is_full=is_full)
            self._here.add((order.base, is_full))
        if order.copies and not copies.has(self._folder, copies_of(self._folder, order.copies).name):
            return m.Need(copies=order.copies)
        return None

    def ask(self, session: Session, need: m.Need) -> None:
        """Ask an engine, unless it was asked and has not answered yet."""
        if session.needs.setdefault(_name(need), need) is need:
            session.send(need)

    def add(self, session: Session, message: m.Pack | m.Copies) -> m.Need | None:
        """Add a part, and ask for the next ones; once all are there, return what it is for `take`.

        Raises OSError.
        """
        name = message.base if isinstance(message, m.Pack) else message.digest
        need = session.needs.get(name)
        if need is None:
            return None  # not asked for
        if not message.size:
            del session.needs[name]
            return None
        path = self._part(session, name)
        size = output.size(path) if message.at else 0
        if message.at != size:
            return None
        with path.open("ab" if size else "wb") as file:
            file.write(message.data)
        size += len(message.data)
        if size >= message.size:
            return need
        if size - need.at >= m.WINDOW:
            session.needs[name] = need = replace(need, at=size)
            session.send(need)
        return None

    def take(self, session: Session, need: m.Need) -> None:
        """Take over what is whole, or ask for it again if it builds on what is gone by now.

        May take long. Raises PorchError or OSError if it is damaged.
        """
        path, again = self._part(session, _name(need)), None
        try:
            with path.open("rb") as file:
                if need.base:
                    packs.receive(self._repository, need.base, file)
                else:
                    copies.unpack(file, need.copies, copies_of(self._folder, need.copies))
        except packs.LacksBaseError:
            if need.is_again:
                raise
            again = self._base(need.base, is_full=need.is_full, is_again=True)
        finally:
            session.needs.pop(_name(need), None)
            path.unlink(missing_ok=True)
        if again is not None:
            self.ask(session, again)

    def forget(self, orders: Collection[m.Order], *, is_idle: bool) -> None:
        """Delete what none of these attempts needs, and was not used for long. Raises PorchError, OSError."""
        self._here.clear()
        forget_copies(self._folder, {order.copies for order in orders})
        forget_bases(self._repository, {order.base for order in orders}, is_idle=is_idle)

    def give_up(self, session: Session, name: str) -> None:
        """Delete what has come of one pack, or of copies, so that it is asked for when it is needed again."""
        session.needs.pop(name, None)
        with suppress(OSError):
            self._part(session, name).unlink()

    def drop(self, session: Session) -> None:
        """Delete what an engine has begun to send, which is gone."""
        session.needs.clear()
        for part in self._folder.glob(f"*.{id(session):x}.part"):
            part.unlink(missing_ok=True)

    def _part(self, session: Session, name: str) -> Path:
        return self._folder / f"{name}.{id(session):x}.part"

    def _base(self, base: str, *, is_full: bool, is_again: bool = False) -> m.Need:
        tips = packs.tips(self._repository)
        return m.Need(base, tips.bases, tips.histories, is_full, is_again)


def copies_of(folder: Path, digest: str) -> Path:
    """Return where the files of `copy` with this digest are, or will be. Raises PorchError if it is none."""
    if not digest.isalnum():
        raise PorchError(f"{digest[:80]!r} is no digest")
    return folder / digest


def _name(need: m.Need) -> str:
    return need.base or need.copies
