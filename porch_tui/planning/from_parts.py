"""The repository's own parts made into a draft: one task for each, with the same work to do."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from msgspec import Struct

from porch_tui.core.files.facts import Facts
from porch_tui.core.files.languages import is_test_module, language_of
from porch_tui.core.model.wording import counted, listed
from porch_tui.core.splitting.covering import as_pattern, covering
from porch_tui.core.splitting.parts import HALF, By, Part, Split
from porch_tui.errors import PlanError
from porch_tui.planfile.text.composer import printable
from porch_tui.planning.draft import Draft, DraftAgent, DraftTask
from porch_tui.planning.from_list import free_id, slug
from porch_tui.planning.tracked import TrackedFiles

PATHS = "{paths}"
"""In a command or a prompt: stands for the folders and files of a part."""
MOST_CUTS = 3
"""That are named: the strongest."""
_SAY_NOTHING = frozenset({"src", "lib", "python", "__init__", "index", "mod", "main"})
"""Names that are explained by the folder around them only."""


class Work(Struct, frozen=True):
    """What is to be done in each part: a command, or a prompt for an agent."""

    command: str = ""
    """For a shell, with `{paths}` in it."""
    prompt: str = ""
    agent: DraftAgent | None = None


def work_of(words: list[str], prompt: str | None, agent: DraftAgent | None) -> Work | None:
    """Return what the command line says that is to be done; None if it says nothing. Raises PlanError.

    `words` are those behind `--`: one is a line for a shell, several are a command with its arguments.
    """
    text = words[0] if len(words) == 1 else " ".join(map(_quoted, words))
    if words and (prompt or agent):
        raise PlanError(
            "give either a command behind --, or --agent with --prompt: both would do the same work"
        )
    if (prompt is None) != (agent is None):
        raise PlanError("--agent and --prompt go together: who is to do the work, and what it is")
    if not words and prompt is None:
        return None
    if PATHS not in (prompt or text):
        where = "--prompt" if prompt else "the command behind --"
        raise PlanError(
            f"{where} must have {PATHS} in it, for the paths of each part: else each task would do the same"
        )
    return Work(text, prompt or "", agent)


def _quoted(word: str) -> str:
    """Return a word for a shell, but for the placeholder in it."""
    return PATHS.join(shlex.quote(piece) if piece else "" for piece in word.split(PATHS)) or "''"


def usual_tests(tracked: TrackedFiles) -> Work:
    """Return the work of running a part of the tests. PlanError if only a person can know the command."""
    if tracked.validate.endswith("pytest -q"):
        return Work(f"{tracked.validate} {PATHS}")
    if tracked.validate.startswith("go test"):
        return Work(f"go test {PATHS}")
    raise PlanError(
        "how part of the tests is run here is not known; give the command behind --:"
        f" porch plan --by tests -- npx jest {PATHS}"
    )


def parts_draft(found: Split, facts: Facts, work: Work, tracked: TrackedFiles, name: str) -> Draft:
    """Return the draft: a task for each part, the largest first. PlanError if there are no parts."""
    if not found.parts:
        what = "test modules" if found.by is By.TESTS else "source files"
        raise PlanError(f"there are no {what} among the tracked files of this repository: nothing to split")
    drafting = _Drafting(found, facts, work, tracked)
    # a command without any paths would do everything
    parts = [part for part in found.parts if any(map(_can_be_written, part.files))]
    return Draft(
        name=name,
        tasks=tuple(map(drafting.task, parts)),
        origin=f"the repository: {counted(len(parts), 'part')} by {found.by}",
        agent=work.agent,
        setup=tracked.setup,
        validate="" if found.by is By.TESTS else tracked.validate,
        notes=tuple(drafting.notes()),
    )


class _Drafting:
    """Writes tasks for parts, whose ids name each other in the reasons."""

    def __init__(self, found: Split, facts: Facts, work: Work, tracked: TrackedFiles) -> None:
        self._found, self._facts, self._work, self._tracked = found, facts, work, tracked
        self._are_tests = found.by is By.TESTS
        is_considered = is_test_module if self._are_tests else language_of
        self._sources = [path for path in facts.sizes if is_considered(path)]
        self._ids: dict[str, str] = {}
        for part in found.parts:
            self._ids[part.name] = free_id(slug(_words_for(part, self._are_tests)), self._ids.values())

    def task(self, part: Part) -> DraftTask:
        """Return the task that does the work in a part."""
        own = frozenset(part.files)
        places = covering(part.files, [path for path in self._sources if path not in own])
        places = tuple(place for place in places if _can_be_written(place))
        named = [place.rstrip("/") for place in places]
        if self._are_tests and all(language_of(path) == "Go" for path in part.files):  # which tests packages
            named = sorted({f"./{path.rpartition('/')[0]}" for path in part.files})
        words = (f"./{place}" if place.startswith("-") else place for place in named)
        return DraftTask(
            id=self._ids[part.name],
            title=_title(part),
            prompt=self._work.prompt.replace(PATHS, ", ".join(named)),
            run=self._work.command.replace(PATHS, " ".join(map(shlex.quote, words))),
            kind="check" if self._are_tests else "change",
            paths=() if self._are_tests else tuple(map(as_pattern, places)),
            checks=() if self._are_tests else self._tracked.checks_for(part.files),
            reason=self._reason(part),
        )

    def _reason(self, part: Part) -> str:
        size = f"{counted(len(part.files), 'file')}, {part.bytes / 1000:.0f} kB"
        if self._are_tests:
            return size
        cuts = [cut for cut in self._found.cuts if part.name in (cut.a, cut.b)]
        ties = []
        for cut in cuts[:MOST_CUTS]:
            other = self._ids[cut.b if cut.a == part.name else cut.a]
            commits = f"{counted(cut.commits, 'commit')} touched both" if cut.commits else ""
            imports = f"{counted(cut.imports, 'import')} between them" if cut.imports else ""
            ties.append(f"{other} ({', '.join(filter(None, (commits, imports)))})")
        if not ties:
            return f"{size}; nothing ties it to other parts"
        more = f"; and {len(cuts) - len(ties)} more" if len(cuts) > len(ties) else ""
        return f"{size}; cut from {'; '.join(ties)}{more}"

    def notes(self) -> Iterator[str]:
        """Yield what a reviewer should know of the parts together."""
        found = self._found
        if found.commits:
            commits = f"the last {counted(found.commits, 'commit')} that touched these files"
            yield f"Of {commits} {found.whole} touched one part only."
        largest = found.parts[0].bytes / max(1, sum(part.bytes for part in found.parts))
        if found.by is By.DIRS and largest > HALF:
            yield (
                f"{largest:.0%} of the bytes are in {self._ids[found.parts[0].name]}, since the files of one"
                " folder stay together: --by packages splits them too."
            )
        if found.shared:
            named = [f"{one.path} (in {self._ids[one.part]})" for one in found.shared]
            yield (
                f"Most parts import {listed(named)}. Where what these offer has to change, do that first,"
                " in a task that the others come after."
            )
        if self._facts.unread_note:
            yield f"{self._facts.unread_note}."
        if foreign := [path for path in self._sources if not _can_be_written(path)]:
            names = listed([ascii(path) for path in foreign])
            yield f"No plan can hold the names of {names}: do these yourself."
        if self._facts.absent:
            files = counted(len(self._facts.absent), "file")
            yield f"{files} of this partial clone not read: only the server has their contents."


def _can_be_written(path: str) -> bool:
    return printable(path) == path and "\n" not in path


def _words_for(part: Part, are_tests: bool) -> str:
    """Return the words of which the id of a part is made."""
    folder, _, last = part.name.rpartition("/")
    stem = _stem(last)
    if folder and stem in _SAY_NOTHING:
        stem = folder.rpartition("/")[2]
    if are_tests and len(part.files) > 1 and part.name in part.files:
        stem = f"{stem} to {_stem(part.files[-1].rpartition('/')[2])}"
    return stem.replace("_", " ").strip() or "root"


def _stem(name: str) -> str:
    return re.sub(r"\.[^.]*$", "", name) or name


def _title(part: Part) -> str:
    others = len(part.files) - (part.name in part.files)
    if part.name not in part.files:
        return f"{part.name or 'The root folder'}: {counted(others, 'file')}"
    return part.name + (f" and {counted(others, 'other file')}" if others else "")
