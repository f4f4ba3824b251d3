"""A list of tasks as it was read, whatever it was written in: what the readers return."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

LONGEST_TITLE = 90
_FIRST_SENTENCE = re.compile(rf"(.{{15,{LONGEST_TITLE}}}?)(?:[.;!?](?=\s)|:(?=\s)|\s[—–]\s|\s\()")


class ListedTask(Struct, frozen=True):
    """One task of a list."""

    key: str
    """What others of the list call it: `T001`, `3`; each is there once."""
    title: str
    line: int
    """Where it is, from 1; 0 in a file without lines that mean something."""
    details: str = ""
    """What else is said about it; also what the title is cut from (see `title_of`)."""
    after: tuple[str, ...] = ()
    """Keys of the tasks that it says it depends on."""
    why: str = ""
    """What the list says about its place, for the comment on it."""
    test: str = ""
    """How the list says it is tested, in words."""


class TaskList(Struct, frozen=True):
    """A list of tasks."""

    title: str
    tasks: tuple[ListedTask, ...]
    kind: str
    """What it was recognized as, in words."""
    notes: tuple[str, ...] = ()
    """What was left out, and what no task could be found for."""


_CALLED = r"(?:[Tt]ask|[Ss]tep|[Ii]ssue|[Ii]tem|[Ss]tory|[Tt]icket)s?"
_LABEL = rf"(?:[A-Z]{{1,8}}-?\d+(?:\.\d+)*|#\d+|{_CALLED}\s+#?\d+(?:\.\d+)*)"
LABEL = re.compile(_LABEL)
_NUMBER = r"#?\d+(?:\.\d+)*"
_JOIN = r"(?:\s*,?\s*(?:and|&)\s+|\s*,\s*)"
_RANGE = r"(?:\s*(?:-|–|—|\.\.)\s*|\s+(?:to|through)\s+)"
_LABELS = rf"{_LABEL}(?:(?:{_JOIN}|{_RANGE})(?:{_LABEL}|{_NUMBER}))*"
_WEAK = r"(?:after|requires?|needs?|follows|once|waits?\s+for)"
_STRONG = r"(?:depend(?:s|ing|ent)?\s+(?:up)?on|dependenc(?:y|ies)(?:\s+on)?|blocked\s+by|prerequisites?)"
_MARKUP = r"[:*_]*\s*[`*\[(]*"
DEPENDS = re.compile(rf"\b(?:{_STRONG}|{_WEAK}){_MARKUP}({_LABELS})", re.IGNORECASE)
"""A phrase with the labels of other tasks after it."""
_NUMBERS = re.compile(rf"\b{_STRONG}{_MARKUP}({_NUMBER}(?:{_JOIN}{_NUMBER})*)(?![\w%])", re.IGNORECASE)
"""The same with bare numbers."""
_NAMED = re.compile(
    rf"(?<![\w-])(?:{_STRONG}|after)(?=[\s:*`'\"]){_MARKUP}(?:the\s+)?"
    r"(?P<name>[^\d\s.,;:()`'\"][^.,;:()`'\"\n]{1,80}|(?<=[`'\"])[^`'\"\n]+)",
    re.IGNORECASE,
)
"""The same with words, which may be the title of another task."""
_ENDS = re.compile(
    r"\s+(?:is|are|has|have|was|were|being|to|so|so that|in order|completion|and then)\b.*", re.IGNORECASE
)
SHORT = 3
"""Letters of words that have no plural."""
_SMALL = {
    "a",
    "an",
    "the",
    "of",
    "for",
    "to",
    "in",
    "on",
    "with",
    "and",
    "is",
    "task",
    "tasks",
    "step",
    "work",
}


def key_of(label: str) -> str:
    """Return the key that a label means: of `Task 3`, `#3` and `3` it is `3`."""
    bare = re.sub(r"(?i)^(?:task|step|issue|item|story|ticket)s?\s+", "", label.strip())
    return bare.lstrip("#").upper()


def keys_in(labels: str) -> Iterator[str]:
    """Yield the keys in `T001, T003 and T005`, and of `T005-T008` those between."""
    previous, end = "", 0
    for found in re.finditer(rf"{_LABEL}|{_NUMBER}", labels, re.IGNORECASE):
        key = key_of(found[0])
        if re.fullmatch(_RANGE, labels[end : found.start()]):
            yield from _between(previous, key)
        yield key
        previous, end = key, found.end()


def _between(first: str, last: str) -> Iterator[str]:
    one, other = re.fullmatch(r"(.*?)(\d+)", first), re.fullmatch(r"(.*?)(\d+)", last)
    if one and other and (other[1] in ("", one[1])):
        for number in range(int(one[2]) + 1, int(other[2])):
            yield f"{one[1]}{number:0{len(one[2])}d}"


def named_in(text: str) -> Iterator[str]:
    """Yield the keys of what a text says it depends on; of a range also those between its ends."""
    for found in (*DEPENDS.finditer(text), *_NUMBERS.finditer(text)):
        yield from keys_in(found[1])


def is_of_list(key: str, known: Iterable[str]) -> bool:
    """Say whether a key that no task has can only mean one of this list: others of it are called alike.

    Mere numbers may also be those of issues, elsewhere.
    """
    letters = re.match(r"[A-Z]+-?", key)
    return letters is not None and any(re.match(rf"{letters[0]}\d", one) for one in known)


class Titles:
    """Finds tasks by words of their titles."""

    def __init__(self, tasks: Iterable[ListedTask]) -> None:
        self._keys: dict[str, set[str]] = {}
        """Of the tasks with a word in their title."""
        for task in tasks:
            for word in _words(task.title):
                self._keys.setdefault(word, set()).add(task.key)

    def named_in(self, text: str, own: str) -> Iterator[str]:
        """Yield the keys of tasks that a text says it depends on, in words: `after the parser`.

        The words must all be in exactly one title, not that of the task with the key `own`.
        """
        for found in _NAMED.finditer(text):
            words = _words(_ENDS.sub("", found["name"]))
            fitting = set.intersection(*(self._keys.get(word, set()) for word in words)) if words else set()
            if len(others := fitting - {own}) == 1:
                yield from others


def _words(text: str) -> set[str]:
    words = (one for one in re.findall(r"\w+", text.lower()) if one not in _SMALL)
    return {one.removesuffix("s") if len(one) > SHORT else one for one in words}


def title_of(text: str) -> tuple[str, str]:
    """Return a title of a text of any length, and the text again if the title is only a part of it."""
    line = " ".join(text.split())
    if len(line) <= LONGEST_TITLE:
        return line, ""
    sentence = _FIRST_SENTENCE.match(line)
    if sentence:
        return sentence[1], text
    return f"{line[:LONGEST_TITLE].rpartition(' ')[0] or line[:LONGEST_TITLE]}…", text


def dependencies(tasks: Sequence[ListedTask]) -> list[tuple[str, ...]]:
    """Return for each task the keys of what its own text says it depends on.

    Keys that no task has are there as well, where they can mean nothing else.
    """
    known, titles = {task.key: None for task in tasks}, Titles(tasks)
    result = []
    for task in tasks:
        text = f"{task.title}\n{task.details}"
        keys = [key for key in named_in(text) if key in known or is_of_list(key, known)]
        result.append(tuple(dict.fromkeys([*keys, *titles.named_in(text, task.key)])))
    return result
