"""One value is put into a person's settings, or taken out, and every other character stays as it was."""

from __future__ import annotations

import os
import tomllib
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from porch_tui.cli.settings import flat, read_settings
from porch_tui.cli.settings_editing import set_in_file, unset_in_file, with_value, without
from porch_tui.cli.settings_text import commented_file
from porch_tui.errors import PlanError, RepositoryError

WITH_TABLES = """\
# mine

bell = true   # it wakes me

# keys of mine
[keys]
  "task.retry" = "f5"

[[commands]]
key = "f9"
run = ["x"]
"""


PLAIN_LINES = [
    "",
    "# bell = true",
    "bell = true",
    "\tbell\t=\tfalse\t#\tx",
    "bell.x = 1 # a table",
    "  'theme'=\"dark\" # mine",
    'on_end = [\n "a", # }\n]',
    'editor = """\n# theme = ]\n"""',
    "other = '''\n[keys]\n'''",
    "since = 1979-05-27 07:32:00 # d",
    "'\u2028' = '\u2028\x85'",
    'keys."task.stop" = "x"',
    'keys = { task.stop = "x", "a" = "b" } # }',
    'keys = { "a,{b" = "c", task = { stop = "x" }, a="d" }',
    "keys = {}",
    "keys.task = {}",
    'commands = [ { key = "x" } ]',
]
TABLE_LINES = [
    "# k",
    "[keys]",
    " [ 'keys' ]",
    "  [keys.task] # k",
    "[keys.a]",
    "[bell]",
    "[other.keys]",
    'stop = "r"',
    '"task.stop" = "s"',
    "task.stop = 't' # k",
    "[[commands]]",
    "[[keys]]",
    'run = ["a", "]"]',
]
CHANGES = [("bell", False), ("theme", "nord"), ("on_end", ["}"]), ("keys.task.stop", "f5"), ("keys.a", "q")]


def after_setting(folder: Path, text: str, name: str, value: object) -> str:
    """Set a value in a file of this text; return the text then."""
    file = folder / "settings.toml"
    file.write_bytes(text.encode())
    line = set_in_file(file, name, value, "")
    written = file.read_bytes().decode()
    assert name.rpartition(".")[2] in written.splitlines()[line - 1]
    return written


@pytest.mark.parametrize(
    ("text", "name", "value", "expected"),
    [
        ("", "bell", False, "bell = false\n"),
        ("title = true", "bell", False, "title = true\nbell = false\n"),
        ("title = true\r\n", "bell", False, "title = true\r\nbell = false\r\n"),
        ("# bell = true\n# more\n", "bell", False, "# bell = true\nbell = false\n# more\n"),
        ("\ufeffbell = true\n", "bell", False, "\ufeffbell = false\n"),
        ("title = true\n\n# end\n", "bell", False, "title = true\nbell = false\n\n# end\n"),
        ("'bell' = true # on\n", "bell", False, "'bell' = false # on\n"),
        (
            'on_end = [\n  "a", # first\n]\ntitle = true\n',
            "on_end",
            ["b", 'c"'],
            'on_end = ["b", "c\\""]\ntitle = true\n',
        ),
        ("# keys of mine\n[keys]\n", "bell", False, "bell = false\n\n# keys of mine\n[keys]\n"),
        (
            'editor = """\n# bell = true\n"""\n',
            "bell",
            False,
            'editor = """\n# bell = true\n"""\nbell = false\n',
        ),
        ("bell = true\n", "keys.task.stop", "f6", 'bell = true\n\n[keys]\n"task.stop" = "f6"\n'),
        ("[keys]", "keys.task.stop", "f6", '[keys]\n"task.stop" = "f6"\n'),
        ("keys = {}\n", "keys.task.stop", "f6", 'keys = { "task.stop" = "f6" }\n'),
        (
            'keys = { "a" = "b" } # mine\n',
            "keys.task.stop",
            "f6",
            'keys = { "a" = "b", "task.stop" = "f6" } # mine\n',
        ),
        (
            'keys.task.retry = "f5"\n[[commands]]\n',
            "keys.task.stop",
            "f6",
            'keys.task.retry = "f5"\nkeys."task.stop" = "f6"\n[[commands]]\n',
        ),
        ('[keys.task]\nstop = "f5"\n', "keys.task.stop", "f6", '[keys.task]\nstop = "f6"\n'),
        (
            '[keys]\ntask.stop = "f5"\n"task.stop" = "f4"\n',
            "keys.task.stop",
            "f6",
            '[keys]\ntask.stop = "f6"\n"task.stop" = "f6"\n',
        ),
        (
            WITH_TABLES,
            "keys.task.stop",
            "f6",
            WITH_TABLES.replace('"f5"\n', '"f5"\n  "task.stop" = "f6"\n'),
        ),
        (
            "[[commands]]\n[keys]\na = 'b'\n[[commands]]",
            "keys.a",
            "c",
            '[[commands]]\n[keys]\na = "c"\n[[commands]]',
        ),
        ("['keys']\n\n# end", "keys.a", "b", '[\'keys\']\n"a" = "b"\n\n# end'),
        ("# mine\n[[commands]]\n", "bell", False, "bell = false\n\n# mine\n[[commands]]\n"),
        (WITH_TABLES, "theme", "nord", WITH_TABLES.replace("me\n", 'me\ntheme = "nord"\n', 1)),
        (WITH_TABLES, "bell", False, WITH_TABLES.replace("true", "false")),
    ],
)
def test_a_value_is_set_where_one_would_write_it(
    tmp_path: Path, text: str, name: str, value: object, expected: str
) -> None:
    assert expected == after_setting(tmp_path, text, name, value)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("title = true\nbell = false\n# end\n", "bell", "title = true\n# end\n"),
        ("bell = false", "bell", ""),
        ("  bell = false # on a train\n", "bell", "  # on a train\n"),
        ('on_end = [\n "a",\n]\ntitle = true\n', "on_end", "title = true\n"),
        ('keys = { "a" = "b", c = "d" }\n', "keys.a", 'keys = { c = "d" }\n'),
        ('keys = { "a" = "b", c = "d" }\n', "keys.c", 'keys = { "a" = "b" }\n'),
        ('keys = { task.stop = "b", c = "d" }\n', "keys.task.stop", 'keys = { c = "d" }\n'),
        ('keys = { "a" = "b" }\n', "keys.a", "keys = { }\n"),
        ('[keys]\na.b = "c"\n"a.b" = "d"\n', "keys.a.b", "[keys]\n"),
        ('bell = true\r\n[keys]\r\n"a" = "c"\r\n', "keys.a", "bell = true\r\n[keys]\r\n"),
    ],
)
def test_a_value_is_taken_out_with_its_line_but_not_with_a_comment(
    tmp_path: Path, text: str, name: str, expected: str
) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(text.encode())

    unset_in_file(file, name)
    unset_in_file(file, name)  # the second time there is nothing to take out

    assert expected == file.read_bytes().decode()


