"""Reports changes of the git configuration that all worktrees share, and of the person's own.

A task may set core.bare or core.worktree with one careless command, and git then acts on another folder in
the person's checkout too. Nothing is restored here: that is the person's decision, and the report names the
command. Landings wait while the person's checkout would not show what lands.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

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
        began, seen, self._suspects = self._read() or (now, now, {})
        self._began, self._seen = {**now, **began}, {**now, **seen}  # an earlier porch watched fewer files
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
                self._compare()
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
        refused = [one for one in configuration.changes(self._common_dir, self._began, now) if one.is_refused]
        if refused:
            first = refused[0]
            why = f"{first.message}, and git may read the repository differently or refuse it"
            return f"{self._suspected(first.key)}{why}; set it back: {first.undo}"
        return ""

    def _suspected(self, key: str) -> str:
        who = self._suspects.get(key)
        return f"since {who} ran, " if who else ""

    def _compare(self) -> None:
        now = configuration.guarded(self._common_dir)
        found = configuration.changes(self._common_dir, self._seen, now)
        suspects = self._at_work() if found else ()
        for change in found:
            self._suspects[change.key] = listed(suspects)
            tasks = set(self._state().tasks)
            alone = TaskId(suspects[0]) if len(suspects) == 1 and suspects[0] in tasks else None
            self._pass_on(e.Noticed(self._text(change, suspects), alone))
        if found or not self._file.exists():
            self._seen = now
            self._write()

    def _at_work(self) -> tuple[str, ...]:
        """Return the tasks and validations that ran at any time since the last look."""
        state = self._state()
        tasks = (
            str(task)
            for task, known in state.tasks.items()
            if known.is_active or (known.attempts and (known.attempts[-1].ended_at or 0.0) >= self._looked_at)
        )
        running = state.validations.in_flight.values()
        validations = (f"the validation of {listed(one.tasks) or 'the base'}" for one in running)
        return (*tasks, *validations)

    def _text(self, change: SettingChange, suspects: tuple[str, ...]) -> str:
        who = f"while {listed(suspects)} ran" if suspects else "while no task of this run was running"
        if change.now == self._began.get(change.source, {}).get(change.key, ()):
            return f"{change.message} {who}: that is as it was when the run began"
        return f"{change.message} {who}. {_effect(change)}. To put it back: {change.undo}"

    def _read(self) -> tuple[Mapping[str, Settings], Mapping[str, Settings], dict[str, str]] | None:
        try:
            found = json.loads(self._file.read_bytes())
            return _settings(found["began"]), _settings(found["seen"]), dict(found["suspects"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def _write(self) -> None:
        known = {"began": self._began, "seen": self._seen, "suspects": self._suspects}
        durable.replace(self._file, json.dumps(known).encode("utf-8", "surrogatepass"))


def _settings(found: Mapping[str, Mapping[str, list[str]]]) -> dict[str, Settings]:
    return {name: {key: tuple(values) for key, values in keys.items()} for name, keys in found.items()}


def _effect(change: SettingChange) -> str:
    if change.is_refused or change.key in (BARE, WORKTREE):
        return "Nothing lands while git may act on another folder because of it"
    is_shared = change.source in configuration.OF_REPOSITORY
    where = "all worktrees, including yours" if is_shared else "all your repositories"
    if change.key.startswith("user."):
        return f"It is the author of commits in {where}"
    return f"It applies to {where}"
