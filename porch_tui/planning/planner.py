"""An agent that plans: asked in a throw-away worktree, and again with its mistakes, until it has a plan."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from porch_tui.agents.answers import answers_in
from porch_tui.agents.preset import Planning, names, output_of, preset
from porch_tui.agents.prompt import Call, plain_call, resumed_call
from porch_tui.agents.question import asked
from porch_tui.agents.usage_limit import is_usage_limit, waits_until
from porch_tui.codebase.facts import read as read_facts
from porch_tui.core.model.agent_report import AgentUsage
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Agent
from porch_tui.core.model.wording import counted, listed, one_line
from porch_tui.errors import PorchError
from porch_tui.executors.agent_output import GrowingLog
from porch_tui.executors.throwaway import Ended, Outside, Throwaway, throwaway
from porch_tui.git.repository import Repository
from porch_tui.git.worktree.preflight import resolve_target_and_base
from porch_tui.planfile.values.agents import planner_of_preset
from porch_tui.planfile.values.to_plan import name_from
from porch_tui.planning.answer import Answer, answer_of
from porch_tui.planning.criticism import criticism
from porch_tui.planning.draft import Draft, DraftTask
from porch_tui.planning.from_list import free_id, slug
from porch_tui.planning.question import SCHEMA, correction, question
from porch_tui.planning.request import Request
from porch_tui.planning.sequence import in_sequence
from porch_tui.planning.tracked import TrackedFiles
from porch_tui.present.amounts import clock, elapsed
from porch_tui.process import liveness

_SHOWN = 3
"""Mistakes of a round that a person is shown."""


class NoPlanError(PorchError):
    """The agent was asked, and there is no plan."""

    exit_code = 1


class Listener(Struct, frozen=True):
    """Who follows it while it goes on."""

    say: Callable[[str], None]
    """Takes a message."""
    progress: Callable[[int, AgentUsage | None], None]
    """Takes the number of the round, again and again, and what the agent has used in it."""


class _Round(Struct, frozen=True):
    """One answer, and what is to be said about it."""

    draft: Draft | None
    mistakes: tuple[str, ...]
    objections: tuple[str, ...]
    text: str
    """The answer, for a person."""


def plan_with(repository: Repository, request: Request, listener: Listener) -> Draft:
    """Return the draft that an agent makes. NoPlanError with what is in the way; nothing is changed."""
    before = Outside.of(repository)
    try:
        commit = resolve_target_and_base(repository, None, None).tip
        with throwaway(repository, commit) as place:
            return _Conversation(place, request, listener).draft()
    finally:
        _report_outside(repository, before, request.planner.name, listener)


class _Conversation:
    """The rounds with one agent."""

    def __init__(self, place: Throwaway, request: Request, listener: Listener) -> None:
        self._place, self._request, self._listener = place, request, listener
        repository = place.repository
        self._facts = read_facts(repository, place.commit)
        self._tracked = TrackedFiles.of(self._facts.sizes)
        self._agent = _planner(request, place.folder)
        self._kept = repository.own_dir / "plan-answer.txt"

    def draft(self) -> Draft:
        """Return the draft of the first answer that can be used, or of the best in the end."""
        request, best = self._request, None
        if self._facts.unread_note:
            self._listener.say(f"porch: {self._facts.unread_note}")
        prompt = question(request.goal, self._facts, self._tracked.validate, request.most_tasks)
        call, done = plain_call(self._agent, prompt, str(self._place.worktree)), None
        for number in range(1, request.rounds + 1):
            ended = self._ask(number, call)
            done = self._round(ended, is_needed=best is None)
            if done is None:  # it failed, and an earlier answer can be used
                break
            if done.draft is not None and not done.mistakes:
                best = done
                if not done.objections:
                    break
            wrong = (*done.mistakes, *done.objections)
            if number < request.rounds:
                self._listener.say(f"porch: round {number}: {_brief(wrong)}; asking again")
                call = self._next(ended, wrong, done.text, prompt)
        if best is None or best.draft is None:
            assert done is not None
            why = f"gave no plan that can be used in {counted(request.rounds, 'round')}"
            raise self._failure(f"{why}: {'; '.join(done.mistakes)}", done.text)
        notes = tuple(f"Not mended by {request.planner.name}: {one}." for one in best.objections)
        return replace(best.draft, notes=(*best.draft.notes, *notes))

    def _ask(self, number: int, call: Call) -> Ended:
        request, is_reported = self._request, False

        def look(growing: GrowingLog, silent_s: float) -> None:
            nonlocal is_reported
            if silent_s < request.silence_s:
                is_reported = False
            elif not is_reported:
                is_reported = True
                silent = f"has said nothing for {elapsed(silent_s)}"
                self._listener.say(f"porch: {request.planner.name} {silent}; ctrl+c ends it")
            self._listener.progress(number, growing.usage())

        self._listener.progress(number, None)
        ended = self._place.ask(self._agent, call, request.timeout_s, request.wrap, look)
        if edits := self._place.changed():
            self._listener.say(
                f"porch: {request.planner.name} was to change nothing, and changed {listed(edits)}:"
                " discarded with its throw-away worktree"
            )
            self._place.reset()
        return ended

    def _round(self, ended: Ended, *, is_needed: bool) -> _Round | None:
        """Return what is to be said about an answer; None without one, unless one is needed: NoPlanError."""
        planning = _planning(self._agent)
        places = planning.answer if planning else ()
        candidates = answers_in(ended.log, output_of(self._agent), places)
        text = _shown(candidates[0]) if candidates else ""
        answer = answer_of(candidates)
        if not answer.is_plan and (why := _why_none(ended, text, planning)):
            if is_needed:
                raise self._failure(why, text or ended.log.decode("utf-8", "replace"))
            self._listener.say(f"porch: {self._request.planner.name} {why}; its last plan is used")
            return None
        if not answer.is_plan:
            return _Round(None, answer.mistakes, (), text)
        draft = self._drafted(answer)
        found = criticism(draft, self._tracked, self._request.most_tasks)
        return _Round(draft, (*answer.mistakes, *found.mistakes), found.objections, text)

    def _drafted(self, answer: Answer) -> Draft:
        request, ids = self._request, dict[str, str]()
        for task in answer.tasks:
            ids[task.id] = free_id(slug(task.id), ids.values())
        tasks = tuple(self._fitted(task, ids) for task in answer.tasks)
        return Draft(
            name=name_from(slug(request.goal)),
            tasks=in_sequence(tasks),
            origin=f"a goal, by {request.planner.name}",
            goal=request.goal,
            agent=request.worker,
            setup=self._tracked.setup,
            validate=self._tracked.validate,
            notes=(answer.notes,) if answer.notes.strip() else (),
        )

    def _fitted(self, task: DraftTask, ids: dict[str, str]) -> DraftTask:
        paths = tuple(dict.fromkeys(path.removeprefix("./") for path in task.paths))
        return replace(
            task,
            id=ids[task.id],
            after=tuple(dict.fromkeys(ids.get(name, name) for name in task.after)),
            paths=paths,
            checks=task.checks or self._tracked.checks_for(paths),
        )

    def _next(self, ended: Ended, wrong: Sequence[str], text: str, prompt: str) -> Call:
        """Return how it is asked again: in the same conversation, where it can be continued."""
        worktree = str(self._place.worktree)
        session = ended.report.session if ended.report else ""
        if session and self._agent.resume:
            return resumed_call(self._agent, session, correction(wrong), worktree)
        return plain_call(self._agent, f"{prompt}\n\n{correction(wrong, text)}", worktree)

    def _failure(self, why: str, answer: str) -> NoPlanError:
        self._kept.write_text(answer, "utf-8", "replace")
        return NoPlanError(
            f"{self._request.planner.name} {why}; nothing was written; its last answer is in {self._kept}"
        )


def _brief(wrong: Sequence[str]) -> str:
    more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
    return "; ".join(wrong[:_SHOWN]) + more


def _planner(request: Request, folder: Path) -> Agent:
    wanted = request.planner
    if wanted.command:
        return Agent(wanted.name, wanted.command)
    file = folder / "schema.json"
    file.write_text(SCHEMA)
    is_fenced = request.wrap is not None
    return planner_of_preset(wanted.name, wanted.name, wanted.args, (SCHEMA, str(file)), is_fenced=is_fenced)


def _planning(agent: Agent) -> Planning | None:
    """Return how an agent is asked for a plan, if its preset has a way for that."""
    return preset(agent.preset).plan if agent.preset in names() else None


def _shown(candidate: Any) -> str:
    return candidate if isinstance(candidate, str) else json.dumps(candidate, indent=1)


def _why_none(ended: Ended, text: str, planning: Planning | None) -> str:
    """Return why there is no answer, as the rest of a sentence; empty: it answered, but with no plan."""
    exit_, report = ended.exit, ended.report
    if exit_ is None:
        return "has no answer: what supervises it was killed; try again"
    if exit_.cause is liveness.Cause.TIMEOUT:
        return f"has no answer: {exit_.detail}; --timeout gives it longer"
    if exit_.cause is not liveness.Cause.EXIT:
        return f"could not plan: {exit_.detail}"
    error = report.error if report else None
    if error and planning and planning.unanswered and re.search(planning.unanswered, error):
        return ""
    if error and is_usage_limit(error):
        until = waits_until(error, time.time())
        moment = f", until {clock(until)}" if until else ""
        return f"has reached the limit of its account{moment}: {one_line(error)}"
    if error:
        more = f"; it said: “{one_line(text)}”" if one_line(text) not in one_line(error) else ""
        return f"could not plan: {one_line(error)}{more}"
    if exit_.code:
        return f"could not plan: exit {exit_.code}: {one_line(text or _end(ended.log))}"
    question = (report and report.question) or asked(text)
    return f"asked, and got no answer: “{one_line(question)}”; say it in the goal" if question else ""


def _end(log: bytes) -> str:
    return log[-200:].decode("utf-8", "replace")


def _report_outside(repository: Repository, before: Outside, name: str, listener: Listener) -> None:
    """Say what has changed outside of the throw-away worktree meanwhile; nothing is restored."""
    now = Outside.of(repository)
    files, moved = before.changed_in(now)
    if files:
        listener.say(
            f"porch: your checkout changed: {listed(files)}, while {name} planned; this may have been you"
        )
    if moved:
        listener.say(f"porch: {listed(moved)} changed, while {name} planned; this may have been you")
    for change in before.settings_changed(now, repository):
        listener.say(f"porch: {change.message}, while {name} planned. To put it back: {change.undo}")
