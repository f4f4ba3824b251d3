"""A POSIX shell's text taken apart into simple commands. Nothing is expanded here, and nothing runs.

Reads what people write in plans and scripts: quotes, substitutions, here documents, loops, `case`. What it
cannot make out, it gives as words; it never fails.
"""

from __future__ import annotations

import re

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.core.uses.tables import word_set

Part = tuple[str, str, str | None]
"""`lit` with its text; `var` with its name and default; `cmd` or `arith` with what is inside."""
Word = tuple[Part, ...]


class Redirect(Struct, frozen=True):
    """Where a stream of a command goes to or comes from."""

    sign: str
    """`>`, `>>`, `<`, `<<` …, without the stream's number."""
    target: Word
    body: str = ""
    """The text of a here document."""


class Simple(Struct, frozen=True):
    """One program with its words, as a shell would start it."""

    words: tuple[Word, ...]
    assignments: tuple[tuple[str, Word], ...]
    redirects: tuple[Redirect, ...]
    line: int
    """From 1, in the text."""
    text: str
    """As it is written."""
    source: int | None = None
    """The number of the command that its standard input is piped from, from 0."""
    shells: tuple[int, ...] = ()
    """The subshells it is in, the outermost first; each has a number of its own."""


_BLANK = re.compile(r"(?:[ \t\r]|\\\n)+")
_PLAIN = re.compile(r"[^\s\"'\\$`;&|()<>#~]+")
_WORD_END = re.compile(r"[\s;&|()<>]|\Z")
_REDIRECT = re.compile(r"(?:\d*|&)(>>|>\||>&|<<<|<<-|<<|<>|<&|>|<)(?!\()")
_OPERATOR = re.compile(r"&&|\|\||;;&?|;&|\|&|[;&|()\n]")
_NAME = re.compile(r"[A-Za-z_]\w*|[0-9@*#?$!-]")
_BRACED = re.compile(r"(#?!?\w+|[@*#?$!-])(?:\[[^]]*\])?(?::?([-=+?])(.*)|.*)", re.DOTALL)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=")
_SIMPLE = re.compile(r"[\w./:@,+%-]+(?: [\w./=:@,+%-]+)*")
"""A single command without anything special, which most are: that is taken apart ten times as fast."""
_KEYWORDS = word_set("""
    if then elif else fi do done while until { } ! esac
    """)
_QUOTED = {"n": "\n", "t": "\t"}


def literal(word: Word) -> str | None:
    """Return the text of a word without expansions; None if it has some."""
    if len(word) == 1 and word[0][0] == "lit":
        return word[0][1]
    return "".join(part[1] for part in word) if all(part[0] == "lit" for part in word) else None


def as_word(text: str) -> Word:
    """Return a word that is just this text, as the item of an argument list is."""
    return (("lit", text, None),)


class Script(Struct, frozen=True):
    """What a shell's text says."""

    commands: tuple[Simple, ...]
    """In order, those of all branches and loops."""
    functions: frozenset[str]
    """Names of the functions it defines; what is in them is among the commands."""


def parse(text: str) -> Script:
    """Return a shell's text taken apart."""
    if _SIMPLE.fullmatch(text):
        words = text.split(" ")
        if words[0] not in _KEYWORDS and not _ASSIGNMENT.match(words[0]):
            return Script((Simple(tuple(map(as_word, words)), (), (), 1, text),), frozenset())
    return _Parser(text).script()


