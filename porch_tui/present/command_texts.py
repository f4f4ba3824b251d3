"""What became of a command, in a sentence: done, or refused. The words are those of the table of commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from porch_tui.core.model import commands as c
from porch_tui.core.model.commands import spelled
from porch_tui.core.model.plan import shown
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus
from porch_tui.core.model.wording import counted, listed
from porch_tui.core.rules.feedback import SENT_BACK
from porch_tui.core.scheduling.budgets import budget_of, exhausted
from porch_tui.core.tasks.delegated_work import is_not_paused, may_continue
from porch_tui.present.amounts import short
from porch_tui.present.budget_text import budget_reason, budget_words
from porch_tui.present.commands import spec_of


def done_text(command: c.AnyCommand, state: RunState) -> str:
    """Return what was done, for after the name of the command; `state` is that after it, or later."""
    done = spec_of(command).done.format(task=getattr(command, "task", ""))
    match command:
        case c.PauseRun():
            has_fence = any(spec.wrap is not None and spec.wrap.hold for spec in state.specs.values())
            frozen = "are paused, behind fences too if that works" if has_fence else "are frozen"
            return f"{done}; running tasks {frozen if command.with_tasks else 'continue'}"
        case c.ResumeRun() if command.with_tasks:
            return f"{done}, frozen tasks continue"
        case c.PauseTask() if (wrap := state.specs[command.task].wrap) is not None and wrap.hold:
            return f"paused; its fence is asked to freeze what is behind it ({shown(wrap.hold[:2])})"
        case c.PauseTask():
            also = is_not_paused(state.specs[command.task])
            return f"{done}; {also}" if also else done
        case c.FinishTask() if state.specs[command.task].open_stdin is not None:
            return "its input ends; it goes on as it does then"
        case c.StopTask():
            also = may_continue(state.specs[command.task])
            return f"{done}; {also}" if also else done
        case c.StopRun() if not state.active:
            return "nothing is running any more; porch resume continues"
        case c.StopRun():
            how = "finished" if command.ending is c.Ending.FINISH else "stopped"
            ends = f"the engine ends once those that run have {how}"
            return f"no more tasks start, and {ends}; porch resume continues"
        case c.SetSlots():
            return (
                "as many as the machine has room for" if command.slots is None else f"{command.slots} at once"
            )
        case c.StopValidation():
            entry = state.entries.get(command.task)
            if entry is not None and entry.status is EntryStatus.VALIDATION_STOPPED:
                return f"cancelled without a verdict; porch requeue {command.task} queues it again"
            return f"cancelled without a verdict; porch validate {command.task} starts it again"
        case c.RaiseBudget():
            return f"{budget_words(budget_of(state, command.task))} from now on"
        case c.RetryTask() if exhausted(state, command.task):
            return f"{budget_reason(state, command.task)}; porch budget {command.task} raises it"
        case c.ReloadPlan():
            took = [f"took over {listed([spec.id for spec in command.changed])}"] if command.changed else []
            new = [f"added {listed([spec.id for spec in command.added])}"] if command.added else []
            return "; ".join([*took, *new])
        case c.RetryTask():
            is_sent_back = _is_sent_back(command, state)
            is_kept = command.keep_worktree or (is_sent_back and command.say)
            how = "continues in its worktree" if is_kept else done
            how = f"{how}, with what you have written" if command.command else how
            return f"{how}; its agent gets no reason" if is_sent_back and not command.say else how
        case c.ChooseTheory() if command.theory is not None:
            return f"{command.hypothesis} {done}: {command.theory} has won"
        case c.ChooseTheory():
            return f"{command.hypothesis} {done}: no theory wins"
        case c.ApproveTask():
            return f"{short(command.head)} {done}"
        case c.RequeueEntry() if command.task not in state.entries:
            return "the work it left is collected now, without running it again"
        case c.MoveEntry():
            where = {
                c.Spot.FIRST: "first",
                c.Spot.LAST: "after all others that are queued now",
                c.Spot.BEFORE: f"before {command.other}",
            }
            return f"is merged {where[command.to]}"
        case _:
            return done


def _is_sent_back(command: c.RetryTask, state: RunState) -> bool:
    """Say whether a retry, which `state` has seen, has sent back what waited for a review."""
    task = state.tasks[command.task]
    known = task.attempt.feedback if task.attempt is not None and task.is_active else task.feedback
    return bool(state.specs[command.task].prompt) and known.why == SENT_BACK


def refused_text(command: c.AnyCommand, why: str) -> str:
    """Return that a command was refused: `Can't retry auth: it is running`."""
    task = getattr(command, "task", None)
    if task is not None and why.startswith(f"{task} "):
        why = f"it {why.removeprefix(f'{task} ')}"
    return f"Can't {_action(command)}: {_SHORT.get(why, why)}"


_SHORT = {
    "it has finished": "already finished",
    "it has failed": "already ended",
    "it was cancelled": "already ended",
    "it has not started yet": "not started yet",
}


def _action(command: c.AnyCommand) -> str:
    match command:
        case c.PauseRun() | c.ResumeRun():
            return spec_of(command).label
        case c.ResumeTask() | c.RevertLanding():
            return f"{spec_of(command).label} {command.task}"
        case c.StopValidation():
            return f"cancel the validation of {command.task}"
        case c.StopValidations():
            return "cancel the validations"
        case c.RunElsewhere():
            return f"run {command.task} elsewhere"
        case _:
            return spelled(command)


def text_for_several(done: Sequence[c.AnyCommand], refused: Sequence[c.AnyCommand]) -> str:
    """Return what became of commands for several tasks: `Paused 1 task; 1 can't be paused now`."""
    began = Counter(spec_of(command).began or "Asked for" for command in done)
    left = Counter(spec_of(command).refused or "done" for command in refused)
    if not began:
        return "; ".join(f"None of the {count} tasks can be {how} now" for how, count in left.items())
    texts = [f"{what} {counted(count, 'task')}" for what, count in began.items()]
    return "; ".join([*texts, *(f"{count} can't be {how} now" for how, count in left.items())])
