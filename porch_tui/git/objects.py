"""Let git make objects out of everybody's sight, and admit them to the repository when they have a name.

`git gc --prune=now` deletes what no ref leads to at the moment it looks, also what was written and got a
ref while it was at work. So what porch makes goes into a folder of its own first. From there it comes into
the repository as one pack with a `.keep` beside it, which no gc deletes; then the refs are made, and the
pack becomes an ordinary one. At no moment is there a ref without its objects, nor an object that anybody
could delete before it has a ref.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
_PIECE = 1 << 20
_SURELY_LOCKED_S = 1.0
"""A folder is locked within moments of being made."""
_FEW_BYTES = 0x7FFFFFFF
"""The largest offset that an index holds in four bytes."""
_KEEP = "porch: refs are just being made, by "
"""What a `.keep` of porch's says; the name of the folder follows in which the objects were made."""
_LOCK = "lock"
"""In that folder: held as long as whoever makes them is alive."""
_MANY = 40
"""After so many packs they are put together: each one makes looking objects up slower."""


class NewObjects(Struct):
    """Objects that are being made for one repository."""

    common_dir: Path
    folder: Path
    """Where git is to write them."""
    _keeps: list[Path] = field(default_factory=list)

    def publish(self) -> None:
        """Have the repository see everything made so far, safe from any gc until the block ends."""
        loose = [path for path in self.folder.glob("??/*") if _is_object(path)]
        packs = list((self.folder / "pack").glob("*.pack"))  # git streams what is very large into one itself
        if loose:
            packs.append(_packed(loose, self.folder))
        for pack in packs:
            self._admit(pack)
        for path in loose:
            path.unlink(missing_ok=True)

    def _admit(self, pack: Path) -> None:
        """Move a pack in: `.keep` first and the index last, for by that git finds it."""
        # a name nobody had: another gc may be about to delete a pack with the same content
        place = self.common_dir / "objects" / "pack" / f"pack-{os.urandom(20).hex()}"
        place.parent.mkdir(exist_ok=True)
        keep = place.with_suffix(".keep")
        keep.write_text(f"{_KEEP}{self.folder.name}\n")
        self._keeps.append(keep)
        for suffix in (".pack", ".idx"):
            source = pack.with_suffix(suffix)
            source.chmod(0o444)
            source.rename(place.with_suffix(suffix))
        _admitted[self.common_dir] = _admitted.get(self.common_dir, 0) + 1

    def release(self) -> None:
        """The refs are made: the packs are like any others from now on."""
        for keep in self._keeps:
            keep.unlink(missing_ok=True)


@contextmanager
def making_objects(common_dir: Path) -> Iterator[NewObjects]:
    """Give a place for new objects; what was not published when the block ends is gone."""
    folder = _folders(common_dir) / os.urandom(8).hex()
    quarantined(common_dir, folder)
    admission = NewObjects(common_dir, folder)
    try:
        with exclusive(folder / _LOCK, "make objects"):
            yield admission
            admission.release()
    finally:
        admission.release()
        shutil.rmtree(folder, ignore_errors=True)


def sweep(common_dir: Path) -> None:
    """Delete what a porch that was killed left of objects it made, and let go of packs it kept."""
    for folder in _folders(common_dir).glob("*"):
        with (
            suppress(RepositoryError, OSError),
            exclusive(folder / _LOCK, "look who makes objects", wait_s=0.0),
        ):
            if time.time() - folder.stat().st_mtime > _SURELY_LOCKED_S:
                shutil.rmtree(folder, ignore_errors=True)
    for keep in (common_dir / "objects" / "pack").glob("pack-*.keep"):
        with suppress(OSError, UnicodeDecodeError):
            said = keep.read_text()
            made_in = _folders(common_dir) / said.removeprefix(_KEEP).removesuffix("\n")
            if said.startswith(_KEEP) and not made_in.exists():
                keep.unlink()


def repack_if_needed(repository: Repository) -> None:
    """Once in a while: have git make one pack of the many small ones, as its own upkeep would later.

    Whatever keeps git from it costs nothing but time.
    """
    count = _admitted.get(repository.common_dir, 0)
    if count >= _MANY:
        _admitted[repository.common_dir] = 0
        with suppress(RepositoryError, OSError):
            repository.git.run("repack", "-q", "-d", "-l", "--geometric=2", check=False)


_admitted: dict[Path, int] = {}
"""How many packs each repository was given since they were put together."""


def _folders(common_dir: Path) -> Path:
    return common_dir / "porch" / "made"


