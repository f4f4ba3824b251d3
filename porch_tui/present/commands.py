"""The table of commands: everything a person can ask for, on the command line, on the screen, or on both.

Parser, completion, key bar, help, palette, confirmations and answers read it. A
row whose `line` is one word is a command of `porch --help`; a row with an `id`
is a key of the screen. Plain text only: every start of porch imports this.
"""

from __future__ import annotations

from typing import NamedTuple


class Confirmation(NamedTuple):
    """What the screen asks first; `{task}`, `{tasks}`, `{count}` and `{target}` are filled in."""

    question: str
    consequence: str
    question_for_many: str = ""
    consequence_for_many: str = ""


class CommandSpec(NamedTuple):
    """One action a person can take."""

    line: str = ""
    """The words behind `porch`, without arguments; empty if only the screen has it."""
    summary: str = ""
    """What `porch --help` says."""
    id: str = ""
    """Names the key in a person's key file, so it stays; empty if only the command line has it."""
    keys: str = ""
    """As Textual writes them, with commas between."""
    label: str = ""
    """One word or two, for the key bar."""
    help: str = ""
    """A sentence without its full stop, for the help screen."""
    synonyms: str = ""
    """Other words by which the palette finds it."""
    sends: str = ""
    """The name of the type in `core.model.commands`."""
    confirmation: Confirmation | None = None
    done: str = ""
    """What was done, for after the command: `pause auth: frozen; …`."""
    began: str = ""
    """The same for several tasks: `Paused 2 tasks`."""
    refused: str = ""
    """For tasks it cannot be done to: `1 can't be paused now`."""
    is_on_key_bar: bool = True


