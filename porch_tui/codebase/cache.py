"""What was read of a repository's commits, kept so that it need not be read again.

In `<common git dir>/porch/codebase/`, and safe to delete at any moment. A file that is damaged, or was
written by another version of this, is as good as none. A repository that cannot be written to is read each
time.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from porch_tui.codebase.history import counted
from porch_tui.codebase.languages.imported import Imports
from porch_tui.core.files.facts import Facts
from porch_tui.git.repository import Repository
from porch_tui.journal import durable

FORMAT = 3
"""Raised with any change of what is read or how it is written."""
MOST = 8
"""Commits of which facts are kept."""
_SUFFIX = ".facts"
_FOUND = "imports"


class _Kept(Struct, frozen=True, array_like=True):
    """Facts with numbers for paths. Paths are bytes, since not every name of a file is text."""

    format: int
    conditions: str
    paths: list[bytes]
    sizes: list[int]
    imports: list[tuple[int, list[int]]]
    history: list[list[int]]
    unread: dict[str, int]
    absent: list[int]


class _Found(Struct, frozen=True, array_like=True):
    """The imports found in contents, by language and object id."""

    format: int
    conditions: str
    imports: dict[str, Imports]


_KEPT, _FOUND_IMPORTS = msgspec.msgpack.Decoder(_Kept), msgspec.msgpack.Decoder(_Found)
_ENCODER = msgspec.msgpack.Encoder()


def facts(repository: Repository, commit: str, conditions: str | None = None) -> Facts | None:
    """Return what was kept of a commit, under the same conditions if any are given; None if nothing is."""
    place = _folder(repository) / f"{commit}{_SUFFIX}"
    try:
        kept = _KEPT.decode(_checked(place))
        if kept.format != FORMAT or conditions not in (None, kept.conditions):
            return None
        found = _facts(kept)
        os.utime(place)  # the oldest go first
    except (OSError, ValueError, IndexError):
        return None
    return found


def keep_facts(repository: Repository, commit: str, conditions: str, found: Facts) -> None:
    """Keep what was read of a commit, and forget what was not used for longest."""
    _write(repository, f"{commit}{_SUFFIX}", _ENCODER.encode(_kept(found, conditions)))
    with suppress(OSError):
        kept = sorted(_folder(repository).glob(f"*{_SUFFIX}"), key=lambda one: one.stat().st_mtime)
        for old in kept[:-MOST]:
            old.unlink(missing_ok=True)


def imports(repository: Repository, conditions: str) -> Mapping[str, Imports]:
    """Return the imports that were found in contents before, by language and object id."""
    try:
        found = _FOUND_IMPORTS.decode(_checked(_folder(repository) / _FOUND))
    except (OSError, ValueError):
        return {}
    return found.imports if (found.format, found.conditions) == (FORMAT, conditions) else {}


def keep_imports(repository: Repository, conditions: str, found: Mapping[str, Imports]) -> None:
    """Keep the imports that were found, in place of those kept before."""
    _write(repository, _FOUND, _ENCODER.encode(_Found(FORMAT, conditions, dict(found))))


def _folder(repository: Repository) -> Path:
    return repository.own_dir / "codebase"


def _write(repository: Repository, name: str, content: bytes) -> None:
    folder = _folder(repository)
    with suppress(OSError):
        folder.mkdir(mode=durable.PRIVATE_FOLDER, parents=True, exist_ok=True)
        durable.sweep(folder)
        durable.replace(folder / name, b"%08x" % zlib.crc32(content) + content, is_durable=False)


def _checked(path: Path) -> bytes:
    """Return the content behind the checksum. Raises OSError, or ValueError if they do not agree."""
    content = durable.read_file(path)
    if int(content[:8], 16) != zlib.crc32(content[8:]):
        raise ValueError(f"{path} is damaged")
    return content[8:]


def _kept(found: Facts, conditions: str) -> _Kept:
    number = {path: at for at, path in enumerate(found.sizes)}
    return _Kept(
        FORMAT,
        conditions,
        [os.fsencode(path) for path in found.sizes],
        list(found.sizes.values()),
        [(number[path], sorted(number[one] for one in files)) for path, files in found.imports.items()],
        [sorted(number[path] for path in paths) for paths in found.history],
        dict(found.unread),
        sorted(number[path] for path in found.absent),
    )


def _facts(kept: _Kept) -> Facts:
    paths = [os.fsdecode(path) for path in kept.paths]
    history = tuple(frozenset(paths[at] for at in one) for one in kept.history)
    together, commits = counted(history)
    return Facts(
        sizes=dict(zip(paths, kept.sizes, strict=True)),
        imports={paths[at]: frozenset(paths[one] for one in files) for at, files in kept.imports},
        together=together,
        commits=commits,
        history=history,
        unread=kept.unread,
        absent=frozenset(paths[at] for at in kept.absent),
    )
