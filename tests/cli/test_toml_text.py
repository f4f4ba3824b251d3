"""Where things stand in a TOML file, whatever way it is written."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from porch_tui.cli.settings import as_written
from porch_tui.cli.toml_text import TomlText

DOCUMENT = '''\
# theme = "no"
theme = "dark" # a ] and a } and a "
"bell"=false

long = """
bell = true
[keys]
\\""" still in it"""""
raw = \'\'\'
[[commands]]\'\'\'
since = 1979-05-27 07:32:00 # a date
on_need = [
  "a", # the program ]
  'b\\', [1, 2,],
]

[keys]
task.retry = "f5"
"task.stop" = "f6"
list . "sort\\u0041" = "f7"

  [ keys.log ]
  follow = "f8"

[[commands]]
key = "f9"
run = ["x", "{task}"]
[commands.env]
A = { b = 1, "c d" = { e = [] } }
[[commands]]
key = "f10"
'''

LINES = {
    "theme": 2,
    "bell": 3,
    "long": 5,
    "raw": 9,
    "since": 11,
    "on_need": 12,
    "on_need.0": 13,
    "on_need.1": 14,
    "on_need.2.1": 14,
    "keys": 17,
    "keys.task.retry": 18,
    "keys.task.stop": 19,
    "keys.list.sortA": 20,
    "keys.log.follow": 23,
    "commands": 25,
    "commands.0.run": 27,
    "commands.0.run.1": 27,
    "commands.0.env.A.c d.e": 29,
    "commands.0.no such key": 25,
    "commands.1": 30,
    "commands.1.key": 31,
    "nothing": 1,
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_line_of_each_value_is_known(newline: str) -> None:
    toml = TomlText(DOCUMENT.replace("\n", newline))

    assert LINES == {name: toml.line_of(name) for name in LINES}


def test_values_are_cut_out_as_they_are_written() -> None:
    toml = TomlText(DOCUMENT)

    cut = {name: toml.text[one.value : one.end] for name in LINES for one in toml.named(name)}

    assert ('"dark"', "false", "1979-05-27 07:32:00") == (cut["theme"], cut["bell"], cut["since"])
    assert """[
  "a", # the program ]
  'b\\', [1, 2,],
]""" == cut["on_need"]
    assert cut["long"].endswith('still in it"""""') and cut["raw"].endswith("[[commands]]'''")


NAMES = st.text(min_size=1, max_size=4)
VALUES = st.recursive(
    st.text() | st.booleans() | st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=6
)


@given(st.dictionaries(NAMES, VALUES, max_size=5), st.dictionaries(NAMES, VALUES, max_size=5))
def test_every_value_that_is_written_is_found_and_is_the_one_that_is_read(
    top: dict[str, object], table: dict[str, object]
) -> None:
    surely = {name: value for name, value in top.items() if name != "table"}
    lines = [f"{as_written(name)} = {as_written(value)}" for name, value in surely.items()]
    lines += ["[table]", *(f"{as_written(name)} = {as_written(value)}" for name, value in table.items())]
    text = "\n".join(lines)

    toml = TomlText(text)

    found = {
        one.path: tomllib.loads(f"value = {text[one.value : one.end]}")["value"]
        for one in toml.entries
        if one.value >= 0 and one.within < 0
    }
    assert {(name,): value for name, value in surely.items()} | {
        ("table", name): value for name, value in table.items()
    } == found
