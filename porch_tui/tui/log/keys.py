"""The keys of a log: `do` and `go` call a method of `LogModel`, the others one of `LogPane`."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from porch_tui.tui.log.model import SIDE_CELLS
from porch_tui.tui.terminal.ansi import MAX_CELLS


def _key(keys: str, action: str, id: str, tooltip: str, label: str = "") -> Binding:
    return Binding(keys, action, label, show=bool(label), id=f"log.{id}", tooltip=tooltip)


KEYS: list[BindingType] = [
    _key("escape", "do('step_back')", "back", "One step back: marks, search, filter", "back"),
    _key("y", "copy_marked", "yank", "Copy the marked lines", "copy"),
    _key("n", "do('next_match', 1)", "next", "Go to the next line that has it", "next"),
    _key("N", "do('next_match', -1)", "previous", "Go to the line before that has it", "previous"),
    _key("slash", "search", "search", "Search; ctrl+r takes it for a regular expression", "search"),
    _key("ampersand", "filter", "filter", "Show only the lines that have something", "only"),
    _key("right_curly_bracket", "do('next_error', 1)", "next_error", "Go to the next error line", "error"),
    _key(
        "left_curly_bracket",
        "do('next_error', -1)",
        "previous_error",
        "Go to the error line before",
        "before",
    ),
    _key("f", "do('toggle_follow')", "follow", "Follow the end of the log, or stand still", "follow"),
    _key("w", "do('toggle_wrap')", "wrap", "Break long lines, or cut them at the edge", "wrap"),
    _key(
        "t", "do('next_times')", "times", "When each line was written: not told, since start, clock", "times"
    ),
    _key("v", "do('toggle_marks')", "mark", "Mark lines: move to mark more, y copies them", "mark"),
    _key("Y", "save", "save", "Write the whole log, without colours, into a file", "save"),
    _key("o", "page", "page", "Open the log as it is in the pager", "pager"),
    _key("k,up", "go('scroll', -1)", "line_up", "A line up"),
    _key("j,down", "go('scroll', 1)", "line_down", "A line down"),
    _key("ctrl+u", "go('scroll_half_pages', -1)", "half_page_up", "Half a page up"),
    _key("ctrl+d", "go('scroll_half_pages', 1)", "half_page_down", "Half a page down"),
    _key("b,pageup", "go('scroll_half_pages', -2)", "page_up", "A page up"),
    _key("space,pagedown", "go('scroll_half_pages', 2)", "page_down", "A page down"),
    _key("g,home", "go('first_line')", "first_line", "Go to the first line"),
    _key("G,end", "go('last_line')", "last_line", "Go to the last line, and follow what comes"),
    _key("h,left", f"go('scroll_side', -{SIDE_CELLS})", "left", "To the left"),
    _key("l,right", f"go('scroll_side', {SIDE_CELLS})", "right", "To the right"),
    _key("0", f"go('scroll_side', -{MAX_CELLS})", "line_start", "To the start of the lines"),
]
