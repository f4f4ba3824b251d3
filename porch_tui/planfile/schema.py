"""The JSON Schema of plan files, from the types that also check them.

`porch schema` prints it and editors complete from it. Shape only: names, cycles
and templates are for `porch check`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from porch_tui.planfile.keys import PlanDocument

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID = "urn:porch:plan-file"


def json_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12) of a whole plan file, made of JSON values only."""
    _, parts = msgspec.json.schema_components([PlanDocument], ref_template="#/$defs/{name}")
    root = parts.pop(PlanDocument.__name__)
    return {
        "$schema": DIALECT,
        "$id": ID,
        **root,
        "title": "porch plan file",
        "$defs": {name: _titled(name, part) for name, part in sorted(parts.items())},
    }


def _titled(name: str, part: dict[str, Any]) -> dict[str, Any]:
    """Return the part with the words of its type's name as its title: `TaskEntry` is a `task`."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return part | {"title": words.strip().removesuffix(" entry")}
