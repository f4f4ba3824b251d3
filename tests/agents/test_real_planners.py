"""Real agent programs that plan, against a scripted model: only a plan stays."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from agents.model_server import ModelServer

from porch_tui.core.model import events as e
from porch_tui.planfile.read import read_plan
from project import Project
from tests.fences import needs_bwrap

pytestmark = pytest.mark.slow

PROSE = """\
I have looked around. This is how I would cut it:

```yaml
tasks:
  store: {prompt: Move the store., paths: [src/store.py], priorities: high, after: [web]}
  web: {prompt: Move the web., paths: [src/web.py], after: [store]}
```
Shall I begin?
"""
SCRIPTED = {
    "codex": "codex",
    "pi": "pi --provider scripted --model scripted",
    "qwen": "qwen --auth-type openai --model scripted",
    "gemini": "gemini -m gemini-2.5-pro",
    "opencode": "opencode",
}
LAYERS = ("store", "service", "web")
TEST = "from src.{0} import {0}\n\n\ndef test_{0}():\n    assert '{0}' in {0}()\n"
FILES = {
    **{f"src/{layer}.py": f"def {layer}():\n    return 'old {layer}'\n" for layer in LAYERS},
    **{f"tests/test_{layer}.py": TEST.format(layer) for layer in LAYERS},
    "src/__init__.py": "",
    "conftest.py": "",
    ".gitignore": "__pycache__/\n.pytest_cache/\n",
}


def task(layer: str) -> dict[str, object]:
    """Return the task of a layer as a planner answers it: what it asks for, the scripted model does."""
    return {
        "id": layer,
        "title": f"Refactor the {layer}",
        "prompt": f"Refactor src/{layer}.py. DO: sed -i s/old/new/ src/{layer}.py :END",
        "paths": [f"src/{layer}.py"],
        "after": [],
        "checks": [f"{sys.executable} -m pytest -q tests/test_{layer}.py"],
        "estimate": "20m",
        "reason": f"Nothing imports the {layer} but its test.",
    }


GOOD = json.dumps({"tasks": [task(layer) for layer in LAYERS], "notes": "The layers are independent."})


def left(project: Project) -> list[str]:
    """Return what of a planner is left beside the repository, and in git's list of worktrees."""
    beside = [one.name for one in project.root.parent.iterdir() if one.name.startswith("app.porch")]
    return [*beside, *project.git("worktree", "list").splitlines()[1:]]


def files_of(project: Project) -> dict[Path, bytes]:
    """Return the bytes of all files in the person's checkout."""
    files = (one for one in project.root.rglob("*") if ".git" not in one.parts and one.is_file())
    return {one: one.read_bytes() for one in files}


@pytest.mark.parametrize("agent", ["codex", "pi", "gemini", "opencode"])
def test_prose_around_yaml_with_an_unknown_key_and_a_cycle_becomes_a_plan_in_the_same_conversation(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None], agent: str
):
    needs(agent)
    project.commit(FILES)
    project.write("notes", "uncommitted")
    model.answers = [PROSE, GOOD]
    before, refs = files_of(project), project.git("for-each-ref")

    project.porch(
        "plan", "Refactor the layers", "--with", SCRIPTED[agent], "-o", "../porch.yaml", env=agent_env
    )

    plan = read_plan(project.root.parent / "porch.yaml").plan
    assert [spec.id for spec in plan.tasks] == [*LAYERS]
    assert len(model.prompts) == 2
    assert "unknown key 'priorities'" in model.prompts[1] and "found a cycle" in model.prompts[1]
    assert (
        model.heard[1].count("Split the goal into tasks") == 1
        and "This is how I would cut it" in model.heard[1]
    )
    assert (files_of(project), project.git("for-each-ref")) == (before, refs)
    assert left(project) == []


@pytest.mark.parametrize("agent", ["codex", "pi"])
def test_a_planner_that_never_mends_its_plan_is_given_up(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None], agent: str
):
    needs(agent)
    project.commit(FILES)
    model.answers = [PROSE]

    failed = project.porch("plan", "Refactor", "--with", SCRIPTED[agent], env=agent_env, expect=1)

    assert len(model.prompts) == 3
    assert "unknown key 'priorities'" in failed.stderr and "plan-answer.txt" in failed.stderr
    assert not (project.root / "porch.yaml").exists()
    assert left(project) == []


