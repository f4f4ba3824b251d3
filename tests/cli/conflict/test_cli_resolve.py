"""`porch conflicts` and `porch resolve`: what is said of each choice; e2e lands what was chosen."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from in_process import CommandResult, porch
from json_page import documented, keys

from porch_tui.core.model import events as e
from project import Project
from tests.at_rest import at_rest

LINES = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n"
PLAN = """\
tasks:
  a: {run: "sed -i.log s/one/ONE-a/ same; sed -i.log s/nine/NINE-a/ same; echo a > new"}
  b:
    run: >-
      until git -C ../app show main:new >/dev/null 2>&1; do sleep 0.05; done;
      sed -i.log s/one/ONE-b/ same; sed -i.log s/nine/NINE-b/ same; echo b > new
"""


def collide(project: Project) -> None:
    """Have `b` conflict with `a` in two hunks of one file, and in a file that both add."""
    project.commit({"same": LINES})
    project.plan(PLAN)
    project.porch("run", "--headless", "--parallel", expect=1)


@pytest.fixture
def collided() -> Project:
    """A run at rest, with `b` in conflict."""
    return at_rest(collide)


def resolve(project: Project, *words: str) -> CommandResult:
    return porch(project, "resolve", "b", *words)


def script(path: Path, line: str) -> str:
    """Write a program that is given a file, and return its path."""
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
    return str(path)


def test_every_conflict_is_listed_for_people_and_for_programs(collided: Project):
    shown = porch(collided, "conflicts")
    document = porch(collided, "conflicts", "b", "--json").json

    assert shown.out.startswith("b: conflict with a in 2 files\n")
    assert "hunk 2 of 2: not decided" in shown.out
    assert keys(document) == keys(documented("porch conflicts --json"))
    (found,) = document["conflicts"]
    assert ({"same", "new"}, False) == ({path["path"] for path in found["paths"]}, found["is_complete"])
    refused = porch(collided, "conflicts", "a")
    assert (4, True) == (refused.code, "a is not in conflict: it has landed; in conflict: b" in refused.err)


def test_choices_are_made_undone_redone_and_discarded_until_all_is_decided(collided: Project):
    assert "1 of 2 hunks not decided" in resolve(collided, "--take", "task", "same:1").out
    assert "b: 2 of 2 files left" in resolve(collided, "--undo").out
    assert "there is nothing to undo for b" in resolve(collided, "--undo").err
    assert "1 of 2 hunks not decided" in resolve(collided, "--redo").out
    assert "there is nothing to redo for b" in resolve(collided, "--redo").err
    assert "b: all choices discarded" in resolve(collided, "--abort").out
    assert {"run": collided.rundir.run, "task": "b", "is_complete": False} == resolve(
        collided, "--abort", "--json"
    ).json

    whole = resolve(collided, "--take", "both", "same", "--take", "main", "new")

    assert (0, "b: every conflict is decided\n") == (whole.code, whole.out)
    assert "resolve b: queued" in whole.err and "porch resume" in whole.err
    assert "porch: queued. Nothing is running" in resolve(collided).err, "it is queued once"
    assert "resolve b" in porch(collided, "status", "--json").json["waiting_commands"][0]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--take", "main"], 2, "--take main needs a PATH, or PATH:HUNK, after it"),
        (["--take", "main", "sane"], 2, "'sane' is not in conflict; did you mean 'same'?"),
        (["--take", "main", "zzz"], 2, "'zzz' is not in conflict; in conflict: "),
        (["--take", "mine", "same"], 2, "choose for same one of: main, task, both"),
        (["--take", "main", "same:3"], 2, "same has no hunk 3; it has hunks 1 to 2"),
        (["--take", "remembered"], 2, "--take remembered: nothing that is open is remembered"),
        (["--take", "proposed", "same"], 2, "--take proposed same: nothing is proposed for it"),
        (["--with", "nowhere", "same"], 2, "--with nowhere: No such file"),
        (["--with", "porch.yaml", "same:3"], 2, "same has no hunk 3"),
        (["--as", "same", "new"], 2, "--as same new: "),
        (["--as", "x", "zzz"], 2, "'zzz' is not in conflict"),
        (["--abort", "--take", "main", "same"], 2, "--abort discards all choices"),
        (["--refuse"], 4, "the plan has no `resolver`"),
        (["--tool"], 2, "--tool needs a terminal, or a merge.tool that works without one"),
    ],
)
def test_a_mistake_is_reported_and_nothing_is_chosen(
    collided: Project, words: list[str], code: int, said: str
):
    refused = resolve(collided, *words)

    assert (code, True) == (refused.code, said in refused.err), refused.err
    assert "b: 2 of 2 files left" in resolve(collided).out


def test_a_version_lands_under_another_name(collided: Project):
    shown = resolve(collided, "--as", "new-b", "new", "--take", "task", "same", "--json").json

    assert shown["is_complete"] and ["resolve b"] == [one["command"] for one in shown["commands"]]
    chosen = {path["path"]: (path["choice"], path["name"]) for path in shown["paths"]}
    assert ("as", "new-b") == chosen["new"]


def test_an_editor_decides_what_it_leaves_without_markers(
    collided: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GIT_EDITOR", "false")
    assert "same unchanged; conflict still open" in resolve(collided, "--edit", "same").err
    monkeypatch.setenv("GIT_EDITOR", "true")
    assert "b: 2 of 2 files left" in resolve(collided, "--edit", "same").out
    monkeypatch.setenv("GIT_EDITOR", script(tmp_path / "editor", 'printf "{ not" > "$1"'))

    edited = resolve(collided, "--edit", "same")

    assert "b: 1 of 2 files left" in edited.out
    assert [] == collided.events(e.ResolutionGiven)


def test_a_text_given_for_a_hunk_or_a_file_decides_it(
    collided: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    hunk, whole = tmp_path / "hunk", tmp_path / "whole"
    hunk.write_text("ONE-a, ONE-b\n")
    whole.write_text("a\nb\n")

    first = resolve(collided, "--with", str(hunk), "same:1", "--json").json
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"NINE-a, NINE-b\n")))
    resolve(collided, "--with", "-", "same:2")
    second = resolve(collided, "--with", str(whole), "new", "--json").json

    same = next(path for path in first["paths"] if path["path"] == "same")
    chosen = [(one["choice"], one["text"]) for one in same["hunks"]]
    assert [("text", "ONE-a, ONE-b\n"), (None, None)] == chosen
    assert second["is_complete"]
    collided.porch("resume", "--headless", expect=None)
    lines = collided.git("show", "main:same").splitlines()
    assert ["ONE-a, ONE-b", *LINES.splitlines()[1:-1], "NINE-a, NINE-b"] == lines
    assert "a\nb" == collided.git("show", "main:new")


def test_a_mergetool_decides_what_is_left(collided: Project, tmp_path: Path):
    collided.git("config", "merge.tool", "mine")
    collided.git(
        "config", "mergetool.mine.cmd", f'{script(tmp_path / "tool", "cp $1 $2")} "$REMOTE" "$MERGED"'
    )
    collided.git("config", "mergetool.mine.trustExitCode", "true")

    assert "b: 1 of 2 files left" in resolve(collided, "--tool", "same").out
    assert "b: every conflict is decided" in resolve(collided, "--tool").out


def test_what_does_not_parse_is_a_warning(project: Project):
    project.commit({"data.json": "{}\n"})
    wait = "until git -C ../app show main:a 2>&1 >/dev/null; do sleep 0.05; done"
    project.plan(
        "tasks:\n  a: {run: 'echo [1] > data.json; echo > a'}\n"
        f"  b: {{run: '{wait}; echo [2 > data.json'}}\n"
    )
    porch(project, "run", "--headless", "--parallel")

    chosen = resolve(project, "--take", "task", "data.json")

    assert "porch: warning: data.json: does not parse" in chosen.err
    porch(project, "resume", "--headless")
    assert "[2\n" == (project.root / "data.json").read_text()
