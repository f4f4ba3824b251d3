"""What a file is, by its name."""

from __future__ import annotations

import pytest

from porch_tui.core.files.languages import is_test, is_test_module, language_of

LANGUAGES = {
    "a/b.py": "Python",
    "a.pyi": "Python",
    "A.PY": "Python",
    "x.test.tsx": "TypeScript",
    "x.mjs": "JavaScript",
    "main.go": "Go",
    "lib.rs": "Rust",
    "x.h": "C",
    "README.md": None,
    "Makefile": None,
    ".py": None,
    "py": None,
    "a.py/data.bin": None,
}
TESTS = (
    "tests/x.py",
    "a/test/x.js",
    "test_x.py",
    "x_test.go",
    "x.spec.ts",
    "src/__tests__/x.js",
    "conftest.py",
)
NO_TESTS = (
    "src/testing.py",
    "contest.py",
    "latest.py",
    "src/x.js",
    "attest/x.py",
    "near_tests.py",
    "src/test.d/x.py",
)


@pytest.mark.parametrize("path", LANGUAGES)
def test_the_language_goes_by_the_end_of_the_name(path: str):
    assert LANGUAGES[path] == language_of(path)


def test_tests_are_known_by_their_name_or_a_folder():
    assert list(TESTS) == [path for path in (*TESTS, *NO_TESTS) if is_test(path)]


def test_what_a_runner_can_be_given_is_no_helper_and_no_data():
    modules = ["tests/test_x.py", "pkg/x_test.go", "test/res.send.js", "test/test.js", "app/tests.py"]
    others = [
        "tests/conftest.py",
        "tests/helpers.py",
        "tests/x.py",
        "test/support/env.js",
        "test/fixtures/a.js",
    ]

    assert modules == [path for path in (*modules, *others) if is_test_module(path)]
