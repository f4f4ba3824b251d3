"""Source files are split into parts that are rarely changed together."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from porch_tui.core.files import tested_files
from porch_tui.core.files.facts import Facts
from porch_tui.core.splitting.parts import By, Split, split

SHOP = ("shop/__init__.py", "shop/cart.py", "shop/price.py", "shop/mail.py", "shop/smtp.py", "shop/log.py")
TESTS = ("tests/conftest.py", "tests/test_cart.py", "tests/test_mail.py")
OTHERS = ("docs/conf.py", "examples/one.py", "examples/two.py", "README.md", "setup.cfg")
IMPORTS = {
    "shop/cart.py": {"shop/price.py", "shop/log.py"},
    "shop/mail.py": {"shop/smtp.py", "shop/log.py"},
    "shop/smtp.py": {"shop/log.py"},
    "tests/test_cart.py": {"shop/cart.py"},
    "tests/test_mail.py": {"shop/mail.py", "shop/cart.py"},
    "examples/one.py": {"shop/cart.py"},
    "examples/two.py": {"shop/mail.py"},
}


def facts_of(
    *changes: str, sizes: dict[str, int] | None = None, imports: dict[str, set[str]] = IMPORTS
) -> Facts:
    """Return the facts of a shop after commits that changed the files named, by names without folder."""
    paths = sizes or dict.fromkeys((*SHOP, *TESTS, *OTHERS), 5000)
    named = {path.rpartition("/")[2].partition(".")[0]: path for path in paths}
    history = tuple(frozenset(named[name] for name in change.split()) for change in changes)
    commits = Counter(path for change in history for path in change)
    together = Counter((a, b) for change in history for a in change for b in change if a < b)
    return Facts(
        sizes=paths,
        imports={path: frozenset(files) for path, files in imports.items()},
        together=together,
        commits=commits,
        history=history,
    )


HISTORY = ("cart price test_cart",) * 6 + ("mail smtp",) * 5 + ("mail test_mail", "log", "cart mail")


def part_of(found: Split, path: str) -> tuple[str, ...]:
    (part,) = (part.files for part in found.parts if path in part.files)
    return part


def test_what_changes_together_is_one_part_with_its_tests():
    found = split(facts_of(*HISTORY), By.PACKAGES, 4)

    assert {"shop/cart.py", "shop/price.py", "tests/test_cart.py"} <= set(part_of(found, "shop/cart.py"))
    assert {"shop/mail.py", "shop/smtp.py", "tests/test_mail.py"} <= set(part_of(found, "shop/mail.py"))
    assert "shop/mail.py" not in part_of(found, "shop/cart.py")


@pytest.mark.parametrize("by", [By.DIRS, By.PACKAGES])
@pytest.mark.parametrize("number", [None, 1, 3, 50])
def test_every_source_file_is_in_exactly_one_part(by: By, number: int | None):
    found = split(facts_of(*HISTORY), by, number)
    files = sorted(path for part in found.parts for path in part.files)

    assert sorted({*SHOP, *TESTS, *OTHERS} - {"README.md", "setup.cfg"}) == files
    assert len(found.parts) == len({part.name for part in found.parts})


def test_without_history_it_goes_by_imports():
    found = split(facts_of(), By.PACKAGES, 4)

    assert "shop/price.py" in part_of(found, "shop/cart.py")
    assert "shop/smtp.py" in part_of(found, "shop/mail.py")


def test_a_folder_that_nothing_else_imports_stays_together():
    found = split(facts_of(*HISTORY), By.PACKAGES, 2)

    assert part_of(found, "examples/one.py") == part_of(found, "examples/two.py")


def test_folders_are_not_split_by_dirs():
    found = split(facts_of(*HISTORY), By.DIRS)

    assert set(SHOP) <= set(part_of(found, "shop/cart.py"))


def test_what_ties_parts_is_counted():
    found = split(facts_of(*HISTORY), By.PACKAGES, 4)
    cart, mail = (
        next(part.name for part in found.parts if path in part.files)
        for path in ("shop/cart.py", "shop/mail.py")
    )
    (cut,) = (cut for cut in found.cuts if {cut.a, cut.b} == {cart, mail})

    assert 1 == cut.commits
    assert cut.imports >= 1
    assert (13, 14) == (found.whole, found.commits)


def test_a_file_that_most_parts_import_is_named():
    found = split(facts_of(*HISTORY), By.PACKAGES, 4)
    users = {part.name for part in found.parts if not {"shop/cart.py", "shop/mail.py"}.isdisjoint(part.files)}

    shared = {one.path: set(one.users) for one in found.shared}
    assert users == shared["shop/log.py"]
    assert "shop/price.py" not in shared


def test_many_parts_are_given_up_where_commits_would_cross_them():
    crossing = facts_of(*(f"{a} {b}" for a in ("cart", "price") for b in ("mail", "smtp", "log")), *HISTORY)

    assert len(split(crossing, By.PACKAGES).parts) <= len(split(crossing, By.PACKAGES, 8).parts)
    assert split(crossing, By.PACKAGES).whole >= split(crossing, By.PACKAGES, 8).whole


def test_no_sources_are_no_parts():
    for by in By:
        assert () == split(Facts(sizes={"README.md": 1}), by).parts


def test_one_source_is_one_part():
    assert [("a.py",)] == [part.files for part in split(Facts(sizes={"a.py": 0}), By.PACKAGES).parts]


def test_a_test_belongs_to_what_it_is_called_after_or_changes_with_or_imports():
    sizes = dict.fromkeys(
        ("a/core.py", "a/types.py", "a/io.py", "t/test_core.py", "t/test_x.py", "t/test_y.py"), 1
    )
    found = tested_files.tested_by(
        facts_of(
            "types test_x", "types test_x", sizes=sizes, imports={"t/test_y.py": {"a/io.py", "a/core.py"}}
        ),
        list(sizes),
    )

    assert {"t/test_core.py": "a/core.py", "t/test_x.py": "a/types.py", "t/test_y.py": "a/core.py"} == found


def test_tests_are_split_by_folders_if_these_are_a_handful():
    sizes = {f"tests/{folder}/test_{n}.py": 10 for folder in ("api", "cli", "db") for n in range(4)}
    found = split(Facts(sizes=sizes | {"tests/conftest.py": 5, "src/a.py": 1}), By.TESTS)

    assert ["tests/api", "tests/cli", "tests/db"] == [part.name for part in found.parts]
    assert sorted(sizes) == sorted(path for part in found.parts for path in part.files)


@pytest.mark.parametrize("number", [1, 2, 3, 7, 20])
def test_tests_in_one_folder_are_split_into_runs_of_equal_size(number: int):
    sizes = {f"tests/test_{n:02}.py": 10_000 if n % 5 else 40_000 for n in range(20)}
    found = split(Facts(sizes=sizes), By.TESTS, number)

    assert sorted(sizes) == [path for part in found.parts for path in part.files]
    assert number == len(found.parts) == len({part.name for part in found.parts})
    assert max(part.bytes for part in found.parts) <= sum(sizes.values()) / number + 40_000


def test_tests_of_go_are_split_by_packages():
    sizes = {"a_test.go": 9, "b_test.go": 9, "doc/c_test.go": 9, "doc/d_test.go": 9, "x/e_test.go": 1}

    found = split(Facts(sizes=sizes), By.TESTS, 2)

    assert [("a_test.go", "b_test.go"), ("doc/c_test.go", "doc/d_test.go", "x/e_test.go")] == [
        part.files for part in found.parts
    ]


@pytest.mark.slow
def test_another_process_finds_the_same_parts():
    """Sets of texts have another order in each process."""
    script = (
        "from tests.core.splitting.test_parts import HISTORY, By, facts_of, split;"
        "print([split(facts_of(*HISTORY), by) for by in By])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip

    assert 1 == len(outputs)
