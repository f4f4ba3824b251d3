"""Commands that only read stay quick: textual is not imported for them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from project import Project

READERS = [
    ["--version"], ["--help"], ["status"], ["status", "--json"], ["logs", "good"], ["report"], ["runs"],
    ["check"], ["schema"], ["init", "--print"], ["completion", "zsh"], ["doctor"], ["clean", "--dry-run"],
]  # fmt: skip
SCRIPT = """
import sys
from porch_tui.cli import main
try:
    code = main({words!r})
except SystemExit as end:
    code = end.code
heavy = {{'textual', 'rich.console', 'rich.text', 'dask', 'distributed', 'cryptography'}}
heavy &= set(sys.modules)  # rich.cells is small
print(code, sorted(heavy), file=sys.stderr)
"""


@pytest.mark.slow
@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_a_command_that_only_reads_imports_nothing_heavy(ended: Project, words: list[str]):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(words=words)],
        cwd=ended.root, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip

    assert "0 []" == done.stderr.splitlines()[-1]


def test_attach_gives_its_first_sign_before_anything_slow_is_imported():
    source = (
        "import sys; from porch_tui.cli import parser; import porch_tui.cli.commands.attach;"
        " parser.parse([]); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)

    assert not {"msgspec", "yaml", "textual", "subprocess", "json"} & set(done.stdout.split())


def test_a_run_is_read_without_what_starts_attempts_or_shows_logs():
    source = "import sys, porch_tui.cli.commands.status, porch_tui.cli.run_status; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)

    not_needed = {"porch_tui.process.spawn", "porch_tui.agents.transcript", "socket", "tomllib"}
    assert set() == not_needed & set(done.stdout.split())


def test_the_screen_opens_without_what_its_other_screens_need():
    source = (
        "import sys; from porch_tui.tui.app.run import import_screen; import_screen(); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)

    not_needed = {"textual.widgets._text_area", "textual.document", "tree_sitter", "pygments", "markdown_it"}
    not_needed |= {"porch_tui.tui.drawing.theme_colors", "porch_tui.tui.terminal.few_colors"}
    not_needed |= {"porch_tui.git", "porch_tui.tui.conflict", "porch_tui.tui.diff", "porch_tui.tui.grid"}
    assert set() == not_needed & set(done.stdout.split())


def test_a_run_is_prepared_without_what_only_other_commands_and_plans_need():
    source = (
        "import sys, porch_tui.cli.commands.run, porch_tui.cli.repository_items, porch_tui.planfile.read,"
        " porch_tui.engine.new_run, porch_tui.cli.engine_here; print(*sys.modules)"
    )
    command = [sys.executable, "-c", f"import porch_tui.cli.parser as p; p.import_msgspec(); {source}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    not_needed = {
        "logging", "statistics", "difflib", "unicodedata", "ast", "tomllib", "importlib.resources", "textual",
        "ruamel.yaml", "tree_sitter", "porch_tui.codebase", "porch_tui.planning",
        "porch_tui.core.uses.prompts", "porch_tui.core.uses.python_text",
    }  # fmt: skip
    assert set() == not_needed & set(done.stdout.split())


def test_msgspec_is_imported_without_what_it_does_not_need():
    source = (
        "import sys; from porch_tui.cli.parser import import_msgspec; import_msgspec();"
        " import porch_tui.session.session; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)

    assert {"msgspec"} == {"msgspec", "typing_extensions", "ast"} & set(done.stdout.split())


def test_a_run_on_this_machine_imports_nothing_of_a_cluster(tmp_path: Path):
    """Stand-ins for the packages leave a mark when any process of the run imports them."""
    traps, marks = tmp_path / "traps", tmp_path / "marks"
    for folder in (traps, marks):
        folder.mkdir()
    for name in ("cryptography", "dask", "dask_jobqueue", "distributed"):
        (traps / f"{name}.py").write_text(f"open({str(marks / name)!r}, 'w').close()")
    environ = {**os.environ, "PYTHONPATH": str(traps)}
    project = Project(tmp_path)
    project.plan("tasks: {a: {run: echo a > a}}\n")

    project.porch("run", "--headless", "-y", env=environ)

    assert {"a": "landed"} == project.outcomes()
    assert [] == list(marks.iterdir())
    subprocess.run([sys.executable, "-P", "-c", "import dask"], env=environ, check=True)
    assert [marks / "dask"] == list(marks.iterdir())
