"""status, report and runs say what the run directory says, in the contract's words, and write nothing."""

from __future__ import annotations

import json

import pytest
from in_process import porch

from porch_tui.journal.rundir import all_runs
from project import Project

STATUS_KEYS = [
    "run", "plan", "target", "base", "tip", "engine", "ended", "paused", "agents", "budget", "tasks",
    "places", "queue", "hypotheses", "predictions", "needs_you", "noticed", "waiting_commands", "lessons",
    "next",
]  # fmt: skip
TASK_KEYS = [
    "id", "kind", "group", "item", "of", "status", "attempt", "place", "outcome", "waits", "reason",
    "branch",
    "worktree",
    "worktree_removed_at", "worktree_kept", "head", "landed",
    "started_at", "ended_at", "added_at", "cpu_s", "peak_rss_bytes", "agent", "budget",
    "ended_processes", "pid",
]  # fmt: skip


def test_status_has_exactly_the_keys_of_the_contract(ended: Project):
    document = porch(ended, "status", "--json").json

    assert STATUS_KEYS == list(document)
    assert [TASK_KEYS] * 4 == [list(task) for task in document["tasks"]]
    assert {"good": "landed", "fails": "failed", "bad": "rejected", "later": "waiting"} == {
        task["id"]: task["outcome"] for task in document["tasks"]
    }


def test_status_tells_the_head_of_a_branch_whose_task_has_not_succeeded(ended: Project):
    tasks = {task["id"]: task for task in porch(ended, "status", "--json").json["tasks"]}

    assert ended.git("rev-parse", "feature/fails") == tasks["fails"]["head"]
    assert ended.git("rev-parse", "feature/good") == tasks["good"]["head"]
    assert tasks["later"]["head"] is None


def test_status_for_people_names_what_needs_them_first_and_the_next_command_last(ended: Project):
    printed = porch(ended, "status")

    assert printed.code == 0
    assert printed.out.index("needs you") < printed.out.index("\ntasks\n")
    assert printed.out.splitlines()[-2].startswith("next: ")
    assert "\x1b" not in printed.out


def test_status_of_a_run_can_be_asked_by_the_beginning_of_its_id(ended: Project):
    assert ended.rundir.run == porch(ended, "status", "--json", ended.rundir.run[:9]).json["run"]


def test_without_a_run_the_answer_says_how_to_start_one(project: Project):
    printed = porch(project, "status")

    assert (3, "") == (printed.code, printed.out)
    assert all(f"porch {word}" in printed.err for word in ("init", "plan", "demo"))

    project.plan("tasks: {a: {run: 'true'}}\n")
    assert "porch run starts it" in porch(project, "status").err


@pytest.mark.parametrize(
    "words", [["status", "--jsn"], ["logs"], ["nonsense"], ["slots", "0"], ["clean", "-x"]]
)
def test_what_the_command_line_does_not_know_is_exit_2_and_no_traceback(ended: Project, words: list[str]):
    done = ended.porch(*words, expect=2)

    assert done.stderr.startswith("porch: ")
    assert "Traceback" not in done.stderr


def test_a_folder_that_does_not_exist_is_exit_2_and_one_without_repository_3(ended: Project, tmp_path):
    assert 2 == ended.porch("status", "-C", "nowhere", expect=None).returncode
    assert 3 == ended.porch("status", "-C", str(tmp_path), expect=None).returncode


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("text", "porch report"),
        ("md", "# porch report"),
        ("json", "{"),
        ("html", "<!DOCTYPE html>"),
        ("trace", "{"),
    ],
)
def test_a_report_can_be_had_in_each_form(ended: Project, form: str, begins: str):
    printed = porch(ended, "report", "--format", form)

    assert printed.code == 0
    assert printed.out.startswith(begins)


def test_a_trace_has_a_row_for_each_task_that_ran(ended: Project):
    events = json.loads(porch(ended, "report", "--format", "trace").out)["traceEvents"]

    rows = {one["args"]["name"] for one in events if one["name"] == "thread_name"}
    ran = {span["name"] for span in events if span["ph"] == "X" and span["cat"] == "work"}
    assert ran and {name.rpartition(".")[0] for name in ran} <= rows


def test_a_report_replaces_a_file_whole_and_keeps_its_mode(ended: Project, tmp_path):
    file = tmp_path / "report.json"
    file.write_text("old")
    file.chmod(0o640)

    assert 0 == porch(ended, "report", "--format", "json", "-o", str(file)).code

    assert ended.rundir.run == json.loads(file.read_text())["run"]
    assert 0o640 == file.stat().st_mode & 0o777
    assert [file] == list(tmp_path.iterdir())


def test_a_report_cannot_take_the_place_of_a_folder(ended: Project, tmp_path):
    assert 2 == porch(ended, "report", "-o", str(tmp_path)).code
    assert 2 == porch(ended, "report", "-o", str(tmp_path / "no" / "such")).code


def test_runs_are_a_line_each_with_what_they_need(ended: Project):
    [line] = porch(ended, "runs").out.splitlines()

    assert line.split()[:6] == [ended.rundir.run, "needs", "you:", "2", "1", "of"]
    assert "needs-you" == porch(ended, "runs", "--json").json["runs"][0]["standing"]


def test_a_damaged_run_is_listed_and_hides_no_other(project: Project):
    project.plan("tasks:\n  a: {run: 'echo > a'}\n")
    project.porch("run", "--headless")
    broken = project.rundir.path.with_name("20200101-000000-broken")
    broken.mkdir()
    (broken / "journal.jsonl").write_text('{"seq": 1, "type": "Nonsense"}\n')

    printed = porch(project, "runs")

    assert 0 == printed.code
    whole, damaged = printed.out.splitlines()
    assert "ended" in whole
    assert damaged.startswith("20200101-000000-broken  unreadable")
    assert ["ended", "unreadable"] == [
        run["standing"] for run in porch(project, "runs", "--json").json["runs"]
    ]


def test_reading_writes_nothing_into_the_run(ended: Project):
    def picture() -> dict[str, int]:
        run = all_runs(ended.root / ".git")[0].path
        return {str(path): path.stat().st_mtime_ns for path in run.rglob("*") if path.is_file()}

    before = picture()
    for words in (["status"], ["status", "--json"], ["logs", "good"], ["report"], ["runs"], ["doctor"]):
        porch(ended, *words)

    assert before == picture()


def test_disk_usage_is_shown_for_runs_and_for_tasks(ended: Project):
    [run] = porch(ended, "runs", "--json").json["runs"]
    report = json.loads(porch(ended, "report", "--format", "json").out)
    by_task = {one["task"]: one["disk_bytes"] for one in report["layout"]}

    assert (True, True) == (run["disk_is_whole"], run["disk_bytes"] > sum(filter(None, by_task.values())))
    assert by_task["good"] > 0
    assert None is by_task["later"]  # it never had a worktree
    assert "on disk" in porch(ended, "report").out
