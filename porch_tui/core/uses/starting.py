"""Programs that start others: wrappers, package managers' scripts, make."""

from __future__ import annotations

from collections.abc import Container

from porch_tui.core.uses import tool_calls
from porch_tui.core.uses.calls import DEEPEST, Call, options
from porch_tui.core.uses.recipes import recipe, scripts_of
from porch_tui.core.uses.variables import ASSIGNMENT, note_variable

_SAFE_SCRIPTS = frozenset({"test", "lint", "typecheck", "type-check", "start", "e2e", "smoke"})
"""What scripts of these names do is usual: they write nothing that is merged."""


def started(call: Call) -> bool | None:
    """Note what a program that only starts another uses; None: it is no such program."""
    name, args = call.name, list(call.args)
    if name in tool_calls.STARTERS:
        return _rest(call, args, tool_calls.STARTERS[name])
    if name == "cargo" and args and args[0].startswith("+"):  # a toolchain
        return call.start(call.named(name, args[1:]))
    if name == "timeout":
        words = _after_options(args, ("-k", "-s", "--signal", "--kill-after"))
        return call.start(call.named(words[1], words[2:])) if len(words) > 1 else True
    if name == "flock":
        words = _after_options(args, ("-w", "-E", "--timeout"))
        if len(words) > 1:
            return _rest(call, words[1:], ())
        return True
    if name in ("start-server-and-test", "concurrently", "npm-run-all", "parallel", "entr"):
        for word in args:
            if " " in word:
                _line(call, word)
        return True
    for verb in tool_calls.STARTING_VERBS.get(name, ()):
        said = verb.split()
        if args[: len(said)] == said:
            rest = args[len(said) :]
            if name == "yarn" and not (rest and call.knows(rest[0])):
                return None
            return _rest(call, rest, tool_calls.OF_STARTERS)
    return None


def _line(call: Call, text: str) -> bool:
    """Note what a line of shell uses that a program is given as a word."""
    inner = call.scope.inner()
    inner.depth += 1
    if inner.depth < DEEPEST:
        call.read_shell(text, inner, call.line)
    return True


def _after_options(args: list[str], valued: Container[str]) -> list[str]:
    while args and args[0].startswith("-"):
        args = args[2:] if args[0] in valued else args[1:]
    return args


def _rest(call: Call, args: list[str], valued: Container[str]) -> bool:
    """Note what the program uses that begins after options and assignments."""
    scope = call.scope.inner()
    while args and (args[0].startswith("-") or ASSIGNMENT.fullmatch(args[0])):
        if assigned := ASSIGNMENT.fullmatch(args[0]):
            scope.variables[assigned[1]] = assigned[2]
            note_variable(call, assigned[1], assigned[2])
        args = args[2:] if args[0] in valued else args[1:]
    if not args:
        return True
    inner = call.named(args[0], args[1:])
    inner.name, inner.scope = args[0], scope
    return call.start(inner)


def script_of_package(call: Call) -> bool | None:
    """Note what a script of `package.json` uses; None: it is no call of one."""
    if call.name not in ("npm", "yarn", "pnpm", "bun"):
        return None
    words, given = options(
        call.args, ("--prefix", "-C", "--cwd", "--dir", "--filter", "-F", "--workspace", "-w")
    )
    if words[:1] in (["run"], ["run-script"]):
        words = words[1:]
    if not words:
        return True
    folder = next((given[name] for name in ("--prefix", "-C", "--cwd", "--dir") if given.get(name)), "")
    text = call.text_of(f"{folder}/package.json" if folder else "package.json")
    scripts = scripts_of(text or "")
    name = {"t": "test", "tst": "test", "it": "test"}.get(words[0], words[0])
    if name not in scripts:
        if call.name != "npm" and call.knows(words[0]):
            return call.start(call.named(words[0], words[1:]))
        return name in _SAFE_SCRIPTS
    before = len(call.uses.opaque)
    for one in (f"pre{name}", name, f"post{name}"):
        if one in scripts and ("package.json", (one,)) not in call.uses.entered:
            call.uses.entered.add(("package.json", (one,)))
            _line(call, f"{scripts[one]} {' '.join(words[1:]) if one == name else ''}")
    return len(call.uses.opaque) == before


def make(call: Call) -> bool:
    """Note what the targets of a Makefile use."""
    args = [
        one
        for before, one in zip(["", *call.args], call.args, strict=False)
        if not (before in ("-j", "-l", "--jobs") and one.replace(".", "", 1).isdigit())
    ]
    words, given = options(args, ("-C", "-f", "-o", "-W", "-I", "--directory", "--file"))
    folder = given.get("-C") or given.get("--directory") or ""
    named = given.get("-f") or given.get("--file")
    names = [named] if named else ["Makefile", "makefile", "GNUmakefile"]
    text = call.text_of(*(f"{folder}/{name}" if folder else name for name in names))
    if text is None:
        return False
    targets = [word for word in words if "=" not in word]
    assigned = dict(word.split("=", 1) for word in words if "=" in word)
    inner = call.scope.inner(**assigned)
    if folder:
        inner.folder = f"{inner.folder}/{folder}".strip("/") if inner.folder is not None else None
    place = call.place(names[0])
    inner.file, inner.depth, inner.args = place[1] if place and not folder else "", inner.depth + 1, ()
    if inner.depth > DEEPEST:
        return False
    found = recipe(text, targets, assigned)
    if found is None:
        return False
    for line, command in found:
        call.read_shell(command, inner.inner(), line)
    return True
