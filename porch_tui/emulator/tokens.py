"""Output cut into tokens: text, control characters, escape sequences; whatever the pieces it comes in.

What is unfinished waits for its rest, up to a few thousand characters; of a longer sequence only its kind is
kept, so that no output takes memory or time without end. Any ESC ends the sequence or string it interrupts;
CAN and SUB do too.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 4096
"""Characters of a title, a notification, a link. What is longer is ignored."""
LONGEST_PARAMETERS = 256
_LONGEST_ESCAPE = 8

_ENDS = re.compile("[\x07\x18\x1a\x1b]")
_CONTROLS = re.compile("[\x00-\x1f]")
_NEVER_IN_SEQUENCES = re.compile("[^ -~]")
_TOO_LONG = {
    "[": "\x1b[" + "<" * (LONGEST_PARAMETERS + 1),
    "]": "\x1b]" + "x" * (LONGEST + 1),
    "P": "\x1bP" + "x" * (LONGEST + 1),
}
"""Stand for sequences that are, by their kind: whatever follows, they stay so."""


@cache
def _token() -> re.Pattern[str]:
    """Return what a token looks like: compiled for the first output, as that takes longer than any import."""
    return re.compile(
        r"(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
        r"|\x1b\[(?P<mark>[<-?]?)(?P<parameters>[0-9;:]{0,240})(?P<middle>[ -/]?)(?P<final>[@-~])"
        r"|(?P<newline>\r\n)"
        r"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f-\x9f])"
        r"|\x1b(?P<escape>[ -/]*[0-OQ-WYZ\\`-jl-~])"
        r"|\x1b\](?P<osc>[^\x07\x18\x1a\x1b]*)(?:\x07|(?=\x1b))"
        r"|\x1bP(?P<dcs>[^\x18\x1a\x1b]*)(?=\x1b)"
        r"|\x1b\[(?P<mixed>[^@-~\x18\x1a\x1b]*[@-~])"  # with control characters in it, or malformed
        r"|(?P<void>\x1b(?:[ -/]*(?=[^ -~])|[\]P\[^_Xk][^\x07\x18\x1a\x1b]*[\x18\x1a]|\[[^@-~\x1b]*(?=\x1b)"
        r"|[X^_k][^\x18\x1a\x1b]*(?=[\x18\x1a\x1b])|P[^\x18\x1a\x1b]*[\x18\x1a]))"  # ignored, or broken off
        r"|(?P<rest>\x1b[\s\S]*)"
    )


class Tokens:
    """Cuts the output of one program."""

    def __init__(self) -> None:
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""

    def cut(self, data: bytes) -> Iterator[re.Match[str]]:
        """Yield the tokens that are complete now, as matches whose `lastgroup` says what they are.

        text, newline, control, osc: the group has it. final: a control sequence (CSI) of mark, parameters,
        middle and final. escape: what follows ESC.
        """
        text = self._decode(data)
        if self._rest[1:2] in {"]", "P"} and not _ENDS.search(text):  # else read again with every piece
            self._rest = _bounded(self._rest + text)
            return
        text = self._rest + text
        self._rest = ""
        for token in _token().finditer(text):
            kind = token.lastgroup
            if kind == "rest":
                self._rest = _bounded(token[0])
            elif kind == "mixed":
                yield from _unmixed(token["mixed"])
            elif kind != "void" and not (kind in {"osc", "dcs"} and len(token[kind]) > LONGEST):
                yield token


def _unmixed(inner: str) -> Iterator[re.Match[str]]:
    """Yield the control characters inside a sequence, which act at once, then the sequence without them."""
    if len(inner) - 1 > LONGEST_PARAMETERS:
        return
    for control in _CONTROLS.findall(inner):
        yield from _token().finditer(control)
    if (token := _token().match("\x1b[" + _NEVER_IN_SEQUENCES.sub("", inner))) and token["final"]:
        yield token


def _bounded(rest: str) -> str:
    kind = rest[1:2]
    if kind and kind in "X^_k":
        return "\x1bX"  # what is in it is of no interest
    if kind not in _TOO_LONG:
        return rest[:_LONGEST_ESCAPE]  # longer than any that means something, and stays so
    return _TOO_LONG[kind] if len(rest) - 2 > (LONGEST_PARAMETERS if kind == "[" else LONGEST) else rest
