"""The colors of code in a patch: what the lexer of a file's language says, in the roles of the themes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from rich.syntax import Syntax

from porch_tui.present.signs import Role
from porch_tui.tui.diff.patch import Kind, Patch, PatchLine
from porch_tui.tui.drawing.styles import Line, Span

MOST_COLORED = 5_000
"""Lines; a lexer takes a second for so many, and what comes behind them is plain."""
ROLES = {
    "Token.Comment": Role.MUTED,
    "Token.Literal.String": Role.GOOD,
    "Token.Literal.Number": Role.HELD,
    "Token.Keyword": Role.RUN,
    "Token.Name.Function": Role.STRONG,
    "Token.Name.Class": Role.STRONG,
    "Token.Name.Decorator": Role.HELD,
    "Token.Name.Tag": Role.RUN,
    "Token.Operator.Word": Role.RUN,
}


def colored(patch: Patch) -> Mapping[int, Line]:
    """Return the lines that are code in a known language, by their number in the patch.

    What was removed is not among them: it is in one color. For a thread.
    """
    found: dict[int, Line] = {}
    numbered = enumerate(patch.lines[:MOST_COLORED])
    new_side = (pair for pair in numbered if pair[1].kind in (Kind.CONTEXT, Kind.ADDED, Kind.HUNK))
    for path, lines in groupby(new_side, key=lambda pair: pair[1].path):
        lexer = Syntax("", Syntax.guess_lexer(path)).lexer
        for is_hunk, hunk in groupby(lines, key=lambda pair: pair[1].kind is Kind.HUNK):
            if lexer is not None and not is_hunk:
                numbers, texts = zip(*hunk, strict=True)
                found.update(zip(numbers, _spans(lexer.get_tokens(_text(texts))), strict=False))
    return found


def _text(lines: Sequence[PatchLine]) -> str:
    return "\n".join(line.text for line in lines)


def _spans(tokens: object) -> Iterator[Line]:
    """Yield what a lexer returns, line by line."""
    line: list[Span] = []
    roles: dict[object, Role] = {}
    for kind, text in tokens:  # type: ignore[attr-defined]
        role = roles.get(kind)
        if role is None:
            role = next((role for name, role in ROLES.items() if str(kind).startswith(name)), Role.TEXT)
            roles[kind] = role
        first, *rest = text.split("\n")
        line += [Span(first, role)] if first else []
        for part in rest:
            yield tuple(line)
            line = [Span(part, role)] if part else []
    yield tuple(line)
