"""Which changes make a setup run again."""

from __future__ import annotations

import pytest

from porch_tui.core.model.plan import from_shell
from porch_tui.core.tasks.setup_inputs import read_by


@pytest.mark.parametrize(
    ("setup", "path", "is_read"),
    [
        ("npm ci", "package-lock.json", True),
        ("npm ci", "web/package.json", True),
        ("uv sync", "requirements-dev.txt", True),
        ("uv sync", "docs/requirements.md", False),
        ("./tools/setup.sh --all", "tools/setup.sh", True),
        ("test -e x && sh ./ci/install.sh; true", "ci/install.sh", True),
        ("pip install -e backend", "backend/app.py", False),
        ("echo don't", "src/x.c", False),
    ],
)
def test_manifests_and_what_the_command_names_are_read(setup, path, is_read):
    assert ((path,) if is_read else ()) == read_by((from_shell(setup),), [path])


def test_a_program_with_arguments_names_files_too():
    assert ("a b/c",) == read_by((("sh", "a b/c"),), ["a b/c", "d"])
