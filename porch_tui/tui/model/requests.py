"""Commands that were sent, and what to say about them: refused, waiting for an engine, not answered yet.

Commands that were sent together are answered together, once the run has answered all of them. A single
command that succeeds needs no message: the screen shows what it did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct, field

from porch_tui.core.model.commands import AnyCommand, Ending, StopRun, spelled
from porch_tui.core.model.events import CommandRefused
from porch_tui.errors import PorchError
from porch_tui.present.command_texts import refused_text, text_for_several
from porch_tui.session.session import Session
from porch_tui.tui.model.actions import refusal
from porch_tui.tui.model.messages import Message, about
from porch_tui.tui.model.view import EngineStatus, View

PATIENCE_S = 5.0
"""An engine reads commands twenty times a second: without an answer for so long, say so."""


class _Request(Struct):
    """Commands that were sent together, and the answers so far."""

    at: float
    is_known_late: bool
    """Whether the person knows that the answer is late."""
    waiting: list[AnyCommand] = field(default_factory=list)
    obeyed: list[AnyCommand] = field(default_factory=list)
    refused: list[tuple[AnyCommand, str]] = field(default_factory=list)

    def message(self, view: View) -> Message:
        """Return what to say once all is answered; an empty message where the screen shows it."""
        if len(self.obeyed) + len(self.refused) > 1:
            return Message(text_for_several(self.obeyed, [command for command, _ in self.refused]))
        for command, why in self.refused:
            task = getattr(command, "task", None)
            return about(view, refused_text(command, why), *([task] if task else []))
        return Message("")


class Requests:
    """Sends a person's commands and collects the answers."""

    def __init__(self, session: Session, now: Callable[[], float]) -> None:
        self._session = session
        self._now = now
        self._asked: list[_Request] = []

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is due any moment."""
        return any(not one.is_known_late for one in self._asked)

    def ask(self, commands: Sequence[AnyCommand], view: View, left_out: Sequence[AnyCommand] = ()) -> Message:
        """Send commands, except those that would be refused; return what to say now.

        `left_out` are not sent, and count as refused.
        """
        is_engineless = view.engine is EngineStatus.GONE and not self._session.can_start_engine
        refused = [(command, "not confirmed") for command in left_out]
        asked = _Request(self._now(), is_known_late=is_engineless, refused=refused)
        for command in commands:
            why = refusal(self._session.state, command)
            if why is not None:
                asked.refused.append((command, why))
                continue
            try:
                self._session.send(command)
            except (PorchError, OSError) as error:
                if asked.waiting:
                    self._asked.append(asked)
                return Message(str(error))
            asked.waiting.append(command)
        if not asked.waiting:
            return asked.message(view)
        self._asked.append(asked)
        what = _named(asked.waiting)
        if is_engineless:
            queued = f"Queued: {what}. Nothing is running; start it with: porch resume {view.state.run}"
            return Message(queued, lambda later: later.engine is not EngineStatus.GONE)
        if view.engine is EngineStatus.GONE:
            return Message("starting an engine", lambda later: later.engine is not EngineStatus.STARTING)
        return Message("")

    def stop_run(self, ending: Ending) -> str:
        """Stop the run as the person leaves, without waiting for an answer; return what prevents it."""
        try:
            self._session.send(StopRun(self._session.new_command_id(), ending))
        except (PorchError, OSError) as error:
            return str(error)
        return ""

    def answers(self, view: View) -> list[Message]:
        """Return what there is to say about commands sent earlier, each thing once."""
        return [message for one in list(self._asked) if (message := self._look_at(one, view)).text]

    def _look_at(self, one: _Request, view: View) -> Message:
        for command in list(one.waiting):
            answer = self._session.answer(command)
            if answer is None:
                continue
            one.waiting.remove(command)
            if isinstance(answer.event, CommandRefused):
                one.refused.append((command, answer.event.why))
            else:
                one.obeyed.append(command)
        if not one.waiting:
            self._asked.remove(one)
            return one.message(view)
        if one.is_known_late or self._now() - one.at <= PATIENCE_S:
            return Message("")
        one.is_known_late = True
        late = f"No answer yet to {_named(one.waiting)}; it is in the run's inbox"
        return Message(late, lambda later: not one.waiting)


def _named(commands: Sequence[AnyCommand]) -> str:
    return spelled(commands[0]) if len(commands) == 1 else f"{len(commands)} commands"
