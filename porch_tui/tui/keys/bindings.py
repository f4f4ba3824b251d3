"""Every key of the screen, by the place where it works.

What can be done has its keys, label and help in the table of commands, `present.commands`; here is what
it calls. Keys that only belong to one place, most of which move a cursor or a window, are written out.
People's own key files name the ids, so those stay.
"""

from __future__ import annotations

from textual.binding import Binding

from porch_tui.core.model.plan import shown
from porch_tui.present.commands import BY_ID
from porch_tui.present.own_commands import OwnCommand

PLACES = {
    "list": "list",
    "log": "log",
    "task": "the task under the cursor",
    "text": "text",
    "grid": "all side by side",
    "report": "report",
    "queue": "merge queue",
    "foreseen": "predicted conflicts",
    "timeline": "timeline",
    "rivals": "rival theories",
    "places": "places",
    "diff": "what it changes",
    "conflict": "the conflict",
    "choices": "ways out",
    "pane": "the lines",
    "editor": "editor",
    "own": "your own commands",
    "board": "screen",
    "screen": "other screens",
    "run": "run",
}
"""The first part of an id, and what people call the place where the key works."""


def command(id: str, action: str, *, keys: str = "", help: str = "") -> Binding:
    """Return the binding of a row of the table of commands."""
    spec = BY_ID[id]
    shown = spec.is_on_key_bar and bool(spec.label)
    return Binding(keys or spec.keys, action, spec.label, show=shown, id=id, tooltip=help or spec.help)


def key(keys: str, action: str, id: str, help: str, label: str = "") -> Binding:
    """Return the binding of a key that only one place has; without a label it is not on the key bar."""
    return Binding(keys, action, label, show=bool(label), id=id, tooltip=help)