COMMANDS = (
    # --- run a plan, and look at runs
    CommandSpec("demo", "create a small repository with a plan, and run it"),
    CommandSpec("plan", "write a plan for review: by an agent, from a list, or by parts of the repository"),
    CommandSpec("run", "check a plan, then run it"),
    CommandSpec("each", "run a check for each file, line or word, without a plan file"),
    CommandSpec(
        "resume", "start an engine on a run that has none, and continue it",
        id="run.resume", keys="R", label="resume", help="Start an engine, or retry what failed",
        synonyms="start engine continue go on retry failed",
    ),
    CommandSpec(
        "resume --allow-red-base", sends="AllowRedBase", done="changes that make nothing worse may land"
    ),
    CommandSpec("attach", "open the screen on a run"),
    CommandSpec("check", "analyze a plan: order, conflicts, expected speedup"),
    CommandSpec("status", "show the state of a run and what needs you"),
    CommandSpec("places", "show the places where a run's tasks run, and what runs there"),
    CommandSpec("wait", "wait until a run has ended, needs you, or has decided a task"),
    CommandSpec("logs", "print a task's output"),
    CommandSpec("enter", "step into the terminal of a task that has one; ctrl+] leaves"),
    CommandSpec("send", "type into the terminal of a task, or write to its open standard input"),
    CommandSpec("diff", "show what a task changes on the target"),
    CommandSpec(
        "report", "print the report of a run",
        id="screen.report", keys="o", label="report", help="Report: what has happened so far",
        synonyms="summary story result",
    ),
    CommandSpec("notify", "say from inside a task that it waits for you, works, or is done"),
    CommandSpec("runs", "list the runs of this repository"),
    # --- tasks
    CommandSpec(
        "add", "add tasks to a run",
        id="run.add", keys="I", label="add", help="Add a task to the run", is_on_key_bar=False,
        synonyms="new task more plan create",
        sends="AddTasks", done="added; starts when there is a slot",
    ),
    CommandSpec(
        "reload", "take over what has changed in the plan file, for tasks that have not begun",
        sends="ReloadPlan",
    ),
    CommandSpec(
        "pause", "freeze tasks; without TASK start no more of them and freeze validations",
        id="task.pause", keys="p", label="pause", help="Pause the task, or resume it",
        synonyms="freeze suspend resume continue",
        sends="PauseTask", done="frozen; clocks inside it continue", began="Paused", refused="paused",
    ),
    CommandSpec(
        "pause --all",
        id="run.pause_all", keys="P", label="pause all",
        help="Pause all that runs and start nothing more, or resume all",
        synonyms="pause freeze hold resume continue everything",
        sends="PauseRun", done="no more tasks start, validations are frozen",
    ),
    CommandSpec(
        "resume-tasks", "resume frozen tasks; without TASK the run",
        label="resume",
        sends="ResumeTask", done="continues", began="Resumed", refused="resumed",
    ),
    CommandSpec(
        "resume-tasks --all",
        label="resume all", sends="ResumeRun", done="tasks start again, validations continue",
    ),
    CommandSpec(
        "stop", "stop tasks, or cancel them before they start",
        id="task.stop", keys="x", label="stop", help="Stop the task, or cancel it before it starts",
        synonyms="cancel end terminate abort",
        sends="StopTask", done="stopping, or cancelled before its start", began="Stopping", refused="stopped",
        confirmation=Confirmation(
            "Stop {task}?",
            "Sends SIGTERM, then SIGKILL. Its worktree stays.",
            "Stop {count} tasks?",
            "{tasks}. Those that have not started will not start. Worktrees and branches stay.",
        ),
    ),
    CommandSpec(
        "stop --now",
        id="task.kill", keys="X", label="kill", help="Kill the task immediately", is_on_key_bar=False,
        synonyms="sigkill force end",
        sends="StopTask",
        confirmation=Confirmation(
            "Kill {task}?",
            "Its processes get no time to end on their own. Its worktree stays.",
            "Kill {count} tasks?",
            "{tasks}. Their processes get no time to end on their own.",
        ),
    ),
    CommandSpec("stop --all", sends="StopRun"),
    CommandSpec(
        "finish", "end interactive tasks that have done their work, and check and collect it",
        id="task.finish", keys="Z", label="finish", help="End the interactive task, and judge what it made",
        synonyms="done end interactive tty",
        sends="FinishTask", done="ends now; its checks follow", began="Finishing", refused="finished",
        confirmation=Confirmation(
            "Finish {task}?",
            "The program in its terminal is ended, or what it reads; then its checks run.",
            "Finish {count} tasks?",
            "{tasks}. The programs in their terminals are ended, or what they read; then their checks run.",
        ),
    ),
    CommandSpec(
        "elsewhere", "give up an attempt on a place that is out of reach, and run it elsewhere",
        id="task.elsewhere", keys="F", label="elsewhere",
        help="Run it elsewhere: its place is silent",
        synonyms="place host silent lost give up move",
        sends="RunElsewhere", done="given up there; runs again elsewhere",
        began="Gave up", refused="given up",
        confirmation=Confirmation(
            "Give up {task} where it runs, and run it elsewhere?",
            "What it still does there goes on until its lease is over, and is kept, but never merged.",
            "Give up {count} tasks where they run, and run them elsewhere?",
            "{tasks}. What they still do there is kept, but never merged.",
        ),
    ),
    CommandSpec(
        "retry", "retry tasks from the current tip of the target",
        id="task.retry", keys="r", label="retry", help="Retry from the current tip of the target",
        synonyms="rerun restart run again",
        sends="RetryTask", done="runs again, from the current tip", began="Retrying", refused="retried",
    ),
    CommandSpec(
        "retry --edit",
        id="task.reword", keys="E", label="edit", help="Edit its prompt, or its command, then retry it",
        synonyms="edit prompt command retry reword",
    ),
    CommandSpec(
        "approve", "let work that waits for your review join the merge queue",
        sends="ApproveTask", done="goes into the merge queue", began="Approved", refused="approved",
    ),
    CommandSpec(
        "choose", "decide a hypothesis: this theory wins, or none does",
        sends="ChooseTheory", done="decided",
        confirmation=Confirmation(
            "Does {task} win {hypothesis}?", "{landing} The other theories do not land; those that run stop."
        ),
    ),
    CommandSpec(
        "budget", "give tasks that have used up their budget more of it; without TASK the run",
        id="task.budget", keys="dollar_sign", label="budget",
        help="Give it as much again of a budget that is used up",
        synonyms="tokens money cost raise more", is_on_key_bar=False,
        sends="RaiseBudget", began="Raised the budget of", refused="raised",
        confirmation=Confirmation(
            "Give {task} as much again?", "{budget} more, and it continues.",
            "Give {count} tasks as much again?", "{tasks}. They continue.",
        ),
    ),
    # --- the merge queue
    CommandSpec(
        "requeue", "put entries that need attention back into the merge queue",
        id="task.requeue", keys="Q", label="requeue", help="Put it back into the merge queue",
        synonyms="enqueue put back queue",
        sends="RequeueEntry", done="back in the merge queue", began="Requeued", refused="requeued",
    ),
    CommandSpec(
        "withdraw", "take entries out of the merge queue; their branches stay",
        id="task.withdraw", keys="W", label="withdraw", help="Take it out of the merge queue",
        synonyms="dequeue remove drop queue",
        sends="WithdrawEntry", done="out of the merge queue; its branch stays",
        began="Withdrew", refused="withdrawn",
        confirmation=Confirmation(
            "Withdraw {task} from the merge queue?",
            "It will not land. Its branch stays.",
            "Withdraw {count} tasks from the merge queue?",
            "{tasks}. They will not land. Their branches stay.",
        ),
    ),
    CommandSpec(
        "hold", "keep entries from being merged until they are released",
        id="task.hold", keys="p", label="hold", help="Hold its merge, or release it",
        synonyms="keep back release",
        sends="HoldEntry", done="not merged until porch release {task}", began="Held", refused="held",
    ),
    CommandSpec(
        "release", "let held entries be merged",
        label="release", sends="ReleaseEntry", done="queued again", began="Released", refused="released",
    ),
    CommandSpec(
        "move", "have an entry merged earlier or later",
        sends="MoveEntry", began="Moved", refused="moved",
    ),
    CommandSpec(id="task.move_up", keys="K", label="up", help="Merge it one place earlier"),
    CommandSpec(id="task.move_down", keys="J", label="down", help="Merge it one place later"),
    # --- the run
    CommandSpec(
        "slots", "change how many tasks run at once; auto adapts to the machine", sends="SetSlots"
    ),
    CommandSpec("close", "end a run for good", sends="CloseRun", done="the run has ended for good"),
    CommandSpec(
        "validate", "validate a task's work, alone or on top of others'; nothing lands",
        id="task.validate", keys="V", label="validate", help="Find out whether it passes; nothing lands",
        synonyms="test check validation",
        sends="ValidateEntry", done="being validated; nothing lands", began="Validating", refused="validated",
    ),
    CommandSpec(
        "stop --validation",
        id="task.stop_validation", keys="C", label="stop testing",
        help="Cancel its validation, or the target's (no verdict)",
        synonyms="stop cancel test tests validation",
        sends="StopValidation", began="Cancelled the validation of", refused="found in a validation",
    ),
    CommandSpec(
        "stop --validation",
        sends="StopValidations",
        done="cancelled without a verdict, and the run is paused; porch resume-tasks starts them again",
    ),
    CommandSpec(
        "undo", "undo the last landing, or all down to a task's",
        id="task.undo", keys="U", label="undo", help="Undo its landing (asks first)",
        synonyms="revert take back landing",
        sends="UndoLanding", done="undone, its branch stays; porch requeue {task} lands it again",
        began="Undoing", refused="undone",
        confirmation=Confirmation("Undo the landing of {task}?", "{target} moves back. Its branch stays."),
    ),
    CommandSpec(
        "undo --revert",
        label="revert",
        sends="RevertLanding", done="a new task reverts it, through the merge queue like any work",
        began="Reverting", refused="reverted",
        confirmation=Confirmation(
            "Revert {task} with a new commit?", "The new commit goes through the merge queue like any work."
        ),
    ),
    # --- conflicts
    CommandSpec("conflicts", "list conflicts, and what each side changed"),
    CommandSpec(
        "resolve", "resolve a task's conflict, step by step",
        id="task.resolve", keys="c", label="resolve", help="Resolve the task's conflict",
        synonyms="conflict merge",
        sends="ResolveConflict", done="the resolution is being applied",
    ),
    CommandSpec("resolve --refuse", sends="RefuseProposal", done="the proposal is dropped"),
    # --- setting up, and cleaning up
    CommandSpec("init", "write a commented porch.yaml that fits this repository, or what an agent needs"),
    CommandSpec("clean", "remove worktrees and branches that hold no unlanded work"),
    CommandSpec("unshelve", "restore work that clean --shelve has set aside"),
    CommandSpec("cluster", "start a dask cluster on this machine to try things out, or make certificates"),
    CommandSpec("doctor", "check git, the disk and stale artifacts, and say what to do"),
    CommandSpec("settings", "list your own settings and where each came from; set one, or edit them"),
    CommandSpec("schema", "print the JSON Schema of plan files"),
    CommandSpec("completion", "print completions for a shell"),
    CommandSpec(
        "help", "explain a topic or a command",
        id="run.help", keys="question_mark", label="help", help="This list of keys",
        synonyms="keys shortcuts bindings",
    ),
    # --- only on the screen: other screens, programs of the person, the screen itself
    CommandSpec(
        id="screen.queue", keys="m", label="queue", help="The merge queue, full size", synonyms="merge queue"
    ),
    CommandSpec(
        id="screen.task", keys="i", label="task", help="All about the task under the cursor",
        synonyms="details info attempts inspect",
    ),
    CommandSpec(
        id="screen.timeline", keys="t", label="timeline", help="Timeline: what ran when",
        synonyms="gantt chart history when",
    ),
    CommandSpec(
        id="screen.rivals", keys="H", label="rivals", help="Rival theories: their numbers side by side",
        synonyms="hypotheses theories judge winner race compare", is_on_key_bar=False,
    ),
    CommandSpec(
        id="screen.places", keys="O", label="places", help="Places: their load, and what runs on each",
        synonyms="hosts machines cluster workers slots silent ssh on", is_on_key_bar=False,
    ),
    CommandSpec(
        id="screen.grid", keys="a", label="all", help="The logs of all, side by side",
        synonyms="grid logs tiles side by side",
    ),
    CommandSpec(
        id="task.diff", keys="d", label="diff", help="What it changes: look, comment, approve",
        synonyms="changes changed files git review approve comment",
    ),
    CommandSpec(
        id="task.editor", keys="e", label="editor", help="Edit a file it has changed", is_on_key_bar=False,
        synonyms="edit open file vim",
    ),
    CommandSpec(
        id="task.shell", keys="!", label="shell", help="Your shell in its worktree", is_on_key_bar=False,
        synonyms="terminal bash command line",
    ),
    CommandSpec(
        id="run.stream", keys="s", label="lines", help="Plain lines, and back", is_on_key_bar=False,
        synonyms="plain text lines log",
    ),
    CommandSpec(
        id="run.theme", keys="T", label="theme", help="Other colors", is_on_key_bar=False,
        synonyms="colours colors dark light",
    ),
    CommandSpec(
        id="run.mouse", keys="M", label="mouse", help="The mouse to the terminal, and back",
        synonyms="select text", is_on_key_bar=False,
    ),
    CommandSpec(
        id="run.redraw", keys="ctrl+l", label="redraw", help="Draw everything again", is_on_key_bar=False,
        synonyms="refresh repaint",
    ),
    CommandSpec(
        id="run.palette", keys="colon,ctrl+p", label="palette", help="Find an action by its name",
        is_on_key_bar=False,
    ),
    CommandSpec(
        id="run.quit", keys="ctrl+q", label="quit", help="Quit (asks first if tasks are running)",
        synonyms="exit leave close",
    ),
    CommandSpec(
        id="screen.close", keys="q,escape", label="back", help="Back to the board", synonyms="close leave"
    ),
    # --- only on the screen: the list of tasks and the log beside it
    CommandSpec(
        id="list.filter", keys="slash", label="filter", help="Filter by name, or by state:failed",
        synonyms="find search state",
    ),
    CommandSpec(
        id="list.sort", keys="S", help="Sort by state, name, cpu or time", is_on_key_bar=False,
        synonyms="order",
    ),
    CommandSpec(
        id="list.mark", keys="space", help="Mark it: actions apply to all marked tasks", synonyms="select",
        is_on_key_bar=False,
    ),
    CommandSpec(
        id="list.mark_all", keys="ctrl+a", help="Mark all that are listed; again: none", synonyms="select",
        is_on_key_bar=False,
    ),
    CommandSpec(
        id="list.invert", keys="percent_sign", help="Mark the others of those listed",
        synonyms="select invert marks", is_on_key_bar=False,
    ),
    CommandSpec(
        id="board.need", keys="n,ctrl+n", label="need",
        help="Go to the next task that needs you, or waits for you",
        synonyms="attention needs waits problem",
    ),
    CommandSpec(
        id="board.validation", keys="v", label="validation", help="The log of its validation, and back"
    ),
    CommandSpec(
        id="board.copy", keys="y", label="copy", help="Copy its name, path, command or last output",
        synonyms="clipboard yank",
    ),
    CommandSpec(
        id="board.layout", keys="L", help="Lists beside the log, or above it", synonyms="split side",
        is_on_key_bar=False,
    ),
    CommandSpec(
        id="board.zoom", keys="z,plus", label="zoom", help="Give the log the whole window, and back",
        synonyms="maximize fullscreen full screen",
    ),
    CommandSpec(
        id="board.follow", keys="f", label="follow", help="Follow the end of the log, or stop following",
        synonyms="tail", is_on_key_bar=False,
    ),
    CommandSpec(
        id="log.follow", keys="f", label="follow", help="Follow the end of the log, or stop following",
        synonyms="tail",
    ),
    CommandSpec(
        id="log.page", keys="o", label="pager", help="Open the log in the pager, with its colors",
        synonyms="pager less",
    ),
    CommandSpec(
        id="log.save", keys="Y", label="save", help="Write the whole log, without colors, to a file",
        synonyms="write export",
    ),
)  # fmt: skip
"""In the order of `porch --help`."""

CLI_COMMANDS = {spec.line: spec for spec in COMMANDS if spec.line and " " not in spec.line}
"""What `porch --help` lists, by name."""
BY_ID = {spec.id: spec for spec in COMMANDS if spec.id}
BY_TYPE = {spec.sends: spec for spec in reversed(COMMANDS) if spec.sends}
"""The first row for each type of `core.model.commands`, by its name."""


def spec_of(command: object) -> CommandSpec:
    """Return the row of a command that a run is asked for: a value of `core.model.commands`."""
    return BY_TYPE[type(command).__name__]
