"""Whether the worktree and branch templates of a plan can work for all its tasks.

Only what can be seen in the text; what is on the disk is for others to look at.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection

from porch_tui.core.model.plan import DEFAULT_BRANCH, DEFAULT_WORKTREE
from porch_tui.planfile.keys.plan_keys import PlanDocument
from porch_tui.planfile.text.source import Source
from porch_tui.planfile.values.value_parsing import is_branch_name, placeholders


def check_worktree(source: Source, template: str, tasks: Collection[str]) -> str:
    """Return the template of the worktrees' folders; the default if it cannot work."""
    path = ("worktree",)
    if not _has_only(source, path, template, ("repo", "task", "run")):
        return DEFAULT_WORKTREE
    folder = posixpath.normpath(template.format(repo="<repo>", task="<task>", run="<run>"))
    if "<task>" not in folder and len(tasks) > 1:
        source.refuse(path, "found no {task}; expected it: each task needs a folder of its own")
    first, _, rest = folder.partition("/")
    if posixpath.isabs(folder):
        return template
    if first != ".." or rest == "<repo>" or rest.startswith("<repo>/"):
        source.refuse(
            path,
            f"found {template!r}, which leads into the repository; expected a folder outside it, such as"
            f" {DEFAULT_WORKTREE}: git clean and git add -A would take worktrees inside",
        )
    return template


def check_branch(source: Source, document: PlanDocument, tasks: Collection[str]) -> str:
    """Return the template of the tasks' branches; the default if it cannot work."""
    path, template = ("branch",), document.branch
    if not _has_only(source, path, template, ("task", "run")):
        return DEFAULT_BRANCH
    sample = template.format(task="task", run="run")
    if "{task}" not in template:
        source.refuse(path, "found no {task}; expected it: each task needs a branch of its own")
    elif not is_branch_name(sample) or sample.startswith("refs/"):
        source.refuse(
            path, f"found {template!r}; expected a branch name that git accepts, without refs/heads/"
        )
    elif isinstance(document.target, str):
        _check_against_target(source, template, document.target, tasks)
    return template


def _check_against_target(source: Source, template: str, target: str, tasks: Collection[str]) -> None:
    for task in tasks:
        branch, text = template.format(task=task, run="run"), ""
        if branch == target:
            text = f"makes {branch!r} the branch of task {task}; that is the target itself"
        elif branch.startswith(f"{target}/") or target.startswith(f"{branch}/"):
            text = (
                f"makes the branch {branch!r}, which git cannot have beside the target {target!r};"
                " expected another beginning"
            )
        if text:
            source.refuse(("branch",), text)
            return


def _has_only(source: Source, path: tuple[str], template: str, known: tuple[str, ...]) -> bool:
    expected = ", ".join(f"{{{name}}}" for name in known)
    try:
        unknown = [name for name in placeholders(template) if name not in known]
    except ValueError:
        source.refuse(path, f"found a lone brace in {template!r}; expected only {expected} in braces")
        return False
    for name in unknown:
        near = source.found.near(name, known)
        source.refuse(path, f"found the placeholder {{{name}}}; expected only {expected}{near}")
    return not unknown
