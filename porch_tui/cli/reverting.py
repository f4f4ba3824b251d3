"""porch undo TASK --revert: a landing is taken back by a task of its own, which goes through the queue."""

from __future__ import annotations

from porch_tui.cli.steering import Answer, How, give, tell_all
from porch_tui.core.analysis.graph import dependents
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.core.rules.decide import decide
from porch_tui.errors import PlanError
from porch_tui.executors.checkout import worktree_of
from porch_tui.git.repository import Repository
from porch_tui.git.worktree.layout import check_layout
from porch_tui.journal import inbox
from porch_tui.session.session import Session


def revert(session: Session, repository: Repository, task: TaskId | None, is_json: bool) -> int:
    """Have the task's landing taken back by a new commit, and tell who does it.

    What stands in the way of its worktree or branch refuses it before anything is begun.
    """
    if task is None:
        raise PlanError("--revert takes one landing back: name its task, porch undo TASK --revert")
    command = c.RevertLanding(inbox.new_command_id(), task)
    for event in decide(session.anticipated(), command):
        if isinstance(event, e.TaskAdded):
            _check_places(session.state, repository, event.spec)
    (answer,) = give(session, [command])
    return tell_all(session, [_told(session, answer, task)], is_json)


def _check_places(state: RunState, repository: Repository, spec: TaskSpec) -> None:
    place = worktree_of(repository, state, spec.id)
    branch = state.plan.branch_of(spec.id, state.run)
    check_layout(repository, {spec.id: place}, {spec.id: branch}, spec.reverts or state.target.tip)


def _told(session: Session, answer: Answer, task: TaskId) -> Answer:
    """Return the answer with the task that was added, and with what has landed upon what goes."""
    if answer.how not in (How.DONE, How.WAITING):
        return answer
    text, record = answer.text, session.answer(answer.command)
    if record is not None and isinstance(record.event, e.TaskAdded):
        text = f"{record.event.spec.id} takes it back, and goes through the queue like any task"
    behind = [one for one in dependents(session.state.plan, task) if one in session.state.target.landed]
    also = f"; landed, and came after it: {listed(behind)}" if behind else ""
    return replace(answer, text=f"{text}{also}")
