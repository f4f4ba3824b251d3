"""The keys of a plan file: their types, limits and one sentence each.

With `task_keys`, `each_keys`, `budget_keys` and `value_types` the single source of what may be written:
`type_check` checks against these types, `reference` describes them to people and editors. What a type cannot
say (names that must exist, cycles, templates) is in `to_plan`.

Notes in `Meta.extra` are for `type_check`: `expected` says in words what belongs there, and `as_written`
marks what is kept as its text.
"""

# no `from __future__ import annotations`: msgspec would evaluate their texts at each start, which takes 5 ms
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from porch_tui.core.model.plan import DEFAULT_BRANCH, DEFAULT_WORKTREE
from porch_tui.planfile.keys.budget_keys import Budget
from porch_tui.planfile.keys.each_keys import EachEntry
from porch_tui.planfile.keys.hypothesis_keys import HypothesisEntry
from porch_tui.planfile.keys.place_keys import PlaceEntry
from porch_tui.planfile.keys.task_keys import TaskEntry
from porch_tui.planfile.keys.value_types import (
    Argv,
    Command,
    Commands,
    EntryName,
    EnvName,
    EnvValue,
    Id,
    Line,
    Name,
    ShellText,
    TerminalSize,
    Text,
    Time,
    Where,
    Wrap,
)

MAX_TASKS = 10_000
MOST_HYPOTHESES = 100


class StepEstimates(Struct, forbid_unknown_fields=True, kw_only=True):
    """How long steps take that are not a task's own command; earlier runs know better."""

    setup: Annotated[Time | UnsetType, Meta(description="The setup of one worktree.")] = UNSET
    checks: Annotated[Time | UnsetType, Meta(description="The checks of one task.")] = UNSET
    validate: Annotated[Time | UnsetType, Meta(description="One validation.")] = UNSET


class WrapEntry(Struct, forbid_unknown_fields=True, kw_only=True):
    """A fence: what is put before commands so that they can change nothing outside. `run`, or `preset`."""

    run: Annotated[
        Argv | UnsetType,
        Meta(
            description="A list of words, the program first; the command follows them. May use {worktree},"
            " {git} (what all worktrees share of the repository) and {name} (another one for each attempt)."
        ),
    ] = UNSET
    preset: Annotated[
        Literal["bwrap"] | UnsetType,
        Meta(
            description="Instead of `run`: bwrap with the options of porch, which only the worktree passes.",
            extra={"expected": "bwrap, the one wrap that porch knows"},
        ),
    ] = UNSET
    writable: Annotated[
        list[Line],
        Meta(description="With `preset`: folders and files that may be written too, such as ~/.codex."),
    ] = []
    network: Annotated[
        bool,
        Meta(
            description="With `preset`: false leaves only the loopback of its own.",
            extra={"expected": "true or false"},
        ),
    ] = True
    end: Annotated[
        Argv | UnsetType,
        Meta(
            description="With `run`: ends work that is not its child (docker, podman), and leaves nothing of"
            " it; exits with 0 also when nothing is left."
        ),
    ] = UNSET
    hold: Annotated[Argv | UnsetType, Meta(description="With `end`: freezes that work.")] = UNSET
    release: Annotated[Argv | UnsetType, Meta(description="With `hold`: lets it continue.")] = UNSET


class AgentEntry(Struct, forbid_unknown_fields=True, kw_only=True):
    """An agent program that porch knows: how it is started, and what its output means."""

    preset: Annotated[Line, Meta(description="Its name, as `porch help agents` lists them.")]
    model: Annotated[Line | UnsetType, Meta(description="The model it uses; default: its own choice.")] = (
        UNSET
    )
    args: Annotated[list[Text], Meta(description="More words of its command, before the prompt.")] = []
    command: Annotated[
        Argv | UnsetType,
        Meta(description="Another command with {prompt} in it, for a program in an unusual place."),
    ] = UNSET
    resume: Annotated[
        Argv | UnsetType,
        Meta(description="What continues its {session} with another {prompt}, if `command` is another."),
    ] = UNSET
    env_from: Annotated[
        list[EnvName], Meta(description="Environment variables that must be set when the run begins.")
    ] = []
    exclude: Annotated[
        list[Line] | UnsetType,
        Meta(description="Patterns of files that it leaves, and that are no work; instead of its preset's."),
    ] = UNSET
    silence: Annotated[
        Time | UnsetType,
        Meta(
            description="How long its tasks may be silent before you are notified; instead of its preset's."
        ),
    ] = UNSET
    tty: Annotated[
        bool,
        Meta(
            description="true: its tasks run in a terminal of their own, unless they say `tty: false`.",
            extra={"expected": "true or false"},
        ),
    ] = False
    stdin_open: Annotated[
        bool,
        Meta(
            description="true: the standard input of its tasks stays open, unless they say otherwise.",
            extra={"expected": "true or false"},
        ),
    ] = False
    size: Annotated[
        TerminalSize | UnsetType,
        Meta(description="With `tty: true`: columns and rows of that until you step in."),
    ] = UNSET
    waits: Annotated[
        Line | UnsetType,
        Meta(description="With `tty: true` or `stdin_open: true`: what it shows while it waits for you."),
    ] = UNSET


