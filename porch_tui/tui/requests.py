"""Commands on their way, and what is told about each: refused, waiting for an engine, not answered yet.

A command that is obeyed needs no words: the screen shows what it did. No widget is known here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from porch_tui.core.commands import AnyCommand, Ending, StopRun
from porch_tui.core.decide import spoken
from porch_tui.core.events import CommandRefused
from porch_tui.errors import PorchError
from porch_tui.session.session import Session
from porch_tui.tui.verbs import refusal
from porch_tui.tui.view import Sight

PATIENCE_S = 5.0
"""An engine takes commands twenty times a second; so long without an answer is worth a word."""


@dataclass(slots=True)
class _Sent:
    command: AnyCommand
    at: float
    is_told: bool
    """Whether the person knows that the answer is late."""


class Requests:
    """Sends a person's commands and watches for the answers."""

    def __init__(self, session: Session, now: Callable[[], float]) -> None:
        self._session = session
        self._now = now
        self._sent: list[_Sent] = []

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is due any moment."""
        return any(not one.is_told for one in self._sent)

    def ask(self, command: AnyCommand, sight: Sight) -> str:
        """Send a command unless it is sure to be refused; return what to tell the person, often nothing."""
        refused = refusal(self._session.state, command)
        if refused is not None:
            return f"not done: {refused}"
        try:
            self._session.send(command)
        except (PorchError, OSError) as error:
            return str(error)
        is_waiting = sight is Sight.GONE and not self._session.can_start_engine
        self._sent.append(_Sent(command, self._now(), is_told=is_waiting))
        if is_waiting:
            return f"{spoken(command)}: no engine is at work; it waits for porch resume"
        return "starting an engine for it" if sight is Sight.GONE else ""

    def ask_to_end(self, ending: Ending) -> str:
        """Have the run stopped as the person leaves; return why that cannot be, and nothing if it can.

        An answer is not waited for here. That it is being stopped already is no reason to stay.
        """
        try:
            self._session.send(StopRun(self._session.new_command_id(), ending))
        except (PorchError, OSError) as error:
            return str(error)
        return ""

    def answers(self) -> list[str]:
        """Return what there is to tell about commands sent earlier, each thing once."""
        told: list[str] = []
        for one in list(self._sent):
            answer = self._session.answer(one.command)
            if answer is not None:
                self._sent.remove(one)
                if isinstance(answer.event, CommandRefused):
                    told.append(f"refused: {answer.event.command}: {answer.event.why}")
            elif not one.is_told and self._now() - one.at > PATIENCE_S:
                one.is_told = True
                told.append(f"no answer yet to {spoken(one.command)}; it waits in the run's inbox")
        return told
