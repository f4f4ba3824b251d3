"""How pairs of tasks stand to each other, and which overlaps make an order."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from builders import plan, task
from porch_tui.core.files.facts import Facts
from porch_tui.core.files.globs import matches, may_meet, outside
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Isolation, Kind, Plan, TaskId, TaskSpec, from_shell
from porch_tui.core.relations.pairs import LISTED_IN_FULL, MOST_LISTED, relations
from porch_tui.core.relations.relations import Cause, Level, Pair, Relation
from porch_tui.core.relations.soft_orders import soft_orders


def pairs(made: Plan) -> tuple[Pair, ...]:
    return relations(made).pairs


def relation(*tasks: object) -> tuple[Relation, tuple[str, ...]]:
    (pair,) = pairs(plan(*tasks))  # type: ignore[arg-type]
    return pair.relation, pair.reasons


def test_tasks_whose_paths_do_not_meet_are_independent():
    assert relation(task("a", paths=("src/a/**",)), task("b", paths=("src/b/**",)))[0] is Relation.INDEPENDENT


def test_tasks_that_write_one_path_overlap():
    found = relation(task("a", paths=("src/**",)), task("b", paths=("src/app.py",)))

    assert (Relation.CONFLICTING, ("a writes src/**, b writes src/app.py",)) == found


def test_tasks_after_one_another_are_ordered_directly_or_not():
    found = pairs(plan("a", task("b", after=["a"]), task("c", after=["b"])))

    assert {pair.relation for pair in found} == {Relation.ORDERED}


def test_a_lock_in_common_is_reported():
    assert relation(task("a", locks=("db",)), task("b", locks=("db",))) == (
        Relation.CONFLICTING,
        ("both hold the lock db",),
    )


def test_a_check_overlaps_with_no_task():
    found = relation(task("a", paths=("x",)), task("b", paths=("x",), kind=Kind.CHECK))

    assert found[0] is Relation.INDEPENDENT


@pytest.mark.parametrize(
    "command", ["serve --port 8080", "curl localhost:8080", "git stash; make", "x > /tmp/shared"]
)
def test_what_worktrees_do_not_separate_is_seen_in_commands(command: str):
    both = [replace(task(name), command=from_shell(command)) for name in "ab"]

    assert relation(*both)[0] is Relation.CONFLICTING


@pytest.mark.parametrize(
    "command",
    [
        "/opt/py/bin/pytest tests",
        "/home/ann/.venv/bin/python -m pytest",
        "cd src && /home/ann/bin/build --fast | /home/ann/bin/filter",
        "env X=1 /home/ann/bin/build",
        "python /home/ann/tools/gen.py out",
        "if /home/ann/bin/ready; then make; fi",
        "echo x > /tmp/mine-$PORCH_TASK",
        "rm -rf /tmp/build-*/",
        ("/home/ann/bin/build", "--fast"),
        ("/usr/bin/env", "/home/ann/bin/build"),
    ],
)
def test_programs_are_read_and_a_name_that_a_task_completes_is_its_own(command: str | tuple[str, ...]):
    both = [
        replace(task(name), command=command if isinstance(command, tuple) else from_shell(command))
        for name in "ab"
    ]

    assert relation(*both)[0] is not Relation.CONFLICTING


@pytest.mark.parametrize(
    "command",
    [
        "DB=/var/db/x make",
        "make && tee /tmp/out",
        "sh -c 'echo > /tmp/x'",
        "build /home/ann/out",
    ],
)
def test_what_programs_are_given_still_counts(command: str):
    both = [replace(task(name), command=from_shell(command)) for name in "ab"]

    assert relation(*both)[0] is Relation.CONFLICTING


def opaque(name: str, **settings: Any) -> TaskSpec:
    """Return a task whose program no one knows."""
    return replace(task(name, **settings), command=from_shell("frobnicate --all"))


def test_of_tasks_of_which_nothing_is_known_none_is_called_independent():
    a, b = task("a", paths=("x",)), task("b", paths=("y",))
    made = plan(a, b, opaque("check", kind=Kind.CHECK), opaque("silent"), opaque("other"))
    found = {(pair.a, pair.b): pair for pair in pairs(made)}

    assert found["a", "b"].relation is Relation.INDEPENDENT
    assert found["silent", "other"].reasons == (
        "silent declares no paths, and it is not known what frobnicate does;"
        " other declares no paths, and it is not known what frobnicate does",
    )
    unknown = {pair for pair, one in found.items() if one.relation is Relation.UNKNOWN}
    assert unknown == {pair for pair in found if {"silent", "other"} & {*pair}}


def test_what_is_counted_is_what_is_listed():
    chance = random.Random(5)
    commands = ["true", "frobnicate", "serve -p 8000", "sed -i s/a/b/ x", "cat x > y", "pytest -q"]
    tasks = [
        replace(
            task(
                f"t{n}",
                kind=chance.choice([Kind.CHANGE, Kind.CHECK]),
                paths=chance.choice([(), (f"src/{chance.randrange(5)}/**",)]),
                after=[f"t{n - 1}"] if n % 4 == 1 else [],
            ),
            command=from_shell(chance.choice(commands)),
        )
        for n in range(LISTED_IN_FULL)
    ]

    found = relations(plan(*tasks))

    assert Counter(pair.relation for pair in found.pairs) == found.counts


def related(first: str, second: str, kind: Kind = Kind.CHECK) -> Relation:
    one = replace(task("a", kind=kind), command=from_shell(first))
    other = replace(task("b", kind=kind), command=from_shell(second))
    return relation(one, other)[0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("rm -rf ~/.cache/app", "head ~/.cache/app/index.json"),
        ("head ~/.cache/app/index.json", "rm -rf ~/.cache/app"),
        ("./scripts/export --out /tmp/x.csv", "./bin/export --out /tmp/x.csv"),
        ("gsutil rsync dist gs://site/app", "gsutil cat gs://site/app/index.html"),
        ("mysql -e 'use shop; delete from orders'", "mysqldump shop"),
        ("psql -c 'DROP DATABASE IF EXISTS shop'", "psql shop -f seeds.sql"),
        ("npm cache clean --force", "npm ci"),
        ("bazel --disk_cache=~/.cache/b test //a", "rm -rf ~/.cache/b"),
    ],
)
def test_what_one_changes_for_all_tasks_and_the_other_needs_conflicts(first: str, second: str):
    assert related(first, second) is Relation.CONFLICTING


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("head ~/.cache/app/index.json", "cat ~/.cache/app/index.json"),
        ("aws s3 cp s3://site/app/a.json .", "aws s3 sync s3://site/app here"),
        ("aws s3 sync a s3://site/a", "aws s3 sync b s3://site/b"),
        ("mysql -e 'create database a'", "mysql -e 'create database b'"),
        ("npm ci", "npm ci --prefer-offline"),
        ("bazel --disk_cache=~/.cache/b test //a", "bazel --disk_cache=~/.cache/b test //b"),
        ("npx turbo run lint --filter=a", "npx nx test b"),
        ("buf lint", "buf breaking --against .git"),
    ],
)
def test_what_both_only_need_keeps_no_tasks_apart(first: str, second: str):
    assert related(first, second) is Relation.INDEPENDENT


def test_a_check_that_only_fills_the_cache_of_its_tool_is_independent_of_an_unknown_program():
    change = replace(task("a"), command=from_shell("./migrate.sh"))
    check = replace(task("b", kind=Kind.CHECK), command=from_shell("npm ci && npx jest"))

    assert relation(change, check)[0] is Relation.INDEPENDENT


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("npx jest -u src/a.test.js", "npx jest --updateSnapshot", Relation.CONFLICTING),
        ("npx jest -u src/a.test.js", "npx jest -u src/b.test.js", Relation.INDEPENDENT),
        ("npx jest src/a.test.js", "npx jest", Relation.INDEPENDENT),
        ("pytest tests/a --force-regen", "pytest tests --regen-all", Relation.CONFLICTING),
        ("pytest tests/a --snapshot-update", "pytest tests/b --snapshot-update", Relation.INDEPENDENT),
        ("go test ./render -update", "go test ./parse -update", Relation.INDEPENDENT),
        ("go test ./... -update", "go test ./parse -update", Relation.CONFLICTING),
        ("npx playwright test -u e2e/a.spec.ts", "npx playwright test e2e -u", Relation.CONFLICTING),
    ],
)
def test_snapshots_are_written_where_they_are_updated(first: str, second: str, expected: Relation):
    assert related(first, second, Kind.CHANGE) is expected


def test_evidence_quotes_the_line_and_the_script_that_says_so():
    facts = Facts(sizes={"gen.sh": 1}, scripts={"gen.sh": "set -e\n\necho 1 > out.txt\n"})
    a = replace(task("a"), command=from_shell("./gen.sh"), line=3)
    b = replace(task("b"), command=from_shell("echo 2 >> out.txt"), line=7)

    (pair,) = relations(plan(a, b), facts).pairs

    (overlap,) = pair.evidence
    assert (overlap.level, overlap.cause, overlap.thing) == (Level.TEXT, Cause.OVERLAP, "out.txt")
    assert [(quote.task, quote.text, quote.file, quote.line) for quote in overlap.quotes] == [
        ("a", "echo 1 > out.txt", "gen.sh", 3),
        ("b", "echo 2 >> out.txt", "", 7),
    ]


def test_imports_and_history_are_worth_knowing_and_keep_no_tasks_apart():
    facts = Facts(
        sizes={"a.py": 1, "b.py": 1},
        imports={"b.py": frozenset({"a.py"})},
        together={("a.py", "b.py"): 4},
        commits={"a.py": 5, "b.py": 6},
    )

    (pair,) = relations(plan(task("a", paths=("a.py",)), task("b", paths=("b.py",))), facts).pairs

    assert pair.relation is Relation.INDEPENDENT
    assert [(one.cause, one.text) for one in pair.evidence if one.is_caution] == [
        (Cause.IMPORTS, "b.py of b imports a.py, which a writes"),
        (Cause.CHANGED_TOGETHER, "a.py and b.py were changed together in 4 commits"),
    ]


def test_a_text_found_makes_no_order_of_its_own():
    both = [replace(task(name, estimate_s=1.0), command=from_shell("echo x >> log.md")) for name in "ab"]
    made = plan(*both)

    found = pairs(made)

    assert found[0].relation is Relation.CONFLICTING
    assert soft_orders(made, found, {}) == ()


def test_more_related_pairs_than_can_be_read_are_counted():
    tasks = [replace(task(f"t{n}"), command=from_shell("serve -p 8000")) for n in range(300)]

    found = relations(plan(*tasks))

    assert found.counts[Relation.CONFLICTING] == 300 * 299 // 2
    assert (len(found.pairs), found.left_out) == (MOST_LISTED, 300 * 299 // 2 - MOST_LISTED)
    assert found.shared[0].name == "port 8000"


@pytest.mark.parametrize("command", ["git stash; make", "git config user.name Eve"])
def test_a_clone_separates_stash_and_settings(command: str):
    both = [replace(task(name), command=from_shell(command)) for name in "ab"]
    assert relation(*both)[0] is Relation.CONFLICTING

    alone = replace(both[0], isolation=Isolation.CLONE)
    assert relation(alone, both[1])[0] is not Relation.CONFLICTING


def test_a_clone_does_not_separate_ports():
    both = [
        replace(task(name), command=from_shell("serve --port 8080"), isolation=Isolation.CLONE)
        for name in "ab"
    ]

    assert relation(*both)[0] is Relation.CONFLICTING


def test_a_short_overlap_makes_an_order_and_a_long_one_runs_beside():
    short = plan(task("a", paths=("x",), estimate_s=5.0), task("b", paths=("x",), estimate_s=5.0))
    long = plan(task("a", paths=("x",), estimate_s=3600.0), task("b", paths=("x",), estimate_s=60.0))

    def later(made: Plan) -> list[TaskId]:
        cost = {spec.id: spec.estimate_s or 0.0 for spec in made.tasks}
        return [order.later for order in soft_orders(made, pairs(made), cost)]

    assert later(short) == ["b"]
    assert later(long) == []


def test_a_long_plan_lists_the_same_related_pairs():
    random.seed(7)
    folders = ["src", "src/app", "docs", "*", "src/*/x", "**"]
    tasks = [
        task(
            f"t{n}",
            paths=(f"{random.choice(folders)}/f{random.randrange(40)}",),
            locks=(f"l{random.randrange(50)}",),
            after=[f"t{n - 1}"] if n % 9 == 1 else [],
        )
        for n in range(LISTED_IN_FULL)
    ]
    full = {
        (one.a, one.b, one.relation)
        for one in pairs(plan(*tasks))
        if one.relation in (Relation.ORDERED, Relation.CONFLICTING)
    }

    # the same tasks in a plan just too long to be listed in full; t_last is related to no one
    found = {(one.a, one.b, one.relation) for one in pairs(plan(*tasks, task("last")))}

    assert full == found


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/a/b.py", False),
        ("src/**", "src/a/b.py", True),
        ("**/test_*.py", "test_a.py", True),
        ("src", "src/a.py", True),
        ("src/a", "src/ab", False),
    ],
)
def test_a_pattern_matches_as_people_expect(pattern: str, path: str, expected: bool):
    assert matches(pattern, path) is expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("src/**", "src/a/b", True),
        ("src/*.py", "src/*.md", False),
        ("src/a*", "src/*b", True),
        ("docs/**", "src/**", False),
        ("**/x.py", "src/deep/x.py", True),
        ("src", "src/a", True),
    ],
)
def test_patterns_meet_if_some_path_could_match_both(a: str, b: str, expected: bool):
    assert (may_meet(a, b), may_meet(b, a)) == (expected, expected)


def test_what_lies_outside_all_patterns_is_stray():
    assert outside(("src/**", "README.md"), ("src/a.py", "README.md", "setup.py")) == ("setup.py",)
