"""Entries of `each` become tasks: their items, their ids, and what is filled in where."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from planfile.plan_reading import Known, plan, refusal, spec_in, warnings_of

FILES = Known(
    "setup.py", "src/app.py", "tests/auth/test_login.py", "tests/auth/test_logout.py", "tests/test_x.py"
)
ODD = (
    "a b",
    "it's",
    '"',
    "-rf",
    "$(exit 3)",
    "`exit 3`",
    "two\nlines",
    "back\\slash",
    "ü",
    "a\udcffb",
    "*",
    "#",
)


def each(keys: str) -> str:
    return f"each:\n  - {{{keys}}}\n"


def ids(text: str, items: Known = FILES) -> list[str]:
    return [spec.id for spec in plan(text, items).tasks]


PRINTED = "id: '{item}', items: {lines: print}, "


def test_the_contract_s_own_example_is_one_check_for_each_folder():
    made = plan(
        each('id: "test-{stem}", items: {glob: tests/*/}, kind: check, run: [pytest, -q, "{item}"]'), FILES
    )

    assert [("test-auth", ("pytest", "-q", "tests/auth/"), "test", "tests/auth/")] == [
        (spec.id, spec.command, spec.group, spec.item) for spec in made.tasks
    ]


def test_a_glob_stays_within_a_folder_and_two_stars_cross_folders():
    run = "run: x"

    assert ["test_x"] == ids(each(f"id: '{{stem}}', items: {{glob: tests/*.py}}, {run}"))
    assert ["test_login", "test_logout", "test_x"] == ids(
        each(f"id: '{{stem}}', items: {{glob: tests/**/*.py}}, {run}")
    )
    assert ["setup", "app"] == ids(each(f"id: '{{stem}}', items: {{glob: [setup.py, src/*]}}, {run}"))


def test_numbers_in_a_list_stay_as_they_are_written():
    assert ["py-3.10", "py-3.11"] == ids(each("id: 'py-{item}', items: {list: [3.10, 3.11]}, run: x"))


def test_ids_that_would_be_the_same_get_numbers_in_the_order_of_the_items():
    assert ["a-b", "a-b-2", "a-b-3", "x"] == ids(each(PRINTED + "run: x"), Known("a b", "A/b", "a:b", "x"))


def test_the_longest_items_have_ids_that_git_and_the_disk_take():
    made = ids(each(PRINTED + "run: x"), Known("x" * 200, "x" * 200 + "y", "日本", "..", "a.lock", "-"))

    assert ["x" * 64, "x" * 62 + "-2", "3", "4", "a", "6"] == made


def test_an_id_without_a_placeholder_is_numbered():
    assert ["one-2", "one-3"] == ids(each("id: one, items: {list: [a, b]}, run: x"))


def test_no_task_of_a_group_gets_the_id_of_another_task():
    assert ["t-a", "t-a-2"] == ids(
        "tasks: {t-a: {run: x}}\n" + each("id: 't-{item}', items: {list: [a]}, run: x")
    )


@pytest.mark.parametrize("item", ODD)
def test_a_shell_gets_every_item_as_the_one_word_it_is(item: str):
    (spec,) = plan(each(PRINTED + "run: 'printf %s x{item}y{n}'"), Known(item)).tasks

    done = subprocess.run(spec.command, capture_output=True, check=True)

    assert f"x{item}y1" == done.stdout.decode("utf-8", "surrogateescape")


@pytest.mark.parametrize("item", ODD)
def test_an_argument_vector_gets_every_item_as_it_is(item: str):
    (spec,) = plan(each(PRINTED + "run: [printf, 'x{item}', '{stem}']"), Known(item)).tasks

    assert ("printf", f"x{item}") == spec.command[:2]


def test_in_a_batch_the_items_are_words_of_their_own():
    text = each(
        "id: 'b-{n}', items: {list: [a b, c, d]}, batch: 2, run: 'printf {items}', checks: [[x, '{item}']]"
    )

    first, last = plan(text, Known()).tasks

    assert ("b-1", "b-2") == (first.id, last.id)
    assert "printf 'a b' c" == first.command[2]
    assert (("x", "a b", "c"),) == first.checks
    assert "printf d" == last.command[2]
    assert ["a b", "c"] == shlex.split(first.item)


def test_any_key_of_a_task_may_name_the_item():
    text = each(
        "id: 'm-{stem}', items: {list: [src/a.py]}, agent: pi, title: 'Type {stem}',"
        " prompt: 'Add types to {item}; keep {failure} and ${item}', locks: ['{stem}'], paths: ['{item}']"
    )

    (spec,) = plan(text, Known()).tasks

    assert ("Type a", ("a",), ("src/a.py",)) == (spec.title, spec.locks, spec.paths)
    assert "Add types to src/a.py; keep {failure} and ${item}" == spec.prompt


def test_defaults_are_taken_over_by_tasks_of_each():
    (spec,) = plan("defaults: {timeout: 5s}\n" + each("id: a, items: {list: [x]}, run: y"), Known()).tasks

    assert 5.0 == spec.timeout_s


def test_after_may_name_a_group_and_a_group_may_come_after_tasks_and_groups():
    text = (
        "tasks: {first: {run: x}, last: {run: x, after: [unit]}}\n"
        + each("id: 'unit-{item}', items: {list: [a, b]}, after: [first], run: x")
        + "  - {id: 'e2e-{item}', items: {list: [c]}, after: [unit, last], run: x}\n"
    )

    made = plan(text, Known())

    assert ("unit-a", "unit-b") == spec_in(made, "last").after
    assert ("first",) == spec_in(made, "unit-a").after
    assert ("unit-a", "unit-b", "last") == spec_in(made, "e2e-c").after


MISTAKES = [
    ("id: 'a-{stem}', items: {glob: 'x/*'}, run: x", "2:36", "fits no tracked file"),
    ("id: 'a-{stem}', items: {glob: 'x/*/'}, run: x", "2:36", "fits no folder with tracked files"),
    ("id: 'a-{stem}', items: {lines: ['false']}, run: x", "2:37", "the command failed with exit 1"),
    ("id: 'a-{stem}', items: {glob: x, list: [y]}, run: x", "2:29", "found 'glob' and 'list'"),
    ("id: 'a-{stem}', items: {}, run: x", "2:29", "found none of them"),
    ("id: 'a-{stem}', items: {list: ['']}, run: x", "2:36", "found empty text"),
    ("id: 'a-{stm}', items: {list: [x]}, run: x", "2:10", "found 'a-{stm}'"),
    ("id: 'A-{stem}', items: {list: [x]}, run: x", "2:10", "found 'A-{stem}'"),
    ("id: '{items}', items: {list: [x]}, run: x", "2:10", "found '{items}'"),
    ("id: 'other-{n}', items: {list: [x]}, run: x", "2:10", "makes a group 'other', which is"),
    ("id: a, items: {list: [x]}", "2:5", "found neither 'run' nor 'agent'"),
    ("id: a, items: {list: [x]}, run: 'echo \"{item}\"'", "2:38", "{item} between quotes"),
    ("id: a, items: {list: [x]}, run: \"echo '{item}'\"", "2:38", "{item} between quotes"),
    ("id: a, items: {list: [x]}, run: 'echo `cat {item}`'", "2:38", "{item} between quotes"),
    ("id: a, items: {list: [x]}, run: \"cat <<E\\n{item}\\nE\"", "2:38", "{item} behind <<"),
    ("id: a, items: {list: [x]}, batch: 2, run: [x, 'a={item}']", "2:48", "{item} inside a word"),
    ("id: a, items: {list: [x]}, batch: 0, run: x", "2:40", "found the number 0"),
    ("id: a, items: {list: [x]}, run: x, after: [nope]", "2:49", "found 'nope'"),
    ("id: 'a-{n}', items: {list: [x]}, run: x, after: [a]", "2:55", "found its own group 'a'"),
    ("items: {list: [x]}, run: x", "2:5", "found no 'id' here"),
    ("id: a, run: x", "2:5", "found no 'items' here"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "place", "part"), MISTAKES, ids=[keys for keys, _, _ in MISTAKES])
def test_a_mistake_is_one_in_the_lines_of_the_entry(keys: str, place: str, part: str):
    message = refusal(each(keys) + "tasks: {other: {run: x}}\n", FILES)

    assert 1 == len(message.splitlines()), message
    assert message.startswith(f"porch.yaml:{place}: "), message
    assert part in message


def test_a_command_that_prints_nothing_is_a_mistake():
    assert "the command printed nothing" in refusal(each("id: a, items: {lines: x}, run: x"), Known())


def test_a_placeholder_in_a_comment_of_a_shell_text_is_left_there():
    text = each("id: a, items: {list: [it's]}, run: \"true # don't {item}\\nprintf %s {item}\"")

    (spec,) = plan(text, Known()).tasks

    assert "it's" == subprocess.run(spec.command, capture_output=True, check=True, text=True).stdout


def test_what_is_wrong_with_five_hundred_items_is_said_once():
    many = Known(*(f"i{number}" for number in range(500)))

    message = refusal(each("id: a, items: {glob: '*'}, agent: unheard-of, prompt: x"), many)

    assert 1 == len(message.splitlines()), message


def test_an_item_that_is_there_twice_is_one_task_and_said():
    text = each("id: '{item}', items: {list: [a, b, a]}, run: x")

    assert ["a", "b"] == ids(text)
    assert [(2, "'a' is there more than once, and is one item all the same")] == warnings_of(text)


def test_more_tasks_than_a_plan_may_have_are_one_mistake_and_batches_help():
    many = Known(*(f"f{number}" for number in range(10_001)))
    keys = "id: 'f-{n}', items: {glob: '*'}, run: x"

    assert "makes 10,001 tasks, and a plan may have 10,000" in refusal(each(keys), many)
    assert 101 == len(plan(each(keys + ", batch: 100"), many).tasks)


@pytest.mark.slow
def test_groups_that_would_make_millions_of_orders_are_refused():
    text = (
        each("id: 'a-{n}', items: {glob: '*'}, run: x")
        + "  - {id: 'b-{n}', items: {glob: '*'}, run: x, after: [a]}\n"
    )

    assert "orders of two tasks" in refusal(text, Known(*(f"f{number}" for number in range(800))))


def test_a_plan_needs_tasks_or_each():
    assert "found no 'tasks' here" in refusal("goal: x")
    assert "found an empty list" in refusal("each: []")
