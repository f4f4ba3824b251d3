"""The keys that work on every screen of a run: verbs of the task, other screens, and the program itself.

Their ids are what a person's own key file names, so they keep.
"""

from __future__ import annotations

from textual.binding import Binding

EVERYWHERE = (
    Binding("p", "verb('pause')", "pause", id="task.pause", tooltip="Pause the task, or let it go on"),
    Binding(
        "r",
        "verb('retry')",
        "retry",
        id="task.retry",
        tooltip="Retry it from the tip of the target",
    ),
    Binding("x", "verb('stop')", "stop", id="task.stop", tooltip="Stop the task, or take it out"),
    Binding("X", "verb('kill')", "kill", show=False, id="task.kill", tooltip="Kill the task immediately"),
    Binding("u", "verb('requeue')", "requeue", id="task.requeue", tooltip="Put it back into the queue"),
    Binding("w", "verb('withdraw')", "withdraw", id="task.withdraw", tooltip="Take it out of the queue"),
    Binding(
        "C",
        "verb('stop_validation')",
        "stop validation",
        id="task.stop_validation",
        tooltip="Cancel its validation, or the target's (no verdict)",
    ),
    Binding(
        "P",
        "verb('pause_all')",
        "pause all",
        id="run.pause_all",
        tooltip="Pause all that runs and start nothing more, or resume all",
    ),
    Binding("m", "open('queue')", "queue", id="screen.queue", tooltip="The merge queue, full size"),
    Binding("i", "open('task')", "task", id="screen.task", tooltip="All about the task under the cursor"),
    Binding("t", "open('timeline')", "timeline", id="screen.timeline", tooltip="Timeline: what ran when"),
    Binding("c", "open('conflict')", "resolve", id="task.resolve", tooltip="Resolve the task's conflict"),
    Binding("a", "open('grid')", "all", id="screen.grid", tooltip="The logs of all, side by side"),
    Binding("o", "open('report')", "report", id="screen.report", tooltip="Report: what has happened so far"),
    Binding("R", "resume", "resume", id="run.resume", tooltip="Start an engine, or retry what failed"),
    Binding("colon,ctrl+p", "command_palette", id="run.palette", tooltip="Find an action by its name"),
    Binding("question_mark", "help", "help", id="run.help", tooltip="This list of keys"),
    # `q` alone quits on the board only; on every other screen it goes back
    Binding("ctrl+q", "leave", "quit", id="run.quit", tooltip="Quit; asks first if anything runs"),
    Binding("ctrl+c", "explain_leaving", system=True),
    Binding(
        "d", "away('diff')", "diff", show=False, id="task.diff", tooltip="What it has changed, in the pager"
    ),
    Binding(
        "e",
        "away('editor')",
        "editor",
        show=False,
        id="task.editor",
        tooltip="Edit a file it has changed",
    ),
    Binding("!", "away('shell')", "shell", show=False, id="task.shell", tooltip="Your shell in its worktree"),
    Binding("s", "away('stream')", "lines", show=False, id="run.stream", tooltip="Plain lines, and back"),
    Binding("T", "change_theme", "theme", show=False, id="run.theme", tooltip="Other colours"),
    Binding("M", "mouse", "mouse", show=False, id="run.mouse", tooltip="The mouse to the terminal, and back"),
    Binding("ctrl+l", "redraw", "redraw", show=False, id="run.redraw", tooltip="Draw everything anew"),
)
