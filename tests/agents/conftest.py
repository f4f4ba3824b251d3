"""Real agent programs, a home of their own for them, and the model they talk to."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from agents.model_server import ModelServer

from project import Project

CODEX = """\
model = "scripted"
model_provider = "scripted"
check_for_update_on_startup = false
[model_providers.scripted]
name = "scripted"
base_url = "{url}/v1"
wire_api = "responses"
env_key = "MODEL_KEY"
request_max_retries = 0
stream_max_retries = 0
[analytics]
enabled = false
"""


@pytest.fixture
def model() -> Iterator[ModelServer]:
    """A model that answers."""
    with ModelServer().running() as model:
        yield model


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A repository with one commit."""
    return Project(tmp_path)


@pytest.fixture
def agent_env(tmp_path: Path, model: ModelServer) -> dict[str, str]:
    """The environment of agents: a home in which each is configured for the model, and nothing else."""
    home = tmp_path / "home"
    pi_models = {"baseUrl": f"{model.url}/v1", "api": "openai-completions", "apiKey": "dummy"}
    pi_models["models"] = [  # type: ignore[assignment]
        {
            "id": "scripted",
            "name": "scripted",
            "reasoning": False,
            "input": ["text"],
            "cost": {"input": 1, "output": 2, "cacheRead": 0, "cacheWrite": 0},
            "contextWindow": 100_000,
            "maxTokens": 4096,
        }
    ]
    opencode = {
        "autoupdate": False,
        "share": "disabled",
        "model": "scripted/scripted",
        "small_model": "scripted/scripted",
        "provider": {
            "scripted": {
                "npm": "@ai-sdk/openai-compatible",
                "name": "scripted",
                "options": {"baseURL": f"{model.url}/v1", "apiKey": "dummy"},
                "models": {"scripted": {"name": "scripted", "tool_call": True}},
            }
        },
    }
    # else they install their newest version for the whole machine
    stays_as_it_is = {"general": {"enableAutoUpdate": False}}
    gemini = {"security": {"auth": {"selectedType": "gemini-api-key"}}, **stays_as_it_is}
    files: Mapping[str, str] = {
        ".codex/config.toml": CODEX.format(url=model.url),
        ".pi/agent/models.json": json.dumps({"providers": {"scripted": pi_models}}),
        ".config/opencode/opencode.json": json.dumps(opencode),
        ".gemini/settings.json": json.dumps(gemini),
        ".qwen/settings.json": json.dumps(stays_as_it_is),
    }
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    return {
        "PATH": agent_path(),
        "HOME": str(home),
        "CODEX_HOME": str(home / ".codex"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "XDG_STATE_HOME": str(home / ".local/state"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "MODEL_KEY": "dummy",
        "OPENAI_API_KEY": "dummy",
        "OPENAI_API_BASE": f"{model.url}/v1",
        "OPENAI_BASE_URL": f"{model.url}/v1",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "PI_OFFLINE": "1",
        "OPENCODE_DISABLE_MODELS_FETCH": "1",
        "GEMINI_API_KEY": "dummy",
        "GOOGLE_GEMINI_BASE_URL": model.url,
    }


def agent_path() -> str:
    """Return PATH with the folder in which CI has installed agents."""
    folder = os.environ.get("PORCH_TEST_AGENTS")
    return f"{folder}{os.pathsep}{os.environ['PATH']}" if folder else os.environ["PATH"]


@pytest.fixture
def needs() -> Callable[[str], None]:
    """Skip the test where a program is missing; CI installs all of them."""

    def skip_without(program: str) -> None:
        if shutil.which(program, path=agent_path()) is None:
            pytest.skip(f"{program} is not on PATH, nor in $PORCH_TEST_AGENTS: npm installs it")

    return skip_without