EVERYWHERE = (
    command("task.pause", "command('pause')"),
    command("task.retry", "command('retry')"),
    command("task.stop", "command('stop')"),
    command("task.kill", "command('kill')"),
    command("task.requeue", "command('requeue')"),
    command("task.withdraw", "command('withdraw')"),
    command("task.stop_validation", "command('stop_validation')"),
    command("task.budget", "command('budget')"),
    command("task.elsewhere", "command('elsewhere')"),
    command("task.finish", "command('finish')"),
    command("run.pause_all", "command('pause_all')"),
    command("screen.queue", "open('queue')"),
    command("screen.task", "open('task')"),
    command("screen.timeline", "open('timeline')"),
    command("screen.rivals", "open('rivals')"),
    command("screen.places", "open('places')"),
    command("task.resolve", "open('conflict')"),
    command("screen.grid", "open('grid')"),
    command("screen.report", "open('report')"),
    command("run.resume", "resume"),
    command("run.palette", "command_palette"),
    command("run.help", "help"),
    # `q` alone quits on the board only; on every other screen it goes back
    command("run.quit", "leave"),
    Binding("ctrl+c", "explain_leaving", system=True),
    command("board.need", "next_need"),
    command("task.diff", "open('diff')"),
    command("task.editor", "away('editor')"),
    command("task.shell", "away('shell')"),
    command("task.reword", "away('reword')"),
    command("run.stream", "away('stream')"),
    command("run.theme", "change_theme"),
    command("run.mouse", "mouse"),
    command("run.redraw", "redraw"),
)
LIVE_SCREEN = (command("screen.close", "app.close"),)
COPY = (command("board.copy", "app.away('copy')"),)
BOARD = (
    *COPY,
    command("run.add", "app.add"),
    command("board.validation", "validation"),
    command("board.layout", "layout"),
    command("board.zoom", "zoom"),
    key("[", "attempt(-1)", "board.earlier", "Show the log of the previous attempt"),
    key("]", "attempt(1)", "board.later", "Show the log of the next attempt"),
    command("board.follow", "log('toggle_follow')"),
    key("ctrl+u,pageup", "log('scroll_half_pages', -1)", "board.log_up", "Scroll the log half a page up"),
    key(
        "ctrl+d,pagedown", "log('scroll_half_pages', 1)", "board.log_down", "Scroll the log half a page down"
    ),
    key("tab", "go_round(1)", "board.next_place", "Next place: list, log, queue"),
    key("shift+tab", "go_round(-1)", "board.previous_place", "Previous place"),
    key("1", "go_to(1)", "board.place_1", "Go to the list"),
    key("2", "go_to(2)", "board.place_2", "Go to the log; again: zoom"),
    key("3", "go_to(3)", "board.place_3", "Go to the merge queue; again: full size"),
    key("escape", "back", "board.back", "One step back: to the list"),
    command("run.quit", "app.leave", keys="q"),
)
BORDER = (
    key("(", "widen(-1)", "board.narrower", "Make the list narrower, and the log wider"),
    key(")", "widen(1)", "board.wider", "Make the list wider, and the log narrower"),
)
STEP_IN = "Step in: everything you do goes to the task, until you leave"
ANSWER = "Answer: write a line to the task's standard input"
TASK_ROWS = (
    key("j,down", "move(1)", "list.down", "Next task"),
    key("k,up", "move(-1)", "list.up", "Previous task"),
    key("home,g", "first", "list.first", "First task"),
    key("end,G", "last", "list.last", "Last task"),
    key("enter", "screen.step_in", "list.step_in", STEP_IN, "step in"),
    key("enter", "screen.answer", "list.answer", ANSWER, "answer"),
    key("enter,l", "screen.focus_log", "list.log", "Go into the log of the task", "log"),
)
TASK_LIST = (
    command("list.filter", "screen.filter"),
    command("list.sort", "screen.sort"),
    command("list.mark", "screen.mark"),
    command("list.mark_all", "screen.mark('all')"),
    command("list.invert", "screen.mark('others')"),
    key("right", "screen.fold(True)", "list.open", "Open the group under the cursor"),
    key("left,h", "screen.fold(False)", "list.close", "Close the group of the task under the cursor"),
)
QUEUE = (
    command("task.move_up", "app.command('move_up')"),
    command("task.move_down", "app.command('move_down')"),
    command("task.hold", "app.command('hold')"),
    command("task.undo", "app.command('undo')"),
    command("task.validate", "app.command('validate')"),
    key("ctrl+d,pagedown", "pages(1)", "queue.page_down", "Scroll the text a page down"),
    key("ctrl+u,pageup", "pages(-1)", "queue.page_up", "Scroll the text a page up"),
    key("q,escape,m", "back", "queue.back", "One step back: list, board", "back"),
)
QUEUE_LIST = (
    key("tab", "screen.predictions", "queue.foreseen", "Go to the predicted conflicts", "predicted"),
)
PREDICTIONS = (
    key("j,down", "go(1, 0)", "foreseen.down", "Next task"),
    key("k,up", "go(-1, 0)", "foreseen.up", "Previous task"),
    key("l,right", "go(0, 1)", "foreseen.right", "Next partner"),
    key("h,left", "go(0, -1)", "foreseen.left", "Previous partner"),
    key("tab,escape", "screen.list", "foreseen.back", "Back to the queue", "queue"),
)
GRID = (
    *COPY,
    key("z,plus", "zoom", "grid.zoom", "Give it the whole window, and back", "zoom"),
    key("enter", "step_in", "grid.step_in", STEP_IN, "step in"),
    key("enter", "answer", "grid.answer", ANSWER, "answer"),
    key("enter", "zoom", "grid.enter", "Give it the whole window, and back"),
    key("f", "follow", "grid.follow", "Follow the end of the log, or stop following", "follow"),
    key("h,left", "move(-1, 0)", "grid.left", "Pane on the left"),
    key("l,right", "move(1, 0)", "grid.right", "Pane on the right"),
    key("j,down", "move(0, 1)", "grid.down", "Pane below"),
    key("k,up", "move(0, -1)", "grid.up", "Pane above"),
    key("tab", "move(1, 0)", "grid.next", "Next pane"),
    key("shift+tab", "move(-1, 0)", "grid.previous", "Previous pane"),
    *(key(str(n), f"go({n})", f"grid.pane_{n}", f"Go to pane {n}; again: zoom") for n in range(1, 10)),
    key("ctrl+u,pageup", "log_pages(-1)", "grid.log_up", "Scroll the log half a page up"),
    key("ctrl+d,pagedown", "log_pages(1)", "grid.log_down", "Scroll it half a page down"),
    key("q,escape", "back", "grid.back", "One step back: all panes, the board", "back"),
)
TASK = (
    key("[", "neighbour(-1)", "text.task_before", "Previous task", "previous"),
    key("]", "neighbour(1)", "text.task_after", "Next task", "next"),
)
REPORT = (
    key("slash", "search", "report.search", "Search the report", "search"),
    key("n", "match(1)", "report.next", "Next match", "next"),
    key("N", "match(-1)", "report.previous", "Previous match"),
    key("}", "heading(1)", "report.section", "Next section", "section"),
    key("{", "heading(-1)", "report.section_before", "Previous section"),
    key("Y", "save", "report.save", "Write the report to a file", "save"),
)
TIMELINE = (
    key("j,down", "go_lanes(1)", "timeline.down", "Next row"),
    key("k,up", "go_lanes(-1)", "timeline.up", "Previous row"),
    key("l,right", "go_bars(1)", "timeline.right", "Next bar of the row", "next bar"),
    key("h,left", "go_bars(-1)", "timeline.left", "Previous bar of the row"),
    key("g,home", "go_lanes(-100000)", "timeline.first", "First row"),
    key("G,end", "go_lanes(100000)", "timeline.last", "Last row"),
    key("plus", "stretch(2)", "timeline.in", "Twice as wide", "zoom in"),
    key("minus", "stretch(0.5)", "timeline.out", "Half as wide", "zoom out"),
    key("0", "fit", "timeline.fit", "Show the whole run", "fit"),
    key("full_stop", "scroll_time(1)", "timeline.later", "Half a window later", "later"),
    key("comma", "scroll_time(-1)", "timeline.earlier", "Half a window earlier"),
)
RIVALS = (
    key("j,down", "go(1)", "rivals.down", "Next theory"),
    key("k,up", "go(-1)", "rivals.up", "Previous theory"),
    key("g,home", "go(-100000)", "rivals.first", "First theory"),
    key("G,end", "go(100000)", "rivals.last", "Last theory"),
    key("enter,l", "app.open('task')", "rivals.task", "All about the theory", "task"),
    key("*", "screen.choose", "rivals.choose", "Decide the hypothesis: this theory wins", "wins"),
)
PLACE_LIST = (
    key("j,down", "go(1)", "places.down", "Next place"),
    key("k,up", "go(-1)", "places.up", "Previous place"),
    key("g,home", "go(-1000000)", "places.first", "First place"),
    key("G,end", "go(1000000)", "places.last", "Last place"),
    key("ctrl+d,pagedown", "page(1)", "places.page_down", "A page down"),
    key("ctrl+u,pageup", "page(-1)", "places.page_up", "A page up"),
    key("space,l,right,h,left", "fold", "places.fold", "Open or close the cluster", "open"),
    key("enter", "app.open('task')", "places.task", "All about the first task there", "task"),
)
TEXT = (
    key("j,down", "scroll_lines(1)", "text.down", "A line down"),
    key("k,up", "scroll_lines(-1)", "text.up", "A line up"),
    key("space,ctrl+d,pagedown", "scroll_pages(1)", "text.page_down", "A page down"),
    key("b,ctrl+u,pageup", "scroll_pages(-1)", "text.page_up", "A page up"),
    key("g,home", "first_line", "text.first", "To the beginning"),
    key("G,end", "last_line", "text.last", "To the end"),
    key("l,right", "scroll_aside(1)", "text.right", "To the right"),
    key("h,left", "scroll_aside(-1)", "text.left", "To the left"),
)
DIFF = (
    key("A", "approve", "diff.approve", "Approve what is shown: it joins the merge queue", "approve"),
    key("B", "send_back", "diff.send_back", "Send it back with your comments", "send back"),
    key("enter", "comment", "diff.comment", "Comment on the line, or the file, under the cursor", "comment"),
    key("o", "page", "diff.page", "Show it in your pager", "pager"),
    key("f5", "reload", "diff.reload", "Read it again", "reload"),
)
DIFF_LINES = (
    key("]", "file(1)", "diff.next_file", "Go to the next file", "next file"),
    key("[", "file(-1)", "diff.previous_file", "Go to the previous file"),
    key("right_curly_bracket", "hunk(1)", "diff.next", "Go to the next hunk", "next"),
    key("left_curly_bracket", "hunk(-1)", "diff.previous", "Go to the previous hunk"),
    key("j,down", "move(1)", "diff.down", "A line down"),
    key("k,up", "move(-1)", "diff.up", "A line up"),
    key("space,ctrl+d,pagedown", "pages(1)", "diff.page_down", "A page down"),
    key("b,ctrl+u,pageup", "pages(-1)", "diff.page_up", "A page up"),
    key("g,home", "move(-1000000)", "diff.first", "To the beginning"),
    key("G,end", "move(1000000)", "diff.last", "To the end"),
    key("l,right", "aside(1)", "diff.right", "To the right"),
    key("h,left", "aside(-1)", "diff.left", "To the left"),
)
HELP = (
    key("escape,q,question_mark", "back", "help.back", "One step back", "back"),
    key("enter", "run", "help.obey", "Close the help, and run the chosen key", "run"),
    key("slash", "search", "help.search", "Search the keys", "search"),
    key("j,down", "move(1)", "help.down", "Next key", "down"),
    key("k,up", "move(-1)", "help.up", "Previous key", "up"),
    key("space,ctrl+d,pagedown", "pages(1)", "help.page_down", "A page down", "on"),
    key("b,ctrl+u,pageup", "pages(-1)", "help.page_up", "A page up", "back"),
    key("home,g", "move(-1000)", "help.first", "First key", "first"),
    key("end,G", "move(1000)", "help.last", "Last key", "last"),
)
QUESTION = (key("escape,q", "dismiss", "question.back", "Leave everything as it is", "back"),)
PROMPT = (key("escape", "give_up", "prompt.give_up", "Cancel; everything stays as it was"),)
LOG = (
    key("enter", "screen.step_in", "log.step_in", STEP_IN, "step in"),
    key("enter", "screen.answer", "log.answer", ANSWER, "answer"),
    key("enter", "open_link", "log.open", "Open the file that the line names, or copy its address", "open"),
    key("escape", "do('step_back')", "log.back", "One step back: marks, search, filter", "back"),
    key("y", "copy_marked", "log.yank", "Copy the marked lines", "copy"),
    key("n", "do('next_match', 1)", "log.next", "Go to the next match", "next"),
    key("N", "do('next_match', -1)", "log.previous", "Go to the previous match", "previous"),
    key("slash", "search", "log.search", "Search; ctrl+r searches for a regular expression", "search"),
    key("ampersand", "filter", "log.filter", "Show only matching lines", "only"),
    key("right_curly_bracket", "do('next_error', 1)", "log.next_error", "Go to the next error line", "error"),
    key(
        "left_curly_bracket",
        "do('next_error', -1)",
        "log.previous_error",
        "Go to the previous error line",
        "previous",
    ),
    command("log.follow", "do('toggle_follow')"),
    key("w", "do('toggle_wrap')", "log.wrap", "Break long lines, or cut them at the edge", "wrap"),
    key(
        "t", "do('next_times')", "log.times", "Show when lines were written: not, since start, clock", "times"
    ),
    key("'", "do('toggle_raw')", "log.raw", "Show what an agent prints as it is (JSON), or readable", "raw"),
    key("v", "do('toggle_marks')", "log.mark", "Mark lines: move to mark more, y copies them", "mark"),
    command("log.save", "save"),
    command("log.page", "page"),
    key("k,up", "go('scroll', -1)", "log.line_up", "A line up"),
    key("j,down", "go('scroll', 1)", "log.line_down", "A line down"),
    key("ctrl+u", "go('scroll_half_pages', -1)", "log.half_page_up", "Half a page up"),
    key("ctrl+d", "go('scroll_half_pages', 1)", "log.half_page_down", "Half a page down"),
    key("b,pageup", "go('scroll_half_pages', -2)", "log.page_up", "A page up"),
    key("space,pagedown", "go('scroll_half_pages', 2)", "log.page_down", "A page down"),
    key("g,home", "go('first_line')", "log.first_line", "Go to the first line"),
    key("G,end", "go('last_line')", "log.last_line", "Go to the last line and follow the end"),
    key("h,left", "go('scroll_side', -1)", "log.left", "To the left"),
    key("l,right", "go('scroll_side', 1)", "log.right", "To the right"),
    key("0", "go('scroll_side', -100000)", "log.line_start", "To the start of the lines"),
)
"""`do` and `go` call a method of `LogModel`."""
SEARCH_PROMPT = (
    key("ctrl+r", "toggle_regex", "prompt.regex", "Search for a regular expression, or for words", "regex"),
)
CONFLICT = (
    key("less_than_sign", "do('take', 'main')", "conflict.main", "Take the target's side", "main"),
    key("greater_than_sign", "do('take', 'task')", "conflict.task", "Take the task's side", "task"),
    key("equals_sign", "do('take', 'both')", "conflict.both", "Take both sides, the target's first", "both"),
    key(
        "~",
        "do('take', 'both-reversed')",
        "conflict.reversed",
        "Take both sides, the task's first",
        "reversed",
    ),
    key(
        "vertical_line",
        "do('take', 'base')",
        "conflict.base",
        "Take the base: the text before both sides",
        "base",
    ),
    key("_", "do('take', 'none')", "conflict.none", "Drop both sides", "neither"),
    key("#", "do('whole')", "conflict.whole", "Choose one side for the whole file", "whole file"),
    key('"', "do('offer')", "conflict.offer", "Show what is remembered or proposed; take it", "take it"),
    key("D", "do('refuse')", "conflict.refuse", "Refuse the proposals for this conflict", "refuse"),
    key("e", "edit('hunk')", "conflict.edit", "Edit this hunk here", "edit"),
    key("ctrl+e", "edit('file')", "conflict.editor", "Edit the whole file in your own editor", "$EDITOR"),
    key("ctrl+t", "edit('tool')", "conflict.tool", "Open the file in your git mergetool", "mergetool"),
    key("u", "do('undo')", "conflict.undo", "Undo the last choice, without limit", "undo"),
    key("ctrl+r", "do('redo')", "conflict.redo", "Redo the choice undone last", "redo"),
    key("ctrl+k", "do('reset')", "conflict.reset", "Forget the choices in this file", "reset file"),
    key("ctrl+x", "do('abort')", "conflict.abort", "Forget all choices", "forget all"),
    key("o", "edit('preview')", "conflict.preview", "Page through what would land", "preview"),
    key("c", "do('complete')", "conflict.complete", "Send the result to the merge queue", "complete"),
    key("n", "go('moved', 1)", "conflict.next", "Go to the next hunk left to choose", "next"),
    key("N", "go('moved', -1)", "conflict.previous", "Go to the previous hunk left to choose", "previous"),
    key("right", "go('stepped', 1)", "conflict.right", "Go to the next hunk, chosen or not", "next hunk"),
    key(
        "left",
        "go('stepped', -1)",
        "conflict.left",
        "Go to the previous hunk, chosen or not",
        "previous hunk",
    ),
    key("]", "go('in_next_file', 1)", "conflict.next_file", "Go to the next file", "next file"),
    key("[", "go('in_next_file', -1)", "conflict.previous_file", "Go to the previous file", "previous file"),
    key("v", "base", "conflict.show_base", "Show or hide the base", "base"),
    key(
        "t", "do('show_as', 'PLAIN')", "conflict.plain", "Show the sides as plain text, or as diffs", "plain"
    ),
    key(
        "w",
        "do('show_as', 'NO_WHITESPACE')",
        "conflict.whitespace",
        "Ignore whitespace in the diffs, or not",
        "whitespace",
    ),
    key(
        "l",
        "do('show_as', 'HISTORY')",
        "conflict.history",
        "Show the commits that touched this file",
        "history",
    ),
    key("tab,shift+tab", "place", "conflict.place", "Scroll the other part with j and k", "result"),
    key("q,escape,ctrl+q", "leave", "conflict.leave", "Back to the board; all choices are kept", "back"),
)
"""`do` calls a method of `ConflictController`, `edit` one of `ManualEditing`, `go` one of `Viewpoint`."""
CONFLICT_LINES = (
    key("j,down", "scroll_lines(1)", "pane.down", "A line down"),
    key("k,up", "scroll_lines(-1)", "pane.up", "A line up"),
    key("space,ctrl+d,pagedown", "scroll_pages(1)", "pane.page_down", "A page down"),
    key("b,ctrl+u,pageup", "scroll_pages(-1)", "pane.page_up", "A page up"),
    key("L,shift+right", "scroll_sideways(1)", "pane.right", "To the right", "right"),
    key("H,shift+left", "scroll_sideways(-1)", "pane.left", "To the left"),
)
OWN_COMMAND = (key("x", "stop", "own.stop", "Ask the command to end; again: end it", "stop"),)
PATH_CHOICES = (
    key("j,down", "move(1)", "choices.down", "Next choice"),
    key("k,up", "move(-1)", "choices.up", "Previous choice"),
    key("enter,space", "pick", "choices.pick", "Take it; so does its number", "take"),
)
HUNK_EDITOR = (
    key("ctrl+s,ctrl+o", "save", "editor.accept", "Take the edited text", "save"),
    key("escape,ctrl+q", "cancel", "editor.give_up", "Close the editor", "cancel"),
)
GROUPS = (
    EVERYWHERE, LIVE_SCREEN, BOARD, BORDER, TASK_LIST, TASK_ROWS, QUEUE, QUEUE_LIST, PREDICTIONS,
    GRID, TASK, REPORT, TIMELINE, RIVALS, PLACE_LIST, TEXT, LOG, SEARCH_PROMPT, HELP, QUESTION, PROMPT,
    DIFF, DIFF_LINES, CONFLICT, CONFLICT_LINES, PATH_CHOICES, HUNK_EDITOR, OWN_COMMAND,
)  # fmt: skip
"""Each is of one place, in which no other key of a group can have the same name."""
ALL = tuple(one for group in GROUPS for one in group)


def of_own_command(number: int, own: OwnCommand) -> Binding:
    """Return the binding of a person's own command, the `number`th of their settings from 0."""
    help = f"{own.label}: {shown(own.run)}"
    return Binding(own.key, f"app.away('own.{number}')", own.label, id=f"own.{number}", tooltip=help)


def label_of(id: str) -> str:
    """Return the word for what a key does, as the key bar has it. KeyError if no key has this id."""
    return {one.id: one.description for one in ALL}[id]


def known_ids() -> frozenset[str]:
    """Return the id of every key."""
    return frozenset(one.id for one in ALL if one.id is not None)