def test_an_agent_that_does_not_answer_by_the_schema_is_asked_again(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("qwen")
    project.commit(FILES)
    model.answers = ["I would do it in two steps.", GOOD]

    project.porch("plan", "Refactor the layers", "--with", SCRIPTED["qwen"], env=agent_env)

    assert [spec.id for spec in read_plan(project.root / "porch.yaml").plan.tasks] == [*LAYERS]


@pytest.mark.parametrize("agent", ["qwen", "gemini", "opencode"])
def test_other_agents_answer_with_a_plan_too(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None], agent: str
):
    needs(agent)
    project.commit(FILES)
    model.answers = [GOOD]

    project.porch("plan", "Refactor the layers", "--with", SCRIPTED[agent], env=agent_env)

    assert [spec.id for spec in read_plan(project.root / "porch.yaml").plan.tasks] == [*LAYERS]
    assert left(project) == []


@needs_bwrap
def test_behind_a_fence_codex_reads_the_repository_although_its_own_sandbox_does_not_start_there(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("codex")
    if Path(shutil.which("codex", path=agent_env["PATH"]) or "").resolve().is_relative_to("/tmp"):
        pytest.skip("codex is in /tmp, of which the fence has one of its own")
    project.commit(FILES)
    model.answers = [GOOD]
    # its home is in /tmp, and the fence has a /tmp of its own: but for what an agent must write
    words = ("Refactor. DO: cat src/web.py; echo x > made.txt :END", "--with", "codex", "--wrap", "bwrap")

    written = project.porch("plan", *words, "-o", "-", env=agent_env)

    assert any("old web" in output for output in model.printed)
    assert "codex was to change nothing, and changed made.txt: discarded" in written.stderr
    assert left(project) == []


def test_an_agent_whose_mode_for_plans_runs_commands_is_found_out_when_it_edits(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("opencode")
    project.commit(FILES)
    model.answers = [GOOD]
    before = files_of(project)

    written = project.porch(
        "plan", "Refactor. DO: echo made > made.txt :END", "--with", "opencode", "-o", "-", env=agent_env
    )

    assert "opencode was to change nothing, and changed made.txt: discarded" in written.stderr
    assert files_of(project) == before
    assert left(project) == []


@pytest.mark.parametrize("agent", ["codex", "pi", "qwen"])
def test_a_refused_account_is_one_message(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None], agent: str
):
    needs(agent)
    project.commit(FILES)
    model.refuses = True

    failed = project.porch("plan", "Refactor", "--with", SCRIPTED[agent], env=agent_env, expect=1)

    assert f"{agent} could not plan: " in failed.stderr and "Incorrect API key" in failed.stderr
    assert left(project) == []


def test_an_account_at_its_limit_is_one_message(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("codex")
    project.commit(FILES)
    model.limited_until = time.time() + 600

    failed = project.porch("plan", "Refactor", "--with", "codex", env=agent_env, expect=1)

    assert "codex has reached the limit of its account: " in failed.stderr
    assert left(project) == []


def test_three_layers_are_planned_from_a_goal_reviewed_and_refactored_side_by_side(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("codex")
    needs("pi")
    project.commit(FILES)
    model.answers = [PROSE, GOOD]

    project.porch(
        "plan", "Refactor the layers", "--with", "codex", "--agent", SCRIPTED["pi"], env=agent_env
    )  # fmt: skip
    place = project.root / "porch.yaml"
    # the review: here tests run with another interpreter
    place.write_text(place.read_text().replace("pytest -q", f"{sys.executable} -m pytest -q", 1))
    checked = json.loads(project.porch("check", "--json", env=agent_env).stdout)
    assert checked["waves"] == [[*LAYERS]]
    model.answers = []
    project.porch("run", "--headless", env=agent_env)

    assert project.outcomes() == dict.fromkeys(LAYERS, "landed")
    assert [project.git("show", f"main:src/{layer}.py").count("new") for layer in LAYERS] == [1, 1, 1]
    assert project.events(e.ValidationPassed)
    starts = [one.at for one in project.records() if isinstance(one.event, e.AttemptStarted)]
    ends = [one.at for one in project.records() if isinstance(one.event, e.AttemptSucceeded)]
    assert sorted(starts)[1] < min(ends), "two were at work at the same time"
