"""A patch taken apart: lines with their numbers, files with their names, whatever those are."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from porch_tui.present.signs import Role
from porch_tui.tui.diff.colors import colored
from porch_tui.tui.diff.patch import LONGEST_LINE, Kind, Patch, PatchLine, parse

SMALL = b"""\
diff --git a/app.py b/app.py
index 1..2 100644
--- a/app.py
+++ b/app.py
@@ -1,3 +1,4 @@ def top():
 import os
-x = 1
+x = 2
+\ty = "three"
 # end
\\ No newline at end of file
"""


def of_kind(patch: Patch, kind: Kind) -> list[tuple[int, str]]:
    return [(line.number, line.text) for line in patch.lines if line.kind is kind]


def test_lines_have_the_numbers_of_the_side_they_are_on() -> None:
    patch = parse(SMALL)

    assert of_kind(patch, Kind.CONTEXT) == [(1, "import os"), (4, "# end")]
    assert of_kind(patch, Kind.REMOVED) == [(2, "x = 1")]
    assert of_kind(patch, Kind.ADDED) == [(2, "x = 2"), (3, '    y = "three"')]
    assert of_kind(patch, Kind.HUNK) == [(1, "def top():")]
    assert of_kind(patch, Kind.NOTE) == [(0, "No newline at end of file")]


def test_files_are_counted() -> None:
    (file,) = parse(SMALL).files

    assert (file.path, file.added, file.removed, file.start) == ("app.py", 2, 1, 0)


def test_a_removed_line_of_dashes_is_no_header() -> None:
    patch = parse(b"diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,2 +1 @@\n--- a/x\n +++ b/y\n")

    assert of_kind(patch, Kind.REMOVED) == [(1, "-- a/x")]
    assert of_kind(patch, Kind.CONTEXT) == [(1, "+++ b/y")]


def test_what_a_terminal_would_obey_is_shown_instead_and_long_lines_are_cut() -> None:
    long = b"x" * (LONGEST_LINE + 100)
    patch = parse(b"diff --git a/f b/f\n@@ -0,0 +1,2 @@\n+\x1b[2J\xff\r\n+" + long + b"\n")

    (_, steering), (_, cut) = of_kind(patch, Kind.ADDED)
    assert steering == "␛[2J\\xff"
    assert len(cut) == LONGEST_LINE + 1


def test_more_lines_than_can_be_shown_are_left_out() -> None:
    patch = parse(b"diff --git a/f b/f\n@@ -0,0 +1,9 @@\n" + b"+x\n" * 9, most_lines=5)

    assert (len(patch.lines), patch.is_cut) == (5, True)


@pytest.mark.parametrize("name", ["plain", "with blank", "ümlaut", 'quo"te', "tab\there", "a b/c b/d"])
def test_any_name_of_a_file_is_found_as_git_writes_it(tmp_path: Path, name: str) -> None:
    def git(*words: str) -> bytes:
        command = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b", *words]
        return subprocess.run(command, capture_output=True, check=True).stdout

    git("init", "-q")
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("one\n")
    (tmp_path / "empty").touch()
    git("add", "-A")
    added = git("diff", "--cached", "--src-prefix=a/", "--dst-prefix=b/")
    git("commit", "-qm", "one")
    git("mv", name, "renamed")
    renamed = git("diff", "--cached", "-M", "--src-prefix=a/", "--dst-prefix=b/")
    git("rm", "-qf", "renamed")
    gone = git("diff", "--cached", "--no-renames", "--src-prefix=a/", "--dst-prefix=b/")

    assert {file.path for file in parse(added).files} == {name, "empty"}
    assert [file.path for file in parse(renamed).files] == ["renamed"]
    assert [file.path for file in parse(gone).files] == [name]


def test_code_has_the_colors_of_its_language_and_removed_lines_have_none() -> None:
    patch = parse(SMALL)
    colors = colored(patch)

    at = {line: number for number, line in enumerate(patch.lines)}
    string = at[PatchLine(Kind.ADDED, '    y = "three"', "app.py", 3)]
    removed = at[PatchLine(Kind.REMOVED, "x = 1", "app.py", 2)]
    assert '"three"' == "".join(span.text for span in colors[string] if span.role is Role.GOOD)
    assert removed not in colors
    for number, line in colors.items():
        assert "".join(span.text for span in line) == patch.lines[number].text


def test_a_file_of_no_known_language_has_no_colors() -> None:
    assert colored(parse(SMALL.replace(b"app.py", b"app.unknown"))) == {}
