"""Reads what a repository's files say about each other at a commit: sizes, imports, what changes together."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable

from porch_tui.codebase import cache
from porch_tui.codebase.history import changed_together
from porch_tui.codebase.languages.imported import Imports
from porch_tui.codebase.languages.reading import READERS, readable, resolved
from porch_tui.codebase.tree import TrackedFile, contents, files_of
from porch_tui.core.analysis.facts import Facts
from porch_tui.core.analysis.languages import language_of
from porch_tui.git.repository import Repository


def read(repository: Repository, commit: str) -> Facts:
    """Return the facts of a commit, given by its full object id. Raises `GitError`.

    `scripts` is empty: which files a plan's commands run is not for this room to know; see `read_texts`.
    What was read before is not read again: nothing for a commit, and of another one only what differs.
    """
    conditions = " ".join(sorted(readable()))
    known = cache.facts(repository, commit, conditions)
    if known is not None:
        return known
    files = files_of(repository, commit)
    sizes = {file.path: file.size or 0 for file in files}
    together, commits = changed_together(repository, commit, sizes.keys())
    found = Facts(
        sizes=sizes,
        imports=dict(resolved(sizes.keys(), _imports(repository, files, conditions))),
        together=together,
        commits=commits,
        unread=_unread(files),
        absent=frozenset(file.path for file in files if file.size is None),
    )
    cache.keep_facts(repository, commit, conditions, found)
    return found


def read_texts(repository: Repository, commit: str, paths: Iterable[str]) -> dict[str, str]:
    """Return the texts of those of the paths that are regular files of a commit. Raises `GitError`.

    What is larger than a megabyte, or not on this machine, is left out. Bytes that are not UTF-8 are
    replaced.
    """
    wanted = frozenset(paths)
    files = (file for file in files_of(repository, commit) if file.path in wanted) if wanted else ()
    return {file.path: content.decode("utf-8", "replace") for file, content in contents(repository, files)}


def _imports(repository: Repository, files: Iterable[TrackedFile], conditions: str) -> dict[str, Imports]:
    """Return what each source file says it imports. Contents that were read before are not read again."""
    known = cache.imports(repository, conditions)
    can_read = readable()
    sources = {
        file: f"{language} {file.oid}" for file in files if (language := language_of(file.path)) in can_read
    }
    found = {key: known[key] for key in sources.values() if key in known}
    new = {key: file for file, key in sources.items() if key not in found}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of literals in other people's code
        for file, content in contents(repository, new.values()):
            found[sources[file]] = READERS[language_of(file.path) or ""](content)
    if new:
        cache.keep_imports(repository, conditions, found)
    return {file.path: found[key] for file, key in sources.items() if key in found}


def _unread(files: Iterable[TrackedFile]) -> dict[str, int]:
    """Count the files by language that could be read if the grammars were installed."""
    missing = READERS.keys() - readable()
    return dict(Counter(language for file in files if (language := language_of(file.path)) in missing))
