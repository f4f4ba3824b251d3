"""What foreign text goes through before it leaves: titles, paths, reasons, names.

Nothing that a terminal or a Markdown reader would obey may pass; nothing is
taken out either, so a text cannot hide a part of itself. JSON needs none of
this: there the text is kept as it is, and escaped by the encoder.
"""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\ufffd"
BLANKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
BYTES_OF_NO_TEXT = range(0xDC80, 0xDD00)
"""How Python writes a byte of a path that is not UTF-8 (surrogateescape)."""
OBEYED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that are no text: controls, direction and other formatting, halves of pairs."""

MARKDOWN = re.compile(r"([\\`*\[\]<#|~&$]|(?<![^\W_])_|_(?![^\W_]))")
"""An underscore between letters means nothing in CommonMark, so paths stay readable."""
BLOCK_START = re.compile(r"^(?:([-+>=])|(\d+)(?=[.)](?:\s|$)))")
"""What begins a list, a quotation or a rule, where it begins a line."""


def clean(text: str) -> str:
    """Return `text` as one line in which every control character is shown instead of obeyed.

    Line breaks and tabs become one space, a byte that is not UTF-8 becomes `\\xe9`.
    """
    line = BLANKS.sub(" ", text).strip()
    return line if line.isascii() and line.isprintable() else "".join(map(_shown, line))


def escaped(text: str) -> str:
    """Return `text` cleaned, and written so that Markdown shows it as it is within a line."""
    return MARKDOWN.sub(r"\\\1", clean(text))


def escaped_line(text: str) -> str:
    """Return `text` cleaned, and written so that Markdown shows it as it is at the start of a line."""
    # "1." begins a list; the backslash belongs before the point, for a digit cannot be escaped
    return BLOCK_START.sub(lambda found: f"{found[2]}\\" if found[2] else f"\\{found[1]}", escaped(text))


def in_code(text: str) -> str:
    """Return `text` cleaned, as a Markdown code span that nothing in it can end."""
    line = clean(text)
    fence = "`" * (longest_run(line, "`") + 1)
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def longest_run(text: str, character: str) -> int:
    """Return the length of the longest unbroken run of `character`."""
    return max((len(run) for run in re.findall(f"{re.escape(character)}+", text)), default=0)


def _shown(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if code in BYTES_OF_NO_TEXT:
        return f"\\x{code - 0xDC00:02x}"
    return REPLACEMENT if unicodedata.category(character) in OBEYED else character
