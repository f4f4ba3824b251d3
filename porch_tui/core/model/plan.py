"""What was asked for: tasks, and the settings they share, as typed values.

A Plan is what `planfile` made of a plan file, with nothing left to look up; it
is written whole into the journal, so that a run never depends on a file that
may change under it. No path in here has been looked at: the core has no disk.
"""

from __future__ import annotations

import re
import shlex
from enum import StrEnum
from typing import NewType

from msgspec import Struct

from porch_tui.core.model.budget import NONE, Budget
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import HERE, PlaceName, PlaceSpec

TaskId = NewType("TaskId", str)
RunId = NewType("RunId", str)
HypothesisName = NewType("HypothesisName", str)
LaneName = NewType("LaneName", str)
"""The attempt at the head of the lane, such as `test-a.1`."""
Sha = NewType("Sha", str)
"""A full hexadecimal object id (40 or 64 characters)."""

CommandLine = tuple[str, ...]
"""An argument vector. What a plan gives as a string is `("/bin/sh", "-c", string)`."""

SHELL = ("/bin/sh", "-c")
BWRAP = "bwrap"
DEFAULT_WORKTREE = "../{repo}-{task}"
DEFAULT_BRANCH = "feature/{task}"


class Kind(StrEnum):
    """What becomes of what a task leaves behind."""

    CHANGE = "change"
    """Its commits are merged."""
    CHECK = "check"
    """It runs in a worktree of its own; nothing is merged."""
    HYPOTHESIS = "hypothesis"
    """One of several answers to a question: it is judged, and at most one of them is merged."""


class Isolation(StrEnum):
    """What keeps a task's git apart from the others'."""

    WORKTREE = "worktree"
    """Files, index and HEAD are its own; stash, configuration, hooks and refs are everybody's."""
    CLONE = "clone"
    """All of that is its own, in a repository of its own; what it commits is fetched from there."""


class Order(StrEnum):
    """In which order entries of one priority are merged."""

    FIFO = "fifo"
    FEWEST_CONFLICTS = "fewest-conflicts"
    """Those first that will conflict with the fewest other entries; equals in order of arrival."""


class Integrity(StrEnum):
    """Which commits of the target must have been validated."""

    TIP = "tip"
    """The one a landing ends with; those between may never have been looked at."""
    EVERY = "every"
    """Each first-parent commit."""


class LandedWorktree(StrEnum):
    """What becomes of the worktree of a task that has landed."""

    KEEP = "keep"
    """It stays until `porch clean`."""
    REMOVE = "remove"
    """It is removed, unless something in it is only there."""


class RetryWith(StrEnum):
    """How a task of an agent is tried again automatically."""

    FRESH = "fresh"
    """A new conversation, in a worktree as it was at the start."""
    RESUME = "resume"
    """The same conversation, where the agent can, in the worktree as it is."""


class Want(StrEnum):
    """Which theory answers a hypothesis."""

    MIN = "min"
    """The one whose number is smallest."""
    MAX = "max"
    PASS = "pass"
    """The first that its judge lets pass."""

    @property
    def is_measured(self) -> bool:
        """Whether judges print numbers, for which the machine should be quiet."""
        return self is not Want.PASS


class Hypothesis(Struct, frozen=True):
    """A question with competing answers, its theories: the tasks that name it in `of`."""

    name: HypothesisName
    question: str
    judge: CommandLine
    """Runs in each theory's worktree when that has succeeded, and on the base."""
    want: Want = Want.PASS
    lands: bool = True
    """The winner joins the merge queue."""
    repeat: int = 1
    """How often each is judged."""
    timeout_s: float = 600.0
    """For one time."""
    margin: float = 0.0
    """Medians that differ by no more than this are a tie."""
    margin_share: float = 0.0
    """The same as a share of the better median."""
    estimate_s: float | None = None
    """What judging once takes; None: the plan does not say."""
    line: int = 0
    """Its line in the plan file, from 1."""


