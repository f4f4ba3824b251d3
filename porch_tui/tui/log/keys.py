"""The keys of a log."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from porch_tui.tui.log.view import SIDE_CELLS
from porch_tui.tui.terminal.ansi import MAX_CELLS


def _key(keys: str, action: str, id: str, tooltip: str, label: str = "") -> Binding:
    return Binding(keys, action, label, show=bool(label), id=f"log.{id}", tooltip=tooltip)


KEYS: list[BindingType] = [
    _key("escape", "step_back", "back", "One step back: marks, search, filter", "back"),
    _key("y", "yank", "yank", "Copy the marked lines", "copy"),
    _key("n", "next_match(1)", "next", "Go to the next line that has it", "next"),
    _key("N", "next_match(-1)", "previous", "Go to the line before that has it", "previous"),
    _key("slash", "search", "search", "Search; ctrl+r takes it for a regular expression", "search"),
    _key("ampersand", "filter", "filter", "Show only the lines that have something", "only"),
    _key("right_curly_bracket", "next_error(1)", "next_error", "Go to the next error line", "error"),
    _key("left_curly_bracket", "next_error(-1)", "previous_error", "Go to the error line before", "before"),
    _key("f", "toggle_follow", "follow", "Follow the end of the log, or stand still", "follow"),
    _key("w", "toggle_wrap", "wrap", "Break long lines, or cut them at the edge", "wrap"),
    _key("t", "next_times", "times", "When each line was written: not told, since start, clock", "times"),
    _key("v", "mark", "mark", "Mark lines: move to mark more, y copies them", "mark"),
    _key("Y", "save", "save", "Write the whole log, without colours, into a file", "save"),
    _key("o", "page", "page", "Open the log as it is in the pager", "pager"),
    _key("k,up", "scroll_lines(-1)", "line_up", "A line up"),
    _key("j,down", "scroll_lines(1)", "line_down", "A line down"),
    _key("ctrl+u", "scroll_half_pages(-1)", "half_page_up", "Half a page up"),
    _key("ctrl+d", "scroll_half_pages(1)", "half_page_down", "Half a page down"),
    _key("b,pageup", "scroll_half_pages(-2)", "page_up", "A page up"),
    _key("space,pagedown", "scroll_half_pages(2)", "page_down", "A page down"),
    _key("g,home", "first_line", "first_line", "Go to the first line"),
    _key("G,end", "last_line", "last_line", "Go to the last line, and follow what comes"),
    _key("h,left", f"scroll_side(-{SIDE_CELLS})", "left", "To the left"),
    _key("l,right", f"scroll_side({SIDE_CELLS})", "right", "To the right"),
    _key("0", f"scroll_side(-{MAX_CELLS})", "line_start", "To the start of the lines"),
]
