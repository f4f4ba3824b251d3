"""Whatever a file contains, reading it gives a plan or a PlanError; hypothesis prints the seed."""

from __future__ import annotations

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from planfile.plan_reading import FULL

from porch_tui.errors import PlanError
from porch_tui.planfile.read import PlanFile, plan_from
from porch_tui.planfile.reference import json_schema
from porch_tui.planfile.text import composer

KEYS = st.sampled_from(
    [*json_schema()["properties"], *json_schema()["$defs"]["TaskEntry"]["properties"], "<<"]
)
WORDS = st.sampled_from(
    ["a", "b", "x {prompt}", "{task}", "../{repo}", "{", "1h", "2G", "auto", "/", "..", "check", "1:30"]
)
NUMBERS = st.none() | st.booleans() | st.integers() | st.floats()
LEAVES = NUMBERS | WORDS | st.text(max_size=8) | st.dates() | st.binary(max_size=4)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=25,
)
TASKS = st.dictionaries(st.sampled_from("abc"), st.dictionaries(KEYS, VALUES, max_size=5), min_size=1)
PUNCTUATION = st.text("ab:{}[]&*!,-?|>'\"\\ \n\t#%~<x0Uu", max_size=60)
SLIPS = st.tuples(st.integers(0, len(FULL)), st.integers(0, 12), st.text(max_size=5) | PUNCTUATION)


def read(content: bytes) -> PlanFile | PlanError:
    """Return the plan or its refusal, each line of which names the file."""
    try:
        return plan_from(content, "porch.yaml", "porch")
    except PlanError as error:
        assert all(line.startswith("porch.yaml:") for line in str(error).split("\n")), str(error)
        return error


@given(
    st.one_of(
        st.binary(),
        st.text().map(str.encode),
        st.text("ab:{}[]&*!,-?|>'\"\\ \n\t#%~<", max_size=60).map(str.encode),
    )
)
@example(b'"\\ud800"')
@example(b'"\\UFFFFFFFF": 1')
@example(b"%YAML 9" + b"9" * 5000 + b".1\n--- a")
@example(b"%TAG ! tag:a,b:\n--- !x y")
@example(b"retries: " + b"9" * 5000)
@example(b"&a ? *a\n: b")
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_or_refused(content: bytes):
    read(content)


@given(
    st.fixed_dictionaries({"tasks": TASKS | VALUES}, optional={"defaults": VALUES, "agents": VALUES}) | VALUES
)
@settings(max_examples=50, deadline=None)
def test_any_yaml_is_read_or_refused(value: object):
    read(yaml.dump(value, allow_unicode=True).encode("utf-8", "surrogatepass"))


@given(st.lists(SLIPS, min_size=1, max_size=4))
@settings(max_examples=50, deadline=None)
def test_any_slip_in_a_good_plan_is_read_or_refused(slips: list[tuple[int, int, str]]):
    text = FULL
    for at, length, put in slips:
        text = text[:at] + put + text[at + length :]
    read(text.encode("utf-8", "surrogatepass"))


@given(PUNCTUATION)
@settings(max_examples=50, deadline=None)
def test_without_the_c_parser_nothing_else_escapes_either(text: str):
    kept, composer.LOADER = composer.LOADER, yaml.SafeLoader
    try:
        read(text.encode())
    finally:
        composer.LOADER = kept
