"""The agents of a plan: its own command templates, and the presets it names, as values of one kind."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from msgspec import UNSET

from porch_tui.agents.preset import interactive_names, names, preset
from porch_tui.agents.prompt import PROMPT
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Agent, CommandLine, Interactive, OpenStdin, Terminal
from porch_tui.planfile.keys.plan_keys import AgentEntry, PlanDocument
from porch_tui.planfile.text.mistakes import KeyPath, one_of, shown
from porch_tui.planfile.text.source import Source
from porch_tui.planfile.values.commands import check_program
from porch_tui.planfile.values.terminals import pattern_of, terminal_of
from porch_tui.planfile.values.value_parsing import seconds

MODEL, ARGS = "{model}", "{args}"
SCHEMA, SCHEMA_FILE = "{schema}", "{schema_file}"
SHELLS = {"sh", "bash", "dash", "zsh", "ksh", "ash", "fish"}
NOTHING = Agent("", ())
"""Stands for an agent that the plan has wrong."""


class Agents:
    """Finds the agents that a plan uses."""

    def __init__(self, document: PlanDocument, source: Source) -> None:
        self._source, self._entries = source, document.agents
        self._own = {name: self._agent(name, entry) for name, entry in document.agents.items()}
        self._used: dict[str, Agent] = {}

    @property
    def used(self) -> tuple[Agent, ...]:
        """Return the agents that were asked for, in that order."""
        return tuple(self._used.values())

    def find(self, name: str, path: KeyPath) -> Agent:
        """Return an entry of `agents`, or the preset of that name; `path` is where the plan names it."""
        written = self._source.written("agents")
        if name in self._own:
            found = self._own[name]
        elif name in names() and name not in written:
            found = of_preset(name, name)
        else:
            if name not in written:
                known = [*written, *(one for one in names() if one not in written)]
                near = self._source.found.near(name, known)
                self._source.refuse(
                    path,
                    f"found {shown(name)}; expected an entry of 'agents' or a preset: {one_of(known)}{near}",
                )
            return NOTHING
        self._used[name] = found
        return found

    def silence_s(self, name: str) -> float | None:
        """Return how long an agent that was found may be silent: as its entry says, or its preset."""
        agent, entry = self._used.get(name), self._entries.get(name)
        if isinstance(entry, AgentEntry) and entry.silence is not UNSET:
            return seconds(entry.silence)
        return seconds(preset(agent.preset).silence) if agent and agent.preset else None

    def check_form(self, agent: Agent, path: KeyPath) -> None:
        """Refuse an agent that cannot be run in a terminal; `path` is where the plan asks for that."""
        if not agent.has_interactive_form:
            text = f"the preset {agent.preset} has no interactive form; expected tty: false, or"
            self._source.refuse(path, f"{text} {one_of(interactive_names())}")

    def warn_of_open_stdin(self, name: str, path: KeyPath) -> None:
        """Warn of an agent that was found and would not begin; `path` is where the plan asks for that."""
        agent = self._used.get(name)
        if agent is not None and agent.preset and preset(agent.preset).reads_stdin:
            text = f"the preset {agent.preset} first reads its standard input to the end"
            self._source.warn(path, f"{text}: with stdin_open: true it waits for porch finish")

    def terminal(self, name: str) -> Terminal | None:
        """Return the terminal that an agent's entry gives its tasks."""
        entry = self._entries.get(name)
        if not isinstance(entry, AgentEntry) or not entry.tty:
            return None
        found = terminal_of(entry.size, ("agents", name, "size"), self._source)
        return replace(found, waits=pattern_of(entry.waits, ("agents", name, "waits"), self._source))

    def open_stdin(self, name: str) -> OpenStdin | None:
        """Return the open standard input that an agent's entry gives its tasks."""
        entry = self._entries.get(name)
        if not isinstance(entry, AgentEntry) or not entry.stdin_open:
            return None
        return OpenStdin(pattern_of(entry.waits, ("agents", name, "waits"), self._source))

    def _agent(self, name: str, entry: list[str] | AgentEntry) -> Agent:
        if not isinstance(entry, AgentEntry):
            check_template(self._source, name, entry)
            return Agent(name, tuple(entry))
        path = ("agents", name)
        if entry.preset not in names():
            near = self._source.found.near(entry.preset, names())
            self._source.refuse(
                (*path, "preset"), f"found {shown(entry.preset)}; expected a preset: {one_of(names())}{near}"
            )
            return NOTHING
        model = "" if entry.model is UNSET else entry.model
        if model and not preset(entry.preset).model:
            self._source.refuse((*path, "model"), f"the preset {entry.preset} has no way to choose a model")
        return self._overridden(of_preset(name, entry.preset, model, entry.args), entry)

    def _overridden(self, agent: Agent, entry: AgentEntry) -> Agent:
        """Return the agent of a preset with what the plan says instead."""
        path = ("agents", agent.name)
        for key in ("command", "resume"):
            words = getattr(entry, key)
            if words is not UNSET and not any(PROMPT in word for word in words):
                self._source.refuse(
                    (*path, key), f"found no {PROMPT} in it; expected a word with it: the prompt goes there"
                )
            if words is not UNSET:
                check_program(self._source, (*path, key, 0), words, "an agent")
        command = None if entry.command is UNSET else tuple(entry.command)
        resume = None if entry.resume is UNSET else tuple(entry.resume)
        form = agent.interactive or (Interactive(command) if command else None)
        return replace(
            agent,
            command=command or agent.command,
            resume=agent.resume if resume is None else resume,
            env_from=tuple(entry.env_from),
            exclude=agent.exclude if entry.exclude is UNSET else tuple(entry.exclude),
            interactive=form
            and replace(
                form,
                command=command or form.command,
                resume=form.resume if resume is None else resume,
            ),
        )


