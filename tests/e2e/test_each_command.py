"""`porch each`: a check for each item, without a plan file, as a person and a build server use it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from porch_tui.core.model import events as e
from project import PORCH, Project, kill, until

ODD = (
    "a b",
    "it's",
    'say "no"',
    "-rf",
    "--",
    "$(exit 9)",
    "`exit 9`",
    "two\nlines",
    "ü",
    "*",
    "#x",
    ";",
    "~",
    "two  spaces ",
    "\t",
    "back\\slash",
    "\r",
    "'",
    "{n}",
    "%s",
    "-",
    "\udcff\udcfe",
)
RECORD = 'import os, sys; open(sys.argv[1], "a", errors="surrogateescape").write(sys.argv[2] + "\\0")'


def words_of(ran: Path) -> list[str]:
    return os.fsdecode(ran.read_bytes()).split("\0")[:-1]


def recording(ran: Path) -> tuple[str, ...]:
    return "--", "python3", "-c", RECORD, str(ran), "{}"


@pytest.fixture
def ran(project: Project) -> Path:
    """A file outside in which each check writes its item."""
    return project.root.parent / "ran"


def test_tracked_files_with_any_name_are_each_given_once(project: Project, ran: Path):
    names = [*ODD, os.fsdecode(b"not-utf8-\xff")]
    (project.root / "data").mkdir()
    for name in names:
        (project.root / "data" / name).write_text("x")
    project.git("add", "-A")
    project.git("commit", "-q", "-m", "odd")
    (project.root / "data" / "untracked").write_text("x")

    done = project.porch("each", "data/*", "--shared", "--slots", "4", "--headless", *recording(ran))

    assert sorted(f"data/{name}" for name in names) == sorted(words_of(ran))
    assert f"{len(names)} of {len(names)} checks passed" in done.stdout


@pytest.mark.slow
def test_items_of_a_list_may_end_with_nul_bytes_and_hold_anything_else(project: Project, ran: Path):
    listed = project.root.parent / "list"
    listed.write_bytes(os.fsencode("".join(f"{item}\0" for item in (*ODD, "", ODD[0]))))

    project.porch("each", "--list", str(listed), "--shared", "--headless", *recording(ran))

    assert sorted(ODD) == sorted(words_of(ran))


def test_odd_items_stand_in_text_for_a_shell_as_they_are(project: Project, ran: Path):
    listed = project.root.parent / "list"
    listed.write_bytes(os.fsencode("".join(f"{item}\0" for item in ODD)))

    script = f"printf '%s\\0' {{}} >> {ran}"
    project.porch("each", "--list", str(listed), "--shared", "--headless", "--", script)

    assert sorted(ODD) == sorted(words_of(ran))


@pytest.mark.slow
def test_items_are_read_from_standard_input(project: Project, ran: Path):
    done = subprocess.run(
        [*PORCH, "each", "--list", "-", "--shared", *recording(ran)],
        cwd=project.root, input=b"one\ntwo words\n", capture_output=True, check=False,
    )  # fmt: skip

    assert 0 == done.returncode, done.stderr
    assert ["one", "two words"] == sorted(words_of(ran))


def test_one_that_fails_is_exit_1_with_the_end_of_its_output_and_in_every_document(project: Project):
    junit = project.root.parent / "results.xml"
    script = r'printf "\033[31mred\001 & <text>\n"; test {} != 2'

    done = project.porch(
        "each", "--lines", "seq 3", "--shared", "--junit", str(junit), "--headless", "--", script, expect=1
    )

    assert "2 of 3 checks passed" in done.stdout
    assert "red & <text>" in done.stdout
    assert "printf-2: exit 1 (2)" in done.stdout
    suite = ElementTree.parse(junit).getroot()[0]
    assert ("printf", "3", "1", "0") == tuple(
        suite.get(key) for key in ("name", "tests", "failures", "skipped")
    )
    assert ["1", "2", "3"] == [case.get("name") for case in suite]
    (failure,) = suite.iter("failure")
    assert ("exit 1", "failed") == (failure.get("message"), failure.get("type"))
    assert "red & <text>" in str(failure.text)
    assert junit.read_text() == project.porch("report", "--format", "junit").stdout
    assert "2 of 3 checks passed" in project.porch("status").stdout
    assert "2 of 3 checks passed" in project.porch("report").stdout


def test_all_that_pass_are_exit_0_and_nothing_is_merged(project: Project):
    tip, before = project.git("rev-parse", "main"), sorted(project.root.parent.iterdir())

    project.porch("each", "*.md", "--headless", "--", "test -e")

    assert tip == project.git("rev-parse", "main")
    assert "" == project.git("status", "--porcelain")
    assert {"test-readme": "nothing-to-land"} == project.outcomes()
    project.porch("clean")
    assert before == sorted(project.root.parent.iterdir()), "clean leaves nothing of it"


PRISTINE = """
set -e
test "$(git symbolic-ref --short HEAD)" = "porch/$PORCH_RUN/$PORCH_TASK"
test "$(git rev-parse HEAD)" = "$PORCH_BASE"
test -z "$(git status --porcelain --ignored)"
test "$(pwd -P)" = "$PORCH_WORKTREE"
test "$(cat a.txt)" = a && test ! -x a.txt
test "$(git reflog | wc -l)" -le 1
"""
MESSES = {
    "nothing": "true",
    "untracked": "echo x > new",
    "ignored": "echo x > cache.o",
    "changed": "echo x > a.txt",
    "staged": "echo x > a.txt; git add a.txt",
    "committed": "git commit -q --allow-empty -m x",
    "switched": "git switch -qc x/$PORCH_TASK",
    "deleted": "rm a.txt",
    "mode": "chmod +x a.txt",
    "repository": "git init -q inside",
    "process": "setsid sh -c 'sleep 0.5; echo x > late' & true",
}


@pytest.mark.slow
def test_each_finds_a_worktree_as_good_as_new_whatever_those_before_it_did(project: Project, tmp_path: Path):
    project.commit({"a.txt": "a", ".gitignore": "*.o\n"})
    cases = "".join(f"{name}) {script} ;;\n" for name, script in MESSES.items())
    script = tmp_path / "check.sh"
    script.write_text(f'{PRISTINE}case "${{1%-*}}" in\n{cases}clean) : ;;\nesac\n')
    # two that leave all as it was, then one that does not, again and again
    items = [f"{one}-{number}" for number, mess in enumerate(MESSES) for one in ("clean", mess, "clean")]
    listed = tmp_path / "list"
    listed.write_text("".join(f"{item}{place}\n" for place, item in enumerate(items)))

    project.porch("each", "--list", str(listed), "--slots", "1", "--headless", "--", "sh", str(script), "{}")

    tasks = project.status()["tasks"]
    moved = {task["item"].partition("-")[0] for task in tasks if task["worktree_removed_at"]}
    assert {"clean", "nothing"} == moved, "no other left its worktree as it was"
    there = [task for task in tasks if (project.root / task["worktree"]).is_dir()]
    assert len(there) == len(tasks) - sum(1 for task in tasks if task["worktree_removed_at"])
    assert len(there) < len(tasks) * 2 / 3
    first = next(task["id"] for task in tasks if task["worktree_removed_at"])
    project.porch("logs", first)
    project.porch("diff", first)
    changed = next(task for task in tasks if task["item"].startswith("changed"))
    assert "x\n" == (project.root / changed["worktree"] / "a.txt").read_text()


def test_batches_share_a_check(project: Project, ran: Path):
    project.porch(
        "each", "--lines", "seq 5", "--batch", "2", "--shared", "--headless", "--", f"echo {{}} >> {ran}"
    )

    assert ["1 2", "3 4", "5"] == sorted(ran.read_text().splitlines())


def test_after_max_fail_failures_the_rest_is_said_in_one_line(project: Project):
    done = project.porch(
        "each", "--lines", "seq 9", "--max-fail", "1", "--slots", "1", "--shared", "--headless",
        "--", "false", expect=1,
    )  # fmt: skip

    assert "8 checks not started: 1 of false failed, and max_fail is 1" in done.stdout


def test_setup_runs_once_in_the_worktree_they_share(project: Project, ran: Path):
    project.porch(
        "each", "--lines", "seq 4", "--shared", "--setup", f"echo x >> {ran}", "--headless", "--", "true"
    )

    assert ["x"] == ran.read_text().split()


def test_globs_are_relative_to_where_porch_is_started(project: Project, ran: Path):
    project.commit({"sub/a.txt": "a", "sub/b.txt": "b", "c.txt": "c"})

    project.porch("-C", "sub", "each", "*.txt", "--shared", "--headless", *recording(ran), expect=None)
    project.porch("each", "-C", "sub", "*.txt", "--shared", "--headless", *recording(ran))

    assert ["sub/a.txt", "sub/b.txt"] == sorted(words_of(ran))


@pytest.mark.slow
def test_a_killed_run_is_resumed_and_a_failed_check_retried_as_of_any_run(project: Project, ran: Path):
    go = project.root.parent / "go"
    script = f"echo {{}} >> {ran}; sleep 0.1; test {{}} != 3 || test -e {go}"
    process = project.begin("each", "--lines", "seq 8", "--slots", "2", "--headless", "--", script)
    until(lambda: project.events(e.AttemptSucceeded), "the first check")

    kill(process)
    project.porch("resume", "--headless", expect=1)
    assert sorted(map(str, range(1, 9))) == sorted(ran.read_text().split())

    go.write_text("")
    project.porch("retry", "echo-3")
    project.porch("resume", "--headless")
    assert "plan.yaml" in {path.name for path in project.rundir.path.iterdir()}
    refused = project.porch("reload", expect=4)
    assert "was made by porch each and has no plan file" in refused.stderr


def test_json_ends_with_the_status(project: Project):
    done = project.porch("each", "--lines", "seq 2", "--shared", "--json", "--", "true")

    last = json.loads(done.stdout.splitlines()[-1])
    assert [("true-1", "true", "1"), ("true-2", "true", "2")] == [
        (task["id"], task["group"], task["item"]) for task in last["tasks"]
    ]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("nope/*", "--", "true"), "fits no tracked file"),
        (("nope/*/", "--", "true"), "fits no folder"),
        (("*.md",), "found no command"),
        (("--", "true"), "give one of GLOB, --list and --lines"),
        (("*.md", "--lines", "seq 2", "--", "true"), "give one of GLOB, --list and --lines"),
        (("--lines", "exit 3", "--", "true"), "failed with exit 3"),
        (("--list", "nowhere", "--", "true"), "cannot read the items"),
        (("--list", "/dev/null", "--", "true"), "found no item"),
        (("*.md", "--", "echo '{}'"), "between quotes"),
        (("*.md", "--batch", "0", "--", "true"), "not a whole number from 1"),
    ],
)
def test_what_makes_no_sense_is_one_message_and_no_run(project: Project, words: tuple[str, ...], part: str):
    refused = project.porch("each", *words, expect=2)

    assert part in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not project.records()


@pytest.mark.slow
def test_five_hundred_items_with_odd_names_are_each_checked_once(project: Project, ran: Path):
    items = [f"{ODD[number % len(ODD)]}{number}" for number in range(500)]
    listed = project.root.parent / "list"
    listed.write_bytes(os.fsencode("".join(f"{item}\0" for item in items)))

    project.porch("each", "--list", str(listed), "--shared", "--headless", *recording(ran))
    assert sorted(items) == sorted(words_of(ran))

    ran.unlink()
    one = items[137]
    failing = ("--", "python3", "-c", f"{RECORD}; sys.exit(sys.argv[2] == {one!r})", str(ran), "{}")
    project.porch("each", "--list", str(listed), "--shared", "--headless", *failing, expect=1)
    assert sorted(items) == sorted(words_of(ran))
    assert [one] == [task["item"] for task in project.status()["tasks"] if task["outcome"] == "failed"]
