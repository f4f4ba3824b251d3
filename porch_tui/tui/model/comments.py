"""What a reviewer says about lines of a patch, until it is sent back. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from porch_tui.core.model.commands import RetryTask
from porch_tui.core.model.copying import replace
from porch_tui.core.model.index import awaits_review
from porch_tui.core.model.state import RunState


class Comment(Struct, frozen=True):
    """Words about a line of a file, or about the file."""

    path: str
    line: int
    """From 1 in the new file, of a removed line in the old one; 0: the whole file."""
    text: str
    is_removed: bool = False

    @property
    def place(self) -> str:
        """Where it belongs, as compilers write it."""
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where} (removed)" if self.is_removed else where


def with_comment(comments: Sequence[Comment], new: Comment) -> tuple[Comment, ...]:
    """Return the comments with another one in its place; without any there if it says nothing."""
    others = [one for one in comments if one.place != new.place]
    return tuple([*others, new] if new.text.strip() else others)


def as_words(comments: Sequence[Comment], more: str) -> str:
    """Return what is sent back: a line for each comment, in the order of the files, then the rest."""
    ordered = sorted(comments, key=lambda one: (one.path, one.line))
    lines = [f"{one.place}: {one.text.strip()}" for one in ordered]
    return "\n".join([*lines, *([more.strip()] if more.strip() else [])])


def sends_back(state: RunState, asked: RetryTask) -> bool:
    """Say whether a retry sends back what an agent has done and a person reviews."""
    return bool(state.specs[asked.task].prompt) and awaits_review(state, asked.task)


def with_said(asked: RetryTask, comments: Sequence[Comment]) -> RetryTask:
    """Return a retry that takes along what was said about the work."""
    return replace(asked, say=as_words(comments, asked.say)) if comments else asked
