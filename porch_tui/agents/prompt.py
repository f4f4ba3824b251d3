"""How an agent is asked: its command, with the prompt in the place of `{prompt}` or on standard input."""

from __future__ import annotations

from msgspec import Struct

from porch_tui.core.model.plan import Agent, CommandLine

PROMPT, SESSION, FAILURE, WORKTREE = "{prompt}", "{session}", "{failure}", "{worktree}"
LONGEST_ARGUMENT_BYTES = 131_071
"""Linux, MAX_ARG_STRLEN: 32 pages less the NUL."""
_AGAIN = "This was tried before, and did not succeed:"


class Call(Struct, frozen=True):
    """What is run to ask an agent."""

    command: CommandLine
    stdin: str = ""
    """What it reads from its standard input; empty: nothing."""
    session: str = ""
    """What its conversation is called; empty: the program chooses that."""


def first_call(agent: Agent, prompt: str, worktree: str = WORKTREE, session: str = SESSION) -> Call:
    """Return how a first attempt is asked, which has no failure behind it.

    `session` is for an agent whose conversations porch gives their names.
    """
    return _call(agent, agent.command, prompt.replace(FAILURE, "").strip(), worktree, session)


def plain_call(agent: Agent, prompt: str, worktree: str) -> Call:
    """Return how an agent is asked something that is no task."""
    return _call(agent, agent.command, prompt, worktree)


def next_call(
    agent: Agent, prompt: str, failure: str, worktree: str = WORKTREE, session: str = SESSION
) -> Call:
    """Return how a later attempt in a new conversation is asked, with the failure in the prompt.

    Of a failure that is too long for an argument, where it must be one, only the end is kept.
    """
    template = prompt if FAILURE in prompt else f"{prompt}\n\n{_AGAIN}\n{FAILURE}"
    if agent.stdin is None:
        room = LONGEST_ARGUMENT_BYTES - len(template.encode("utf-8", "surrogatepass"))
        failure = failure.encode("utf-8", "replace")[-max(1, room) :].decode("utf-8", "ignore")
    return _call(agent, agent.command, template.replace(FAILURE, failure), worktree, session)


def resumed_call(agent: Agent, session: str, failure: str, worktree: str = WORKTREE) -> Call:
    """Return how a conversation is continued, which knows the task already."""
    return _call(agent, agent.resume, failure, worktree, session)


def is_too_long(prompt: str) -> bool:
    """Say whether a prompt is too long for an argument."""
    return len(prompt.encode("utf-8", "surrogatepass")) > LONGEST_ARGUMENT_BYTES


def _call(agent: Agent, template: CommandLine, prompt: str, worktree: str, session: str = SESSION) -> Call:
    words = tuple(word.replace(WORKTREE, worktree).replace(SESSION, session) for word in template)
    named = session if session != SESSION and any(SESSION in word for word in template) else ""
    # an argument that begins with a dash would be taken for an option
    if agent.stdin is not None and (is_too_long(prompt) or prompt.startswith("-")):
        filled = (found for word in words for found in (agent.stdin if PROMPT in word else (word,)))
        return Call(tuple(filled), prompt, named)
    space = " " if agent.preset and prompt.startswith("-") else ""
    filled = (space + prompt if word == PROMPT else word.replace(PROMPT, prompt) for word in words)
    return Call(tuple(filled), session=named)
