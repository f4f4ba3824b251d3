"""The keys of a task in a plan file: see `plan_keys`."""

# no `from __future__ import annotations`: msgspec would evaluate their texts at each start, which takes 5 ms
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from porch_tui.planfile.keys.budget_keys import Budget
from porch_tui.planfile.keys.value_types import (
    Command,
    Commands,
    Line,
    Size,
    TerminalSize,
    Text,
    Time,
    Where,
    Wrap,
)


class TaskEntry(Struct, forbid_unknown_fields=True, kw_only=True):
    """One piece of work with a worktree and a branch of its own: `run`, or `agent` with `prompt`."""

    title: Annotated[
        Text | UnsetType, Meta(description="What it is about, in a few words; default: its id.")
    ] = UNSET
    kind: Annotated[
        Literal["change", "check", "hypothesis"],
        Meta(
            description="change: its commits are merged; check: nothing is merged;"
            " hypothesis: one of several competing answers, of which at most one is merged.",
            extra={"expected": "change, check or hypothesis"},
        ),
    ] = "change"
    isolation: Annotated[
        Literal["worktree", "clone"],
        Meta(
            description="worktree: stash, git config and hooks are shared with the repository;"
            " clone: they are the task's own.",
            extra={"expected": "worktree or clone"},
        ),
    ] = "worktree"
    run: Annotated[
        Command | UnsetType,
        Meta(description="Its command: text is run by /bin/sh -c, a list is an argument vector."),
    ] = UNSET
    agent: Annotated[
        Line | UnsetType, Meta(description="Instead of `run`: an entry of `agents`, which is given `prompt`.")
    ] = UNSET
    prompt: Annotated[
        Text | UnsetType,
        Meta(
            description="What the agent is asked to do; {failure} in it: why the last attempt did not land."
        ),
    ] = UNSET
    after: Annotated[
        list[Line],
        Meta(
            description="Ids of tasks and names of hypotheses; it starts when all of these, or the winners"
            " of the hypotheses, have landed."
        ),
    ] = []
    locks: Annotated[
        list[Line], Meta(description="Names; tasks that name one lock never run at the same time.")
    ] = []
    paths: Annotated[
        list[Line],
        Meta(description="Globs of what it says it will write, relative to the repository's root."),
    ] = []
    checks: Annotated[
        Commands | UnsetType, Meta(description="What must pass in the task's own worktree after its command.")
    ] = UNSET
    tty: Annotated[
        bool | UnsetType,
        Meta(
            description="true: its command runs in a terminal of its own, which you can step into and leave"
            " (`porch help interactive`); default: as its agent says.",
            extra={"expected": "true or false"},
        ),
    ] = UNSET
    stdin_open: Annotated[
        bool | UnsetType,
        Meta(
            description="true: the standard input of its command stays open, for `porch send` and `porch"
            " finish` (`porch help interactive`); default: as its agent says, else it ends at once.",
            extra={"expected": "true or false"},
        ),
    ] = UNSET
    size: Annotated[
        TerminalSize | UnsetType,
        Meta(description="With `tty: true`: columns and rows until you step in; default: 120x36."),
    ] = UNSET
    waits: Annotated[
        Line | UnsetType,
        Meta(
            description="With `tty: true` or `stdin_open: true`: a regular expression. It waits for you when"
            " that is found in its title, or in one of its last rows after 2 s without output; default:"
            " when the last of these is a question, such as `[y/N]`."
        ),
    ] = UNSET
    timeout: Annotated[
        Time,
        Meta(
            description="Active time of setup, command and checks together; then TERM, then KILL. A task with"
            " `tty: true` or `stdin_open: true` that gives none has none; that of `defaults` is not for it,"
            " unless `defaults` has the `tty` or `stdin_open` too."
        ),
    ] = "1h"
    silence: Annotated[
        Time | UnsetType,
        Meta(description="How long it may go without output and processor time before you are notified."),
    ] = UNSET
    retries: Annotated[
        int,
        Meta(ge=0, description="How often it is tried again.", extra={"expected": "a whole number from 0"}),
    ] = 0
    retry_with: Annotated[
        Literal["fresh", "resume"],
        Meta(
            description="How its agent is tried again: in a new conversation and worktree, or where it was.",
            extra={"expected": "fresh or resume"},
        ),
    ] = "fresh"
    may_change_nothing: Annotated[
        bool,
        Meta(
            description="true: its agent may end without changing anything;"
            " else that needs you, as most agents exit with 0 when they failed.",
            extra={"expected": "true or false"},
        ),
    ] = False
    expected_failure: Annotated[
        Text | UnsetType,
        Meta(
            description="Why it is expected to fail. Then its failure needs nothing of you, and the run ends"
            " well; if it does not fail, its work lands as any."
        ),
    ] = UNSET
    wrap: Annotated[
        Wrap | UnsetType,
        Meta(
            description="A fence, put before its setup, command and checks: bwrap, an entry of `wraps`, or a"
            " list of words (`porch help fences`); none: none, whatever `defaults` says."
        ),
    ] = UNSET
    review: Annotated[
        Literal["required", "none"],
        Meta(
            description="required: its work is merged only when you have approved it (`porch approve`).",
            extra={"expected": "required or none"},
        ),
    ] = "none"
    priority: Annotated[int, Meta(description="Among tasks that could start, higher goes first.")] = 0
    estimate: Annotated[
        Time | UnsetType,
        Meta(description="How long its command takes, without setup and checks; earlier runs know better."),
    ] = UNSET
    cpus: Annotated[
        Annotated[float, Meta(gt=0, le=1_000_000)] | UnsetType,
        Meta(
            description="Cores it will use, for admission and for the forecast.",
            extra={"expected": "a number above 0"},
        ),
    ] = UNSET
    memory: Annotated[Size | UnsetType, Meta(description="Memory it will use, for admission.")] = UNSET
    place: Annotated[
        Where | UnsetType, Meta(description="Where it runs, instead of where the plan's `place` says.")
    ] = UNSET
    needs: Annotated[
        list[Line],
        Meta(
            description="What must be there where it runs: programs on PATH, such as docker, or what `has` of"
            " a place names. It starts only where it finds all of them."
        ),
    ] = []
    history: Annotated[
        Literal["none", "full"],
        Meta(
            description="full: on another machine its worktree has the whole history, for git log and git"
            " blame; none: the files it starts from, which is less to send.",
            extra={"expected": "none or full"},
        ),
    ] = "none"
    budget: Annotated[
        Budget | UnsetType,
        Meta(description="How much all its attempts may use; then it is paused and you are asked."),
    ] = UNSET
    shared: Annotated[
        bool,
        Meta(
            description="true: a check that only reads; all such checks of its group, and those without one,"
            " run in one worktree, which is made once and never reset.",
            extra={"expected": "true or false"},
        ),
    ] = False
    of: Annotated[
        Line | UnsetType,
        Meta(description="With `kind: hypothesis`: the entry of `hypotheses` that it answers."),
    ] = UNSET
    tries: Annotated[
        Annotated[int, Meta(ge=1, le=100)] | UnsetType,
        Meta(
            description="With `kind: hypothesis`: so many theories are made of it, ID-1, ID-2 and so on;"
            " {n} in its texts is their number.",
            extra={"expected": "a whole number from 1 to 100"},
        ),
    ] = UNSET
    agents: Annotated[
        Annotated[list[Line], Meta(min_length=1)] | UnsetType,
        Meta(
            description="Instead of `agent`, for several tries: they take turns; without `tries` once.",
            extra={"expected": "a list of agents, not empty"},
        ),
    ] = UNSET
