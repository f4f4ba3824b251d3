"""The colors of code: what the lexer of a file's language says, in the roles of the themes. For a thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from msgspec import Struct, field
from rich.syntax import Syntax

from porch_tui.present.signs import Role
from porch_tui.tui.drawing.styles import Line, Span

MOST_COLORED = 5_000
"""Lines; a lexer takes a second for so many, and what comes behind them is plain."""
LONGEST_COLORED = 2_000
"""Characters; a line that no person wrote is plain, and what follows it in its text too."""
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


class Colors(Struct, frozen=True, eq=False):
    """How lines of code are colored, by what stands in them. Two of them are equal if they are the same."""

    by_text: Mapping[str, Line] = field(default_factory=dict)

    def of(self, text: str) -> Line:
        """Return a line in pieces; nothing if its language is not known."""
        return self.by_text.get(text, ())


NO_COLORS = Colors()


@lru_cache(32)
def colors_of(path: str, *texts: tuple[str, ...]) -> Colors:
    """Return the colors of all lines of some versions of a file; those of the first one count most."""
    found: dict[str, Line] = {}
    for lines in texts:
        for text, line in zip(lines, lines_in_color(path, lines), strict=False):
            found.setdefault(text, line)
    return Colors(MappingProxyType(found)) if found else NO_COLORS


def lines_in_color(path: str, lines: Iterable[str]) -> Iterator[Line]:
    """Yield the lines of a file, each in pieces, as far as they are colored; none of an unknown language."""
    code: list[str] = []
    for line in lines:
        if len(code) == MOST_COLORED or len(line) > LONGEST_COLORED:
            break
        code.append(line)
    lexer = Syntax("", Syntax.guess_lexer(path)).lexer if code else None
    if lexer is not None:
        yield from _lines(lexer.get_tokens("\n".join(code)))


def _lines(tokens: Iterable[tuple[object, str]]) -> Iterator[Line]:
    """Yield what a lexer returns, line by line."""
    line: list[Span] = []
    roles: dict[object, Role] = {}
    for kind, text in tokens:
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
