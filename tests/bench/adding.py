"""How soon a task that is added to a run of many is on the screen, and starts when a slot is free.

    python tests/bench/adding.py [--tasks N] [--rounds N]

A real engine, and the screen in a real terminal, its list filtered to the tasks that are added. Times are
from the moment the command is in the run's inbox to the journal and to the list (at most 0.2 s with 200
tasks), and from the journal to the first process, as a slot is free. On a busy machine the median says more
than the worst.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId, TaskSpec
from porch_tui.journal.rundir import all_runs
from porch_tui.session.session import Session
from tests.tui.pty_harness import PtyProgram

PORCH = (sys.executable, "-P", "-m", "porch_tui")
SCREEN = "import runpy; runpy.run_module('porch_tui', run_name='__main__', alter_sys=True)"
COLUMNS, ROWS = 120, 40
GIT_ENV = {f"GIT_{who}_{what}": "bench" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def begun(folder: Path, tasks: int) -> Session:
    """Return a run of many tasks, one of which runs while another slot is free; it has an engine."""
    lines = [f"  t{n}: {{run: 'sleep 600', locks: [one]}}" for n in range(tasks)]
    (folder / "porch.yaml").write_text("\n".join(["slots: 2", "tasks:", *lines, ""]))
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "a plan"]):
        subprocess.run(["git", *words], cwd=folder, check=True, env={**os.environ, **GIT_ENV})
    run = [*PORCH, "run", "--detach", "--parallel"]
    subprocess.run(run, cwd=folder, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **GIT_ENV})
    session = Session(all_runs(folder / ".git")[0])
    while not session.state.active:
        time.sleep(0.05)
        session.catch_up()
    return session


def shown_after(program: PtyProgram, name: str) -> float:
    """Return the seconds until a name is in the list."""
    began = time.monotonic()
    while not any(name in line for line in program.screen()):
        program._read(0.005)
        if time.monotonic() - began > 20:
            raise SystemExit(f"{name} never came on the screen:\n" + "\n".join(program.screen()))
    return time.monotonic() - began


def started_after(session: Session, task: TaskId, added_at: float) -> float:
    """Return the seconds from the record that added a task to that of its start."""
    while True:
        for record in session.records:
            if isinstance(record.event, e.AttemptStarted) and record.event.attempt.task == task:
                return record.at - added_at
        time.sleep(0.02)
        session.catch_up()


def measure(tasks: int, rounds: int) -> None:
    """Add one task after the other, and print the times."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "app"
        folder.mkdir()
        session = begun(folder, tasks)
        recorded, shown, started = [], [], []
        os.chdir(folder)
        with PtyProgram(SCREEN, "attach", columns=COLUMNS, rows=ROWS) as program:
            program.read_until_shown("t0")
            program.send("/")
            program.read_for(0.5)
            program.send("added\r")
            program.read_for(1.0)
            for number in range(rounds):
                task = TaskId(f"added{number}")
                spec = TaskSpec(task, task, ("true",))
                session.send(c.AddTasks(session.new_command_id(), (spec,)))
                sent_at = time.time()
                shown.append(shown_after(program, task))
                session.catch_up()
                added_at = session.state.tasks[task].added_at
                assert added_at is not None
                recorded.append(max(0.0, added_at - sent_at))
                started.append(started_after(session, task, added_at))
                program.read_for(0.3 + 0.03 * (number % 5))
        engine = subprocess.run(
            [*PORCH, "stop", "--all", "--now"], check=False, stdout=subprocess.DEVNULL, timeout=60
        )
        assert engine.returncode in (0, 130, -signal.SIGTERM)
        os.chdir("/")
    for what, found, bar in (
        ("recorded", recorded, ""),
        ("shown", shown, "0.2 s"),
        ("started", started, ""),
    ):
        median, worst = statistics.median(found), max(found)
        print(f"{what:8} {median:.3f} s (worst of {rounds}: {worst:.3f} s)  {bar and f'at most {bar}'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args()
    measure(options.tasks, options.rounds)


if __name__ == "__main__":
    main()
