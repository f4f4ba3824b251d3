"""A list of tasks made into a draft: ids, prompts, paths, checks, and the order it asks for."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePath

from porch_tui.core.model.wording import counted
from porch_tui.planfile.values.to_plan import name_from
from porch_tui.planning.draft import Draft, DraftAgent, DraftTask
from porch_tui.planning.lists.task_list import ListedTask, TaskList
from porch_tui.planning.sequence import in_sequence
from porch_tui.planning.tracked import TrackedFiles

LONGEST_SLUG = 40
FEWEST_WORDS = 3
_PATH = re.compile(r"`[^`]*/[^`]*`|\S+/\S*\w|\S+\.(?:[a-z]{1,4})\b")
_TRAILING = {
    "a", "an", "the", "of", "for", "to", "in", "on", "with", "and", "or", "by", "from", "at", "as", "into",
}  # fmt: skip


def draft_of(read: TaskList, file: str, tracked: TrackedFiles, agent: DraftAgent) -> Draft:
    """Return the draft of a list; `file` is what the list is called."""
    ids = ids_of(read.tasks)
    tasks = tuple(_task(task, ids, file, tracked) for task in read.tasks)
    return Draft(
        name=name_from(slug(read.title) if read.title else PurePath(file).stem),
        tasks=in_sequence(tasks),
        origin=f"{file}: {counted(len(tasks), 'task')} ({read.kind})",
        goal=read.title,
        agent=agent,
        setup=tracked.setup,
        validate=tracked.validate,
        notes=read.notes,
    )


def ids_of(tasks: Sequence[ListedTask]) -> dict[str, str]:
    """Return an id for each task, by its key: its label and words of its title."""
    ids: dict[str, str] = {}
    for task in tasks:
        label = "" if task.key.startswith("item ") else f"{task.key} "
        ids[task.key] = free_id(slug(f"{label}{task.title}"), ids.values())
    return ids


def slug(text: str) -> str:
    """Return words of a text as an id, those before a path if they are enough; `task` if there are none."""
    before = _PATH.split(text, maxsplit=1)[0]
    words = re.findall(r"[a-z0-9]+", before.lower())
    if len(words) < FEWEST_WORDS:
        by_stem = _PATH.sub(lambda path: PurePath(path[0].strip("`")).stem, text)
        words = re.findall(r"[a-z0-9]+", by_stem.lower())
    kept: list[str] = []
    for word in words:
        if kept and len("-".join((*kept, word))) > LONGEST_SLUG:
            break
        kept.append(word[:LONGEST_SLUG])
    while len(kept) > 1 and kept[-1] in _TRAILING:
        kept.pop()
    return "-".join(kept) or "task"


def free_id(wanted: str, taken: Collection[str]) -> str:
    """Return an id that is not taken: with a number behind it if need be."""
    number, found = 2, wanted
    while found in taken:
        found, number = f"{wanted}-{number}", number + 1
    return found


def _task(task: ListedTask, ids: Mapping[str, str], file: str, tracked: TrackedFiles) -> DraftTask:
    is_repeated = task.details.startswith(task.title.rstrip("…"))
    own_words = task.details if is_repeated else f"{task.title}\n\n{task.details}".strip()
    prompt = f"{own_words}\n\nHow it is tested: {task.test}" if task.test else own_words
    # a folder in the details is mostly where to look, and rarely all that is written
    paths = (*tracked.named_in(task.title),) or (*tracked.named_in(task.details, has_folders=False),)
    if file in tracked.paths:
        prompt += f"\n\nThis is {task.key} of the list in {file}; others do the rest of it."
    where = f"{file}:{task.line}" if task.line else file
    return DraftTask(
        id=ids[task.key],
        title=task.title,
        prompt=prompt,
        paths=paths,
        after=tuple(ids[key] for key in task.after),
        checks=tracked.checks_for(paths),
        reason=f"{where}{', ' if task.why else ''}{task.why}",
    )
