"""What earlier runs found out: the newest counts, what is damaged is not known, and it grows only so far."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from porch_tui.core.model.copying import replace
from porch_tui.journal import verdicts
from porch_tui.journal.verdicts import Finding, find, remember

PASSED = Finding("tree", "conditions", has_passed=True, run="run-1", at=1.0, log="/log")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a git directory in which porch has run."""
    (tmp_path / "porch").mkdir()
    return tmp_path


def test_the_newest_finding_about_a_tree_counts(repository: Path):
    failed = replace(PASSED, has_passed=False, run="run-2", text="exit 1", exit_code=1)
    remember(repository, PASSED)
    remember(repository, failed)
    remember(repository, replace(PASSED, tree="other"))

    assert failed == find(repository, "tree", "conditions")


def test_under_other_conditions_nothing_is_known(repository: Path):
    remember(repository, PASSED)

    assert None is find(repository, "tree", "other commands")


def test_what_cannot_be_read_is_not_known(repository: Path):
    (repository / "porch" / verdicts.FINDINGS.file).write_bytes(b'\xff\n{"tree": "tree"}\n{"tr')
    remember(repository, PASSED)
    remember(repository, PASSED)

    assert PASSED == find(repository, "tree", "conditions")


def test_a_disk_that_takes_nothing_is_no_failure(tmp_path: Path):
    remember(tmp_path / "missing", PASSED)

    assert None is find(tmp_path / "missing", "tree", "conditions")


def test_the_oldest_are_forgotten_and_no_one_else_may_look(repository: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(verdicts.FINDINGS, "most", 6)
    monkeypatch.setattr(verdicts.FINDINGS, "kept", 3)

    for number in range(7):
        remember(repository, replace(PASSED, tree=f"tree-{number}"))

    file = repository / "porch" / verdicts.FINDINGS.file
    assert [number >= 4 for number in range(7)] == [
        find(repository, f"tree-{number}", "conditions") is not None for number in range(7)
    ]
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
