"""A task names an agent of the plan, or a preset; what the preset says becomes part of the task."""

from __future__ import annotations

from planfile.plan_reading import plan, refusal

PLAN = """\
agents:
  fast: {preset: codex, model: small, args: [--ephemeral]}
  own: [my-agent, "{prompt}"]
tasks:
  a: {agent: fast, prompt: "Do it. {failure}"}
  b: {agent: own, prompt: Do it.}
  c: {agent: pi, prompt: Do it., silence: 1m}
"""


def test_model_and_arguments_are_words_of_the_command_and_the_prompt_is_one():
    command = plan(PLAN).tasks[0].command

    assert command[command.index("-m") + 1] == "small"
    assert command[-2:] == ("--ephemeral", "Do it.")


def test_a_preset_says_how_long_its_agent_may_be_silent_and_a_task_may_say_something_else():
    assert [task.silence_s for task in plan(PLAN).tasks] == [300.0, None, 60.0]


def test_the_agents_that_are_used_are_kept_with_the_plan():
    assert [(agent.name, agent.preset) for agent in plan(PLAN).agents] == [
        ("fast", "codex"),
        ("own", None),
        ("pi", "pi"),
    ]


OVERRIDDEN = """\
agents:
  own:
    preset: aider
    command: [/opt/aider, --dir, "{worktree}", --message, "{prompt}"]
    exclude: [.mine*]
    silence: 2m
tasks:
  a: {agent: own, prompt: Do it.}
  b: {agent: aider, prompt: "- Do it."}
"""


def test_a_plan_may_have_another_command_other_litter_and_another_silence_than_the_preset():
    read = plan(OVERRIDDEN)
    own, aider = read.agents

    assert own.command[:3] == ("/opt/aider", "--dir", "{worktree}")
    assert (own.preset, own.exclude, aider.exclude) == ("aider", (".mine*",), (".aider*",))
    assert [task.silence_s for task in read.tasks] == [120.0, 300.0]


def test_a_command_without_a_place_for_the_prompt_is_a_mistake_with_its_line():
    bad = OVERRIDDEN.replace('--message, "{prompt}"', "--message, hi")

    assert refusal(bad).startswith("porch.yaml:4:") and "found no {prompt} in it" in refusal(bad)


IN_TERMINALS = """\
agents:
  fast: {preset: codex, model: small, args: [--search], tty: true}
  own: [my-agent, "{prompt}"]
tasks:
  a: {agent: fast, prompt: Do it.}
  b: {agent: fast, prompt: Do it., tty: false}
  c: {agent: own, prompt: Do it., tty: true}
  d: {agent: gemini, prompt: "-1", tty: true}
"""


def test_in_a_terminal_an_agent_has_its_interactive_form_with_model_and_arguments():
    a, b, *_ = plan(IN_TERMINALS).tasks

    assert "exec" not in a.command and "exec" in b.command
    for task in (a, b):
        assert task.command[task.command.index("-m") :] == ("-m", "small", "--search", "Do it.")


def test_an_agent_of_the_plans_own_is_run_in_a_terminal_as_it_is_anywhere():
    read = plan(IN_TERMINALS)

    assert read.tasks[2].command == ("my-agent", "Do it.")
    assert read.agent_of(read.tasks[2]).is_in_terminal


def test_in_a_terminal_no_prompt_goes_to_standard_input():
    read = plan(IN_TERMINALS)
    agent = read.agent_of(read.tasks[3])

    assert read.tasks[3].command[-1] == "--prompt-interactive=-1"
    assert agent.stdin is None and agent.resume[-1] == "--prompt-interactive={prompt}"


def test_a_command_of_the_plan_replaces_that_of_both_forms():
    own = """\
agents:
  mine:
    preset: codex
    command: [/opt/codex, "{prompt}"]
    resume: [/opt/codex, again, "{session}", "{prompt}"]
  hers: {preset: aider, command: [/opt/aider, "{prompt}"]}
tasks:
  a: {agent: mine, prompt: Do it., tty: true}
  b: {agent: mine, prompt: Do it.}
  c: {agent: hers, prompt: Do it., tty: true}
"""
    read = plan(own)

    assert [task.command[0] for task in read.tasks] == ["/opt/codex", "/opt/codex", "/opt/aider"]
    assert read.agent_of(read.tasks[0]).resume[1] == read.agent_of(read.tasks[1]).resume[1] == "again"


def test_a_preset_without_an_interactive_form_is_refused_with_those_that_have_one():
    by_task = "tasks:\n  a:\n    agent: aider\n    prompt: Do it.\n    tty: true\n"
    by_agent = "agents:\n  own:\n    preset: mini\n    tty: true\ntasks:\n  a: {agent: own, prompt: Do it.}\n"
    known = "one of claude, codex, gemini, opencode, pi, qwen"

    assert refusal(by_task).startswith("porch.yaml:5:10: ")
    assert f"the preset aider has no interactive form; expected tty: false, or {known}" in refusal(by_task)
    assert refusal(by_agent).startswith("porch.yaml:4:10: ")
    assert f"the preset mini has no interactive form; expected tty: false, or {known}" in refusal(by_agent)


def test_what_an_agent_uses_in_a_terminal_may_have_a_budget_where_it_writes_that_down():
    text = "tasks:\n  a: {agent: AGENT, prompt: Do it., tty: true, budget: {tokens: 1M}}\n"

    assert plan(text.replace("AGENT", "codex")).tasks[0].budget.tokens == 1_000_000
    assert "does not report tokens" in refusal(text.replace("AGENT", "opencode"))
