"""How complex a task is, is guessed by the files it names, and explained."""

from __future__ import annotations

import pytest

from builders import task
from porch_tui.core.files.facts import Facts
from porch_tui.core.forecast.complexity import Assessment, Level, complexities
from porch_tui.core.forecast.estimates import Guess
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import from_shell

HUB, LEAF, TEST = "app/hub.py", "app/leaf.py", "tests/test_hub.py"
USERS = [f"app/user{n}.py" for n in range(25)]
FACTS = Facts(
    sizes={HUB: 150_000, LEAF: 2_000, TEST: 90_000, "README.md": 900_000} | dict.fromkeys(USERS, 1_000),
    imports={user: frozenset({HUB}) for user in USERS} | {TEST: frozenset({HUB})},
    together={tuple(sorted((HUB, user))): 4 for user in USERS[:4]},
    commits={HUB: 10} | dict.fromkeys(USERS[:4], 4),
)


def complexity(**changes: object):
    return Assessment(FACTS).complexity(replace(task("a"), **changes))


def test_a_small_file_that_nothing_imports_is_of_low_complexity():
    found = complexity(paths=(LEAF,))

    assert (Level.LOW, ("1 file of 2 kB",)) == (found.level, found.reasons)


def test_size_users_and_what_changes_with_it_make_it_high():
    found = complexity(paths=(HUB,))

    assert Level.HIGH is found.level
    assert (
        "1 file of 150 kB",
        "imported by 25 other files",
        "usually changed with 4 other files",
    ) == found.reasons


def test_what_the_task_changes_itself_is_no_user_of_it():
    assert ("26 files of 175 kB",) == complexity(paths=(HUB, "app/user*.py")).reasons


@pytest.mark.parametrize(
    "changes",
    [
        {"paths": ("app/hub.py",)},
        {"paths": ("app/hub*",)},
        {"paths": ("**/hub.py",)},
        {"prompt": "Split `app/hub.py`, please."},
        {"prompt": "Split app/hub.py."},
        {"command": from_shell("sed -i s/x/y/ ./app/hub.py")},
    ],
)
def test_files_are_named_by_paths_prompts_and_commands(changes: dict[str, object]):
    assert (HUB,) == Assessment(FACTS).files_of(replace(task("a"), **changes))


def test_a_folder_stands_for_the_files_in_it():
    every = tuple(sorted({HUB, LEAF, *USERS}))

    assert every == Assessment(FACTS).files_of(task("a", paths=("app",)))
    assert every == Assessment(FACTS).files_of(task("a", paths=("app/**",)))
    assert every == Assessment(FACTS).files_of(replace(task("a"), prompt="Type what is in app/."))


def test_very_much_source_is_of_high_complexity_by_itself():
    facts = Facts(sizes={f"a/{n}.py": 50_000 for n in range(20)})

    assert Level.HIGH is Assessment(facts).complexity(task("a", paths=("a/**",))).level


def test_tests_do_not_count_as_much_to_understand():
    assert ("1 test file",) == complexity(paths=(TEST,)).reasons
    assert Level.LOW is complexity(paths=(TEST,)).level


def test_of_a_task_that_names_no_source_nothing_is_said():
    assert complexity(prompt="Make it faster") is None
    assert complexity(paths=("README.md", "new.py")) is None
    assert Guess() == Assessment(FACTS).guess(task("a"))


def test_a_guess_is_wide_and_longer_for_what_is_complex():
    easy, hard = (
        Assessment(FACTS).guess(replace(task("a"), agent="x", paths=(path,))) for path in (LEAF, HUB)
    )

    assert easy.seconds < hard.seconds
    for one in (easy, hard):
        assert one.low_s * 20 < one.high_s
    assert "high task" == hard.reason


def test_tasks_of_which_it_is_known_are_listed():
    assert ["a"] == list(complexities((task("a", paths=(LEAF,)), task("b")), FACTS))
