"""What an agent reads to drive porch: the page `porch help automation`, in the file where its program looks.

The text stands between two lines of its own. The first has a digest, by which a later porch sees whether
a person has changed the text; what is outside of the lines is the person's.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from msgspec import Struct

from porch_tui.cli.output.printing import replace_file
from porch_tui.errors import RepositoryError

PAGE = Path(__file__).parents[1] / "help" / "automation.md"
NAME = "parallel-orchestrator"
DESCRIPTION = (
    "Runs independent pieces of work on this repository side by side with porch, and lands the results. "
    "Use it when a request has two or more parts that each take minutes and mostly write different files, "
    "or when the person asks for parallel work or for porch."
)
END = "<!-- porch end -->"
SECTION = re.compile(r"<!-- porch ([0-9a-f]{12})[^\n]*-->\r?\n(.*?)<!-- porch end -->", re.DOTALL)
MARK = re.compile(r"<!-- porch (?:[0-9a-f]{12}\b|end -->)")


class Definition(Struct, frozen=True):
    """Where a program looks for definitions, and what it wants around the text."""

    program: str
    path: str
    """Relative to the root of the repository."""
    head: str = ""
    """What a new file begins with. A file without one is shared with what others have written in it."""
    permission: str = ""
    """How the person lets the program run porch unattended."""

    @property
    def section(self) -> str:
        """The text between its two lines."""
        text = PAGE.read_text("utf-8")
        if not self.head:  # a chapter of a longer document
            text = f"#{text}"
        renewal = f"`porch init --for {self.program}` replaces this text, unless you have changed it"
        return f"<!-- porch {_digest(text)}: {renewal} -->\n{text}{END}\n"

    @property
    def new(self) -> str:
        """The file, where there is none."""
        return f"{self.head}{self.section}"


def _front_matter(**more: str) -> str:
    fields = {"name": NAME, "description": DESCRIPTION, **more}
    return "".join(("---\n", *(f"{key}: {value}\n" for key, value in fields.items()), "---\n\n"))


DEFINITIONS = {
    one.program: one
    for one in (
        Definition(
            "claude",
            f".claude/agents/{NAME}.md",
            _front_matter(tools="Bash, Read, Grep, Glob, Edit, Write"),
            "Claude Code asks before each porch command. To allow them all, and with them whatever a plan "
            'runs, put into .claude/settings.json:\n    {"permissions": {"allow": ["Bash(porch:*)"]}}',
        ),
        Definition(
            "codex",
            "AGENTS.md",
            permission="Codex keeps porch in its sandbox, where it cannot write to .git. To let it out, and "
            "with it whatever a plan runs, put into ~/.codex/rules/porch.rules:\n"
            '    prefix_rule(pattern = ["porch"], decision = "allow")',
        ),
        Definition("generic", f".agents/skills/{NAME}/SKILL.md", _front_matter()),
    )
}


def write_definition(root: Path, definition: Definition) -> tuple[Path, bool]:
    """Write the definition, or its section of a file, and return the file and whether that changed it.

    Raises RepositoryError if a person has written or changed what would be replaced, or if the file is
    outside of the repository.
    """
    path = root / definition.path
    wanted = f"porch init --for {definition.program} writes {definition.path}"
    if not path.resolve().is_relative_to(root.resolve()):
        raise RepositoryError(f"{wanted}, which is a link to {path.resolve()}, outside of the repository")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        old = path.read_bytes().decode("utf-8", "surrogateescape") if path.exists() else None
    except OSError as error:
        raise RepositoryError(f"{wanted}: {error.strerror}") from error
    try:
        new = definition.new if old is None else updated(old, definition)
    except ValueError as error:
        raise RepositoryError(
            f"{wanted}, but {error}; porch init --for {definition.program} --print shows the new text"
        ) from error
    if new != old:
        replace_file(path, new.encode("utf-8", "surrogateescape"))
    return path, new != old


def updated(old: str, definition: Definition) -> str:
    """Return a file's text with the section replaced or added; ValueError, with what to do, if it may not."""
    newline = "\r\n" if "\r\n" in old else "\n"
    section = definition.section.replace("\n", newline)
    marks, found = len(MARK.findall(old)), SECTION.search(old)
    if not marks:
        if definition.head:
            raise ValueError("it exists and porch did not write it: move it away, and call this again")
        gap = newline * (0 if not old else 1 if old.endswith("\n") else 2)
        return f"{old}{gap}{section}"
    if marks != 2 or not found:
        raise ValueError(f"there the lines <!-- porch … --> and {END} are not one pair: remove them")
    if found[1] != _digest(found[2]):
        kept = "the text between them, and the lines" if not definition.head else "the file, or move it away"
        raise ValueError(f"its text between the lines <!-- porch … --> has been changed: remove {kept}")
    return f"{old[: found.start()]}{section.rstrip()}{old[found.end() :]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.replace("\r\n", "\n").encode("utf-8", "surrogateescape")).hexdigest()[:12]
