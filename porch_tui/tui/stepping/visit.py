"""A visit from the screen to the terminal of a task: the person's terminal sends what its program expects."""

from __future__ import annotations

from collections.abc import Callable

from porch_tui.session.stepping import TypingInto
from porch_tui.session.task_terminal import TaskTerminal
from porch_tui.session.typed import Piece
from porch_tui.session.visitor import Visitor
from porch_tui.tui.stepping.keyboard import Keyboard


class Visit:
    """From stepping in until leaving, or until the terminal is over."""

    def __init__(
        self,
        terminal: TaskTerminal,
        typing: TypingInto,
        write: Callable[[str], object],
        *,
        has_focus: bool = True,
        has_mouse: bool = True,
    ) -> None:
        """`write` writes to the person's own terminal; `typing` must not wait."""
        self._terminal, self._typing, self._write = terminal, typing, write
        self._has_mouse = has_mouse
        self._keyboard = Keyboard(has_mouse=has_mouse)
        self.visitor = Visitor(terminal, typing, has_focus=has_focus)

    def begin(self) -> None:
        """Have the person's terminal send plain keys."""
        self._write(self._keyboard.begin())
        self.follow()

    def end(self) -> int:
        """Stop; return how many bytes that were typed were not taken."""
        self.visitor.leave()
        self._write(self._keyboard.end())
        self._typing.close()
        return self.visitor.not_taken

    def restore(self) -> str:
        """Return what gives the person's terminal back while another program has it."""
        return self._keyboard.end()

    def resume(self) -> None:
        """Go on after that."""
        self._keyboard = Keyboard(has_mouse=self._has_mouse)
        self.begin()

    def take(self, pieces: list[Piece]) -> None:
        """Pass on what was typed; more than a task may leave waiting is dropped."""
        for piece in pieces:
            if not self.visitor.is_full:
                self.visitor.take((piece,))

    def follow(self) -> None:
        """Have the person's terminal send what the program expects now."""
        if (screen := self._terminal.screen) is not None:
            self._write(self._keyboard.after(screen))
            self.visitor.follow()
