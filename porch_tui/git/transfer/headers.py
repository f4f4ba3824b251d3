"""What stands before the pack in a file that is moved: lines that say what is in it, and what it needs.

Two kinds: a bundle as git writes it (gitformat-bundle), with the result of an attempt, and porch's own for
the base of one. Nothing in them is believed: names and numbers are checked for their form here, and for
their meaning where they are used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import BinaryIO

from msgspec import Struct

from porch_tui.errors import RepositoryError

LONGEST_HEADER = 1 << 20
"""In bytes."""
_LONGEST_REF = 1000
_LONGEST_NAME = 200
"""Of one name in a ref, in bytes: it is the name of a file."""
_SHOWN = 120

FORMATS: Mapping[int, str] = {40: "sha1", 64: "sha256"}
"""How the objects of a repository are hashed, by the length of their ids."""
_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NOT_IN_REFS = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{")
_OF_BUNDLES = {"# v2 git bundle": False, "# v3 git bundle": True}
_OF_PACKS = "# porch pack 1"


class TransferError(RepositoryError):
    """What another repository sent was not taken: it is damaged, or not what it may be.

    Nothing was changed.
    """


class Bundle(Struct, frozen=True):
    """The header of a bundle."""

    needs: tuple[str, ...]
    """The commits it builds on."""
    refs: Mapping[str, str]
    """Object ids by full names."""
    pack_at: int
    """Where the pack begins, in bytes."""


class Pack(Struct, frozen=True):
    """The header of the base of an attempt."""

    base: str
    have: tuple[str, ...]
    """The commits whose trees, or histories, it builds on."""
    shallow: tuple[str, ...]
    """The commits whose parents are not in it."""
    pack_at: int
    """Where the pack begins, in bytes."""


def is_oid(text: str) -> bool:
    """Whether it has the form of an object id."""
    return _OID.fullmatch(text) is not None


def is_ref(name: str) -> bool:
    """Whether git takes it as the full name of a ref, and any file system as that of a file."""
    parts = name.split("/")
    return (
        name.startswith("refs/")
        and len(parts) > 2
        and len(os.fsencode(name)) <= _LONGEST_REF
        and not _NOT_IN_REFS.search(name)
        and name.isprintable()
        and all(map(_is_part_of_ref, parts))
    )


def _is_part_of_ref(part: str) -> bool:
    is_short = 0 < len(os.fsencode(part)) <= _LONGEST_NAME
    return is_short and part[0] not in ".-" and not part.endswith((".", ".lock"))


def shown(text: str | bytes) -> str:
    """Return what another machine said, harmless and not too long, for a message."""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    words = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…"


def bundle_header(needs: tuple[str, ...], refs: Mapping[str, str]) -> bytes:
    """Return the header of a bundle of refs that builds on commits, at least one."""
    format_ = FORMATS[len(needs[0])]
    first = ["# v2 git bundle"] if format_ == "sha1" else ["# v3 git bundle", f"@object-format={format_}"]
    lines = [*first, *(f"-{oid} " for oid in needs), *(f"{oid} {ref}" for ref, oid in refs.items())]
    return ("\n".join(lines) + "\n\n").encode()


def read_bundle_header(file: BinaryIO, oid_length: int) -> Bundle:
    """Read the header at the start of a bundle for a repository with object ids of this length.

    The file may be at any position, and stays there. Raises `TransferError` and OSError.
    """
    lines, pack_at = _lines(file, "bundle")
    has_capabilities = _OF_BUNDLES.get(lines[0])
    if has_capabilities is None:
        raise TransferError("it is no bundle: it does not begin with the line that bundles begin with")
    found, needs, refs = "sha1", list[str](), dict[str, str]()
    for line in lines[1:]:
        if line.startswith("@") and has_capabilities and not needs and not refs:
            key, _, found = line.partition("=")
            if key != "@object-format":
                raise TransferError(f"its header asks for what porch does not know: {shown(line)!r}")
        elif line.startswith("-") and not refs:
            needs.append(_checked(line[1:].partition(" ")[0], oid_length))
        else:
            oid, _, name = line.partition(" ")
            if name in refs or not is_ref(name):
                raise TransferError(
                    f"its header has {shown(name)!r}, which is no name of a ref, or there twice"
                )
            refs[name] = _checked(oid, oid_length)
    if found != FORMATS[oid_length]:
        raise TransferError(f"its objects are hashed by {shown(found)!r}, and here by {FORMATS[oid_length]}")
    return Bundle(tuple(needs), refs, pack_at)


def pack_header(base: str, have: tuple[str, ...], shallow: tuple[str, ...]) -> bytes:
    """Return the header of a base."""
    lines = [
        _OF_PACKS,
        f"base {base}",
        *(f"have {oid}" for oid in have),
        *(f"shallow {oid}" for oid in shallow),
    ]
    return ("\n".join(lines) + "\n\n").encode()


def read_pack_header(file: BinaryIO, oid_length: int) -> Pack:
    """Read the header at the start of a base, like `read_bundle_header`."""
    lines, pack_at = _lines(file, "base")
    if lines[0] != _OF_PACKS:
        raise TransferError("it is no base: it does not begin with the line that bases begin with")
    found: dict[str, list[str]] = {"base": [], "have": [], "shallow": []}
    for line in lines[1:]:
        key, _, oid = line.partition(" ")
        if key not in found:
            raise TransferError(f"its header asks for what porch does not know: {shown(line)!r}")
        found[key].append(_checked(oid, oid_length))
    if len(found["base"]) != 1:
        raise TransferError("its header does not name one base")
    return Pack(found["base"][0], tuple(found["have"]), tuple(found["shallow"]), pack_at)


def _lines(file: BinaryIO, what: str) -> tuple[list[str], int]:
    """Return the lines before the first empty one, and where that ends."""
    head = os.pread(file.fileno(), LONGEST_HEADER, 0)
    text, end, _ = head.partition(b"\n\n")
    if not end:
        raise TransferError(f"it is no {what}: it has no header that ends within {LONGEST_HEADER} bytes")
    try:
        return text.decode().split("\n"), len(text) + 2
    except UnicodeDecodeError:
        raise TransferError(f"the header of the {what} is no text") from None


def _checked(oid: str, length: int) -> str:
    if len(oid) != length or not is_oid(oid):
        raise TransferError(f"its header has {shown(oid)!r}, which is no object id of this repository")
    return oid
