"""A run of more tasks than the limit of open files allows; the tasks have the original limit."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator

import pytest

from porch_tui.process import inherited_state
from project import PORCH, Project

FEW, TASKS = 128, 48
"""For each attempt the engine opens several files."""


@pytest.mark.slow
def test_many_tasks_at_once_do_not_run_out_of_open_files(project: Project):
    tasks = "".join(f"  t{n}: {{kind: check, run: 'ulimit -n; {WAIT}'}}\n" for n in range(TASKS))
    project.plan(f"slots: {TASKS}\ndefaults: {{timeout: 60s}}\ntasks:\n{tasks}")

    done = subprocess.run(
        ["sh", "-c", f'ulimit -Sn {FEW} && exec "$@"', "sh", *PORCH, "run", "--headless", "--parallel"],
        cwd=project.root, capture_output=True, text=True, check=False, env=os.environ,
    )  # fmt: skip

    assert 0 == done.returncode, done.stdout
    assert f"{FEW}\n" == project.porch("logs", f"t{TASKS - 1}").stdout


WAIT = f"touch ../here-$PORCH_TASK; until [ $(ls .. | grep -c here-) -ge {TASKS} ]; do sleep 0.2; done"
"""Until all run at the same time."""


@pytest.fixture
def limits() -> Iterator[tuple[int, int]]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_raising_twice_remembers_the_first_limit(limits: tuple[int, int], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(inherited_state, "_found_files", [])
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW, limits[1]))

    inherited_state.raise_file_limit()
    inherited_state.raise_file_limit()

    assert FEW == inherited_state.original_file_limit() < resource.getrlimit(resource.RLIMIT_NOFILE)[0]
