"""Every key of a plan file, from the types that also check it: in Markdown, and as a JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill
from typing import Any

import msgspec
from msgspec import Struct, inspect

from porch_tui.planfile.keys.each_keys import EachEntry, EachItems
from porch_tui.planfile.keys.hypothesis_keys import HypothesisEntry
from porch_tui.planfile.keys.place_keys import PlaceEntry
from porch_tui.planfile.keys.plan_keys import AgentEntry, PlanDocument, ResolverEntry, WrapEntry
from porch_tui.planfile.keys.task_keys import TaskEntry
from porch_tui.planfile.text.wording import alternatives, expected_words

WIDTH = 79
SECTIONS = (
    ("Keys of the plan", PlanDocument),
    ("Keys of a task, and of `defaults`", TaskEntry),
    ("Keys of an entry of `each`, besides those of a task", EachEntry),
    ("Keys of its `items`", EachItems),
    ("Keys of an entry of `agents`", AgentEntry),
    ("Keys of an entry of `wraps`", WrapEntry),
    ("Keys of an entry of `places`", PlaceEntry),
    ("Keys of `resolver`", ResolverEntry),
    ("Keys of an entry of `hypotheses`", HypothesisEntry),
)
DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID = "urn:porch:plan-file"


def key_reference() -> str:
    """Return a section of Markdown for each mapping of a plan file, with an entry for each supported key."""
    return "\n\n".join(f"## {title}\n\n" + "\n".join(_entries(kind)) for title, kind in SECTIONS)


def _entries(kind: type[Struct]) -> Iterator[str]:
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)
    of_tasks = set(TaskEntry.__struct_fields__) if kind is EachEntry else set[str]()
    for key in described.fields:
        if key.name in of_tasks:
            continue
        notes = _notes(key.type)
        expected = notes.get("expected") or expected_words(key.type)
        default = "; required" if key.required else ""
        if key.default not in (msgspec.NODEFAULT, msgspec.UNSET, ""):
            value = key.default
            default = f"; default: `{str(value).lower() if isinstance(value, bool) else value}`"
        yield _wrapped("- ", f"`{key.encode_name}`: {notes['description']}")
        yield _wrapped("  ", f"Value: {expected}{default}.")


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


def json_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12) of a whole plan file, made of JSON values only.

    It knows the shape only: names, cycles and templates are for `porch check`.
    """
    _, parts = msgspec.json.schema_components([PlanDocument], ref_template="#/$defs/{name}")
    root = parts.pop(PlanDocument.__name__)
    root["properties"]["tasks"].pop("default")  # they may only be left out where there is `each`
    root["anyOf"] = [{"required": ["tasks"]}, {"required": ["each"]}]
    titled = {}
    for name, part in sorted(parts.items()):  # `TaskEntry` is a `task`
        words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
        titled[name] = part | {"title": words.strip().removesuffix(" entry")}
    return {"$schema": DIALECT, "$id": ID, **root, "title": "porch plan file", "$defs": titled}
