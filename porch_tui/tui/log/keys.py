"""The keys of a log: `do` and `go` call a method of `LogModel`, the others one of `LogPane`."""

from __future__ import annotations

from textual.binding import BindingType

from porch_tui.tui.keys.bindings import key
from porch_tui.tui.log.model import SIDE_CELLS
from porch_tui.tui.terminal.ansi import MAX_CELLS

KEYS: list[BindingType] = [
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
    key("f", "do('toggle_follow')", "log.follow", "Follow the end of the log, or stop following", "follow"),
    key("w", "do('toggle_wrap')", "log.wrap", "Break long lines, or cut them at the edge", "wrap"),
    key(
        "t", "do('next_times')", "log.times", "Show when lines were written: not, since start, clock", "times"
    ),
    key("v", "do('toggle_marks')", "log.mark", "Mark lines: move to mark more, y copies them", "mark"),
    key("Y", "save", "log.save", "Write the whole log, without colors, into a file", "save"),
    key("o", "page", "log.page", "Open the log in the pager, with its colors", "pager"),
    key("k,up", "go('scroll', -1)", "log.line_up", "A line up"),
    key("j,down", "go('scroll', 1)", "log.line_down", "A line down"),
    key("ctrl+u", "go('scroll_half_pages', -1)", "log.half_page_up", "Half a page up"),
    key("ctrl+d", "go('scroll_half_pages', 1)", "log.half_page_down", "Half a page down"),
    key("b,pageup", "go('scroll_half_pages', -2)", "log.page_up", "A page up"),
    key("space,pagedown", "go('scroll_half_pages', 2)", "log.page_down", "A page down"),
    key("g,home", "go('first_line')", "log.first_line", "Go to the first line"),
    key("G,end", "go('last_line')", "log.last_line", "Go to the last line and follow the end"),
    key("h,left", f"go('scroll_side', -{SIDE_CELLS})", "log.left", "To the left"),
    key("l,right", f"go('scroll_side', {SIDE_CELLS})", "log.right", "To the right"),
    key("0", f"go('scroll_side', -{MAX_CELLS})", "log.line_start", "To the start of the lines"),
]
