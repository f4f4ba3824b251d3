"""Git's objects: made out of sight, published safely, packed now and then; and the trees of commits.

`git gc --prune=now` deletes what no ref leads to at the moment it looks, also what was written and got a ref
while it was running. So what porch makes goes into a folder of its own first. From there it is moved into the
repository as one pack with a `.keep` beside it, which no gc deletes; then the refs are made, and the pack
becomes an ordinary one. At no moment is there a ref without its objects, or an object that could be deleted
before it has a ref.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import time
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct, field

from porch_tui.errors import RepositoryError
from porch_tui.git.configuration import effective, is_true
from porch_tui.git.locks import exclusive
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git

_KINDS = {b"commit": 1, b"tree": 2, b"blob": 3, b"tag": 4}
"""Numbers of the kinds of object in a pack (gitformat-pack)."""
_CHUNK = 1 << 20
_SURELY_LOCKED_S = 1.0
"""A folder is locked within moments of being made."""
_FOUR_BYTES = 0x7FFFFFFF
"""The largest offset that an index holds in four bytes."""
_KEEP = "porch: refs are just being made, by "
"""Content of a `.keep` of porch's; the name of the folder follows in which the objects were made."""
_LOCK = "lock"
"""In that folder: locked as long as the process that makes the objects is alive."""
_MANY = 40
"""After so many packs they are repacked: each one makes looking objects up slower."""
DEFAULT_LOOSE_LIMIT = 6700
"""Git itself packs when there are more loose objects (git-config, gc.auto)."""
_KNOWN_TREES = 10_000
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})

_published: dict[Path, int] = {}
"""How many packs each repository was given since they were repacked."""

_trees: dict[str, str] = {}


class NewObjects(Struct):
    """Objects that are being made for one repository."""

    common_dir: Path
    folder: Path
    """Where git writes them."""
    _keeps: list[Path] = field(default_factory=list)

    def publish(self) -> None:
        """Move everything made so far into the repository, safe from any gc until the block ends."""
        # only complete ones: a git that was killed leaves a `tmp_obj_…` beside them
        files = self.folder.glob("??/*")
        loose = [path for path in files if len(path.name) in (38, 62) and not path.name.startswith("tmp_")]
        packs = list((self.folder / "pack").glob("*.pack"))  # git streams what is very large into one itself
        if loose:
            packs.append(_packed(loose, self.folder))
        for pack in packs:
            # a new name: another gc may be about to delete a pack with the same content
            place = self.common_dir / "objects" / "pack" / f"pack-{os.urandom(20).hex()}"
            place.parent.mkdir(exist_ok=True)
            # `.keep` first and the index last, because git finds the pack by it
            keep = place.with_suffix(".keep")
            keep.write_text(f"{_KEEP}{self.folder.name}\n")
            self._keeps.append(keep)
            for suffix in (".pack", ".idx"):
                source = pack.with_suffix(suffix)
                source.chmod(0o444)
                source.rename(place.with_suffix(suffix))
            _published[self.common_dir] = _published.get(self.common_dir, 0) + 1
        for path in loose:
            path.unlink(missing_ok=True)

    def release(self) -> None:
        """Make the packs ordinary ones, now that the refs are made."""
        for keep in self._keeps:
            keep.unlink(missing_ok=True)


@contextmanager
def making_objects(common_dir: Path) -> Iterator[NewObjects]:
    """Yield a place for new objects; what was not published when the block ends is deleted."""
    folder = _folders(common_dir) / os.urandom(8).hex()
    _alternates(common_dir, folder)
    admission = NewObjects(common_dir, folder)
    try:
        with exclusive(folder / _LOCK, "make objects"):
            yield admission
    finally:
        admission.release()
        shutil.rmtree(folder, ignore_errors=True)


def sweep(common_dir: Path) -> None:
    """Delete the objects that a killed porch was making, and release the packs it kept."""
    for folder in _folders(common_dir).glob("*"):
        with (
            suppress(RepositoryError, OSError),
            exclusive(folder / _LOCK, "look for abandoned objects", wait_s=0.0),
        ):
            if time.time() - folder.stat().st_mtime > _SURELY_LOCKED_S:
                shutil.rmtree(folder, ignore_errors=True)
    for keep in (common_dir / "objects" / "pack").glob("pack-*.keep"):
        with suppress(OSError, UnicodeDecodeError):
            text = keep.read_text()
            made_in = _folders(common_dir) / text.removeprefix(_KEEP).removesuffix("\n")
            if text.startswith(_KEEP) and not made_in.exists():
                keep.unlink()


def repack_if_needed(repository: Repository) -> None:
    """Have git combine many small packs into one, as its own maintenance would do later.

    Failures are ignored: lookups just stay slower.
    """
    if _published.get(repository.common_dir, 0) >= _MANY:
        _published[repository.common_dir] = 0
        with suppress(RepositoryError, OSError):
            repository.git.run("repack", "-q", "-d", "-l", "--geometric=2", check=False)


def _folders(common_dir: Path) -> Path:
    return common_dir / "porch" / "made"


