"""An agent that has nothing but the definition and the commands drives porch from a plan to its report."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from shlex import quote
from typing import Any

import pytest
from agents.model_server import ModelServer

from porch_tui.cli.agent_definition import PAGE
from project import PORCH, Project

pytestmark = pytest.mark.slow

CALC = "def add(a, b):\n    return a + b\n"
REGISTRY = "OPERATIONS = {'add': 'add'}\n"
TASK = """\
  {id}:
    agent: codex
    prompt: "Add {id}. DO: {gate} sed -i.bak \\"s/'add'}}/'add', '{sign}': '{id}'}}/\\" registry.py; rm *.bak;
      printf 'def {id}(a, b):\\\\n    return a {sign} b\\\\n' >> calc.py :END"
"""
GATE = "until git show main:calc.py | grep -q mul; do sleep 0.05; done;"
"""Keeps a task from ending before the other has landed, so that it is the one in conflict."""
PLAN = f"""\
validate: python3 -c "import calc, registry; [getattr(calc, name) for name in registry.OPERATIONS.values()]"
tasks:
{TASK.format(id="mul", sign="*", gate="")}
{TASK.format(id="sub", sign="-", gate=GATE)}
  docs:
    agent: codex
    prompt: "Describe it. DO: echo Operations are in registry.py > README.md :END"
    paths: [README.md]
"""
TROUBLED = """\
tasks:
  notes:
    agent: codex
    prompt: "Write notes. DO: echo names > NOTES.md :END"
    paths: [NOTES.md]
    checks: "grep -q dates NOTES.md || { echo FAILED: NOTES.md needs dates; exit 1; }"
  style:
    agent: codex
    prompt: "Write down the style. ASK: Tabs or spaces? :END"
    paths: [STYLE.md]
