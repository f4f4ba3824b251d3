"""Turn a conflicted merge into what a person chooses from, and the choices into the merged tree.

No worktree is needed. Blobs are written as they are: the text is in the repository's form already, and no
filter may run over it again. Whether a record is complete is not decided here.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from porch_tui.core.conflict.conflict import (
    Conflict,
    ConflictKind,
    ConflictRecord,
    PathConflict,
    Segment,
    Stage,
)
from porch_tui.core.conflict.splice import AsMerged, Content, Named, Removed, result
from porch_tui.git.changes import REGULAR, SYMLINK
from porch_tui.git.merge.candidates import Conflicted
from porch_tui.git.merge.conflict_text import Versions, split
from porch_tui.git.merge.merge_output import ConflictedPath
from porch_tui.git.repository import Repository

LARGEST_BYTES = 2 * 1024 * 1024
"""Of a version; a larger file is chosen as a whole."""
LFS = b"version https://git-lfs.github.com/spec/"
"""A pointer is text to git, but half of one with half of another points nowhere."""
WHOLE = "."
"""Path of a conflict that has none, and only git's words."""


def conflict_of(repository: Repository, conflicted: Conflicted, onto: str, head: str) -> Conflict:
    """Return what must be chosen in the merge of `head` into `onto`, both full object ids."""
    paths = tuple(_path(repository, conflicted.tree, one, onto, head) for one in conflicted.conflicts)
    text = "; ".join(one.text for one in conflicted.messages if one.type.startswith("CONFLICT"))
    if not paths:
        paths = (PathConflict(WHOLE, WHOLE, ConflictKind.OTHER, (), ""),)
    return Conflict(conflicted.tree, paths, text)


def blob(repository: Repository, oid: str) -> bytes:
    """Return a blob's bytes. Raises `GitError` if it is missing, or no blob."""
    return repository.git.run("cat-file", "blob", oid).stdout


def version_texts(repository: Repository, path: PathConflict) -> tuple[bytes, ...]:
    """Return the bytes of every version of a path that is a file."""
    return tuple(blob(repository, stage.oid) for stage in path.stages if stage.mode in REGULAR)


def readable_versions(repository: Repository, conflict: Conflict) -> Mapping[str, bytes]:
    """Return, by object id, the versions of paths without hunks that are text, or the target of a link."""
    stages = (stage for path in conflict.paths if not path.hunks for stage in path.stages)
    oids = {stage.oid for stage in stages if stage.mode in (*REGULAR, SYMLINK)}
    small = [oid for oid in oids if int(repository.git.text("cat-file", "-s", oid)) <= LARGEST_BYTES]
    return {oid: text for oid in small if not _is_whole(text := blob(repository, oid))}


def merged_paths(repository: Repository, conflict: Conflict) -> tuple[str, ...]:
    """Return every path of git's merged tree."""
    return tuple(repository.git.paths("ls-tree", "-r", "-z", "--full-tree", "--name-only", conflict.tree))


def merged_text(repository: Repository, conflict: Conflict, path: PathConflict) -> bytes | None:
    """Return git's own text of a path, with its markers, for a person to edit; None if it is no text."""
    if path.mode not in REGULAR:
        return None
    text = blob(repository, f"{conflict.tree}:{path.tree_path}")
    return None if _is_whole(text) else text


def resolved_tree(repository: Repository, conflict: Conflict, record: ConflictRecord) -> str:
    """Make the merged tree from a record that decides every path, and return its id."""
    lines = b"".join(index_lines(repository, path, record) for path in conflict.paths)
    return tree_with(repository, conflict.tree, lines)


def tree_with(repository: Repository, tree: str, lines: bytes) -> str:
    """Apply lines for `update-index --index-info` to a tree, and return the id of the new one."""
    with tempfile.TemporaryDirectory(prefix="porch-index-") as scratch:
        git = repository.main.git_with({"GIT_INDEX_FILE": str(Path(scratch) / "index")})
        git.run("read-tree", tree)
        if lines:
            git.run("update-index", "-z", "--index-info", stdin=lines)
        return git.text("write-tree")


def write_blob(repository: Repository, text: bytes) -> str:
    """Put bytes into the repository as they are, and return their object id."""
    return repository.git.run("hash-object", "-w", "--stdin", stdin=text).stdout.strip().decode()


def _path(repository: Repository, tree: str, one: ConflictedPath, onto: str, head: str) -> PathConflict:
    listed = repository.git.lines_z("ls-tree", "-z", "--full-tree", tree, "--", one.tree_path)
    mode, kind, oid = listed[0].partition(b"\t")[0].decode().split(" ") if listed else ("", "", "")
    modes = {stage.number: stage.mode for stage in one.stages}
    segments: tuple[Segment, ...] = ()
    if kind == "blob" and {mode, *modes.values()} <= set(REGULAR) and {2, 3} <= modes.keys():
        texts = {stage.number: blob(repository, stage.oid) for stage in one.stages}
        if not any(map(_is_whole, texts.values())):
            versions = Versions(texts.get(1, b""), texts[2], texts[3])
            segments = split(blob(repository, oid), versions, onto, head)
    return PathConflict(one.path, one.tree_path, one.kind, one.stages, mode, segments, one.origin)


def _is_whole(text: bytes) -> bool:
    """Whether a file cannot be merged by lines."""
    return len(text) > LARGEST_BYTES or b"\0" in text or text.startswith(LFS)


def index_lines(repository: Repository, path: PathConflict, record: ConflictRecord) -> bytes:
    """Return the lines for `update-index --index-info` that give a path its result."""
    match result(path, record):
        case Content(mode, text):
            return index_lines_at(path, mode, write_blob(repository, text))
        case Stage() as stage:
            return index_lines_at(path, stage.mode, stage.oid)
        case Named(name, version, stays):
            rest = index_lines_at(path, stays.mode, stays.oid) if stays else removal_line(path.tree_path)
            return rest + index_line(name, version.mode, version.oid)
        case Removed():
            return removal_line(path.tree_path)
        case AsMerged():
            return b""
        case None:
            raise AssertionError(f"{path.path} is not decided")


def index_lines_at(path: PathConflict, mode: str, oid: str) -> bytes:
    """Return the lines that put an object at a path, under the name that is shown."""
    # git may have put it under a name with an object id, but the shown name is the one that lands
    moved = removal_line(path.tree_path) if path.tree_path != path.path else b""
    return moved + index_line(path.path, mode, oid)


def index_line(name: str, mode: str, oid: str, stage: int = 0) -> bytes:
    """Return the line that puts an object into the index under a name, merged or as one of its versions."""
    return f"{mode} {oid} {stage}\t".encode() + os.fsencode(name) + b"\0"


def removal_line(tree_path: str) -> bytes:
    """Return the line that removes a name from the index."""
    return b"0 " + b"0" * 40 + b"\t" + os.fsencode(tree_path) + b"\0"