class Wrap(Struct, frozen=True):
    """A fence: a program put before each command of a task, of validations or of the resolver."""

    name: str
    """Its name in the plan; empty for one that is written where it is used."""
    command: CommandLine = ()
    """With `{worktree}`, `{git}` and `{name}` in it still; empty: bwrap, with porch's own options."""
    end: CommandLine = ()
    """Ends what is not a child of the command, and leaves nothing of it; likewise with placeholders."""
    hold: CommandLine = ()
    """Freezes that."""
    release: CommandLine = ()
    """Lets it continue."""
    writable: tuple[str, ...] = ()
    """Of porch's own bwrap: what may be written besides the worktree; may begin with `~/`."""
    network: bool = True
    """Of porch's own bwrap: whether the network is reached from inside."""

    @property
    def is_beyond_reach(self) -> bool:
        """Whether its work is not done by its own processes: then what those use says nothing."""
        return bool(self.end or self.hold or self.release)

    @property
    def programs(self) -> tuple[str, ...]:
        """The programs that must be there."""
        commands = (self.command or (BWRAP,), self.end, self.hold, self.release)
        return tuple(dict.fromkeys(words[0] for words in commands if words))


class Terminal(Struct, frozen=True):
    """The terminal in which a task's command runs, as it is until someone steps in."""

    cols: int = 120
    rows: int = 36
    waits: str = ""
    """A regular expression for a row, or the title, while it waits for a person; empty: there is none."""


class OpenStdin(Struct, frozen=True):
    """The standard input of a task's command, open until a person ends it."""

    waits: str = ""
    """A regular expression for a row while it waits for a person; empty: there is none."""


TIMEOUT_S = 3600.0
"""Of a task that says nothing of it."""


class TaskSpec(Struct, frozen=True):
    """One piece of work with a worktree and a branch of its own."""

    id: TaskId
    title: str
    command: CommandLine
    kind: Kind = Kind.CHANGE
    isolation: Isolation = Isolation.WORKTREE
    agent: str | None = None
    """Name of the agent whose template made `command`; None for a plain command."""
    after: tuple[TaskId, ...] = ()
    """Starts when these have landed."""
    after_hypotheses: tuple[HypothesisName, ...] = ()
    """Starts when the winners of these have landed; of one whose winner does not land, when it is decided."""
    of: HypothesisName | None = None
    """The hypothesis that it answers; None unless its kind is that."""
    locks: tuple[str, ...] = ()
    """Tasks that name one lock never run at the same time."""
    paths: tuple[str, ...] = ()
    """Globs of what it says it will write, relative to the repository's root."""
    checks: tuple[CommandLine, ...] = ()
    timeout_s: float | None = TIMEOUT_S
    """Active time of setup, command and checks together; time paused does not count."""
    silence_s: float | None = None
    """After so long without output and processor time a notice is raised; None: never."""
    retries: int = 0
    prompt: str = ""
    """What its agent is asked, with `{failure}` in it still; empty for a plain command."""
    retry_with: RetryWith = RetryWith.FRESH
    may_change_nothing: bool = False
    """Its agent may end well without a change; a plain command always may."""
    expected_failure: str = ""
    """Why it is expected to fail; empty: it is not."""
    wrap: Wrap | None = None
    """What is put before its setup, command and checks."""
    needs_review: bool = False
    """A person approves its work before it may join the merge queue."""
    priority: int = 0
    estimate_s: float | None = None
    cpus: float | None = None
    memory_bytes: int | None = None
    budget: Budget = NONE
    """Of all its attempts; where it is used up, a person is asked."""
    place: tuple[PlaceName, ...] = ()
    """Where it may run; empty: wherever the plan's tasks do."""
    needs: tuple[str, ...] = ()
    """Tools that the place it runs on must have."""
    has_full_history: bool = False
    """On another machine its worktree has all commits before its base too; else it begins with that one."""
    reverts: Sha | None = None
    """The landing it takes back, where every attempt begins; None for a task of the plan file."""
    line: int = 0
    """Its line in the plan file, from 1; 0 if it was not read from one."""
    group: str = ""
    """The name of the entry of `each` that it is one of; empty: it stands for itself."""
    item: str = ""
    """What it does for the group: an item as it is, or those of a batch as words of a shell."""
    is_shared: bool = False
    """A check that only reads: all of its group run in one worktree."""
    max_fail: int | None = None
    """After so many failures in its group no more of that starts; None: all of it does."""
    terminal: Terminal | None = None
    """In which its command runs, for people to step in; its setup and checks have none."""
    open_stdin: OpenStdin | None = None
    """To which people write while its command runs; None: it ends at once, as that of setup and checks."""

    @property
    def is_interactive(self) -> bool:
        """Whether a person can type into it."""
        return self.terminal is not None or self.open_stdin is not None

    @property
    def own_title(self) -> str:
        """Its title, if it has another one than its id; else empty, where the id stands beside it."""
        return "" if self.title == self.id else self.title

    @property
    def comes_later(self) -> bool:
        """Whether it comes after a task or a hypothesis."""
        return bool(self.after or self.after_hypotheses)


