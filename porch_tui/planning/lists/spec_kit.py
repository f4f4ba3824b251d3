"""The order in `tasks.md` of spec-kit: phases, user stories, and `[P]` for what may run side by side.

A line is `- [ ] T012 [P] [US1] Create the User model in src/models/user.py`. Within a phase, tasks with `[P]`
that are independent; one without comes after those before it. Setup comes first, then what
is foundational; user stories come after that and not after each other; the rest comes last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.core.model.wording import listed
from porch_tui.planning.lists.markdown import Item, task_of
from porch_tui.planning.lists.task_list import DEPENDS, LABEL, ListedTask, dependencies, key_of, keys_in

_LABEL = re.compile(r"T\d{2,4}\b")
_STORY = re.compile(r"\[(US\d+)\]")
_LABELS = re.compile(rf"\W*({LABEL.pattern}(?:[\s,and&–-]+{LABEL.pattern})*)")
_STORY_NAME = re.compile(r"(?i)\b(?:user\s+story\s+|US)(\d+)\b")
_PHASE = re.compile(r"(?i)\bphase\s+(\d+|N)\b")
_SENTENCE = re.compile(
    rf"({LABEL.pattern})\W+(?:must\s+|should\s+)?(blocks|(?:come\s+)?before|{DEPENDS.pattern})", re.IGNORECASE
)


class _Phase(Struct):
    """Tasks that are done in one go, and what they come after."""

    name: str
    is_story: bool
    items: list[Item]

    @property
    def story(self) -> str:
        """`US3`; empty if its name does not say."""
        found = _STORY_NAME.search(self.name)
        return f"US{found[1]}" if found else ""


class _Story(Struct, frozen=True):
    """The tasks of a user story, and those of them that it ends with."""

    keys: list[str]
    ends: list[str]


def is_spec_kit(items: Sequence[Item]) -> bool:
    """Say whether the tasks of a document are labelled as spec-kit does, most of them."""
    labelled = sum(item.box is not None and bool(_LABEL.match(item.text)) for item in items)
    return labelled * 2 > len(items)


def notes(items: Sequence[Item]) -> tuple[str, ...]:
    """Return what a reviewer must know of the order that spec-kit wants."""
    tests = [
        task_of(item).key
        for item in items
        if not item.is_done and item.section.lower().startswith("tests for")
    ]
    if not tests:
        return ()
    return (
        f"Tests come first in this list ({listed(tests)}), and fail until their story is implemented: they"
        " land only if what must pass does not run them yet. Else put each into the task that makes it pass.",
    )


def ordered(items: Sequence[Item], lines: Sequence[str]) -> tuple[ListedTask, ...]:
    """Return the tasks that are not ticked, each with the tasks it comes after."""
    tasks = {item.line: task_of(item) for item in items}
    after: dict[str, list[str]] = {task.key: [] for task in tasks.values()}
    why: dict[str, str] = {}
    before_stories: list[str] = []
    """What the next phase comes after; of user stories all the same."""
    stories: dict[str, _Story] = {}
    since: list[str] = []
    """The ends of the user stories since then."""
    for phase in _phases(items):
        if not phase.is_story and since:
            before_stories, since = since, []
        ends = _order_phase(phase, before_stories, tasks, after, why)
        if phase.story:
            stories[phase.story] = _Story([tasks[item.line].key for item in phase.items], ends)
        if phase.is_story:
            since += ends
        else:
            before_stories = ends
    for task, named in zip(tasks.values(), dependencies([*tasks.values()]), strict=True):
        after[task.key] += [key for key in named if key != task.key]
    _read_sentences(lines, after, stories)
    done = {tasks[item.line].key for item in items if item.is_done}
    return tuple(
        replace(task, after=_open(task.key, after, done), why=why.get(task.key, task.why))
        for task in tasks.values()
        if task.key not in done
    )


def _phases(items: Sequence[Item]) -> list[_Phase]:
    phases: list[_Phase] = []
    for item in items:
        heading = item.section if _PHASE.search(item.section) or not _PHASE.search(item.part) else item.part
        is_story = bool(_STORY.search(item.text)) or "user story" in heading.lower()
        if not phases or phases[-1].name != heading:
            phases.append(_Phase(heading, is_story, []))
        phases[-1].items.append(item)
    return phases


def _order_phase(
    phase: _Phase,
    first: Sequence[str],
    tasks: dict[int, ListedTask],
    after: dict[str, list[str]],
    why: dict[str, str],
) -> list[str]:
    """Note what the tasks of a phase come after, at least `first`; return those it ends with.

    Spec-kit marks with `[P]` what waits for nothing that is open in its phase.
    """
    ends: list[str] = []
    name = re.sub(r"\s*\(.*", "", phase.name).strip()
    for item in phase.items:
        task = tasks[item.line]
        story = _STORY.search(item.text)
        place = f"{task.key}, {name}" + (f", {story[1]}" if story else "")
        if "[P]" in item.text:
            after[task.key] += first
            why[task.key] = f"{place}: marked [P]"
            ends.append(task.key)
        else:
            after[task.key] += ends or first
            why[task.key] = f"{place}: not marked [P], so after what is before it"
            ends = [task.key]
    return ends


def _read_sentences(lines: Sequence[str], after: dict[str, list[str]], stories: dict[str, _Story]) -> None:
    """Note what sentences such as `T014 depends on T012` and `US4 needs US3` say, wherever they are."""
    for line in lines:
        line = _STORY_NAME.sub(r"US\1", line)  # noqa: PLW2901
        for found in _SENTENCE.finditer(line):
            one, others = key_of(found[1]), list(keys_in(found[3] or ""))
            pairs = [(one, other) for other in others]
            if not others:  # it blocks them, or comes before them
                labels = re.match(
                    rf"\W*({LABEL.pattern}(?:[\s,and&–-]+{LABEL.pattern})*)", line[found.end() :]
                )
                pairs = [(other, one) for other in keys_in(labels[1])] if labels else []
            for later, earlier in pairs:
                if later in after and earlier in after:
                    after[later].append(earlier)
                elif later in stories and earlier in stories:
                    for key in stories[later].keys:
                        after[key] += stories[earlier].ends


def _open(key: str, after: dict[str, list[str]], done: set[str]) -> tuple[str, ...]:
    """Return what a task comes after and is not done; what is done passes on what it came after."""
    found: dict[str, None] = {}
    seen, left = {key}, list(reversed(after[key]))
    while left:
        one = left.pop()
        if one in seen:
            continue
        seen.add(one)
        if one in done:
            left += reversed(after[one])
        else:
            found[one] = None
    return tuple(found)
