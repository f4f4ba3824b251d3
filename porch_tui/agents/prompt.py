"""The command of an agent, with what its attempt is asked in the place of `{prompt}`."""

from __future__ import annotations

from collections.abc import Sequence

from porch_tui.core.model.plan import CommandLine

PROMPT, SESSION, FAILURE = "{prompt}", "{session}", "{failure}"


def first_command(template: Sequence[str], prompt: str) -> CommandLine:
    """Return the command of a first attempt, which has no failure behind it."""
    return _filled(template, prompt.replace(FAILURE, "").strip())


def next_command(template: Sequence[str], prompt: str, failure: str) -> CommandLine:
    """Return the command of a later attempt in a new conversation, with the failure in the prompt."""
    if FAILURE in prompt:
        return _filled(template, prompt.replace(FAILURE, failure))
    return _filled(template, f"{prompt}\n\nThis was tried before, and did not succeed:\n{failure}")


def resumed_command(template: Sequence[str], session: str, failure: str) -> CommandLine:
    """Return the command that continues a conversation, which knows the task already."""
    words = [word.replace(SESSION, session) for word in template]
    return _filled(words, failure)


def _filled(template: Sequence[str], prompt: str) -> CommandLine:
    return tuple(word.replace(PROMPT, prompt) for word in template)
