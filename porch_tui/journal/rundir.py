"""Where a run keeps its files: the only place that knows their names, and where runs are found.

    <common git dir>/porch/runs/<run>/
      number                 its place in the order in which runs were made: the clock may be set back
      plan.yaml              its plan file, as it was read last: for what is added to the run
      journal.jsonl          the facts, one a line
      engine.lock            held by the one writer, an engine, as long as it lives
      inbox/                 commands that wait to be taken; refused/ keeps the files that are none
      attempts/parser.1/     one try at a task: its log, its end, what it used
      validations/<tree>.1/  the same for a combined state
      judgements/slow.1/     the same for one run of the judge of a hypothesis
      resolutions/auth.json  what a person has decided about a task's conflict
      resolutions/proposals/ what the resolver says to it: auth.json, and auth-<conflict>.1/ with its log
      ignored/               what `porch clean` took out of worktrees before they went, by task
      shelved/               likewise of worktrees that were set aside: to be put back
      messages/              what the hook commit-msg made of landings' messages
      texts/                 what a person copied or saved from the screen
      shown/                 which commit of a task was last shown to a person
      comments/              what a person has written about a task's lines, and not sent yet
      scratch/               may be emptied whenever no engine lives
      configuration.json     the repository's shared configuration, for the next engine to compare
      cleaned.json           at which other machines nothing of it is left
      predictions.json       which conflicts a living engine sees coming
      engine.log             what an engine without a terminal would have printed
      report.md, summary.json  the report, for people and for programs
      traceback.txt          where the engine fell over a bug of porch

No content is read or written here: that is the business of the other files.
"""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.plan import RunId, Sha
from porch_tui.errors import JournalError
from porch_tui.journal import durable
from porch_tui.journal.durable import PRIVATE_FOLDER, sync_folder, write_new

USAGE = "usage.jsonl"
"""In an attempt's folder: what it used, sampled once a second."""
OUTPUT = "output.log"
"""In an attempt's or a validation's folder: what its processes wrote."""
TREE_DIGITS = 12
"""Of a tree's id, in the name of a validation's folder."""
NAME_LENGTH = 40
"""Of a plan's name, at most, in a run's id: it becomes part of refs and paths."""


class _Inside:
    """The path of something in a run's directory, as an attribute of it. It need not exist."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, rundir: RunDir, owner: type[RunDir]) -> Path:
        return rundir.path / self._name


class RunDir(Struct, frozen=True):
    """The directory of one run. It need not exist."""

    path: Path

    number = _Inside("number")
    plan = _Inside("plan.yaml")
    journal = _Inside("journal.jsonl")
    lock = _Inside("engine.lock")
    inbox = _Inside("inbox")
    refused = _Inside("inbox/refused")
    attempts = _Inside("attempts")
    validations = _Inside("validations")
    scratch = _Inside("scratch")
    # made with the first thing that is put into them
    judgements = _Inside("judgements")
    resolutions = _Inside("resolutions")
    messages = _Inside("messages")
    ignored = _Inside("ignored")
    shelved = _Inside("shelved")
    texts = _Inside("texts")
    shown = _Inside("shown")
    comments = _Inside("comments")

    configuration = _Inside("configuration.json")
    cleaned = _Inside("cleaned.json")
    predictions = _Inside("predictions.json")
    engine_log = _Inside("engine.log")
    report = _Inside("report.md")
    summary = _Inside("summary.json")
    traceback = _Inside("traceback.txt")

    @property
    def run(self) -> RunId:
        """The run's id, which is the directory's name."""
        return RunId(self.path.name)

    def attempt(self, attempt_id: str) -> Path:
        """Return the folder of an attempt, such as `parser.2`; it need not exist."""
        return self.attempts / attempt_id

    def validation(self, tree: Sha, number: int) -> Path:
        """Return the folder of the `number`-th validation of a tree; it need not exist."""
        return self.validations / f"{tree[:TREE_DIGITS]}.{number}"

    def judgement(self, hypothesis: str, number: int) -> Path:
        """Return the folder of the `number`-th run of the judge of a hypothesis; it need not exist."""
        return self.judgements / f"{hypothesis}.{number}"

    def resolution(self, task: str) -> Path:
        """Return the record of a task's conflict; it need not exist."""
        return self.resolutions / f"{task}.json"

    def proposal(self, task: str) -> Path:
        """Return what is proposed for a task's conflict; it need not exist."""
        return self.resolutions / "proposals" / f"{task}.json"

    def proposings(self) -> list[Path]:
        """Return the folders of all the times the resolver has been asked and has begun, sorted."""
        return sorted(spec.parent for spec in self.resolutions.glob("proposals/*/spec.json"))

    def proposing(self, task: str, conflict: str, number: int) -> Path:
        """Return the folder of the `number`-th time the resolver is asked about a conflict of the task."""
        return self.resolutions / "proposals" / f"{task}-{conflict[:TREE_DIGITS]}.{number}"


