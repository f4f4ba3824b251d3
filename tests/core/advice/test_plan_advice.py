"""Which edits follow from which evidence, and what asks for none."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from builders import plan, task
from porch_tui.core.advice.advice import advise, lock_name
from porch_tui.core.advice.edits import Edit, Key, with_edits
from porch_tui.core.advice.lessons import Lesson
from porch_tui.core.files.facts import Facts
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Kind, Plan, RunId, TaskId, TaskSpec, from_shell
from porch_tui.core.relations.pairs import Relations, relations
from porch_tui.core.relations.relations import Cause, Evidence, Level, Pair, Quote, Relation
from porch_tui.core.tasks.graph import topological

PORT = from_shell("serve --port 8123")


def running(name: str, command: str, **keys: object) -> TaskSpec:
    return replace(task(name, **keys), command=from_shell(command))  # type: ignore[arg-type]


def related(a: str, b: str, cause: Cause, thing: str, *quotes: str, level: Level = Level.TEXT) -> Pair:
    """Return two tasks that are related by one thing; `quotes` are of these tasks."""
    evidence = Evidence(
        level, cause, f"{a} and {b}: {thing}", thing, tuple(Quote(TaskId(q), "x") for q in quotes)
    )
    return Pair(TaskId(a), TaskId(b), Relation.CONFLICTING, (evidence,))


def edits(
    a_plan: Plan,
    found: Sequence[Pair] | None = None,
    tracked: Sequence[str] = (),
    learned: Sequence[Lesson] = (),
) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return the edits of a plan; with `found`, as if its pairs were these."""
    related = relations(a_plan, Facts(dict.fromkeys(tracked, 1)))
    related = related if found is None else Relations(tuple(found), {}, (), related.uses)
    advice = advise(a_plan, related, tracked, learned)
    assert topological(with_edits(a_plan, advice)), "no cycle"
    return [(edit.task, edit.key.value, edit.add) for edit in advice]


def test_tasks_that_share_a_port_take_turns_for_a_lock_that_is_named_after_it():
    both = plan(running("a", "serve --port 8123"), "b", running("c", "curl localhost:8123"))

    assert [("a", "locks", ("port-8123",)), ("c", "locks", ("port-8123",))] == edits(both)


@pytest.mark.parametrize(
    "kept_apart",
    [
        plan(running("a", "serve --port 8123"), running("b", "serve --port 8123", after=["a"])),
        plan(*(running(name, "serve --port 8123", locks=("net",)) for name in "ab")),
        plan(running("a", "serve --port 8123"), running("b", "serve --port 8124")),
    ],
    ids=["in order", "by a lock", "two ports"],
)
def test_tasks_that_are_kept_apart_need_no_lock(kept_apart: Plan):
    assert [] == edits(kept_apart)


def test_a_lock_of_the_plan_is_used_where_it_has_the_name_of_the_thing():
    both = plan(task("a", locks=("database",)), "b")
    found = [related("a", "b", Cause.SHARED_STATE, "the database $DATABASE_URL")]

    assert [("b", "locks", ("database",))] == edits(both, found)


def test_what_reads_comes_after_what_writes():
    both = plan(running("docs", "cat gen/api.txt > docs.md"), running("gen", "echo api > gen/api.txt"))

    assert [("docs", "after", ("gen",))] == edits(both, tracked=["README.md"])


def test_the_first_quote_says_who_writes():
    found = [related("a", "b", Cause.READS, "out.txt", "b", "a")]

    assert [("a", "after", ("b",))] == edits(plan("a", "b"), found)


def test_a_lockfile_that_both_write_makes_an_order():
    both = plan("a", "b")
    advice = edits(both, [related("a", "b", Cause.OVERLAP, "web/package-lock.json", level=Level.DECLARED)])

    assert [("b", "after", ("a",))] == advice


def test_declared_paths_that_merge_well_ask_for_nothing():
    assert [] == edits(plan(task("a", paths=("x.py",)), task("b", paths=("x.py",))))


def test_a_file_that_both_commands_write_is_declared_by_both():
    both = plan(running("a", "echo a >> x.py"), running("b", "echo b >> x.py", paths=("x.py",)))

    assert [("a", "paths", ("x.py",))] == edits(both)


def test_a_command_that_writes_more_than_its_task_declares_gets_that_declared():
    one = plan(running("a", "echo a >> x.py; echo a >> log.md", paths=("x.py",)))

    assert [("a", "paths", ("log.md",))] == edits(one)


