"""Many tasks that tell how often they ran, and what must be true of them whatever was killed meanwhile."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from porch_tui.core.model import events as e
from project import Project

TASKS, LINES = 40, 12
WHOLE = "".join(f"line {number}\n" for number in range(LINES))


class Chaos:
    """A project whose tasks write down outside of their worktrees that they started."""

    def __init__(self, folder: Path, tasks: int = TASKS) -> None:
        self.folder, self.project, self.tasks = folder, Project(folder), tasks
        self.ran = folder / "ran"
        self.ran.mkdir()

    def plan(self, places: str, script: str) -> None:
        """Write a plan of a script with `{task}` in it; `places` are keys of the plan before `tasks`."""
        tasks = "".join(
            f"  t{number}:\n    run: |\n      {script.replace('{task}', f't{number}')}\n"
            for number in range(self.tasks)
        )
        self.project.plan(f"{places}tasks:\n{tasks}")

    def plan_that_counts(self, places: str) -> None:
        """Write a plan whose tasks take a second, and print numbered lines."""
        script = f"echo ran >> {self.ran}/{{task}}; n=0; while [ $n -lt {LINES} ]; "
        script += "do echo line $n; n=$((n+1)); sleep 0.1; done; echo {task} > made-{task}"
        self.plan(places, script)

    def plan_that_goes_on_while_cut(self, places: str) -> None:
        """Write a plan whose tasks show that they run, and do not end while their home has a file `cut`."""
        script = f"echo $(date +%s.%N) $$ >> {self.ran}/{{task}}; n=0; "
        script += f"while [ $n -lt {LINES} ] || test -e $HOME/cut; "
        script += (
            f"do touch {self.folder}/{{task}}.$$; n=$((n+1)); sleep 0.1; done; echo {{task}} > made-{{task}}"
        )
        self.plan(places, script)

    def ends(self) -> int:
        """Return how many attempts have succeeded."""
        return len(self.project.events(e.AttemptSucceeded))

    def starts(self) -> dict[str, list[str]]:
        """Return the lines that each task has written when it started."""
        return {path.name: path.read_text().splitlines() for path in self.ran.iterdir()}

    def all_landed_once(self) -> None:
        """Check that every task landed, and none twice."""
        assert set(self.project.outcomes().values()) == {"landed"}
        landed = Counter(event.task for event in self.project.events(e.Landed))
        assert set(landed.values()) == {1} and len(landed) == self.tasks

    def all_ran_once(self) -> None:
        """Check that every command started once, that its log is whole, and that its result landed."""
        self.all_landed_once()
        assert Counter(map(len, self.starts().values())) == {1: self.tasks}
        assert not self.project.events(e.AttemptLost)
        for task in self.starts():
            assert (self.project.rundir.attempt(f"{task}.1") / "output.log").read_text() == WHOLE
            assert self.project.git("show", f"main:made-{task}") == task

    def lost_ones_ran_again(self, most: int) -> None:
        """Check that at most so many tasks ran a second time, each only after its first attempt had ended."""
        self.all_landed_once()
        again = {task: lines for task, lines in self.starts().items() if len(lines) > 1}
        assert 1 <= len(again) <= most
        for task, lines in again.items():
            (_, first), (second_at, _) = (line.split() for line in lines)
            assert (self.folder / f"{task}.{first}").stat().st_mtime < float(second_at)
