"""Parts of a repository become tasks, with the reasons for every cut."""

from __future__ import annotations

import os

import pytest

from porch_tui.core.files.facts import Facts
from porch_tui.core.model.copying import replace
from porch_tui.core.splitting.parts import By, Cut, Part, Shared, Split
from porch_tui.errors import PlanError
from porch_tui.planfile.read import plan_from
from porch_tui.planning.draft import Draft, DraftAgent, plan_text
from porch_tui.planning.from_parts import Work, parts_draft, usual_tests, work_of
from porch_tui.planning.tracked import TrackedFiles

FILES = ("src/app/core.py", "src/app/it's.py", "src/web/one.py", "src/web/two.py", "tests/test_core.py")
CORE = Part("src/app/core.py", ("src/app/core.py", "src/app/it's.py", "tests/test_core.py"), 4000)
WEB = Part("src/web", ("src/web/one.py", "src/web/two.py"), 2000)
FOUND = Split(
    By.PACKAGES,
    (CORE, WEB),
    (Cut("src/app/core.py", "src/web", 3, 1),),
    (Shared("src/app/core.py", "src/app/core.py", ("src/web",)),),
    9,
    10,
)
COMMAND = Work("./fix.sh {paths}")


def draft(
    found: Split = FOUND, work: Work = COMMAND, files: tuple[str, ...] = FILES, **facts: object
) -> Draft:
    """Return the draft of parts of a repository with these files."""
    known = Facts(sizes=dict.fromkeys(files, 1000), **facts)
    return parts_draft(found, known, work, TrackedFiles.of(files), "app-packages")


def test_a_command_gets_the_paths_of_the_part():
    tasks = draft().tasks

    assert ["core", "web"] == [task.id for task in tasks]
    assert "./fix.sh src/app tests/test_core.py" == tasks[0].run
    assert "./fix.sh src/web" == tasks[1].run
    assert ("src/app/**", "tests/test_core.py") == tasks[0].paths


def test_paths_are_quoted_for_the_shell():
    part = Part("it's.py", ("it's.py", "-x.py"), 1)

    (task,) = draft(Split(By.PACKAGES, (part,)), files=("it's.py", "-x.py")).tasks

    assert "./fix.sh ./-x.py 'it'\"'\"'s.py'" == task.run


def test_a_name_that_no_plan_can_hold_is_reported():
    odd = (os.fsdecode(b"\xff.py"), "a\nb.py", "c.py")

    parts = Part("c.py", odd[1:], 1), Part(odd[0], odd[:1], 1)
    found = draft(Split(By.PACKAGES, parts), files=odd)

    assert ["./fix.sh c.py"] == [task.run for task in found.tasks]
    assert ("c.py",) == found.tasks[0].paths
    assert any("'\\udcff.py', 'a\\nb.py'" in note for note in found.notes)


def test_an_agent_gets_them_in_its_prompt():
    tasks = draft(work=Work(prompt="Type {paths} well.", agent=DraftAgent("codex"))).tasks

    assert "Type src/app, tests/test_core.py well." == tasks[0].prompt


def test_the_cuts_and_the_shared_files_are_explained():
    text = plan_text(draft())

    assert "3 files, 4 kB; cut from web (1 commit touched both, 3 imports between them)" in text
    assert "Of the last 10 commits that touched these files 9 touched one part only." in text
    assert "Most parts import src/app/core.py (in core)." in text


def test_a_folder_that_has_most_of_everything_is_pointed_out():
    by_dirs = replace(FOUND, by=By.DIRS)

    assert "67% of the bytes are in core" in plan_text(draft(by_dirs))
    assert "of the bytes" not in plan_text(draft())


def test_what_was_not_read_is_said():
    text = plan_text(draft(unread={"Go": 2}, absent=frozenset({"src/web/one.py"})))

    assert (
        "2 files of Go not read for imports; to have them read: pip install 'porch-tui[languages]'." in text
    )
    assert "1 file of this partial clone not read" in text


def test_the_plan_is_one_that_porch_reads():
    plan = plan_from(plan_text(draft()).encode(), "the plan", "porch").plan

    assert ["core", "web"] == [task.id for task in plan.tasks]
    assert "pytest -q" in plan.tasks[0].checks[0][2]


def test_tests_are_checks_and_merge_nothing():
    part = Part("tests/test_a.py", ("tests/test_a.py", "tests/test_b.py"), 100)
    files = ("tests/conftest.py", *part.files)
    tracked = TrackedFiles.of(files)

    (task,) = draft(Split(By.TESTS, (part,)), usual_tests(tracked), files).tasks

    assert ("check", (), ()) == (task.kind, task.paths, task.checks)
    assert "pytest -q tests" == task.run
    assert "test-a-to-test-b" == task.id


def test_tests_of_go_are_given_as_packages():
    part = Part("a_test.go", ("a_test.go", "doc/b_test.go"), 100)
    files = ("go.mod", *part.files)

    (task,) = draft(Split(By.TESTS, (part,)), usual_tests(TrackedFiles.of(files)), files).tasks

    assert "go test ./ ./doc" == task.run


def test_nothing_to_split_is_said():
    with pytest.raises(PlanError, match="no source files"):
        draft(Split(By.DIRS, ()), files=())


def test_several_words_are_a_command_and_one_is_a_line_for_a_shell():
    line, command = (
        work_of(["cd x && fix {paths}"], None, None),
        work_of(["my fix", "-f={paths}", "--"], None, None),
    )

    assert line == Work("cd x && fix {paths}")
    assert command == Work("'my fix' -f={paths} --")
    assert work_of([], None, None) is None


@pytest.mark.parametrize(
    ("words", "prompt", "agent", "why"),
    [
        (["fix"], None, None, "must have {paths} in it"),
        ([], "Type it", DraftAgent("codex"), "--prompt must have {paths}"),
        ([], "Type {paths}", None, "go together"),
        ([], None, DraftAgent("codex"), "go together"),
        (["fix", "{paths}"], "Type {paths}", DraftAgent("codex"), "either"),
    ],
)
def test_what_is_missing_is_said(words: list[str], prompt: str | None, agent: DraftAgent | None, why: str):
    with pytest.raises(PlanError) as refused:
        work_of(words, prompt, agent)

    assert why in str(refused.value)


def test_how_tests_are_run_is_asked_where_it_is_not_known():
    with pytest.raises(PlanError, match="give the command behind --"):
        usual_tests(TrackedFiles.of(["package.json", "test/a.test.js"]))
