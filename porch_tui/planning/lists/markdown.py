"""Tasks in Markdown: checkboxes, bullets, numbers or headings, with what is indented below each.

Which of them are the tasks depends on the document: headings such as `Task 3: …` go first, then checkboxes,
then the outermost bullets. What is not indented below a task is no part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from textwrap import dedent

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.planning.lists.task_list import LABEL, ListedTask, dependencies, key_of, named_in, title_of

_ITEM = re.compile(
    r"(?P<indent>\s*)(?:[-*+]|(?P<number>\d{1,4})[.)])\s+(?:\[(?P<box>[ xX~-])\]\s+)?(?P<text>\S.*)"
)
_HEADING = re.compile(r" {0,3}(?P<level>#{1,6})\s+(?P<text>.*?)\s*#*\s*")
_FENCE = re.compile(r"\s*(```+|~~~+)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TASK_HEADING = re.compile(rf"(?:{LABEL.pattern}|\d+)\s*(?::|\.|\)|—|–|-)\s*(?P<title>\S.*)", re.DOTALL)
_NO_TASKS = re.compile(
    r"(?i)\b(notes?|format|conventions?|strateg(?:y|ies)|summary|overview|references?|non-goals?|goals?|background"
    r"|context|risks?|questions?|acceptance|criteria|dependenc(?:y|ies)|glossary|prerequisites|principles|links)\b"
)
"""Sections whose bullets are no tasks."""
_MARK = re.compile(r"\s*\[(?:P|US\d+|[A-Z]{1,3}\d*)\]\s*")
_REMARK = re.compile(r"(?i)\s*\((?:depends? on|after|blocked by|requires|needs)\b[^)]*\)")
_BOLD_TITLE = re.compile(
    r"(\*\*|__)(?P<title>[^*]+?)(?:[:.]\1|\1\s*(?::|—|–|-|\.|$))\s*(?P<rest>.*)", re.DOTALL
)


WRAPPED = 50
"""Characters from which on a line has probably not ended of its own accord."""


class Item(Struct, frozen=True):
    """A bullet, number, checkbox or heading, as the document has it."""

    line: int
    text: str
    section: str
    """The heading above it."""
    part: str = ""
    """The heading above that, one level up."""
    indent: int = 0
    number: str = ""
    box: str | None = None
    """What is in its checkbox; None: it has none."""
    details: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it is ticked, or struck out."""
        return self.box is not None and self.box != " "

    @property
    def label(self) -> str:
        """The label it begins with, such as `T001` or `Task 3`; empty if it has none."""
        text = self.text.lstrip("*_`[")
        found = LABEL.match(text)
        return found[0] if found and not text[found.end() :].startswith("/") else ""


class Document(Struct, frozen=True):
    """What of a document may be tasks."""

    title: str
    items: tuple[Item, ...]
    kind: str
    """What they are written as."""


def document_of(text: str) -> Document:
    """Return what of a document may be tasks; without items if nothing is."""
    # comments keep their lines, so that places stay right
    text = _COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), _without_front_matter(text))
    return _document(text.split("\n"))


def tasks_of(document: Document) -> tuple[ListedTask, ...]:
    """Return the tasks that are not ticked; each comes after those that its own text names."""
    tasks = tuple(_numbered(map(task_of, document.items)))
    after = dependencies(tasks)
    done = {task.key for task, item in zip(tasks, document.items, strict=True) if item.is_done}
    return tuple(
        replace(task, after=tuple(key for key in keys if key not in done))
        for task, keys in zip(tasks, after, strict=True)
        if task.key not in done
    )


def _without_front_matter(text: str) -> str:
    found = re.match(r"---\n.*?\n---\n", text, re.DOTALL)
    return "\n" * text[: found.end()].count("\n") + text[found.end() :] if found else text


def _document(lines: list[str]) -> Document:
    everything, headings = _bullets(lines), _headings(lines)
    first = next((one for one in headings if one.indent == 1), None)
    title = _plain(first.text) if first else ""
    named = [one for one in headings if _TASK_HEADING.fullmatch(one.text.lstrip("*_`["))]
    boxes = [one for one in everything if one.box is not None]
    bullets = [one for one in everything if not _NO_TASKS.search(one.section)]
    sections = [one for one in headings if one.indent > 1 and not _NO_TASKS.search(one.text)]
    if len(named) > 1 or (named and not boxes):
        items, kind = _with_text(named, headings, lines), "headings in Markdown"
    elif boxes:
        items, kind = _outermost(boxes, everything, lines), "checkboxes in Markdown"
    elif bullets:
        items, kind = _outermost(bullets, everything, lines), "bullets in Markdown"
    else:
        level = max((one.indent for one in sections), default=0)
        deepest = [one for one in sections if one.indent == level]
        items, kind = _with_text(deepest, headings, lines), "sections in Markdown"
    return Document(title, tuple(items), kind)