def test_in_the_file_that_is_begun_every_value_goes_below_the_comment_that_shows_it(tmp_path: Path) -> None:
    file = tmp_path / "porch/settings.toml"

    set_in_file(file, "editor", "vim", commented_file())
    set_in_file(file, "keys.task.stop", "f6", commented_file())

    before = commented_file()
    expected = before.replace('# editor = "code --wait"\n', '# editor = "code --wait"\neditor = "vim"\n')
    assert f'{expected}\n[keys]\n"task.stop" = "f6"\n' == file.read_text()
    assert ("vim", {"task.stop": "f6"}) == (read_settings(file).editor, read_settings(file).keys)


def test_a_link_stays_one_and_permissions_stay_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    target, file = tmp_path / "dotfiles/porch.toml", tmp_path / "settings.toml"
    target.write_text("bell = true\n")
    target.chmod(0o640)
    file.symlink_to("dotfiles/porch.toml")

    set_in_file(file, "bell", False, "")

    assert (True, "bell = false\n", 0o640) == (
        file.is_symlink(),
        target.read_text(),
        target.stat().st_mode & 0o777,
    )
    assert [target] == [*target.parent.iterdir()]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"title = true\nbell = = false\n", ":2: Invalid value"),
        (b"title = true\neditor = '\xe9'\n", ":2: a byte here is no UTF-8"),
        (b"title = true\n[bell]\non = 1\n", ":2: bell cannot be changed beside what stands here"),
        (b"keys = 3\n", ":1: keys.task.stop cannot be changed beside what stands here"),
        (b"[[keys]]\n", ":1: keys.task.stop cannot be changed"),
    ],
)
def test_a_file_that_is_wrong_is_reported_with_its_line_and_stays_as_it_was(
    tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(content)
    name, value = ("keys.task.stop", "f6") if b"keys" in content else ("bell", False)

    with pytest.raises(PlanError) as raised:
        set_in_file(file, name, value, "")

    assert str(raised.value).startswith(f"{file}{words}")
    assert "nothing was changed" in str(raised.value) and content == file.read_bytes()


def test_a_link_that_leads_nowhere_is_reported_with_where_it_leads(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.symlink_to("nowhere/porch.toml")

    with pytest.raises(RepositoryError) as raised:
        set_in_file(file, "bell", False, "")

    assert (
        f"{tmp_path}/nowhere/porch.toml cannot be written: No such file or directory; nothing was changed"
        == str(raised.value)
    )


def test_what_is_no_file_is_reported(tmp_path: Path) -> None:
    folder, pipe = tmp_path / "a.toml", tmp_path / "b.toml"
    folder.mkdir()
    os.mkfifo(pipe)
    (tmp_path / "c").write_text("")

    for place in (folder, pipe, tmp_path / "c/settings.toml"):
        with pytest.raises(RepositoryError, match=r"cannot be read.*nothing was changed"):
            set_in_file(place, "bell", False, "")


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.lists(st.sampled_from(PLAIN_LINES), max_size=4, unique=True),
    st.lists(st.sampled_from(TABLE_LINES), max_size=5),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(CHANGES),
)
def test_one_value_changes_and_no_line_of_another_or_nothing_does(
    plain: list[str], tables: list[str], newline: str, change: tuple[str, object]
) -> None:
    text = "\n".join([*plain, *tables]).replace("\n", newline)
    try:
        before = flat(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        assume(False)
    name, value = change
    others = {one: was for one, was in before.items() if one != name}

    with_it, without_it = with_value(text, name, value), without(text, name)

    if with_it is not None:
        assert {**before, name: value} == flat(tomllib.loads(with_it))
        assert name in before or is_cut_from(text, with_it), "more than a value is new"
    if without_it is not None:
        assert others == flat(tomllib.loads(without_it))
    kept = [line for line in lines_of(text) if line.lstrip().startswith(("#", "[")) or not line.strip()]
    for changed in (with_it, without_it):
        lines = iter(lines_of(text if changed is None else changed))
        assert all(line in lines for line in kept), "a comment, a header or an empty line is gone"


def is_cut_from(text: str, larger: str) -> bool:
    """Say whether a text is another one but for one piece of it."""
    same = next((at for at, letter in enumerate(text) if larger[at : at + 1] != letter), len(text))
    return larger.endswith(text[same:])


def lines_of(text: str) -> list[str]:
    return [line.rstrip("\r\n") for line in StringIO(text)]
