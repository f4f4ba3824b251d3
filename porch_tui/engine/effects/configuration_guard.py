"""Reports changes of the git configuration that all worktrees share, and of the person's own.

A task may set core.bare or core.worktree with one careless command, and git then acts on another folder in
the person's checkout too. Nothing is restored here: that is the person's decision, and the report names the
command. Landings wait while the person's checkout would not show what lands.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import msgspec
from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.executors.executor import Offer
from porch_tui.git import configuration
from porch_tui.git.configuration import BARE, WORKTREE, SettingChange, Settings, find_misleading_setting
from porch_tui.git.fingerprints import Stamp, stamp
from porch_tui.git.repository import Repository
from porch_tui.git.working_tree import WorkingTree
from porch_tui.journal import durable
from porch_tui.journal.rundir import RunDir

_ENDS = (
    e.AttemptSucceeded,
    e.AttemptFailed,
    e.AttemptStopped,
    e.ValidationPassed,
    e.ValidationFailed,
    e.ValidationDropped,
    e.ResolutionProposed,
)
"""The ends of what may have changed the configuration."""


class _Known(Struct):
    """What the next engine must know."""

    began: dict[str, Settings]
    """The configuration when the run began, by file."""
    seen: dict[str, Settings]
    """As of the last look."""
    suspects: dict[str, str]
    """What ran when a setting was changed, by its key."""


class ConfigurationGuard:
    """Compares the configuration with the last look. Safe to use from many threads."""

    def __init__(
        self, repository: Repository, rundir: RunDir, offer: Offer, state: Callable[[], RunState]
    ) -> None:
        self._common_dir, self._main = repository.common_dir, repository.main
        self._places = [self._common_dir / name for name in configuration.files()]
        self._file = rundir.configuration
        self._pass_on = offer
        self._state = state
        self._lock = threading.Lock()
        now = configuration.guarded(self._common_dir)
        self._known = _Known(now, now, {})
        with suppress(OSError, ValueError):  # nothing is known yet, or the file is damaged
            known = msgspec.convert(json.loads(self._file.read_bytes()), _Known)
            # an earlier porch watched fewer files
            self._known = _Known(now | known.began, now | known.seen, known.suspects)
        self._stamps: tuple[Stamp, ...] | None = None
        self._looked_at = time.time()

    def offer(self, *events: e.AnyEvent) -> None:
        """Pass events on; configuration changes are reported before the end of what may have made them."""
        if any(isinstance(event, _ENDS) for event in events):
            self.look()
        self._pass_on(*events)

    def look(self) -> None:
        """Report changes since the last look. Costs one `stat` per file if there are none."""
        with self._lock, suppress(OSError):
            began = time.time()
            stamps = tuple(stamp(place, is_followed=True) for place in self._places)
            if stamps != self._stamps:
                now = configuration.guarded(self._common_dir)
                found = configuration.changes(self._common_dir, self._known.seen, now)
                suspects = self._at_work() if found else ()
                is_one_task = len(suspects) == 1 and suspects[0] in self._state().tasks
                for change in found:
                    self._known.suspects[change.key] = listed(suspects)
                    task = TaskId(suspects[0]) if is_one_task else None
                    self._pass_on(e.Noticed(self._text(change, suspects), task))
                if found or not self._file.exists():
                    self._known.seen = now
                    durable.replace(self._file, json.dumps(msgspec.to_builtins(self._known)).encode())
            self._stamps, self._looked_at = stamps, began

    def unsafe(self, worktrees: Iterable[WorkingTree] = ()) -> str:
        """Return why nothing may land now, and what to do; empty if landing is safe.

        `worktrees` are those of the tasks that would land: what a task committed while git acted on another
        folder is not its work.
        """
        self.look()
        for tree in (self._main, *worktrees):
            wrong = find_misleading_setting(tree, self._common_dir)
            if wrong is not None and not tree.is_clone:
                return f"{self._suspected(wrong.key)}{wrong.message(tree.path)}"
        now = configuration.guarded(self._common_dir)
        for change in configuration.changes(self._common_dir, self._known.began, now):
            if change.is_refused:
                why = f"{change.message}, and git may read the repository differently or refuse it"
                return f"{self._suspected(change.key)}{why}; set it back: {change.undo}"
        return ""

    def _suspected(self, key: str) -> str:
        who = self._known.suspects.get(key)
        return f"since {who} ran, " if who else ""

    def _at_work(self) -> tuple[str, ...]:
        """Return the tasks and validations that ran at any time since the last look."""
        state = self._state()
        running = state.validations.in_flight.values()
        validations = (f"the validation of {listed(one.tasks) or 'the base'}" for one in running)
        return (*state.ran_since(self._looked_at), *validations)

    def _text(self, change: SettingChange, suspects: tuple[str, ...]) -> str:
        who = f"while {listed(suspects)} ran" if suspects else "while no task of this run was running"
        if change.now == self._known.began.get(change.source, {}).get(change.key, ()):
            return f"{change.message} {who}: that is as it was when the run began"
        is_shared = change.source in configuration.OF_REPOSITORY
        where = "all worktrees, including yours" if is_shared else "all your repositories"
        if change.is_refused or change.key in (BARE, WORKTREE):
            effect = "Nothing lands while git may act on another folder because of it"
        elif change.key.startswith("user."):
            effect = f"It is the author of commits in {where}"
        else:
            effect = f"It applies to {where}"
        return f"{change.message} {who}. {effect}. To put it back: {change.undo}"
