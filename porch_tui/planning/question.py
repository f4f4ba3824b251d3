"""What a planner is asked: the facts of the repository, the goal, and what makes a plan a good one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from porch_tui.core.files.facts import Facts
from porch_tui.core.files.languages import language_of
from porch_tui.core.model.wording import counted
from porch_tui.planfile.text.composer import printable
from porch_tui.present.amounts import size

MOST_FOLDERS = 60
MOST_TOP_FILES = 40
DEEPEST = 3
"""Of the folders that are listed."""
MOST_LISTED = 12
LEAST_IMPORTERS = 3
LEAST_COMMITS = 4
LONGEST_ANSWER = 60_000
"""Characters of an answer that are shown again: an argument has room for 131,071 bytes."""
_TEXT, _TEXTS = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
_TASK = {
    "id": _TEXT, "title": _TEXT, "prompt": _TEXT, "paths": _TEXTS, "after": _TEXTS, "checks": _TEXTS,
    "estimate": _TEXT, "reason": _TEXT,
}  # fmt: skip


def _strict(properties: Mapping[str, object]) -> dict[str, object]:
    """Return the schema of an object with exactly these: services ask for all of them to be required."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [*properties],
        "properties": dict(properties),
    }


SCHEMA = json.dumps(_strict({"tasks": {"type": "array", "items": _strict(_TASK)}, "notes": _TEXT}))
"""Of the answer, for agents that take one."""

RULES = """\
Split the goal into tasks for coding agents that work at the same time, each in a worktree of its own that
starts from this commit. Each task is merged when its checks pass; no agent sees the work of another before.

Rules:
1. Independence first. Cut so that tasks touch different files and need nothing of each other: by module or
   layer, not by step. A task that only prepares for one other task belongs into that task.
2. `after` only where the output of one task is needed to begin another: not for taste, not for order, and
   never in a circle.
3. Two tasks that would write the same file are cut wrong: give the file to one of them. If it cannot be
   avoided, one comes after the other.
4. Changes of a database's schema, and migrations, come one after the other.
5. Each task can be tested alone: `checks` are commands that exit with 0 when the task is done.
6. Fewer, substantial tasks beat many small ones; one task is right if nothing can be done side by side.
7. Read the code before you cut. Do not edit anything: this worktree is thrown away, and edits are lost.

Each task has
- id: short, lower-case letters, digits and dashes
- title: a few words
- prompt: all that its agent needs to know, as if it had never heard of the others: what to change, where,
  what stays as it is, and how to know that it is done
- paths: globs of all files that it will write, its tests included (src/auth/**, tests/test_auth.py)
- after: ids of tasks, mostly empty
- checks: commands that fit this repository
- estimate: how long an agent will take, such as 10m or 1h
- reason: one sentence: why this is one task, and why it is independent, or what it waits for

Answer with one JSON document and nothing else: {"tasks": [...], "notes": "what a reviewer should know"}."""


def question(goal: str, facts: Facts, tests: str, most_tasks: int | None) -> str:
    """Return the prompt for the first round; `tests` is the command that most likely runs the tests."""
    limit = f"\n\nMake at most {most_tasks} tasks." if most_tasks else ""
    return f"{RULES}{limit}\n\nThe repository\n\n{described(facts, tests)}\n\nThe goal\n\n{goal.strip()}\n"


def correction(mistakes: Sequence[str], previous: str = "") -> str:
    """Return the prompt for another round.

    `previous` is the answer, for an agent that does not remember it.
    """
    previous = previous[-LONGEST_ANSWER:]
    said = f"You were asked for a plan, and answered:\n\n{previous}\n\n" if previous else ""
    listed = "\n".join(f"- {one}" for one in mistakes)
    return printable(
        f"{said}This plan cannot be used as it is:\n{listed}\n\n"
        "Mend that, keep the rest, and answer with the whole plan again: one JSON document"
        ' {"tasks": [...], "notes": "..."} and nothing else. Do not edit any file.'
    )


def described(facts: Facts, tests: str) -> str:
    """Return what is known of the repository before anyone looks."""
    sizes = facts.sizes
    folders, top = _folders(sizes), [path for path in sizes if "/" not in path]
    more = f" and {len(top) - MOST_TOP_FILES} more" if len(top) > MOST_TOP_FILES else ""
    parts = [
        f"{counted(len(sizes), 'tracked file')}, {size(sum(sizes.values()))}",
        f"Languages: {_languages(sizes)}",
        f"Tests: {tests}" if tests else "Tests: none were recognized",
        f"Files at the top: {', '.join(top[:MOST_TOP_FILES])}{more}" if top else "",
        _list("Folders:", folders),
        _list("Imported by the most files, so a change of them reaches far:", _hot_spots(facts)),
        _list("Changed together in recent commits, so better in one task:", _coupled(facts)),
    ]
    return "\n".join(filter(None, parts))


def _list(title: str, lines: Sequence[str]) -> str:
    return "\n".join((title, *(f"- {line}" for line in lines))) if lines else ""


def _hot_spots(facts: Facts) -> list[str]:
    importers = Counter(imported for found in facts.imports.values() for imported in found)
    common = [(path, count) for path, count in importers.most_common(MOST_LISTED) if count >= LEAST_IMPORTERS]
    return [f"{path} by {count}" for path, count in common]


def _coupled(facts: Facts) -> list[str]:
    """Return pairs of source files of which one is seldom changed without the other."""
    found = []
    for (one, other), count in facts.together.items():
        if not (language_of(one) and language_of(other)):
            continue  # a changelog is changed with everything
        least = min(facts.commits.get(one, count), facts.commits.get(other, count))
        if count >= LEAST_COMMITS and 2 * count >= least:
            found.append((count, one, other))
    found.sort(key=lambda each: (-each[0], each[1:]))
    return [f"{one} and {other} ({count} commits)" for count, one, other in found[:MOST_LISTED]]


def _languages(sizes: Mapping[str, int]) -> str:
    counts = Counter[str]()
    for path, count in sizes.items():
        if language := language_of(path):
            counts[language] += count
    total = sum(counts.values()) or 1
    shares = (
        f"{name} {100 * count // total} %" for name, count in counts.most_common(5) if 100 * count >= total
    )
    return ", ".join(shares) or "none that were recognized"


def _folders(sizes: Mapping[str, int]) -> list[str]:
    """Return folders with how much is in them, the upper ones where there are too many."""
    files, amount = Counter[str](), Counter[str]()
    for path, count in sizes.items():
        parts = path.split("/")[:-1]
        for depth in range(1, min(len(parts), DEEPEST) + 1):
            folder = "/".join(parts[:depth])
            files[folder] += 1
            amount[folder] += count
    for depth in range(DEEPEST, 0, -1):
        chosen = sorted(folder for folder in files if folder.count("/") < depth)
        if len(chosen) <= MOST_FOLDERS or depth == 1:
            kept = sorted(sorted(chosen, key=lambda one: -amount[one])[:MOST_FOLDERS])
            return [f"{one}/ {counted(files[one], 'file')}, {size(amount[one])}" for one in kept]
    return []
