"""`porch check --fix` shows advice as edits of the plan, and writes it only on request."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest
from in_process import porch

from project import PORCH, Project, until

PORTS = """\
# two servers
tasks:
  a: {kind: check, run: serve --port 8123}   # first
  b:
    kind: check
    run: serve --port 8123
"""
FIXED = PORTS.replace("8123}", "8123, locks: [port-8123]}") + "    locks: [port-8123]\n"


@pytest.fixture
def ports(project: Project) -> Project:
    """A project whose plan has two tasks with one port."""
    project.plan(PORTS)
    return project


def plan_of(project: Project) -> str:
    return (project.root / "porch.yaml").read_text()


def test_without_a_terminal_the_edits_are_only_shown(ports: Project):
    shown = porch(ports, "check", "--fix")

    assert 1 == shown.code
    assert PORTS == plan_of(ports)
    assert "1. a and b: add locks: [port-8123]" in shown.out
    assert "a and b both use port 8123, which worktrees do not separate." in shown.out
    assert "+    locks: [port-8123]" in shown.out.splitlines()
    assert "porch check --fix --yes" in shown.err


def test_with_yes_they_are_written_and_then_there_is_nothing_to_fix(ports: Project):
    assert 0 == porch(ports, "check", "--fix", "--yes").code
    assert FIXED == plan_of(ports)

    again = porch(ports, "check", "--fix")

    assert (0, "porch.yaml: nothing to fix\n") == (again.code, again.out)
    assert " M porch.yaml" == ports.git("status", "--porcelain")


def test_check_names_the_advice_and_the_command_for_it(ports: Project):
    printed = porch(ports, "check")
    (first, second) = porch(ports, "check", "--json").json["advice"]

    assert 0 == printed.code
    assert "add locks: [port-8123]" in printed.out and "porch check --fix" in printed.out
    assert ("a", "locks", ["port-8123"]) == (first["task"], first["key"], first["add"])
    assert ("b", "shared-state") == (second["task"], second["evidence"][0]["cause"])
    assert "worktrees do not separate" in second["reason"]


def test_json_has_the_diff_and_says_whether_it_was_written(ports: Project):
    shown = porch(ports, "check", "--fix", "--json")

    assert (1, False, []) == (shown.code, shown.json["is_written"], shown.json["left"])
    assert "+    locks: [port-8123]\n" in shown.json["diff"]
    assert PORTS == plan_of(ports)

    done = porch(ports, "check", "--fix", "--yes", "--json")

    assert (0, True, FIXED) == (done.code, done.json["is_written"], plan_of(ports))


def test_yes_alone_is_a_mistake(ports: Project):
    refused = porch(ports, "check", "--yes")

    assert 2 == refused.code
    assert "porch check --fix --yes" in refused.err


def test_what_porch_cannot_write_is_left_with_the_reason(project: Project):
    project.plan(
        "tasks:\n  a: &a {kind: check, run: serve --port 8123}\n  b: *a\n"
        "  c: {kind: check, run: serve --port 8123}\n"
    )
    done = porch(project, "check", "--fix", "--yes")

    assert 1 == done.code
    assert "! b: porch cannot write locks: [port-8123]: it is written by means of an alias" in done.out
    assert plan_of(project).endswith("8123, locks: [port-8123]}\n")


def test_a_link_and_the_mode_of_the_file_stay(ports: Project):
    ports.git("mv", "porch.yaml", "real.yaml")
    (ports.root / "porch.yaml").symlink_to("real.yaml")
    (ports.root / "real.yaml").chmod(0o640)

    porch(ports, "check", "--fix", "--yes")

    assert (ports.root / "porch.yaml").is_symlink()
    assert (FIXED, 0o640) == (plan_of(ports), (ports.root / "real.yaml").stat().st_mode & 0o777)


def test_a_plan_with_mistakes_is_refused_as_ever(project: Project):
    project.plan("tasks: {a: {runs: x}}\n")

    assert 2 == porch(project, "check", "--fix", "--yes").code


class OnTerminal:
    """`porch check --fix` on a terminal of its own."""

    def __init__(self, project: Project) -> None:
        self.terminal, its_end = pty.openpty()
        self._process = subprocess.Popen(
            [*PORCH, "check", "--fix"],
            cwd=project.root, stdin=its_end, stdout=its_end, stderr=its_end, start_new_session=True,
        )  # fmt: skip
        os.close(its_end)
        os.set_blocking(self.terminal, False)
        self.text = ""

    def read(self) -> bool:
        """Read what was printed; say whether it ends with a question, or the program has ended."""
        try:
            while piece := os.read(self.terminal, 65536):
                self.text += piece.decode()
        except OSError:
            pass
        return self.text.endswith("[y/N] ") or self._process.poll() is not None

    def wait(self) -> int:
        """Wait for its end; return the exit code."""
        until(lambda: self.read() and self._process.poll() is not None, "porch to end")
        os.close(self.terminal)
        return self._process.returncode


@pytest.mark.parametrize(("answer", "code", "text"), [("y", 0, FIXED), ("", 1, PORTS), ("no", 1, PORTS)])
def test_on_a_terminal_a_person_is_asked(ports: Project, answer: str, code: int, text: str):
    terminal = OnTerminal(ports)
    until(terminal.read, "the question")
    os.write(terminal.terminal, f"{answer}\n".encode())

    assert (code, text) == (terminal.wait(), plan_of(ports))
    assert "Write this edit to porch.yaml? [y/N]" in terminal.text
    assert "\x1b[32m+    locks: [port-8123]\x1b[0m" in terminal.text


def test_a_plan_that_changed_while_the_person_was_asked_is_not_overwritten(ports: Project):
    terminal, changed = OnTerminal(ports), f"{PORTS}    title: changed\n"
    until(terminal.read, "the question")
    ports.write("porch.yaml", changed)
    os.write(terminal.terminal, b"y\n")

    assert (4, changed) == (terminal.wait(), plan_of(ports))
    assert "was changed meanwhile" in terminal.text
