"""What runs have left on other machines: worktrees that hold nothing which is only there are removed.

What was committed there has come home as refs, and what was uncommitted when an attempt failed too. A host
says what is in each worktree; here it is known what of that is in this repository.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceName, PlaceSpec, Scheme, is_other_machine
from porch_tui.core.model.plan import RunId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import counted, listed
from porch_tui.core.rules.ending import has_ended
from porch_tui.errors import PorchError
from porch_tui.git import refs
from porch_tui.git.refs import RunRefs
from porch_tui.git.repository import Repository
from porch_tui.journal.cleaned import cleaned, remember
from porch_tui.journal.rundir import RunDir
from porch_tui.places.carriers.box import box_name, made_in
from porch_tui.places.dask.batch_cluster import clusters_in
from porch_tui.places.near.by_place import greeting_for, known_id
from porch_tui.places.near.visit import Visit
from porch_tui.places.near.ways import Ways, ways
from porch_tui.places.wire import messages as m

CANNOT = "it has changed since it was looked at, or cannot be removed"


class FarWorktreeFound(Struct, frozen=True):
    """A worktree of a run on another machine."""

    name: str
    kept: str = ""
    """Why it stays; empty: it was removed, or would be."""


class CleanedPlace(Struct, frozen=True):
    """What became of what a run has left at a place."""

    place: PlaceName
    worktrees: tuple[FarWorktreeFound, ...] = ()
    kept: str = ""
    """Why what is there was not looked at, or not all of it."""

    @property
    def stays(self) -> bool:
        """Whether anything of the run may still be there."""
        return bool(self.kept) or any(one.kept for one in self.worktrees)


def clean_places(
    repository: Repository, rundir: RunDir, state: RunState, *, is_dry: bool
) -> tuple[CleanedPlace, ...]:
    """Clean up after a run at every place where it had attempts; with `is_dry` only look.

    A place where nothing was left is not visited again, unless the run has gone on since.
    """
    used = dict.fromkeys(
        attempt.place for known in state.tasks.values() for attempt in known.attempts if attempt.place
    )
    before = {place: at for place, at in cleaned(rundir).items() if at == state.changed_at}
    with ways(known_id(repository), repository.own_dir) as found:
        done = [
            _clean_place(repository, state, place, found, is_dry=is_dry)
            for place in used
            if place not in before
        ]
    if new := {} if is_dry else {one.place: state.changed_at for one in done if not one.stays}:
        remember(rundir, {**before, **new})
    return tuple(done)


def _clean_place(
    repository: Repository, state: RunState, place: PlaceName, found: Ways, *, is_dry: bool
) -> CleanedPlace:
    spec = _spec_of(state, place)
    if _is_job(state, place):
        return CleanedPlace(place)  # all that was in a job went with it
    if spec is None:
        return CleanedPlace(place, kept="it is no place of the plan")
    if state.closed_at is None and not has_ended(state):
        return CleanedPlace(place, kept="the run has not ended")
    if spec.up and spec.down and box_of(repository, spec) not in made_in(repository.own_dir):
        return CleanedPlace(place)  # it was taken away with all that was in it
    there_only = replace(spec, up=())  # what is not there must not be made to be cleaned
    try:
        carrier = found.to(place, there_only)
        visit = Visit(carrier, greeting_for(repository, state.plan))
    except (PorchError, OSError) as error:
        return CleanedPlace(place, kept=f"it cannot be reached: {error}")
    try:
        before = visit.look_over(m.LookOver(state.run))
        reasons = {one: _why_kept(repository, state, one) for one in before.worktrees}
        after = before
        if not is_dry:
            allowed = tuple(one for one, why in reasons.items() if not why)
            after = visit.look_over(m.CleanUp(state.run, allowed))
    except (PorchError, OSError) as error:
        return CleanedPlace(place, kept=str(error))
    finally:
        visit.close()
    left = {one.name: one for one in after.worktrees}
    if not is_dry:
        stayed = {one: left[one.name].trouble or CANNOT for one in reasons if one.name in left}
        reasons = {one: why or stayed.get(one, "") for one, why in reasons.items()}
    worktrees = tuple(FarWorktreeFound(one.name, why) for one, why in reasons.items())
    return CleanedPlace(place, worktrees, _why_elsewhere(state, place, visit.boot))


def _why_elsewhere(state: RunState, place: PlaceName, boot: str) -> str:
    """Return why all that a place was given is not where its name leads to now; empty: it is."""
    tasks = [
        task
        for task, known in state.tasks.items()
        if any(one.place == place and is_other_machine(one.boot, boot) for one in known.attempts)
    ]
    if not tasks:
        return ""
    return (
        f"another machine answers there than the one that ran {listed(tasks)}; what is left on that one stays"
    )


def box_of(repository: Repository, spec: PlaceSpec) -> str:
    """Return what a place that a plan makes is called where it is made."""
    return box_name(known_id(repository), spec.name)


def boxes_in_use(repository: Repository, state: RunState, places: Iterable[CleanedPlace]) -> set[str]:
    """Return which of the places that a plan makes still hold something of a run."""
    left = (_spec_of(state, one.place) for one in places if one.stays)
    return {box_of(repository, spec) for spec in left if spec is not None}


def _spec_of(state: RunState, place: PlaceName) -> PlaceSpec | None:
    """Return the entry of a place, or of the cluster that it is a member of."""
    entry = state.places[place].member_of if place in state.places else place
    return next((spec for spec in state.plan.places if spec.name == entry), None)


def _is_job(state: RunState, place: PlaceName) -> bool:
    known = state.places.get(place)
    entry = known.member_of if known is not None else place.partition("/")[0]
    return any(spec.name == entry and spec.scheme is Scheme.BATCH for spec in state.plan.places)


def end_jobs(repository: Repository, run: RunId, *, is_dry: bool) -> tuple[str, ...]:
    """End what submits the jobs of a run, and them, where it still runs; return of which places.

    With `is_dry` only those are returned. Nothing else is kept of them.
    """
    found = []
    for cluster in clusters_in(repository.own_dir, run):
        if cluster.record().is_alive if is_dry else cluster.down():
            found.append(cluster.folder.name)
    return tuple(found)


def _why_kept(repository: Repository, state: RunState, one: m.LeftWorktree) -> str:
    """Return what of a worktree is only there; empty: nothing."""
    return next(_reasons(repository, state, one), "")


def _reasons(repository: Repository, state: RunState, one: m.LeftWorktree) -> Iterator[str]:
    if one.trouble:
        yield one.trouble
    if not one.commits:
        yield "what is checked out in it is not known"
    if away := [commit for commit in one.commits if not _is_kept(repository, commit)]:
        yield f"{counted(len(away), 'commit')} only there: {listed([commit[:10] for commit in away])}"
    if one.is_dirty and one.tree not in _trees(repository, state):
        yield "what is uncommitted in it is only there"
    if one.ignored:
        yield f"ignored files in it are only there: {listed(one.ignored)}"


def _is_kept(repository: Repository, commit: str) -> bool:
    """Say whether a ref here leads to a commit."""
    if len(commit) not in (40, 64) or not set(commit) <= set("0123456789abcdef"):
        return False
    found = repository.git.run("rev-list", "--max-count=1", commit, "--not", "--all", check=False)
    return found.code == 0 and not found.stdout.strip()


def _trees(repository: Repository, state: RunState) -> set[str]:
    """Return the trees of what attempts of the run left uncommitted and is kept here."""
    kept = refs.below(repository, f"{RunRefs(state.run).prefix}left/")
    return {repository.git.text("rev-parse", f"{oid}^{{tree}}").strip() for oid in kept.values()}
