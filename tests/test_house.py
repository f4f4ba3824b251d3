"""The house stays a house: who may know whom, how long a file may be, what nothing may be called."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from porch_tui.core.model.status import EntryStatus, TaskStatus
from porch_tui.present.outcome import Outcome, QueueWord
from porch_tui.present.statuses import look

PACKAGE = Path(__file__).parent.parent / "porch_tui"
FILES = sorted(PACKAGE.rglob("*.py"))

LONGEST = 500
EMPTY_WORDS = {"manager", "helper", "helpers", "utils", "util", "service", "handler"}

STANDARD = set(sys.stdlib_module_names)
PURE = {
    "__future__", "ast", "bisect", "collections", "dataclasses", "enum", "fnmatch", "functools", "graphlib",
    "heapq", "itertools", "math", "operator", "posixpath", "re", "shlex", "string", "typing", "warnings",
}  # fmt: skip

VALUES = {"msgspec"}
"""What values are made of, in every room: a `Struct` costs a start a fiftieth of what a dataclass does."""

ROOMS: dict[str, tuple[set[str], set[str]]] = {
    # room: (rooms it may import besides itself and errors, what else from outside)
    "core": (set(), PURE),
    "emulator": (set(), PURE | {"array", "base64", "codecs", "sys", "unicodedata"}),
    "agents": ({"core"}, STANDARD),
    "planfile": ({"core", "agents"}, STANDARD | {"yaml"}),
    "journal": ({"core"}, STANDARD),
    "git": ({"core", "process"}, STANDARD),
    "process": ({"core", "emulator"}, STANDARD | {"psutil"}),
    "executors": ({"core", "agents", "git", "process"}, STANDARD),
    "places": ({"core", "agents", "git", "process", "executors"}, STANDARD),
    "codebase": ({"core", "git", "journal"}, STANDARD),
    "session": ({"core", "agents", "emulator", "journal", "process"}, STANDARD),
    "demo": ({"git"}, STANDARD),
    "engine": (
        {
            "core",
            "agents",
            "git",
            "codebase",
            "emulator",
            "process",
            "journal",
            "executors",
            "places",
            "planfile",
            "housekeeping",
        },
        STANDARD,
    ),
    "planning": (
        {"core", "agents", "planfile", "codebase", "git", "process", "executors", "present"},
        STANDARD | {"yaml"},
    ),
    "present": ({"core"}, STANDARD | {"rich"}),
    "report": ({"core", "present"}, STANDARD),
    "housekeeping": (
        {"core", "agents", "git", "process", "executors", "places", "journal", "session", "present"},
        STANDARD,
    ),
    "tui": ({"core", "emulator", "present", "session"}, STANDARD | {"textual", "rich"}),
}
ROOMS["cli"] = (set(ROOMS), STANDARD | {"tomlkit"})
"""The composition root knows everybody, and edits a person's settings."""

FOLDERS: dict[str, tuple[str, ...]] = {
    "cli": ("output", "", "conflict", "review", "screen", "enter", "commands"),
    "core": (
        "model", "files", "uses", "tasks", "splitting", "relations", "forecast", "advice",
        "conflict", "judging", "merge_queue", "scheduling", "rules",
    ),
    "git": ("", "worktree", "landing", "transfer", "rescue", "merge"),
    "codebase": ("languages", ""),
    "engine": ("effects", "watchers", ""),
    "planfile": ("text", "keys", "values", "each", "", "editing"),
    "places": ("wire", "host", "program", "carriers", "dask", "near"),
    "planning": ("lists", ""),
    "process": ("supervisor", ""),
    "report": ("forms", "sections", ""),
    "tui": (
        "terminal", "drawing", "stepping", "model", "keys", "widgets", "conflict", "log", "report",
        "timeline", "rivals", "places", "queue", "board", "grid", "task", "diff", "app",
    ),
}  # fmt: skip
"""The folders of a room, the lowest first; the empty name stands for the files beside them.

A file may import what is in its own folder and in those before it.
"""

