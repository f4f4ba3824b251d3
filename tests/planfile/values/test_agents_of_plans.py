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
