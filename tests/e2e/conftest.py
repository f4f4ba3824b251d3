"""The project fixture of the end-to-end tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A repository with one commit."""
    return Project(tmp_path)
