"""In which line of a TOML file something stands, whatever way it is written."""

from __future__ import annotations

import tomllib

import pytest

from porch_tui.cli.toml_lines import line_of, mistake

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
    "on_need.0": 12,
    "on_need.2.1": 12,
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
    text = DOCUMENT.replace("\n", newline)

    assert LINES == {name: line_of(text, name) for name in LINES}


def test_what_ends_a_line_only_elsewhere_ends_none_of_toml() -> None:
    assert 2 == line_of("a = '\u2028\x85'\nb = 1", "b")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a = 1\nb = = 2\n", 2, "Invalid value"),
        ("a = 1\n\nb = [\n", 3, "Invalid value"),
        ("a", 1, "Expected '=' after a key in a key/value pair"),
    ],
)
def test_a_mistake_has_its_line_once(text: str, line: int, said: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as raised:
        tomllib.loads(text)

    assert (line, said) == mistake(raised.value, text)
