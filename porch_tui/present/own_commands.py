"""Commands of a person's own on keys: what is filled into their words, and their environment."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from porch_tui.core.model.plan import CommandLine

FACTS_OF_RUN = ("run", "target", "root")
FACTS_OF_TASK = ("task", "branch", "worktree", "base", "attempt")
"""Each is a placeholder, `{branch}`, and a variable, `PORCH_BRANCH`."""
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\w*)\}")


class OwnCommand(Struct, frozen=True):
    """One entry of `[[commands]]` in a person's settings."""

    key: str
    """As people write keys: `f5`, `ctrl+t`."""
    run: CommandLine
    """The program and its words, with placeholders; no shell reads them."""
    label: str
    """A few words, for key bar, help and palette."""
    is_of_task: bool = True
    """It is about the task under the cursor; else about the run."""
    takes_terminal: bool = False
    """It has the person's terminal until it ends; else a screen shows what it prints."""

    @property
    def facts(self) -> tuple[str, ...]:
        """Return the names of what can be filled in."""
        return (*FACTS_OF_RUN, *FACTS_OF_TASK) if self.is_of_task else FACTS_OF_RUN


def placeholders(words: CommandLine) -> list[str]:
    """Return the names in braces; doubled braces stand for themselves."""
    return [one[1] for word in words for one in _PLACEHOLDER.finditer(word) if one[1] is not None]


def filled(words: CommandLine, facts: Mapping[str, str]) -> CommandLine:
    """Return the words with the facts in them."""

    def fact(one: re.Match[str]) -> str:
        return one[0][0] if one[1] is None else facts[one[1]]

    return tuple(_PLACEHOLDER.sub(fact, word) for word in words)


def variables(facts: Mapping[str, str]) -> dict[str, str]:
    """Return the facts as the environment has them."""
    return {f"PORCH_{name.upper()}": value for name, value in facts.items()}


def ended(code: int) -> str:
    """Return how a command ended, of its exit code, of a signal the negative number."""
    return f"exit {code}" if code >= 0 else f"ended by signal {-code}"
