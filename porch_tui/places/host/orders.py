"""An order as this host keeps it, and the job that it is for the executor here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import WORKTREES
from porch_tui.core.model.plan import Isolation
from porch_tui.core.model.wording import all_of
from porch_tui.executors.attempt import VALIDATE
from porch_tui.executors.checkout import TaskCheckout
from porch_tui.executors.executor import Job
from porch_tui.executors.shared_checkout import SharedCheckout
from porch_tui.executors.validation_checkout import ValidationCheckout
from porch_tui.git.repository import Repository
from porch_tui.places.host.arrivals import copies_of
from porch_tui.places.wire.messages import Ended, Key, Order
from porch_tui.process.supervisor import spool

ORDER = "order.json"
END = "end.json"
"""The message of the end. It stays, so that an engine which asks again gets the same answer."""
BUNDLE = "result.bundle"

Parsed = TypeVar("Parsed", bound=Struct)


class AttemptFolders(Struct, frozen=True):
    """Where a host keeps what belongs to attempts."""

    root: Path

    @property
    def arriving(self) -> Path:
        """Where packs and copies are put together, and copies stay."""
        return self.root / "arriving"

    def of(self, key: Key) -> Path:
        """Return the directory of an attempt."""
        return self.root / "attempts" / key.run / str(key.attempt)

    def worktree(self, order: Order) -> Path:
        """Return the worktree of an attempt."""
        return self.root / WORKTREES / order.key.run / (order.worktree or order.key.task)

    def orders(self) -> list[Order]:
        """Return every order that is kept here, as far as it can be read."""
        found = sorted(self.root.glob(f"attempts/*/*/{ORDER}"))
        return [order for path in found if (order := _read(path, Order)) is not None]

    def keep_order(self, order: Order) -> None:
        """Write the order down, for the next host process. Raises OSError."""
        directory = self.of(order.key)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        spool.put(f"{directory}/{ORDER}", msgspec.to_builtins(order))

    def keep_end(self, end: Ended) -> None:
        """Write down how an attempt ended, even if its directory was deleted. Raises OSError."""
        directory = self.of(end.key)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        spool.put(f"{directory}/{END}", msgspec.to_builtins(end))

    def end_of(self, key: Key) -> Ended | None:
        """Return how an attempt ended; None if it has not."""
        return _read(self.of(key) / END, Ended)


def _read(path: Path, kind: type[Parsed]) -> Parsed | None:
    try:
        return msgspec.convert(spool.read(str(path)), kind)
    except msgspec.ValidationError:
        return None


def job_of(order: Order, folders: AttemptFolders, repository: Repository) -> Job:
    """Return the order as a job for this machine's executor. Raises PorchError."""
    path = folders.worktree(order)
    kind: Callable[..., TaskCheckout] = SharedCheckout if order.is_shared else TaskCheckout
    if order.is_validation:
        kind = partial(ValidationCheckout, setup=order.setup, keep=order.keep)
    checkout = kind(
        repository,
        path=path,
        branch=order.branch,
        base=order.base,
        isolation=Isolation(order.isolation),
        head_ref=order.head_ref,
        leftover_ref=order.leftover_ref,
        clone_refs=order.clone_refs,
        pins=order.pins,
        copy=order.copy,
        copies=copies_of(folders.arriving, order.copies) if order.copies else None,
    )
    return Job(
        run=order.key.run,
        attempt=order.key.attempt,
        spec=replace(order.spec, command=tuple(_here(word, order, path) for word in order.spec.command)),
        slot=order.slot,
        directory=folders.of(order.key),
        checkout=checkout,
        setup=order.setup,
        keep_worktree=order.keep_worktree,
        env=dict(order.env),
        stdin=_here(order.stdin, order, path),
        agent=order.agent,
        collections=order.collections,
        lease_s=order.lease_s,
    )


def unset_variables(order: Order, environ: Mapping[str, str]) -> str:
    """Return which variables its agent needs (`env_from`) and are not set on this machine; empty: none."""
    names = order.agent.env_from if order.agent is not None else ()
    missing = [name for name in names if name not in environ and name not in dict(order.env)]
    if not missing:
        return ""
    are = "is" if len(missing) == 1 else "are"
    return (
        f"{all_of(missing)} {are} not set on its place; export what its agent needs in a file that your login"
        " shell reads there, such as ~/.profile"
    )


def with_worktree(order: Order, taken: Collection[str]) -> Order:
    """Return the order of a validation with a worktree besides those `taken`, and its slot."""
    number = next(number for number in count(1) if f"{VALIDATE}-{number}" not in taken)
    return replace(order, worktree=f"{VALIDATE}-{number}", slot=order.slot + number)


def _here(text: str, order: Order, path: Path) -> str:
    """Return a text with this machine's path of the worktree in place of the engine's."""
    return text.replace(order.worktree_here, str(path)) if order.worktree_here else text