class ResolverEntry(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is asked for a resolution when a task is in conflict: `run`, or `agent`."""

    run: Annotated[
        Command | UnsetType,
        Meta(description="Its command; it edits the conflicted files where it is started."),
    ] = UNSET
    agent: Annotated[
        Line | UnsetType,
        Meta(description="Instead of `run`: an entry of `agents`, which gets instructions as its prompt."),
    ] = UNSET
    auto: Annotated[
        bool,
        Meta(
            description="true: a complete proposal lands automatically if its validation passes.",
            extra={"expected": "true or false"},
        ),
    ] = False
    timeout: Annotated[Time, Meta(description="How long it may take for one conflict.")] = "10m"
    wrap: Annotated[Wrap | UnsetType, Meta(description="A fence, put before its command, as for a task.")] = (
        UNSET
    )


Agent = Annotated[
    Argv | AgentEntry,
    Meta(
        extra={
            "expected": "a preset, such as {preset: codex}, or a command of your own as a list of words,"
            ' such as [my-agent, "{prompt}"]'
        }
    ),
]


NamedPlace = Annotated[
    ShellText | PlaceEntry,
    Meta(extra={"expected": "a place (ssh:HOST, tls://HOST:PORT, slurm), or a mapping with 'at' or 'run'"}),
]


class PlanDocument(Struct, forbid_unknown_fields=True, kw_only=True):
    """A plan for porch: tasks for one git repository, and how they are run and landed."""

    name: Annotated[Name | UnsetType, Meta(description="The plan's name; default: the file's stem.")] = UNSET
    goal: Annotated[str, Meta(description="Free text, quoted in the report.")] = ""
    target: Annotated[
        Line | UnsetType,
        Meta(
            description="Local branch the work lands on; default: the one checked out in the main worktree."
        ),
    ] = UNSET
    base: Annotated[
        Annotated[
            str,
            Meta(
                pattern=r"^[^\s\x00-\x1f\x7f-]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$",
                extra={"expected": "a commit, such as main or v1.2"},
            ),
        ]
        | UnsetType,
        Meta(description="Commit every task starts from; default: the target's tip when the run begins."),
    ] = UNSET
    worktree: Annotated[
        Line, Meta(description="Folder of each task's worktree; may use {repo}, {task} and {run}.")
    ] = DEFAULT_WORKTREE
    branch: Annotated[Line, Meta(description="Branch of each task; may use {task} and {run}.")] = (
        DEFAULT_BRANCH
    )
    setup: Annotated[
        Commands | UnsetType, Meta(description="Runs once in each new worktree, before the task.")
    ] = UNSET
    copy: Annotated[
        list[Line], Meta(description="Ignored files a worktree needs, relative to the repository's root.")
    ] = []
    pool: Annotated[
        int,
        Meta(
            ge=0,
            le=MAX_TASKS,
            description="How many worktrees `porch clean` keeps warm beside the repository, for later runs.",
            extra={"expected": "a whole number from 0"},
        ),
    ] = 0
    pool_keep: Annotated[
        list[Line],
        Meta(
            description="Patterns, as of gitignore, of ignored files that stay in them (node_modules, .venv)."
        ),
    ] = []
    env: Annotated[
        dict[EnvName, EnvValue], Meta(description="Environment variables of every task's processes.")
    ] = {}
    slots: Annotated[
        Literal["auto"] | Annotated[int, Meta(ge=1)],
        Meta(
            description="How many attempts run at once; auto adapts to cores, memory and load.",
            extra={"expected": "auto, or a whole number from 1"},
        ),
    ] = "auto"
    validate: Annotated[
        Commands | UnsetType, Meta(description="What must pass on the combined state before anything lands.")
    ] = UNSET
    validate_timeout: Annotated[Time, Meta(description="How long one validation may take.")] = "10m"
    validate_wrap: Annotated[
        Wrap | UnsetType,
        Meta(description="A fence, put before the commands of validations and their setup, as for a task."),
    ] = UNSET
    validate_keep: Annotated[
        list[Line],
        Meta(
            description="Patterns, like those of pool_keep, of untracked files that stay from one validation "
            "to the next: caches that cannot make a broken state pass."
        ),
    ] = []
    integrity: Annotated[
        Literal["tip", "every"],
        Meta(
            description="tip: the landed tip is validated; every: each merge commit that leads to it.",
            extra={"expected": "tip or every"},
        ),
    ] = "tip"
    landed: Annotated[
        Literal["keep", "remove"],
        Meta(
            description="What becomes of the worktree of what has landed: keep: it stays until `porch clean`;"
            " remove: it goes to the pool, or is deleted, unless something in it is only there.",
            extra={"expected": "keep or remove"},
        ),
    ] = "keep"
    hooks: Annotated[
        Literal["skip", "run"],
        Meta(
            description="run: pre-merge-commit and commit-msg must let what lands pass, as part of its"
            " validation; skip: they are not run.",
            extra={"expected": "skip or run"},
        ),
    ] = "skip"
    history: Annotated[
        Literal["merge", "squash"],
        Meta(
            description="merge: a task lands as a merge of its branch; squash: as one commit.",
            extra={
                "expected": "merge or squash (full and none are for `history` of a task, or in `defaults`)"
            },
        ),
    ] = "merge"
    order: Annotated[
        Literal["fifo", "fewest-conflicts"],
        Meta(
            description="In which order what is ready lands: as it came, or what will conflict least first."
        ),
    ] = "fifo"
    resolver: Annotated[
        ResolverEntry | UnsetType, Meta(description="What proposes a resolution when a task is in conflict.")
    ] = UNSET
    predict_ignore: Annotated[
        list[Line], Meta(description="Globs of files everybody touches; conflicts in them are not predicted.")
    ] = []
    budget: Annotated[
        Budget | UnsetType,
        Meta(description="How much all tasks together may use; then they are paused and you are asked."),
    ] = UNSET
    on_need: Annotated[
        Argv | UnsetType,
        Meta(
            description="Run on this machine when something needs you: a list of words, not for a shell; it"
            " gets the facts as JSON (`porch help notifications`)."
        ),
    ] = UNSET
    on_end: Annotated[
        Argv | UnsetType,
        Meta(description="Run like `on_need` when the run has ended, with what came of it."),
    ] = UNSET
    estimates: Annotated[
        StepEstimates | UnsetType,
        Meta(description="How long setup, checks and one validation take, for the forecast."),
    ] = UNSET
    place: Annotated[
        Where,
        Meta(
            description="Where tasks run: threads (this machine), ssh:HOST, a cluster or an entry of"
            " `places`; of a list wherever a slot is free (`porch help places`)."
        ),
    ] = "threads"
    places: Annotated[
        dict[EntryName, NamedPlace],
        Meta(
            description="Places by name, for `place`, `validate_on` and --on: ssh:HOST or another place as it"
            " is written there, or its `at` or `run` with more about it."
        ),
    ] = {}
    validate_on: Annotated[
        Where,
        Meta(
            description="Where validations run: here (this machine), places, or any: here and on all places"
            " that are used. With hooks, a fence or submodules all run here.",
            extra={"expected": "any, here, a place or a list of places"},
        ),
    ] = "any"
    defaults: Annotated[
        TaskEntry | UnsetType, Meta(description="Any task key, for all tasks that do not give it themselves.")
    ] = UNSET
    agents: Annotated[
        dict[Line, Agent],
        Meta(
            description="Agents by name: {preset: NAME}, or a command in which {prompt} is one argument."
            " A task may also name a preset itself."
        ),
    ] = {}
    wraps: Annotated[
        dict[Line, Argv | WrapEntry],
        Meta(description="Fences by name, for `wrap` and `validate_wrap`; see `porch help fences`."),
    ] = {}
    tasks: Annotated[
        dict[Id, TaskEntry],
        Meta(min_length=1, max_length=MAX_TASKS, description="The tasks by id; not needed with `each`."),
    ] = {}
    hypotheses: Annotated[
        Annotated[dict[Id, HypothesisEntry], Meta(max_length=MOST_HYPOTHESES)] | UnsetType,
        Meta(description="Questions by name, each with competing answers (`porch help hypotheses`)."),
    ] = UNSET
    each: Annotated[
        Annotated[list[EachEntry], Meta(min_length=1)] | UnsetType,
        Meta(
            description="Tasks that are alike: one for each file, line or word, without writing them out.",
            extra={"expected": "a list of entries with 'id' and 'items'"},
        ),
    ] = UNSET
