"""A task names an agent of the plan, or a preset; what the preset says becomes part of the task."""

from __future__ import annotations

from plan_reading import plan

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