class Interactive(Struct, frozen=True):
    """How an agent program is run in a terminal, where it asks and a person answers."""

    command: CommandLine
    """With `{prompt}` in it still, `{worktree}`, and `{session}` if porch chooses what that is called."""
    resume: CommandLine = ()
    """What continues its `{session}` with another `{prompt}`; empty: nothing can."""


class Agent(Struct, frozen=True):
    """An agent program that tasks of the plan use."""

    name: str
    command: CommandLine
    """With `{prompt}` in it still, and `{worktree}`."""
    preset: str | None = None
    """The preset it was made of, by which its output is read; None: it is not read."""
    resume: CommandLine = ()
    """What continues its `{session}` with another `{prompt}`; empty: nothing can."""
    stdin: CommandLine | None = None
    """The words in the place of the one with `{prompt}` where it reads that from its standard input.

    None: it cannot. That is done with prompts that no argument can be.
    """
    exclude: tuple[str, ...] = ()
    """Patterns of the litter it leaves: files that are not part of its work."""
    env: tuple[tuple[str, str], ...] = ()
    """Variables it is started with, where neither the plan nor the environment has them."""
    env_from: tuple[str, ...] = ()
    """Variables of the environment that it cannot do without."""
    interactive: Interactive | None = None
    """How it is run in a terminal; None: as anywhere, or for a preset, not at all."""
    is_in_terminal: bool = False
    """This is how it is run in a terminal: what it prints is for people."""

    @property
    def has_interactive_form(self) -> bool:
        """Whether it can be run in a terminal; a program of the plan's own is believed to."""
        return self.preset is None or self.interactive is not None

    def in_terminal(self) -> Agent:
        """Return how it is run in a terminal, which is its standard input."""
        form = self.interactive or Interactive(self.command, self.resume)
        return replace(self, command=form.command, resume=form.resume, stdin=None, is_in_terminal=True)


class StepEstimates(Struct, frozen=True):
    """What the steps take that are the same for all tasks, in seconds; None: the plan does not say."""

    setup_s: float | None = None
    checks_s: float | None = None
    """The checks of one task."""
    validate_s: float | None = None
    """One validation."""


class Resolver(Struct, frozen=True):
    """What is asked to propose a resolution when a task is in conflict."""

    command: CommandLine
    """Of an agent, with `{prompt}` in it still."""
    agent: str | None = None
    auto: bool = False
    """What it proposes, if complete, is given to the queue, and lands only if its validation passes."""
    timeout_s: float = 600.0
    wrap: Wrap | None = None

    @property
    def author(self) -> str:
        """The name of the author of proposals: the agent, or the command."""
        return self.agent or shown(self.command)


