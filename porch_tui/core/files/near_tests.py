"""Which command runs a repository's tests, or those of a part of it: guessed from the names of its files."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable

from porch_tui.core.files.globs import literal_folders, matches
from porch_tui.core.model.plan import Plan, TaskSpec, shown

PYTHON_TEST = re.compile(r"(^|/)(test_[^/]*|[^/]*_test)\.py$")
SCRIPT_TEST = re.compile(r"(^|/)(tests?|__tests__)/|\.(test|spec)\.[cm]?[jt]sx?$")
RUNS_TESTS = re.compile(
    r"\b(pytest|unittest|tox|nox|jest|vitest|mocha|ctest|rspec|phpunit)\b"
    r"|\b(go|cargo|npm|pnpm|yarn|bun|deno|make|mix|dotnet|mvn|gradle|gradlew|rake|swift)\s+(run\s+)?(test|check)\b"
)
"""In the text of a command that tests something itself."""
PYTHON_RUNNER = re.compile(r"[^;&|<>$()\n]*?(?<![\w.-])(pytest|-m unittest)(?=\s|$)")
"""How a simple command begins that runs Python's tests."""
MAKES_ENVIRONMENTS = re.compile(r"\b(tox|nox|hatch)\b")
"""Outside of the environments of these tools, tests may lack what they need."""
TEST_FOLDERS = frozenset({"test", "tests", "testing", "spec", "specs"})
TESTED = (".py", ".go", ".rs", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs")
MOST_TARGETS = 4
"""Files and folders in one command; a task with more tests near its paths is tested by all of them."""
MOST_FILES = 50
"""Of a folder, whose tests are searched for by their names."""


def validation_of(tracked: Collection[str]) -> str | None:
    """Return the command that most likely runs this repository's tests; None if no file hints at one."""
    root = {path for path in tracked if "/" not in path}
    if any(PYTHON_TEST.search(path) for path in tracked):
        return "uv run pytest -q" if "uv.lock" in root else "pytest -q"
    if "tox.ini" in root:
        return "tox"
    if "package.json" in root and any(SCRIPT_TEST.search(path) for path in tracked):
        return "npm test"
    by_file = {"Cargo.toml": "cargo test", "go.mod": "go test ./...", "Makefile": "make test"}
    return next((command for file, command in by_file.items() if file in root), None)


def setup_for(validate: str | None, tracked: Collection[str]) -> str | None:
    """Return what a fresh worktree needs before `validate` can run in it; None if nothing."""
    if validate == "uv run pytest -q":
        return "uv sync"
    return "npm ci" if validate == "npm test" and "package-lock.json" in tracked else None


def runs_tests(spec: TaskSpec) -> bool:
    """Say whether a task's own command runs tests."""
    return RUNS_TESTS.search(shown(spec.command)) is not None


class NearTests:
    """The tests of a repository, to be found by what they test."""

    def __init__(self, plan: Plan, tracked: Collection[str]) -> None:
        """`plan` may say how tests are run here."""
        self._runner = validation_of(tracked) or ""
        if "pytest" in self._runner:
            self._runner = _python_runner(plan, self._runner)
        self._tracked = tracked
        self._tests: dict[str, list[str]] = defaultdict(list)
        """Test files by the stem of what they test."""
        self._folders: dict[str, list[str]] = defaultdict(list)
        """By a folder: the tracked files in it."""
        self._test_folders: dict[str, set[str]] = defaultdict(set)
        """Folders below one of tests, by their last name."""
        for path in tracked:
            folder, _, name = path.rpartition("/")
            self._folders[folder].append(path)
            if is_test(path):
                self._tests[_tested_stem(name)].append(path)
                *above, last = ["", *folder.split("/")]
                if TEST_FOLDERS.intersection(above):
                    self._test_folders[last].add(folder)

    def command_for(self, patterns: Iterable[str]) -> str | None:
        """Return the command that runs the tests of what the patterns match; None if there are no such tests.

        None also where one command would have to name very many files.
        """
        is_python = PYTHON_RUNNER.search(self._runner) is not None
        if not is_python and self._runner not in ("npm test", "go test ./..."):
            return None
        found: dict[str, None] = {}
        for pattern in patterns:
            found |= dict.fromkeys(self._near(pattern))
        targets = [one for one in found if not any(one.startswith(f"{other}/") for other in found)]
        if not targets or len(targets) > MOST_TARGETS or not all(map(_is_plain, targets)):
            return None
        if is_python:
            has_folder = any(target in self._folders for target in targets)
            return (
                None if has_folder and "unittest" in self._runner else f"{self._runner} {' '.join(targets)}"
            )
        if self._runner == "npm test":
            return f"npm test -- {' '.join(targets)}"
        folders = dict.fromkeys(one if one in self._folders else one.rpartition("/")[0] for one in targets)
        return f"go test {' '.join(f'./{folder}/...' if folder else './...' for folder in folders)}"

    def _near(self, pattern: str) -> list[str]:
        """Return the test files and folders that belong to what a pattern matches."""
        folder = "/".join(literal_folders(pattern))
        if is_test(pattern) and pattern in self._tracked:
            return [pattern]
        if TEST_FOLDERS.intersection(folder.split("/")):
            if folder in self._folders:
                return [folder]
            inside = [
                path for path in self._folders.get(folder.rpartition("/")[0], ()) if matches(pattern, path)
            ]
            return [path for path in inside if is_test(path)]
        if folder in self._folders:  # all of a folder, or what a wild card matches in it
            files = [path for path in self._folders[folder] if matches(pattern, path)][:MOST_FILES]
            by_folder = sorted(self._test_folders.get(folder.rpartition("/")[2], ()))
            if len(by_folder) == 1:
                return by_folder
            stems = [folder.rpartition("/")[2], *map(_stem, files)]
            own = [path for path in files if is_test(path)]
            return own or [test for stem in stems for test in self._tests_of(stem, folder)]
        return self._tests_of(_stem(pattern), pattern) if pattern.endswith(TESTED) else []

    def _tests_of(self, stem: str, near: str) -> list[str]:
        """Return the test of what has this stem; of several, the one that has most folders in common."""
        named = set(near.split("/"))
        tests = sorted(self._tests.get(stem, ()), key=lambda path: -len(named.intersection(path.split("/"))))
        if len(tests) > 1:
            first, second = (len(named.intersection(path.split("/"))) for path in tests[:2])
            return tests[:1] if first > second else []
        return tests


def is_test(path: str) -> bool:
    """Say whether a file is a test by its name."""
    name = path.rpartition("/")[2]
    if path.endswith(".py"):
        return PYTHON_TEST.search(path) is not None
    return name.endswith("_test.go") or (name.endswith(TESTED) and SCRIPT_TEST.search(path) is not None)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]


def _tested_stem(name: str) -> str:
    """Return the stem of what a test file tests: `auth` of `test_auth.py`, `auth_test.go`, `auth.spec.ts`."""
    return _stem(name).removeprefix("test_").removesuffix("_test")


def _python_runner(plan: Plan, usual: str) -> str:
    """Return how the plan runs Python's tests, without what it tests; empty if only its tool knows how."""
    checks = (one for spec in plan.tasks for one in spec.checks)
    commands = [shown(one) for one in (*plan.validate, *checks)]
    for text in commands:
        if found := PYTHON_RUNNER.match(text):
            return f"{found[0].strip()} -q" if found[1] == "pytest" else found[0].strip()
    return "" if any(map(MAKES_ENVIRONMENTS.search, commands)) else usual


def _is_plain(path: str) -> bool:
    """Say whether a path needs no quotes in a shell."""
    return re.fullmatch(r"[\w./@+-]+", path, re.ASCII) is not None and not path.startswith("-")