def test_what_a_command_alone_writes_needs_no_declaration():
    assert [] == edits(plan(running("a", "echo a >> x.py"), running("b", "echo b >> y.py")))


def test_the_files_that_a_prompt_names_are_declared():
    asked = replace(task("a"), prompt="Fix the rounding in `src/money.py`.", agent="x")

    assert [("a", "paths", ("src/money.py",))] == edits(plan(asked), tracked=["src/money.py"])


def test_a_caution_asks_for_nothing():
    pair = related("a", "b", Cause.SHARED_STATE, "port 1")
    caution = replace(pair, evidence=(replace(pair.evidence[0], is_caution=True),))

    assert [] == edits(plan("a", "b"), [caution])


def test_migrations_are_made_in_sequence():
    three = plan(*(task(name, paths=(f"app/migrations/000{name}.py",)) for name in "123"))

    assert [("2", "after", ("1",)), ("3", "after", ("2",))] == edits(three)


def test_a_command_and_a_prompt_add_to_the_only_series_of_the_repository():
    asked = replace(task("b"), prompt="Split the table, and add a migration for it", agent="x")
    both = plan(running("a", "python manage.py makemigrations shop"), asked)

    assert [("b", "after", ("a",))] == edits(both, tracked=["shop/migrations/0001_initial.py"])


def test_migrations_of_two_apps_are_no_sequence():
    both = plan(task("a", paths=("a/migrations/2.py",)), task("b", paths=("b/migrations/2.py",)))

    assert [] == edits(both)


def test_a_task_without_checks_gets_the_tests_of_what_it_writes():
    one = plan(task("a", paths=("src/auth.py",)))

    assert [("a", "checks", ("pytest -q tests/test_auth.py",))] == edits(one, tracked=["tests/test_auth.py"])


@pytest.mark.parametrize(
    "spec",
    [
        task("a", kind=Kind.CHECK, paths=("src/auth.py",)),
        replace(task("a", paths=("src/auth.py",)), checks=(("true",),)),
        running("a", "./codemod && pytest", paths=("src/auth.py",)),
        task("a", paths=("docs/auth.md",)),
        task("a"),
    ],
    ids=["a check", "has some", "tests itself", "documents", "no paths"],
)
def test_a_task_that_needs_no_checks_gets_none(spec: TaskSpec):
    assert [] == edits(plan(spec), tracked=["tests/test_auth.py"])


def test_what_a_run_taught_comes_first_and_is_not_repeated():
    edit = Edit(TaskId("a"), Key.AFTER, ("b",), "because")
    lesson = Lesson("text", RunId("run"), (edit,))

    assert [("a", "after", ("b",))] == edits(
        plan("a", "b"), [related("a", "b", Cause.SHARED_STATE, "port 1")], learned=[lesson, lesson]
    )


def test_orders_that_contradict_each_other_make_no_cycle():
    found = [
        related("a", "b", Cause.READS, "x", "b"),
        related("b", "c", Cause.READS, "y", "c"),
        related("a", "c", Cause.READS, "z", "a"),
    ]

    assert [("a", "after", ("b",)), ("b", "after", ("c",))] == edits(plan("a", "b", "c"), found)


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        ("the port 8123", "port-8123"),
        ("git stash, which all worktrees share", "git-stash"),
        ("the file /tmp/x y.db", "file-tmp-x-y.db"),
        ("…", "shared"),
    ],
)
def test_a_lock_is_named_after_its_thing(thing: str, name: str):
    assert name == lock_name(thing)


def test_tests_of_what_a_task_is_advised_to_declare_are_advised_with_it():
    asked = replace(task("a"), prompt="Fix the rounding in `src/money.py`.", agent="x")
    tracked = ["src/money.py", "tests/test_money.py"]

    assert [
        ("a", "paths", ("src/money.py",)),
        ("a", "checks", ("pytest -q tests/test_money.py",)),
    ] == edits(plan(asked), tracked=tracked)


def test_of_what_each_makes_only_locks_are_advised():
    specs = (running(name, f"serve --port 8123; echo > {name}", paths=("src/auth.py",)) for name in "ab")
    group = plan(*(replace(spec, group="g", item=spec.id) for spec in specs))

    assert [("a", "locks", ("port-8123",)), ("b", "locks", ("port-8123",))] == edits(
        group, tracked=["tests/test_auth.py"]
    )