def _outside_fences(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines that are no program text, with their numbers from 1."""
    fence = ""
    for number, line in enumerate(lines, 1):
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        elif not fence:
            yield number, line


def _headings(lines: list[str]) -> list[Item]:
    found: list[Item] = []
    above: dict[int, str] = {}
    for number, line in _outside_fences(lines):
        if heading := _HEADING.fullmatch(line):
            level = len(heading["level"])
            above = {key: text for key, text in above.items() if key < level}
            section = above[max(above)] if above else ""
            found.append(Item(number, heading["text"], section, indent=level))
            above[level] = heading["text"]
    return found


def _bullets(lines: list[str]) -> list[Item]:
    found, headings = [], {one.line: one for one in _headings(lines)}
    section = part = ""
    for number, line in _outside_fences(lines):
        if number in headings:
            section, part = headings[number].text, headings[number].section
        elif item := _ITEM.fullmatch(line.expandtabs(4).rstrip()):
            indent = len(item["indent"])
            found.append(Item(number, item["text"], section, part, indent, item["number"] or "", item["box"]))
    return found


def _outermost(chosen: list[Item], everything: list[Item], lines: list[str]) -> list[Item]:
    """Return the chosen items that are not below another of them, each with what is indented below it."""
    result: list[Item] = []
    starts, inside, end = (
        {one.line for one in everything},
        {number for number, _ in _outside_fences(lines)},
        0,
    )
    for item in chosen:
        if item.line <= end:
            continue
        end = _end_of(item, starts, lines, inside)
        result.append(_with_paragraph(item, lines[item.line : end], starts))
    return result


def _with_paragraph(item: Item, below: list[str], starts: Set[int]) -> Item:
    """Return an item with the lines below it; where its own line is wrapped, the first go on with it."""
    count, previous = 0, " " * item.indent + item.text
    for number, line in enumerate(below, item.line + 1):
        if len(previous) < WRAPPED or not line.strip() or number in starts or _FENCE.match(line):
            break
        count, previous = count + 1, line
    text = " ".join((item.text, *(line.strip() for line in below[:count])))
    return replace(item, text=text, details=_text(below[count:]))


def _end_of(item: Item, starts: Set[int], lines: list[str], inside: Set[int]) -> int:
    """Return the last line of an item: what is indented below it, or goes on with its paragraph.

    `starts` are the lines with bullets, and `inside` those that are no program text.
    """
    end, is_paragraph = item.line, True
    for number in range(item.line + 1, len(lines) + 1):
        line = lines[number - 1].expandtabs(4)
        if not line.strip():
            is_paragraph = False
            continue
        indent = len(line) - len(line.lstrip())
        if number in inside and _HEADING.fullmatch(line):
            break
        if (
            indent <= item.indent
            and (number in starts or not is_paragraph)
            and (number in inside or _FENCE.match(line))
        ):
            break
        is_paragraph = number in inside
        end = number
    return end


def _with_text(chosen: list[Item], headings: list[Item], lines: list[str]) -> list[Item]:
    """Return headings with all that is below each, down to the next of its level or above."""
    result = []
    for item in chosen:
        following = (one.line for one in headings if one.line > item.line and one.indent <= item.indent)
        end = next(following, len(lines) + 1)
        result.append(replace(item, details=_text(lines[item.line : end - 1])))
    return result


def _text(lines: list[str]) -> str:
    return dedent("\n".join(line.expandtabs(4).rstrip() for line in lines)).strip("\n")


def task_of(item: Item) -> ListedTask:
    """Return the task of an item; its key is empty where the document gives it none."""
    label = item.label
    text = item.text.lstrip("*_`[")[len(label) :].lstrip("]*_` :.)—–-") if label else item.text
    heading = re.match(r"\d+\s*[:.)—–-]\s*", item.text)
    key = key_of(label) or item.number or (heading[0].rstrip(" :.)—–-") if heading else "")
    if heading and not label:
        text = item.text[heading.end() :]
    text = _REMARK.sub(_unless_label, _MARK.sub(" ", text)).strip()
    rest = ""
    if bold := _BOLD_TITLE.fullmatch(text):
        text, rest = bold["title"], bold["rest"]
    remarks = [found[0].strip(" ()") for found in _REMARK.finditer(item.text) if not _unless_label(found)]
    title, whole = title_of(_plain(text))
    details = "\n\n".join(filter(None, (whole, rest, item.details, *remarks)))
    is_title = item.section and not item.part
    why = "" if is_title or not item.section else f"under “{_plain(item.section)}”"
    return ListedTask(key, title or key, item.line, details, why=why)


def _unless_label(remark: re.Match[str]) -> str:
    """Return what stays of a remark such as `(depends on T003)` in the text: nothing, if it names a label."""
    return "" if any(named_in(remark[0])) else remark[0]


def _numbered(tasks: Iterator[ListedTask]) -> Iterator[ListedTask]:
    """Yield the tasks, each with a key that no other has: numbered lists begin again in each section."""
    seen = set[str]()
    for count, task in enumerate(tasks, 1):
        key = task.key if task.key and task.key not in seen else f"item {count}"
        seen.add(key)
        yield replace(task, key=key)


def _plain(text: str) -> str:
    """Return a line without the marks of Markdown around words."""
    text = re.sub(r"!?\[([^\]]+)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(?<![\w/])(__?)(?=[^\s_])([^_]+?)\1(?![\w/]|\.\w)", r"\2", text)
    return re.sub(r"\*\*|(?<![\w*/])\*(?=\w)|(?<=\w)\*(?![\w*/])|~~", "", text).strip().rstrip(":").strip()
