"""Lets a person edit a task's prompt, or its command, before it is retried: `porch retry --edit`, and a key.

What they write is in a file of the run, one for each attempt: if that comes to nothing, it is not lost.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from porch_tui.agents.prompt import first_call, is_too_long
from porch_tui.cli.editor import edit
from porch_tui.core.model.commands import RetryTask
from porch_tui.core.model.plan import SHELL, CommandLine, TaskId, TaskSpec, from_shell
from porch_tui.core.model.state import RunState
from porch_tui.errors import RefusedError
from porch_tui.git.repository import Repository
from porch_tui.journal.durable import PRIVATE_FOLDER, replace
from porch_tui.journal.rundir import RunDir


def reworded(
    repository: Repository, rundir: RunDir, state: RunState, asked: RetryTask
) -> tuple[RetryTask, str]:
    """Open the prompt of an agent's task, or the command of another, in the person's editor, and wait.

    Return the retry with what they have written, and what to say about it: that nothing was changed.
    RefusedError if they have emptied it, if the editor failed, or if it cannot be used.
    """
    spec = state.specs[asked.task]
    if not spec.command or spec.reverts is not None:
        raise RefusedError(f"{asked.task} has neither a prompt nor a command that could be edited")
    before, file = text_of(spec), kept_at(rundir, state, asked.task)
    try:
        file.parent.mkdir(PRIVATE_FOLDER, exist_ok=True)
        if not file.exists():  # else it was written before, and not taken
            replace(file, before.encode("utf-8", "surrogateescape"))
        what = "prompt" if spec.prompt else "command"
        if not edit(repository, file):
            raise RefusedError(f"the editor failed, so {asked.task} is not retried; the {what} is in {file}")
        after = file.read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise RefusedError(f"{file} cannot be edited: {error.strerror}") from error
    if not after.strip():
        file.unlink(missing_ok=True)
        raise RefusedError(f"the {what} was emptied, so {asked.task} is not retried; it keeps the one it has")
    if after.strip() == before.strip():
        file.unlink(missing_ok=True)
        return asked, f"the {what} of {asked.task} was not changed"
    return _with(state, spec, asked, after.strip()), ""


def kept_at(rundir: RunDir, state: RunState, task: TaskId) -> Path:
    """Return the file that holds what a person writes for the next attempt of a task."""
    suffix = "md" if state.specs[task].prompt else "sh"
    return rundir.texts / f"{task}-{len(state.tasks[task].attempts) + 1}.{suffix}"


def text_of(spec: TaskSpec) -> str:
    """Return what is edited of a task: the prompt, the shell script, or the words of its command."""
    if spec.prompt:
        return f"{spec.prompt.strip()}\n"
    is_script = spec.command[:2] == SHELL and len(spec.command) == 3
    return f"{spec.command[2] if is_script else shlex.join(spec.command)}".rstrip("\n") + "\n"


def _with(state: RunState, spec: TaskSpec, asked: RetryTask, text: str) -> RetryTask:
    agent = state.plan.agent_of(spec)
    command: CommandLine
    prompt = ""
    if spec.prompt and agent is not None:
        if agent.stdin is None and is_too_long(text):
            raise RefusedError(f"the prompt of {spec.id} is too long for an argument; shorten it")
        command, prompt = first_call(agent, text).command, text
    elif spec.command[:2] == SHELL and len(spec.command) == 3:
        command = from_shell(text)
    else:
        try:
            command = tuple(shlex.split(text))
        except ValueError as error:
            raise RefusedError(f"the command of {spec.id} cannot be read: {error}") from error
    return RetryTask(asked.id, asked.task, asked.keep_worktree, asked.say, command, prompt)
