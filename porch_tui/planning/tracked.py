"""The tracked files of the repository, as far as a draft is made to fit them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from porch_tui.core.files.near_tests import PYTHON_TEST, NearTests, setup_for, validation_of
from porch_tui.core.model.plan import Plan

_SEGMENT = r"(?:[\w@.-]|\([\w@.-]+\)|\[+[\w@.-]+\]+)+"
"""Of a path: some frameworks have `(group)` and `[parameter]` in it."""
_TOKEN = re.compile(rf"`([^`\s]+)`|(?<![\w./:@-])((?:{_SEGMENT}/)*{_SEGMENT}/?)(?![\w@:-]|/)")
_NEW_FILE = re.compile(rf"(?:{_SEGMENT}/)+{_SEGMENT}\.[A-Za-z]\w{{0,5}}")
_USUAL = ("src", "lib", "tests", "test", "app", "docs")
"""Folders that new files are likely to be in."""


class TrackedFiles(Struct, frozen=True):
    """Paths from the repository's root, with what follows from their names."""

    paths: frozenset[str]
    folders: frozenset[str]
    """All that files are in."""
    validate: str
    """The command that most likely runs the tests; empty if nothing hints at one."""
    setup: str
    """What a fresh worktree needs before that."""
    near: NearTests

    @classmethod
    def of(cls, paths: Iterable[str]) -> TrackedFiles:
        """Return what follows from the paths of all tracked files."""
        listed = tuple(paths)
        validate = validation_of(listed)
        setup = setup_for(validate, listed)
        return cls(
            frozenset(listed),
            frozenset(_folders(listed)),
            validate or "",
            setup or "",
            NearTests(Plan("", ()), listed),
        )

    def named_in(self, text: str, *, has_folders: bool = True) -> Iterator[str]:
        """Yield what a text names of the repository, each once: its files, and its folders as `folder/**`.

        Files that are not there yet count where they look like nothing else, and lead into a folder that is,
        or into a usual one.
        """
        seen = set[str]()
        for found in _TOKEN.finditer(text):
            name = (found[1] or found[2]).removeprefix("./").rstrip(".,;:")
            path = self._path(name, is_marked=found[1] is not None)
            if path and path not in seen and (has_folders or not path.endswith("**")):
                seen.add(path)
                yield path

    def _path(self, name: str, *, is_marked: bool) -> str:
        if name in self.paths:
            return name
        folder = name.rstrip("/")
        if folder in self.folders and ("/" in name or is_marked):
            return f"{folder}/**"
        is_file = _NEW_FILE.fullmatch(name) is not None and ".." not in name
        top = name.partition("/")[0]
        is_likely = top in self.folders or top in _USUAL or name.count("/") > 1
        return name if is_file and is_likely else ""

    def leads_nowhere(self, pattern: str) -> bool:
        """Say whether a glob leads into a folder that is not there, nor likely to be new."""
        top, slash, _ = pattern.partition("/")
        return bool(slash) and top not in self.folders and top not in _USUAL and not set(top) & set("*?[{")

    def checks_for(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Return what fits the repository for a task that writes these paths: its own tests, else all."""
        command = self.near.command_for(paths) or self.validate
        new = sorted(filter(self._is_new_test, paths))
        if new and command.startswith(self.validate) and self.validate.endswith("pytest -q"):
            command = " ".join((command, *new))
        return (command,) if command else ()

    def _is_new_test(self, path: str) -> bool:
        return PYTHON_TEST.search(path) is not None and "*" not in path and path not in self.paths


def _folders(paths: Iterable[str]) -> set[str]:
    found = set[str]()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found
