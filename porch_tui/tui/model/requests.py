"""Commands on their way, and what is told about each: refused, waiting for an engine, not answered yet.

What was asked at once is answered for at once, when all of it has been heard. One command that is
obeyed needs no words: the screen shows what it did. No widget is known here.
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
"""An engine takes commands twenty times a second; so long without an answer is worth a word."""


class _Asked(Struct):
    """What was asked at once, and what came of it so far."""

    at: float
    is_told: bool
    """Whether the person knows that the answer is late."""
    waiting: list[AnyCommand] = field(default_factory=list)
    obeyed: list[AnyCommand] = field(default_factory=list)
    refused: list[tuple[AnyCommand, str]] = field(default_factory=list)

    def message(self, view: View) -> Message:
        """Return what to say once all of it was answered; an empty text where the screen says it."""
        if len(self.obeyed) + len(self.refused) > 1:
            return Message(text_for_several(self.obeyed, [command for command, _ in self.refused]))
        for command, why in self.refused:
            task = getattr(command, "task", None)
            return about(view, refused_text(command, why), *([task] if task else []))
        return Message("")


class Requests:
    """Sends a person's commands and watches for the answers."""

    def __init__(self, session: Session, now: Callable[[], float]) -> None:
        self._session = session
        self._now = now
        self._asked: list[_Asked] = []

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is due any moment."""
        return any(not one.is_told for one in self._asked)

    def ask(self, commands: Sequence[AnyCommand], view: View, left_out: Sequence[AnyCommand] = ()) -> Message:
        """Send commands, those excepted that are sure to be refused; return what to tell the person now.

        `left_out` are not sent, and counted with the refused ones.
        """
        is_engineless = view.engine is EngineStatus.GONE and not self._session.can_start_engine
        refused = [(command, "not agreed to") for command in left_out]
        asked = _Asked(self._now(), is_told=is_engineless, refused=refused)
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
            queued = f"Queued: {what}. No engine is running; start one with: porch resume"
            return Message(queued, lambda later: later.engine is not EngineStatus.GONE)
        if view.engine is EngineStatus.GONE:
            return Message(
                "starting an engine for it", lambda later: later.engine is not EngineStatus.STARTING
            )
        return Message("")

    def ask_to_end(self, ending: Ending) -> str:
        """Have the run stopped as the person leaves; return why that cannot be, and nothing if it can.

        An answer is not waited for here. That it is being stopped already is no reason to stay.
        """
        try:
            self._session.send(StopRun(self._session.new_command_id(), ending))
        except (PorchError, OSError) as error:
            return str(error)
        return ""

    def answers(self, view: View) -> list[Message]:
        """Return what there is to tell about commands sent earlier, each thing once."""
        return [message for one in list(self._asked) if (message := self._look_at(one, view)).text]

    def _look_at(self, one: _Asked, view: View) -> Message:
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
        if one.is_told or self._now() - one.at <= PATIENCE_S:
            return Message("")
        one.is_told = True
        late = f"no answer yet to {_named(one.waiting)}; it waits in the run's inbox"
        return Message(late, lambda later: not one.waiting)


def _named(commands: Sequence[AnyCommand]) -> str:
    return spelled(commands[0]) if len(commands) == 1 else f"{len(commands)} commands"
