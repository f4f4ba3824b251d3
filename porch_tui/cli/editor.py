"""Opens files in a person's editor: the one in their settings, else the one git uses."""

from __future__ import annotations

from pathlib import Path

from porch_tui.cli.settings import read_settings
from porch_tui.git import editor
from porch_tui.git.repository import Repository
from porch_tui.git.working_tree import WorkingTree


def edit(repository: Repository, *files: Path, folder: WorkingTree | None = None, line: int = 0) -> bool:
    """Open files in the person's editor, and wait, as `git.editor.edit` does."""
    return editor.edit(repository, *files, folder=folder, line=line, preferred=read_settings().editor)
