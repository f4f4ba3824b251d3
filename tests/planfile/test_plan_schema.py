"""The JSON Schema says what the reader does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from planfile.plan_reading import FULL, ONE_TASK, plan, refusal

from porch_tui.planfile.reference import json_schema

SCHEMA = json_schema()

LATER = """
tasks:
  theory-cache: {kind: hypothesis, of: slow-start, run: ./try-cache.sh}
hypotheses:
  slow-start: {question: Why so slow, judge: ./measure.sh, want: min, land: winner}
each:
  - {id: "test-{stem}", items: {glob: "tests/*/"}, kind: check, run: [pytest, "{item}"]}
  - {id: "n-{n}", items: {list: [a, b]}, run: x}
  - {id: "l-{n}", items: {lines: git ls-files}, run: x}
place: tls://host:8786
integrity: every
"""


def complaints(value: Any, schema: dict[str, Any], at: str = "") -> Iterator[str]:
    """Yield what the part of JSON Schema that ours uses has against `value`."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    if "anyOf" in schema and all([*complaints(value, option, at)] for option in schema["anyOf"]):
        yield f"{at}: fits none"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: not in {schema['enum']}"
    sorts = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "number": (int, float),
    }
    if "type" in schema and not isinstance(value, sorts[schema["type"]]):
        yield f"{at}: not {schema['type']}"
    match value:
        case str() if not re.search(schema.get("pattern", ""), value):
            yield f"{at}: {value} does not fit"
        case list():
            for number, item in enumerate(value):
                yield from complaints(item, schema.get("items", {}), f"{at}[{number}]")
        case dict():
            yield from _complaints_of_keys(value, schema, at)


def _complaints_of_keys(value: dict[str, Any], schema: dict[str, Any], at: str) -> Iterator[str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    for key, item in value.items():
        if key not in known and others is False:
            yield f"{at}.{key}: unknown"
        else:
            yield from complaints(item, known.get(key, others or {}), f"{at}.{key}")
    for key in schema.get("required", []):
        if key not in value:
            yield f"{at}.{key}: missing"


def test_the_schema_is_json_of_the_named_draft_with_words_for_every_key():
    assert SCHEMA == json.loads(json.dumps(SCHEMA))
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"]
    for part in (SCHEMA, *SCHEMA["$defs"].values()):
        assert part["title"] and part["description"]
        assert part["additionalProperties"] is False
        assert [] == [key for key, about in part["properties"].items() if not about.get("description")]


@pytest.mark.parametrize("text", [FULL, LATER, ONE_TASK])
def test_the_contract_s_own_example_keeps_the_schema(text: str):
    assert [] == [*complaints(yaml.safe_load(text), SCHEMA)]


@pytest.mark.parametrize(
    "text", ["tasks: {a: {rnu: x}}", "tasks: {a: {run: 1}}", "slots: 1", "slots: x\n" + ONE_TASK]
)
def test_what_the_schema_refuses_the_reader_refuses(text: str):
    assert [*complaints(yaml.safe_load(text), SCHEMA)]
    assert refusal(text)


def test_every_key_of_the_contract_is_in_the_schema_and_no_other():
    top, one = yaml.safe_load(FULL), yaml.safe_load(FULL)["tasks"]
    task_keys = {key for entry in one.values() for key in entry}

    assert {*top, "hypotheses", "each"} == SCHEMA["properties"].keys()
    others = {"of", "shared", "stdin_open", "tries", "agents"}
    assert task_keys | others == SCHEMA["$defs"]["TaskEntry"]["properties"].keys()


@pytest.mark.slow
def test_the_reader_knows_exactly_the_keys_of_the_schema():
    for key in SCHEMA["properties"].keys() - {"tasks"}:
        assert "unknown key" not in refusal(f"{key}: {{[]: 1}}\n{ONE_TASK}")
    for key in SCHEMA["$defs"]["TaskEntry"]["properties"]:
        assert "unknown key" not in refusal(f"tasks: {{a: {{{key}: {{[]: 1}}}}}}")


def test_the_defaults_the_schema_names_are_the_reader_s():
    written = {
        key: about["default"]
        for key, about in SCHEMA["properties"].items()
        if about.get("default") is not None
    }
    text = "".join(f"{key}: {json.dumps(value)}\n" for key, value in written.items())

    assert len(written) >= 8
    assert plan(ONE_TASK).branch == plan(ONE_TASK + text).branch
    assert plan(ONE_TASK) == plan(ONE_TASK + text)