def _is_object(path: Path) -> bool:
    """Whether a file is a whole object: a git that was killed leaves a `tmp_obj_…` beside them."""
    return len(path.parent.name) == 2 and len(path.name) in (38, 62) and not path.name.startswith("tmp_")


def _packed(loose: list[Path], folder: Path) -> Path:
    """Write loose objects as a pack with its index into a folder, and wait until the disk has them."""
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
        while piece := file.read(_PIECE):
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
    with path.open("rb") as source:
        inflate, deflate, crc = zlib.decompressobj(), zlib.compressobj(1), 0
        begun = inflate.decompress(source.read(_PIECE))
        head, _, data = begun.partition(b"\0")
        kind, size = head.split(b" ")
        out = [_entry_header(_KINDS[kind], int(size)), deflate.compress(data)]
        while piece := source.read(_PIECE):
            out.append(deflate.compress(inflate.decompress(piece)))
            for one in out:
                crc = zlib.crc32(one, crc)
                file.write(one)
            out.clear()
        out.append(deflate.compress(inflate.flush()) + deflate.flush())
        for one in out:
            crc = zlib.crc32(one, crc)
            file.write(one)
    return crc


def _entry_header(kind: int, size: int) -> bytes:
    """The size in groups of seven bits, the first of four beside the kind; a top bit says: more follow."""
    byte, size = (kind << 4) | (size & 0x0F), size >> 4
    header = bytearray()
    while size:
        header.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    header.append(byte)
    return bytes(header)


def _index(entries: list[tuple[bytes, int, int]], pack: bytes, algorithm: str) -> bytes:
    """The index of a pack, version 2 (gitformat-pack); `entries` are sorted by id."""
    fanout, at = [], 0
    for first in range(256):
        while at < len(entries) and entries[at][0][0] <= first:
            at += 1
        fanout.append(at)
    small: list[int] = []
    large: list[int] = []
    for _, _, offset in entries:
        if offset <= _FEW_BYTES:
            small.append(offset)
        else:
            small.append(0x80000000 | len(large))
            large.append(offset)
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


_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def quarantine(repository: Repository, folder: Path, clone: Path | None = None) -> dict[str, str]:
    """The environment in which git writes new objects into `folder`, and reads the repository's too.

    The folder is made if it is not there. Objects in it are visible to git in this environment only.
    From then on it reads those of a `clone` too, which is the root of one.
    """
    known = quarantined(repository.common_dir, folder)
    if clone is not None:
        line, text = _line(clone / ".git"), known.read_text("utf-8", "surrogateescape")
        if line not in text:
            known.write_text(text + line, "utf-8", "surrogateescape")
    return {"GIT_OBJECT_DIRECTORY": str(folder)}


def quarantined(common_dir: Path, folder: Path) -> Path:
    """Make `folder` a place for objects from which git reads those of a repository too; return its list."""
    known = folder / "info" / "alternates"
    if not known.exists():
        known.parent.mkdir(parents=True, exist_ok=True)
        known.write_text(_line(common_dir), "utf-8", "surrogateescape")
    return known


def _line(git_dir: Path) -> str:
    objects = str(git_dir / "objects").translate(_ESCAPES)
    return f'"{objects}"\n'


_KEPT = 10_000
_trees: dict[str, str] = {}


def tree_of(git: Git, commit: str) -> str:
    """Return the tree of a commit, both full object ids. Raises `GitError` where git does not have it.

    Of a commit that was met before git is not asked whether it is still there.
    """
    return _trees.get(commit) or note_tree(commit, git.text("rev-parse", "--verify", f"{commit}^{{tree}}"))


def known_tree(commit: str) -> str | None:
    """Return the tree of a commit, if it was met before."""
    return _trees.get(commit)


def note_tree(commit: str, tree: str) -> str:
    """Remember the tree of a commit, and return it."""
    if len(_trees) >= _KEPT:
        _trees.clear()
    _trees[commit] = tree
    return tree


DEFAULT_LOOSE_LIMIT = 6700
"""How many loose objects git itself takes for too many (git-config, gc.auto)."""


def auto_gc(repository: Repository) -> None:
    """Have git pack its loose objects if there are too many, in the background, as `git commit` would.

    The person's `gc.auto` and `maintenance.auto` count; so does a lock that says one is packing already.
    What keeps git from it is told by its own next command, and raises nothing here.
    """
    wishes = effective(repository)  # without what porch puts on every command line
    loose = wishes.last("gc.auto", is_from_files=True) or str(DEFAULT_LOOSE_LIMIT)
    if not is_true(loose) or not is_true(wishes.last("maintenance.auto", is_from_files=True) or "true"):
        return
    repository.git.run("-c", f"gc.auto={loose}", "gc", "--auto", "--quiet", check=False)
