"""Runs in real repositories, with an engine in the test process."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_process import ProjectHere


@pytest.fixture
def project(tmp_path: Path) -> ProjectHere:
    """A repository with one commit."""
    return ProjectHere(tmp_path)
