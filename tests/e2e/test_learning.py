"""What a run shows is known to the next check, as edits of the plan, and forgotten when the plan says it."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from porch_tui.journal.observations import OBSERVATIONS
from project import Project

pytestmark = pytest.mark.slow

PLAN = """\
# who says what
tasks:
  a: {run: "echo a >> a.txt; echo a >> $(printf notes.txt)", paths: [a.txt]}
  b: {run: "sleep 1; echo b >> b.txt; echo b >> $(printf notes.txt)", paths: [b.txt]}
"""
"""The text of the commands does not say which file both write."""


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A run of two tasks that conflict in a file which neither declares."""
    project = Project(tmp_path_factory.mktemp("learning"))
    project.commit({"notes.txt": "one\n"})
    project.plan(PLAN)
    return project


def checked(project: Project) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(project.porch("check", "--json").stdout)
    return document


def test_a_conflict_in_an_undeclared_path_is_learned_written_and_forgotten(project: Project):
    ended = project.porch("run", "--headless", "--parallel", expect=1).stdout
    learned = ["b conflicted with a in notes.txt", "a and b both wrote notes.txt, which neither declares"]

    assert all(f"  {text}\n" in ended for text in learned)
    assert "As edits of the plan: porch check --fix" in ended
    assert learned == [one["text"] for one in project.status()["lessons"]]
    assert "What this run taught" in project.rundir.report.read_text()
    document = checked(project)
    assert learned == [one["text"] for one in document["lessons"]]
    assert [("b", "after", ["a"]), ("a", "paths", ["notes.txt"]), ("b", "paths", ["notes.txt"])] == [
        (one["task"], one["key"], one["add"]) for one in document["advice"]
    ]
    assert {"history"} == {one["evidence"][0]["level"] for one in document["advice"]}

    project.porch("check", "--fix", "--yes")

    fixed = PLAN.replace("[a.txt]", "[a.txt, notes.txt]").replace("[b.txt]", "[b.txt, notes.txt], after: [a]")
    assert fixed == (project.root / "porch.yaml").read_text()
    document = checked(project)
    assert ([], []) == (document["advice"], document["lessons"])


def test_the_file_of_what_was_observed_may_be_damaged_or_deleted(project: Project):
    project.porch("run", "--headless", "--parallel", expect=1)
    file = project.root / ".git/porch" / OBSERVATIONS.file
    file.write_bytes(file.read_bytes()[:40])

    assert [] == checked(project)["advice"]

    file.unlink()
    assert [] == project.status()["lessons"]
    assert "What this run taught" in project.porch("report").stdout  # read again from the run itself
    assert 3 == len(checked(project)["advice"])


SERVER = """\
import pathlib, socket, sys, time

def await_(name):
    deadline = time.monotonic() + 60
    while not (here / name).exists() and time.monotonic() < deadline:
        time.sleep(0.02)

here = pathlib.Path(sys.argv[0]).parent
server = socket.socket()
if sys.argv[1] == "first":
    server.bind(("127.0.0.1", 0))
    server.listen()
    (here / "port.part").write_text(str(server.getsockname()[1]))
    (here / "port.part").rename(here / "port")
    await_("tried")
else:
    await_("port")
    try:
        server.bind(("127.0.0.1", int((here / "port").read_text())))
    finally:
        (here / "tried").touch()
"""


def test_a_port_that_was_in_use_asks_for_a_lock(tmp_path: Path):
    project = Project(tmp_path)
    script = tmp_path / "serve.py"
    script.write_text(SERVER)
    run = f"{shlex.quote(sys.executable)} {script}"
    project.plan(f"tasks:\n  a: {{kind: check, run: {run} first}}\n  b: {{kind: check, run: {run} second}}\n")

    project.porch("run", "--headless", "--parallel", "--slots", "2", expect=1)

    (lesson,) = project.status()["lessons"]
    assert lesson["text"].startswith("b failed while a ran: OSError: [Errno")
    assert [("b", "locks", ["port"]), ("a", "locks", ["port"])] == [
        (one["task"], one["key"], one["add"]) for one in checked(project)["advice"]
    ]
