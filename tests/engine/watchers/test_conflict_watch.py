"""What the watch sees coming, in a real repository; the clock and the tasks are the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.merge_queue.prediction import Prediction, predictions_of
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Order, Plan, RunId, Sha, TaskId, TaskSpec
from porch_tui.core.model.state import RunState, TaskState
from porch_tui.core.rules.settle import settle
from porch_tui.engine.effects.tools import Tools
from porch_tui.engine.watchers import conflict_watch
from porch_tui.engine.watchers.conflict_watch import ConflictWatch
from porch_tui.git.discovery import discover
from porch_tui.git.worktree.creation import ensure
from porch_tui.journal import predictions, rundir
from project import Project
from tests.builders import fold, opened, with_target

NAMES = ("mul", "div", "log")


class Watched:
    """A project whose tasks all run, and a watch that looks on demand."""

    def __init__(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(conflict_watch, "LEAST_PAUSE_S", 0.0)
        monkeypatch.setattr(conflict_watch, "BUSY_FACTOR", 0)
        monkeypatch.setattr(conflict_watch, "QUIET_FACTOR", 0)
        self.project = project
        self.repository = discover(project.root)
        self.rundir = rundir.create(self.repository.common_dir, RunId("run-1"))
        self.state = self._state(Plan("p", tuple(TaskSpec(TaskId(name), name, ("true",)) for name in NAMES)))
        self.offered: list[e.AnyEvent] = []
        self.tools = Tools.of_run(
            self.repository, self.rundir, lambda *events: self.offered.extend(events), lambda: self.state
        )
        for name in NAMES:
            ensure(self.repository, self.place(name), f"feature/{name}", self.state.target.base, "porch run")
        self.watch = ConflictWatch(self.tools, lambda: self.state)

    def _state(self, plan: Plan) -> RunState:
        base = Sha(self.project.git("rev-parse", "HEAD"))
        state = replace(with_target(opened(plan, slots=9), base=base, tip=base), root=str(self.project.root))
        for slot, name in enumerate(NAMES):
            attempt = e.AttemptId(TaskId(name), 1)
            state = fold(state, e.AttemptScheduled(attempt, base, slot), e.AttemptStarted(attempt, 1))
        return state

    def place(self, name: str) -> Path:
        return self.tools.worktree(self.state, TaskId(name))

    def write(self, name: str, text: str, file: str = "README.md") -> None:
        (self.place(name) / file).write_text(text)

    def end(self, name: str) -> None:
        """Have the task succeed with what it has committed."""
        head = Sha(self.project.git("rev-parse", "HEAD", cwd=self.place(name)))
        task = TaskId(name)
        self.state = fold(
            self.state, e.AttemptSucceeded(e.AttemptId(task, 1), head), e.EntryQueued(task, head)
        )

    def begin_again(self, name: str) -> None:
        """Have the task fail, and be tried again from the target as it is now."""
        task, tip = TaskId(name), Sha(self.project.git("rev-parse", "HEAD"))
        failure = e.Failure(e.FailureKind.EXIT, "exit 1", 1)
        moved = e.TargetMoved(tip, Sha(self.project.git("rev-parse", "HEAD^{tree}")), is_descendant=True)
        self.state = fold(
            self.state,
            moved,
            e.AttemptFailed(e.AttemptId(task, 1), failure),
            e.TaskRetried(task, is_automatic=False),
            e.AttemptScheduled(e.AttemptId(task, 2), tip, 8),
            e.AttemptStarted(e.AttemptId(task, 2), 1),
        )
        self.project.git("reset", "-q", "--hard", tip, cwd=self.place(name))

    def commit(self, name: str) -> None:
        self.project.git("commit", "-qam", "work", cwd=self.place(name))

    def predicted(self) -> set[tuple[str, str, tuple[str, ...]]]:
        self.watch.look()
        return {(one.a, one.b, one.paths) for one in predictions.latest(self.rundir)}


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(Project(tmp_path), monkeypatch)


def test_a_conflict_is_predicted_before_either_task_commits(watched: Watched):
    watched.write("mul", "mul\n")
    watched.write("div", "div\n")
    watched.write("log", "log\n", "other")

    assert {("mul", "div", ("README.md",))} == watched.predicted()


def test_a_prediction_goes_away_when_its_reason_does(watched: Watched):
    watched.write("mul", "mul\n")
    watched.write("div", "div\n")
    watched.predicted()
    watched.write("div", "An app.\n")

    assert set() == watched.predicted()


def test_a_conflict_of_a_running_task_with_a_landed_one_is_predicted(watched: Watched):
    watched.write("mul", "mul\n")
    watched.project.commit({"README.md": "another person\n"})

    assert {("mul", "refs/heads/main", ("README.md",))} == watched.predicted()


def test_uncommitted_changes_in_the_targets_checkout_count(watched: Watched):
    watched.project.commit({"theirs": "a\n"})
    watched.write("mul", "mul\n")
    watched.write("mul", "mul\n", "theirs")
    (watched.project.root / "README.md").write_text("not committed yet\n")
    (watched.project.root / "untracked").write_text("x\n")
    before = watched.project.git("status", "--porcelain")

    watched.predicted()

    assert (
        Prediction("mul", "refs/heads/main", ("theirs",)),
        Prediction("mul", "refs/heads/main", ("README.md",), is_uncommitted=True),
    ) == predictions.latest(watched.rundir)
    assert [
        "will conflict with main: theirs",
        "will conflict with what is not committed yet on main: README.md",
    ] == list(predictions_of(watched.state, TaskId("mul"), predictions.latest(watched.rundir)))
    assert before == watched.project.git("status", "--porcelain")


def test_ignored_files_are_left_out_of_predictions(watched: Watched):
    plan = replace(watched.state.plan, predict_ignore=("README.md",))
    watched.state = replace(watched.state, plan=plan)
    for name in ("mul", "div"):
        watched.write(name, f"{name}\n")
        watched.write(name, f"{name}\n", "calc.py" if name == "mul" else "other.py")
    watched.write("log", "log\n", "calc.py")

    assert {("mul", "log", ("calc.py",))} == watched.predicted()


def test_a_queued_task_counts_with_its_head_not_with_its_worktree(watched: Watched):
    watched.write("mul", "mul\n")
    watched.commit("mul")
    watched.end("mul")
    watched.write("mul", "An app.\n")
    watched.write("div", "div\n")

    assert {("div", "mul", ("README.md",))} == watched.predicted()


def test_a_retried_task_does_not_conflict_over_changes_in_its_base(watched: Watched):
    """`mul` has landed, `div` is in line with another version of that, and `log` starts from `mul`'s."""
    watched.write("div", "div\n")
    watched.commit("div")
    watched.end("div")
    watched.project.commit({"README.md": "mul\n", "theirs": "a\n"})
    watched.begin_again("log")
    assert set() == {one for one in watched.predicted() if "log" in one}

    watched.write("log", "log\n", "theirs")
    assert set() == {one for one in watched.predicted() if "log" in one}

    watched.write("log", "mul and more\n")
    assert {("log", "div", ("README.md",))} == {one for one in watched.predicted() if "log" in one}