class _Parser:
    """The text, and how far it was read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._found: list[Simple] = []
        self._functions: set[str] = set()
        self._clear(0)
        self._source: int | None = None
        self._shells: tuple[int, ...] = ()
        self._opened = 0
        self._is_heading = False
        """Whether the next `)` belongs to a function's name."""
        self._bodies: list[tuple[int, int, str, bool]] = []
        """Here documents whose text is still to come: the command's number, the redirect's place in it, the
        line that ends it, whether tabs go."""

    def _clear(self, start: int) -> None:
        self._words: list[Word] = []
        self._assignments: list[tuple[str, Word]] = []
        self._redirects: list[Redirect] = []
        self._start = start

    def script(self) -> Script:
        text, size = self._text, len(self._text)
        while self._at < size:
            if blank := _BLANK.match(text, self._at):
                self._at = blank.end()
            elif text[self._at] == "#":
                end = text.find("\n", self._at)
                self._at = size if end < 0 else end
            elif redirect := _REDIRECT.match(text, self._at):
                self._redirect(redirect)
            elif text.startswith("((", self._at) and not self._words:
                self._skip("))")
            elif operator := _OPERATOR.match(text, self._at):
                self._at = operator.end()
                self._end(operator.group())
            else:
                self._word()
        self._end("")
        return Script(tuple(self._found), frozenset(self._functions))

    def _word(self) -> None:
        start = self._at
        if not (self._words or self._assignments or self._redirects):
            self._start = start
        word = self._read_word()
        if self._at == start:  # a character of which nothing is made
            self._at += 1
            return
        text = literal(word)
        if not self._words:
            assigned = _ASSIGNMENT.match(self._text, start)
            if assigned and word and word[0][0] == "lit":
                self._assign(assigned, word)
                return
            if text in _KEYWORDS:
                return
            if text == "[[":
                self._skip("]]")
                return
            if text == "case":
                self._skip_words_to("in")
                self._skip(")")
                return
            if text == "function":
                self._read_blank()
                self._functions.add(literal(self._read_word()) or "")
                return
        self._words.append(word)

    def _assign(self, assigned: re.Match[str], word: Word) -> None:
        rest = word[0][1][len(assigned.group()) :]
        parts = (("lit", rest, None), *word[1:]) if rest or not word[1:] else word[1:]
        self._assignments.append((assigned[1], _with_home(parts)))

    def _skip(self, end: str) -> None:
        found = self._text.find(end, self._at)
        self._at = len(self._text) if found < 0 else found + len(end)

    def _skip_words_to(self, end: str) -> None:
        found = re.compile(rf"\b{end}\b").search(self._text, self._at)
        self._at = found.end() if found else len(self._text)

    def _read_blank(self) -> None:
        if blank := _BLANK.match(self._text, self._at):
            self._at = blank.end()

    def _redirect(self, found: re.Match[str]) -> None:
        if not (self._words or self._assignments or self._redirects):
            self._start = self._at
        self._at = found.end()
        self._read_blank()
        target = self._read_word()
        if found[1] in ("<<", "<<-"):
            place = len(self._found), len(self._redirects)
            self._bodies.append((*place, literal(target) or "", found[1] == "<<-"))
        self._redirects.append(Redirect(found[1], target))

    def _end(self, operator: str) -> None:
        """End the command that was being read, by an operator, a line's end or the text's."""
        if operator in ("\n", "") and self._bodies:
            self._read_bodies()
        is_function = operator == "(" and len(self._words) == 1
        if is_function:
            self._functions.add(literal(self._words[0]) or "")
        if (self._words or self._assignments or self._redirects) and not is_function:
            written = self._text[self._start : self._at].strip().removesuffix(operator).strip()
            line = self._text.count("\n", 0, self._start) + 1
            parts = tuple(self._words), tuple(self._assignments), tuple(self._redirects)
            self._found.append(Simple(*parts, line, written, self._source, self._shells))
            self._source = len(self._found) - 1 if operator in ("|", "|&") else None
        if operator == "(" and not is_function:
            self._opened += 1
            self._shells = (*self._shells, self._opened)
        elif operator == ")" and not self._is_heading:
            self._shells = self._shells[:-1]
        self._is_heading = is_function
        if operator == ";;":
            here = re.compile(r"\s*esac\b").match(self._text, self._at)
            if not here:
                self._skip(")")
        self._clear(self._at)

    def _read_bodies(self) -> None:
        for number, place, end, has_tabs in self._bodies:
            lines: list[str] = []
            while self._at < len(self._text):
                stop = self._text.find("\n", self._at)
                stop = len(self._text) if stop < 0 else stop
                line = self._text[self._at : stop]
                self._at = min(stop + 1, len(self._text))
                if (line.lstrip("\t") if has_tabs else line) == end:
                    break
                lines.append(line)
            self._give_body(number, place, "\n".join(lines))
        self._bodies = []

    def _give_body(self, number: int, place: int, body: str) -> None:
        """Give a here document its text; its command may have ended before the line did."""
        is_current = number == len(self._found)
        redirects = self._redirects if is_current else list(self._found[number].redirects)
        if place < len(redirects):
            redirects[place] = replace(redirects[place], body=body)
        if not is_current:
            self._found[number] = replace(self._found[number], redirects=tuple(redirects))

    def _read_word(self) -> Word:
        """Read one word, with all that is glued to it."""
        text, parts, size = self._text, list[Part](), len(self._text)
        if plain := _PLAIN.match(text, self._at):
            self._at = plain.end()
            if _WORD_END.match(text, self._at):
                return (("lit", plain.group(), None),)
            parts.append(("lit", plain.group(), None))
        elif text.startswith("~", self._at) and (self._at + 1 == size or text[self._at + 1] in "/ \t\n;"):
            self._at += 1
            parts.append(("var", "HOME", None))
        while self._at < size and not _WORD_END.match(text, self._at):
            self._read_part(parts)
        if text.startswith(("<(", ">("), self._at):
            self._at += 1
            parts.append(("cmd", self._inside("(", ")"), None))
        return _joined(parts)

    def _read_part(self, parts: list[Part]) -> None:
        char = self._text[self._at]
        if char == "'":
            self._at += 1
            parts.append(("lit", self._until("'"), None))
        elif char == '"':
            self._at += 1
            self._read_double(parts)
        elif char == "\\":
            parts.append(("lit", self._text[self._at + 1 : self._at + 2], None))
            self._at += 2
        elif char == "$":
            self._read_dollar(parts)
        elif char == "`":
            self._at += 1
            parts.append(("cmd", self._until("`"), None))
        else:
            plain = _PLAIN.match(self._text, self._at)
            parts.append(("lit", plain.group() if plain else char, None))
            self._at = plain.end() if plain else self._at + 1

    def _until(self, end: str) -> str:
        start, stop = self._at, self._text.find(end, self._at)
        stop = len(self._text) if stop < 0 else stop
        self._at = stop + len(end)
        return self._text[start:stop]

    def _read_double(self, parts: list[Part]) -> None:
        text = self._text
        parts.append(("lit", "", None))  # an empty word is one too
        while self._at < len(text) and text[self._at] != '"':
            if text[self._at] == "\\":
                parts.append(("lit", text[self._at + 1 : self._at + 2], None))
                self._at += 2
            elif text[self._at] == "$":
                self._read_dollar(parts)
            elif text[self._at] == "`":
                self._at += 1
                parts.append(("cmd", self._until("`"), None))
            else:
                stop = next((n for n in range(self._at, len(text)) if text[n] in '"\\$`'), len(text))
                parts.append(("lit", text[self._at : stop], None))
                self._at = stop
        self._at += 1

    def _read_dollar(self, parts: list[Part]) -> None:
        text = self._text
        self._at += 1
        if text.startswith("((", self._at):
            inside = self._inside("(", ")")
            parts.append(("arith", inside.removeprefix("(").removesuffix(")"), None))
        elif text.startswith("(", self._at):
            parts.append(("cmd", self._inside("(", ")"), None))
        elif text.startswith("{", self._at):
            inside = self._inside("{", "}")
            braced = _BRACED.fullmatch(inside)
            name, sign, value = braced.groups() if braced else (inside, None, None)
            is_whole = braced is not None and (sign is not None or inside.isidentifier() or len(inside) == 1)
            if not is_whole and not inside.startswith("BASH_SOURCE"):
                name = f"{name}?"  # `${x%.*}`: a part of it, which is not worked out
            parts.append(("var", name, value if sign in ("-", "=") else None))
        elif text.startswith("'", self._at):
            self._at += 1
            inside = self._until("'")
            parts.append(("lit", re.sub(r"\\(.)", lambda m: _QUOTED.get(m[1], m[1]), inside), None))
        elif name_found := _NAME.match(text, self._at):
            self._at = name_found.end()
            parts.append(("var", name_found.group(), None))
        else:
            parts.append(("lit", "$", None))

    def _inside(self, begin: str, end: str) -> str:
        """Read from a bracket to the one that closes it; quotes in between are jumped over."""
        start, depth, at, text = self._at + 1, 0, self._at, self._text
        while at < len(text):
            char = text[at]
            if char == "\\":
                at += 1
            elif char in "'\"" and begin == "(":
                stop = text.find(char, at + 1)
                at = len(text) if stop < 0 else stop
            elif char == begin:
                depth += 1
            elif char == end:
                depth -= 1
                if not depth:
                    break
            at += 1
        self._at = at + 1
        return text[start:at]


def _joined(parts: list[Part]) -> Word:
    """Return the parts of a word with neighbouring texts made one."""
    found: list[Part] = []
    for part in parts:
        if found and part[0] == "lit" == found[-1][0]:
            found[-1] = ("lit", found[-1][1] + part[1], None)
        else:
            found.append(part)
    return tuple(found)


def _with_home(parts: Word) -> Word:
    """Return an assigned value whose `~/` at the beginning is the home folder."""
    if parts and parts[0][0] == "lit" and (parts[0][1] == "~" or parts[0][1].startswith("~/")):
        rest = parts[0][1][1:]
        return (("var", "HOME", None), *([("lit", rest, None)] if rest else []), *parts[1:])
    return parts
