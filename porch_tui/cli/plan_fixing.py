"""`porch check --fix`: shows what advice makes of a plan file, and writes it on request."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import unified_diff
from pathlib import Path

from porch_tui.cli.lookup import is_terminal
from porch_tui.cli.output.printing import palette, replace_file, say, width, write
from porch_tui.core.advice.edits import Edit
from porch_tui.core.model.wording import counted, one_line
from porch_tui.core.relations.relations import Evidence
from porch_tui.errors import PlanError, RepositoryError
from porch_tui.planfile.editing.edited_plan import EditedPlan, edited, has_effect
from porch_tui.planfile.read import PlanFile, content_of
from porch_tui.present.cells import wrapped
from porch_tui.present.clean import clean
from porch_tui.present.signs import Sign
from porch_tui.report.forms.palette import Palette
from porch_tui.report.sections.advice import by_reason, written

NOT_WRITTEN = 1
"""The exit code where edits are proposed and the file is as it was."""
QUOTES = 2
"""Lines shown as evidence for one edit."""
COLORS = {"+": Sign.GOOD, "-": Sign.FAILED, "@": Sign.RUNS}


class Fixing:
    """Edits of one plan file, and what becomes of them."""

    def __init__(self, read: PlanFile, path: Path, shown: str, edits: Sequence[Edit]) -> None:
        """`shown` is what the file at `path` is called, from the root of the repository."""
        self._read, self._path, self._shown = read, path, shown
        self._done = edited(read, edits)

    def offer(self, given: str | None, *, is_agreed: bool) -> int:
        """Show the edits and write them, if that is agreed or a person says so; return the exit code.

        `given` is how the plan was named on the command line, if it was.
        """
        done, shown = self._done, self._shown
        what = by_reason(done.written)
        write("".join(f"{line}\n" for line in _pictured(done, what, self._read, shown)))
        if not what:
            return NOT_WRITTEN if done.left else 0
        count = counted(len(what), "edit")
        if not is_agreed and is_terminal():
            these = "this edit" if len(what) == 1 else f"these {count}"
            is_agreed = _asked(f"\nWrite {these} to {shown}? [y/N] ")
        command = f"porch check {shlex.quote(given)}" if given else "porch check"
        if not is_agreed:
            say(f"porch: nothing was written; this writes {count}: {command} --fix --yes")
            return NOT_WRITTEN
        self.write()
        say(f"porch: wrote {count} to {shown}; look at the plan again: {command}")
        return NOT_WRITTEN if done.left else 0

    def add_to(self, document: dict[str, object], *, is_agreed: bool) -> int:
        """Add to the JSON of the check what it would be, and write that if it is agreed; the exit code."""
        done = self._done
        if is_agreed and done.written:
            self.write()
        document["diff"] = "".join(f"{line}\n" for line in diff_of(self._read, done.content, self._shown))
        document["is_written"] = is_agreed and bool(done.written)
        document["left"] = [{"task": one.task, "key": one.key.value, "why": why} for one, why in done.left]
        return NOT_WRITTEN if done.left or (done.written and not is_agreed) else 0

    def write(self) -> None:
        """Write the edits into the file that was read, and prove that it is what was meant.

        Raises RefusedError if the file was changed meanwhile; PlanError or RepositoryError if it cannot be
        written. Then it is as it was.
        """
        replace_file(self._path, self._done.content, instead_of=self._read.content)
        try:
            is_good = has_effect(self._read, content_of(self._path), self._done.written)
        except PlanError:
            is_good = False
        if not is_good:
            replace_file(self._path, self._read.content, instead_of=self._done.content)
            raise RepositoryError(
                f"{self._path} was to be edited, but then it reads differently; it is as it was before."
                " Write the edits by hand: porch check --fix shows them"
            )


def diff_of(read: PlanFile, content: bytes, shown: str) -> list[str]:
    """Return how another content of a plan file differs, as the lines of a unified diff."""
    before, after = (one.decode().splitlines(keepends=True) for one in (read.content, content))
    lines: list[str] = []
    for line in unified_diff(before, after, shown, shown):
        lines.append(line.rstrip("\r\n"))
        if not line.endswith(("\r", "\n")) and line[:1] in "+- ":
            lines.append("\\ No newline at end of file")
    return lines


def _pictured(done: EditedPlan, edits: Mapping[str, Edit], read: PlanFile, shown: str) -> Iterator[str]:
    """Yield lines: each edit with its reason and evidence, the diff, and what is left to the author."""
    room, colors = width(), palette()
    if not edits and not done.left:
        yield f"{shown}: nothing to fix"
        return
    for number, (what, one) in enumerate(edits.items(), 1):
        indent = " " * len(first := f"{number}. ")
        yield from wrapped(clean(what), room, first)
        for text in (f"{one.reason}.", *_quotes(one.evidence, shown)):
            yield from wrapped(clean(text), room, indent)
    if edits:
        yield ""
        yield from _painted(diff_of(read, done.content, shown), colors)
    for edit, why in done.left:
        text = f"{edit.task}: porch cannot write {written(edit.key, edit.add)}: {why}. {edit.reason}."
        yield from wrapped(clean(text), room, f"{colors.glyph(Sign.ASKS)} ")


def _quotes(evidence: Iterable[Evidence], shown: str) -> Iterator[str]:
    """Yield the lines that an edit goes back to, each with its place."""
    quotes = [quote for one in evidence for quote in one.quotes if quote.line]
    for quote in quotes[:QUOTES]:
        yield f"{quote.file or shown}:{quote.line}: {one_line(quote.text, 100)}"


def _painted(lines: Iterable[str], colors: Palette) -> Iterator[str]:
    for line in lines:
        sign = COLORS.get(line[:1]) if not line.startswith(("+++", "---")) else None
        yield clean(line) if sign is None else colors.painted(sign, clean(line))


def _asked(question: str) -> bool:
    """Ask a person on the terminal; only `y` or `yes` is a yes."""
    write(question)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