def test_a_retried_task_conflicts_over_its_own_changes(watched: Watched):
    watched.project.commit({"theirs": "a\n"})
    watched.begin_again("log")
    watched.write("mul", "mul\n")
    watched.write("log", "log\n")

    assert {("mul", "log", ("README.md",))} == watched.predicted()


def test_predictions_are_events_only_for_plans_that_order_by_conflicts(watched: Watched):
    for name in NAMES:
        watched.write(name, f"{name}\n", "README.md" if name != "log" else "other")
        watched.project.git("add", "-A", cwd=watched.place(name))
        watched.commit(name)
        watched.end(name)
    watched.predicted()
    assert [] == watched.offered

    watched.state = replace(watched.state, plan=replace(watched.state.plan, order=Order.FEWEST_CONFLICTS))
    watched.write("mul", "x\n")
    watched.project.commit({"more": ""})
    watched.predicted()
    assert [e.ConflictsPredicted((("div", "mul"),))] == watched.offered

    watched.state = fold(watched.state, *watched.offered)
    watched.project.commit({"more": "more"})
    watched.predicted()
    assert 1 == len(watched.offered)
    assert ["log", "mul", "div"] == [entry.task for entry in in_order(watched.state)]


def test_a_task_that_would_conflict_with_a_running_one_starts_later(watched: Watched):
    ahead = replace(watched.state.plan.tasks[0], id=TaskId("ahead"), paths=("README.md",))
    free = replace(ahead, id=TaskId("free"), paths=("docs/**",))
    specs = {**watched.state.specs, ahead.id: ahead, free.id: free}
    tasks = {**watched.state.tasks, ahead.id: TaskState(), free.id: TaskState()}
    urgency = {**watched.state.urgency, ahead.id: 60.0, free.id: 60.0}
    watched.state = replace(watched.state, specs=specs, tasks=tasks, urgency=urgency)
    watched.write("mul", "mul\n")
    watched.predicted()
    assert [e.ConflictsPredicted((("ahead", "mul"),))] == watched.offered

    watched.state = fold(watched.state, *watched.offered)

    scheduled = settle(watched.state)[0]
    assert isinstance(scheduled, e.AttemptScheduled) and scheduled.attempt.task == "free"


def test_a_task_in_the_middle_of_a_merge_counts_with_its_last_known_work(watched: Watched):
    watched.write("mul", "mul\n")
    watched.write("div", "div\n")
    watched.predicted()
    directory = watched.project.git("rev-parse", "--absolute-git-dir", cwd=watched.place("mul"))
    (Path(directory) / "MERGE_HEAD").touch()

    assert {("mul", "div", ("README.md",))} == watched.predicted()


def test_a_missing_worktree_does_not_stop_predictions_for_the_others(watched: Watched):
    watched.place("log").rename(watched.place("log").with_name("away"))
    watched.write("mul", "mul\n")
    watched.write("div", "div\n")

    assert {("mul", "div", ("README.md",))} == watched.predicted()


def test_predictions_leave_no_objects_in_the_repository(watched: Watched):
    watched.write("mul", "mul\n")
    watched.write("div", "div\n")
    before = watched.project.git("count-objects", "-v")
    watched.predicted()

    assert before == watched.project.git("count-objects", "-v")


def test_ending_the_watch_ends_its_thread_and_deletes_its_objects(watched: Watched):
    watched.watch.begin()
    watched.predicted()
    watched.watch.end()

    assert not (watched.rundir.scratch / "predicted").exists()


def test_git_is_not_asked_while_nothing_changes(watched: Watched, monkeypatch):
    for name in NAMES:
        watched.end(name)
    watched.predicted()
    monkeypatch.setenv("PATH", "")

    assert set() == watched.predicted()


def test_a_damaged_predictions_file_counts_as_missing(watched: Watched):
    watched.rundir.predictions.write_bytes(b'{"predictions": [{"a"')

    assert () == predictions.latest(watched.rundir)


def test_paths_that_are_not_utf_8_survive_the_file(watched: Watched):
    odd = Prediction("mul", "div", ("caf\udce9",))
    predictions.write(watched.rundir, (odd,))

    assert (odd,) == predictions.latest(watched.rundir)
