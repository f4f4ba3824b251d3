"""Theories about one bug, by real agents and by shells: the measured winner lands, the rest is evidence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from porch_tui.core.model import events as e
from project import Project

pytestmark = pytest.mark.slow

MEASURE = """\
import statistics, time
from shop import prices
def once():
    began = time.perf_counter()
    assert prices.total(list(range(4000))) == sum(range(4000))
    return time.perf_counter() - began
once()
print(f"{statistics.median(once() for _ in range(5)):.6f}")
"""
BUG = """\
def total(items):
    seen = []
    found = 0
    for item in items:
        if item not in seen:  # quadratic
            seen.append(item)
            found += item
    return found
"""
SET = BUG.replace("seen = []", "seen = set()").replace("append", "add")
CACHE = BUG.replace("# quadratic", "# quadratic, cached").replace("found = 0", "found = 0; cache = {}")
TWICE = BUG.replace("    return found", "    for item in items:\n        item in seen\n    return found")
WRONG = "def total(items):\n    return 0\n"
PLAN = """\
target: main
agents:
  codex: {preset: codex}
  pi: {preset: pi, model: scripted, args: [--provider, scripted]}
hypotheses:
  slow-total:
    question: Why does the total of 4,000 prices take so long?
    judge: python3 -m measure
    want: min
    repeat: 3
defaults: {kind: hypothesis, of: slow-total}
tasks:
"""


def repository(project: Project, **files: str) -> None:
    """Write the bug, its measurement, and what theories would put in its place."""
    project.commit(
        {"shop/__init__.py": "", "shop/prices.py": BUG, "measure.py": MEASURE, ".gitignore": "__pycache__/\n"}
        | {f"ideas/{name}.py": text for name, text in files.items()}
    )


def theories(project: Project) -> dict[str, dict[str, Any]]:
    (found,) = project.status()["hypotheses"]
    assert found["winner"] == "by-set", found["why"]
    return {one["task"]: one for one in found["theories"]}


def check_winner(project: Project) -> None:
    """Assert that the right one has landed, and that all others are kept with what they were worth."""
    assert SET == (project.root / "shop/prices.py").read_text()
    assert ["by-set"] == project.landed()
    for task, one in theories(project).items():
        message = project.git("log", "-1", "--format=%B", one["evidence"])
        assert "Winner: by-set" in message
        assert project.git("show", f"{one['evidence']}:shop/prices.py"), task


def test_five_shells_try_five_ideas_and_the_fastest_lands(project: Project):
    ideas = {"by-set": SET, "by-cache": CACHE, "twice": TWICE, "wrong": WRONG, "again": BUG + "# again\n"}
    repository(project, **ideas)
    tasks = "".join(f"  {name}: {{run: 'cp ideas/{name}.py shop/prices.py'}}\n" for name in ideas)
    project.plan(PLAN + tasks)

    project.porch("run", "--headless")

    check_winner(project)
    found = theories(project)
    assert found["by-set"]["against_base"] < 0.5
    assert found["wrong"]["why"] == "exit 1", "its judge checks the sum"
    assert {"lost-race"} == {how for task, how in project.outcomes().items() if task != "by-set"}


def test_agents_and_shells_compete_and_the_fastest_lands(
    project: Project, agent_env: dict[str, str], needs: Callable[[str], None]
):
    for program in ("codex", "pi"):
        needs(program)
    ideas = {"by-set": SET, "by-cache": CACHE, "twice": TWICE, "wrong": WRONG}
    repository(project, **ideas)
    prompt = "{{agent: {}, prompt: 'Make total() fast. DO: cp ideas/{}.py shop/prices.py :END'}}"
    agents = {"by-set": "codex", "by-cache": "pi", "twice": "codex", "wrong": "pi"}
    tasks = "".join(f"  {name}: {prompt.format(agent, name)}\n" for name, agent in agents.items())
    project.plan(PLAN + tasks + "  shell: {run: 'echo \"# by hand\" >> shop/prices.py'}\n")

    project.porch("run", "--headless", env=agent_env)

    check_winner(project)
    assert theories(project)["wrong"]["median"] is None


def test_agents_that_come_too_late_are_stopped_and_what_they_had_is_kept(
    project: Project, agent_env: dict[str, str], needs: Callable[[str], None]
):
    for program in ("codex", "pi"):
        needs(program)
    repository(project, **{"by-set": SET})
    plan = PLAN.replace("want: min\n    repeat: 3", "want: pass")
    plan = plan.replace("python3 -m measure", "grep -q 'set()' shop/prices.py")
    slow = "'Try. DO: echo tried > tried.txt; sleep 120 :END'"
    tasks = (
        f"  slow-codex: {{agent: codex, prompt: {slow}}}\n"
        f"  slow-pi: {{agent: pi, prompt: {slow}}}\n"
        "  by-set: {run: 'until test -e ../app-slow-codex/tried.txt -a -e ../app-slow-pi/tried.txt; "
        "do sleep 0.1; done; cp ideas/by-set.py shop/prices.py'}\n"
    )
    project.plan(plan + tasks)

    project.porch("run", "--headless", "--parallel", env=agent_env)

    assert {"slow-codex": "lost-race", "slow-pi": "lost-race", "by-set": "won"} == project.outcomes()
    assert 2 == len(project.events(e.AttemptStopped))
    for task in ("slow-codex", "slow-pi"):
        assert "tried" == project.git("show", f"{theories(project)[task]['evidence']}:tried.txt")
