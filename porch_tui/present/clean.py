"""What foreign text goes through before a person sees it: titles, paths, reasons, names, messages.

Nothing that a terminal or a Markdown reader would obey may pass; nothing is
taken out either, so a text cannot hide a part of itself. JSON needs none of
this: there the text is kept as it is, and escaped by the encoder.

Each start of porch imports this: patterns that few texts need are compiled when one does, by `re` itself.
"""

from __future__ import annotations

import re

BLANKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
UNSAFE_BUT_C0 = (
    "\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
"""Characters that steer a terminal, turn or hide text, or cannot be encoded; but for those below U+0020.

U+200C and U+200D are not among them: emoji and Indic scripts need them.
"""
UNSAFE = re.compile(f"[\x00-\x1f{UNSAFE_BUT_C0}]")
UNSAFE_IN_MESSAGE = f"[\x00-\x08\x0b-\x1f{UNSAFE_BUT_C0}]"
"""A message may have several lines. A carriage return would hide what is before it."""

MARKDOWN = r"([\\`*\[\]<#|~&$]|(?<![^\W_])_|_(?![^\W_]))"
"""An underscore between letters means nothing in CommonMark, so paths stay readable."""
BLOCK_START = r"^(?:([-+>=])|(\d+)(?=[.)](?:\s|$)))"
"""What begins a list, a quotation or a rule, where it begins a line."""


def clean(text: str) -> str:
    """Return `text` as one line in which every control character is shown instead of obeyed.

    Line breaks and tabs become one space, a byte that is not UTF-8 becomes `\\xe9`.
    """
    if text.isascii() and text.isprintable():
        return text
    return visible(BLANKS.sub(" ", text.strip("\r\n")))


def visible(text: str) -> str:
    """Return `text` with a symbol, a byte's number or U+FFFD in place of what a terminal would obey."""
    return UNSAFE.sub(_shown, text)


def clean_message(text: str) -> str:
    """Return a message of several lines in which every other control character is shown instead of obeyed."""
    return re.sub(UNSAFE_IN_MESSAGE, _shown, text)


def escaped(text: str) -> str:
    """Return `text` cleaned, and written so that Markdown shows it as it is within a line."""
    return re.sub(MARKDOWN, r"\\\1", clean(text).strip())


def escaped_line(text: str) -> str:
    """Return `text` cleaned, and written so that Markdown shows it as it is at the start of a line."""
    # "1." begins a list; the backslash belongs before the point, for a digit cannot be escaped
    return re.sub(BLOCK_START, lambda found: f"{found[2]}\\" if found[2] else f"\\{found[1]}", escaped(text))


def in_code(text: str) -> str:
    """Return `text` cleaned, as a Markdown code span that nothing in it can end."""
    line = clean(text)
    fence = "`" * (longest_run(line, "`") + 1)
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def longest_run(text: str, character: str) -> int:
    """Return the length of the longest unbroken run of `character`."""
    return max((len(run) for run in re.findall(f"{re.escape(character)}+", text)), default=0)


def _shown(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    # how Python writes a byte of a path that is not UTF-8 (surrogateescape)
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code < 0xDD00 else "\ufffd"
