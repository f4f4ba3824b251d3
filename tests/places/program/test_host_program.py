"""The program that is sent to hosts: what is in it, and that it runs where nothing is installed."""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from porch_tui.places.program import msgspec_stand_in
from porch_tui.places.program.contents import START, Program, host_program, packed

ONLY_WITHOUT_PROC = {"psutil"}
"""Imported where there is no /proc, inside functions."""


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(host_program().data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def modules(files: dict[str, bytes]) -> dict[str, ast.Module]:
    return {name: ast.parse(content) for name, content in files.items() if name.endswith(".py")}


def imports(nodes: Iterator[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_the_same_files_make_the_same_bytes_under_the_same_name(files: dict[str, bytes]):
    backwards = dict(reversed(files.items()))

    assert packed(backwards) == host_program()
    assert packed({**files, START: b"pass"}).name != host_program().name


def test_a_program_is_packed_once():
    assert host_program() is host_program()


@pytest.mark.slow
def test_it_needs_nothing_but_python(files: dict[str, bytes]):
    own = {Path(name).stem for name in files if name.startswith("porch_tui/process/supervisor/")}
    allowed = set(sys.stdlib_module_names) | {"porch_tui", "msgspec"} | own

    needed = {
        name.partition(".")[0] for module in modules(files).values() for name in imports(ast.walk(module))
    }
    at_once = {name for module in modules(files).values() for name in imports(iter(module.body))}

    assert needed - allowed <= ONLY_WITHOUT_PROC
    assert not at_once & ONLY_WITHOUT_PROC


@pytest.mark.slow
def test_every_module_that_one_of_its_modules_imports_is_in_it(files: dict[str, bytes]):
    known = {name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in modules(files)}

    missing = {
        f"{name}: {imported}"
        for name, module in modules(files).items()
        for imported in imports(ast.walk(module))
        if imported.startswith("porch_tui") and imported not in known
    }

    assert not missing


def test_no_module_of_the_engine_or_the_screen_is_in_it(files: dict[str, bytes]):
    rooms = {name.split("/")[1] for name in files if name.startswith("porch_tui/") and name.count("/") > 1}

    assert rooms <= {"core", "agents", "emulator", "git", "process", "executors", "places"}


def test_what_it_starts_and_reads_by_path_is_in_it(files: dict[str, bytes]):
    root = Path(__file__).parents[3]
    by_path = [*root.glob("porch_tui/process/supervisor/*.py"), *root.glob("porch_tui/agents/presets/*.toml")]

    assert len(by_path) > 10
    assert {path.relative_to(root).as_posix() for path in by_path} <= files.keys()


@pytest.mark.slow
def test_the_stand_in_has_all_of_msgspec_that_is_used(files: dict[str, bytes]):
    used = set()
    for name, module in modules(files).items():
        for node in ast.walk(module) if name.startswith("porch_tui/") else ():
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "msgspec":
                used |= {f"{node.module}.{alias.name}".removeprefix("msgspec.") for alias in node.names}
            elif isinstance(node, ast.Attribute) and ast.unparse(node).startswith("msgspec."):
                used.add(ast.unparse(node).removeprefix("msgspec."))

    assert "Struct" in used
    for name in used:
        found = msgspec_stand_in
        for part in name.split("."):
            found = getattr(found, part)


@pytest.mark.slow
def test_it_runs_where_nothing_is_installed(files: dict[str, bytes], tmp_path: Path):
    """Each of its modules is imported by a Python without site-packages, and a value goes there and back."""
    unpack(host_program(), tmp_path)
    modules = [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in files
        if name.startswith("porch_tui/") and name.endswith(".py") and "/supervisor/" not in name
    ]
    script = (
        "import importlib, json, sys\n"
        f"sys.path[:0] = [{str(tmp_path)!r}]\n"
        f"import start; start.find_msgspec({str(tmp_path)!r})\n"
        "for name in json.loads(sys.stdin.readline()): importlib.import_module(name)\n"
        "import msgspec; from porch_tui.agents.preset import names, preset\n"
        "from porch_tui.core.model.plan import TaskSpec\n"
        "kind = msgspec.convert(json.loads(sys.stdin.readline()), TaskSpec)\n"
        "assert [preset(name) for name in names()]\n"
        "print(json.dumps([msgspec.__file__, msgspec.to_builtins(kind)]))\n"
    )
    task = {"id": "a", "title": "Do it", "command": ["true"], "timeout_s": 2.5}

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        input=f"{json.dumps(modules)}\n{json.dumps(task)}\n",
        capture_output=True,
        text=True,
        check=False,
    )

    assert not done.stderr
    stand_in, said = json.loads(done.stdout)
    assert stand_in == str(tmp_path / "stand_in/msgspec.py")
    assert task.items() <= said.items()


def unpack(program: Program, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(program.data)) as archive:
        archive.extractall(folder)
