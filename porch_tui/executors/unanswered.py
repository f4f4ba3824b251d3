"""Recognizes that a command has asked on its standard input, where no one could answer.

It got the end of that input in place of an answer, and may have gone on as if that were one: `rm -i` deletes
nothing and ends well. A question is the last thing such a command writes, and no line break ends it.
"""

from __future__ import annotations

import re

from porch_tui.core.model.wording import one_line
from porch_tui.process.liveness import Cause, Exit

_QUESTION = re.compile(
    r"""
    \w['"’”»)\]]*\ ?[?？]\s*['"’”)\]]*\s*(?:[\[(][^\[\]()]{1,40}[\])]\s*:?\s*)?$  # overwrite 'x'? [y/N]
    | \w['"’”»)\]]*[?？]\s\S.{0,80}:\s*$                                        # replace x? [y]es, [n]o:
    | [\[(]\s*y(?:es)?\s*[/|,]\s*n(?:o)?\b[^\[\]()]{0,40}[\])]\s*[:?>]?\s*$    # continue (yes/no):
    | \b(?:password|passphrase|user\s?name)\b.{0,80}:\s*$
    | ^(?:please\s+)?(?:enter|type|choose|select|input|press)\b[^:>.]{1,80}(?:[:>]|\.{3})\s*$
    """,
    re.VERBOSE | re.IGNORECASE,
)


def question(line: str) -> str:
    """Return the question that an unfinished line is; empty if it is none: progress, a number, a result."""
    text = line.strip()
    return text if _QUESTION.search(text) else ""


def unanswered(exit_: Exit) -> str:
    """Return what the first of the steps has asked that did; empty if none did, or it was stopped."""
    if exit_.cause is Cause.STOPPED:
        return ""
    return next((one_line(asked) for step in exit_.steps if (asked := question(step.open_line))), "")
