"""Litter is moved out of a worktree, and nothing else."""

from __future__ import annotations

from pathlib import Path

from porch_tui.git.worktree import litter
from tests.git.conftest import Sandbox


def moved(repo: Sandbox, base: str, patterns: list[str], folder: Path) -> tuple[str, ...]:
    return litter.set_aside(repo.opened().main, base, patterns, folder)


def test_what_the_base_has_stays_and_new_files_are_moved_wherever_they_are(repo: Sandbox, tmp_path: Path):
    base = repo.commit({".tool.conf": "mine", "src/main.c": "main"})
    repo.commit({".tool.committed": "1"})
    for path in (".tool.log", "src/.tool.log", ".tool.d/deep/file", "src/tool.log"):
        repo.write(path, path)

    found = moved(repo, base, [".tool*"], tmp_path / "litter")

    assert found == (".tool.committed", ".tool.d/deep/file", ".tool.log", "src/.tool.log")
    assert all((tmp_path / "litter" / path).exists() for path in found)
    assert not (repo.root / ".tool.d").exists()
    assert (repo.root / ".tool.conf").exists() and (repo.root / "src/tool.log").exists()


def test_a_pattern_with_a_slash_is_for_one_place(repo: Sandbox, tmp_path: Path):
    for path in ("logs/x.lot", "other/logs/x.lot"):
        repo.write(path, path)

    assert moved(repo, repo.tip(), ["/logs/*.lot"], tmp_path / "litter") == ("logs/x.lot",)


def test_without_patterns_nothing_is_looked_at(repo: Sandbox, tmp_path: Path):
    assert moved(repo, "no commit", [], tmp_path / "litter") == ()
