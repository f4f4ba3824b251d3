"""A repository to put source files into."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codebase.code import Code


@pytest.fixture
def code(tmp_path: Path) -> Code:
    """A repository with one commit."""
    return Code(tmp_path)
