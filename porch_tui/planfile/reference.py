"""Every key of a plan file in Markdown, from the types that also check them: for `porch help plan`."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill
from typing import Any

import msgspec
from msgspec import Struct, inspect

from porch_tui.planfile.keys import PlanDocument, ResolverEntry, TaskEntry
from porch_tui.planfile.wording import alternatives, expected_words

WIDTH = 79
SECTIONS = (
    ("Keys of the plan", PlanDocument),
    ("Keys of a task, and of `defaults`", TaskEntry),
    ("Keys of `resolver`", ResolverEntry),
)


def key_reference() -> str:
    """Return a section of Markdown for each mapping of a plan file, with an entry for each supported key."""
    return "\n\n".join(f"## {title}\n\n" + "\n".join(_entries(kind)) for title, kind in SECTIONS)


def _entries(kind: type[Struct]) -> Iterator[str]:
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)
    for key in described.fields:
        notes = _notes(key.type)
        if not notes.get("not_yet"):
            expected = notes.get("expected") or expected_words(key.type)
            yield _wrapped("- ", f"`{key.encode_name}`: {notes['description']}")
            yield _wrapped("  ", f"Value: {expected}{_default(key)}.")


def _wrapped(indent: str, text: str) -> str:
    return fill(text, WIDTH, initial_indent=indent, subsequent_indent="  ", break_on_hyphens=False)


def _notes(kind: inspect.Type) -> dict[str, Any]:
    """Return what a type's `Meta` says; what is nearer to the key wins."""
    notes: dict[str, Any] = {}
    while isinstance(kind, inspect.Metadata):
        notes = {**(kind.extra or {}), **(kind.extra_json_schema or {}), **notes}
        kind = kind.type
    for each in alternatives(kind) if isinstance(kind, inspect.UnionType) else ():
        notes = {**_notes(each), **notes}
    return notes


def _default(key: inspect.Field) -> str:
    value = key.default
    if value in (msgspec.NODEFAULT, msgspec.UNSET, ""):
        return "; required" if key.required else ""
    return f"; default: `{str(value).lower() if isinstance(value, bool) else value}`"