def _packed(loose: list[Path], folder: Path) -> Path:
    """Write loose objects as a pack with its index into a folder, and sync both to disk."""
    algorithm = "sha256" if len(loose[0].name) == 62 else "sha1"
    entries = []
    place = folder / "pack" / "made.pack"
    place.parent.mkdir(exist_ok=True)
    with place.open("w+b") as file:
        file.write(struct.pack(">4sII", b"PACK", 2, len(loose)))
        for path in sorted(loose, key=lambda one: one.parent.name + one.name):
            offset = file.tell()
            crc = _write_entry(path, file)
            entries.append((bytes.fromhex(path.parent.name + path.name), crc, offset))
        file.seek(0)
        digest = hashlib.new(algorithm)
        while piece := file.read(_CHUNK):
            digest.update(piece)
        file.write(digest.digest())
        file.flush()
        os.fsync(file.fileno())
    with place.with_suffix(".idx").open("wb") as file:
        file.write(_index(entries, digest.digest(), algorithm))
        file.flush()
        os.fsync(file.fileno())
    return place


def _write_entry(path: Path, file: BinaryIO) -> int:
    """Write a loose object as an entry of a pack; return the checksum of the entry."""
    inflate, deflate, crc = zlib.decompressobj(), zlib.compressobj(1), 0

    def put(data: bytes) -> None:
        nonlocal crc
        crc = zlib.crc32(data, crc)
        file.write(data)

    with path.open("rb") as source:
        head, _, data = inflate.decompress(source.read(_CHUNK)).partition(b"\0")
        kind, size = head.split(b" ")
        put(_entry_header(_KINDS[kind], int(size)))
        put(deflate.compress(data))
        while piece := source.read(_CHUNK):
            put(deflate.compress(inflate.decompress(piece)))
        put(deflate.compress(inflate.flush()) + deflate.flush())
    return crc


def _entry_header(kind: int, size: int) -> bytes:
    """Return kind and size: four bits beside the kind, then groups of seven; a top bit means more follow."""
    byte, size = (kind << 4) | (size & 0x0F), size >> 4
    header = bytearray()
    while size:
        header.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    header.append(byte)
    return bytes(header)


def _index(entries: list[tuple[bytes, int, int]], pack: bytes, algorithm: str) -> bytes:
    """Return the index of a pack, version 2 (gitformat-pack); `entries` are sorted by id."""
    first_bytes = [oid[0] for oid, _, _ in entries]
    fanout = [bisect_right(first_bytes, first) for first in range(256)]
    large = [offset for _, _, offset in entries if offset > _FOUR_BYTES]
    numbers = count(0x80000000)
    small = [offset if offset <= _FOUR_BYTES else next(numbers) for _, _, offset in entries]
    content = b"".join(
        (
            b"\377tOc",
            struct.pack(">I", 2),
            struct.pack(">256I", *fanout),
            *(oid for oid, _, _ in entries),
            struct.pack(f">{len(entries)}I", *(crc for _, crc, _ in entries)),
            struct.pack(f">{len(small)}I", *small),
            struct.pack(f">{len(large)}Q", *large),
            pack,
        )
    )
    return content + hashlib.new(algorithm, content).digest()


def quarantine(repository: Repository, folder: Path, clone: Path | None = None) -> dict[str, str]:
    """Return the environment in which git writes new objects into `folder`, and reads the repository's too.

    For objects that the repository never sees: a merge no one asked for, say. The caller deletes the folder,
    which is made if it is missing. From then on git also reads the objects of a `clone`, given by its root.
    """
    known = _alternates(repository.common_dir, folder)
    if clone is not None:
        line, text = _alternate(clone / ".git"), known.read_text("utf-8", "surrogateescape")
        if line not in text:
            known.write_text(text + line, "utf-8", "surrogateescape")
    return {"GIT_OBJECT_DIRECTORY": str(folder)}


def _alternates(common_dir: Path, folder: Path) -> Path:
    """Make `folder` a place for objects where git reads those of a repository too; return its list."""
    known = folder / "info" / "alternates"
    if not known.exists():
        known.parent.mkdir(parents=True, exist_ok=True)
        known.write_text(_alternate(common_dir), "utf-8", "surrogateescape")
    return known


def _alternate(git_dir: Path) -> str:
    return f'"{str(git_dir / "objects").translate(_ESCAPES)}"\n'


def tree_of(git: Git, commit: str) -> str:
    """Return the tree of a commit, both full object ids. Raises `GitError` where git does not have it.

    Cached: the tree is part of what the id of a commit is a hash of. Git is not asked whether a commit that
    was seen before still exists.
    """
    return _trees.get(commit) or note_tree(commit, git.text("rev-parse", "--verify", f"{commit}^{{tree}}"))


def known_tree(commit: str) -> str | None:
    """Return the tree of a commit, if it was seen before."""
    return _trees.get(commit)


def note_tree(commit: str, tree: str) -> str:
    """Remember the tree of a commit, and return it."""
    if len(_trees) >= _KNOWN_TREES:
        _trees.clear()
    _trees[commit] = tree
    return tree


def auto_gc(repository: Repository) -> None:
    """Have git pack its loose objects in the background if there are too many, as `git commit` would.

    While tasks run this is prevented: a gc locks refs under a landing, and outlives the process that began
    it. The person's `gc.auto` and `maintenance.auto` count; so does a lock that says one is running already.
    Failures are ignored: the person's next git command reports them.
    """
    settings = effective(repository)  # without what porch puts on every command line
    in_files = settings.values(is_from_files=True)
    limit = in_files.get("gc.auto") or str(DEFAULT_LOOSE_LIMIT)
    if is_true(limit) and is_true(in_files.get("maintenance.auto") or "true"):
        repository.git.run("-c", f"gc.auto={limit}", "gc", "--auto", "--quiet", check=False)
