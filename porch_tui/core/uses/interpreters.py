"""Calls of interpreters, and the scripts of the repository that they or the shell run."""

from __future__ import annotations

import re
from collections.abc import Sequence

from porch_tui.core.uses import databases, tool_calls
from porch_tui.core.uses.calls import DEEPEST, PATH_LIKE, Area, Call, Scope, note_arguments

LONGEST = 200_000
"""Characters of a script that are read."""
PYTHON = re.compile(r"python[\d.]*|pypy[\d.]*")
INSTALLED = re.compile(r"(?:^|/)(?:bin|Scripts|\.bin)/[^/]+$")
"""Where programs are put that come with packages."""
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh", "ash"})
_NODE = frozenset({"node", "nodejs", "tsx", "ts-node", "deno"})
_BY_END = {"sh": "sh", "bash": "sh", "py": "python", "js": "node", "mjs": "node", "cjs": "node", "ts": "node"}


def interpreter(call: Call) -> bool | None:
    """Note what a call of a shell or another interpreter uses; None: it is none."""
    name, args = call.name, list(call.args)
    if name in _SHELLS:
        return _shell(call, args)
    if PYTHON.fullmatch(name):
        return _python(call, args)
    if name == "php" and args[:1] and args[0].rpartition("/")[2] == "artisan":
        return call.start(call.named("artisan", args[1:]))
    if name in _NODE:
        while args and args[0].startswith("-") and args[0] not in ("-e", "--eval", "-p"):
            args = args[2:] if args[0] in ("-r", "--import", "--loader") else args[1:]
        if name == "deno" and args[:1] != ["run"]:
            return None
        args = args[1:] if name == "deno" else args
        if args[:1] and args[0] in ("-e", "--eval", "-p"):
            return _node_text(args[1] if len(args) > 1 else "", call, call.line)
        return run_script(call, args[0], args[1:], "node") if args else True
    return None


def _shell(call: Call, args: list[str]) -> bool:
    while args and args[0].startswith("-") and len(args[0]) > 1:
        if "c" in args[0] and not args[0].startswith("--"):
            inner = call.scope.inner()
            inner.args, inner.depth = tuple(args[3:]), inner.depth + 1
            if inner.depth > DEEPEST or len(args) < 2:
                return False
            call.read_shell(args[1], inner, call.line)
            return True
        args = args[2:] if args[0] in ("-o", "--rcfile") else args[1:]
    if not args:
        if call.body is None:
            return call.source is None  # what is piped into a shell is not known
        call.read_shell(call.body, call.scope.inner(), call.line + 1)
        return True
    return run_script(call, args[0], args[1:], "sh")


def _python(call: Call, args: list[str]) -> bool:
    while args and args[0].startswith("-") and args[0] not in ("-", "-c", "-m"):
        args = args[2:] if args[0] in ("-W", "-X") else args[1:]
    if not args or args[0] == "-":
        if call.body is not None:
            return _python_text(call.body, call, args[1:], call.line + 1)
        return call.source is None
    if args[0] == "-c":
        return _python_text(args[1] if len(args) > 1 else "", call, args[2:], call.line)
    if args[0] == "-m":
        return _module(call, args[1], args[2:]) if len(args) > 1 else False
    if args[0].rpartition("/")[2] == "manage.py":
        return call.start(call.named("manage.py", args[1:]))
    if INSTALLED.search(args[0]) and call.knows(args[0].rpartition("/")[2]):
        return call.start(call.named(args[0], args[1:]))
    return run_script(call, args[0], args[1:], "python")


def _module(call: Call, name: str, args: list[str]) -> bool:
    """Note what a module uses that is run by its name: one of the repository, or a known tool."""
    path = name.replace(".", "/")
    for file in (f"{path}.py", f"{path}/__main__.py", f"src/{path}.py", f"src/{path}/__main__.py"):
        if not call.knows(name) and call.text_of(file) is not None:
            return run_script(call, file, args, "python")
    return call.start(call.named(name, args))


def run_script(call: Call, path: str, args: list[str], language: str = "") -> bool:
    """Note what a script of the repository uses."""
    call.read(path, is_input=False)
    if path.rpartition("/")[2] == "gradlew" or path.rpartition("/")[2] == "mvnw":
        return bool(tool_calls.verb_of(call.named("gradle", args)))
    place = call.place(path)
    text = call.text_of(path) if place is not None and place[0] is Area.FILE else None
    if text is None or place is None:
        for name in (databases.APPLIES.keys() | databases.CREATES.keys()) & {path.rpartition("/")[2]}:
            return call.start(call.named(name, args))
        note_arguments(call.named(path, args))
        call.uses.last_unknown = path
        return False
    entry = place[1], tuple(args)
    if entry in call.uses.entered:
        return True
    call.uses.entered.add(entry)
    if call.scope.depth >= DEEPEST:
        return False
    for arg in args:  # what it is given it reads, most likely
        value = arg.partition("=")[2] if arg.startswith("-") else arg
        if PATH_LIKE.fullmatch(value) and not value.startswith(("/", "~")):
            call.read(value)
    inner = call.scope.inner()
    inner.args, inner.file, inner.depth = tuple(args), place[1], inner.depth + 1
    return _read_text(text[:LONGEST], call, inner, args, language or _language(path, text))


def _read_text(text: str, call: Call, scope: Scope, args: list[str], language: str) -> bool:
    called = Call(call.name, call.args, scope, call.uses, quote=call.quote)
    match language:
        case "sh":
            call.read_shell(text, scope, 1)
            return True
        case "python":
            return _python_text(text, called, args, 1)
        case "node":
            return _node_text(text, called, 1)
        case _:
            return False


def _python_text(text: str, call: Call, args: Sequence[str], line: int) -> bool:
    from porch_tui.core.uses.python_text import read_python  # with ast; most plans have no such text

    return read_python(text, call, args, line)


def _node_text(text: str, call: Call, line: int) -> bool:
    from porch_tui.core.uses.node_text import read_node

    return read_node(text, call, line)


def _language(path: str, text: str) -> str:
    """Return what a script is written in, by its first line, else by its name."""
    first = text.partition("\n")[0]
    if first.startswith("#!"):
        program = first[2:].split("/")[-1].split()
        name = program[1] if program[:1] == ["env"] and len(program) > 1 else program[0] if program else ""
        if name == "-S" and len(program) > 2:
            name = program[2]
        return (
            "python"
            if PYTHON.fullmatch(name)
            else "sh"
            if name in _SHELLS
            else "node"
            if name in _NODE
            else name
        )
    end = path.rpartition(".")[2]
    return {
        "sh": "sh",
        "bash": "sh",
        "py": "python",
        "js": "node",
        "mjs": "node",
        "cjs": "node",
        "ts": "node",
    }.get(end, "" if "." in path.rpartition("/")[2] else "sh")
