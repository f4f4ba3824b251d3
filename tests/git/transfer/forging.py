"""Bundles as a stranger makes them: any header, any objects."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.git.conftest import Sandbox
from tests.git.transfer.conftest import Host

WHO = "Eve <eve@example.org> 1700000000 +0000"


class Forger:
    """Makes objects that git would refuse to make, in a repository."""

    def __init__(self, host: Host | Sandbox, base: str) -> None:
        self._host, self.base = host, base
        self.made: list[str] = []
        """The objects, in order."""

    def object(self, kind: str, content: bytes) -> str:
        """Write an object of any content; return its id."""
        words = ("hash-object", "-t", kind, "-w", "--literally", "--stdin")
        self.made.append(self._bytes(*words, stdin=content).decode().strip())
        return self.made[-1]

    def tree(self, *entries: tuple[str, bytes, str]) -> str:
        """A tree with modes, names and object ids as given; its name may be anything."""
        lines = (f"{mode} ".encode() + name + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries)
        return self.object("tree", b"".join(lines))

    def commit(self, tree: str, *parents: str) -> str:
        """A commit of a tree."""
        lines = [f"tree {tree}", *(f"parent {oid}" for oid in parents), f"author {WHO}", f"committer {WHO}"]
        return self.object("commit", "\n".join([*lines, "", "work\n"]).encode())

    def with_entry(self, mode: str, name: bytes, content: bytes = b"x\n") -> str:
        """A commit on the base whose tree has one entry: a blob, or for mode 40000 a tree with one."""
        blob = self.object("blob", content)
        oid = self.tree(("100644", b"config", blob)) if mode == "40000" else blob
        return self.commit(self.tree((mode, name, oid)), self.base)

    def pack(self, wanted: Iterable[str], without: Iterable[str] = ()) -> bytes:
        """A pack of all that commits consist of, without what others do."""
        lines = [*wanted, *(f"^{oid}" for oid in without)]
        words = ("pack-objects", "--revs", "--thin", "--stdout", "-q", "--delta-base-offset")
        return self._bytes(*words, stdin="".join(f"{line}\n" for line in lines).encode())

    def pack_of(self, oids: Iterable[str]) -> bytes:
        """A pack of exactly these objects."""
        return self._bytes(
            "pack-objects", "--stdout", "-q", stdin="".join(f"{one}\n" for one in oids).encode()
        )

    def bundle(
        self, refs: Mapping[str, str], *, needs: Iterable[str] | None = None, pack: bytes | None = None
    ) -> bytes:
        """A bundle with any refs; its pack has all that their commits have beyond the base."""
        needs = [self.base] if needs is None else list(needs)
        lines = [
            "# v2 git bundle",
            *(f"-{oid} " for oid in needs),
            *(f"{oid} {ref}" for ref, oid in refs.items()),
        ]
        content = self.pack(dict.fromkeys(refs.values()), needs) if pack is None else pack
        return "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n\n" + content

    def _bytes(self, *words: str, stdin: bytes) -> bytes:
        command = ["git", *words]
        return subprocess.run(
            command, cwd=self._host.root, input=stdin, capture_output=True, check=True
        ).stdout


def everything(common_dir: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a repository, with its mode and content: objects, refs, locks, what porch keeps."""
    found = {}
    for folder, _, files in os.walk(common_dir):
        for name in files:
            path = Path(folder, name)
            found[str(path.relative_to(common_dir))] = (path.stat().st_mode, path.read_bytes())
    return found
