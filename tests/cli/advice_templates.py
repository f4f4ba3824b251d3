"""Commands in the texts of the code, found by reading it: all advice that is printed has been tried."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from porch_tui.present.commands import CLI_COMMANDS

CODE = Path(__file__).parents[2] / "porch_tui"
NO_ADVICE = (
    "cli/parser.py",
    "cli/commands/completion.py",
    "demo/",
    "planfile/starter_plan.py",
    "planfile/keys/plan_keys.py",
    "planfile/keys/task_keys.py",
)
"""Help texts, completions and files that porch writes: their tests are elsewhere."""
GIT_VERBS = frozenset(
    (
        *("add", "am", "bisect", "branch", "checkout", "cherry-pick", "clone", "commit", "commit-tree"),
        *("config", "fetch", "fsck", "gc", "init", "merge", "mergetool", "prune", "pull", "push", "rebase"),
        *("reflog", "refs", "reset", "restore", "revert", "rm", "show", "stash", "status", "submodule"),
        *("switch", "update-ref", "worktree"),
    )
)
VALUE = "\0"
"""In the place of what is filled in."""
PROGRAM = re.compile(r"\b(porch|git)\b[ \"'{]")
"""What a file has somewhere that prints a command."""
WORD = re.compile(rf"\b(porch|git)((?: (?:-C|--git-dir)[ =]\S+)?(?: [\w{VALUE}][\w{VALUE}.=-]*| --?[\w-]+)+)")


def shapes() -> dict[str, list[str]]:
    """Return each command, without what is filled in, and the files that print it."""
    found: dict[str, set[str]] = {}
    for path in sorted(CODE.rglob("*.py")):
        name = path.relative_to(CODE).as_posix()
        code = path.read_text(encoding="utf-8")
        if not name.startswith(NO_ADVICE) and PROGRAM.search(code):
            for text in _texts(ast.parse(code)):
                for shape in _shapes_of(text):
                    found.setdefault(shape, set()).add(name)
    return {shape: sorted(files) for shape, files in sorted(found.items())}


def _shapes_of(text: str) -> Iterator[str]:
    for program, rest in WORD.findall(text):
        words = rest.split()
        if words and words[0] in ("-C", "--git-dir"):
            words = words[2:] if words[0] == "-C" else words[1:]
        if not words or words[0] not in (CLI_COMMANDS if program == "porch" else GIT_VERBS):
            continue
        kept = [words[0]]
        if program == "git" and words[0] in ("worktree", "submodule", "bisect") and len(words) > 1:
            kept.append(words[1])
        flags = [word for word in words[1:] if word.startswith("-")]
        yield " ".join((program, *kept, *dict.fromkeys(flags)))


def _texts(tree: ast.Module) -> Iterator[str]:
    """Yield every text of a module but its docstrings; what an f-string fills in is VALUE."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        for body in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
            if isinstance(body, list):
                skipped |= {id(one.value) for one in body if isinstance(one, ast.Expr)}
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(value) for value in node.values}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(one.value) if isinstance(one, ast.Constant) else VALUE for one in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
