"""The reference of plan keys in `porch help plan` is complete, and says what the types say."""

from __future__ import annotations

import re

import pytest

from porch_tui.planfile.reference import json_schema, key_reference

SCHEMA = json_schema()


@pytest.mark.parametrize(
    ("heading", "properties"),
    [
        ("Keys of the plan", SCHEMA["properties"]),
        ("Keys of a task, and of `defaults`", SCHEMA["$defs"]["TaskEntry"]["properties"]),
        ("Keys of `resolver`", SCHEMA["$defs"]["ResolverEntry"]["properties"]),
    ],
)
def test_every_supported_key_is_described(heading, properties):
    section = key_reference().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    described = dict(re.findall(r"- `(\w+)`: (.*?) Value: ", " ".join(section.split())))

    supported = {key: part for key, part in properties.items() if "ot supported yet" not in str(part)}
    assert supported.keys() <= described.keys() <= properties.keys()
    assert [key for key in supported if described[key] != supported[key]["description"]] == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("slots", "auto, or a whole number from 1; default: `auto`"),
        ("timeout", "a time above 0 such as 90s, 10m or 1h30m (a bare number is seconds); default: `1h`"),
        ("id", "text on one line, not empty; required"),
        ("may_change_nothing", "true or false; default: `false`"),
    ],
)
def test_it_says_what_a_key_accepts_and_what_holds_without_it(key, value):
    entry = " ".join(key_reference().partition(f"- `{key}`: ")[2].partition("\n- ")[0].split())

    assert f" Value: {value}." in entry
