"""Three modules tested at once: one fails, the others are reported all the same, and nothing is merged."""

from __future__ import annotations

import json
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from porch_tui.core.model import events as e
from project import Project

pytestmark = pytest.mark.slow

MODULE = "def double(number):\n    return number * 2\n"
BROKEN = "def double(number):\n    return number + 2\n"
TEST = """\
import time
import unittest

from modules.{name} import double


class Doubles(unittest.TestCase):
    def test_three(self):
        time.sleep(1)
        self.assertEqual(6, double(3))
"""
CHECKS = """\
target: main
slots: 3
each:
  - id: "test-{stem}"
    items: {glob: "modules/*/"}
    kind: check
"""
BY_COMMAND = "    run: python3 -m unittest discover -t . {item}\n"
PI = "agents: {pi: {preset: pi, model: scripted, args: [--provider, scripted]}}\n"
BY_AGENT = """\
    agent: %s
    prompt: "Test {item}. DO: python3 -m unittest discover -t . {item} > report.txt 2>&1 :END"
    checks: python3 -m unittest discover -t . {item}
"""


@pytest.fixture
def modules(project: Project) -> Project:
    """A repository of three packages with a test suite each; that of `queue` fails."""
    files = {"modules/__init__.py": ""}
    for name in ("auth", "billing", "queue"):
        files[f"modules/{name}/__init__.py"] = BROKEN if name == "queue" else MODULE
        files[f"modules/{name}/test_{name}.py"] = TEST.format(name=name)
    project.commit(files)
    return project


def assert_reported(project: Project, tip: str, printed: str) -> None:
    assert "2 of 3 checks passed" in printed
    assert "2 of 3 checks passed" in project.porch("report").stdout
    outcomes = project.outcomes()
    assert {"nothing-to-land"} == {outcomes["test-auth"], outcomes["test-billing"]}
    assert outcomes["test-queue"] in ("failed", "check-failed")
    suite = ElementTree.fromstring(project.porch("report", "--format", "junit").stdout.encode())[0]
    assert ["modules/queue/"] == [case.get("name") for case in suite if case.find("failure") is not None]
    assert "AssertionError: 6 != 5" in "".join(one.text or "" for one in suite.iter("failure"))
    assert tip == project.git("rev-parse", "main"), "nothing was merged"
    assert [] == project.events(e.Landed)
    assert "" == project.git("status", "--porcelain")
    spans = [(one["started_at"], one["ended_at"]) for one in project.status()["tasks"]]
    assert max(start for start, _ in spans) < min(end for _, end in spans), "they ran at the same time"


def test_by_a_plan(modules: Project):
    modules.plan(CHECKS + BY_COMMAND)
    tip = modules.git("rev-parse", "main")

    done = modules.porch("run", "--headless", "--parallel", expect=1)

    assert_reported(modules, tip, done.stdout)


def test_without_a_plan_file(modules: Project):
    tip = modules.git("rev-parse", "main")

    done = modules.porch(
        "each", "modules/*/", "--slots", "3", "--headless",
        "--", "python3", "-m", "unittest", "discover", "-t", ".", "{}", expect=1,
    )  # fmt: skip

    assert "2 of 3 checks passed" in done.stdout
    assert "AssertionError: 6 != 5" in done.stdout, "the end of its output"
    assert tip == modules.git("rev-parse", "main")
    failed = [task["item"] for task in modules.status()["tasks"] if task["outcome"] == "failed"]
    assert ["modules/queue/"] == failed


@pytest.mark.parametrize("agent", ["codex", "pi"])
def test_by_agents_whose_word_is_checked(
    modules: Project, agent_env: dict[str, str], needs: Callable[[str], None], agent: str
):
    needs(agent)
    modules.plan(PI + CHECKS + BY_AGENT % agent)
    tip = modules.git("rev-parse", "main")

    done = modules.porch("run", "--headless", "--parallel", env=agent_env, expect=1)

    assert_reported(modules, tip, done.stdout)
    assert "check-failed" == modules.outcomes()["test-queue"], "the agent said that it was done"
    tasks = json.loads(modules.porch("status", "--json").stdout)["tasks"]
    assert all(task["agent"] for task in tasks)
