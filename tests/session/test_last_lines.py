"""The last line that a task has put out, whatever its log is made of."""

from __future__ import annotations

from pathlib import Path

from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Agent, TaskId, Terminal
from porch_tui.session.last_lines import END_BYTES, LastLines
from tests.tui.recordings import Recording, task

ONE = TaskId("one")


def test_the_last_line_with_text_is_read_again_once_the_log_has_grown(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one")
    last = LastLines(run.session())
    assert b"" == last.of(ONE)

    run.log("one", "first\nsecond\n \n\n")
    assert b"second" == last.of(ONE)
    run.log("one", "third, not yet ended")
    assert b"third, not yet ended" == last.of(ONE)


def test_a_log_that_was_emptied_has_no_last_line(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one").log("one", "first\n")
    session = run.session()
    last = LastLines(session)
    assert b"first" == last.of(ONE)

    path = session.log(ONE)
    assert path is not None
    path.write_bytes(b"")
    assert b"" == last.of(ONE)


def test_a_task_that_has_not_run_has_none(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one", task("two", after=["one"])])

    assert b"" == LastLines(run.session()).of(TaskId("two"))


def test_of_a_line_longer_than_what_is_read_the_end_is_taken(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one").log("one", f"short\n{'x' * 2 * END_BYTES}")

    assert b"x" * END_BYTES == LastLines(run.session()).of(ONE)


def test_an_agents_records_are_read_as_a_person_reads_them(tmp_path: Path) -> None:
    spec = replace(task("one"), agent="codex", prompt="do it")
    run = Recording(tmp_path, [spec], agents=(Agent("codex", ("codex",), "codex"),)).start("one")
    said = '{"type":"item.completed","item":{"type":"agent_message","text":"I have read it all."}}\n'
    run.log("one", said)
    last = LastLines(run.session())
    assert b"I have read it all." in last.of(ONE)

    run.log("one", '{"type":"item.completed","item":{"type":"agent_m')
    assert b"I have read it all." in last.of(ONE)


def test_what_a_terminal_was_sent_is_no_line(tmp_path: Path) -> None:
    spec = replace(task("one"), terminal=Terminal())
    run = Recording(tmp_path, [spec]).start("one").log("one", "\x1b[2J\x1b[5;5Hhello\n")

    assert b"" == LastLines(run.session()).of(ONE)
