"""Makes a log safe for a terminal: colors may pass, but no other control sequence.

Pure: bytes in, text out. A log can hold anything its program wrote, titles and
clipboard writes and answers to questions that were not asked among them.
"""

from __future__ import annotations

import codecs
import re

from porch_tui.present.clean import UNSAFE_BUT_C0

ESCAPE = re.compile(
    "\x1b(?:"
    "\\[(?P<colors>[0-9;:]*)m"
    "|\\[[0-?]*[ -/]*[@-~]"  # every other CSI
    "|[\\]PX^_][^\n]*?(?:[\x07\x18\x1a\x9c]|\x1b\\\\|(?=\n))"  # OSC, DCS, SOS, PM, APC; none spans lines
    "|[ -/]*[0-OQ-WYZ\\\\`-~]"  # the rest, charset designations among them
    ")"
)
UNFINISHED = re.compile("\x1b(?:\\[[0-?]*[ -/]*|[\\]PX^_][^\n]*|[ -/]*)\\Z")
CONTROLS = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f{UNSAFE_BUT_C0}]")
"""Control characters except tab, newline and carriage return, and those that hide text or reverse it."""
RESET = "\x1b[0m"
LONGEST = 4096
"""Characters; anything longer is no escape sequence and is shown as text."""


class TerminalFilter:
    """Makes a log fit for a terminal, piece by piece: a sequence or a character may be cut anywhere."""

    def __init__(self, has_colors: bool) -> None:
        self._has_colors = has_colors
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._is_painted = False

    def feed(self, chunk: bytes) -> str:
        """Return what can be shown of the log after one more piece of it."""
        text = self._rest + self._decoder.decode(chunk)
        unfinished = UNFINISHED.search(text)
        cut = unfinished.start() if unfinished and len(text) - unfinished.start() <= LONGEST else len(text)
        self._rest = text[cut:]
        return self._shown(text[:cut])

    def end(self) -> str:
        """Return what is left at the end, colors switched off."""
        text = self._shown(self._rest + self._decoder.decode(b"", final=True))
        self._rest = ""
        return text + (RESET if self._is_painted else "")

    def _shown(self, text: str) -> str:
        parts, end = [], 0
        for found in ESCAPE.finditer(text):
            parts.append(CONTROLS.sub("", text[end : found.start()]))
            end = found.end()
            if found["colors"] is not None and self._has_colors:
                parts.append(found[0])
                self._is_painted = True
        return "".join((*parts, CONTROLS.sub("", text[end:])))
