"""Reads what a repository's files say about each other at a commit: sizes, imports, what changes together."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable

from porch_tui.codebase import cache
from porch_tui.codebase.history import changes_of, counted
from porch_tui.codebase.languages.imported import Imports
from porch_tui.codebase.languages.reading import CONFIGURATION, READERS, readable, resolved
from porch_tui.codebase.tree import TrackedFile, contents, files_of
from porch_tui.core.files.facts import Facts
from porch_tui.core.files.languages import language_of
from porch_tui.git.repository import Repository


def read(repository: Repository, commit: str) -> Facts:
    """Return the facts of a commit, given by its full object id. Raises `GitError`.

    `scripts` is empty: which files a plan's commands run is not for this room to know; see `read_texts`.
    What was read before is not read again: nothing for a commit, and of another one only what differs.
    """
    languages = readable()
    conditions = " ".join(sorted(languages))
    known = cache.facts(repository, commit, conditions)
    if known is not None:
        return known
    files = files_of(repository, commit)
    sizes = {file.path: file.size or 0 for file in files}
    history = changes_of(repository, commit, sizes.keys())
    together, commits = counted(history)
    imports, unread = _imports(repository, files, languages, conditions)
    manifests = (file for file in files if file.path.rpartition("/")[2] in CONFIGURATION)
    texts = {
        file.path: content.decode("utf-8", "replace") for file, content in contents(repository, manifests)
    }
    found = Facts(
        sizes=sizes,
        imports=dict(resolved(sizes.keys(), imports, texts)),
        together=together,
        commits=commits,
        history=history,
        unread=unread,
        absent=frozenset(file.path for file in files if file.size is None),
    )
    if languages.isdisjoint(unread):  # else a grammar does not work, and may be put right at any time
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


def unread_languages(repository: Repository, commit: str) -> tuple[list[str], Facts]:
    """Return the languages of a commit's files that are read for imports, and facts with what is not read.

    Nothing but names is read for that. Raises `GitError`.
    """
    names = repository.git.paths("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit)
    languages = (language for name in names if (language := language_of(name)) is not None)
    files = Counter(language for language in languages if language in READERS)
    missing = {language: number for language, number in files.items() if READERS[language]("", b"") is None}
    return sorted(files.keys() - missing), Facts(unread=missing)


def _imports(
    repository: Repository, files: Iterable[TrackedFile], languages: frozenset[str], conditions: str
) -> tuple[dict[str, Imports], dict[str, int]]:
    """Return what each source file says it imports, and how many files were not read, by language.

    Contents that were read before are not read again.
    """
    named = ((file, language_of(file.path)) for file in files)
    sources = {file: language for file, language in named if language is not None and language in READERS}
    keys = {
        file: f"{file.path.rpartition('.')[2]} {file.oid}" for file in sources if sources[file] in languages
    }
    known = cache.imports(repository, conditions)
    found = {key: known[key] for key in keys.values() if key in known}
    new = {key: file for file, key in keys.items() if key not in found}
    unread = Counter(language for language in sources.values() if language not in languages)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of literals in other people's code
        for file, content in contents(repository, new.values()):
            imports = READERS[sources[file]](file.path, content)
            if imports is None:
                unread[sources[file]] += 1
            else:
                found[keys[file]] = imports
    if new:
        cache.keep_imports(repository, conditions, found)
    return {file.path: found[key] for file, key in keys.items() if key in found}, dict(unread)
