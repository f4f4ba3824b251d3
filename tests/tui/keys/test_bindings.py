"""The keys people were promised: each is bound, under its id, in the place where it is looked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from inspect import signature
from pathlib import Path
from pkgutil import walk_packages

import pytest
from textual import actions
from textual.binding import Binding
from textual.dom import DOMNode
from textual.pilot import Pilot

import porch_tui.tui
from porch_tui.present.signs import Charset
from porch_tui.tui.app.app import PorchApp
from porch_tui.tui.conflict.controller import ConflictController
from porch_tui.tui.conflict.editing import ManualEditing
from porch_tui.tui.conflict.viewpoint import Viewpoint
from porch_tui.tui.keys.active_keys import active_keys, readable
from porch_tui.tui.keys.bindings import ALL
from porch_tui.tui.log.model import LogModel
from porch_tui.tui.terminal.options import Leaving
from tests.tui.board_harness import Screened, on_board
from tests.tui.crowds import crowded
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import busy

EVERYWHERE = """
?           run.help
: ctrl+p    run.palette
ctrl+q      run.quit
s           run.stream
P           run.pause_all
ctrl+l      run.redraw
M           run.mouse
T           run.theme
"""
ON_THE_BOARD = f"""{EVERYWHERE}
q           run.quit
tab         board.next_place
shift+tab   board.previous_place
1           board.place_1
2           board.place_2
3           board.place_3
z +         board.zoom
L           board.layout
[           board.earlier
]           board.later
"""
IN_THE_LIST = f"""{ON_THE_BOARD}
j ↓         list.down
k ↑         list.up
home g      list.first
end G       list.last
ctrl+d pgdn board.log_down
ctrl+u pgup board.log_up
a           screen.grid
i           screen.task
t           screen.timeline
enter l     list.log
space       list.mark
ctrl+a      list.mark_all
%           list.invert
/           list.filter
S           list.sort
p           task.pause
r           task.retry
R           run.resume
x           task.stop
X           task.kill
C           task.stop_validation
c           task.resolve
d           task.diff
e           task.editor
!           task.shell
m           screen.queue
y           board.copy
n           board.need
v           board.validation
f           board.follow
esc         board.back
"""
IN_A_LOG = f"""{ON_THE_BOARD}
f           log.follow
g home      log.first_line
G end       log.last_line
ctrl+u      log.half_page_up
ctrl+d      log.half_page_down
b pgup      log.page_up
space pgdn  log.page_down
j ↓         log.line_down
k ↑         log.line_up
h ←         log.left
l →         log.right
0           log.line_start
/           log.search
&           log.filter
}}          log.next_error
{{          log.previous_error
w           log.wrap
t           log.times
v           log.mark
Y           log.save
o           log.page
"""
IN_A_SEARCH = """
n           log.next
N           log.previous
esc         log.back
"""
WITH_MARKS = """
y           log.yank
esc         log.back
"""
IN_THE_QUEUE = f"""{EVERYWHERE}
K           task.move_up
J           task.move_down
W           task.withdraw
p           task.hold
Q           task.requeue
U           task.undo
V           task.validate
C           task.stop_validation
enter l     list.log
tab         queue.foreseen
m q esc     queue.back
"""
IN_THE_GRID = f"""{EVERYWHERE}
z +         grid.zoom
enter       grid.enter
tab         grid.next
shift+tab   grid.previous
1           grid.pane_1
9           grid.pane_9
f           grid.follow
y           board.copy
q esc       grid.back
"""


def own_nodes(kind: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith("porch_tui."):
            yield each
        yield from own_nodes(each)


def test_every_key_of_every_widget_is_in_the_table_of_bindings() -> None:
    for module in walk_packages(porch_tui.tui.__path__, "porch_tui.tui."):
        import_module(module.name)

    used = [one for node in own_nodes(DOMNode) for one in node.__dict__.get("BINDINGS", ())]

    assert {one.id for one in used} == {one.id for one in ALL}
    assert all(one in ALL for one in used)


def bound(shown: Screened) -> set[tuple[str, str]]:
    """Return each key in force with the id of what it does."""
    found = active_keys(shown.app.screen, Charset.UNICODE)
    return {(key, one.id) for one in found for key in one.keys}


def promised(table: str) -> set[tuple[str, str]]:
    rows = [line.split() for line in table.splitlines() if line]
    return {(key, id) for *keys, id in rows for key in keys}


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        ([], IN_THE_LIST),
        (["enter"], IN_A_LOG),
        (["enter", "slash", "P", "enter"], IN_A_SEARCH),
        (["enter", "v"], WITH_MARKS),
        (["a"], IN_THE_GRID),
    ],
    ids=["list", "log", "search", "marks", "grid"],
)
@in_loop
async def test_each_key_of_a_place_does_what_its_id_says(tmp_path: Path, keys: list[str], table: str) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("j", *keys)

        assert set() == promised(table) - bound(shown)


@in_loop
async def test_each_key_of_the_queue_does_what_its_id_says(tmp_path: Path) -> None:
    async with on_board(crowded(tmp_path)) as shown:
        await shown.press("m")

        assert set() == promised(IN_THE_QUEUE) - bound(shown)


@pytest.mark.slow
@pytest.mark.parametrize("key", ["m", "i", "t", "a", "o"])
@in_loop
async def test_q_goes_back_everywhere_but_on_the_board(tmp_path: Path, key: str) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press(key)
        assert "back" in shown.rows()[-1] and "q quit" not in shown.rows()[-1]
        await shown.press("ctrl+c")
        assert shown.shows("Press q to go back to the board, and again to quit")
        await shown.press("q")
        assert shown.app.live is shown.board and shown.app.screen is shown.board
        await shown.press("q")

        assert shown.shows("Leave the screen?")


@pytest.mark.slow
@in_loop
async def test_q_goes_back_one_step_from_a_log_of_the_queue_and_a_zoomed_pane(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("m", "enter", "q")
        assert "queue" == shown.app.live.id and not shown.app.live.has_class("-log")
        await shown.press("a", "z", "q")
        assert "grid" == shown.app.live.id
        await shown.press("q")

        assert shown.app.live is shown.board


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["tab"], "LogPane"),
        (["tab", "tab"], "QueuePane"),
        (["tab", "tab", "tab"], "TaskList"),
        (["shift+tab"], "QueuePane"),
        (["enter", "shift+tab"], "TaskList"),
        (["2"], "LogPane"),
        (["3"], "QueuePane"),
        (["3", "1"], "TaskList"),
    ],
)
@in_loop
async def test_tab_goes_round_the_places_and_a_number_goes_to_one(
    tmp_path: Path, keys: list[str], expected: str
) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press(*keys)

        assert expected == type(shown.app.focused).__name__


@in_loop
async def test_the_number_of_the_place_one_is_in_gives_it_the_window(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("2", "2")
        assert shown.board.has_class("-zoom")
        await shown.press("tab")
        assert "LogPane" == type(shown.app.focused).__name__
        await shown.press("1")
        assert not shown.board.has_class("-zoom") and shown.shows("merge queue")
        await shown.press("3", "3")
        assert "queue" == shown.app.live.id


@in_loop
async def test_a_small_window_has_the_queue_full_size_only(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (80, 24)) as shown:
        await shown.press("tab", "tab")
        assert "TaskList" == type(shown.app.focused).__name__
        await shown.press("3")
        assert "queue" == shown.app.live.id


@in_loop
async def test_plus_zooms_as_z_does(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("plus")
        assert shown.board.has_class("-zoom")
        await shown.press("plus")
        assert not shown.board.has_class("-zoom")


@pytest.mark.parametrize("key", ["!", "s"])
@in_loop
async def test_what_leaves_the_screen_says_so_where_there_is_no_terminal(tmp_path: Path, key: str) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("j", key)

        assert shown.shows("this terminal cannot be given to another program")


@in_loop
async def test_the_mouse_is_given_away_and_taken_back(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("M")

        assert shown.shows("The terminal has the mouse; M takes it back")


@in_loop
async def test_other_colours_are_chosen_by_name(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        before = shown.app.theme
        await shown.press("T")
        await until_asked(shown.app, shown.pilot)
        await shown.press(*"contrast", "enter")
        await shown.app.workers.wait_for_complete()
        await shown.pilot.pause()

        assert "porch-contrast" == shown.app.theme != before


async def until_asked(app: PorchApp, pilot: Pilot[Leaving]) -> None:
    """Wait for the line in which the palette is typed into."""
    while not app.screen.query("CommandInput"):
        await pilot.pause()


HOLDERS = {
    ("conflict", "do"): (ConflictController, ["the viewpoint"]),
    ("conflict", "edit"): (ManualEditing, ["the viewpoint"]),
    ("conflict", "go"): (Viewpoint, []),
    ("log", "do"): (LogModel, []),
    ("log", "go"): (LogModel, []),
}
"""By place and action: the part whose method the first argument names, and what the method is given first."""


def test_a_key_that_calls_a_method_by_name_calls_one_that_takes_its_arguments():
    called = set()
    for binding in Binding.make_bindings(ALL):
        place = (binding.id or "").partition(".")[0]
        _, action, arguments = actions.parse(binding.action)
        if (place, action) in HOLDERS:
            holder, first = HOLDERS[place, action]
            name, *rest = arguments
            signature(getattr(holder, name)).bind(None, *first, *rest)  # TypeError where they do not fit
            called.add((place, action))

    assert called == HOLDERS.keys()


def test_a_text_names_the_key_that_an_action_has():
    usual = {binding.id: readable(binding, Charset.ASCII) for binding in reversed(ALL)}
    named = [
        (id, key)
        for path in (Path(porch_tui.__file__).parent / "tui").rglob("*.py")
        for id, key in re.findall(r'options\.key\("([\w.]+)", "([^"]+)"\)', path.read_text())
    ]

    assert named
    assert [(id, key) for id, key in named if usual.get(id) != key] == []


@in_loop
async def test_while_something_is_typed_the_key_bar_says_how_to_end(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("slash", "a")
        assert shown.shows("enter done   esc cancel")

        await shown.press("escape")
        assert not shown.shows("enter done") and shown.shows("? help")
