"""The prompt that asks an agent for a resolution: files, both changes, their tasks, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from porch_tui.core.conflict.view import ConflictView
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.wording import counted

MOST_CHARACTERS = 40_000
"""Of each side's changes: Linux takes no argument of more than 128 KiB. All of it is in the file."""


class Question(Struct, frozen=True):
    """A conflict with what is needed to resolve it without having seen the run."""

    view: ConflictView
    titles: Mapping[TaskId, str]
    """Of the task and of those it collides with."""
    changes_main: str
    """What the target, with what landed in it, did to the conflicted files since the common base: a diff."""
    changes_task: str

    def document(self, view: Mapping[str, object], begun: str) -> dict[str, object]:
        """Return it for programs: what `porch conflicts --json` says of the task, and the rest."""
        return {
            **view,
            "run": self.view.run,
            "target": self.view.target,
            "titles": dict(self.titles),
            "diffs": {"main": self.changes_main, "task": self.changes_task},
            "commit": begun,
        }


def prompt(question: Question, document: str) -> str:
    """Return the question in words; `document` is the path of the same as JSON."""
    view = question.view
    main = f"{view.target}, with {_named(question, view.partners)}" if view.partners else view.target
    files = ""
    for path in view.conflict.paths:
        hunks = f"{counted(len(path.hunks), 'hunk')} between markers" if path.hunks else "without markers"
        files += f"- {path.path} ({path.kind.value}, {hunks})\n"
    return f"""\
Two changes to this git repository collide. Resolve the conflict in the files of the current directory.

The task: {_named(question, (view.task,))}
It is to be merged into: {main}

Files in conflict:
{files}
The current directory is a worktree of its own with the merge as git left it. Conflict markers are named
main, base and task. Keep what both changes are for, and remove every marker. To remove a file: delete it.
To keep a file without markers as it is: git add it. Leave what you cannot decide between its markers: a
person decides it then. Change no other file: that would not be taken. Commit nothing.

What main did since the common base:
{_cut(question.changes_main)}

What the task did since the common base:
{_cut(question.changes_task)}

The same as JSON, with every hunk: {document}
"""


def _named(question: Question, tasks: tuple[TaskId, ...]) -> str:
    return ", ".join(f"{task} ({question.titles.get(task, task)})" for task in tasks)


def _cut(text: str) -> str:
    if len(text) <= MOST_CHARACTERS:
        return text.rstrip() or "(nothing that a diff shows)"
    return f"{text[:MOST_CHARACTERS]}\n(… {len(text) - MOST_CHARACTERS} more characters)"