def runs_of(common_dir: Path) -> Path:
    """Return the folder that holds a repository's runs; it need not exist."""
    return common_dir / "porch" / "runs"


def run_id(name: str, now: datetime, taken: Container[str]) -> RunId:
    """Return an id for a new run of the plan `name`: `20261122-081500-refactor-layers`, in UTC.

    Ids sort by time. One that is taken already gets `-2`, `-3` and so on.
    """
    plain = re.sub(r"[^a-z0-9_-]+", "-", name.lower())[:NAME_LENGTH].strip("-") or "run"
    first = f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{plain}"
    if first not in taken:
        return RunId(first)
    return RunId(next(later for n in count(2) if (later := f"{first}-{n}") not in taken))


def create(common_dir: Path, run: RunId) -> RunDir:
    """Make the directory of a new run, its folders empty, readable by its owner alone.

    JournalError if it exists already or cannot be made.
    """
    runs = runs_of(common_dir)
    made = RunDir(runs / run)
    try:
        for folder in (runs.parent, runs):
            folder.mkdir(PRIVATE_FOLDER, exist_ok=True)
        made.path.mkdir(PRIVATE_FOLDER)
        # before the journal, which makes it a run; two begun in one moment may have one number
        number = max((_number(path) for path in runs.iterdir() if path != made.path), default=0) + 1
        write_new(made.number, b"%d\n" % number)
        for folder in (made.inbox, made.refused, made.attempts, made.validations, made.scratch):
            folder.mkdir(PRIVATE_FOLDER)
        for folder in (runs.parent, runs, made.path):
            sync_folder(folder)
    except FileExistsError as error:
        raise JournalError(
            f"cannot begin run {run}: {error.filename} exists already; start porch again"
        ) from error
    except OSError as error:
        raise JournalError(
            f"cannot make the directory of run {run}: {error.filename or runs}: {error.strerror};"
            " mend that and start porch again"
        ) from error
    return made


def sweep(rundir: RunDir) -> None:
    """Delete the temporary files that killed processes left in a run's directory and beside the runs."""
    inside = (
        rundir.path,
        rundir.inbox,
        rundir.resolutions,
        rundir.messages,
        rundir.texts,
        rundir.shown,
        rundir.comments,
    )
    for folder in (*inside, rundir.path.parent.parent):
        durable.sweep(folder)


def all_runs(common_dir: Path) -> list[RunDir]:
    """Return every run of the repository, newest first; none if nothing ever ran.

    They are in order of creation, whatever the clock said. Those of an earlier porch are the oldest.
    """

    def age_order(path: Path) -> tuple[int, str, int]:
        # runs begun within one second differ by number: `…-layers-10` comes after `…-layers-9`
        stem, _, number = path.name.rpartition("-")
        is_numbered = number.isascii() and number.isdigit() and len(number) < 6
        return (_number(path), stem, int(number)) if is_numbered else (_number(path), path.name, 1)

    folders = [path for path in runs_of(common_dir).glob("*") if path.is_dir()]
    return [RunDir(path) for path in sorted(folders, key=age_order, reverse=True)]


def _number(path: Path) -> int:
    try:
        return int(RunDir(path).number.read_bytes())
    except (OSError, ValueError):
        return 0  # made by a porch that did not number runs