BARE = {
    "answering", "blocked_read", "calls", "delays", "fence", "frames", "kernel", "lane", "last_line", "lease",
    "log_cap", "open_stdin", "people", "shim", "spool", "terminal", "tree", "typed", "waking", "zygote",
}  # fmt: skip
"""Files of `process` that run in a bare interpreter, and import each other by their bare names."""

PRINTING = {"print", "sys.stdout.write", "sys.stdout.buffer.write", "sys.stderr.write"}
"""How Python writes to the standard streams."""

CLUSTER_PACKAGES = {"cryptography", "dask", "dask_jobqueue", "distributed"}
"""Of the extras `dask` and `hpc`; only one folder may import them."""

RUNS_PROGRAMS = {"git", "process"}
"""The only rooms that may import subprocess."""
BEFORE_PORCH = "places/program/loader.py"
"""Runs on a host that has nothing of porch yet."""


def shown(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


@cache
def tree(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text())


@cache
def imports(path: Path) -> frozenset[str]:
    """Return the dotted names a file imports, under TYPE_CHECKING too."""
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide which room is meant"
            module = node.module or ""
            yield from (
                (f"{module}.{alias.name}" for alias in node.names) if module == "porch_tui" else [module]
            )


def test_every_room_has_its_place_in_the_house():
    found = {room_of(path) for path in FILES} - {""}

    assert found == set(ROOMS)


def test_a_file_knows_only_the_rooms_below_it():
    strangers = [
        f"{shown(path)} imports {name}"
        for path in FILES
        for name in sorted(imports(path))
        if room_of(path) and not may_import(path, name)
    ]

    assert not strangers


def may_import(path: Path, name: str) -> bool:
    room = room_of(path)
    inside, outside = ROOMS[room]
    first, _, rest = name.partition(".")
    if path.parent == PACKAGE / "process" / "supervisor" and path.stem in BARE:
        return first in STANDARD | BARE or name.startswith(("porch_tui.process", "porch_tui.emulator"))
    if first == "porch_tui":
        return rest.partition(".")[0] in inside | {room, "errors", "log", "__version__"}
    if path.is_relative_to(PACKAGE / "places" / "dask") and first in CLUSTER_PACKAGES:
        return True
    return first in outside or first in VALUES


def folder_of(dotted: str) -> str:
    """Return the folder of a module by its dotted name below the room; empty if it is in none."""
    parts = dotted.split(".")
    return parts[1] if parts[1:] and parts[1] in FOLDERS.get(parts[0], ()) else ""


def test_every_folder_of_a_room_has_its_place_in_it():
    for room, folders in FOLDERS.items():
        found = {path.name for path in (PACKAGE / room).iterdir() if (path / "__init__.py").exists()}

        assert found == set(folders) - {""}


def test_a_file_knows_only_the_folders_below_it():
    above = []
    for path in FILES:
        room, own = room_of(path), ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for name in imports(path) if room in FOLDERS and path.stem != "__init__" else ():
            other = name.removeprefix("porch_tui.")
            if other != name and other.partition(".")[0] == room:
                order = FOLDERS[room]
                if order.index(folder_of(other)) > order.index(folder_of(own)):
                    above.append(f"{shown(path)} imports {name}")

    assert not above


def test_only_git_and_process_run_programs():
    runners = {
        room_of(path) for path in FILES if "subprocess" in imports(path) and shown(path) != BEFORE_PORCH
    }

    assert runners <= RUNS_PROGRAMS


MAKES_GIT = {
    "demo/repository.py",  # a repository that is made this moment
    "git/discovery.py",  # finds out which repository a folder is in
    "git/merge/sandbox.py",  # a folder of its own, named
    "git/transfer/host_repository.py",  # a repository that is made this moment
    "git/working_tree.py",  # verified
}
"""Where git may be given a folder by its path. All others get it from a `WorkingTree`."""


def test_git_acts_only_on_folders_that_were_verified():
    """`Git(path)` obeys whatever configuration it finds there, and may reset, clean or add elsewhere."""
    makers = {shown(path) for path in FILES for call in calls(path) if called(call) == "Git"}

    assert MAKES_GIT == makers


MAKES_WORKING_TREES = {
    "git/worktree/clones.py",  # a clone that is being made
    "git/discovery.py",  # the main worktree, by what its .git leads to
    "git/worktree/nested_repositories.py",  # a repository inside a worktree, to read from it
    "git/worktree/base_checkout.py",  # a folder to copy from
    "git/worktree/symlinks.py",  # a scratch folder
    "git/repository.py",  # the main worktree, as it was found
    "git/merge/sandbox.py",  # a scratch folder
    "git/worktree/submodules.py",  # one whose git directory is the worktree's own
    "git/working_tree.py",  # verified
}
"""Where folder and git directory may be put together. All others ask `Repository.at`, which verifies it."""


def test_a_folder_and_its_git_directory_are_put_together_only_where_they_are_verified():
    makers = {shown(path) for path in FILES for call in calls(path) if called(call) == "WorkingTree"}

    assert MAKES_WORKING_TREES == makers


def test_git_as_the_person_has_it_runs_only_programs_of_theirs():
    uses = [
        (shown(path), ast.unparse(call.func).rpartition(".")[2], *map(ast.unparse, call.args[:1]))
        for path in FILES
        for call in calls(path)
        if "plain_git." in ast.unparse(call.func)
    ]
    mentions = sum(path.read_text().count(".plain_git") for path in FILES)

    assert len(uses) == mentions
    assert not [use for use in uses if use[1:] not in {("run", "'hook'"), ("environment",)}]


@cache
def calls(path: Path) -> tuple[ast.Call, ...]:
    """Return every call in a file."""
    return tuple(node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """Return the bare name of what is called; empty if it has none."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def test_all_that_the_command_line_prints_passes_through_one_place():
    """So that no path or message with control characters in it reaches a terminal as it is."""
    printers = {
        shown(path)
        for path in FILES
        if room_of(path) in {"cli", "engine", "executors", "git", "journal", "session"}
        for call in calls(path)
        if ast.unparse(call.func) in PRINTING
    }

    assert printers <= {"cli/output/streams.py", "cli/output/printer.py"}


def test_no_two_test_files_have_one_name():
    names = Counter(path.name for path in Path(__file__).parent.rglob("test_*.py"))

    assert [name for name, count in names.items() if count > 1] == []


def test_every_file_is_short_enough_to_be_read_at_once():
    lengths = {shown(path): len(path.read_text().splitlines()) for path in FILES}

    assert not {name: length for name, length in lengths.items() if length > LONGEST}


MOST_METHODS = 40
"""Of a class, those of its ancestors in this package included. A larger one holds parts instead."""


def test_no_class_has_too_many_methods():
    larger = {
        f"{'.'.join(path.relative_to(PACKAGE).with_suffix('').parts)}.{name}"
        for path in FILES
        for name in classes(path)
        if len(methods(path, name)) > MOST_METHODS
    }

    assert not larger


@cache
def classes(path: Path) -> dict[str, ast.ClassDef]:
    """Return the classes of a file by name, nested ones left out."""
    return {node.name: node for node in tree(path).body if isinstance(node, ast.ClassDef)}


def methods(path: Path, name: str) -> set[str]:
    """Return the names of a class's methods, with those of its ancestors in this package."""
    origins = {
        alias.asname or alias.name: PACKAGE.parent / Path(*(node.module or "").split(".")).with_suffix(".py")
        for node in tree(path).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    node = classes(path)[name]
    found = {part.name for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)}
    for base in (getattr(base, "value", base) for base in node.bases):  # of `Base[T]` the Base
        if isinstance(base, ast.Name):
            origin = path if base.id in classes(path) else origins.get(base.id, path)
            if origin.exists() and base.id in classes(origin):
                found |= methods(origin, base.id)
    return found


def test_every_file_says_why_it_exists():
    assert not [shown(path) for path in FILES if not ast.get_docstring(tree(path))]


def test_nothing_is_called_by_an_empty_word():
    classes = [
        node.name.lower() for path in FILES for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)
    ]

    assert not [
        shown(path) for path in FILES if path.stem.lower() in EMPTY_WORDS | {"base", "common", "misc"}
    ]
    assert not [name for name in classes if name.endswith(tuple(EMPTY_WORDS))]


def test_only_one_function_of_the_engine_makes_state():
    """`evolve` is called where facts are written; besides, only readers fold what was written."""
    callers = {
        shown(path)
        for path in FILES
        if room_of(path) != "core" and "porch_tui.core.rules.evolve" in imports(path)
    }

    assert callers == {"engine/engine.py", "engine/engine_session.py", "session/session.py"}


SHOWS = {"report", "tui", "cli", "housekeeping"}
SPELLS_A_STATUS = {
    # what is so called besides, and is no status of a task or an entry
    "cli/commands/runs.py": {"running"},  # RunStatus
    "cli/steering.py": {"queued", "waiting"},  # what became of a command
    "housekeeping/stale_artifacts.py": {"landed", "landing"},  # refs and what they are kept for
    "report/progress.py": {"stopping"},  # an event, in a sentence
    "report/sections/conflicts.py": {"landed", "failed", "timed out"},  # how a conflict ended, in a sentence
    "report/sections/integration.py": {"passed"},  # a validation
    "report/sections/resources.py": {"paused"},  # a column
    "report/status.py": {"paused", "queued", "waiting"},  # the run; the words that scripts know
    "report/trace.py": {"landing"},  # a group of rows
    "tui/app/screens.py": {"conflict"},  # a screen
    "tui/conflict/sheet.py": {"·"},  # a blank that differs
    "tui/conflict/panes.py": {"·"},  # a choice that is not made
    "tui/keys/bindings.py": {"conflict"},  # a screen
    "tui/queue/entry_facts.py": {"merging", "waiting"},  # labels of facts
    "tui/queue/predicted_conflicts.py": {"·"},  # no conflict between two tasks
    "tui/task/task_facts.py": {"waiting"},  # the label of a fact
}


def test_only_one_room_says_how_a_status_looks():
    """Sign, word and color of a status are in `present`, for the screen and every form of the report."""
    statuses = [status for enum in (TaskStatus, EntryStatus, QueueWord, Outcome) for status in enum]
    looks = [look(status) for status in statuses]
    spelled = {*statuses, *(one.word for one in looks), *(one.label for one in looks)}
    spelled |= {one.glyph for one in looks if not one.glyph.isascii()}

    assert not [
        f"{shown(path)}: {text!r}"
        for path in FILES
        if room_of(path) in SHOWS
        for text in sorted(set(_texts(path)) & spelled - SPELLS_A_STATUS.get(shown(path), set()))
    ]


def _texts(path: Path) -> Iterator[str]:
    """Yield what is in quotes alone: no part of a sentence, no key of a JSON document."""
    nodes = list(ast.walk(tree(path)))
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    keys = {id(key) for node in nodes if isinstance(node, ast.Dict) for key in node.keys}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts | keys:
            yield node.value


def test_the_version_is_told_without_importing_anything_of_porch_but_what_prints_it():
    script = (
        "import sys, porch_tui.cli as cli; cli.main(['--version']);"
        "print(sorted(name for name in sys.modules if 'porch_tui.' in name))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[1] == (
        "['porch_tui.cli', 'porch_tui.cli.output', 'porch_tui.cli.output.streams', 'porch_tui.errors']"
    )
