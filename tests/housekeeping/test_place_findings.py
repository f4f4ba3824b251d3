"""`porch doctor --on` says of each place what was found there, and what to do where something is missing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from in_process import porch

from porch_tui.core.model.place import PlaceName, PlaceSpec, Scheme
from porch_tui.housekeeping.findings import Weight
from porch_tui.housekeeping.place_findings import place_findings
from porch_tui.process.login_shell import login_shell
from project import Project
from tests.places.sshd import Sshd


def box(*run: str) -> PlaceSpec:
    return PlaceSpec(PlaceName("box"), Scheme.PIPE, run=run)


def test_a_place_is_described_and_what_tasks_need_is_missed(tmp_path: Path):
    tool = tmp_path / "bin/claude"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    path = f"{tool.parent}:{os.environ['PATH']}"
    environ = {**os.environ, "HOME": str(tmp_path), "PATH": path, "GIT_CONFIG_GLOBAL": "/dev/null"}

    found = list(place_findings(box(sys.executable, "-"), ["git", "no-such-tool"], environ))
    by_name = {one.what: one for one in found}

    assert {"place", "python", "git", "disk", "clock", "agent", "tool", "tools"} <= by_name.keys()
    assert "with porch sent there" in by_name["place"].text
    assert by_name["python"].text == f"{sys.version.split()[0]}, {sys.executable}"
    assert by_name["git"].text.endswith("no identity; yours is used")
    assert f"free in {tmp_path}/.cache/porch" in by_name["disk"].text
    assert by_name["clock"].text == "as here"
    assert by_name["agent"].text == f"claude: {tool}"
    assert by_name["tools"].weight is Weight.ADVICE
    assert "not found: no-such-tool" in by_name["tools"].text


@pytest.mark.skipif(not login_shell().endswith("bash"), reason="this user has another shell")
def test_a_tool_that_only_the_shell_of_a_person_finds_is_called_that(tmp_path: Path):
    tool = tmp_path / "managed/agent-of-mine"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    for name in (".bashrc", ".bash_profile"):
        (tmp_path / name).write_text(f"echo Welcome; PATH=$PATH:{tool.parent}\n")
    environ = {**os.environ, "HOME": str(tmp_path)}

    found = list(place_findings(box(sys.executable, "-"), [tool.name], environ))

    assert f"{tool.name}: {tool}, by {login_shell()} only" in [one.text for one in found]


def test_a_place_that_cannot_be_used_is_one_problem():
    [found] = place_findings(box("sh", "-c", "echo no such container >&2; exit 125", "sh"), [])

    assert (found.what, found.weight, found.text) == ("place", Weight.PROBLEM, "no such container")
    assert found.do == "no task can run there until it answers"


def test_a_place_that_a_run_makes_may_be_absent():
    spec = PlaceSpec(
        PlaceName("box"), Scheme.PIPE, up=("true",), run=("sh", "-c", "echo no {name} >&2; exit 1", "sh")
    )

    [found] = place_findings(spec, [], repository="0123456789abcdef")

    assert (found.weight, found.text) == (Weight.ADVICE, "it is not there: no porch-0123456789ab-box")


def test_a_place_that_no_run_has_made_yet_is_not_looked_for_by_half_a_name():
    spec = PlaceSpec(PlaceName("box"), Scheme.PIPE, up=("true",), run=("sh", "-c", "echo {name} >&2; exit 1"))

    [found] = place_findings(spec, [])

    assert (found.weight, found.text) == (
        Weight.ADVICE,
        "it is not there: no run of this repository has used places yet",
    )


def test_places_of_the_plan_are_named_on_the_command_line(project: Project):
    run = [sys.executable, "-"]
    project.plan(
        f"places: {{box: {{run: {run}}}, gone: {{run: [cat, '-']}}}}\n"
        "tasks:\n  a: {run: 'true', needs: [sh]}\n"
    )

    report = porch(project, "doctor", "--on", "box,gone", "--json")

    assert (3, False) == (report.code, report.json["can_run"])
    shown = report.json["findings"]
    assert {one["place"] for one in shown} == {"box", "gone"}
    assert [one["place"] for one in shown if one["weight"] == "problem"] == ["gone"]
    assert [one["text"] for one in shown if one["what"] == "tool" and one["text"].startswith("sh: ")]


def test_places_of_another_plan_file_are_named_if_it_is_given(project: Project):
    run = [sys.executable, "-"]
    project.write(
        "other.yaml", f"places: {{box: {{run: {run}}}}}\ntasks:\n  a: {{run: 'true', needs: [sh]}}\n"
    )
    project.write("wrong.yaml", "places: {box: {runs: [sh]}}\ntasks: {a: {run: x}}\n")

    report = porch(project, "doctor", f"{project.root}/other.yaml", "--on", "box", "--json")
    wrong = porch(project, "doctor", f"{project.root}/wrong.yaml", "--on", "ssh:big")
    alone = porch(project, "doctor", f"{project.root}/other.yaml")

    assert any(one["text"].startswith("sh: ") for one in report.json["findings"])
    assert (wrong.code, alone.code) == (2, 2)
    assert "wrong.yaml:1" in wrong.err
    assert "porch doctor PLAN --on NAME" in alone.err


@pytest.mark.parametrize(
    ("word", "said"),
    [("ssh:-oProxyCommand=x", "which ssh would take for an option"), ("ssh:big,ssh:big", "'ssh:big' twice")],
)
def test_a_word_that_is_no_place_or_the_same_one_again_is_refused(
    project: Project, tmp_path: Path, word: str, said: str
):
    done = project.porch("doctor", "-C", str(tmp_path), "--on", word, expect=2)

    assert said in done.stderr


@pytest.mark.slow
def test_hosts_are_checked_over_ssh_all_at_once(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with Sshd(tmp_path / "sshd") as server:
        monkeypatch.setenv("PATH", f"{server.client()}:{os.environ['PATH']}")

        done = project.porch("doctor", "--on", "ssh:big,ssh:no-such-host.invalid", expect=3)

    assert done.stdout.startswith("ssh:big\n")
    assert "with porch sent there" in done.stdout
    assert "ssh:no-such-host.invalid\n" in done.stdout
    assert "mend the name, or add it to ~/.ssh/config" in done.stdout