class Plan(Struct, frozen=True):
    """Tasks for one repository, and how they are run and landed."""

    name: str
    tasks: tuple[TaskSpec, ...]
    hypotheses: tuple[Hypothesis, ...] = ()
    agents: tuple[Agent, ...] = ()
    """Those that tasks or the resolver use."""
    goal: str = ""
    target: str | None = None
    """Local branch the work lands on; None: the branch checked out in the main worktree."""
    base: str | None = None
    """Commit every task starts from; None: the target's tip when the run begins."""
    worktree: str = DEFAULT_WORKTREE
    branch: str = DEFAULT_BRANCH
    setup: tuple[CommandLine, ...] = ()
    copy: tuple[str, ...] = ()
    pool: int = 0
    """How many worktrees `porch clean` keeps warm, for the tasks and validations of later runs."""
    pool_keep: tuple[str, ...] = ()
    """Patterns of what is ignored and stays in them."""
    env: tuple[tuple[str, str], ...] = ()
    slots: int | None = None
    """How many attempts run at once; None adapts to the machine."""
    validate: tuple[CommandLine, ...] = ()
    validate_timeout_s: float = 600.0
    validate_wrap: Wrap | None = None
    """What is put before the commands of a validation, its setup included."""
    validate_keep: tuple[str, ...] = ()
    """Patterns of untracked files that may stay in a worktree from one validation to the next."""
    order: Order = Order.FIFO
    resolver: Resolver | None = None
    predict_ignore: tuple[str, ...] = ()
    """Globs of files everybody touches: conflicts in them are not worth predicting."""
    integrity: Integrity = Integrity.TIP
    squash: bool = False
    """A task lands as one commit on the target, instead of a merge of its branch."""
    budget: Budget = NONE
    """Of all tasks together."""
    estimates: StepEstimates = StepEstimates()
    landed: LandedWorktree = LandedWorktree.KEEP
    runs_hooks: bool = False
    """The hooks that `git merge` would run have their say in every validation."""
    places: tuple[PlaceSpec, ...] = ()
    """All that are named in it or by `--on`, the engine's machine among them if it is; empty: only that."""
    on: tuple[PlaceName, ...] = ()
    """Where tasks run that name no place themselves; empty: on the engine's machine."""
    on_need: CommandLine = ()
    """What calls the person when something needs them; not for a shell."""
    on_end: CommandLine = ()
    """What calls the person when the run has ended; not for a shell."""
    validate_on: tuple[PlaceName, ...] | None = None
    """Where validations run; None: on the engine's machine."""

    @property
    def runs_elsewhere(self) -> bool:
        """Whether any of it may run on another machine than the engine's."""
        return any(spec.name != HERE for spec in self.places)

    @property
    def has_validation(self) -> bool:
        """Whether anything is asked of a combined state before it lands."""
        return bool(self.validate) or self.runs_hooks

    def places_of(self, spec: TaskSpec) -> tuple[PlaceName, ...]:
        """Return the entries of `places` on which a task may run.

        A theory runs on the engine's machine, whatever it says: its judge works in its worktree.
        """
        return (HERE,) if spec.of is not None else spec.place or self.on or (HERE,)

    @property
    def validation_places(self) -> tuple[PlaceName, ...]:
        """The entries of `places` on which validations may run; those behind a fence run here."""
        if self.validate_on is None or self.validate_wrap is not None:
            return (HERE,)
        return self.validate_on

    @property
    def warm_keep(self) -> tuple[str, ...] | None:
        """What stays in a worktree that comes from the pool; None: none does."""
        return self.pool_keep if self.pool else None

    def agent_of(self, spec: TaskSpec) -> Agent | None:
        """Return the agent that does a task, as it is run for that.

        None for a plain command, and in runs that did not record it.
        """
        found = next((agent for agent in self.agents if agent.name == spec.agent), None)
        return found.in_terminal() if found is not None and spec.terminal is not None else found

    def worktree_of(self, task_id: TaskId, repository: str, run: RunId) -> str:
        """Return the task's worktree, relative to the repository's root unless the template is absolute."""
        return self.worktree.format(repo=repository, task=task_id, run=run)

    def branch_of(self, task_id: TaskId, run: RunId) -> str:
        """Return the name of the task's branch, without `refs/heads/`."""
        return self.branch.format(task=task_id, run=run)


_LINE_END = re.compile(r"(\\|[;&|({]|\b(?:do|then|else))?\s*\n\s*")
"""In a shell script, with what makes the next line go on with this one."""


def from_shell(text: str) -> CommandLine:
    """Return the argument vector that has a POSIX shell run `text`."""
    return (*SHELL, text)


def shown(command: CommandLine) -> str:
    """Return the command as a person would type it, on one line."""
    if command[:2] != SHELL or len(command) != 3:
        return " ".join(shlex.join(command).split())
    one_line = _LINE_END.sub(
        lambda end: "; " if end[1] is None else f"{end[1].removesuffix(chr(92))} ", command[2].strip()
    )
    return " ".join(one_line.split())
