"""Tasks with a terminal of their own, from the plan to what lands."""

from __future__ import annotations

from porch_tui.process.typing import TypingInto
from project import Project, until


def test_a_task_with_a_terminal_is_typed_into_and_lands_what_it_was_given(tmp_path):
    project = Project(tmp_path)
    project.plan(
        "tasks:\n  ask:\n    run: stty size; read answer; echo $answer > answer\n"
        "    tty: true\n    size: 90x20\n    checks: stty size || echo no terminal\n"
    )
    running = project.begin("run", "--headless")
    runs = project.root / ".git" / "porch" / "runs"
    log = until(lambda: next(runs.glob("*/attempts/ask.1/output.log"), None), "its log")
    until(lambda: b"20 90" in log.read_bytes(), "the size in the log")

    with TypingInto(log.parent) as typing:
        typing.type(b"yes\r")

    assert running.wait(60) == 0
    assert project.git("show", "main:answer") == "yes"
    begins, ends = (int(line.split()[0]) for line in (log.parent / "tty.sizes").read_text().splitlines())
    assert log.read_bytes()[begins:ends] == b"20 90\r\nyes\r\n"
    assert "no terminal" in log.read_bytes()[ends:].decode()