def of_preset(name: str, preset_name: str, model: str = "", args: Sequence[str] = ()) -> Agent:
    """Return the agent that a preset makes."""
    chosen = preset(preset_name)
    model_words = [word.replace(MODEL, model) for word in chosen.model] if model else []
    inserted = {MODEL: model_words, ARGS: list(args)}
    agent = _agent_of(name, preset_name, chosen.command, chosen.resume, inserted)
    if (form := chosen.interactive) is None:
        return agent
    command, resume = _filled(form.command, inserted), _filled(form.resume, inserted)
    return replace(agent, interactive=Interactive(command, resume))


def planner_of_preset(
    name: str, preset_name: str, args: Sequence[str], schema: tuple[str, str], *, is_fenced: bool = False
) -> Agent:
    """Return the agent that a preset makes for planning: it changes nothing, where it has a way for that.

    `schema` is the JSON Schema of the answer, and a file with it.
    """
    chosen = preset(preset_name)
    command, resume = chosen.command, chosen.resume
    if plan := chosen.plan:
        command, resume = plan.command, plan.resume or resume
        if is_fenced and plan.fenced:
            command, resume = plan.fenced, plan.fenced_resume
    inserted = {MODEL: [], ARGS: list(args), SCHEMA: [schema[0]], SCHEMA_FILE: [schema[1]]}
    return _agent_of(name, preset_name, command, resume, inserted)


def _agent_of(
    name: str,
    preset_name: str,
    command: CommandLine,
    resume: CommandLine,
    inserted: Mapping[str, Sequence[str]],
) -> Agent:
    chosen = preset(preset_name)
    first, again = _filled(command, inserted), _filled(resume, inserted)
    return Agent(name, first, preset_name, again, chosen.stdin, chosen.exclude, tuple(chosen.env.items()))


def _filled(template: CommandLine, inserted: Mapping[str, Sequence[str]]) -> CommandLine:
    """Return a command with words of their own in the place of some of its words."""
    return tuple(word for one in template for word in inserted.get(one, [one]))


def check_template(source: Source, name: str, words: list[str]) -> None:
    """Note what keeps an agent's own template from passing the prompt on."""
    path = ("agents", name)
    if not words[0].strip() or PROMPT in words[0]:
        source.refuse((*path, 0), "expected the agent's program as the first word")
        return
    check_program(source, (*path, 0), words, "an agent")
    if not any(PROMPT in word for word in words):
        source.refuse(path, f"found no {PROMPT} in it; expected a word with it: the prompt goes there")
    elif posixpath.basename(words[0]) in SHELLS and "-c" in words[:-1]:
        script = words.index("-c") + 1
        if PROMPT in words[script]:
            source.warn(
                (*path, script),
                f"agent '{name}' hands the prompt to a shell as program text;"
                f' write "$1" there and add two words: sh, "{PROMPT}"',
            )