"""
WAIT = "porch wait --timeout 8s --json"
"""Codex hands a command that takes longer than 10 s to a tool of its own."""


class Orchestrator:
    """A model that decides each step by what the previous one has printed, as the definition says."""

    def __init__(self, plan: str) -> None:
        self.plan = plan
        self.steps: list[str] = []
        self.report = ""

    def __call__(self, outputs: Sequence[str]) -> str | None:
        """Return the next command; None at the end."""
        command = self._next(outputs)
        if command:
            self.steps.append(command)
        return command

    def _next(self, outputs: Sequence[str]) -> str | None:
        if not outputs:
            return f"cat > porch.yaml <<'END'\n{self.plan}END\nporch check --json"
        if self.steps[-1] == "porch report":
            self.report = outputs[-1]
            return None
        if looked := re.match(r"porch logs (\S+)", self.steps[-1]):
            missing = re.search(r"^FAILED: (\S+) needs (.*)$", outputs[-1], re.MULTILINE)
            assert missing, outputs[-1]
            say = f"It needs {missing[2]}. DO: echo {missing[2]} > {missing[1]} :END"
            return f"porch retry {looked[1]} --say {quote(say)} --json"
        match _document(outputs[-1]):
            case {"verdict": {"choice": "parallel" | "cannot-tell"}, "warnings": []}:
                return "porch run --detach --json"
            case {"ended": False, "engine": "alive"}:
                return WAIT
            case {"ended": True, "needs_you": []}:
                return "porch report"
            case {"ended": True, "needs_you": [{"outcome": "conflict", "task": task}, *_]}:
                return f"porch conflicts {task} --json"
            case {"ended": True, "needs_you": [{"outcome": "check-failed", "task": task}, *_]}:
                return f"porch logs {task} --tail 40"
            case {"ended": True, "needs_you": [{"outcome": "failed", "task": task, "why": why}, *_]}:
                assert "Tabs or spaces?" in why
                say = "Tabs. DO: echo tabs > STYLE.md :END"
                return f"porch retry {task} --keep --say {quote(say)} --json"
            case {"conflicts": [{"task": task, "paths": paths}]}:
                return " && ".join(_resolution(task, path, hunk) for path in paths for hunk in path["hunks"])
            case {"is_complete": True} | {"commands": [{"result": "waiting"}]}:
                return "porch resume --detach --json"
            case {"run": _, **rest} if not rest:
                return WAIT
        raise AssertionError(f"the definition does not say what follows on {outputs[-1]}")


Drive = Callable[[str, Orchestrator], None]


def _resolution(task: str, path: dict[str, Any], hunk: dict[str, Any]) -> str:
    """Return the command that keeps what both sides want: lines that each adds, or entries of one line."""
    place = quote(f"{path['path']}:{hunk['hunk']}")
    if not hunk["base"]:
        return f"porch resolve {task} --take both {place} --json >/dev/null"
    new = hunk["task"].removeprefix(hunk["base"].rstrip("}\n")).lstrip(", ")
    text = f"{hunk['main'].rstrip()[:-1]}, {new}"
    return f"printf %s {quote(text)} > ../merged; porch resolve {task} --with ../merged {place} --json"


def _document(output: str) -> dict[str, Any]:
    """Return the last JSON document in what a tool has returned."""
    found: dict[str, Any] = {}
    at = output.find("{")
    while at >= 0:
        try:
            found, end = json.JSONDecoder().raw_decode(output, at)
        except ValueError:
            end = at + 1
        at = output.find("{", end)
    return found


@pytest.fixture
def env(tmp_path: Path, agent_env: dict[str, str]) -> dict[str, str]:
    """The environment of agents, with porch on PATH, also for login shells, which is what codex starts."""
    program = tmp_path / "bin/porch"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {" ".join(map(quote, PORCH))} "$@"\n')
    program.chmod(0o755)
    path = os.pathsep.join((str(program.parent), str(Path(sys.executable).parent), agent_env["PATH"]))
    (Path(agent_env["HOME"]) / ".profile").write_text(f"export PATH={quote(path)}\n")
    return {**agent_env, "PATH": path}


DRIVERS = {
    "codex": ["codex", "exec", "--json", "--dangerously-bypass-approvals-and-sandbox"],
    "pi": ["pi", "-p", "--mode", "json", "--provider", "scripted", "--model", "scripted"],
}


@pytest.fixture
def drive(project: Project, model: ModelServer, env: dict[str, str]) -> Drive:
    """Let an agent that has read the definition do what the orchestrator decides."""

    def drive(driver: str, orchestrator: Orchestrator) -> None:
        project.porch("init", "--for", "codex")
        project.commit({}, "a definition")
        model.orchestrator = orchestrator
        done = subprocess.run(
            [*DRIVERS[driver], "ORCHESTRATE: do that in parallel"],
            cwd=project.root, env={**os.environ, **env},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    return drive


@pytest.mark.parametrize("driver", DRIVERS)
def test_an_agent_drives_a_plan_of_three_tasks_with_a_conflict(
    project: Project, model: ModelServer, drive: Drive, needs: Callable[[str], None], driver: str
):
    needs("codex")
    needs(driver)
    project.commit({"calc.py": CALC, "registry.py": REGISTRY})

    drive(driver, orchestrator := Orchestrator(PLAN))

    heard = next(text for text in model.heard if "ORCHESTRATE" in text)
    assert PAGE.read_text("utf-8").partition("\n")[2].strip() in heard, "the definition reaches the model"
    assert project.outcomes() == {"mul": "landed", "sub": "landed", "docs": "landed"}
    assert "porch conflicts sub --json" in orchestrator.steps
    assert project.git("show", "main:registry.py") == "OPERATIONS = {'add': 'add', '*': 'mul', '-': 'sub'}"
    assert "def mul" in project.git("show", "main:calc.py") and "def sub" in project.git(
        "show", "main:calc.py"
    )
    assert "3 of 3 tasks landed" in orchestrator.report
    assert re.search("resolved by .+: landed", orchestrator.report)


def test_an_agent_says_what_was_wrong_and_answers_a_question(
    project: Project, drive: Drive, needs: Callable[[str], None]
):
    needs("codex")

    drive("codex", orchestrator := Orchestrator(TROUBLED))

    assert project.outcomes() == {"notes": "landed", "style": "landed"}
    assert project.git("show", "main:NOTES.md") == "dates"
    assert project.git("show", "main:STYLE.md") == "tabs"
    assert "2 of 2 tasks landed" in orchestrator.report
