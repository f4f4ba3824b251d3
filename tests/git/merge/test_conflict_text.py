"""Git's text of a conflict is split into exactly what the sides wrote, or not at all."""

from __future__ import annotations

from porch_tui.core.conflict.conflict import Hunk
from porch_tui.git.merge.conflict_text import Versions, split

ONTO, HEAD = "a" * 40, "b" * 40


def marked(main: bytes, base: bytes, task: bytes, size: int = 7, end: bytes = b"\n") -> bytes:
    signs = {sign: sign.encode() * size for sign in "<|=>"}
    return (
        signs["<"] + b" " + ONTO.encode() + end + main
        + signs["|"] + b" 1234567" + end + base
        + signs["="] + end + task
        + signs[">"] + b" " + HEAD.encode() + end
    )  # fmt: skip


def parted(merged: bytes, base: bytes, main: bytes, task: bytes) -> tuple[bytes | Hunk, ...]:
    return split(merged, Versions(base, main, task), ONTO, HEAD)


def test_merged_lines_and_hunks_alternate():
    merged = b"top\n" + marked(b"m\n", b"b\n", b"t\n") + b"end\n"

    assert (b"top\n", Hunk(b"b\n", b"m\n", b"t\n"), b"end\n") == parted(
        merged, b"top\nb\nend\n", b"top\nm\nend\n", b"top\nt\nend\n"
    )


def test_a_heading_of_seven_equal_signs_in_the_versions_is_no_marker():
    main, task = b"Title\n=======\nm\n", b"t\n"

    assert Hunk(b"", main, task) in parted(marked(main, b"", task), b"", main, task)


def test_a_heading_in_the_tasks_version_is_no_marker():
    main, task = b"m\n", b"Title\n=======\nt\n"

    assert Hunk(b"x\n", main, task) in parted(marked(main, b"x\n", task), b"x\n", main, task)


def test_a_missing_newline_at_the_end_of_a_side_is_kept():
    assert Hunk(b"b", b"m", b"t\n") in parted(marked(b"m\n", b"b\n", b"t\n"), b"b", b"m", b"t\n")


def test_windows_line_ends_are_kept():
    merged = marked(b"m\r\n", b"b\r\n", b"t\r\n", end=b"\r\n")

    assert Hunk(b"b", b"m\r\n", b"t") in parted(merged, b"b", b"m\r\n", b"t")


def test_longer_markers_are_recognized():
    merged = marked(b"m\n", b"<<<<<<< x\n", b"t\n", size=9)

    assert Hunk(b"<<<<<<< x\n", b"m\n", b"t\n") in parted(merged, b"<<<<<<< x\n", b"m\n", b"t\n")


def test_text_that_is_in_no_version_is_not_split():
    assert () == parted(marked(b"m\n", b"b\n", b"t\n"), b"b\n", b"other\n", b"t\n")


def test_an_ambiguous_text_is_not_split():
    body = b"x\n=======\nx\n=======\nx\n"

    assert () == parted(marked(b"m\n", b"", body), b"x\n=======\nx\n", b"m\n", body)


def test_a_file_that_only_quotes_markers_has_no_hunk():
    assert () == parted(b"<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n", b"", b"", b"")


def test_equal_hunks_are_numbered():
    merged = marked(b"m\n", b"b\n", b"t\n") + b"-\n" + marked(b"m\n", b"b\n", b"t\n")

    hunks = [one for one in parted(merged, b"b\n-\nb\n", b"m\n-\nm\n", b"t\n-\nt\n") if isinstance(one, Hunk)]

    assert [0, 1] == [hunk.nth for hunk in hunks]


def test_a_last_line_without_newline_is_not_confused_with_an_earlier_line():
    merged = b"top\n" + marked(b"m\n", b"b\n", b"t\n")

    assert Hunk(b"b\n", b"m", b"t\n") in parted(merged, b"top\nb\n", b"m\ntop\nm", b"top\nt\n")
