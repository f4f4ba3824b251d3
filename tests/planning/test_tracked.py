"""What a text names of a repository becomes paths, and what tests it becomes a check."""

from __future__ import annotations

import pytest

from porch_tui.planning.tracked import TrackedFiles

CODE = ["src/app.py", "src/auth/login.py", "tests/test_app.py"]
FILES = TrackedFiles.of([*CODE, "app/(tabs)/index.tsx", "app/dream/[id].tsx", "Makefile"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Split src/app.py, and (src/auth/login.py).", ["src/app.py", "src/auth/login.py"]),
        ("Look into `src/auth` and src/auth/", ["src/auth/**"]),
        ("Create src/models/user.py and ./src/new.py", ["src/models/user.py", "src/new.py"]),
        ("Change `Makefile` and Makefile.", ["Makefile"]),
        ("in app/(tabs)/index.tsx, then app/dream/[id].tsx", ["app/(tabs)/index.tsx", "app/dream/[id].tsx"]),
        ("See https://example.org/src/app.py and /etc/src/app.py and ../src/app.py", []),
        ("and/or, i.e. the src or v1.2/3, 24/7", []),
        ("elsewhere/x.py is not ours", []),
    ],
)
def test_paths_are_found_where_they_are_or_will_be_files_of_the_repository(text: str, expected: list[str]):
    assert [*FILES.named_in(text)] == expected


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["src/app.py"], "pytest -q tests/test_app.py"),
        (["src/auth/login.py"], "pytest -q"),
        (["tests/test_new.py"], "pytest -q tests/test_new.py"),
        (["src/app.py", "tests/test_new.py"], "pytest -q tests/test_app.py tests/test_new.py"),
    ],
)
def test_the_check_of_a_task_is_its_own_tests_where_it_has_some(paths: list[str], expected: str):
    assert FILES.checks_for(paths) == (expected,)


def test_without_tests_there_is_no_check():
    assert TrackedFiles.of(["a.txt"]).checks_for(["a.txt"]) == ()
